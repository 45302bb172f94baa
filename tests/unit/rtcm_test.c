/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/marine.h"
#include "tests/unit/ot_kit.h"

enum { PORT = 2101 };

static unsigned count_of(struct ot_kit *kit, const char *text)
{
	unsigned count = 0;
	for (const char *at = qw_text_string(&kit->log); (at = strstr(at, text)); at++)
		count++;
	return count;
}

static struct marine corrections(void)
{
	struct marine out = {.len = 0};
	marine_correction(&out, 1005, 7, 19);
	marine_correction(&out, 1077, 7, 300);
	marine_correction(&out, 4072, 7, 40);
	return out;
}

/* ---- frames of their own */

static void frames_say_who_sends_what(void **state)
{
	struct marine out = corrections();
	struct ot_kit *kit = ot_play_everywhere(5017, QW_TO_CLIENT, out.at, out.len);
	assert_int_equal(kit->flow.app, QW_APP_RTCM);
	assert_ot_says(kit, "< rtcm.type=1005 \"ot\":{\"protocol\":\"rtcm\",\"kind\":\"station_position\",\"direction\":\"response\","
			    "\"status\":\"ok\",\"quantity\":19,\"values\":\"0.0000, 0.0000, 0.0000\",\"message_type\":1005,\"station\":7}\n");
	assert_ot_says(kit, "\"kind\":\"gps_msm7\",\"direction\":\"response\",\"status\":\"ok\",\"quantity\":300,\"message_type\":1077,"
			    "\"station\":7}");
	assert_ot_says(kit, "\"kind\":\"proprietary_ublox\",\"direction\":\"response\",\"status\":\"ok\",\"quantity\":40,"
			    "\"message_type\":4072}");
	ot_close(kit);
	kit = ot_open(QW_PROTO_UDP, 5017, QW_OT_WANT_EVENTS);
	ot_feed(kit, QW_TO_SERVER, out.at, out.len);
	assert_int_equal(count_of(kit, "\"protocol\":\"rtcm\""), 3);
	ot_close(kit);
}

/* Message 1005 of RTCM 10403's own example (table 4-2 ff.): station 2003. */
static void a_reference_station_says_where_it_stands(void **state)
{
	static const uint8_t example[] = {0xd3, 0x00, 0x13, 0x3e, 0xd7, 0xd3, 0x02, 0x02, 0x98, 0x0e, 0xde, 0xef, 0x34,
					  0xb4, 0xbd, 0x62, 0xac, 0x09, 0x41, 0x98, 0x6f, 0x33, 0x36, 0x0b, 0x98};
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, 5017, QW_OT_WANT_EVENTS);
	ot_feed(kit, QW_TO_SERVER, example, sizeof(example));
	assert_ot_says(kit, "\"values\":\"1114104.5999, -4850729.7108, 3975521.4643\",\"message_type\":1005,\"station\":2003}");
	ot_close(kit);
}

static void a_damaged_frame_is_told_and_not_read(void **state)
{
	struct marine out = corrections();
	out.at[30] ^= 1;
	struct ot_kit *kit = ot_play_everywhere(5017, QW_TO_CLIENT, out.at, out.len);
	assert_int_equal(ot_raised(kit, QW_AE_RTCM_BAD_CHECKSUM), 1);
	assert_ot_says(kit, "\"kind\":\"damaged\",\"direction\":\"response\",\"status\":\"error\"");
	assert_ot_silent(kit, "1077");
	assert_int_equal(count_of(kit, "\"protocol\":\"rtcm\""), 3);
	ot_close(kit);
}

static void only_a_sound_frame_begins_a_stream(void **state)
{
	struct marine out = corrections();
	out.at[8] ^= 1;
	for (unsigned i = 0; i < 2; i++) {
		struct ot_kit *kit = ot_open(i ? QW_PROTO_TCP : QW_PROTO_UDP, 5017, QW_OT_WANT_EVENTS);
		ot_feed(kit, QW_TO_CLIENT, out.at, out.len);
		assert_int_not_equal(kit->flow.app, QW_APP_RTCM);
		ot_close(kit);
	}
}

/* ---- sessions inside HTTP */

#define AGENT "User-Agent: NTRIP Straddle/1.2\r\n"

/* HTTP tells its own messages beside: they are none of the log. */
static void publish_ot(void *ctx, struct qw_flow *flow, const struct qw_message *message)
{
	if (message->app != QW_APP_HTTP)
		ot_publish(ctx, flow, message);
}

static struct ot_kit *talk_http(struct ot_kit *kit, const struct kit_piece *pieces, size_t step)
{
	const struct qw_message_sink sink = {kit, publish_ot};
	for (; pieces->data; pieces++)
		for (size_t done = 0, part; done < pieces->len; done += part) {
			part = step && step < pieces->len - done ? step : pieces->len - done;
			const uint8_t *at = (const uint8_t *)pieces->data + done;
			qw_parser_choose(kit->pool, &kit->flow, pieces->direction, at, part);
			qw_parser_feed(&kit->flow, pieces->direction, at, part, &sink);
		}
	return kit;
}

static void the_older_language_is_followed_beyond_http(void **state)
{
	static const char request[] = "GET /MAASVLAKTE HTTP/1.0\r\n" AGENT "Authorization: Basic dXNlcjpwYXNz\r\n\r\n";
	static const size_t steps[] = {0, 1, 2, 3, 7};
	struct marine answer = {.len = 0}, position = {.len = 0}, more = corrections();
	marine_put(&answer, "ICY 200 OK\r\n\r\n", 14);
	marine_put(&answer, more.at, more.len);
	marine_say(&position, "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,");
	const struct kit_piece pieces[] = {{QW_TO_SERVER, request, sizeof(request) - 1}, {QW_TO_CLIENT, answer.at, answer.len},
					   {QW_TO_SERVER, position.at, position.len}, {QW_TO_CLIENT, more.at, more.len}, {0}};
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct ot_kit *kit = talk_http(ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS), pieces, steps[i]);
		assert_int_equal(kit->flow.app, QW_APP_HTTP);
		assert_ot_says(kit, "> \"ot\":{\"protocol\":\"ntrip\",\"kind\":\"request\",\"direction\":\"request\","
				    "\"mount_point\":\"/MAASVLAKTE\",\"user\":\"user\",\"product\":\"NTRIP Straddle/1.2\"}\n");
		assert_ot_says(kit, "< \"ot\":{\"protocol\":\"ntrip\",\"kind\":\"answer\",\"direction\":\"response\",\"status\":\"ok\","
				    "\"text\":\"ICY 200 OK\"}\n");
		assert_ot_says(kit, "\"kind\":\"GGA\"");
		assert_ot_says(kit, "\"latitude\":48.1173");
		assert_int_equal(count_of(kit, "\"protocol\":\"rtcm\""), 6);
		assert_int_equal(ot_raised(kit, QW_AE_RTCM_BAD_CHECKSUM), 0);
		ot_close(kit);
	}
}

static void the_newer_language_stays_http(void **state)
{
	static const char request[] = "GET /MAASVLAKTE HTTP/1.1\r\nHost: caster\r\nNtrip-Version: Ntrip/2.0\r\n\r\n";
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: gnss/data\r\nTransfer-Encoding: chunked\r\n\r\n";
	struct marine answer = {.len = 0}, more = corrections();
	marine_put(&answer, head, sizeof(head) - 1);
	for (size_t at = 0; at < more.len; at += 50) { /* chunks end inside frames */
		char chunk[16];
		size_t part = more.len - at < 50 ? more.len - at : 50;
		marine_put(&answer, chunk, (size_t)snprintf(chunk, sizeof(chunk), "%zx\r\n", part));
		marine_put(&answer, more.at + at, part);
		marine_put(&answer, "\r\n", 2);
	}
	const struct kit_piece pieces[] = {{QW_TO_SERVER, request, sizeof(request) - 1}, {QW_TO_CLIENT, answer.at, answer.len}, {0}};
	for (size_t step = 0; step < 9; step++) {
		struct ot_kit *kit = talk_http(ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS), pieces, step);
		assert_ot_says(kit, "\"kind\":\"request\",\"direction\":\"request\",\"mount_point\":\"/MAASVLAKTE\",\"revision\":\"Ntrip/2.0\"}");
		assert_ot_says(kit, "\"text\":\"HTTP/1.1 200 OK\"}");
		assert_int_equal(count_of(kit, "\"protocol\":\"rtcm\""), 3);
		assert_int_equal(ot_raised(kit, QW_AE_RTCM_BAD_CHECKSUM), 0);
		ot_close(kit);
	}
}

static void what_is_refused_or_a_table_has_no_corrections(void **state)
{
	static const char request[] = "GET / HTTP/1.0\r\n" AGENT "\r\n";
	static const struct {
		const char *answer, *says;
	} rows[] = {
		{"SOURCETABLE 200 OK\r\nContent-Length: 30\r\n\r\nSTR;MAASVLAKTE;Rotterdam;RTCM 3.2\r\n",
		 "\"kind\":\"source_table\",\"direction\":\"response\",\"status\":\"ok\",\"text\":\"SOURCETABLE 200 OK\"}"},
		{"HTTP/1.1 401 Unauthorized\r\n\r\n", "\"kind\":\"answer\",\"direction\":\"response\",\"status\":\"error\","
						    "\"text\":\"HTTP/1.1 401 Unauthorized\"}"},
		{"ICY 401 Unauthorized\r\n\r\n", "\"status\":\"error\",\"text\":\"ICY 401 Unauthorized\"}"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct marine answer = {.len = 0}, more = corrections();
		marine_put(&answer, rows[i].answer, strlen(rows[i].answer));
		marine_put(&answer, more.at, more.len);
		const struct kit_piece pieces[] = {{QW_TO_SERVER, request, sizeof(request) - 1},
						   {QW_TO_CLIENT, answer.at, answer.len}, {0}};
		struct ot_kit *kit = talk_http(ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS), pieces, 0);
		assert_ot_says(kit, "\"kind\":\"source_table\",\"direction\":\"request\"");
		assert_ot_says(kit, rows[i].says);
		assert_int_equal(count_of(kit, "\"protocol\":\"rtcm\""), 0);
		ot_close(kit);
	}
}

static void other_http_is_no_session(void **state)
{
	static const char request[] = "GET / HTTP/1.0\r\nUser-Agent: curl\r\n\r\n";
	struct marine answer = corrections();
	const struct kit_piece pieces[] = {{QW_TO_SERVER, request, sizeof(request) - 1}, {QW_TO_CLIENT, answer.at, answer.len}, {0}};
	struct ot_kit *kit = talk_http(ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS), pieces, 0);
	assert_int_equal(kit->log.len, 0);
	ot_close(kit);
}

/* ---- a station that delivers */

static void a_station_delivers_under_a_password_that_is_not_told(void **state)
{
	static const char head[] = "SOURCE letmein /MAASVLAKTE\r\nSource-Agent: NTRIP Base/1\r\n\r\n";
	struct marine out = {.len = 0}, more = corrections();
	marine_put(&out, head, sizeof(head) - 1);
	marine_put(&out, more.at, more.len);
	struct ot_kit *kit = ot_play_everywhere(PORT, QW_TO_SERVER, out.at, out.len);
	assert_int_equal(kit->flow.app, QW_APP_NTRIP);
	assert_ot_says(kit, "> \"ot\":{\"protocol\":\"ntrip\",\"kind\":\"delivery\",\"direction\":\"request\","
			    "\"mount_point\":\"/MAASVLAKTE\",\"product\":\"NTRIP Base/1\"}\n");
	assert_int_equal(count_of(kit, "\"protocol\":\"rtcm\""), 3);
	assert_ot_silent(kit, "letmein");
	OT_REPLY(kit, "ERROR - Bad Password\r\n");
	assert_ot_says(kit, "\"kind\":\"answer\",\"direction\":\"response\",\"status\":\"error\",\"text\":\"ERROR - Bad Password\"}");
	ot_close(kit);
}

/* RTCM 2, or anything else: it is not taken for damage without end. */
static void corrections_of_another_kind_are_left(void **state)
{
	static const char head[] = "SOURCE letmein /MAASVLAKTE\r\n\r\n";
	struct marine out = {.len = 0};
	marine_put(&out, head, sizeof(head) - 1);
	for (unsigned i = 0; i < 40; i++)
		marine_put(&out, "\xd3\x00\x02nonsense", 11);
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS);
	ot_feed(kit, QW_TO_SERVER, out.at, out.len);
	assert_int_equal(ot_raised(kit, QW_AE_RTCM_BAD_CHECKSUM), 4);
	ot_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_say_who_sends_what),
		cmocka_unit_test(a_reference_station_says_where_it_stands),
		cmocka_unit_test(a_damaged_frame_is_told_and_not_read),
		cmocka_unit_test(only_a_sound_frame_begins_a_stream),
		cmocka_unit_test(the_older_language_is_followed_beyond_http),
		cmocka_unit_test(the_newer_language_stays_http),
		cmocka_unit_test(what_is_refused_or_a_table_has_no_corrections),
		cmocka_unit_test(other_http_is_no_session),
		cmocka_unit_test(a_station_delivers_under_a_password_that_is_not_told),
		cmocka_unit_test(corrections_of_another_kind_are_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

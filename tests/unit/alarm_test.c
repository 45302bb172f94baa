/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/alarm.h"

#include "tests/unit/event_kit.h"

/* A reporter, and the last line it gave. */
struct desk {
	struct qw_reporter *reporter;
	char line[4096];
	unsigned lines;
};

static void take(void *ctx, const struct qw_event *event, size_t size)
{
	struct desk *desk = ctx;
	struct qw_eve_parts parts;
	struct qw_text text;

	qw_text_init(&text, desk->line, sizeof(desk->line));
	assert_int_equal(qw_eve_render(&text, event, size, true, &parts), QW_OK);
	qw_eve_close(&text, &parts.own);
	(void)qw_text_string(&text);
	desk->lines++;
}

static const char *interface(void *ctx, uint16_t number)
{
	return "m1";
}

static void desk_open(struct desk *desk)
{
	struct qw_reporter_options options = {
	    .interface = interface, .emit = take, .emit_ctx = desk, .fold = qw_time_seconds(10), .payload_max = 4096};

	*desk = (struct desk){0};
	assert_int_equal(qw_reporter_new(&desk->reporter, &options), QW_OK);

}

static struct qw_packet a_packet(int64_t at_seconds)
{
	return (struct qw_packet){.flags = QW_PACKET_IP,
				  .proto = QW_PROTO_TCP,
				  .src = kit_address("10.0.0.1"),
				  .dst = kit_address("10.0.0.2"),
				  .time = qw_time_seconds(at_seconds)};
}

static void an_overlap_shows_both_versions_once_per_pair(void **state)
{
	struct desk desk;
	struct qw_packet packet = a_packet(100);
	struct qw_scene scene = {.packet = &packet};
	struct qw_slice taken = qw_slice_text("GET /a\r\n"), other = qw_slice_text("\x01Z");
	struct qw_text text;
	char base64[256];

	desk_open(&desk);
	qw_alarm(desk.reporter, &scene, QW_ALARM_STREAM_OVERLAP, taken, other);
	qw_alarm(desk.reporter, &scene, QW_ALARM_STREAM_OVERLAP, taken, other);
	assert_int_equal(desk.lines, 1);
	assert_non_null(strstr(desk.line, "\"gid\":4,\"signature_id\":1,"));
	assert_non_null(strstr(desk.line, "\"src_ip\":\"10.0.0.1\""));
	assert_non_null(strstr(desk.line, "\"origin\":\"engine\""));
	static const char shown[] = "taken: GET /a|0d 0a|\nother: |01|Z\n";
	qw_text_init(&text, base64, sizeof(base64));
	qw_text_base64(&text, (const uint8_t *)shown, sizeof(shown) - 1);
	assert_non_null(strstr(desk.line, qw_text_string(&text)));
	qw_reporter_flush(desk.reporter);
	assert_int_equal(desk.lines, 2); /* the second one's count */
	qw_reporter_free(desk.reporter);
}

static void a_counter_is_told_with_what_it_grew_by_and_not_sooner_than_allowed(void **state)
{
	struct desk desk;
	struct qw_alarm_watch watch = {0};

	desk_open(&desk);
	qw_alarm_count(desk.reporter, &watch, QW_ALARM_FLOW_MEMORY, 0, qw_time_seconds(100), false);
	assert_int_equal(desk.lines, 0);
	qw_alarm_count(desk.reporter, &watch, QW_ALARM_FLOW_MEMORY, 3, qw_time_seconds(100), false);
	assert_int_equal(desk.lines, 1);
	assert_non_null(strstr(desk.line, "\"count\":3"));
	qw_alarm_count(desk.reporter, &watch, QW_ALARM_FLOW_MEMORY, 5, qw_time_seconds(159), false);
	assert_int_equal(desk.lines, 1);
	qw_alarm_count(desk.reporter, &watch, QW_ALARM_FLOW_MEMORY, 8, qw_time_seconds(160), false);
	assert_int_equal(desk.lines, 2);
	assert_non_null(strstr(desk.line, "\"count\":5"));
	qw_alarm_count(desk.reporter, &watch, QW_ALARM_FLOW_MEMORY, 9, qw_time_seconds(161), true);
	assert_int_equal(desk.lines, 3);
	assert_non_null(strstr(desk.line, "\"count\":1"));
	qw_reporter_free(desk.reporter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_overlap_shows_both_versions_once_per_pair),
	    cmocka_unit_test(a_counter_is_told_with_what_it_grew_by_and_not_sooner_than_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

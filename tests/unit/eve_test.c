/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/eve.h"

#include "quaywatch/indicator.h"
#include "quaywatch/json.h"
#include "tests/unit/event_kit.h"

enum { LINE_BYTES = 64 * 1024 };

/* The event as a line; what it tells of itself goes to *parts. */
static const char *render(struct kit_event *event, bool payload, struct qw_eve_parts *parts)
{
	static char line[LINE_BYTES];
	struct qw_text text;

	qw_text_init(&text, line, sizeof(line));
	assert_int_equal(qw_eve_render(&text, event->memory, kit_size(event), payload, parts), QW_OK);
	assert_true(qw_json_is_object(text.at, text.len, 8, NULL));
	return qw_text_string(&text);
}

static void an_alert_reads_as_suricata_writes_it(void **state)
{
	static struct kit_event event;
	struct qw_eve_parts parts;

	kit_alert(&event);
	assert_string_equal(render(&event, false, &parts),
			    "{\"timestamp\":\"2023-11-14T22:13:20.000000+0000\",\"flow_id\":77,\"in_iface\":\"m1\","
			    "\"event_type\":\"alert\",\"src_ip\":\"203.0.113.66\",\"src_port\":40000,\"dest_ip\":\"10.77.1.10\","
			    "\"dest_port\":80,\"proto\":\"TCP\",\"alert\":{\"action\":\"allowed\",\"gid\":1,"
			    "\"signature_id\":2100498,\"signature\":\"a \\\"quoted\\\" name\"}}");
	assert_int_equal(parts.type, QW_EVENT_ALERT);
	assert_int_equal(parts.gid, 1);
	assert_int_equal(parts.sid, 2100498);
	assert_int_equal(parts.own.count, 1);
	assert_int_equal(parts.own.origin.len, strlen("signature"));
	struct qw_address src = kit_address("203.0.113.66");
	assert_true(parts.has_src && qw_address_equal(&parts.src, &src));
	assert_false(parts.own.has_indicator);
}

static void how_many_met_an_indicator_goes_along(void **state)
{
	static struct kit_event event;
	struct qw_eve_parts parts;
	struct qw_text text;
	char own[256];

	kit_alert(&event);
	qw_event_put_u64(&event.writer, QW_KEY_INDICATOR_ID, 7);
	qw_event_put_text(&event.writer, QW_KEY_INDICATOR_SEEN, qw_prevalence_name(QW_PREVALENCE_MANY));
	render(&event, false, &parts);
	qw_text_init(&text, own, sizeof(own));
	qw_text_put(&text, "{}", 2);
	qw_eve_close(&text, &parts.own);
	assert_non_null(strstr(qw_text_string(&text), "\"seen\":\"3+\""));
}

static void payload_is_written_only_where_it_may(void **state)
{
	static struct kit_event event;
	struct qw_eve_parts parts;

	kit_alert(&event);
	assert_null(strstr(render(&event, false, &parts), "payload"));
	assert_non_null(strstr(render(&event, true, &parts), "\"payload\":\"AQID\""));
}

static void tags_and_answers_are_arrays(void **state)
{
	static struct kit_event event;
	struct qw_eve_parts parts;

	kit_begin(&event, QW_EVENT_DNS);
	qw_event_put_u64(&event.writer, QW_KEY_VLAN, 10);
	qw_event_put_u64(&event.writer, QW_KEY_VLAN, 20);
	qw_event_put_text(&event.writer, QW_KEY_DNS_RRNAME, "crane.example");
	for (int i = 0; i < 2; i++) {
		qw_event_put_text(&event.writer, QW_KEY_DNS_ANSWER_RRNAME, "crane.example");
		qw_event_put_text(&event.writer, QW_KEY_DNS_ANSWER_RRTYPE, "A");
		qw_event_put_u64(&event.writer, QW_KEY_DNS_ANSWER_TTL, 60);
		qw_event_put_text(&event.writer, QW_KEY_DNS_ANSWER_RDATA, i ? "10.0.0.2" : "10.0.0.1");
	}
	const char *line = render(&event, false, &parts);
	assert_non_null(strstr(line, "\"vlan\":[10,20]"));
	assert_non_null(strstr(line, "\"dns\":{\"rrname\":\"crane.example\",\"answers\":[{\"rrname\":\"crane.example\","
				     "\"rrtype\":\"A\",\"ttl\":60,\"rdata\":\"10.0.0.1\"},{"));
	assert_non_null(strstr(line, "\"rdata\":\"10.0.0.2\"}]}"));
	assert_int_equal(parts.name.len, strlen("crane.example"));
}

static void metadata_is_one_key_with_all_its_values(void **state)
{
	static struct kit_event event;
	struct qw_eve_parts parts;

	kit_alert(&event);
	qw_event_put_text(&event.writer, QW_KEY_ALERT_METADATA, "tag one, created 2024, tag two,,  tag");
	assert_non_null(strstr(render(&event, false, &parts), "\"metadata\":{\"tag\":[\"one\",\"two\"],\"created\":[\"2024\"]}"));
}

static void what_sets_say_is_an_object_if_it_is_one(void **state)
{
	static const char good[] = "host\0{\"year\":2005,\"n\":[{\"x\":null}]}", bad[] = "src\0{\"a\":1},\"sid\":{}",
			  torn[] = "no end of the name";
	static struct kit_event event;
	struct qw_eve_parts parts;

	kit_begin(&event, QW_EVENT_ALERT);
	qw_event_put_u64(&event.writer, QW_KEY_ALERT_GID, 1);
	qw_event_put(&event.writer, QW_KEY_ALERT_CONTEXT, good, sizeof(good) - 1);
	qw_event_put(&event.writer, QW_KEY_ALERT_CONTEXT, bad, sizeof(bad) - 1);
	qw_event_put(&event.writer, QW_KEY_ALERT_CONTEXT, torn, sizeof(torn) - 1);
	qw_event_put(&event.writer, QW_KEY_ALERT_CONTEXT, "", 0);
	qw_event_put_text(&event.writer, QW_KEY_APP_PROTO, "http");
	assert_non_null(strstr(render(&event, false, &parts),
			       "\"alert\":{\"gid\":1,\"context\":{\"host\":{\"year\":2005,\"n\":[{\"x\":null}]},"
			       "\"src\":\"{\\\"a\\\":1},\\\"sid\\\":{}\"}},\"app_proto\":\"http\""));
}

static void references_are_a_list_of_texts(void **state)
{
	static struct kit_event event;
	struct qw_eve_parts parts;

	kit_alert(&event);
	qw_event_put_text(&event.writer, QW_KEY_ALERT_REFERENCES, "cve,2021-41773\n\nurl,example.org");
	assert_non_null(strstr(render(&event, false, &parts), "\"references\":[\"cve,2021-41773\",\"url,example.org\"]"));
}

static void every_protocol_has_a_name_or_three_digits(void **state)
{
	static const struct {
		uint8_t number;
		const char *text;
	} rows[] = {{1, "\"ICMP\""}, {17, "\"UDP\""}, {58, "\"IPv6-ICMP\""}, {132, "\"SCTP\""}, {253, "\"253\""}, {9, "\"009\""}};
	static struct kit_event event;
	struct qw_eve_parts parts;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kit_begin(&event, QW_EVENT_FLOW);
		qw_event_put_u64(&event.writer, QW_KEY_PROTO, rows[i].number);
		const char *at = strstr(render(&event, false, &parts), "\"proto\":");
		assert_non_null(at);
		assert_memory_equal(at + strlen("\"proto\":"), rows[i].text, strlen(rows[i].text));
	}
}

static void every_key_alone_makes_a_valid_line(void **state)
{
	static struct kit_event event;
	struct qw_eve_parts parts;

	for (int key = 0; key < QW_KEY_COUNT; key++)
		for (size_t len = 0; len < 20; len++) {
			kit_begin(&event, QW_EVENT_ALERT);
			qw_event_put(&event.writer, (enum qw_event_key)key, "\"\\\xff\n7890123456789abc", len);
			assert_non_null(strstr(render(&event, true, &parts), "\"event_type\":\"alert\""));
		}
}

static void keys_in_any_order_still_make_a_line_of_json(void **state)
{
	static struct kit_event event;
	struct qw_eve_parts parts;

	for (int a = 0; a < QW_KEY_COUNT; a++)
		for (int b = 0; b < QW_KEY_COUNT; b++) {
			kit_begin(&event, QW_EVENT_HTTP);
			qw_event_put_text(&event.writer, (enum qw_event_key)a, "12345678");
			qw_event_put_text(&event.writer, (enum qw_event_key)b, "12345678");
			if (a != b)
				render(&event, false, &parts);
		}
}

/* A worker is not believed: what is no decimal is left out, and what is none too well is bounded. */
static void decimals_of_a_wrong_length_are_left_out(void **state)
{
	static struct kit_event event;
	static const uint8_t data[10] = {1, 0, 0, 0, 0, 0, 0, 0, 255, 0};
	struct qw_eve_parts parts;

	for (size_t len = 0; len <= sizeof(data); len++) {
		kit_begin(&event, QW_EVENT_OT);
		qw_event_put(&event.writer, QW_KEY_OT_SPEED, data, len);
		bool there = strstr(render(&event, false, &parts), "\"speed\":0.000000000000000001") != NULL;
		assert_int_equal(there, len == 9);
	}
}

static void what_does_not_fit_is_said_to_be_cut(void **state)
{
	static struct kit_event event;
	struct qw_eve_parts parts;
	char line[LINE_BYTES];

	kit_alert(&event);
	size_t whole = strlen(render(&event, true, &parts));
	for (size_t size = 0; size < whole; size++) {
		struct qw_text text;
		qw_text_init(&text, line, size);
		assert_int_equal(qw_eve_render(&text, event.memory, kit_size(&event), true, &parts), QW_ELIMIT);
	}
}

static void a_damaged_event_is_refused(void **state)
{
	static struct kit_event event;
	struct qw_eve_parts parts;
	char line[2048];

	kit_alert(&event);
	for (size_t size = 0; size < kit_size(&event); size++) {
		struct qw_text text;
		qw_text_init(&text, line, sizeof(line));
		assert_int_equal(qw_eve_render(&text, event.memory, size, true, &parts), QW_EFORMAT);
	}
}

static void type_names_are_those_of_the_command_line(void **state)
{
	assert_string_equal(qw_event_type_name(QW_EVENT_ALERT), "alert");
	assert_string_equal(qw_event_type_name(QW_EVENT_ASSET), "asset");
	assert_string_equal(qw_event_type_name((enum qw_event_type)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alert_reads_as_suricata_writes_it),
		cmocka_unit_test(how_many_met_an_indicator_goes_along),
		cmocka_unit_test(payload_is_written_only_where_it_may),
		cmocka_unit_test(tags_and_answers_are_arrays),
		cmocka_unit_test(metadata_is_one_key_with_all_its_values),
		cmocka_unit_test(references_are_a_list_of_texts),
		cmocka_unit_test(what_sets_say_is_an_object_if_it_is_one),
		cmocka_unit_test(every_protocol_has_a_name_or_three_digits),
		cmocka_unit_test(every_key_alone_makes_a_valid_line),
		cmocka_unit_test(keys_in_any_order_still_make_a_line_of_json),
		cmocka_unit_test(decimals_of_a_wrong_length_are_left_out),
		cmocka_unit_test(what_does_not_fit_is_said_to_be_cut),
		cmocka_unit_test(a_damaged_event_is_refused),
		cmocka_unit_test(type_names_are_those_of_the_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

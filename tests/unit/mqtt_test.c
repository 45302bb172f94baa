/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ot_kit.h"

static const char con311[] =
	"\x10\x33\x00\x04MQTT\x04\xc6\x00<\x00\x07\x63rane-7\x00\x06will/t\x00\x04gone\x00\x08operator\x00"
	"\x06secret";
static const char con31[] =
	"\x10\x11\x00\x06MQIsdp\x03\x02\x00<\x00\x03old";
static const char con5[] =
	"\x10 \x00\x04MQTT\x05\xc2\x00<\x05\x11\x00\x00\x00\x0a\x00\x06reefer\x00\x02u5\x00\x02p5";
static const char ack311bad[] =
	" \x02\x00\x05";
static const char ackok[] =
	" \x02\x01\x00";
static const char ack5[] =
	" \x03\x00\x86\x00";
static const char pub0[] =
	"1\x11\x00\x06yard/1{\"box\":1}";
static const char pub1[] =
	":\x0f\x00\x06yard/2\x00\x0amoved";
static const char puback[] =
	"@\x02\x00\x0a";
static const char pub5[] =
	"2\x14\x00\x06yard/5\x00\x0b\x02\x01\x01v5 body";
static const char puback5[] =
	"@\x04\x00\x0b\x10\x00";
static const char pub2[] =
	"4\x0f\x00\x06yard/3\x00\x0ctwice";
static const char rec[] =
	"P\x02\x00\x0c";
static const char rel[] =
	"b\x02\x00\x0c";
static const char comp[] =
	"p\x02\x00\x0c";
static const char sub[] =
	"\x82\x14\x00\x0d\x00\x06yard/#\x01\x00\x06gate/+\x00";
static const char suback[] =
	"\x90\x04\x00\x0d\x01\x80";
static const char unsub5[] =
	"\xa2\x09\x00\x0e\x00\x00\x04nope";
static const char unsuback5[] =
	"\xb0\x04\x00\x0e\x00\x11";
static const char disc[] =
	"\xe0\x00";

#define SEND(packet)  {QW_TO_SERVER, packet, sizeof(packet) - 1}
#define REPLY(packet) {QW_TO_CLIENT, packet, sizeof(packet) - 1}

static void a_conversation_is_the_same_however_it_is_cut(void **state)
{
	static const struct kit_piece pieces[] = {
		SEND(con311), REPLY(ackok), SEND(sub), REPLY(suback), SEND(pub0), SEND(pub1), REPLY(puback),
		SEND(pub2),   REPLY(rec),   SEND(rel), REPLY(comp),   SEND(disc), {0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 1883, pieces);
	assert_int_equal(kit.flow.app, QW_APP_MQTT);
	assert_string_equal(kit_text(&kit, QW_BUFFER_MQTT_CONNECT_PROTOCOL), "MQTT");
	assert_string_equal(kit_text(&kit, QW_BUFFER_MQTT_CONNECT_CLIENTID), "crane-7");
	assert_string_equal(kit_text(&kit, QW_BUFFER_MQTT_CONNECT_USERNAME), "operator");
	assert_string_equal(kit_text(&kit, QW_BUFFER_MQTT_CONNECT_PASSWORD), "secret");
	assert_string_equal(kit_text(&kit, QW_BUFFER_MQTT_CONNECT_WILLTOPIC), "will/t");
	assert_string_equal(kit_text(&kit, QW_BUFFER_MQTT_CONNECT_WILLMESSAGE), "gone");
	assert_int_equal(kit_number(&kit, QW_BUFFER_MQTT_CONNECT_FLAGS, 0), 0xc6);
	assert_int_equal(kit_number(&kit, QW_BUFFER_MQTT_PROTOCOL_VERSION, 0), 4);
	assert_int_equal(kit_number(&kit, QW_BUFFER_MQTT_SESSION_PRESENT, 0), 1);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_MQTT_SUBSCRIBE_TOPIC, 1), "gate/+");
	assert_int_equal(kit_number(&kit, QW_BUFFER_MQTT_REASON_CODE, 2), 0x80);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_MQTT_PUBLISH_TOPIC, 1), "yard/2");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_MQTT_PUBLISH_MESSAGE, 0), "{\"box\":1}");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_MQTT_PUBLISH_MESSAGE, 2), "twice");
	/* CONNECT, SUBSCRIBE, three PUBLISH, DISCONNECT */
	assert_int_equal(kit.last, 6);
	assert_int_equal(kit.field[kit.fields - 1].transaction, 6);
	kit_close(&kit);
}

/* What an answer repeats of its question. */
struct repeated {
	uint64_t transaction;
	size_t count;
	char user[32];
};

static void note(void *ctx, struct qw_flow *flow, const struct qw_message *message)
{
	struct repeated *repeated = ctx;
	repeated->transaction = message->transaction;
	repeated->count = 0;
	for (uint16_t i = 0; i < message->count; i++) {
		const struct qw_field *field = &message->field[i];
		repeated->count += !field->fresh;
		if (!field->fresh && field->buffer == QW_BUFFER_MQTT_CONNECT_USERNAME)
			memcpy(repeated->user, field->value.data, field->value.len);
	}
}

static void an_answer_comes_with_what_was_asked(void **state)
{
	struct repeated repeated = {0};
	const struct qw_message_sink sink = {&repeated, note};
	struct kit kit;
	kit_open(&kit, QW_PROTO_TCP, 1883);
	qw_parser_choose(kit.pool, &kit.flow, QW_TO_SERVER, (const uint8_t *)con311, sizeof(con311) - 1);
	qw_parser_feed(&kit.flow, QW_TO_SERVER, (const uint8_t *)con311, sizeof(con311) - 1, &sink);
	assert_int_equal(repeated.count, 0);
	qw_parser_feed(&kit.flow, QW_TO_CLIENT, (const uint8_t *)ack311bad, sizeof(ack311bad) - 1, &sink);
	assert_int_equal(repeated.transaction, 1);
	assert_string_equal(repeated.user, "operator");
	/* The ids of the two sides are not the same: this one answers nothing. */
	qw_parser_feed(&kit.flow, QW_TO_SERVER, (const uint8_t *)pub1, sizeof(pub1) - 1, &sink);
	qw_parser_feed(&kit.flow, QW_TO_SERVER, (const uint8_t *)puback, sizeof(puback) - 1, &sink);
	assert_int_equal(repeated.transaction, 3);
	assert_int_equal(repeated.count, 0);
	kit_close(&kit);
}

static void version_5_has_properties_and_reasons(void **state)
{
	static const struct kit_piece pieces[] = {SEND(con5),   REPLY(ack5),    SEND(pub5), REPLY(puback5),
						  SEND(unsub5), REPLY(unsuback5), {0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 4444, pieces);
	assert_int_equal(kit_number(&kit, QW_BUFFER_MQTT_PROTOCOL_VERSION, 0), 5);
	assert_string_equal(kit_text(&kit, QW_BUFFER_MQTT_CONNECT_CLIENTID), "reefer");
	assert_int_equal(kit_number(&kit, QW_BUFFER_MQTT_REASON_CODE, 0), 0x86);
	assert_string_equal(kit_text(&kit, QW_BUFFER_MQTT_PUBLISH_MESSAGE), "v5 body");
	assert_int_equal(kit_number(&kit, QW_BUFFER_MQTT_REASON_CODE, 1), 0x10);
	assert_string_equal(kit_text(&kit, QW_BUFFER_MQTT_UNSUBSCRIBE_TOPIC), "nope");
	assert_int_equal(kit_number(&kit, QW_BUFFER_MQTT_REASON_CODE, 2), 0x11);
	kit_close(&kit);
}

static void version_3_1_has_a_name_of_its_own(void **state)
{
	static const struct kit_piece pieces[] = {SEND(con31), {0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 4444, pieces);
	assert_string_equal(kit_text(&kit, QW_BUFFER_MQTT_CONNECT_PROTOCOL), "MQIsdp");
	assert_null(kit_text(&kit, QW_BUFFER_MQTT_CONNECT_USERNAME));
	kit_close(&kit);
}

static void a_long_message_is_seen_in_part_and_the_next_one_whole(void **state)
{
	enum { BODY = 200000 };
	struct kit kit;
	struct qw_parser_counters counters;
	uint8_t *large = malloc(BODY + 16);
	/* PUBLISH, remaining length 200 003, topic "t" */
	const uint8_t head[] = {0x30, 0xc3, 0x9a, 0x0c, 0, 1, 't'};
	assert_non_null(large);
	memcpy(large, head, sizeof(head));
	memset(large + sizeof(head), 'x', BODY);
	kit_open(&kit, QW_PROTO_TCP, 1883);
	kit_feed(&kit, QW_TO_SERVER, con311, sizeof(con311) - 1);
	for (size_t at = 0; at < sizeof(head) + BODY; at += 1000)
		kit_feed(&kit, QW_TO_SERVER, large + at, sizeof(head) + BODY - at < 1000 ? sizeof(head) + BODY - at : 1000);
	kit_feed(&kit, QW_TO_SERVER, pub0, sizeof(pub0) - 1);
	qw_parser_counters(kit.pool, &counters);
	assert_int_equal(counters.cut, 1);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_MQTT_PUBLISH_TOPIC, 0), "t");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_MQTT_PUBLISH_TOPIC, 1), "yard/1");
	kit_close(&kit);
	free(large);
}

static void who_never_answers_is_forgotten_and_counted(void **state)
{
	struct kit kit;
	struct qw_parser_counters counters;
	kit_open(&kit, QW_PROTO_TCP, 1883);
	kit_feed(&kit, QW_TO_SERVER, con311, sizeof(con311) - 1);
	for (uint8_t id = 1; id <= 16; id++) {
		const uint8_t publish[] = {0x32, 6, 0, 1, 't', 0, id, 'm'};
		kit_feed(&kit, QW_TO_SERVER, publish, sizeof(publish));
	}
	qw_parser_counters(kit.pool, &counters);
	assert_int_equal(counters.cut, 1);
	kit_close(&kit);
}

static void what_only_begins_alike_is_not_taken(void **state)
{
	static const char *const others[] = {"\x10\x0c\0\4MQTX\4\2\0\0\0\0", "\x10 is not a packet", "\x30\x05\0\1txx"};
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct kit kit;
		kit_open(&kit, QW_PROTO_TCP, 5000);
		kit_feed(&kit, QW_TO_SERVER, others[i], i == 1 ? strlen(others[i]) : 7 * (1 + (i == 0)));
		assert_int_equal(kit.flow.app, QW_APP_UNKNOWN);
		kit_close(&kit);
	}
}

static void sessions_and_topics_are_told_while_somebody_asks(void **state)
{
	static const struct kit_piece pieces[] = {
		SEND(con311), REPLY(ackok), SEND(sub), REPLY(suback), SEND(pub0), SEND(pub1), REPLY(puback),
		SEND(pub2),   REPLY(rec),   SEND(rel), REPLY(comp),   SEND(disc), {0}};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, 1883, pieces);
	assert_ot_says(kit, "{\"protocol\":\"mqtt\",\"kind\":\"connect\",\"direction\":\"request\",\"value\":4,\"objects\":\"will/t\","
			    "\"indications\":\"clean, will, password\",\"user\":\"operator\",\"device_name\":\"crane-7\"}\n");
	assert_ot_says(kit, "\"kind\":\"connect_answer\",\"direction\":\"response\",\"status\":\"ok\",\"indications\":\"session_present\"}\n");
	assert_ot_says(kit, "\"kind\":\"subscribe\",\"direction\":\"request\",\"sequence\":13,\"objects\":\"yard/#, gate/+\"}\n");
	assert_ot_says(kit, "\"kind\":\"subscribe_answer\",\"direction\":\"response\",\"status\":\"error\",\"error\":128,"
			    "\"error_name\":\"unspecified_error\",\"sequence\":13}\n");
	assert_ot_says(kit, "\"kind\":\"publish\",\"direction\":\"request\",\"quantity\":9,\"qualifier\":0,\"objects\":\"yard/1\","
			    "\"indications\":\"retain\"}\n");
	assert_ot_says(kit, "\"sequence\":10,\"quantity\":5,\"qualifier\":1,\"objects\":\"yard/2\",\"indications\":\"duplicate\"}\n");
	assert_ot_says(kit, "\"kind\":\"disconnect\",\"direction\":\"request\"}\n");
	assert_ot_silent(kit, "secret\"");
	ot_close(kit);
}

static void a_refusal_has_its_reason_in_either_version(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 1883, QW_OT_WANT_EVENTS);
	OT_SEND(kit, con311);
	OT_REPLY(kit, ack311bad);
	assert_ot_says(kit, "\"status\":\"error\",\"error\":5,\"error_name\":\"not_authorized\"}\n");
	ot_close(kit);
	kit = ot_open(QW_PROTO_TCP, 1883, QW_OT_WANT_EVENTS);
	OT_SEND(kit, con5);
	OT_REPLY(kit, ack5);
	assert_ot_says(kit, "\"value\":5,\"indications\":\"clean, password\",\"user\":\"u5\",\"device_name\":\"reefer\"}\n");
	assert_ot_says(kit, "\"status\":\"error\",\"error\":134,\"error_name\":\"bad_user_name_or_password\"}\n");
	ot_close(kit);
}

static void nothing_is_told_while_nobody_asks_for_events(void **state)
{
	static const uint32_t wants[] = {0, QW_OT_WANT_FIELDS};
	for (size_t i = 0; i < 2; i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, 1883, wants[i]);
		OT_SEND(kit, con311);
		OT_SEND(kit, pub0);
		assert_ot_silent(kit, "protocol\"");
		assert_ot_says(kit, "mqtt.type=1");
		ot_close(kit);
	}
}

static void what_only_looks_like_it_makes_no_events(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 389, QW_OT_WANT_EVENTS);
	kit->flow.app = QW_APP_MQTT;
	OT_SEND(kit, pub0);
	assert_ot_says(kit, "mqtt.type=3");
	assert_ot_silent(kit, "protocol\"");
	OT_SEND(kit, con311);
	OT_SEND(kit, pub0);
	assert_ot_says(kit, "\"kind\":\"publish\"");
	ot_close(kit);
}

static void a_topic_may_be_empty(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 1883, QW_OT_WANT_EVENTS);
	OT_SEND(kit, con311);
	OT_SEND(kit, "\x82\x08\0\x0d\0\0\0\0\0\x01");
	OT_SEND(kit, "\x30\x02\0\0");
	assert_ot_says(kit, "\"kind\":\"subscribe\",\"direction\":\"request\",\"sequence\":13}\n");
	assert_ot_says(kit, "\"kind\":\"publish\",\"direction\":\"request\",\"quantity\":0,\"qualifier\":0}\n");
	ot_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conversation_is_the_same_however_it_is_cut),
		cmocka_unit_test(an_answer_comes_with_what_was_asked),
		cmocka_unit_test(version_5_has_properties_and_reasons),
		cmocka_unit_test(version_3_1_has_a_name_of_its_own),
		cmocka_unit_test(a_long_message_is_seen_in_part_and_the_next_one_whole),
		cmocka_unit_test(who_never_answers_is_forgotten_and_counted),
		cmocka_unit_test(what_only_begins_alike_is_not_taken),
		cmocka_unit_test(sessions_and_topics_are_told_while_somebody_asks),
		cmocka_unit_test(a_refusal_has_its_reason_in_either_version),
		cmocka_unit_test(nothing_is_told_while_nobody_asks_for_events),
		cmocka_unit_test(what_only_looks_like_it_makes_no_events),
		cmocka_unit_test(a_topic_may_be_empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

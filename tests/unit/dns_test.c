/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/protocol_kit.h"

#define HEADER(flags, questions, answers) "\x12\x34" flags "\0" questions "\0" answers "\0\0\0\0"
#define QUERY "\x01\x00"
#define RESPONSE "\x81\x80"
#define EXAMPLE_COM "\x07" "eXample" "\x03" "com\0"
#define A_IN "\0\x01\0\x01"

static const char query[] = HEADER(QUERY, "\1", "\0") EXAMPLE_COM A_IN;
static const char answer[] = HEADER(RESPONSE, "\1", "\2") EXAMPLE_COM A_IN
	"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x06" "\x03" "www\xc0\x0c"
	"\xc0\x29\0\x01\0\x01\0\0\0\x3c\0\x04" "\xc0\0\2\1";

static void play_datagram(struct kit *kit, uint16_t port, enum qw_direction direction, const char *data, size_t len)
{
	kit_open(kit, QW_PROTO_UDP, port);
	kit_feed(kit, direction, data, len);
}

static void a_query_fills_dns_query_with_the_name_as_sent(void **state)
{
	struct kit kit;
	play_datagram(&kit, 53, QW_TO_SERVER, query, sizeof(query) - 1);
	assert_string_equal(kit_text(&kit, QW_BUFFER_DNS_QUERY), "eXample.com");
	assert_sighted(&kit, QW_SIGHT_NAME, "eXample.com");
	assert_int_equal(kit.flow.app, QW_APP_DNS);
	assert_int_equal(kit.details, 1);
	kit_close(&kit);
}

static void an_answer_shows_names_and_addresses_to_indicators_only(void **state)
{
	struct kit kit;
	struct qw_address expected = qw_address_v4((const uint8_t *)"\xc0\0\2\1");
	play_datagram(&kit, 53, QW_TO_CLIENT, answer, sizeof(answer) - 1);
	assert_null(kit_text(&kit, QW_BUFFER_DNS_QUERY));
	assert_sighted(&kit, QW_SIGHT_NAME, "eXample.com");
	assert_sighted(&kit, QW_SIGHT_NAME, "www.eXample.com");
	assert_true(kit_sighted(&kit, QW_SIGHT_ADDRESS, expected.bytes, 16));
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DNS_ANSWER_NAME, 1), "www.eXample.com");
	kit_close(&kit);
}

static void a_query_on_any_port_is_recognised_but_chance_is_not(void **state)
{
	struct kit kit;
	play_datagram(&kit, 9999, QW_TO_SERVER, query, sizeof(query) - 1);
	assert_int_equal(kit.flow.app, QW_APP_DNS);
	kit_close(&kit);
	play_datagram(&kit, 9999, QW_TO_SERVER, HEADER(QUERY, "\1", "\0") EXAMPLE_COM A_IN "x", sizeof(query));
	assert_int_equal(kit.flow.app, QW_APP_UNKNOWN);
	assert_true(kit.flow.flags & QW_FLOW_NO_PARSER);
	kit_close(&kit);
}

static void a_name_that_points_at_itself_ends(void **state)
{
	struct kit kit;
	static const char loop[] = HEADER(QUERY, "\1", "\0") "\xc0\x0c" A_IN;
	play_datagram(&kit, 53, QW_TO_SERVER, loop, sizeof(loop) - 1);
	assert_int_equal(kit.messages, 0);
	kit_close(&kit);
}

static void a_name_too_long_to_keep_is_counted(void **state)
{
	struct kit kit;
	struct qw_parser_counters counters;
	uint8_t data[2048];
	size_t len = 12;
	memcpy(data, HEADER(QUERY, "\1", "\0"), len);
	while (len < 12 + 64 * 20) {
		data[len] = 63;
		memset(data + len + 1, 'a', 63);
		len += 64;
	}
	memcpy(data + len, "\0" A_IN, 5);
	play_datagram(&kit, 53, QW_TO_SERVER, (const char *)data, len + 5);
	qw_parser_counters(kit.pool, &counters);
	assert_int_equal(counters.cut, 1);
	assert_null(kit_text(&kit, QW_BUFFER_DNS_QUERY));
	kit_close(&kit);
}

static void several_questions_are_all_seen(void **state)
{
	struct kit kit;
	static const char two[] = HEADER(QUERY, "\2", "\0") EXAMPLE_COM A_IN "\2qq\xc0\x0c" A_IN;
	play_datagram(&kit, 53, QW_TO_SERVER, two, sizeof(two) - 1);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DNS_QUERY, 1), "qq.eXample.com");
	kit_close(&kit);
}

static void broken_additionals_do_not_hide_the_query(void **state)
{
	struct kit kit;
	static const char broken[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\1" EXAMPLE_COM A_IN "\0\0\x29\x10";
	play_datagram(&kit, 53, QW_TO_SERVER, broken, sizeof(broken) - 1);
	assert_string_equal(kit_text(&kit, QW_BUFFER_DNS_QUERY), "eXample.com");
	kit_close(&kit);
}

static void an_answer_of_many_records_is_published_in_parts(void **state)
{
	struct kit kit;
	uint8_t data[4096];
	size_t len = sizeof(query) - 1;
	memcpy(data, query, len);
	memcpy(data + 2, RESPONSE "\0\1\0\x28", 6);
	for (uint8_t i = 0; i < 40; i++) {
		uint8_t record[] = {0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, i};
		memcpy(data + len, record, sizeof(record));
		len += sizeof(record);
	}
	play_datagram(&kit, 53, QW_TO_CLIENT, (const char *)data, len);
	struct qw_address last = qw_address_v4((const uint8_t *)"\x0a\0\0\x1f");
	assert_true(kit_sighted(&kit, QW_SIGHT_ADDRESS, last.bytes, 16));
	assert_int_equal(kit.details, 1);
	kit_close(&kit);
}

static void every_section_has_its_names(void **state)
{
	struct kit kit;
	/* an SOA of example.com in the authorities, an address and OPT in the additionals */
	static const char full[] = "\x12\x34\x85\x83\0\1\0\0\0\1\0\2" EXAMPLE_COM A_IN
		"\xc0\x0c\0\x06\0\x01\0\0\0\x3c\0\x1f" "\3ns1\xc0\x0c" "\2hm\xc0\x0c" "\0\0\0\1\0\0\0\2\0\0\0\3"
		"\0\0\0\4\0\0\0\5"
		"\xc0\x29\0\x01\0\x01\0\0\0\x3c\0\x04" "\xc0\0\2\1"
		"\0\0\x29\x10\0\0\0\0\0\0\0";
	play_datagram(&kit, 53, QW_TO_CLIENT, full, sizeof(full) - 1);
	assert_int_equal(kit_number(&kit, QW_BUFFER_DNS_RCODE, 0), 3);
	assert_int_equal(kit_number(&kit, QW_BUFFER_DNS_OPCODE, 0), 0);
	assert_null(kit_text(&kit, QW_BUFFER_DNS_RRTYPE)); /* of answers, and there are none */
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DNS_QUESTION_NAME, 0), "eXample.com");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DNS_AUTHORITY_NAME, 0), "eXample.com");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DNS_ADDITIONAL_NAME, 0), "ns1.eXample.com");
	assert_null(kit_nth(&kit, QW_BUFFER_DNS_ADDITIONAL_NAME, 1));
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DNS_RESPONSE_NAME, 2), "ns1.eXample.com");
	kit_close(&kit);
}

/* Messages of one answer, and how many of them have its numbers. */
static void count_parts(void *ctx, struct qw_flow *flow, const struct qw_message *message)
{
	unsigned *counts = ctx;
	bool found = false;
	for (uint16_t i = 0; i < message->count; i++)
		found |= message->field[i].buffer == QW_BUFFER_DNS_RCODE;
	counts[0]++;
	counts[1] += found;
}

static void each_part_of_a_long_answer_has_its_numbers(void **state)
{
	unsigned counts[2] = {0};
	const struct qw_message_sink sink = {counts, count_parts};
	struct kit kit;
	uint8_t data[2048];
	size_t len = sizeof(query) - 1;
	memcpy(data, query, len);
	memcpy(data + 2, RESPONSE "\0\1\0\x20", 6);
	for (uint8_t i = 0; i < 32; i++) {
		const uint8_t record[] = {1, (uint8_t)('a' + i % 26), 0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, i};
		memcpy(data + len, record, sizeof(record));
		len += sizeof(record);
	}
	kit_open(&kit, QW_PROTO_UDP, 53);
	qw_parser_choose(kit.pool, &kit.flow, QW_TO_CLIENT, data, len);
	qw_parser_feed(&kit.flow, QW_TO_CLIENT, data, len, &sink);
	assert_true(counts[0] > 1);
	assert_int_equal(counts[0], counts[1]);
	kit_close(&kit);
}

static void framed_messages_are_the_same_however_they_are_cut(void **state)
{
	struct kit kit;
	static const char framed[] = "\0\x1d" HEADER(QUERY, "\1", "\0") EXAMPLE_COM A_IN
				     "\0\x1d" HEADER(QUERY, "\1", "\0") "\x07" "another" "\x03" "com\0" A_IN;
	char reply[2 + sizeof(answer) - 1] = {0, sizeof(answer) - 1};
	memcpy(reply + 2, answer, sizeof(answer) - 1);
	const struct kit_piece pieces[] = {KIT_SEND(framed), {QW_TO_CLIENT, reply, sizeof(reply)}, {0}};
	kit_play_all_ways(&kit, QW_PROTO_TCP, 53, pieces);
	assert_string_equal(kit_text(&kit, QW_BUFFER_DNS_QUERY), "eXample.com");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DNS_QUERY, 1), "another.com");
	assert_sighted(&kit, QW_SIGHT_NAME, "www.eXample.com");
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_fills_dns_query_with_the_name_as_sent),
		cmocka_unit_test(an_answer_shows_names_and_addresses_to_indicators_only),
		cmocka_unit_test(a_query_on_any_port_is_recognised_but_chance_is_not),
		cmocka_unit_test(a_name_that_points_at_itself_ends),
		cmocka_unit_test(a_name_too_long_to_keep_is_counted),
		cmocka_unit_test(several_questions_are_all_seen),
		cmocka_unit_test(broken_additionals_do_not_hide_the_query),
		cmocka_unit_test(an_answer_of_many_records_is_published_in_parts),
		cmocka_unit_test(every_section_has_its_names),
		cmocka_unit_test(each_part_of_a_long_answer_has_its_numbers),
		cmocka_unit_test(framed_messages_are_the_same_however_they_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

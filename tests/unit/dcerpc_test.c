/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/blob_kit.h"

#include "sensor/protocol/dcerpc.h"

enum { PORT = 135 };

static const uint8_t IFACES[][16] = {
	{0xe1, 0xaf, 0x83, 0x08, 0x5d, 0x1f, 0x11, 0xc9, 0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa},
	{0x36, 0x7a, 0xbb, 0x81, 0x98, 0x44, 0x35, 0xf1, 0xad, 0x32, 0x98, 0xf0, 0x38, 0x00, 0x10, 0x03},
};

/* Both interfaces are proposed, the second is refused unless `both`. */
static void bind_ifaces(struct talk *talk, bool big, bool both)
{
	const struct forge_pdu pdu = {.flags = FORGE_PDU_WHOLE, .big = big, .call = 1};
	const uint16_t results[] = {0, both ? 0 : 2};
	forge_pdu_bind(&talk->blob, &pdu, IFACES, 3, 2);
	say(talk, QW_TO_SERVER);
	forge_pdu_bind_answer(&talk->blob, &pdu, results, 2);
	say(talk, QW_TO_CLIENT);
}

static void request(struct talk *talk, const struct forge_pdu *pdu, uint16_t context, uint16_t opnum, const char *stub)
{
	forge_pdu_request(&talk->blob, pdu, context, opnum, stub, strlen(stub));
	say(talk, QW_TO_SERVER);
}

static void response(struct talk *talk, const struct forge_pdu *pdu, const char *stub)
{
	forge_pdu_response(&talk->blob, pdu, 0, stub, strlen(stub));
	say(talk, QW_TO_CLIENT);
}

static const struct qw_dcerpc_iface *iface_of(const struct kit *kit, size_t n)
{
	return (const struct qw_dcerpc_iface *)kit_nth(kit, QW_BUFFER_DCE_IFACE, n);
}

static void calls_carry_interface_operation_and_stub_both_ways(void **unused)
{
	struct talk *talk = talk_new();
	const struct forge_pdu call = {.flags = FORGE_PDU_WHOLE, .call = 2};
	struct kit kit;

	bind_ifaces(talk, false, true);
	request(talk, &call, 1, 15, "open");
	response(talk, &call, "done");
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_int_equal(kit.flow.app, QW_APP_DCERPC);
	assert_int_equal(kit.messages, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_memory_equal(iface_of(&kit, i)->uuid, IFACES[1], 16);
		assert_memory_equal(iface_of(&kit, i)->version, "\0\3", 2);
		assert_int_equal(iface_of(&kit, i)->answer, QW_DCERPC_ACCEPTED);
		assert_int_equal(number_of(&kit, QW_BUFFER_DCE_OPNUM, i), 15);
		assert_int_equal(number_of(&kit, QW_BUFFER_DCE_ORDER, i), 1);
	}
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DCE_STUB_DATA, 0), "open");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DCE_STUB_DATA, 1), "done");
	kit_close(&kit);
	talk_free(talk);
}

static void fragments_of_two_calls_may_alternate(void **unused)
{
	struct talk *talk = talk_new();
	const struct forge_pdu first = {.flags = FORGE_PDU_FIRST, .call = 7}, middle = {.flags = 0, .call = 7},
			       last = {.flags = FORGE_PDU_LAST, .call = 7},
			       other = {.flags = FORGE_PDU_WHOLE, .call = 8};
	struct kit kit;

	bind_ifaces(talk, false, true);
	request(talk, &first, 0, 1, "ev");
	request(talk, &middle, 0, 1, "i");
	request(talk, &other, 0, 2, "other");
	request(talk, &last, 0, 1, "l");
	response(talk, &first, "go");
	response(talk, &last, "ne");
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_int_equal(kit.messages, 3);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DCE_STUB_DATA, 0), "other");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DCE_STUB_DATA, 1), "evil");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DCE_STUB_DATA, 2), "gone");
	kit_close(&kit);
	talk_free(talk);
}

static void big_end_first_and_refused_contexts_are_understood(void **unused)
{
	struct talk *talk = talk_new();
	const struct forge_pdu call = {.flags = FORGE_PDU_WHOLE, .big = true, .call = 2};
	struct kit kit;

	bind_ifaces(talk, true, false);
	request(talk, &call, 1, 0x102, "stub");
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_memory_equal(iface_of(&kit, 0)->uuid, IFACES[1], 16);
	assert_int_equal(iface_of(&kit, 0)->version[1], 3);
	assert_int_equal(iface_of(&kit, 0)->answer, QW_DCERPC_REFUSED);
	assert_int_equal(number_of(&kit, QW_BUFFER_DCE_OPNUM, 0), 0x102);
	assert_int_equal(number_of(&kit, QW_BUFFER_DCE_ORDER, 0), 0);
	kit_close(&kit);
	talk_free(talk);
}

static void what_authenticates_a_call_is_not_of_its_stub(void **unused)
{
	struct talk *talk = talk_new();
	/* stub, two bytes of padding, the trailer (its third byte tells of them), and the token */
	static const char body[] = "\0\0\0\0\0\0\x0f\0stub\0\0\x0a\x05\2\0\0\0\0\0token";
	struct forge_pdu pdu = {.type = 0, .flags = FORGE_PDU_WHOLE, .call = 2};
	struct kit kit;

	forge_pdu(&talk->blob, &pdu, body, sizeof(body) - 1);
	talk->blob.at[10] = 5;
	say(talk, QW_TO_SERVER);
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_string_equal(kit_text(&kit, QW_BUFFER_DCE_STUB_DATA), "stub");
	assert_int_equal(number_of(&kit, QW_BUFFER_DCE_OPNUM, 0), 15);
	assert_null(kit_text(&kit, QW_BUFFER_DCE_IFACE)); /* its bind was not seen */
	kit_close(&kit);
	talk_free(talk);
}

static void a_new_call_of_the_same_number_ends_the_one_before(void **unused)
{
	struct talk *talk = talk_new();
	const struct forge_pdu first = {.flags = FORGE_PDU_FIRST, .call = 2}, last = {.flags = FORGE_PDU_LAST, .call = 2};
	struct kit kit;

	bind_ifaces(talk, false, true);
	request(talk, &first, 0, 4, "left ");
	request(talk, &first, 0, 5, "be");
	request(talk, &last, 0, 5, "gun");
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_int_equal(kit.messages, 2);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DCE_STUB_DATA, 0), "left ");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DCE_STUB_DATA, 1), "begun");
	kit_close(&kit);
	talk_free(talk);
}

static void half_a_call_is_told_at_the_end(void **unused)
{
	struct talk *talk = talk_new();
	const struct forge_pdu first = {.flags = FORGE_PDU_FIRST, .call = 2};
	struct kit kit;

	bind_ifaces(talk, false, true);
	request(talk, &first, 0, 4, "half");
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_int_equal(kit.messages, 1);
	assert_string_equal(kit_text(&kit, QW_BUFFER_DCE_STUB_DATA), "half");
	kit_close(&kit);
	talk_free(talk);
}

static void stubs_and_calls_are_bounded_and_counted(void **unused)
{
	struct talk *talk = talk_new();
	struct qw_parser_counters counters;
	struct kit kit;
	char *large = calloc(1, 40001);

	assert_non_null(large);
	memset(large, 'x', 40000);
	for (uint32_t i = 0; i < QW_DCERPC_CALLS + 1; i++) {
		const struct forge_pdu pdu = {.flags = FORGE_PDU_FIRST, .call = i};
		request(talk, &pdu, 0, 1, "waits");
	}
	request(talk, &(struct forge_pdu){.flags = FORGE_PDU_FIRST, .call = 99}, 0, 1, large);
	request(talk, &(struct forge_pdu){.flags = FORGE_PDU_LAST, .call = 99}, 0, 1, large);
	kit_open(&kit, QW_PROTO_TCP, PORT);
	kit_play(&kit, talk->piece, 0);
	qw_parser_counters(kit.pool, &counters);
	assert_int_equal(counters.cut, 3); /* two calls gave their place up, one stub is too large */
	assert_int_equal(kit.messages, QW_DCERPC_CALLS + 2);
	kit_close(&kit);
	free(large);
	talk_free(talk);
}

static void only_what_looks_like_a_pdu_is_taken(void **unused)
{
	static const uint8_t good[] = {5, 0, 11, 3, 0x10, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0};
	static const struct {
		uint8_t at, value;
	} wrong[] = {{0, 4}, {1, 2}, {2, 4}, {4, 0x20}, {5, 4}, {8, 15}, {10, 60}};

	assert_int_equal(qw_dcerpc_probe(good, sizeof(good)), 1);
	assert_int_equal(qw_dcerpc_probe(good, sizeof(good) - 1), -1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint8_t bad[sizeof(good)];
		memcpy(bad, good, sizeof(good));
		bad[wrong[i].at] = wrong[i].value;
		assert_int_equal(qw_dcerpc_probe(bad, sizeof(bad)), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_carry_interface_operation_and_stub_both_ways),
		cmocka_unit_test(fragments_of_two_calls_may_alternate),
		cmocka_unit_test(big_end_first_and_refused_contexts_are_understood),
		cmocka_unit_test(what_authenticates_a_call_is_not_of_its_stub),
		cmocka_unit_test(a_new_call_of_the_same_number_ends_the_one_before),
		cmocka_unit_test(half_a_call_is_told_at_the_end),
		cmocka_unit_test(stubs_and_calls_are_bounded_and_counted),
		cmocka_unit_test(only_what_looks_like_a_pdu_is_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

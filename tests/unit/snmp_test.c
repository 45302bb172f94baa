/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/protocol_kit.h"

#include "sensor/protocol/ber.h"

static const char get[] =
	"0&\x02\x01\x00\x04\x06public\xa0\x19\x02\x01M\x02\x01\x00\x02\x01\x00\x30\x0e\x30\x0c\x06\x08+\x06"
	"\x01\x02\x01\x01\x01\x00\x05\x00";
static const char trap1long[] =
	"09\x02\x01\x00\x04\x05traps\xbf\x04,\x06\x09+\x06\x01\x04\x01\x86\x8d\x1f\x07@\x04\xc0\x00\x02\x09"
	"\x02\x01\x06\x02\x01\x03\x43\x02\x01\x02\x30\x0f\x30\x0d\x06\x08+\x06\x01\x02\x01\x01\x01\x00\x04"
	"\x01x";
static const char trap2[] =
	"0\x3f\x02\x01\x01\x04\x05traps\xa7\x33\x02\x01M\x02\x01\x00\x02\x01\x00\x30(0\x0d\x06\x08+\x06\x01"
	"\x02\x01\x01\x03\x00\x43\x01\x09\x30\x17\x06\x0a+\x06\x01\x06\x03\x01\x01\x04\x01\x00\x06\x09+\x06"
	"\x01\x06\x03\x01\x01\x05\x04";
static const char v3plain[] =
	"0b\x02\x01\x03\x30\x0e\x02\x01\x01\x02\x03\x00\xff\xe3\x04\x01\x00\x02\x01\x03\x04&0$\x04\x0b\x80"
	"\x00\x1f\x88\x04\x65ngine\x02\x01\x04\x02\x01\x63\x04\x0b\x63rane-admin\x04\x00\x04\x00\x30%\x04\x06"
	"\x65ngine\x04\x00\xa0\x19\x02\x01M\x02\x01\x00\x02\x01\x00\x30\x0e\x30\x0c\x06\x08+\x06\x01\x02\x01"
	"\x01\x01\x00\x05\x00";
static const char v3dark[] =
	"0D\x02\x01\x03\x30\x0e\x02\x01\x01\x02\x03\x00\xff\xe3\x04\x01\x03\x02\x01\x03\x04&0$\x04\x0b\x80"
	"\x00\x1f\x88\x04\x65ngine\x02\x01\x04\x02\x01\x63\x04\x0b\x63rane-admin\x04\x00\x04\x00\x04\x07\xde"
	"\xad\xbe\xef\x01\x02\x03";

static void play(struct kit *kit, uint16_t port, const char *data, size_t len)
{
	kit_open(kit, QW_PROTO_UDP, port);
	kit_feed(kit, QW_TO_SERVER, data, len);
}

#define PLAY(kit, port, message) play(kit, port, message, sizeof(message) - 1)

static void version_1_tells_its_community_and_what_it_asks(void **state)
{
	struct kit kit;
	PLAY(&kit, 161, get);
	assert_int_equal(kit.flow.app, QW_APP_SNMP);
	assert_int_equal(kit_number(&kit, QW_BUFFER_SNMP_VERSION, 0), 1);
	assert_int_equal(kit_number(&kit, QW_BUFFER_SNMP_PDU_TYPE, 0), 0);
	assert_string_equal(kit_text(&kit, QW_BUFFER_SNMP_COMMUNITY), "public");
	assert_null(kit_text(&kit, QW_BUFFER_SNMP_TRAP_OID));
	kit_close(&kit);
}

static void a_trap_whose_tag_is_written_long_is_a_trap(void **state)
{
	struct kit kit;
	PLAY(&kit, 162, trap1long);
	assert_int_equal(kit_number(&kit, QW_BUFFER_SNMP_PDU_TYPE, 0), 4);
	assert_int_equal(kit_number(&kit, QW_BUFFER_SNMP_TRAP_TYPE, 0), 6);
	assert_string_equal(kit_text(&kit, QW_BUFFER_SNMP_TRAP_OID), "1.3.6.1.4.1.99999.7");
	assert_string_equal(kit_text(&kit, QW_BUFFER_SNMP_TRAP_ADDRESS), "192.0.2.9");
	kit_close(&kit);
}

static void a_trap_of_version_2_names_itself_in_a_variable(void **state)
{
	struct kit kit;
	PLAY(&kit, 162, trap2);
	assert_int_equal(kit_number(&kit, QW_BUFFER_SNMP_VERSION, 0), 2);
	assert_string_equal(kit_text(&kit, QW_BUFFER_SNMP_TRAP_OID), "1.3.6.1.6.3.1.1.5.4");
	assert_null(kit_text(&kit, QW_BUFFER_SNMP_TRAP_ADDRESS));
	kit_close(&kit);
}

static void version_3_tells_its_user_and_hides_what_is_encrypted(void **state)
{
	struct kit kit;
	PLAY(&kit, 161, v3plain);
	assert_string_equal(kit_text(&kit, QW_BUFFER_SNMP_USM), "crane-admin");
	assert_int_equal(kit_number(&kit, QW_BUFFER_SNMP_PDU_TYPE, 0), 0);
	kit_close(&kit);
	PLAY(&kit, 161, v3dark);
	assert_int_equal(kit_number(&kit, QW_BUFFER_SNMP_VERSION, 0), 3);
	assert_string_equal(kit_text(&kit, QW_BUFFER_SNMP_USM), "crane-admin");
	assert_null(kit_text(&kit, QW_BUFFER_SNMP_PDU_TYPE));
	assert_null(kit_text(&kit, QW_BUFFER_SNMP_COMMUNITY));
	kit_close(&kit);
}

static void away_from_its_ports_a_message_must_fill_its_datagram(void **state)
{
	struct kit kit;
	char longer[sizeof(get)];
	PLAY(&kit, 9999, get);
	assert_int_equal(kit.flow.app, QW_APP_SNMP);
	kit_close(&kit);
	memcpy(longer, get, sizeof(get)); /* the final zero is one byte too many */
	play(&kit, 9999, longer, sizeof(longer));
	assert_int_equal(kit.flow.app, QW_APP_UNKNOWN);
	kit_close(&kit);
	play(&kit, 161, longer, sizeof(longer));
	assert_int_equal(kit.flow.app, QW_APP_SNMP);
	kit_close(&kit);
}

static void a_message_cut_anywhere_is_no_crash_and_no_whole_message(void **state)
{
	for (size_t len = 1; len < sizeof(trap2) - 1; len++) {
		struct kit kit;
		play(&kit, 162, trap2, len);
		assert_null(kit_text(&kit, QW_BUFFER_SNMP_TRAP_OID));
		kit_close(&kit);
	}
}

static void damage_behind_the_community_does_not_end_the_flow(void **state)
{
	struct kit kit;
	char damaged[sizeof(get)];
	memcpy(damaged, get, sizeof(get));
	damaged[13] = (char)0xbb; /* no kind of request */
	kit_open(&kit, QW_PROTO_UDP, 161);
	kit_feed(&kit, QW_TO_SERVER, get, sizeof(get) - 1);
	for (int i = 0; i < 9; i++)
		kit_feed(&kit, QW_TO_SERVER, damaged, sizeof(get) - 1);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_SNMP_COMMUNITY, 9), "public");
	assert_null(kit_nth(&kit, QW_BUFFER_SNMP_PDU_TYPE, 1));
	for (int i = 0; i < 4; i++)
		kit_feed(&kit, QW_TO_SERVER, "noise", 5);
	assert_null(kit.flow.parser);
	kit_close(&kit);
}

/* ---- BER */

static bool element(const char *data, size_t len, struct qw_ber *out)
{
	struct qw_bytes in = qw_bytes(data, len);
	return qw_ber_next(&in, out);
}

static void lengths_and_tags_are_bounded(void **state)
{
	struct qw_ber out;
	assert_true(element("\x04\x81\x01x", 4, &out));
	assert_int_equal(out.body.left, 1);
	assert_true(element("\xbf\x81\x00\x00", 4, &out));
	assert_int_equal(out.tag, 0xbf | 128 << 8);
	assert_false(element("\x30\x80\x00\x00", 4, &out));             /* indefinite */
	assert_false(element("\x04\x85\0\0\0\0\x01x", 8, &out));        /* five bytes of length */
	assert_false(element("\x04\x84\xff\xff\xff\xffx", 7, &out));    /* longer than what there is */
	assert_false(element("\x1f\xff\xff\xff\xff\xff\x01\x00", 8, &out)); /* a number without end */
	assert_false(element("\x04", 1, &out));
}

static void integers_have_a_sign_and_at_most_eight_bytes(void **state)
{
	static const struct {
		const char *data;
		size_t len;
		int64_t value;
	} good[] = {{"\x02\x01\x7f", 3, 127}, {"\x02\x01\xff", 3, -1}, {"\x02\x02\x00\xff", 4, 255},
		    {"\x02\x08\x80\0\0\0\0\0\0\0", 10, INT64_MIN}};
	int64_t value;
	struct qw_bytes in;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		in = qw_bytes(good[i].data, good[i].len);
		assert_true(qw_ber_integer(&in, QW_BER_INTEGER, &value));
		assert_true(value == good[i].value);
	}
	in = qw_bytes("\x02\x09\0\0\0\0\0\0\0\0\1", 11);
	assert_false(qw_ber_integer(&in, QW_BER_INTEGER, &value));
	assert_int_equal(in.left, 11);
	in = qw_bytes("\x02\x00", 2);
	assert_false(qw_ber_integer(&in, QW_BER_INTEGER, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_1_tells_its_community_and_what_it_asks),
		cmocka_unit_test(a_trap_whose_tag_is_written_long_is_a_trap),
		cmocka_unit_test(a_trap_of_version_2_names_itself_in_a_variable),
		cmocka_unit_test(version_3_tells_its_user_and_hides_what_is_encrypted),
		cmocka_unit_test(away_from_its_ports_a_message_must_fill_its_datagram),
		cmocka_unit_test(a_message_cut_anywhere_is_no_crash_and_no_whole_message),
		cmocka_unit_test(damage_behind_the_community_does_not_end_the_flow),
		cmocka_unit_test(lengths_and_tags_are_bounded),
		cmocka_unit_test(integers_have_a_sign_and_at_most_eight_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/protocol_kit.h"

static const char asreq[] =
	"j\x81\x98\x30\x81\x95\xa1\x03\x02\x01\x05\xa2\x03\x02\x01\x0a\xa3\x11\x30\x0f\x30\x0d\xa1\x04\x02"
	"\x02\x00\x80\xa2\x05\x04\x03pac\xa4v0t\xa0\x07\x03\x05\x00@\x81\x00\x10\xa1\x13\x30\x11\xa0\x03\x02"
	"\x01\x01\xa1\x0a\x30\x08\x1b\x06\x63rane7\xa2\x0e\x1b\x0cPORT.EXAMPLE\xa3!0\x1f\xa0\x03\x02\x01\x02"
	"\xa1\x18\x30\x16\x1b\x06krbtgt\x1b\x0cPORT.EXAMPLE\xa5\x11\x18\x0f\x32\x30\x33\x37\x30\x39\x31\x33"
	"\x30\x32\x34\x38\x30\x35Z\xa7\x04\x02\x02\x30\x39\xa8\x08\x30\x06\x02\x01\x12\x02\x01\x17";
static const char asrep[] =
	"k\x81\x96\x30\x81\x93\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x0b\xa3\x0e\x1b\x0cPORT.EXAMPLE\xa4\x13"
	"\x30\x11\xa0\x03\x02\x01\x01\xa1\x0a\x30\x08\x1b\x06\x63rane7\xa5OaM0K\xa0\x03\x02\x01\x05\xa1\x0e"
	"\x1b\x0cPORT.EXAMPLE\xa2!0\x1f\xa0\x03\x02\x01\x02\xa1\x18\x30\x16\x1b\x06krbtgt\x1b\x0cPORT.EXAMPLE"
	"\xa3\x11\x30\x0f\xa0\x03\x02\x01\x12\xa2\x08\x04\x06\x63ipher\xa6\x11\x30\x0f\xa0\x03\x02\x01\x17"
	"\xa2\x08\x04\x06\x63ipher";
static const char tgsreq[] =
	"lp0n\xa1\x03\x02\x01\x05\xa2\x03\x02\x01\x0c\xa4\x62\x30`\xa0\x07\x03\x05\x00@\x81\x00\x10\xa2\x0e"
	"\x1b\x0cPORT.EXAMPLE\xa3&0$\xa0\x03\x02\x01\x02\xa1\x1d\x30\x1b\x1b\x08MSSQLSvc\x1b\x0f\x64\x62.port"
	".example\xa5\x11\x18\x0f\x32\x30\x33\x37\x30\x39\x31\x33\x30\x32\x34\x38\x30\x35Z\xa7\x03\x02\x01"
	"\x01\xa8\x05\x30\x03\x02\x01\x17";
static const char tgsrep[] =
	"m\x81\x9b\x30\x81\x98\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x0d\xa3\x0e\x1b\x0cPORT.EXAMPLE\xa4\x13"
	"\x30\x11\xa0\x03\x02\x01\x01\xa1\x0a\x30\x08\x1b\x06\x63rane7\xa5TaR0P\xa0\x03\x02\x01\x05\xa1\x0e"
	"\x1b\x0cPORT.EXAMPLE\xa2&0$\xa0\x03\x02\x01\x02\xa1\x1d\x30\x1b\x1b\x08MSSQLSvc\x1b\x0f\x64\x62.port"
	".example\xa3\x11\x30\x0f\xa0\x03\x02\x01\x17\xa2\x08\x04\x06\x63ipher\xa6\x11\x30\x0f\xa0\x03\x02"
	"\x01\x12\xa2\x08\x04\x06\x63ipher";
static const char err[] =
	"~\\0Z\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x1e\xa4\x11\x18\x0f\x32\x30\x33\x37\x30\x39\x31\x33\x30"
	"\x32\x34\x38\x30\x35Z\xa5\x03\x02\x01\x09\xa6\x03\x02\x01\x19\xa9\x0e\x1b\x0cPORT.EXAMPLE\xaa!0\x1f"
	"\xa0\x03\x02\x01\x02\xa1\x18\x30\x16\x1b\x06krbtgt\x1b\x0cPORT.EXAMPLE";
static const char apreq[] =
	"nn0l\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x0e\xa2\x07\x03\x05\x00\x00\x00\x00\x00\xa3\x44\x61\x42\x30"
	"@\xa0\x03\x02\x01\x05\xa1\x0e\x1b\x0cPORT.EXAMPLE\xa2\x16\x30\x14\xa0\x03\x02\x01\x02\xa1\x0d\x30"
	"\x0b\x1b\x04\x63ifs\x1b\x03nas\xa3\x11\x30\x0f\xa0\x03\x02\x01\x11\xa2\x08\x04\x06\x63ipher\xa4\x11"
	"\x30\x0f\xa0\x03\x02\x01\x11\xa2\x08\x04\x06\x63ipher";

#define DATAGRAM(way, message) {way, message, sizeof(message) - 1}

static void play_udp(struct kit *kit, const struct kit_piece *pieces)
{
	kit_open(kit, QW_PROTO_UDP, 88);
	kit_play(kit, pieces, 0);
}

/* The same messages behind their lengths. */
static void put_framed(uint8_t *out, size_t *len, const char *message, size_t message_len)
{
	const uint8_t head[4] = {0, 0, (uint8_t)(message_len >> 8), (uint8_t)message_len};
	memcpy(out + *len, head, sizeof(head));
	memcpy(out + *len + 4, message, message_len);
	*len += 4 + message_len;
}

static void a_ticket_is_asked_for_and_given_in_one_transaction(void **state)
{
	const struct kit_piece pieces[] = {DATAGRAM(QW_TO_SERVER, asreq), DATAGRAM(QW_TO_CLIENT, asrep), {0}};
	struct kit kit;
	play_udp(&kit, pieces);
	assert_int_equal(kit.flow.app, QW_APP_KRB5);
	assert_int_equal(kit_number(&kit, QW_BUFFER_KRB5_MSG_TYPE, 0), 10);
	assert_int_equal(kit_number(&kit, QW_BUFFER_KRB5_MSG_TYPE, 1), 11);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_KRB5_CNAME, 0), "crane7");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_KRB5_SNAME, 1), "PORT.EXAMPLE");
	assert_int_equal(kit_number(&kit, QW_BUFFER_KRB5_TICKET_ENCRYPTION, 0), 18);
	assert_int_equal(kit_number(&kit, QW_BUFFER_KRB5_WEAK_ENCRYPTION, 0), 1); /* the reply is in RC4 */
	assert_int_equal(kit.field[kit.fields - 1].transaction, 1);
	kit_close(&kit);
}

static void an_error_tells_its_code_beside_what_was_asked(void **state)
{
	const struct kit_piece pieces[] = {DATAGRAM(QW_TO_SERVER, asreq), DATAGRAM(QW_TO_CLIENT, err),
					   DATAGRAM(QW_TO_SERVER, asreq), DATAGRAM(QW_TO_CLIENT, asrep), {0}};
	struct kit kit;
	play_udp(&kit, pieces);
	assert_int_equal(kit_number(&kit, QW_BUFFER_KRB5_ERR_CODE, 0), 25);
	assert_int_equal(kit_number(&kit, QW_BUFFER_KRB5_MSG_TYPE, 1), 30);
	assert_int_equal(kit.field[kit.fields - 1].transaction, 2);
	kit_close(&kit);
}

static void over_tcp_it_is_the_same_however_it_is_cut(void **state)
{
	uint8_t up[1024], down[1024];
	size_t up_len = 0, down_len = 0;
	struct kit kit;
	put_framed(up, &up_len, tgsreq, sizeof(tgsreq) - 1);
	put_framed(down, &down_len, tgsrep, sizeof(tgsrep) - 1);
	const struct kit_piece pieces[] = {{QW_TO_SERVER, up, up_len}, {QW_TO_CLIENT, down, down_len}, {0}};
	kit_play_all_ways(&kit, QW_PROTO_TCP, 88, pieces);
	assert_int_equal(kit.flow.app, QW_APP_KRB5);
	assert_int_equal(kit_number(&kit, QW_BUFFER_KRB5_MSG_TYPE, 1), 13);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_KRB5_SNAME, 1), "db.port.example");
	assert_int_equal(kit_number(&kit, QW_BUFFER_KRB5_TICKET_ENCRYPTION, 0), 23);
	assert_int_equal(kit_number(&kit, QW_BUFFER_KRB5_WEAK_ENCRYPTION, 0), 0);
	kit_close(&kit);
}

static void a_ticket_that_is_shown_tells_its_service(void **state)
{
	const struct kit_piece pieces[] = {DATAGRAM(QW_TO_SERVER, apreq), {0}};
	struct kit kit;
	play_udp(&kit, pieces);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_KRB5_SNAME, 0), "cifs");
	assert_int_equal(kit_number(&kit, QW_BUFFER_KRB5_TICKET_ENCRYPTION, 0), 17);
	kit_close(&kit);
}

static void a_message_of_another_version_or_type_is_not_taken(void **state)
{
	char other[sizeof(asreq)];
	struct kit kit;
	memcpy(other, asreq, sizeof(asreq));
	other[10] = 4; /* pvno */
	kit_open(&kit, QW_PROTO_UDP, 88);
	kit_feed(&kit, QW_TO_SERVER, other, sizeof(asreq) - 1);
	assert_int_equal(kit.flow.app, QW_APP_UNKNOWN);
	kit_close(&kit);
	memcpy(other, asreq, sizeof(asreq));
	other[0] = 0x6c; /* the tag says TGS-REQ, the field AS-REQ */
	kit_open(&kit, QW_PROTO_UDP, 88);
	kit_feed(&kit, QW_TO_SERVER, other, sizeof(asreq) - 1);
	assert_int_equal(kit.messages, 0);
	kit_close(&kit);
}

static void a_reply_cut_anywhere_tells_nothing_half(void **state)
{
	for (size_t len = 1; len < sizeof(asrep) - 1; len++) {
		struct kit kit;
		kit_open(&kit, QW_PROTO_UDP, 88);
		kit_feed(&kit, QW_TO_CLIENT, asrep, len);
		assert_int_equal(kit.messages, 0);
		kit_close(&kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ticket_is_asked_for_and_given_in_one_transaction),
		cmocka_unit_test(an_error_tells_its_code_beside_what_was_asked),
		cmocka_unit_test(over_tcp_it_is_the_same_however_it_is_cut),
		cmocka_unit_test(a_ticket_that_is_shown_tells_its_service),
		cmocka_unit_test(a_message_of_another_version_or_type_is_not_taken),
		cmocka_unit_test(a_reply_cut_anywhere_tells_nothing_half),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

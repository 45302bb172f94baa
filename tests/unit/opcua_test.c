/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/opcua_message.h"

#include "tests/unit/ot_kit.h"

enum { PORT = 4840, TALK_MAX = 4096 };

#define POLICY_NONE "http://opcfoundation.org/UA/SecurityPolicy#None"
#define POLICY_SOME "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256"

/* Chunks one behind the other. */
struct talk {
	uint8_t bytes[TALK_MAX];
	size_t len;
};

static void put(struct talk *talk, const void *data, size_t len)
{
	assert_true(len <= sizeof(talk->bytes) - talk->len);
	memcpy(talk->bytes + talk->len, data, len);
	talk->len += len;
}

static void put_u32(struct talk *talk, uint32_t value)
{
	const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
	put(talk, bytes, sizeof(bytes));
}

static void put_text(struct talk *talk, const char *text)
{
	put_u32(talk, text ? (uint32_t)strlen(text) : UINT32_MAX);
	if (text)
		put(talk, text, strlen(text));
}

/* Type and flag; the length comes with end(). */
static size_t begin(struct talk *talk, const char *head)
{
	size_t at = talk->len;
	put(talk, head, 4);
	put_u32(talk, 0);
	return at;
}

static void end(struct talk *talk, size_t at)
{
	size_t len = talk->len - at;
	talk->bytes[at + 4] = (uint8_t)len;
	talk->bytes[at + 5] = (uint8_t)(len >> 8);
}

static void put_hello(struct talk *talk, const char *url)
{
	size_t at = begin(talk, "HELF");
	put(talk, "\0\0\0\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\0\0", 20);
	put_text(talk, url);
	end(talk, at);
}

static void put_acknowledge(struct talk *talk)
{
	size_t at = begin(talk, "ACKF");
	put(talk, "\0\0\0\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\0\0", 20);
	end(talk, at);
}

#define REQUEST(type, handle)  "\1\0" type "\0\0" "\0\0\0\0\0\0\0\0" handle "\0\0\0\0\xff\xff\xff\xff\0\0\0\0\0\0\0"
#define RESPONSE(type, handle, status) "\1\0" type "\0\0\0\0\0\0\0\0" handle status "\0\0\0\0\0\0\0\0"

#define OPEN_BODY REQUEST("\xbe\1", "\1\0\0\0") "\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0"

static void put_open(struct talk *talk, const char *policy, const void *body, size_t len)
{
	size_t at = begin(talk, "OPNF");
	put_u32(talk, 0);
	put_text(talk, policy);
	put_text(talk, NULL);
	put_text(talk, NULL);
	put_u32(talk, 1);
	put_u32(talk, 1);
	put(talk, body, len);
	end(talk, at);
}

static void put_part(struct talk *talk, const char *head, uint32_t request, const void *body, size_t len)
{
	size_t at = begin(talk, head);
	put_u32(talk, 7);
	put_u32(talk, 1);
	put_u32(talk, request);
	put_u32(talk, request);
	put(talk, body, len);
	end(talk, at);
}

#define OPEN(talk, policy)        put_open(talk, policy, OPEN_BODY, sizeof(OPEN_BODY) - 1)
#define PART(talk, head, n, body) put_part(talk, head, n, body, sizeof(body) - 1)

/* Value of ns=2;s=Hoist, -5; and of a node with a GUID, the second of an array. */
#define WRITE                                                                                                          \
	REQUEST("\xa1\2", "\7\0\0\0")                                                                                  \
	"\2\0\0\0"                                                                                                     \
	"\3\2\0\5\0\0\0Hoist\x0d\0\0\0\xff\xff\xff\xff\1\6\xfb\xff\xff\xff"                                             \
	"\4\1\0\x33\x22\x11\0\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x0d\0\0\0\1\0\0\0"                        \
	"1\3\x86\2\0\0\0\1\0\0\0\2\0\0\0\0\0\0\0"

#define WRITTEN RESPONSE("\xa4\2", "\7\0\0\0", "\0\0\0\0") "\2\0\0\0\0\0\0\0\0\0\x34\x80\0\0\0\0"

static void a_conversation_is_told_however_it_is_cut(void **state)
{
	static struct talk up, down;
	up.len = down.len = 0;
	put_hello(&up, "opc.tcp://crane:4840");
	OPEN(&up, POLICY_NONE);
	PART(&up, "MSGF", 3, WRITE);
	PART(&up, "CLOF", 4, REQUEST("\xc4\1", "\x8\0\0\0"));
	put_acknowledge(&down);
	PART(&down, "MSGF", 3, WRITTEN);
	const struct kit_piece pieces[] = {
		{QW_TO_SERVER, up.bytes, up.len}, {QW_TO_CLIENT, down.bytes, down.len}, {0, NULL, 0}};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, PORT, pieces);
	assert_ot_says(kit, "> opcua_msg_type=1 opcua.endpoint_url=6f70632e7463703a2f2f6372616e653a34383430 "
			    "\"ot\":{\"protocol\":\"opcua\",\"kind\":\"hello\",\"direction\":\"request\",\"url\":\"opc.tcp://crane:4840\"}\n");
	assert_ot_says(kit, "\"function\":446,\"name\":\"OpenSecureChannelRequest\",\"direction\":\"request\",\"sequence\":1,\"session\":0,"
			    "\"policy\":\"" POLICY_NONE "\",\"mode\":1}\n");
	assert_ot_says(kit, "opcua_msg_type=6 opcua_msg_service=673 opcua_node_id=673 opcua_node_namespace_index=0 "
			    "opcua.node=6e733d323b733d486f697374 opcua.node=");
	assert_ot_says(kit, "\"function\":673,\"name\":\"WriteRequest\",\"direction\":\"request\",\"sequence\":7,\"session\":7,\"attribute\":13,"
			    "\"quantity\":2,\"objects\":\"ns=2;s=Hoist, ns=1;g=00112233-4455-6677-8899-aabbccddeeff\"}\n");
	assert_ot_says(kit, "\"name\":\"WriteResponse\",\"direction\":\"response\",\"status\":\"error\",\"error\":2150891520,"
			    "\"error_name\":\"BadNodeIdUnknown\",\"sequence\":7,\"session\":7,\"quantity\":2}\n");
	assert_ot_says(kit, "opcua_msg_type=7 ");
	assert_ot_says(kit, "\"name\":\"CloseSecureChannelRequest\"");
	assert_int_equal(ot_raised(kit, QW_AE_OPCUA_MALFORMED), 0);
	assert_int_equal(ot_end(kit), 1); /* the channel was never said to be open */
	ot_close(kit);
}

static void it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more(void **state)
{
	static struct talk up;
	up.len = 0;
	put_hello(&up, "opc.tcp://crane:4840");
	OPEN(&up, POLICY_NONE);
	PART(&up, "MSGC", 3, REQUEST("\xa1\2", "\7\0\0\0"));
	PART(&up, "MSGF", 3, "\1\0\0\0\0\x55\x0d\0\0\0\xff\xff\xff\xff\1\1\1");
	struct ot_kit *kit = ot_play_everywhere(PORT, QW_TO_SERVER, up.bytes, up.len);
	assert_ot_says(kit, "\"attribute\":13,\"quantity\":1,\"values\":\"1\",\"objects\":\"i=85\"}\n");
	ot_close(kit);
}

/* Two requests whose chunks lie between each other; a third is given up. */
static void chunks_go_to_their_request(void **state)
{
	static struct talk up;
	up.len = 0;
	OPEN(&up, POLICY_NONE);
	PART(&up, "MSGC", 3, REQUEST("\x77\2", "\3\0\0\0") "\0\0\0\0\0\0\0\0\2\0\0\0");
	PART(&up, "MSGC", 4, REQUEST("\x77\2", "\4\0\0\0") "\0\0\0\0\0\0\0\0\2\0\0\0\1\0\0\0\0\x54");
	PART(&up, "MSGF", 3, "\1\0\0\0\0\x53\x0d\0\0\0\xff\xff\xff\xff\0\0\xff\xff\xff\xff");
	PART(&up, "MSGF", 4, "\x0d\0\0\0\xff\xff\xff\xff\0\0\xff\xff\xff\xff");
	PART(&up, "MSGC", 5, REQUEST("\x77\2", "\5\0\0\0"));
	PART(&up, "MSGA", 5, "\0\0\x03\x80\3\0\0\0old");
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS);
	ot_feed(kit, QW_TO_SERVER, up.bytes, up.len);
	assert_ot_says(kit, "\"name\":\"ReadRequest\",\"direction\":\"request\",\"sequence\":3,\"session\":7,\"attribute\":13,\"quantity\":1,\"objects\":\"i=83\"}");
	assert_ot_says(kit, "\"name\":\"ReadRequest\",\"direction\":\"request\",\"sequence\":4,\"session\":7,\"attribute\":13,\"quantity\":1,\"objects\":\"i=84\"}");
	assert_ot_says(kit, "\"kind\":\"abort\",\"direction\":\"request\",\"error\":2147680256,\"error_name\":\"BadOutOfMemory\",\"session\":7,\"indications\":\"old\"}");
	assert_ot_silent(kit, "\"sequence\":5");
	(void)ot_end(kit);
	ot_close(kit);
}

static void what_is_encrypted_is_told_and_not_read(void **state)
{
	static struct talk up;
	static uint8_t noise[64];
	up.len = 0;
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)(i * 89 + 7);
	put_open(&up, POLICY_SOME, noise, sizeof(noise));
	put_part(&up, "MSGF", 3, noise, sizeof(noise));
	/* A type that looks right does not make a header that fits. */
	memcpy(noise, "\1\0\xa1\2", 4);
	put_part(&up, "MSGF", 4, noise, sizeof(noise));
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS);
	ot_feed(kit, QW_TO_SERVER, up.bytes, up.len);
	assert_ot_says(kit, "\"kind\":\"encrypted\",\"direction\":\"request\",\"session\":0,\"policy\":\"" POLICY_SOME "\"}\n");
	assert_ot_says(kit, "> opcua_msg_type=6 \"ot\":{\"protocol\":\"opcua\",\"kind\":\"encrypted\",\"direction\":\"request\",\"session\":7}\n"
			    "> opcua_msg_type=6 \"ot\":{\"protocol\":\"opcua\",\"kind\":\"encrypted\",\"direction\":\"request\",\"session\":7}\n");
	assert_ot_silent(kit, "function");
	ot_close(kit);
}

/* Policy other than None, mode Sign: the body is there for all to read, and 32 bytes of signature behind it. */
static void what_is_only_signed_is_read(void **state)
{
	static struct talk up;
	static const char signature[32] = "signature";
	up.len = 0;
	put_open(&up, POLICY_SOME, "noise", 5);
	uint8_t body[sizeof(WRITE) - 1 + sizeof(signature)];
	memcpy(body, WRITE, sizeof(WRITE) - 1);
	memcpy(body + sizeof(WRITE) - 1, signature, sizeof(signature));
	put_part(&up, "MSGF", 3, body, sizeof(body));
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS);
	ot_feed(kit, QW_TO_SERVER, up.bytes, up.len);
	assert_ot_says(kit, "\"name\":\"WriteRequest\"");
	assert_ot_silent(kit, "7369676e6174757265");
	(void)ot_end(kit);
	ot_close(kit);
}

static void who_logs_in_is_told(void **state)
{
#define LOGIN REQUEST("\xd3\1", "\2\0\0\0") "\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0"
	static const struct {
		const char *token;
		size_t len;
		const char *told;
	} rows[] = {
#define ROW(token, told) {token, sizeof(token) - 1, told}
		ROW("\1\0\x41\1\1\7\0\0\0\3\0\0\0any", "\"indications\":\"anonymous\",\"policy\":\"any\"}"),
		ROW("\1\0\x44\1\1\x16\0\0\0\2\0\0\0up\5\0\0\0admin\3\0\0\0abc", "\"indications\":\"user_name\",\"policy\":\"up\",\"user\":\"admin\"}"),
		ROW("\1\0\x47\1\1\5\0\0\0\1\0\0\0c", "\"indications\":\"certificate\",\"policy\":\"c\"}"),
		ROW("\0\0\0", "\"direction\":\"request\",\"sequence\":2,\"session\":7}"),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		static struct talk up;
		uint8_t body[256];
		up.len = 0;
		OPEN(&up, POLICY_NONE);
		memcpy(body, LOGIN, sizeof(LOGIN) - 1);
		memcpy(body + sizeof(LOGIN) - 1, rows[i].token, rows[i].len);
		put_part(&up, "MSGF", 3, body, sizeof(LOGIN) - 1 + rows[i].len);
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS);
		ot_feed(kit, QW_TO_SERVER, up.bytes, up.len);
		assert_ot_says(kit, rows[i].told);
		assert_int_equal(ot_raised(kit, QW_AE_OPCUA_MALFORMED), 0);
		(void)ot_end(kit);
		ot_close(kit);
	}
}

static void a_server_says_who_it_is(void **state)
{
#define TEXT(len, text) len "\0\0\0" text
#define ENDPOINTS                                                                                                      \
	RESPONSE("\xaf\1", "\2\0\0\0", "\0\0\0\0")                                                                     \
	"\1\0\0\0" TEXT("\x09", "opc.tcp:x") TEXT("\4", "urn:") TEXT("\7", "urn:act") "\2" TEXT("\5", "Hoist") "\0\0\0\0"  \
	"\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0" "\xff\xff\xff\xff" "\3\0\0\0"
	static struct talk up, down;
	up.len = down.len = 0;
	OPEN(&up, POLICY_NONE);
	PART(&down, "MSGF", 3, ENDPOINTS);
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS);
	ot_feed(kit, QW_TO_SERVER, up.bytes, up.len);
	ot_feed(kit, QW_TO_CLIENT, down.bytes, down.len);
	assert_ot_says(kit, "\"name\":\"GetEndpointsResponse\",\"direction\":\"response\",\"status\":\"ok\",\"sequence\":2,\"session\":7,"
			    "\"quantity\":1,\"mode\":3,\"url\":\"opc.tcp:x\",\"product\":\"urn:act\",\"device_name\":\"Hoist\"}\n");
	assert_ot_says(kit, " opcua.security_mode=3 ");
	(void)ot_end(kit);
	ot_close(kit);
}

static void a_fault_tells_what_was_asked(void **state)
{
	static struct talk up, down;
	up.len = down.len = 0;
	OPEN(&up, POLICY_NONE);
	PART(&up, "MSGF", 3, REQUEST("\x77\2", "\3\0\0\0") "\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0");
	PART(&down, "MSGF", 3, RESPONSE("\x8d\1", "\3\0\0\0", "\0\0\x1f\x80"));
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS);
	ot_feed(kit, QW_TO_SERVER, up.bytes, up.len);
	ot_feed(kit, QW_TO_CLIENT, down.bytes, down.len);
	assert_ot_says(kit, " opcua.status=2149515264 ");
	assert_ot_says(kit, "\"name\":\"ServiceFault\",\"direction\":\"response\",\"status\":\"error\",\"error\":2149515264,"
			    "\"error_name\":\"BadUserAccessDenied\",\"sequence\":3,\"session\":7,\"service\":631,\"service_name\":\"ReadRequest\"}\n");
	assert_int_equal(ot_end(kit), 1);
	ot_close(kit);
}

static void errors_and_reverse_hellos_have_kinds(void **state)
{
	static struct talk down;
	down.len = 0;
	size_t at = begin(&down, "RHEF");
	put_text(&down, "urn:server");
	put_text(&down, "opc.tcp://here");
	end(&down, at);
	at = begin(&down, "ERRF");
	put_u32(&down, 0x80830000);
	put_text(&down, "no such");
	end(&down, at);
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_EVENTS);
	ot_feed(kit, QW_TO_CLIENT, down.bytes, down.len);
	assert_ot_says(kit, "\"kind\":\"reverse_hello\",\"direction\":\"response\",\"status\":\"ok\",\"url\":\"opc.tcp://here\"}");
	assert_ot_says(kit, "\"kind\":\"error\",\"direction\":\"response\",\"status\":\"error\",\"error\":2156068864,"
			    "\"error_name\":\"BadTcpEndpointUrlInvalid\",\"indications\":\"no such\"}");
	ot_close(kit);
}

static void a_chunk_that_is_too_large_is_passed_over_to_its_last_byte(void **state)
{
	enum { LARGE = 300 << 10 };
	static struct talk rest;
	static uint8_t large[LARGE] = "MSGF";
	rest.len = 0;
	large[6] = LARGE >> 16;
	large[5] = LARGE >> 8 & 0xff;
	put_hello(&rest, "opc.tcp://crane:4840");
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS);
	for (size_t at = 0; at < LARGE; at += 1000)
		ot_feed(kit, QW_TO_SERVER, large + at, LARGE - at < 1000 ? LARGE - at : 1000);
	ot_feed(kit, QW_TO_SERVER, rest.bytes, rest.len);
	assert_ot_says(kit, "\"kind\":\"too_large\"");
	assert_ot_says(kit, "\"kind\":\"hello\"");
	assert_int_equal(ot_raised(kit, QW_AE_OPCUA_TOO_LARGE), 1);
	ot_close(kit);
}

static void of_a_message_that_is_too_large_the_beginning_is_read(void **state)
{
	enum { PART_BYTES = 60 << 10 };
	static struct talk up;
	static uint8_t part[PART_BYTES + 24] = "MSGC";
	up.len = 0;
	OPEN(&up, POLICY_NONE);
	PART(&up, "MSGC", 3, REQUEST("\x77\2", "\3\0\0\0") "\0\0\0\0\0\0\0\0\2\0\0\0\1\0\0\0\0\x54\x0d\0\0\0");
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_EVENTS);
	ot_feed(kit, QW_TO_SERVER, up.bytes, up.len);
	part[4] = (uint8_t)sizeof(part);
	part[5] = (uint8_t)(sizeof(part) >> 8);
	part[8] = 7;
	part[20] = 3;
	for (unsigned i = 0; i < 6; i++) {
		part[3] = i == 5 ? 'F' : 'C';
		ot_feed(kit, QW_TO_SERVER, part, sizeof(part));
	}
	assert_ot_says(kit, "\"name\":\"ReadRequest\",\"direction\":\"request\",\"sequence\":3,\"session\":7,\"attribute\":13,");
	(void)ot_end(kit);
	ot_close(kit);
}

static void values_in_values_end_somewhere(void **state)
{
	struct qw_opcua_variant value;
	uint8_t nested[64];
	memset(nested, 24, sizeof(nested)); /* a variant that holds a variant … */
	struct qw_bytes in = qw_bytes(nested, sizeof(nested));
	assert_false(qw_opcua_variant(&in, &value));
	/* An array of more strings than there are bytes. */
	in = qw_bytes("\x8c\xff\xff\xff\x7f", 5);
	assert_false(qw_opcua_variant(&in, &value));
	/* A matrix, a text with its locale, a structure, a value with status and times, diagnostics in diagnostics. */
	static const char many[] = "\xc1\2\0\0\0\1\0\2\0\0\0\1\0\0\0\2\0\0\0"
				   "\x15\3\2\0\0\0en\1\0\0\0x"
				   "\x16\1\0\x5a\2\1\2\0\0\0xy"
				   "\x17\x3f\1\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				   "\x19\x7f\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0y\0\0\0\0\0";
	in = qw_bytes(many, sizeof(many) - 1);
	for (unsigned i = 0; i < 5; i++)
		assert_true(qw_opcua_variant(&in, &value));
	assert_int_equal(in.left, 0);
}

static void who_speaks_is_told_by_what_is_said(void **state)
{
	static struct talk up, down, hello;
	up.len = down.len = hello.len = 0;
	PART(&up, "MSGF", 3, WRITE);
	PART(&down, "MSGF", 3, WRITTEN);
	put_hello(&hello, "x");
	assert_int_equal(qw_opcua_speaker(up.bytes, up.len), QW_SPEAKER_CLIENT);
	assert_int_equal(qw_opcua_speaker(down.bytes, down.len), QW_SPEAKER_SERVER);
	assert_int_equal(qw_opcua_speaker(hello.bytes, hello.len), QW_SPEAKER_CLIENT);
	for (size_t len = 0; len < up.len; len++)
		assert_int_equal(qw_opcua_speaker(up.bytes, len), QW_SPEAKER_UNKNOWN);
	up.bytes[26] ^= 0x80;
	assert_int_equal(qw_opcua_speaker(up.bytes, up.len), QW_SPEAKER_UNKNOWN);
}

static void elsewhere_four_letters_and_a_size_are_taken_for_it(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool taken;
	} rows[] = {
#define ROW(bytes, taken) {bytes, sizeof(bytes) - 1, taken}
		ROW("HELF\x20\0\0\0", true), ROW("MSGC\0\x20\0\0", true), ROW("HELX\x20\0\0\0", false),
		ROW("HELF\7\0\0\0", false), ROW("HELO mail", false), ROW("MSGFxyz\x7f", false),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, 48010, QW_OT_WANT_EVENTS);
		ot_feed(kit, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		assert_int_equal(kit->flow.app == QW_APP_OPCUA, rows[i].taken);
		ot_close(kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conversation_is_told_however_it_is_cut),
		cmocka_unit_test(it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more),
		cmocka_unit_test(chunks_go_to_their_request),
		cmocka_unit_test(what_is_encrypted_is_told_and_not_read),
		cmocka_unit_test(what_is_only_signed_is_read),
		cmocka_unit_test(who_logs_in_is_told),
		cmocka_unit_test(a_server_says_who_it_is),
		cmocka_unit_test(a_fault_tells_what_was_asked),
		cmocka_unit_test(errors_and_reverse_hellos_have_kinds),
		cmocka_unit_test(a_chunk_that_is_too_large_is_passed_over_to_its_last_byte),
		cmocka_unit_test(of_a_message_that_is_too_large_the_beginning_is_read),
		cmocka_unit_test(values_in_values_end_somewhere),
		cmocka_unit_test(who_speaks_is_told_by_what_is_said),
		cmocka_unit_test(elsewhere_four_letters_and_a_size_are_taken_for_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

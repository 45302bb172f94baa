/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/protocol_kit.h"

#include "quaywatch/text.h"
#include "tests/forge/quic_seal.h"

/* RFC 9001, A.2: the CRYPTO frame of the client's first packet. */
static const char RFC_FRAME[] =
	"060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c000"
	"000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e00050005010000"
	"0000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d00"
	"10000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ff"
	"ff0801100104800075300901100f088394c8f03e51570806048000ffff";

enum { RFC_FRAMES = 1162, CRYPTO_HEADER = 4, HELLO_LEN = 241 };

static void rfc_frames(uint8_t out[RFC_FRAMES])
{
	memset(out, 0, RFC_FRAMES);
	assert_true(qw_hex_decode(RFC_FRAME, sizeof(RFC_FRAME) - 1, out));
}

static void assert_bytes(const uint8_t *data, const char *hex)
{
	uint8_t expected[128];
	assert_true(strlen(hex) / 2 <= sizeof(expected));
	assert_true(qw_hex_decode(hex, strlen(hex), expected));
	assert_memory_equal(data, expected, strlen(hex) / 2);
}

static void keys_are_those_of_rfc_9001(void **state)
{
	struct qw_quic_keys keys;
	struct qw_slice id = qw_slice(QUIC_SEAL_ID, sizeof(QUIC_SEAL_ID));
	assert_true(qw_quic_keys(&keys, 1, id, false));
	assert_bytes(keys.key, "1f369613dd76d5467730efcbe3b1a22d");
	assert_bytes(keys.iv, "fa044b2f42a3fd3b46fb255c");
	assert_bytes(keys.header, "9f50449e04a0e810283a1e9933adedd2");
	assert_true(qw_quic_keys(&keys, 1, id, true));
	assert_bytes(keys.key, "cf3a5331653c364c88f0f379b6067e37");
	assert_bytes(keys.iv, "0ac1493ca1905853b0bba03e");
	assert_bytes(keys.header, "c206b8d9b9f0f37644430b490eeaa314");
}

static void keys_of_version_2_are_those_of_rfc_9369(void **state)
{
	struct qw_quic_keys keys;
	assert_true(qw_quic_keys(&keys, 0x6b3343cf, qw_slice(QUIC_SEAL_ID, sizeof(QUIC_SEAL_ID)), false));
	assert_bytes(keys.key, "8b1a0bc121284290a29e0971b5cd045d");
	assert_bytes(keys.iv, "91f73e2351d8fa91660e909f");
	assert_bytes(keys.header, "45b95e15235d6f45a6b19cbcb0294ba9");
}

/* The start and the tag are those of the packet printed in RFC 9001, A.2. */
static void the_packet_of_rfc_9001_is_opened(void **state)
{
	struct kit kit;
	uint8_t frames[RFC_FRAMES], packet[QUIC_SEAL_MAX];
	rfc_frames(frames);
	size_t len = quic_seal(packet, frames, sizeof(frames), false);
	assert_int_equal(len, 1200);
	assert_bytes(packet, "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9bd8bab936b47d92ec35"
			     "6c0bab7df5976d27cd449f63300099f399");
	assert_bytes(packet + len - 16, "e221af44860018ab0856972e194cd934");

	kit_open(&kit, QW_PROTO_UDP, 443);
	kit_feed(&kit, QW_TO_SERVER, packet, len);
	assert_int_equal(kit.flow.app, QW_APP_QUIC);
	assert_string_equal(kit_text(&kit, QW_BUFFER_QUIC_SNI), "example.com");
	assert_sighted(&kit, QW_SIGHT_NAME, "example.com");
	assert_string_equal(kit_text(&kit, QW_BUFFER_QUIC_VERSION), "1");
	assert_string_equal(kit_text(&kit, QW_BUFFER_TLS_ALPN), "alpn");
	assert_string_equal(kit_text(&kit, QW_BUFFER_JA3_STRING), "771,4865-4866,0-65281-10-16-5-51-43-13-45-28-57,29-23-24,");
	assert_memory_equal(kit_text(&kit, QW_BUFFER_JA4_HASH), "q13d0211an_", 11);
	kit_close(&kit);
}

/* Puts a CRYPTO frame for a part of the hello at out. */
static size_t piece(uint8_t *out, const uint8_t *hello, size_t from, size_t len)
{
	out[0] = 6;
	out[1] = (uint8_t)(0x40 | from >> 8);
	out[2] = (uint8_t)from;
	out[3] = (uint8_t)(0x40 | len >> 8);
	out[4] = (uint8_t)len;
	memcpy(out + 5, hello + from, len);
	return 5 + len;
}

static void a_hello_in_pieces_of_any_order_is_put_together(void **state)
{
	struct kit kit;
	uint8_t whole[RFC_FRAMES], frames[RFC_FRAMES], packet[QUIC_SEAL_MAX];
	static const size_t order[] = {7, 1, 6, 3, 0, 5, 2, 4};
	const uint8_t *hello = whole + CRYPTO_HEADER;
	rfc_frames(whole);
	kit_open(&kit, QW_PROTO_UDP, 443);
	for (size_t i = 0; i < 8; i++) {
		size_t from = order[i] * 31, len = order[i] == 7 ? HELLO_LEN - from : 40 - order[i];
		size_t used = piece(frames, hello, from, len);
		memset(frames + used, 0, sizeof(frames) - used);
		kit_feed(&kit, QW_TO_SERVER, packet, quic_seal(packet, frames, sizeof(frames), false));
		assert_int_equal(kit_text(&kit, QW_BUFFER_QUIC_SNI) != NULL, i == 7);
	}
	assert_string_equal(kit_text(&kit, QW_BUFFER_QUIC_SNI), "example.com");
	kit_close(&kit);
}

static void the_server_hello_ends_the_open_part(void **state)
{
	struct kit kit;
	static const char server[] = "\x02\x00\x00\x00\x00" /* ACK */
		"\x06\x00\x40\x30" "\x02\x00\x00\x2c" "\x03\x03" "SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS" "\x00" "\x13\x01" "\x00"
		"\x00\x04\x00\x33\x00\x00";
	uint8_t frames[RFC_FRAMES], packet[QUIC_SEAL_MAX];
	rfc_frames(frames);
	kit_open(&kit, QW_PROTO_UDP, 443);
	kit_feed(&kit, QW_TO_SERVER, packet, quic_seal(packet, frames, sizeof(frames), false));
	kit_feed(&kit, QW_TO_CLIENT, packet, quic_seal(packet, (const uint8_t *)server, sizeof(server) - 1, true));
	assert_string_equal(kit_text(&kit, QW_BUFFER_JA3S_STRING), "771,4865,51");
	assert_int_equal(kit.details, 1);
	assert_true(kit.flow.flags & QW_FLOW_ENCRYPTED);
	kit_close(&kit);
}

static void crypto_data_beyond_the_bound_is_refused_and_counted(void **state)
{
	struct kit kit;
	struct qw_parser_counters counters;
	static const char far[] = "\x06\x80\x00\x40\x00\x01x";
	uint8_t packet[QUIC_SEAL_MAX];
	kit_open(&kit, QW_PROTO_UDP, 443);
	kit_feed(&kit, QW_TO_SERVER, packet, quic_seal(packet, (const uint8_t *)far, sizeof(far) - 1, false));
	qw_parser_counters(kit.pool, &counters);
	assert_int_equal(counters.cut, 1);
	assert_true(kit.flow.flags & QW_FLOW_NO_PARSER);
	kit_close(&kit);
}

static void a_damaged_packet_is_waited_out(void **state)
{
	struct kit kit;
	uint8_t frames[RFC_FRAMES], packet[QUIC_SEAL_MAX];
	rfc_frames(frames);
	size_t len = quic_seal(packet, frames, sizeof(frames), false);
	kit_open(&kit, QW_PROTO_UDP, 443);
	packet[600] ^= 1;
	kit_feed(&kit, QW_TO_SERVER, packet, len);
	assert_int_equal(kit.messages, 0);
	packet[600] ^= 1;
	kit_feed(&kit, QW_TO_SERVER, packet, len);
	assert_string_equal(kit_text(&kit, QW_BUFFER_QUIC_SNI), "example.com");
	kit_close(&kit);
}

static void google_quic_shows_its_hello(void **state)
{
	struct kit kit;
	static const char hello[] = "\x09" "idididid" "Q043" "\x01" "............"
		"CHLO\x02\0\0\0" "SNI\0\x0b\0\0\0" "UAID\x11\0\0\0" "example.org" "crane9";
	kit_open(&kit, QW_PROTO_UDP, 443);
	kit_feed(&kit, QW_TO_SERVER, hello, sizeof(hello) - 1);
	assert_string_equal(kit_text(&kit, QW_BUFFER_QUIC_SNI), "example.org");
	assert_string_equal(kit_text(&kit, QW_BUFFER_QUIC_UA), "crane9");
	assert_string_equal(kit_text(&kit, QW_BUFFER_QUIC_VERSION), "Q043");
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_those_of_rfc_9001),
		cmocka_unit_test(keys_of_version_2_are_those_of_rfc_9369),
		cmocka_unit_test(the_packet_of_rfc_9001_is_opened),
		cmocka_unit_test(a_hello_in_pieces_of_any_order_is_put_together),
		cmocka_unit_test(the_server_hello_ends_the_open_part),
		cmocka_unit_test(crypto_data_beyond_the_bound_is_refused_and_counted),
		cmocka_unit_test(a_damaged_packet_is_waited_out),
		cmocka_unit_test(google_quic_shows_its_hello),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/protocol_kit.h"

#include "quaywatch/digest.h"
#include "quaywatch/ot.h"
#include "sensor/protocol/certificate.h"
#include "sensor/protocol/ja3.h"
#include "sensor/protocol/ja4.h"

/* Bytes under construction. */
struct draft {
	uint8_t at[8192];
	size_t len;
};

static void put(struct draft *draft, const void *data, size_t len)
{
	assert_true(len <= sizeof(draft->at) - draft->len);
	memcpy(draft->at + draft->len, data, len);
	draft->len += len;
}

#define PUT(draft, literal) put(draft, literal, sizeof(literal) - 1)

static void put16(struct draft *draft, size_t value)
{
	put(draft, (uint8_t[]){(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

static void put_list(struct draft *draft, const uint16_t *values, size_t count)
{
	put16(draft, 2 * count);
	for (size_t i = 0; i < count; i++)
		put16(draft, values[i]);
}

static void put_extension(struct draft *draft, uint16_t type, const void *body, size_t len)
{
	put16(draft, type);
	put16(draft, len);
	put(draft, body, len);
}

#define EXTENSION(draft, type, literal) put_extension(draft, type, literal, sizeof(literal) - 1)

/* A handshake message in records of at most `part` bytes. */
static void put_records(struct draft *out, uint8_t type, const struct draft *body, size_t part)
{
	struct draft message = {.len = 0};
	put(&message, (uint8_t[]){type, 0}, 2);
	put16(&message, body->len);
	put(&message, body->at, body->len);
	for (size_t done = 0; done < message.len;) {
		size_t len = message.len - done < part ? message.len - done : part;
		PUT(out, "\x16\x03\x01");
		put16(out, len);
		put(out, message.at + done, len);
		done += len;
	}
}

/* The browser that FoxIO's description of JA4 takes apart. */
static void chrome_hello(struct draft *body)
{
	static const uint16_t ciphers[] = {0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
					   0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
	struct draft extensions = {.len = 0};
	body->len = 0;
	PUT(body, "\x03\x03" "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr" "\x04" "sess");
	put_list(body, ciphers, sizeof(ciphers) / sizeof(*ciphers));
	PUT(body, "\x01\x00");
	EXTENSION(&extensions, 0x5a5a, "");
	EXTENSION(&extensions, 0x001b, "\x02\x00\x02");
	EXTENSION(&extensions, 0x0000, "\x00\x12\x00\x00\x0f" "www.example.com");
	EXTENSION(&extensions, 0x0033, "\x00\x00");
	EXTENSION(&extensions, 0x0010, "\x00\x0c\x02h2\x08http/1.1");
	EXTENSION(&extensions, 0x4469, "\x00\x03\x02h2");
	EXTENSION(&extensions, 0x0017, "");
	EXTENSION(&extensions, 0x002d, "\x01\x01");
	EXTENSION(&extensions, 0x000d, "\x00\x10\x04\x03\x08\x04\x04\x01\x05\x03\x08\x05\x05\x01\x08\x06\x06\x01");
	EXTENSION(&extensions, 0x0005, "\x01\x00\x00\x00\x00");
	EXTENSION(&extensions, 0x0023, "");
	EXTENSION(&extensions, 0x0012, "");
	EXTENSION(&extensions, 0x002b, "\x06\x7a\x7a\x03\x04\x03\x03");
	EXTENSION(&extensions, 0xff01, "\x00");
	EXTENSION(&extensions, 0x000b, "\x01\x00");
	EXTENSION(&extensions, 0x000a, "\x00\x08\x1a\x1a\x00\x1d\x00\x17\x00\x18");
	EXTENSION(&extensions, 0x0015, "\x00\x00\x00");
	put16(body, extensions.len);
	put(body, extensions.at, extensions.len);
}

static void server_hello(struct draft *body, bool tls13)
{
	body->len = 0;
	PUT(body, "\x03\x03" "SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS" "\x00");
	put16(body, tls13 ? 0x1301 : 0xc02f);
	PUT(body, "\x00");
	if (tls13)
		PUT(body, "\x00\x06\x00\x2b\x00\x02\x03\x04");
	else
		PUT(body, "\x00\x05\xff\x01\x00\x01\x00");
}

#define NAME_C "\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02" "NL"
#define NAME_O "\x31\x0f\x30\x0d\x06\x03\x55\x04\x0a\x0c\x06" "Berths"
#define NAME_CN "\x31\x14\x30\x12\x06\x03\x55\x04\x03\x0c\x0b" "example.com"
#define NAME_ODD "\x31\x08\x30\x06\x06\x02\x2a\x03\x13\x00"

static const char certificate[] =
	"\x30\x63" "\x30\x61" "\xa0\x03\x02\x01\x02" "\x02\x03\x00\xa1\x5b" "\x30\x02\x05\x00"
	"\x30\x1e" NAME_C NAME_O "\x30\x02\x05\x00" "\x30\x2d" NAME_C NAME_CN NAME_ODD;

static void put_certificates(struct draft *out)
{
	struct draft body = {.len = 0};
	size_t one = sizeof(certificate) - 1;
	PUT(&body, "\x00");
	put16(&body, 2 * (3 + one));
	for (int i = 0; i < 2; i++) {
		PUT(&body, "\x00");
		put16(&body, one);
		put(&body, certificate, one);
	}
	put_records(out, 11, &body, 50);
}

/* ---- fingerprints */

static void assert_ja3(const char *text, const char *md5)
{
	uint8_t digest[QW_MD5_BYTES], expected[QW_MD5_BYTES];
	assert_true(qw_hex_decode(md5, 32, expected));
	qw_md5(text, strlen(text), digest);
	assert_memory_equal(digest, expected, sizeof(digest));
}

static void ja3_leaves_grease_out_and_keeps_the_order(void **state)
{
	struct draft body;
	struct qw_tls_hello hello;
	char memory[QW_JA3_TEXT_MAX];
	struct qw_text text;
	chrome_hello(&body);
	assert_int_equal(qw_tls_client_hello(&hello, qw_bytes(body.at, body.len)), QW_OK);
	qw_text_init(&text, memory, sizeof(memory));
	qw_ja3_client(&text, &hello);
	assert_string_equal(qw_text_string(&text),
			    "771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,"
			    "27-0-51-16-17513-23-45-13-5-35-18-43-65281-11-10-21,29-23-24,0");
}

/* Both pairs are those of the document that introduced JA3. */
static void ja3_of_the_published_clients_is_the_published_one(void **state)
{
	static const uint16_t ciphers[] = {47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4};
	struct draft body = {.len = 0};
	struct qw_tls_hello hello;
	char memory[QW_JA3_TEXT_MAX];
	struct qw_text text;
	PUT(&body, "\x03\x01" "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr" "\x00");
	put_list(&body, ciphers, sizeof(ciphers) / sizeof(*ciphers));
	PUT(&body, "\x01\x00\x00\x1f");
	EXTENSION(&body, 0, "\x00\x05\x00\x00\x02" "qw");
	EXTENSION(&body, 10, "\x00\x06\x00\x17\x00\x18\x00\x19");
	EXTENSION(&body, 11, "\x01\x00");
	assert_int_equal(qw_tls_client_hello(&hello, qw_bytes(body.at, body.len)), QW_OK);
	qw_text_init(&text, memory, sizeof(memory));
	qw_ja3_client(&text, &hello);
	assert_ja3(qw_text_string(&text), "ada70206e40642a3e4461f35503241d5");
	assert_ja3("769,4-5-10-9-100-98-3-6-19-18-99,,,", "de350869b8c85de67a350c8d186f11e6");
}

static void ja4_of_the_described_client_is_the_described_one(void **state)
{
	struct draft body;
	struct qw_tls_hello hello;
	char ja4[QW_JA4_LEN + 1] = {0};
	chrome_hello(&body);
	assert_int_equal(qw_tls_client_hello(&hello, qw_bytes(body.at, body.len)), QW_OK);
	assert_int_equal(qw_ja4(ja4, &hello, 't'), QW_OK);
	assert_string_equal(ja4, "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

static void ja4_of_a_bare_hello_has_zeros_for_what_is_not_there(void **state)
{
	struct qw_tls_hello hello = {.version = QW_TLS_12};
	char ja4[QW_JA4_LEN + 1] = {0};
	assert_int_equal(qw_ja4(ja4, &hello, 'q'), QW_OK);
	assert_string_equal(ja4, "q12i000000_000000000000_000000000000");
}

/* ---- connections */

static void a_handshake_is_the_same_however_it_is_cut(void **state)
{
	struct draft body, client = {.len = 0}, server = {.len = 0};
	struct kit kit;
	uint8_t sha1[QW_SHA1_BYTES];
	chrome_hello(&body);
	put_records(&client, 1, &body, 100);
	server_hello(&body, false);
	put_records(&server, 2, &body, 1000);
	put_certificates(&server);
	PUT(&server, "\x14\x03\x03\x00\x01\x01" "\x16\x03\x03\x00\x08" "\x0b\x00\x00\x04" "dark");
	const struct kit_piece pieces[] = {
		{QW_TO_SERVER, client.at, client.len}, {QW_TO_CLIENT, server.at, server.len}, {0}};

	kit_play_all_ways(&kit, QW_PROTO_TCP, 4433, pieces);
	assert_int_equal(kit.flow.app, QW_APP_TLS);
	assert_string_equal(kit_text(&kit, QW_BUFFER_TLS_SNI), "www.example.com");
	assert_sighted(&kit, QW_SIGHT_NAME, "www.example.com");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_TLS_ALPN, 1), "http/1.1");
	assert_int_equal(kit_number(&kit, QW_BUFFER_TLS_VERSION, 0), QW_TLS_13);
	assert_int_equal(kit_number(&kit, QW_BUFFER_TLS_VERSION, 1), QW_TLS_12);
	assert_string_equal(kit_text(&kit, QW_BUFFER_JA3S_STRING), "771,49199,65281");
	assert_sighted(&kit, QW_SIGHT_JA4, "t13d1516h2_8daaf6152771_e5627efa2ab1");
	assert_string_equal(kit_text(&kit, QW_BUFFER_TLS_CERT_SUBJECT), "C=NL, CN=example.com, 1.2.3=");
	assert_string_equal(kit_text(&kit, QW_BUFFER_TLS_CERT_ISSUER), "C=NL, O=Berths");
	assert_string_equal(kit_text(&kit, QW_BUFFER_TLS_CERT_SERIAL), "00:A1:5B");
	assert_int_equal(kit_number(&kit, QW_BUFFER_TLS_STATE, 0), 1);
	assert_int_equal(kit_number(&kit, QW_BUFFER_TLS_STATE, 1), 2);
	assert_int_equal(kit_number(&kit, QW_BUFFER_TLS_CHAIN_LEN, 0), 2);
	assert_non_null(kit_nth(&kit, QW_BUFFER_TLS_CERTS, 1));
	assert_null(kit_nth(&kit, QW_BUFFER_TLS_CERTS, 2));
	qw_sha1(certificate, sizeof(certificate) - 1, sha1);
	assert_true(kit_sighted(&kit, QW_SIGHT_CERT_SHA1, sha1, sizeof(sha1)));
	assert_int_equal(kit.details, 1);
	kit_close(&kit);
}

static void a_flow_gone_dark_gives_its_parser_back(void **state)
{
	struct draft body, client = {.len = 0}, server = {.len = 0};
	struct kit kit;
	struct qw_parser_counters counters;
	chrome_hello(&body);
	put_records(&client, 1, &body, 5000);
	server_hello(&body, true);
	put_records(&server, 2, &body, 5000);
	kit_open(&kit, QW_PROTO_TCP, 443);
	kit_feed(&kit, QW_TO_SERVER, client.at, client.len);
	kit_feed(&kit, QW_TO_CLIENT, server.at, server.len);
	assert_int_equal(kit.details, 1);
	assert_false(kit.flow.flags & QW_FLOW_ENCRYPTED);
	kit_feed(&kit, QW_TO_SERVER, "\x14\x03\x03\x00\x01\x01", 6);
	assert_true(kit.flow.flags & QW_FLOW_ENCRYPTED);
	qw_parser_counters(kit.pool, &counters);
	assert_int_equal(counters.in_use, 0);
	assert_int_equal(counters.bytes, 0);
	kit_close(&kit);
}

static void a_retry_request_is_not_taken_for_the_answer(void **state)
{
	struct draft body, server = {.len = 0}, client = {.len = 0};
	struct kit kit;
	static const uint8_t retry[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
					  0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
					  0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
	chrome_hello(&body);
	put_records(&client, 1, &body, 5000);
	server_hello(&body, true);
	memcpy(body.at + 2, retry, sizeof(retry));
	put_records(&server, 2, &body, 5000);
	PUT(&server, "\x14\x03\x03\x00\x01\x01");
	kit_open(&kit, QW_PROTO_TCP, 443);
	kit_feed(&kit, QW_TO_SERVER, client.at, client.len);
	kit_feed(&kit, QW_TO_CLIENT, server.at, server.len);
	kit_feed(&kit, QW_TO_SERVER, client.at, client.len);
	assert_null(kit_text(&kit, QW_BUFFER_JA3S_HASH));
	server.len = 0;
	server_hello(&body, true);
	put_records(&server, 2, &body, 5000);
	kit_feed(&kit, QW_TO_CLIENT, server.at, server.len);
	assert_string_equal(kit_text(&kit, QW_BUFFER_JA3S_STRING), "771,4865,43");
	assert_null(kit_nth(&kit, QW_BUFFER_TLS_SNI, 1));
	kit_close(&kit);
}

static void what_is_no_record_stops_the_parser(void **state)
{
	struct draft body, client = {.len = 0};
	struct kit kit;
	chrome_hello(&body);
	put_records(&client, 1, &body, 5000);
	kit_open(&kit, QW_PROTO_TCP, 443);
	kit_feed(&kit, QW_TO_SERVER, client.at, client.len);
	kit_feed(&kit, QW_TO_SERVER, "GET / HTTP/1.0\r\n", 16);
	assert_true(kit.flow.flags & QW_FLOW_NO_PARSER);
	kit_close(&kit);
}

static void a_message_too_long_is_passed_over_and_counted(void **state)
{
	struct draft body, client = {.len = 0}, server = {.len = 0};
	struct kit kit;
	struct qw_parser_counters counters;
	chrome_hello(&body);
	put_records(&client, 1, &body, 5000);
	server_hello(&body, false);
	put_records(&server, 2, &body, 5000);
	kit_open(&kit, QW_PROTO_TCP, 443);
	kit_feed(&kit, QW_TO_SERVER, client.at, client.len);
	kit_feed(&kit, QW_TO_CLIENT, server.at, server.len);
	uint8_t *record = calloc(1, 5 + 16384);
	assert_non_null(record);
	for (int i = 0; i < 16; i++) {
		memcpy(record, "\x16\x03\x03\x40\x00", 5);
		memcpy(record + 5, i == 0 ? "\x0b\x03\xff\xf4" : "\0\0\0\0", 4);
		if (i == 15)
			memcpy(record + 5 + 16384 - 8, "\x0e\0\0\4", 4);
		kit_feed(&kit, QW_TO_CLIENT, record, 5 + 16384);
	}
	free(record);
	server.len = 0;
	put_certificates(&server);
	kit_feed(&kit, QW_TO_CLIENT, server.at, server.len);
	qw_parser_counters(kit.pool, &counters);
	assert_int_equal(counters.cut, 1);
	assert_string_equal(kit_text(&kit, QW_BUFFER_TLS_CERT_SERIAL), "00:A1:5B");
	kit_close(&kit);
}

/* Valid from 2049 (of two digits) to the end of 9999, with names of every kind. */
static const char dated[] =
	"0\x82\x01\x07\x30\x81\xef\xa0\x03\x02\x01\x02\x02\x03\x00\xa1[0\x0d\x06\x09*\x86H\x86\xf7\x0d\x01"
	"\x01\x0b\x05\x00\x30\x0d\x31\x0b\x30\x09\x06\x03U\x04\x03\x0c\x02\x43\x41\x30 \x17\x0d\x34\x39\x30"
	"\x31\x30\x31\x30\x30\x30\x30\x30\x30Z\x18\x0f\x39\x39\x39\x39\x31\x32\x33\x31\x32\x33\x35\x39\x35"
	"\x39Z0\x0f\x31\x0d\x30\x0b\x06\x03U\x04\x03\x0c\x04port0\x15\x30\x0d\x06\x09*\x86H\x86\xf7\x0d\x01"
	"\x01\x0b\x05\x00\x03\x04\x00key\xa3{0y0\x0c\x06\x03U\x1d\x13\x01\x01\xff\x04\x02\x30\x00\x30i\x06"
	"\x03U\x1d\x11\x01\x01\xff\x04_0]\x82\x0e\x61.port.example\x87\x04\xc0\x00\x02\x01\x81\x0fot@port.exa"
	"mple\x87\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x88\x01*\x86\x12https:/"
	"/b.example/\x82\x0b*.c.example0\x0d\x06\x09*\x86H\x86\xf7\x0d\x01\x01\x0b\x05\x00\x03\x04\x00sig";

static void a_certificate_tells_its_dates_and_other_names(void **state)
{
	static const char *const names[] = {"a.port.example", "192.0.2.1", "ot@port.example", "::1", "https://b.example/",
					    "*.c.example"};
	struct qw_certificate shown;
	struct qw_slice name;
	char memory[QW_CERTIFICATE_ALTERNATIVE_MAX];
	assert_int_equal(qw_certificate_parse(&shown, qw_bytes(dated, sizeof(dated) - 1)), QW_OK);
	assert_int_equal(shown.not_before, 2493072000);
	assert_int_equal(shown.not_after, 253402300799);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_true(qw_certificate_alternative(&shown.alternatives, memory, &name));
		assert_int_equal(name.len, strlen(names[i]));
		assert_memory_equal(name.data, names[i], name.len);
	}
	assert_false(qw_certificate_alternative(&shown.alternatives, memory, &name));
}

static void a_hello_of_ssl_2_tells_its_version(void **state)
{
	struct kit kit;
	kit_open(&kit, QW_PROTO_TCP, 443);
	kit_feed(&kit, QW_TO_SERVER, "\x80\x2e\x01\x00\x02 and so on", 14);
	assert_int_equal(kit_number(&kit, QW_BUFFER_TLS_VERSION, 0), 2);
	assert_int_equal(kit_number(&kit, QW_BUFFER_TLS_STATE, 0), 1);
	kit_close(&kit);
}

struct engineering {
	unsigned told, messages;
};

static void count_engineering(void *ctx, struct qw_flow *flow, const struct qw_message *message)
{
	struct engineering *seen = ctx;
	const struct qw_ot_detail *detail = message->detail;
	seen->messages++;
	if (message->app != QW_APP_S7COMM_PLUS)
		return;
	assert_string_equal(detail->protocol, "s7comm-plus");
	assert_string_equal(detail->kind, "engineering-session");
	assert_false(detail->response);
	assert_int_equal(message->direction, QW_TO_SERVER);
	seen->told++;
}

/* How often it is told of a hello there, and while that is wanted. */
static unsigned engineering_at(uint16_t port, uint32_t wants, const struct draft *hello)
{
	struct engineering seen = {0};
	const struct qw_message_sink sink = {&seen, count_engineering};
	struct kit kit;
	kit_open(&kit, QW_PROTO_TCP, port);
	qw_parser_pool_want_ot(kit.pool, wants);
	qw_parser_choose(kit.pool, &kit.flow, QW_TO_SERVER, hello->at, hello->len);
	qw_parser_feed(&kit.flow, QW_TO_SERVER, hello->at, hello->len, &sink);
	assert_int_equal(kit.flow.app, QW_APP_TLS);
	assert_true(seen.messages);
	kit_close(&kit);
	return seen.told;
}

static void a_hello_to_a_controller_is_engineering_while_somebody_asks(void **state)
{
	struct draft body, hello = {.len = 0};
	chrome_hello(&body);
	put_records(&hello, 1, &body, 1000);
	assert_int_equal(engineering_at(102, QW_OT_WANT_EVENTS, &hello), 1);
	assert_int_equal(engineering_at(102, 0, &hello), 0);
	assert_int_equal(engineering_at(443, QW_OT_WANT_EVENTS, &hello), 0);
	put_records(&hello, 1, &body, 1000);
	assert_int_equal(engineering_at(102, QW_OT_WANT_EVENTS, &hello), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_tells_its_dates_and_other_names),
		cmocka_unit_test(a_hello_of_ssl_2_tells_its_version),
		cmocka_unit_test(a_hello_to_a_controller_is_engineering_while_somebody_asks),
		cmocka_unit_test(ja3_leaves_grease_out_and_keeps_the_order),
		cmocka_unit_test(ja3_of_the_published_clients_is_the_published_one),
		cmocka_unit_test(ja4_of_the_described_client_is_the_described_one),
		cmocka_unit_test(ja4_of_a_bare_hello_has_zeros_for_what_is_not_there),
		cmocka_unit_test(a_handshake_is_the_same_however_it_is_cut),
		cmocka_unit_test(a_flow_gone_dark_gives_its_parser_back),
		cmocka_unit_test(a_retry_request_is_not_taken_for_the_answer),
		cmocka_unit_test(what_is_no_record_stops_the_parser),
		cmocka_unit_test(a_message_too_long_is_passed_over_and_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

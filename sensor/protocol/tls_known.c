/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/tls_known.h"

#include "quaywatch/digest.h"
#include "sensor/protocol/certificate.h"
#include "sensor/protocol/ja3.h"
#include "sensor/protocol/ja4.h"

enum { ALPN_MAX = 8, SERIAL_MAX = 64 };

static void add_text(void *state, struct qw_known *known, enum qw_buffer buffer, const struct qw_text *text)
{
	if (text->cut)
		qw_parser_cut(state);
	else
		qw_known_add(state, known, buffer, QW_SIGHT_NONE, qw_slice(text->at, text->len));
}

static void add_ja3(void *state, struct qw_known *known, const struct qw_text *text, enum qw_buffer string,
		    enum qw_buffer hash)
{
	uint8_t digest[QW_MD5_BYTES];
	char hex[2 * QW_MD5_BYTES];
	struct qw_text digits;
	if (text->cut) {
		qw_parser_cut(state);
		return;
	}
	qw_md5(text->at, text->len, digest);
	qw_text_init(&digits, hex, sizeof(hex));
	qw_text_hex(&digits, digest, sizeof(digest));
	add_text(state, known, hash, &digits);
	add_text(state, known, string, text);
	qw_known_add(state, known, QW_BUFFER_COUNT, QW_SIGHT_JA3, qw_slice(digest, sizeof(digest)));
}

static void add_alpn(void *state, struct qw_known *known, struct qw_slice list, enum qw_buffer buffer)
{
	struct qw_bytes in = qw_bytes(list.data, list.len), name;
	for (int i = 0; buffer != QW_BUFFER_COUNT && qw_tls_alpn_next(&in, &name); i++) {
		if (i == ALPN_MAX) {
			qw_parser_cut(state);
			return;
		}
		qw_known_add(state, known, buffer, QW_SIGHT_NONE, qw_slice(name.at, name.left));
	}
}

static void add_number(void *state, struct qw_known *known, uint64_t value, enum qw_buffer buffer)
{
	if (buffer != QW_BUFFER_COUNT)
		qw_known_add(state, known, buffer, QW_SIGHT_NONE, qw_slice(&value, sizeof(value)));
}

static void add_random(void *state, struct qw_known *known, struct qw_slice random, enum qw_buffer buffer)
{
	if (buffer != QW_BUFFER_COUNT)
		qw_known_add(state, known, buffer, QW_SIGHT_NONE, random);
}

void qw_tls_known_client(void *state, struct qw_known *known, const struct qw_tls_hello *hello,
			 const struct qw_tls_buffers *buffers)
{
	char memory[QW_JA3_TEXT_MAX], ja4[QW_JA4_LEN];
	struct qw_text ja3;
	qw_known_add(state, known, buffers->server_name, QW_SIGHT_NAME, hello->server_name);
	add_alpn(state, known, hello->alpn, buffers->alpn);
	add_number(state, known, qw_tls_hello_version(hello), buffers->version);
	add_random(state, known, hello->random, buffers->random);
	qw_text_init(&ja3, memory, sizeof(memory));
	qw_ja3_client(&ja3, hello);
	add_ja3(state, known, &ja3, QW_BUFFER_JA3_STRING, QW_BUFFER_JA3_HASH);
	if (qw_ja4(ja4, hello, buffers->transport) == QW_OK)
		qw_known_add(state, known, QW_BUFFER_JA4_HASH, QW_SIGHT_JA4, qw_slice(ja4, sizeof(ja4)));
	else
		qw_parser_cut(state);
}

void qw_tls_known_server(void *state, struct qw_known *known, const struct qw_tls_hello *hello,
			 const struct qw_tls_buffers *buffers)
{
	char memory[QW_JA3_TEXT_MAX];
	struct qw_text ja3s;
	add_alpn(state, known, hello->alpn, buffers->alpn);
	add_number(state, known, qw_tls_hello_version(hello), buffers->version);
	add_random(state, known, hello->random, buffers->random);
	qw_text_init(&ja3s, memory, sizeof(memory));
	qw_ja3_server(&ja3s, hello);
	add_ja3(state, known, &ja3s, QW_BUFFER_JA3S_STRING, QW_BUFFER_JA3S_HASH);
}

static void add_name(void *state, struct qw_known *known, struct qw_bytes name, enum qw_buffer buffer)
{
	char memory[QW_CERTIFICATE_NAME_MAX];
	struct qw_text text;
	qw_text_init(&text, memory, sizeof(memory));
	qw_certificate_name(&text, name);
	add_text(state, known, buffer, &text);
}

static void add_colon_hex(void *state, struct qw_known *known, struct qw_slice bytes, bool upper, enum qw_buffer buffer)
{
	char memory[3 * SERIAL_MAX];
	struct qw_text text;
	qw_text_init(&text, memory, sizeof(memory));
	qw_text_colon_hex(&text, bytes, upper);
	add_text(state, known, buffer, &text);
}

static void add_times(void *state, struct qw_known *known, const struct qw_certificate *certificate, struct qw_time now)
{
	if (certificate->not_before)
		add_number(state, known, (uint64_t)certificate->not_before, QW_BUFFER_TLS_NOT_BEFORE);
	if (certificate->not_after == 0)
		return;
	add_number(state, known, (uint64_t)certificate->not_after, QW_BUFFER_TLS_NOT_AFTER);
	add_number(state, known, now.ns / QW_NS_PER_S > certificate->not_after, QW_BUFFER_TLS_EXPIRED);
}

struct qw_bytes qw_tls_known_certificate(void *state, struct qw_known *known, struct qw_bytes der, struct qw_time now)
{
	struct qw_certificate certificate;
	uint8_t digest[QW_SHA1_BYTES];
	qw_sha1(der.at, der.left, digest);
	add_colon_hex(state, known, qw_slice(digest, sizeof(digest)), false, QW_BUFFER_TLS_CERT_FINGERPRINT);
	if (qw_certificate_parse(&certificate, der) != QW_OK)
		return qw_bytes(NULL, 0);
	add_name(state, known, certificate.subject, QW_BUFFER_TLS_CERT_SUBJECT);
	add_name(state, known, certificate.issuer, QW_BUFFER_TLS_CERT_ISSUER);
	add_colon_hex(state, known, certificate.serial, true, QW_BUFFER_TLS_CERT_SERIAL);
	add_times(state, known, &certificate, now);
	return certificate.alternatives;
}

void qw_tls_detail(struct qw_tls_detail *out, const struct qw_known known[2])
{
	const struct qw_known *client = &known[QW_TO_SERVER], *server = &known[QW_TO_CLIENT];
	struct qw_slice chosen = qw_known_find(server, QW_BUFFER_TLS_ALPN);
	struct qw_slice name = qw_known_find(client, QW_BUFFER_TLS_SNI);
	*out = (struct qw_tls_detail){
		.sni = name.data ? name : qw_known_find(client, QW_BUFFER_QUIC_SNI),
		.alpn = chosen.data ? chosen : qw_known_find(client, QW_BUFFER_TLS_ALPN),
		.ja3 = qw_known_find(client, QW_BUFFER_JA3_HASH),
		.ja3_string = qw_known_find(client, QW_BUFFER_JA3_STRING),
		.ja3s = qw_known_find(server, QW_BUFFER_JA3S_HASH),
		.ja3s_string = qw_known_find(server, QW_BUFFER_JA3S_STRING),
		.ja4 = qw_known_find(client, QW_BUFFER_JA4_HASH),
		.subject = qw_known_find(server, QW_BUFFER_TLS_CERT_SUBJECT),
		.issuer = qw_known_find(server, QW_BUFFER_TLS_CERT_ISSUER),
		.serial = qw_known_find(server, QW_BUFFER_TLS_CERT_SERIAL),
		.fingerprint = qw_known_find(server, QW_BUFFER_TLS_CERT_FINGERPRINT),
	};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/tls_hello.h"

enum { TLS_13_DRAFT = 0x7f }; /* in the upper byte of the version */

/* RFC 8446, 4.1.3: the random of a ServerHello that asks for another ClientHello. */
static const uint8_t RETRY_RANDOM[32] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

static struct qw_slice slice_of(struct qw_bytes bytes)
{
	return qw_slice(bytes.at, bytes.left);
}

/* A list behind a length of 8 or 16 bits; one that is longer than its extension ends with it. */
static struct qw_slice list8(struct qw_bytes in)
{
	uint8_t len;
	if (!qw_bytes_u8(&in, &len))
		return qw_slice(NULL, 0);
	qw_bytes_limit(&in, len);
	return slice_of(in);
}

static struct qw_slice list16(struct qw_bytes in)
{
	uint16_t len;
	if (!qw_bytes_be16(&in, &len))
		return qw_slice(NULL, 0);
	qw_bytes_limit(&in, len);
	return slice_of(in);
}

/* The first host name of the list. */
static struct qw_slice server_name(struct qw_tls_hello *hello, struct qw_bytes in)
{
	struct qw_slice list = list16(in);
	if (in.left >= 2 && qw_be16(in.at) != in.left - 2)
		hello->name_flaws |= QW_TLS_NAME_LENGTH;
	struct qw_bytes names = qw_bytes(list.data, list.len), name;
	uint8_t type;
	uint16_t len;
	while (qw_bytes_u8(&names, &type) && qw_bytes_be16(&names, &len) && qw_bytes_take(&names, len, &name)) {
		if (type == 0)
			return slice_of(name);
		hello->name_flaws |= QW_TLS_NAME_TYPE;
	}
	if (list.len)
		hello->name_flaws |= QW_TLS_NAME_LENGTH;
	return qw_slice(NULL, 0);
}

static void extension(struct qw_tls_hello *hello, uint16_t type, struct qw_bytes body, bool client)
{
	switch (type) {
	case QW_TLS_EXT_SERVER_NAME:
		hello->name_flaws |= hello->names_server ? QW_TLS_NAME_TWICE : 0;
		hello->names_server = true;
		hello->server_name = server_name(hello, body);
		break;
	case QW_TLS_EXT_GROUPS: hello->groups = list16(body); break;
	case QW_TLS_EXT_POINT_FORMATS: hello->point_formats = list8(body); break;
	case QW_TLS_EXT_SIGNATURES: hello->signatures = list16(body); break;
	case QW_TLS_EXT_ALPN: hello->alpn = list16(body); break;
	case QW_TLS_EXT_VERSIONS: hello->versions = client ? list8(body) : slice_of(body); break;
	default: break;
	}
}

/* Extensions that end early count as far as they go. */
static void extensions(struct qw_tls_hello *hello, struct qw_bytes *in, bool client)
{
	struct qw_bytes body;
	uint16_t len, type;
	if (!qw_bytes_be16(in, &len))
		return;
	qw_bytes_limit(in, len);
	hello->extensions = slice_of(*in);
	while (qw_tls_extension_next(in, &type, &body))
		extension(hello, type, body, client);
}

static bool start(struct qw_tls_hello *out, struct qw_bytes *body)
{
	struct qw_bytes random;
	*out = (struct qw_tls_hello){0};
	if (!qw_bytes_be16(body, &out->version) || !qw_bytes_take(body, 32, &random))
		return false;
	out->random = slice_of(random);
	return true;
}

static bool session(struct qw_tls_hello *out, struct qw_bytes *body)
{
	struct qw_bytes bytes;
	uint8_t len;
	if (!qw_bytes_u8(body, &len) || !qw_bytes_take(body, len, &bytes))
		return false;
	out->session = slice_of(bytes);
	return true;
}

enum qw_err qw_tls_client_hello(struct qw_tls_hello *out, struct qw_bytes body)
{
	struct qw_bytes ciphers;
	uint16_t ciphers_len;
	uint8_t compressions;
	if (!start(out, &body) || !session(out, &body) || !qw_bytes_be16(&body, &ciphers_len) || 
	    !qw_bytes_take(&body, ciphers_len, &ciphers) || !qw_bytes_u8(&body, &compressions) ||
	    !qw_bytes_skip(&body, compressions))
		return QW_ETRUNC;
	out->ciphers = slice_of(ciphers);
	extensions(out, &body, true);
	return QW_OK;
}

enum qw_err qw_tls_server_hello(struct qw_tls_hello *out, struct qw_bytes body)
{
	if (!start(out, &body))
		return QW_ETRUNC;
	/* Drafts of TLS 1.3 up to 21 had neither session nor compression here. */
	bool draft = out->version >> 8 == TLS_13_DRAFT;
	if ((!draft && !session(out, &body)) || !qw_bytes_be16(&body, &out->cipher) ||
	    (!draft && !qw_bytes_skip(&body, 1)))
		return QW_ETRUNC;
	out->retry = memcmp(out->random.data, RETRY_RANDOM, sizeof(RETRY_RANDOM)) == 0;
	extensions(out, &body, false);
	return QW_OK;
}

uint16_t qw_tls_hello_version(const struct qw_tls_hello *hello)
{
	struct qw_bytes in = qw_bytes(hello->versions.data, hello->versions.len);
	uint16_t highest = 0, version;
	while (qw_bytes_be16(&in, &version)) {
		if (!qw_tls_is_grease(version) && version > highest)
			highest = version;
	}
	return highest ? highest : hello->version;
}

const char *qw_tls_version_name(uint16_t version)
{
	switch (version) {
	case QW_SSL_3: return "SSLv3";
	case QW_TLS_10: return "TLSv1";
	case QW_TLS_11: return "TLS 1.1";
	case QW_TLS_12: return "TLS 1.2";
	case QW_TLS_13: return "TLS 1.3";
	default: return version >> 8 == TLS_13_DRAFT ? "TLS 1.3 draft" : "UNDETERMINED";
	}
}

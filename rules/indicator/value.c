/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/value.h"

#include <ctype.h>
#include <strings.h>

#include "quaywatch/address.h"
#include "rules/indicator/name.h"

static enum qw_err refuse(struct qw_value *out, const char *why)
{
	out->why = why;
	return QW_EFORMAT;
}

static struct qw_slice from(struct qw_slice in, size_t at)
{
	return qw_slice(in.data + at, in.len - at);
}

/* The place of c, or the length. */
static size_t find(struct qw_slice in, char c)
{
	const uint8_t *at = in.len ? memchr(in.data, c, in.len) : NULL;
	return at ? (size_t)(at - in.data) : in.len;
}

bool qw_value_split_port(struct qw_slice *host, uint16_t *port)
{
	size_t at = host->len;
	uint32_t value = 0, unit = 1;

	*port = 0;
	while (at > 0 && host->len - at < 5 && isdigit(host->data[at - 1])) {
		value += (uint32_t)(host->data[--at] - '0') * unit;
		unit *= 10;
	}
	if (at == host->len || at == 0 || host->data[at - 1] != ':' || value == 0 || value > 65535)
		return false;
	*port = (uint16_t)value;
	host->len = at - 1;
	return true;
}

struct qw_slice qw_value_split_scheme(struct qw_slice *in)
{
	size_t at = 0;
	while (at < in->len && (isalnum(in->data[at]) || strchr("+-.", in->data[at])) && in->data[at])
		at++;
	if (at == 0 || in->len - at < 3 || memcmp(in->data + at, "://", 3) != 0)
		return qw_slice(in->data, 0);
	struct qw_slice scheme = qw_slice(in->data, at);
	*in = from(*in, at + 3);
	return scheme;
}

static bool parse_address(struct qw_slice in, struct qw_address *out)
{
	if (in.len > 2 && in.data[0] == '[' && in.data[in.len - 1] == ']')
		in = qw_slice(in.data + 1, in.len - 2);
	return qw_address_parse((const char *)in.data, in.len, out);
}

static enum qw_err make_prefix(struct qw_value *out, struct qw_slice in)
{
	struct qw_prefix prefix;
	if (!qw_prefix_parse((const char *)in.data, in.len, &prefix))
		return refuse(out, "no address block");
	bool v4 = qw_address_is_v4(&prefix.address) && prefix.bits >= 96;
	unsigned bits = v4 ? prefix.bits - 96u : prefix.bits;
	if (bits == 0)
		return refuse(out, "a block that holds every address");
	qw_text_address(out->text, &prefix.address);
	out->type = prefix.bits == 128 ? QW_OBS_IP : QW_OBS_CIDR;
	if (out->type == QW_OBS_CIDR) {
		qw_text_char(out->text, '/');
		qw_text_u64(out->text, bits);
	}
	return QW_OK;
}

static void put_address_port(struct qw_text *text, const struct qw_address *address, uint16_t port)
{
	bool brackets = !qw_address_is_v4(address) && port;
	if (brackets)
		qw_text_char(text, '[');
	qw_text_address(text, address);
	if (brackets)
		qw_text_char(text, ']');
	if (port) {
		qw_text_char(text, ':');
		qw_text_u64(text, port);
	}
}

enum qw_err qw_value_address(struct qw_value *out, struct qw_slice in)
{
	struct qw_address address;
	uint16_t port = 0;

	if (find(in, '/') < in.len)
		return make_prefix(out, in);
	if (!parse_address(in, &address)) {
		struct qw_slice host = in;
		if (!qw_value_split_port(&host, &port) || !parse_address(host, &address))
			return refuse(out, "no address");
	}
	put_address_port(out->text, &address, port);
	out->type = port ? QW_OBS_IP_PORT : QW_OBS_IP;
	return QW_OK;
}

static bool looks_like_address(struct qw_slice in)
{
	return in.len && (find(in, ':') < in.len || isdigit(in.data[in.len - 1]));
}

/*
 * "domain:port" is the domain: names are seen where ports are not (DNS), and
 * who owns a bad name owns all its ports.
 */
enum qw_err qw_value_name(struct qw_value *out, struct qw_slice in)
{
	struct qw_slice whole = in;
	struct qw_slice scheme = qw_value_split_scheme(&in);
	size_t path = find(in, '/');

	if (path < in.len && !(scheme.len && path == in.len - 1))
		return qw_value_url(out, whole);
	in.len = path;
	struct qw_slice host = in;
	uint16_t port;
	qw_value_split_port(&host, &port);
	struct qw_value address = *out;
	if (looks_like_address(in) && qw_value_address(&address, in) == QW_OK) {
		out->type = address.type;
		return QW_OK;
	}
	if (host.len > 1 && host.data[0] == '*')
		host = from(host, 1);
	if (host.len > 1 && host.data[0] == '.') {
		host = from(host, 1);
		out->type = QW_OBS_DOMAIN;
	}
	return qw_name_make(out->text, host, &out->why);
}

/* Web ports go whatever the scheme, for the canonical text has none: it must be its own canonical text. */
static bool is_default_port(struct qw_slice scheme, uint16_t port)
{
	return port == 80 || port == 443 ||
	       (port == 21 && scheme.len == 3 && strncasecmp((const char *)scheme.data, "ftp", 3) == 0);
}

static enum qw_err put_authority(struct qw_value *out, struct qw_slice scheme, struct qw_slice in)
{
	struct qw_address address;
	uint16_t port;

	for (size_t at; (at = find(in, '@')) < in.len;)
		in = from(in, at + 1);
	if (!qw_value_split_port(&in, &port) && in.len && in.data[in.len - 1] == ':')
		in.len--;
	if (is_default_port(scheme, port))
		port = 0;
	if (parse_address(in, &address)) {
		bool brackets = !qw_address_is_v4(&address);
		if (brackets)
			qw_text_char(out->text, '[');
		qw_text_address(out->text, &address);
		if (brackets)
			qw_text_char(out->text, ']');
	} else {
		enum qw_err err = qw_name_make(out->text, in, &out->why);
		if (err != QW_OK)
			return err;
	}
	if (port) {
		qw_text_char(out->text, ':');
		qw_text_u64(out->text, port);
	}
	return QW_OK;
}

static enum qw_err put_path(struct qw_value *out, struct qw_slice in)
{
	in.len = find(in, '#');
	if (in.len == 0 || in.data[0] != '/')
		qw_text_char(out->text, '/');
	for (size_t i = 0; i < in.len; i++) {
		if (in.data[i] < ' ' || in.data[i] == 0x7f)
			return refuse(out, "a control character inside a URL");
		if (in.data[i] == ' ')
			qw_text_literal(out->text, "%20"); /* as every client sends it */
		else
			qw_text_char(out->text, (char)in.data[i]);
	}
	return QW_OK;
}

enum qw_err qw_value_url(struct qw_value *out, struct qw_slice in)
{
	out->type = QW_OBS_URL;
	if (in.len && in.data[0] == '/') {
		if (find(in, '#') == 1 || in.len == 1)
			return refuse(out, "the path that every site has");
		return put_path(out, in);
	}
	struct qw_slice scheme = qw_value_split_scheme(&in);
	size_t end = 0;
	while (end < in.len && in.data[end] != '/' && in.data[end] != '?' && in.data[end] != '#')
		end++;
	enum qw_err err = put_authority(out, scheme, qw_slice(in.data, end));
	return err == QW_OK ? put_path(out, from(in, end)) : err;
}

size_t qw_digest_bytes(enum qw_observable_type type)
{
	static const uint8_t BYTES[QW_OBS_COUNT] = {
		[QW_OBS_MD5] = 16, [QW_OBS_SHA1] = 20, [QW_OBS_SHA256] = 32, [QW_OBS_JA3] = 16, [QW_OBS_CERT_SHA1] = 20,
	};
	return type < QW_OBS_COUNT ? BYTES[type] : 0;
}

/* Colons between the bytes, as certificate viewers print them, are passed over. */
enum qw_err qw_value_digest(struct qw_value *out, struct qw_slice in)
{
	size_t digits = 0, want = 2 * qw_digest_bytes(out->type);

	for (size_t i = 0; i < in.len; i++) {
		if (in.data[i] == ':' && digits % 2 == 0 && digits > 0)
			continue;
		if (!isxdigit(in.data[i]))
			return refuse(out, "a digest that holds more than hexadecimal digits");
		qw_text_char(out->text, (char)tolower(in.data[i]));
		digits++;
	}
	return digits == want ? QW_OK : refuse(out, "a digest of the wrong length for its type");
}

/* t|q|d, version, d|i, two counts, ALPN's ends; then two hashes of 12 digits: "t13d1516h2_8daaf6152771_e5627efa2ab1".
 */
enum qw_err qw_value_ja4(struct qw_value *out, struct qw_slice in)
{
	static const char SHAPE[] = "pvvsddddaa_hhhhhhhhhhhh_hhhhhhhhhhhh";

	if (in.len != sizeof(SHAPE) - 1)
		return refuse(out, "no JA4: it has 36 characters in three parts");
	for (size_t i = 0; i < in.len; i++) {
		uint8_t c = in.data[i], low = (uint8_t)tolower(c);
		bool good = false;
		switch (SHAPE[i]) {
		case 'p': good = low == 't' || low == 'q' || low == 'd'; break;
		case 'v': good = isalnum(c); break;
		case 's': good = low == 'd' || low == 'i'; break;
		case 'd': good = isdigit(c); break;
		case 'a': good = isalnum(c); break;
		case 'h': good = isxdigit(c); break;
		default: good = c == '_'; break;
		}
		if (!good)
			return refuse(out, "no JA4: a character is out of place");
		qw_text_char(out->text, (char)(SHAPE[i] == 'a' ? c : low));
	}
	return QW_OK;
}

enum qw_err qw_value_text(struct qw_value *out, struct qw_slice in)
{
	for (size_t i = 0; i < in.len; i++)
		if (in.data[i] < ' ' && in.data[i] != '\t')
			return refuse(out, "a control character inside a header value");
	qw_text_put(out->text, in.data, in.len);
	return QW_OK;
}

/* 12 digits, or 6 for a maker; pairs parted by ':' or '-', or three groups of four by '.', or nothing. */
enum qw_err qw_value_mac(struct qw_value *out, struct qw_slice in)
{
	size_t digits = 0;
	bool dotted = find(in, '.') < in.len;

	for (size_t i = 0; i < in.len; i++) {
		uint8_t c = in.data[i];
		bool parted = (c == ':' || c == '-') ? digits % 2 == 0 : c == '.' && digits % 4 == 0;
		if (!isxdigit(c) && (!parted || digits == 0 || digits >= 12 || !isxdigit(in.data[i - 1])))
			return refuse(out, "no hardware address");
		if (!isxdigit(c))
			continue;
		if (digits && digits % 2 == 0)
			qw_text_char(out->text, ':');
		qw_text_char(out->text, (char)tolower(c));
		digits++;
	}
	if ((digits != 12 && (digits != 6 || dotted)) || !isxdigit(in.data[in.len - 1]))
		return refuse(out, "no hardware address: it has six bytes, or three for a maker");
	out->type = QW_OBS_MAC;
	return QW_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/observable.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "quaywatch/address.h"
#include "rules/indicator/defang.h"
#include "rules/indicator/value.h"

static const struct {
	const char *name;
	qw_value_maker *make;
} TYPES[] = {
	[QW_OBS_IP] = {"ip", qw_value_address},
	[QW_OBS_IP_PORT] = {"ip:port", qw_value_address},
	[QW_OBS_CIDR] = {"cidr", qw_value_address},
	[QW_OBS_DOMAIN] = {"domain", qw_value_name},
	[QW_OBS_HOST] = {"host", qw_value_name},
	[QW_OBS_URL] = {"url", qw_value_url},
	[QW_OBS_MD5] = {"md5", qw_value_digest},
	[QW_OBS_SHA1] = {"sha1", qw_value_digest},
	[QW_OBS_SHA256] = {"sha256", qw_value_digest},
	[QW_OBS_JA3] = {"ja3", qw_value_digest},
	[QW_OBS_JA4] = {"ja4", qw_value_ja4},
	[QW_OBS_CERT_SHA1] = {"cert-sha1", qw_value_digest},
	[QW_OBS_USER_AGENT] = {"user-agent", qw_value_text},
	[QW_OBS_MAC] = {"mac", qw_value_mac},
};
static_assert(sizeof(TYPES) / sizeof(*TYPES) == QW_OBS_COUNT, "a row for each type");

/* What feeds, STIX, MISP and other tools call them; compared without case, '-', '_', '.' and blanks. */
static const struct {
	const char *name;
	enum qw_observable_type type;
} ALIASES[] = {
	{"ipv4", QW_OBS_IP},
	{"ipv6", QW_OBS_IP},
	{"ipv4addr", QW_OBS_IP},
	{"ipv6addr", QW_OBS_IP},
	{"ipdst", QW_OBS_IP},
	{"ipsrc", QW_OBS_IP},
	{"ipaddress", QW_OBS_IP},
	{"address", QW_OBS_IP},
	{"addr", QW_OBS_IP},
	{"dstip", QW_OBS_IP},
	{"srcip", QW_OBS_IP},
	{"ipport", QW_OBS_IP_PORT},
	{"ipdst|port", QW_OBS_IP_PORT},
	{"ipsrc|port", QW_OBS_IP_PORT},
	{"network", QW_OBS_CIDR},
	{"subnet", QW_OBS_CIDR},
	{"netblock", QW_OBS_CIDR},
	{"iprange", QW_OBS_CIDR},
	{"domainname", QW_OBS_DOMAIN},
	{"hostname", QW_OBS_HOST},
	{"fqdn", QW_OBS_HOST},
	{"uri", QW_OBS_URL},
	{"link", QW_OBS_URL},
	{"filemd5", QW_OBS_MD5},
	{"md5hash", QW_OBS_MD5},
	{"hashmd5", QW_OBS_MD5},
	{"filehashmd5", QW_OBS_MD5},
	{"sha1hash", QW_OBS_SHA1},
	{"hashsha1", QW_OBS_SHA1},
	{"filehashsha1", QW_OBS_SHA1},
	{"sha256hash", QW_OBS_SHA256},
	{"hashsha256", QW_OBS_SHA256},
	{"filehashsha256", QW_OBS_SHA256},
	{"filesha1", QW_OBS_SHA1},
	{"filesha256", QW_OBS_SHA256},
	{"ja3md5", QW_OBS_JA3},
	{"ja3s", QW_OBS_JA3},
	{"ja3hash", QW_OBS_JA3},
	{"ja3digest", QW_OBS_JA3},
	{"ja3fingerprintmd5", QW_OBS_JA3},
	{"ja3fingerprint", QW_OBS_JA3},
	{"ja4fingerprint", QW_OBS_JA4},
	{"x509fingerprintsha1", QW_OBS_CERT_SHA1},
	{"certsha1", QW_OBS_CERT_SHA1},
	{"sslcertsha1", QW_OBS_CERT_SHA1},
	{"useragent", QW_OBS_USER_AGENT},
	{"httpuseragent", QW_OBS_USER_AGENT},
	{"macaddr", QW_OBS_MAC},
	{"macaddress", QW_OBS_MAC},
	{"oui", QW_OBS_MAC},
};

const char *qw_observable_type_name(enum qw_observable_type type)
{
	return type < QW_OBS_COUNT ? TYPES[type].name : "unknown";
}

static size_t squeeze(char *out, size_t size, const char *name, size_t len)
{
	size_t used = 0;
	for (size_t i = 0; i < len; i++) {
		if (strchr("-_. :", name[i]))
			continue;
		if (used == size)
			return 0;
		out[used++] = (char)tolower((unsigned char)name[i]);
	}
	return used;
}

enum qw_observable_type qw_observable_type_parse(const char *name, size_t len)
{
	char word[32];

	for (unsigned type = 0; type < QW_OBS_COUNT; type++)
		if (strlen(TYPES[type].name) == len && strncasecmp(TYPES[type].name, name, len) == 0)
			return (enum qw_observable_type)type;
	size_t used = squeeze(word, sizeof(word), name, len);
	for (unsigned type = 0; type < QW_OBS_COUNT; type++)
		if (strlen(TYPES[type].name) == used && memcmp(TYPES[type].name, word, used) == 0)
			return (enum qw_observable_type)type;
	for (size_t i = 0; i < sizeof(ALIASES) / sizeof(*ALIASES); i++)
		if (strlen(ALIASES[i].name) == used && memcmp(ALIASES[i].name, word, used) == 0)
			return ALIASES[i].type;
	return QW_OBS_COUNT;
}

/* What the bytes of a text are, in one pass. */
struct shape {
	bool hex, dot, colon, slash, at, blank;
};

static struct shape shape_of(struct qw_slice in)
{
	struct shape shape = {.hex = true};
	for (size_t i = 0; i < in.len; i++) {
		uint8_t c = in.data[i];
		shape.hex = shape.hex && isxdigit(c);
		shape.dot |= c == '.';
		shape.colon |= c == ':';
		shape.slash |= c == '/';
		shape.at |= c == '@';
		shape.blank |= c <= ' ';
	}
	return shape;
}

static enum qw_err try_make(struct qw_value *out, enum qw_observable_type type, struct qw_slice in)
{
	size_t before = out->text->len;
	out->type = type;
	enum qw_err err = TYPES[type].make(out, in);
	if (err != QW_OK)
		out->text->len = before;
	return err;
}

static enum qw_observable_type digest_of(size_t len)
{
	return len == 32 ? QW_OBS_MD5 : len == 40 ? QW_OBS_SHA1 : len == 64 ? QW_OBS_SHA256 : QW_OBS_COUNT;
}

static enum qw_err refuse(struct qw_value *out, const char *why)
{
	out->why = why;
	return QW_EFORMAT;
}

static enum qw_err infer_path(struct qw_value *out, struct qw_slice in)
{
	struct qw_prefix prefix;
	bool scheme = qw_value_split_scheme(&(struct qw_slice){in.data, in.len}).len;
	if (scheme || in.data[0] == '/')
		return try_make(out, QW_OBS_URL, in);
	if (qw_prefix_parse((const char *)in.data, in.len, &prefix))
		return try_make(out, QW_OBS_CIDR, in);
	size_t host = (size_t)((const uint8_t *)memchr(in.data, '/', in.len) - in.data);
	if (!memchr(in.data, '.', host) && in.data[0] != '[')
		return refuse(out, "words with a slash: a URL without http:// begins with a name that has a dot");
	return try_make(out, QW_OBS_URL, in);
}

static enum qw_err infer(struct qw_value *out, struct qw_slice in)
{
	struct shape shape = shape_of(in);

	if (shape.hex) {
		enum qw_observable_type digest = digest_of(in.len);
		if (digest != QW_OBS_COUNT)
			return try_make(out, digest, in);
		return refuse(out, "hexadecimal digits, but no digest of 32, 40 or 64");
	}
	if (shape.blank)
		return refuse(out, "words, not a value");
	if (shape.slash)
		return infer_path(out, in);
	if (shape.at)
		return refuse(out, "an e-mail address: no traffic is matched on it");
	if ((shape.colon || shape.dot) && try_make(out, QW_OBS_IP, in) == QW_OK)
		return QW_OK;
	if (!shape.dot && try_make(out, QW_OBS_MAC, in) == QW_OK)
		return QW_OK;
	if (shape.dot)
		return try_make(out, QW_OBS_DOMAIN, in);
	if (try_make(out, QW_OBS_JA4, in) == QW_OK)
		return QW_OK;
	return refuse(out, "a word without a dot: no address, name, URL or digest");
}

static struct qw_slice trim(struct qw_slice in)
{
	while (in.len && in.data[in.len - 1] <= ' ')
		in.len--;
	while (in.len && in.data[0] <= ' ')
		in = qw_slice(in.data + 1, in.len - 1);
	return in;
}

static enum qw_err finish(struct qw_observable *out, const struct qw_value *value)
{
	if (value->text->cut)
		return QW_ELIMIT;
	out->type = value->type;
	out->len = (uint16_t)value->text->len;
	memcpy(out->text, value->text->at, value->text->len);
	out->text[out->len] = 0;
	return QW_OK;
}

/* What comes out once may be disarmed again ("[[.]]"); who writes that more than ROUNDS deep means no value. */
static enum qw_err arm(struct qw_value *out, char plain[2][QW_OBSERVABLE_TEXT_MAX], struct qw_slice *in)
{
	enum { ROUNDS = 4 };
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct qw_text armed;
		qw_text_init(&armed, plain[round % 2], QW_OBSERVABLE_TEXT_MAX);
		if (in->len == 0 || !qw_defang(&armed, *in))
			return QW_OK;
		if (armed.cut)
			return QW_ELIMIT;
		*in = trim(qw_slice(armed.at, armed.len));
	}
	return refuse(out, "brackets within brackets");
}

enum qw_err qw_observable_parse(struct qw_observable *out, enum qw_observable_type type, const char *text, size_t len,
				const char **why)
{
	char plain[2][QW_OBSERVABLE_TEXT_MAX], made[QW_OBSERVABLE_TEXT_MAX];
	struct qw_slice in = trim(qw_slice(text, len));
	struct qw_text canonical;
	qw_text_init(&canonical, made, sizeof(made));
	struct qw_value value = {.text = &canonical};
	enum qw_err err = type == QW_OBS_USER_AGENT ? QW_OK : arm(&value, plain, &in);

	if (err == QW_OK && in.len == 0)
		err = refuse(&value, "an empty value");
	if (err == QW_OK && in.len > QW_OBSERVABLE_TEXT_MAX)
		err = QW_ELIMIT;
	if (err == QW_OK)
		err = type < QW_OBS_COUNT ? try_make(&value, type, in) : infer(&value, in);
	if (err == QW_OK)
		err = finish(out, &value);
	if (err == QW_ELIMIT)
		value.why = "more than 2048 characters";
	if (why && err != QW_OK)
		*why = value.why;
	return err;
}

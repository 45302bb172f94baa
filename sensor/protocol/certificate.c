/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/certificate.h"

#include "quaywatch/address.h"
#include "quaywatch/time.h"
#include "sensor/protocol/ber.h"

enum {
	TAG_VERSION = QW_BER_CONTEXT(0),
	TAG_EXTENSIONS = QW_BER_CONTEXT(3),
	TAG_UTC_TIME = 0x17,
	TAG_GENERALIZED_TIME = 0x18,
	/* of GeneralName, primitive */
	TAG_MAIL = 0x81,
	TAG_HOST = 0x82,
	TAG_URI = 0x86,
	TAG_ADDRESS = 0x87,
	EXTENSIONS_MAX = 64,
};

struct oid_name {
	struct qw_slice oid;
	const char *name;
};

#define OID(bytes, name) {{(const uint8_t *)(bytes), sizeof(bytes) - 1}, name}

static const struct oid_name OID_NAMES[] = {
	OID("\x55\x04\x03", "CN"),
	OID("\x55\x04\x04", "SN"),
	OID("\x55\x04\x05", "serialNumber"),
	OID("\x55\x04\x06", "C"),
	OID("\x55\x04\x07", "L"),
	OID("\x55\x04\x08", "ST"),
	OID("\x55\x04\x09", "street"),
	OID("\x55\x04\x0a", "O"),
	OID("\x55\x04\x0b", "OU"),
	OID("\x55\x04\x0c", "title"),
	OID("\x55\x04\x0d", "description"),
	OID("\x55\x04\x0f", "businessCategory"),
	OID("\x55\x04\x10", "postalAddress"),
	OID("\x55\x04\x11", "postalCode"),
	OID("\x55\x04\x29", "name"),
	OID("\x55\x04\x2a", "GN"),
	OID("\x55\x04\x2b", "initials"),
	OID("\x55\x04\x2e", "dnQualifier"),
	OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", "emailAddress"),
	OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x02", "unstructuredName"),
	OID("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", "UID"),
	OID("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "DC"),
	OID("\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x01", "jurisdictionL"),
	OID("\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x02", "jurisdictionST"),
	OID("\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x03", "jurisdictionC"),
};

static bool two_digits(struct qw_bytes *in, unsigned *out)
{
	uint8_t tens, ones;
	if (!qw_bytes_u8(in, &tens) || !qw_bytes_u8(in, &ones) || tens < '0' || tens > '9' || ones < '0' || ones > '9')
		return false;
	*out = (unsigned)(tens - '0') * 10 + (unsigned)(ones - '0');
	return true;
}

/* "YYMMDDhhmmssZ", where 50 is 1950, or "YYYYMMDDhhmmssZ"; always UTC in certificates.  0: neither. */
static int64_t moment(const struct qw_ber *element)
{
	struct qw_bytes in = element->body;
	unsigned century = 0, part[6]; /* year to second */
	int64_t seconds;
	if (element->tag == TAG_GENERALIZED_TIME ? !two_digits(&in, &century) : element->tag != TAG_UTC_TIME)
		return 0;
	for (unsigned i = 0; i < 6; i++) {
		if (!two_digits(&in, &part[i]))
			return 0;
	}
	if (element->tag == TAG_UTC_TIME)
		century = part[0] < 50 ? 20 : 19;
	if (part[3] > 23 || part[4] > 59 || part[5] > 60 ||
	    !qw_time_compose(century * 100 + part[0], part[1], part[2], part[3] * 3600 + part[4] * 60 + part[5], &seconds))
		return 0;
	return seconds > 0 ? seconds : 0;
}

static void validity(struct qw_certificate *out, struct qw_bytes in)
{
	struct qw_ber from, to;
	if (!qw_ber_next(&in, &from) || !qw_ber_next(&in, &to))
		return;
	out->not_before = moment(&from);
	out->not_after = moment(&to);
}

/* What stands behind the subject: key, unique identifiers, extensions. */
static void extensions(struct qw_certificate *out, struct qw_bytes in)
{
	static const uint8_t SUBJECT_ALT_NAME[] = {0x55, 0x1d, 0x11};
	struct qw_ber element = {0};
	struct qw_bytes list, extension, oid, value;
	while (element.tag != TAG_EXTENSIONS) {
		if (!qw_ber_next(&in, &element))
			return;
	}
	if (!qw_ber_take(&element.body, QW_BER_SEQUENCE, &list))
		return;
	for (unsigned i = 0; i < EXTENSIONS_MAX && qw_ber_take(&list, QW_BER_SEQUENCE, &extension); i++) {
		if (!qw_ber_take(&extension, QW_BER_OID, &oid) || oid.left != sizeof(SUBJECT_ALT_NAME) ||
		    memcmp(oid.at, SUBJECT_ALT_NAME, sizeof(SUBJECT_ALT_NAME)) != 0)
			continue;
		qw_ber_pass(&extension, QW_BER_BOOLEAN);
		if (qw_ber_take(&extension, QW_BER_OCTETS, &value))
			(void)qw_ber_take(&value, QW_BER_SEQUENCE, &out->alternatives);
		return;
	}
}

bool qw_certificate_alternative(struct qw_bytes *in, char memory[QW_CERTIFICATE_ALTERNATIVE_MAX], struct qw_slice *out)
{
	struct qw_ber name;
	struct qw_text text;
	while (qw_ber_next(in, &name)) {
		if (name.tag == TAG_HOST || name.tag == TAG_MAIL || name.tag == TAG_URI) {
			*out = qw_slice(name.body.at, name.body.left);
			return true;
		}
		if (name.tag != TAG_ADDRESS || (name.body.left != 4 && name.body.left != 16))
			continue;
		struct qw_address address =
			name.body.left == 4 ? qw_address_v4(name.body.at) : qw_address_v6(name.body.at);
		qw_text_init(&text, memory, QW_CERTIFICATE_ALTERNATIVE_MAX);
		qw_text_address(&text, &address);
		*out = qw_slice(text.at, text.len);
		return true;
	}
	return false;
}

enum qw_err qw_certificate_parse(struct qw_certificate *out, struct qw_bytes der)
{
	struct qw_bytes certificate, tbs, serial, skipped, issuer, subject, times;
	if (!qw_ber_take(&der, QW_BER_SEQUENCE, &certificate) || !qw_ber_take(&certificate, QW_BER_SEQUENCE, &tbs))
		return QW_EFORMAT;
	qw_ber_pass(&tbs, TAG_VERSION); /* absent in version 1 */
	if (!qw_ber_take(&tbs, QW_BER_INTEGER, &serial) || !qw_ber_take(&tbs, QW_BER_SEQUENCE, &skipped) ||
	    !qw_ber_take(&tbs, QW_BER_SEQUENCE, &issuer) || !qw_ber_take(&tbs, QW_BER_SEQUENCE, &times) ||
	    !qw_ber_take(&tbs, QW_BER_SEQUENCE, &subject))
		return QW_EFORMAT;
	*out = (struct qw_certificate){.issuer = issuer, .subject = subject};
	out->serial = qw_slice(serial.at, serial.left);
	validity(out, times);
	extensions(out, tbs);
	return QW_OK;
}

static void oid_text(struct qw_text *out, struct qw_bytes oid)
{
	for (size_t i = 0; i < sizeof(OID_NAMES) / sizeof(*OID_NAMES); i++) {
		const struct qw_slice *known = &OID_NAMES[i].oid;
		if (oid.left == known->len && memcmp(oid.at, known->data, oid.left) == 0) {
			qw_text_put(out, OID_NAMES[i].name, strlen(OID_NAMES[i].name));
			return;
		}
	}
	qw_ber_oid_text(out, oid);
}

/* UTF-16 of the basic plane as UTF-8. */
static void bmp_text(struct qw_text *out, struct qw_bytes value)
{
	uint16_t c;
	while (qw_bytes_be16(&value, &c)) {
		if (c < 0x80) {
			qw_text_char(out, (char)c);
			continue;
		}
		if (c < 0x800) {
			qw_text_char(out, (char)(0xc0 | c >> 6));
		} else {
			qw_text_char(out, (char)(0xe0 | c >> 12));
			qw_text_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		}
		qw_text_char(out, (char)(0x80 | (c & 0x3f)));
	}
}

static bool attribute(struct qw_text *out, struct qw_bytes *in)
{
	struct qw_bytes pair, oid;
	struct qw_ber value;
	if (!qw_ber_take(in, QW_BER_SEQUENCE, &pair) || !qw_ber_take(&pair, QW_BER_OID, &oid) || !qw_ber_next(&pair, &value))
		return false;
	oid_text(out, oid);
	qw_text_char(out, '=');
	if (value.tag == QW_BER_BMP_STRING)
		bmp_text(out, value.body);
	else
		qw_text_put(out, value.body.at, value.body.left);
	return true;
}

void qw_certificate_name(struct qw_text *out, struct qw_bytes name)
{
	struct qw_bytes set;
	for (bool first = true; qw_ber_take(&name, QW_BER_SET, &set); first = false) {
		if (!first)
			qw_text_literal(out, ", ");
		for (bool alone = true; set.left; alone = false) {
			if (!alone)
				qw_text_literal(out, " + ");
			if (!attribute(out, &set))
				return;
		}
	}
}

void qw_text_colon_hex(struct qw_text *out, struct qw_slice bytes, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	for (size_t i = 0; i < bytes.len; i++) {
		if (i > 0)
			qw_text_char(out, ':');
		qw_text_char(out, digits[bytes.data[i] >> 4]);
		qw_text_char(out, digits[bytes.data[i] & 15]);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/certificate.h"

enum tag {
	TAG_INTEGER = 0x02,
	TAG_OID = 0x06,
	TAG_BMP_STRING = 0x1e,
	TAG_SEQUENCE = 0x30,
	TAG_SET = 0x31,
	TAG_VERSION = 0xa0,
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

/* Lengths of up to four bytes; the indefinite form is not DER. */
static bool element(struct qw_bytes *in, uint8_t *tag, struct qw_bytes *body)
{
	struct qw_bytes at = *in;
	uint8_t first, byte;
	if (!qw_bytes_u8(&at, tag) || !qw_bytes_u8(&at, &first))
		return false;
	size_t len = first;
	if (first & 0x80) {
		unsigned count = first & 0x7f;
		if (count == 0 || count > 4)
			return false;
		for (len = 0; count; count--) {
			if (!qw_bytes_u8(&at, &byte))
				return false;
			len = len << 8 | byte;
		}
	}
	if (!qw_bytes_take(&at, len, body))
		return false;
	*in = at;
	return true;
}

static bool expect(struct qw_bytes *in, uint8_t wanted, struct qw_bytes *body)
{
	struct qw_bytes at = *in;
	uint8_t tag;
	if (!element(&at, &tag, body) || tag != wanted)
		return false;
	*in = at;
	return true;
}

/* Passes over what may be absent. */
static void optional(struct qw_bytes *in, uint8_t tag)
{
	struct qw_bytes body, at = *in;
	if (expect(&at, tag, &body))
		*in = at;
}

enum qw_err qw_certificate_parse(struct qw_certificate *out, struct qw_bytes der)
{
	struct qw_bytes certificate, tbs, serial, skipped, issuer, subject;
	if (!expect(&der, TAG_SEQUENCE, &certificate) || !expect(&certificate, TAG_SEQUENCE, &tbs))
		return QW_EFORMAT;
	optional(&tbs, TAG_VERSION); /* absent in version 1 */
	if (!expect(&tbs, TAG_INTEGER, &serial) || !expect(&tbs, TAG_SEQUENCE, &skipped) ||
	    !expect(&tbs, TAG_SEQUENCE, &issuer) || !expect(&tbs, TAG_SEQUENCE, &skipped) ||
	    !expect(&tbs, TAG_SEQUENCE, &subject))
		return QW_EFORMAT;
	out->serial = qw_slice(serial.at, serial.left);
	out->issuer = issuer;
	out->subject = subject;
	return QW_OK;
}

static void oid_digits(struct qw_text *out, struct qw_bytes oid)
{
	uint64_t value = 0;
	uint8_t byte;
	bool first = true;
	while (qw_bytes_u8(&oid, &byte)) {
		value = (value & UINT64_MAX >> 7) << 7 | (byte & 0x7f);
		if (byte & 0x80)
			continue;
		if (first) {
			uint64_t root = value < 80 ? value / 40 : 2;
			qw_text_u64(out, root);
			value -= root * 40;
		}
		qw_text_char(out, '.');
		qw_text_u64(out, value);
		value = 0;
		first = false;
	}
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
	oid_digits(out, oid);
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
	struct qw_bytes pair, oid, value;
	uint8_t tag;
	if (!expect(in, TAG_SEQUENCE, &pair) || !expect(&pair, TAG_OID, &oid) || !element(&pair, &tag, &value))
		return false;
	oid_text(out, oid);
	qw_text_char(out, '=');
	if (tag == TAG_BMP_STRING)
		bmp_text(out, value);
	else
		qw_text_put(out, value.at, value.left);
	return true;
}

void qw_certificate_name(struct qw_text *out, struct qw_bytes name)
{
	struct qw_bytes set;
	for (bool first = true; expect(&name, TAG_SET, &set); first = false) {
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

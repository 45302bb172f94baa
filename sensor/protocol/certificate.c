/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/certificate.h"

#include "sensor/protocol/ber.h"

enum { TAG_VERSION = QW_BER_CONTEXT(0) };

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

enum qw_err qw_certificate_parse(struct qw_certificate *out, struct qw_bytes der)
{
	struct qw_bytes certificate, tbs, serial, skipped, issuer, subject;
	if (!qw_ber_take(&der, QW_BER_SEQUENCE, &certificate) || !qw_ber_take(&certificate, QW_BER_SEQUENCE, &tbs))
		return QW_EFORMAT;
	qw_ber_pass(&tbs, TAG_VERSION); /* absent in version 1 */
	if (!qw_ber_take(&tbs, QW_BER_INTEGER, &serial) || !qw_ber_take(&tbs, QW_BER_SEQUENCE, &skipped) ||
	    !qw_ber_take(&tbs, QW_BER_SEQUENCE, &issuer) || !qw_ber_take(&tbs, QW_BER_SEQUENCE, &skipped) ||
	    !qw_ber_take(&tbs, QW_BER_SEQUENCE, &subject))
		return QW_EFORMAT;
	out->serial = qw_slice(serial.at, serial.left);
	out->issuer = issuer;
	out->subject = subject;
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/s7comm_identity.h"

#include "quaywatch/text.h"

enum { MODULE = 0x11, COMPONENT = 0x1c, KIND = 0xff, ORDER_BYTES = 20, TEXT_BYTES = 32 };

/* Texts are filled up with blanks or zeroes. */
static struct qw_slice trimmed(struct qw_bytes in)
{
	const uint8_t *end = memchr(in.at, 0, in.left);
	size_t len = end ? (size_t)(end - in.at) : in.left;
	while (len && in.at[len - 1] == ' ')
		len--;
	return qw_slice(in.at, len);
}

/* "V2.6.9" */
static void put_revision(struct qw_s7comm_identity *identity, const uint8_t *at)
{
	struct qw_text text;
	qw_text_init(&text, identity->revision, sizeof(identity->revision));
	qw_text_char(&text, 'V');
	for (unsigned i = 0; i < 3; i++) {
		if (i)
			qw_text_char(&text, '.');
		qw_text_u64(&text, at[i]);
	}
	identity->revision_len = (uint8_t)text.len;
}

static void read_module(struct qw_s7comm_identity *identity, uint16_t index, struct qw_bytes in)
{
	enum { THE_MODULE = 1, FIRMWARE = 7 };
	struct qw_bytes order, version;
	if (!qw_bytes_take(&in, ORDER_BYTES, &order) || !qw_bytes_skip(&in, 2) || !qw_bytes_take(&in, 4, &version))
		return;
	if (index == THE_MODULE)
		identity->order = trimmed(order);
	else if (index == FIRMWARE && version.at[0] == 'V')
		put_revision(identity, version.at + 1);
}

static void read_component(struct qw_s7comm_identity *identity, uint16_t index, struct qw_bytes in)
{
	enum { SYSTEM = 1, SERIAL = 5, PRODUCT = 7 };
	struct qw_bytes text;
	if (!qw_bytes_take(&in, TEXT_BYTES, &text))
		return;
	if (index == SYSTEM)
		identity->name = trimmed(text);
	else if (index == SERIAL)
		identity->serial = trimmed(text);
	else if (index == PRODUCT)
		identity->product = trimmed(text);
}

void qw_s7comm_identity_parse(struct qw_s7comm_identity *identity, struct qw_bytes in, bool answer)
{
	uint16_t record_len, count, index;
	struct qw_bytes record;
	if (!qw_bytes_be16(&in, &identity->id) || !qw_bytes_be16(&in, &identity->index))
		return;
	identity->list = true;
	if (!answer || !qw_bytes_be16(&in, &record_len) || !qw_bytes_be16(&in, &count) || record_len < 2)
		return;
	while (qw_bytes_take(&in, record_len, &record)) {
		(void)qw_bytes_be16(&record, &index);
		if ((identity->id & KIND) == MODULE)
			read_module(identity, index, record);
		else if ((identity->id & KIND) == COMPONENT)
			read_component(identity, index, record);
	}
}

void qw_s7comm_identity_tell(const struct qw_s7comm_identity *identity, struct qw_ot_detail *detail)
{
	qw_ot_text(detail, QW_KEY_OT_PRODUCT, identity->product);
	qw_ot_text(detail, QW_KEY_OT_PRODUCT_CODE, identity->order);
	qw_ot_text(detail, QW_KEY_OT_REVISION, qw_slice(identity->revision, identity->revision_len));
	qw_ot_text(detail, QW_KEY_OT_DEVICE_NAME, identity->name);
	qw_ot_text(detail, QW_KEY_OT_SERIAL_TEXT, identity->serial);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/quic_google.h"

enum { TAGS_MAX = 128, TAG_SNI = 0x00494e53, TAG_UAID = 0x44494155 }; /* little endian: "SNI\0", "UAID" */

static bool tags(struct qw_bytes in, struct qw_quic_google_hello *out)
{
	uint16_t count, padding;
	struct qw_bytes table;
	uint32_t tag, end, begin = 0;
	if (!qw_bytes_le16(&in, &count) || !qw_bytes_le16(&in, &padding) || count == 0 || count > TAGS_MAX ||
	    !qw_bytes_take(&in, (size_t)count * 8, &table))
		return false;
	out->tags = qw_slice(table.at, table.left);
	while (qw_bytes_le32(&table, &tag) && qw_bytes_le32(&table, &end)) {
		struct qw_bytes value;
		if (end < begin || !qw_bytes_take(&in, end - begin, &value))
			return true;
		begin = end;
		if (tag == TAG_SNI)
			out->server_name = qw_slice(value.at, value.left);
		else if (tag == TAG_UAID)
			out->user_agent = qw_slice(value.at, value.left);
	}
	return true;
}

bool qw_quic_google_find(struct qw_bytes in, struct qw_quic_google_hello *out)
{
	*out = (struct qw_quic_google_hello){0};
	const uint8_t *at = in.left ? memmem(in.at, in.left, "CHLO", 4) : NULL;
	return at && qw_bytes_skip(&in, (size_t)(at - in.at) + 4) && tags(in, out);
}

/* Two digits of the version; names of fewer than four letters end with zeroes. */
void qw_quic_google_cyu(struct qw_text *out, uint32_t version, const struct qw_quic_google_hello *hello)
{
	enum { ROW = 8, NAME = 4 };
	qw_text_char(out, (char)(version >> 8 & 0xff));
	qw_text_char(out, (char)(version & 0xff));
	for (size_t at = 0; at + ROW <= hello->tags.len; at += ROW) {
		qw_text_char(out, at ? '-' : ',');
		for (size_t i = 0; i < NAME && hello->tags.data[at + i]; i++)
			qw_text_char(out, (char)hello->tags.data[at + i]);
	}
}

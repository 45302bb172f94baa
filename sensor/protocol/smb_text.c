/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/smb_text.h"

static void put_character(struct qw_text *text, uint32_t code)
{
	uint8_t out[4];
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = len; i-- > 1; code >>= 6)
		out[i] = (uint8_t)(0x80 | (code & 0x3f));
	out[0] = (uint8_t)(first[len] | code);
	qw_text_put(text, out, len);
}

/* Two halves of a character beyond the basic plane make one; a half alone is kept as if it were one. */
static uint32_t next_code(struct qw_bytes *in)
{
	uint16_t high = 0, low;
	(void)qw_bytes_le16(in, &high);
	if (high < 0xd800 || high > 0xdbff || in->left < 2)
		return high;
	low = qw_le16(in->at);
	if (low < 0xdc00 || low > 0xdfff)
		return high;
	qw_bytes_skip(in, 2);
	return 0x10000 + ((uint32_t)(high - 0xd800) << 10) + (low - 0xdc00u);
}

void qw_smb_text(struct qw_text *text, struct qw_slice raw, bool unicode)
{
	struct qw_bytes in = qw_bytes(raw.data, raw.len);
	if (!unicode) {
		const uint8_t *end = raw.len ? memchr(raw.data, 0, raw.len) : NULL;
		size_t len = end ? (size_t)(end - raw.data) : raw.len, room = text->size - text->len;
		text->cut |= len > room;
		if (len)
			qw_text_put(text, raw.data, len < room ? len : room);
		return;
	}
	while (in.left >= 2 && !text->cut) {
		uint32_t code = next_code(&in);
		if (code == 0)
			return;
		put_character(text, code);
	}
}

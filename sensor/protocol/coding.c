/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/coding.h"

int qw_hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int qw_base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t qw_base64_take(struct qw_base64 *decoder, struct qw_slice *in, uint8_t *out, size_t size)
{
	size_t len = 0, at = 0;
	for (; at < in->len && len < size; at++) {
		int value = qw_base64_value(in->data[at]);
		if (in->data[at] == '=')
			decoder->bits_len = 0;
		if (value < 0)
			continue;
		decoder->bits = (decoder->bits << 6 | (uint32_t)value) & 0xffffff;
		decoder->bits_len = (uint8_t)(decoder->bits_len + 6);
		if (decoder->bits_len < 8)
			continue;
		decoder->bits_len = (uint8_t)(decoder->bits_len - 8);
		out[len++] = (uint8_t)(decoder->bits >> decoder->bits_len);
	}
	*in = qw_slice(in->data + at, in->len - at);
	return len;
}

void qw_base64_text(struct qw_slice coded, struct qw_text *out)
{
	struct qw_base64 decoder = {0};
	uint8_t piece[128];
	while (coded.len)
		qw_text_put(out, piece, qw_base64_take(&decoder, &coded, piece, sizeof(piece)));
}

void qw_quoted_text(struct qw_slice coded, struct qw_text *out)
{
	for (size_t i = 0; i < coded.len; i++) {
		uint8_t c = coded.data[i] == '_' ? ' ' : coded.data[i];
		int high = i + 2 < coded.len ? qw_hex_value(coded.data[i + 1]) : -1;
		int low = high >= 0 ? qw_hex_value(coded.data[i + 2]) : -1;
		if (c == '=' && low >= 0) {
			c = (uint8_t)(high << 4 | low);
			i += 2;
		}
		qw_text_char(out, (char)c);
	}
}

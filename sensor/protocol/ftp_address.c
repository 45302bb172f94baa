/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/ftp_address.h"

#include <string.h>

enum { NUMBERS = 6 };

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Takes a decimal number up to max off the text. */
static bool take_number(struct qw_slice *text, uint32_t max, uint32_t *out)
{
	size_t len = 0;
	*out = 0;
	for (; len < text->len && is_digit(text->data[len]); len++) {
		*out = *out * 10 + (uint32_t)(text->data[len] - '0');
		if (*out > max)
			return false;
	}
	*text = qw_slice(text->data + len, text->len - len);
	return len > 0;
}

static bool take_char(struct qw_slice *text, uint8_t c)
{
	if (text->len == 0 || text->data[0] != c)
		return false;
	*text = qw_slice(text->data + 1, text->len - 1);
	return true;
}

static bool six_numbers(struct qw_slice text, struct qw_expected_place *out)
{
	uint8_t bytes[NUMBERS];
	for (int i = 0; i < NUMBERS; i++) {
		uint32_t number;
		if (i && !take_char(&text, ','))
			return false;
		while (i && take_char(&text, ' '))
			;
		if (!take_number(&text, 255, &number))
			return false;
		bytes[i] = (uint8_t)number;
	}
	out->address = qw_address_v4(bytes);
	out->port = (uint16_t)(bytes[4] << 8 | bytes[5]);
	return out->port != 0;
}

bool qw_ftp_numbers(struct qw_slice text, struct qw_expected_place *out)
{
	bool before = false; /* a digit stands before: not a number's begin */
	for (size_t i = 0; i < text.len; i++) {
		bool digit = is_digit(text.data[i]);
		if (digit && !before && six_numbers(qw_slice(text.data + i, text.len - i), out))
			return true;
		before = digit;
	}
	return false;
}

/* What stands up to the next mark, which goes too. */
static bool take_piece(struct qw_slice *text, uint8_t mark, struct qw_slice *out)
{
	const uint8_t *end = text->len ? memchr(text->data, mark, text->len) : NULL;
	if (!end)
		return false;
	*out = qw_slice(text->data, (size_t)(end - text->data));
	*text = qw_slice(end + 1, text->len - out->len - 1);
	return true;
}

static bool extended(struct qw_slice text, struct qw_expected_place *inout)
{
	uint8_t mark = text.data[0];
	struct qw_slice family, address, port;
	uint32_t number;
	text = qw_slice(text.data + 1, text.len - 1);
	if (!take_piece(&text, mark, &family) || !take_piece(&text, mark, &address) || !take_piece(&text, mark, &port) ||
	    !take_number(&port, UINT16_MAX, &number) || port.len || number == 0)
		return false;
	if (address.len && !qw_address_parse((const char *)address.data, address.len, &inout->address))
		return false;
	inout->port = (uint16_t)number;
	return true;
}

/* Any character that is no digit may be the mark (RFC 2428); all use the bar. */
bool qw_ftp_extended(struct qw_slice text, struct qw_expected_place *inout)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] > ' ' && text.data[i] < 0x7f && !is_digit(text.data[i]) &&
		    extended(qw_slice(text.data + i, text.len - i), inout))
			return true;
	return false;
}

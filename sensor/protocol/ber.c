/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/ber.h"

enum { NUMBER_FOLLOWS = 0x1f, MORE = 0x80, NUMBER_MAX = 0xffffff, LENGTH_BYTES_MAX = 4, INTEGER_BYTES_MAX = 8 };

static bool read_tag(struct qw_bytes *in, uint32_t *tag)
{
	uint8_t first, byte;
	uint32_t number = 0;
	if (!qw_bytes_u8(in, &first))
		return false;
	*tag = first;
	if ((first & NUMBER_FOLLOWS) != NUMBER_FOLLOWS)
		return true;
	do {
		if (!qw_bytes_u8(in, &byte) || number > NUMBER_MAX >> 7)
			return false;
		number = number << 7 | (byte & ~MORE);
	} while (byte & MORE);
	/* A small number in the long form is the same tag, if not the shortest way to write it. */
	*tag = number < NUMBER_FOLLOWS ? (first & ~(uint32_t)NUMBER_FOLLOWS) | number : first | number << 8;
	return true;
}

static bool read_length(struct qw_bytes *in, size_t *len)
{
	uint8_t first, byte;
	if (!qw_bytes_u8(in, &first))
		return false;
	*len = first;
	if (!(first & MORE))
		return true;
	unsigned count = first & ~MORE;
	if (count == 0 || count > LENGTH_BYTES_MAX)
		return false;
	for (*len = 0; count; count--) {
		if (!qw_bytes_u8(in, &byte))
			return false;
		*len = *len << 8 | byte;
	}
	return true;
}

bool qw_ber_next(struct qw_bytes *in, struct qw_ber *out)
{
	struct qw_bytes at = *in;
	size_t len;
	if (!read_tag(&at, &out->tag) || !read_length(&at, &len) || !qw_bytes_take(&at, len, &out->body))
		return false;
	*in = at;
	return true;
}

bool qw_ber_take(struct qw_bytes *in, uint32_t tag, struct qw_bytes *body)
{
	struct qw_bytes at = *in;
	struct qw_ber element;
	if (!qw_ber_next(&at, &element) || element.tag != tag)
		return false;
	*body = element.body;
	*in = at;
	return true;
}

void qw_ber_pass(struct qw_bytes *in, uint32_t tag)
{
	struct qw_bytes body;
	(void)qw_ber_take(in, tag, &body);
}

/* ---- elements with an end instead of a length */

enum { CONSTRUCTED = 0x20, OPEN = 0x80 };

/* Takes the head of an open element.  False: it is none. */
static bool take_open(struct qw_bytes *in, uint32_t *tag)
{
	struct qw_bytes at = *in;
	uint8_t len;
	if (!read_tag(&at, tag) || !(*tag & CONSTRUCTED) || !qw_bytes_u8(&at, &len) || len != OPEN)
		return false;
	*in = at;
	return true;
}

/* Behind an open element's head: up to behind its end, whatever is open inside of it.  False: it has none. */
static bool find_end(struct qw_bytes *in)
{
	enum { END_TAG = 0 };
	struct qw_ber element;
	uint32_t tag;
	for (unsigned depth = 1; depth;) {
		if (take_open(in, &tag)) {
			if (++depth > QW_BER_OPEN_MAX)
				return false;
			continue;
		}
		if (!qw_ber_next(in, &element))
			return false;
		if (element.tag == END_TAG && element.body.left == 0)
			depth--;
	}
	return true;
}

bool qw_ber_open_next(struct qw_bytes *in, struct qw_ber *out)
{
	enum { END_BYTES = 2 };
	struct qw_bytes at = *in, body;
	if (!take_open(&at, &out->tag))
		return qw_ber_next(in, out);
	body = at;
	if (!find_end(&at))
		return false;
	out->body = qw_bytes(body.at, body.left - at.left - END_BYTES);
	*in = at;
	return true;
}

bool qw_ber_open_take(struct qw_bytes *in, uint32_t tag, struct qw_bytes *body)
{
	struct qw_bytes at = *in;
	struct qw_ber element;
	if (!qw_ber_open_next(&at, &element) || element.tag != tag)
		return false;
	*body = element.body;
	*in = at;
	return true;
}

void qw_ber_open_pass(struct qw_bytes *in, uint32_t tag)
{
	struct qw_bytes body;
	(void)qw_ber_open_take(in, tag, &body);
}

bool qw_ber_integer(struct qw_bytes *in, uint32_t tag, int64_t *out)
{
	struct qw_bytes at = *in, body;
	uint8_t byte;
	if (!qw_ber_take(&at, tag, &body) || body.left == 0 || body.left > INTEGER_BYTES_MAX)
		return false;
	uint64_t value = body.at[0] & 0x80 ? UINT64_MAX : 0;
	while (qw_bytes_u8(&body, &byte))
		value = value << 8 | byte;
	*out = (int64_t)value;
	*in = at;
	return true;
}

void qw_ber_oid_text(struct qw_text *out, struct qw_bytes oid)
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

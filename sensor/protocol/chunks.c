/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/chunks.h"

enum { LENGTH, EXTENSION, DATA, DATA_END, TRAILER, LENGTH_BITS = 60 };

static int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void end_line(struct qw_chunks *chunks)
{
	if (!chunks->digits) /* empty: the line that follows counts */
		chunks->state = LENGTH;
	else
		chunks->state = chunks->left ? DATA : TRAILER;
	chunks->digits = false;
}

static void length_byte(struct qw_chunks *chunks, uint8_t c)
{
	int digit = digit_of(c);

	if (c == '\n') {
		end_line(chunks);
	} else if (c == ';' && chunks->digits) {
		chunks->extended = true;
		chunks->state = EXTENSION;
	} else if (digit >= 0 && chunks->left >> LENGTH_BITS == 0) {
		chunks->left = chunks->left << 4 | (unsigned)digit;
		chunks->digits = true;
	}
}

void qw_chunks_feed(struct qw_chunks *chunks, const uint8_t *data, size_t len)
{
	for (size_t at = 0; at < len && chunks->state != TRAILER;) {
		if (chunks->state == DATA) {
			size_t part = chunks->left < len - at ? (size_t)chunks->left : len - at;
			at += part;
			chunks->left -= part;
			if (chunks->left == 0)
				chunks->state = DATA_END;
			continue;
		}
		uint8_t c = data[at++];
		if (chunks->state == LENGTH)
			length_byte(chunks, c);
		else if (c == '\n' && chunks->state == EXTENSION)
			end_line(chunks);
		else if (c == '\n')
			chunks->state = LENGTH;
	}
}

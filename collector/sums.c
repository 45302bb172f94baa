/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/sums.h"

#include <sodium.h>
#include <string.h>

static const char head_word[] = "quaywatch-sums 1 ";

struct qw_sum qw_sum_of(uint64_t offset, const void *data, size_t len)
{
	struct qw_sum sum = {.offset = offset, .len = len};

	crypto_generichash(sum.hash, sizeof(sum.hash), data, len, NULL, 0);
	return sum;
}

void qw_sum_write_head(struct qw_text *text, uint64_t segment)
{
	qw_text_put(text, head_word, sizeof(head_word) - 1);
	qw_text_u64(text, segment);
	qw_text_char(text, '\n');
}

void qw_sum_write(struct qw_text *text, const struct qw_sum *sum)
{
	qw_text_u64(text, sum->offset);
	qw_text_char(text, ' ');
	qw_text_u64(text, sum->len);
	qw_text_char(text, ' ');
	qw_text_hex(text, sum->hash, sizeof(sum->hash));
	qw_text_char(text, '\n');
}

/* Decimal digits up to `end`, which is taken too. */
static bool read_number(struct qw_bytes *in, char end, uint64_t *out)
{
	uint64_t value = 0;
	uint8_t c;

	for (unsigned digits = 0; qw_bytes_u8(in, &c); digits++) {
		if (c == (uint8_t)end) {
			*out = value;
			return digits > 0;
		}
		if (c < '0' || c > '9' || digits == 18)
			return false;
		value = value * 10 + (c - '0');
	}
	return false;
}

bool qw_sum_read_head(struct qw_bytes *in, uint64_t *segment)
{
	struct qw_bytes at = *in, word;

	if (!qw_bytes_take(&at, sizeof(head_word) - 1, &word) || memcmp(word.at, head_word, sizeof(head_word) - 1) != 0)
		return false;
	if (!read_number(&at, '\n', segment))
		return false;
	*in = at;
	return true;
}

bool qw_sum_read(struct qw_bytes *in, struct qw_sum *sum)
{
	struct qw_bytes at = *in, hex;
	struct qw_sum got;
	uint8_t newline;

	if (!read_number(&at, ' ', &got.offset) || !read_number(&at, ' ', &got.len))
		return false;
	if (!qw_bytes_take(&at, sizeof(got.hash) * 2, &hex) || !qw_hex_decode((const char *)hex.at, hex.left, got.hash))
		return false;
	if (!qw_bytes_u8(&at, &newline) || newline != '\n' || got.len > QW_SUM_GROUP_MAX)
		return false;
	*sum = got;
	*in = at;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/digests.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/digest.h"
#include "rules/signature/path.h"

void qw_digest_lists_init(struct qw_digest_lists *lists)
{
	qw_vector_init(&lists->bytes, 1);
	qw_names_init(&lists->by_content);
}

void qw_digest_lists_fini(struct qw_digest_lists *lists)
{
	qw_vector_fini(&lists->bytes);
	qw_names_fini(&lists->by_content);
}

/* ---- reading */

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly `width` bytes of digits, and no digit behind them. */
static bool read_digest(struct qw_word line, size_t width, uint8_t *out)
{
	if (line.len < 2 * width || (line.len > 2 * width && hex_value(line.at[2 * width]) >= 0))
		return false;
	for (size_t i = 0; i < width; i++) {
		int high = hex_value(line.at[2 * i]), low = hex_value(line.at[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static enum qw_err read_lines(struct qw_parse *parse, struct qw_word file, struct qw_word text, size_t width,
			      struct qw_vector *digests)
{
	struct qw_word line;
	uint8_t digest[QW_SHA256_BYTES];
	for (unsigned number = 1; qw_word_cut(&text, '\n', &line); number++) {
		if (line.len == 0 || line.at[0] == '#')
			continue;
		if (!read_digest(line, width, digest))
			return qw_refuse(parse, file.at, "line %u of '%.*s' does not begin with a digest of %zu hexadecimal digits",
					 number, (int)file.len, file.at, 2 * width);
		if (qw_vector_put(digests, digest, 1) == UINT32_MAX)
			return QW_ENOMEM;
	}
	return QW_OK;
}

static int compare(const void *a, const void *b, void *width)
{
	return memcmp(a, b, *(size_t *)width);
}

/* Sorted, each once. */
static void put_in_order(struct qw_vector *digests, size_t width)
{
	size_t kept = 0;
	qsort_r(digests->rows, digests->count, width, compare, &width);
	for (size_t i = 0; i < digests->count; i++) {
		if (kept && memcmp(qw_vector_at(digests, kept - 1), qw_vector_at(digests, i), width) == 0)
			continue;
		if (kept != i)
			memcpy(qw_vector_at(digests, kept), qw_vector_at(digests, i), width);
		kept++;
	}
	digests->count = kept;
}

/* Lists of the same digests are one: known by a digest of theirs. */
static enum qw_err keep(struct qw_digest_lists *lists, const struct qw_vector *digests, struct qw_op *op)
{
	uint8_t key[QW_SHA256_BYTES];
	size_t len = digests->count * digests->row_size;
	int fresh;
	qw_sha256(digests->rows, len, key);
	uint32_t *place = qw_names_get(&lists->by_content, key, sizeof(key), &fresh);
	if (!place)
		return QW_ENOMEM;
	if (fresh)
		*place = qw_vector_put(&lists->bytes, digests->rows, len);
	if (*place == UINT32_MAX)
		return QW_ENOMEM;
	op->content.data = *place;
	op->content.len = (uint32_t)len;
	return QW_OK;
}

enum qw_err qw_digest_list_read(struct qw_parse *parse, struct qw_word file, size_t width, struct qw_op *op)
{
	struct qw_vector digests;
	char *text;
	size_t len;
	enum qw_err err = qw_rule_file(parse, file, &text, &len);
	if (err)
		return err;
	qw_vector_init(&digests, width);
	err = read_lines(parse, file, (struct qw_word){text, len}, width, &digests);
	free(text);
	if (!err && digests.count == 0)
		err = qw_refuse(parse, file.at, "the file '%.*s' holds no digest", (int)file.len, file.at);
	if (!err) {
		put_in_order(&digests, width);
		err = keep(parse->digests, &digests, op);
	}
	qw_vector_fini(&digests);
	return err;
}

/* ---- asking */

bool qw_digest_list_has(const uint8_t *list, size_t len, const uint8_t *value, size_t width)
{
	size_t low = 0, high = len / width;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(list + middle * width, value, width);
		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

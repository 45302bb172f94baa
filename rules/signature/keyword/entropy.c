/* SPDX-License-Identifier: Apache-2.0 */
/* entropy - a test of how evenly a buffer's bytes are spread. */
#include "rules/signature/keyword.h"

#include <stdlib.h>
#include <string.h>

enum { PLACE_MAX = 65535, DIGITS_MAX = 31 };

static bool read_double(struct qw_word word, double *out)
{
	char text[DIGITS_MAX + 1], *end;
	if (word.len == 0 || word.len > DIGITS_MAX || strspn(word.at, "0123456789.") < word.len)
		return false;
	memcpy(text, word.at, word.len);
	text[word.len] = '\0';
	*out = strtod(text, &end);
	return *end == '\0' && *out >= 0 && *out <= 8;
}

/* "A-B" or "A<>B": between them. */
static bool read_between(struct qw_word word, struct qw_op *op)
{
	size_t low = 0;
	while (low < word.len && word.at[low] != '-' && word.at[low] != '<')
		low++;
	size_t width = low + 1 < word.len && memcmp(word.at + low, "<>", 2) == 0 ? 2 : 1;
	if (low + width >= word.len)
		return false;
	struct qw_word left = qw_word_trim((struct qw_word){word.at, low});
	struct qw_word right = qw_word_trim((struct qw_word){word.at + low + width, word.len - low - width});
	return read_double(left, &op->entropy.a) && read_double(right, &op->entropy.b) && op->entropy.a < op->entropy.b;
}

/* A sign and a number, or a range that may be negated. */
static bool read_value(struct qw_word word, struct qw_op *op)
{
	size_t len = 0;
	while (len < word.len && strchr("<>=!", word.at[len]))
		len++;
	struct qw_word sign = {word.at, len}, rest = qw_word_trim((struct qw_word){word.at + len, word.len - len});
	bool negated = qw_word_is(sign, "!");
	op->compare = negated ? QW_CMP_OUTSIDE : QW_CMP_BETWEEN;
	if ((len == 0 || negated) && read_between(rest, op))
		return true;
	op->compare = negated ? QW_CMP_NE : QW_CMP_EQ;
	return (len == 0 || negated || qw_compare_sign(sign, &op->compare)) && read_double(rest, &op->entropy.a);
}

/* entropy:[bytes N,][offset N,]value TEST */
QW_KEYWORD(entropy)
{
	struct qw_op op = {.kind = QW_OP_ENTROPY}, *kept;
	struct qw_word rest = value, piece, name;
	bool has_value = false;
	uint64_t number;
	uint32_t list;
	while (qw_word_cut(&rest, ',', &piece)) {
		struct qw_word word = piece;
		bool named = qw_word_next(&word, &name);
		word = qw_word_trim(word);
		if (named && qw_word_is(name, "value") && read_value(word, &op))
			has_value = true;
		else if (named && qw_word_is(name, "bytes") && qw_word_u64(word, PLACE_MAX, &number))
			op.entropy.bytes = (uint32_t)number;
		else if (named && qw_word_is(name, "offset") && qw_word_u64(word, PLACE_MAX, &number))
			op.entropy.offset = (int32_t)number;
		else
			return qw_refuse(parse, piece.at, "entropy is [bytes N,][offset N,]value TEST, as in 'value >= 7.5'");
	}
	if (!has_value)
		return qw_refuse(parse, value.at, "entropy needs 'value' and a test, as in 'value >= 7.5'");
	enum qw_err err = qw_draft_place(parse, false, &list);
	if (!err)
		err = qw_draft_op(parse, list, QW_OP_ENTROPY, &kept);
	if (err)
		return err;
	*kept = op;
	parse->draft->fresh_list = false;
	return QW_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* transform - what is done to a buffer before it is looked into. */
#include "rules/signature/keyword.h"

#include "quaywatch/text.h"
#include "rules/signature/expression.h"

enum { KEY_MAX = 255, PLACE_MAX = 65535, INFLATE_DEFAULT = 1024, INFLATE_MAX = 16 * 1024 * 1024 };

typedef enum qw_err option_fn(struct qw_parse *parse, struct qw_word value, struct qw_transform *transform);

/* "name N": the rest behind a name. */
static bool after_name(struct qw_word piece, const char *name, struct qw_word *rest)
{
	struct qw_word first;
	*rest = piece;
	if (!qw_word_next(rest, &first) || !qw_word_is(first, name))
		return false;
	*rest = qw_word_trim(*rest);
	return true;
}

/* ---- xor:["offset N,"] "HEX" | extract N OFFSET */

static enum qw_err fixed_key(struct qw_parse *parse, struct qw_word value, struct qw_transform *transform)
{
	uint8_t key[KEY_MAX];
	struct qw_word hex, rest;
	if (!qw_unquote(value, &hex, &rest) || rest.at || hex.len < 2 || hex.len % 2 || hex.len / 2 > KEY_MAX ||
	    !qw_hex_decode(hex.at, hex.len, key))
		return qw_refuse(parse, value.at,
				 "xor needs a key of 1 to %d bytes in hexadecimal, or 'extract BYTES OFFSET'", KEY_MAX);
	transform->len = (uint32_t)(hex.len / 2);
	return qw_draft_put(parse, key, transform->len, &transform->data);
}

static enum qw_err taken_key(struct qw_parse *parse, struct qw_word value, struct qw_transform *transform)
{
	struct qw_word rest = value, bytes, offset;
	uint64_t len, at;
	bool two = qw_word_next(&rest, &bytes) && qw_word_next(&rest, &offset) && qw_word_trim(rest).len == 0;
	if (!two || !qw_word_u64(bytes, KEY_MAX, &len) || !qw_word_u64(offset, PLACE_MAX, &at) || len == 0)
		return qw_refuse(parse, value.at, "a key in the data is 'extract BYTES OFFSET', of 1 to %d bytes", KEY_MAX);
	transform->kind = QW_TRANSFORM_XOR_TAKEN;
	transform->data = (uint32_t)at;
	transform->len = (uint32_t)len;
	return QW_OK;
}

static enum qw_err read_xor(struct qw_parse *parse, struct qw_word value, struct qw_transform *transform)
{
	struct qw_word rest = value, piece, number, key;
	uint64_t from;
	if (after_name(value, "offset", &number)) {
		if (!qw_word_cut(&rest, ',', &piece) || !rest.at)
			return qw_refuse(parse, value.at, "xor needs a key behind its offset: 'offset N,\"HEX\"'");
		if (!after_name(piece, "offset", &number) || !qw_word_u64(number, PLACE_MAX, &from))
			return qw_refuse(parse, piece.at, "'%.*s' is not 'offset N'", (int)piece.len, piece.at);
		transform->from = (int32_t)from;
	}
	rest = qw_word_trim(rest);
	return after_name(rest, "extract", &key) ? taken_key(parse, key, transform) : fixed_key(parse, rest, transform);
}

/* ---- from_base64:[bytes N][, offset N][, mode M] */

static bool base64_mode(struct qw_word word, struct qw_transform *transform)
{
	static const char *const names[] = {
		[QW_BASE64_RFC4648] = "rfc4648", [QW_BASE64_RFC2045] = "rfc2045", [QW_BASE64_STRICT] = "strict"};
	for (uint16_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!qw_word_is(word, names[i]))
			continue;
		transform->mode = i;
		return true;
	}
	return false;
}

static enum qw_err read_base64(struct qw_parse *parse, struct qw_word value, struct qw_transform *transform)
{
	struct qw_word rest = value, piece, word;
	uint64_t number;
	while (value.at && qw_word_cut(&rest, ',', &piece)) {
		if (after_name(piece, "bytes", &word) && qw_word_u64(word, PLACE_MAX, &number) && number)
			transform->len = (uint32_t)number;
		else if (after_name(piece, "offset", &word) && qw_word_u64(word, PLACE_MAX, &number))
			transform->from = (int32_t)number;
		else if ((!after_name(piece, "mode", &word) && !after_name(piece, "mode:", &word)) ||
			 !base64_mode(word, transform))
			return qw_refuse(parse, piece.at,
					 "from_base64 is [bytes N][, offset N][, mode rfc4648|rfc2045|strict]");
	}
	return QW_OK;
}

/* ---- subslice: offset[, bytes][, truncate] */

static enum qw_err read_subslice(struct qw_parse *parse, struct qw_word value, struct qw_transform *transform)
{
	struct qw_word rest = value, piece;
	int64_t from, size;
	if (!qw_word_cut(&rest, ',', &piece) || !qw_word_i64(piece, PLACE_MAX, &from))
		return qw_refuse(parse, value.at, "subslice is OFFSET[, BYTES][, truncate]");
	transform->from = (int32_t)from;
	while (qw_word_cut(&rest, ',', &piece)) {
		if (qw_word_is(piece, "truncate")) {
			transform->mode |= QW_SUBSLICE_TRUNCATE;
		} else if (qw_word_i64(piece, PLACE_MAX, &size) && size && transform->mode == 0) {
			transform->mode |= QW_SUBSLICE_SIZED;
			transform->len = (uint32_t)(int32_t)size;
		} else {
			return qw_refuse(parse, piece.at, "'%.*s' is neither a number of bytes nor 'truncate'",
					 (int)piece.len, piece.at);
		}
	}
	return QW_OK;
}

/* ---- gunzip:[max-size N[kb|mb]] */

static bool size_of(struct qw_word word, uint64_t *out)
{
	static const struct {
		const char *unit;
		uint32_t factor;
	} units[] = {{"kib", 1024}, {"mib", 1024 * 1024}, {"kb", 1024}, {"mb", 1024 * 1024}, {"", 1}};
	size_t digits = 0;
	uint64_t number;
	while (digits < word.len && word.at[digits] >= '0' && word.at[digits] <= '9')
		digits++;
	struct qw_word unit = qw_word_trim((struct qw_word){word.at + digits, word.len - digits});
	if (!qw_word_u64((struct qw_word){word.at, digits}, INFLATE_MAX, &number))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!qw_word_is(unit, units[i].unit))
			continue;
		*out = number * units[i].factor;
		return *out > 0 && *out <= INFLATE_MAX;
	}
	return false;
}

static enum qw_err read_inflate(struct qw_parse *parse, struct qw_word value, struct qw_transform *transform)
{
	struct qw_word word;
	uint64_t size = INFLATE_DEFAULT;
	if (value.at && (!after_name(value, "max-size", &word) || !size_of(word, &size)))
		return qw_refuse(parse, value.at, "'%.*s' is not 'max-size N', with N from 1 to 16mb", (int)value.len,
				 value.at);
	transform->len = (uint32_t)size;
	return QW_OK;
}

/* ---- pcrexform:"expression with a (group)" */

static enum qw_err read_expression(struct qw_parse *parse, struct qw_word value, struct qw_transform *transform)
{
	size_t at;
	char why[160];
	if (!qw_expression_check(value.at, value.len, 0, &at, why, sizeof(why)))
		return qw_refuse(parse, value.at + at, "the expression is wrong here: %s", why);
	if (!qw_expression_captures(value.at, value.len, 0))
		return qw_refuse(parse, value.at, "the expression needs a group in parentheses: what it finds is kept");
	transform->len = (uint32_t)value.len;
	return qw_draft_put(parse, value.at, value.len, &transform->data);
}

static option_fn *const readers[QW_TRANSFORM_KINDS] = {
	[QW_TRANSFORM_XOR] = read_xor,
	[QW_TRANSFORM_BASE64] = read_base64,
	[QW_TRANSFORM_CAPTURE] = read_expression,
	[QW_TRANSFORM_SUBSLICE] = read_subslice,
	[QW_TRANSFORM_GUNZIP] = read_inflate,
	[QW_TRANSFORM_INFLATE] = read_inflate,
};

/* A list that is in use already stays as it is: this is another view of its buffer. */
static enum qw_err view_of(struct qw_parse *parse, struct qw_list **list)
{
	struct qw_draft *draft = parse->draft;
	enum qw_err err = QW_OK;
	bool used = false;
	*list = &draft->lists[draft->sticky].list;
	for (uint32_t i = 0; i < draft->op_count; i++)
		used |= draft->ops[i].list == draft->sticky;
	if (used) {
		err = qw_draft_new_list(parse, (enum qw_buffer)(*list)->buffer, &draft->sticky);
		*list = &draft->lists[draft->sticky].list;
		draft->fresh_list = true;
	}
	return err;
}

QW_KEYWORD(transform)
{
	struct qw_transform transform = {.kind = row->number};
	struct qw_list *list;
	if (!parse->draft->sticky_set)
		return qw_refuse(parse, parse->keyword.at, "%s needs a sticky buffer before it", row->name);
	option_fn *reader = readers[row->number];
	enum qw_err err = reader ? reader(parse, value, &transform) : QW_OK;
	if (!err)
		err = view_of(parse, &list);
	if (!err && list->transform_count == QW_TRANSFORMS_MAX)
		err = qw_refuse(parse, parse->keyword.at, "more than %d transforms of one buffer", QW_TRANSFORMS_MAX);
	if (!err)
		list->transforms[list->transform_count++] = transform;
	return err;
}

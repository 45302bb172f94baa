/* SPDX-License-Identifier: Apache-2.0 */
/* json_check - is this one JSON object on one line?  A walk without recursion or memory of its own. */
#include "quaywatch/json.h"

#include "base/json_plain.h"
#include "base/utf8.h"
#include "quaywatch/bytes.h"

enum {
	DEPTH_MAX = 64, /* one bit of a word per level */
	KEYS_MAX = 256, /* at the top level */
};

struct walk {
	struct qw_bytes in;
	unsigned depth;
	uint64_t objects; /* bit n: level n is an object, else an array */
	struct qw_slice keys[KEYS_MAX];
	size_t keys_count;
	const char *const *forbidden;
};

/* Newlines are not among them: one object, one line. */
static void skip_spaces(struct qw_bytes *in)
{
	while (in->left > 0 && (in->at[0] == ' ' || in->at[0] == '\t'))
		(void)qw_bytes_skip(in, 1);
}

static bool is_next(const struct qw_bytes *in, uint8_t c)
{
	return in->left > 0 && in->at[0] == c;
}

static bool take(struct qw_bytes *in, uint8_t c)
{
	return is_next(in, c) && qw_bytes_skip(in, 1);
}

static bool take_word(struct qw_bytes *in, const char *word)
{
	size_t len = strlen(word);
	return in->left >= len && memcmp(in->at, word, len) == 0 && qw_bytes_skip(in, len);
}

static bool take_unit(struct qw_bytes *in, unsigned *unit)
{
	uint8_t bytes[2];
	if (in->left < 4 || !qw_hex_decode((const char *)in->at, 4, bytes))
		return false;
	*unit = qw_be16(bytes);
	return qw_bytes_skip(in, 4);
}

/* What follows a backslash.  Half a surrogate pair is no character. */
static bool take_escape(struct qw_bytes *in)
{
	unsigned high, low;
	uint8_t c;
	if (!qw_bytes_u8(in, &c))
		return false;
	if (c != 'u')
		return c != 0 && strchr("\"\\/bfnrt", c) != NULL;
	if (!take_unit(in, &high))
		return false;
	if (high < 0xd800 || high > 0xdfff)
		return true;
	return high < 0xdc00 && take(in, '\\') && take(in, 'u') && take_unit(in, &low) && low >= 0xdc00 &&
	       low <= 0xdfff;
}

/* A string; *out is what stands between the quotes. */
static bool take_string(struct qw_bytes *in, struct qw_slice *out)
{
	if (!take(in, '"'))
		return false;
	const uint8_t *begin = in->at;
	for (;;) {
		(void)qw_bytes_skip(in, qw_json_plain_len(in->at, in->left));
		if (in->left == 0 || in->at[0] == '"')
			break;
		if (take(in, '\\')) {
			if (!take_escape(in))
				return false;
			continue;
		}
		size_t len = in->at[0] < 0x20 ? 0 : qw_utf8_len(in->at, in->left);
		if (len == 0 || !qw_bytes_skip(in, len))
			return false;
	}
	*out = qw_slice(begin, (size_t)(in->at - begin));
	return take(in, '"');
}

static bool take_digits(struct qw_bytes *in)
{
	size_t before = in->left;
	while (in->left > 0 && in->at[0] >= '0' && in->at[0] <= '9')
		(void)qw_bytes_skip(in, 1);
	return in->left < before;
}

static bool take_number(struct qw_bytes *in)
{
	(void)take(in, '-');
	if (!take(in, '0') && !take_digits(in))
		return false;
	if (take(in, '.') && !take_digits(in))
		return false;
	if (take(in, 'e') || take(in, 'E')) {
		if (!take(in, '+'))
			(void)take(in, '-');
		return take_digits(in);
	}
	return true;
}

/* A key of the top level: new, plain and allowed. */
static bool note_key(struct walk *walk, struct qw_slice key)
{
	if (walk->keys_count == KEYS_MAX || memchr(key.data, '\\', key.len))
		return false;
	for (size_t i = 0; i < walk->keys_count; i++) {
		if (walk->keys[i].len == key.len && memcmp(walk->keys[i].data, key.data, key.len) == 0)
			return false;
	}
	for (const char *const *name = walk->forbidden; name && *name; name++) {
		if (strlen(*name) == key.len && memcmp(*name, key.data, key.len) == 0)
			return false;
	}
	walk->keys[walk->keys_count++] = key;
	return true;
}

static bool take_key(struct walk *walk)
{
	struct qw_slice key;
	skip_spaces(&walk->in);
	if (!take_string(&walk->in, &key) || (walk->depth == 1 && !note_key(walk, key)))
		return false;
	skip_spaces(&walk->in);
	return take(&walk->in, ':');
}

static bool in_object(const struct walk *walk)
{
	return walk->objects >> (walk->depth - 1) & 1;
}

static bool closes(const struct walk *walk)
{
	return is_next(&walk->in, in_object(walk) ? '}' : ']');
}

static bool take_scalar(struct qw_bytes *in)
{
	struct qw_slice string;
	if (is_next(in, '"'))
		return take_string(in, &string);
	return take_word(in, "true") || take_word(in, "false") || take_word(in, "null") || take_number(in);
}

/* Goes a level down, to what stands behind the bracket. */
static bool enter(struct walk *walk, unsigned depth)
{
	if (walk->depth == depth)
		return false;
	uint64_t bit = UINT64_C(1) << walk->depth;
	walk->objects = is_next(&walk->in, '{') ? walk->objects | bit : walk->objects & ~bit;
	walk->depth++;
	(void)qw_bytes_skip(&walk->in, 1);
	skip_spaces(&walk->in);
	return true;
}

/* After a value: up as many levels as end here, then over the comma to the next one. */
static bool leave(struct walk *walk)
{
	skip_spaces(&walk->in);
	while (walk->depth > 0 && closes(walk)) {
		(void)qw_bytes_skip(&walk->in, 1);
		walk->depth--;
		skip_spaces(&walk->in);
	}
	if (walk->depth == 0)
		return true;
	return take(&walk->in, ',') && (!in_object(walk) || take_key(walk));
}

/* One value and what ends with it; of an object or array that is not empty, its beginning. */
static bool step(struct walk *walk, unsigned depth)
{
	skip_spaces(&walk->in);
	if (!is_next(&walk->in, '{') && !is_next(&walk->in, '['))
		return take_scalar(&walk->in) && leave(walk);
	if (!enter(walk, depth))
		return false;
	if (closes(walk))
		return leave(walk);
	return !in_object(walk) || take_key(walk);
}

bool qw_json_is_object(const char *data, size_t len, unsigned depth, const char *const *forbidden)
{
	struct walk walk; /* its keys are too many to be cleared for each line */
	walk.in = qw_bytes(data, len);
	walk.depth = 0;
	walk.objects = 0;
	walk.keys_count = 0;
	walk.forbidden = forbidden;

	depth = depth < DEPTH_MAX ? depth : DEPTH_MAX;
	skip_spaces(&walk.in);
	if (!is_next(&walk.in, '{') || !step(&walk, depth))
		return false;
	while (walk.depth > 0) {
		if (!step(&walk, depth))
			return false;
	}
	return walk.in.left == 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * find - sixteen places at a time: where the first and the last byte fit, the rest is compared.
 *
 * Contents are short and so is the data: what a search costs is its beginning,
 * which a library's memmem makes dear, and for letters of any case there is none.
 */
#include "rules/signature/find.h"

#include <string.h>

enum { LANES = 16 };

typedef uint8_t lanes __attribute__((vector_size(LANES)));
typedef uint64_t halves __attribute__((vector_size(LANES)));

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool equal(const uint8_t *data, const uint8_t *content, int64_t len, bool nocase)
{
	if (!nocase)
		return memcmp(data, content, (size_t)len) == 0;
	for (int64_t i = 0; i < len; i++)
		if (lower(data[i]) != content[i])
			return false;
	return true;
}

/* What makes both cases of a letter one: nothing but its two cases becomes it. */
static uint8_t fold_of(uint8_t c, bool nocase)
{
	return nocase && c >= 'a' && c <= 'z' ? 0x20 : 0;
}

static lanes load(const uint8_t *data)
{
	lanes out;
	memcpy(&out, data, LANES);
	return out;
}

static int64_t find_slowly(const uint8_t *data, int64_t from, int64_t to, const uint8_t *content, int64_t len, bool nocase)
{
	for (; from + len <= to; from++)
		if (equal(data + from, content, len, nocase))
			return from;
	return -1;
}

int64_t qw_find(const uint8_t *data, int64_t from, int64_t to, const uint8_t *content, int64_t len, bool nocase)
{
	const uint8_t first = content[0], last = content[len - 1];
	const uint8_t first_fold = fold_of(first, nocase), last_fold = fold_of(last, nocase);
	for (; to - from >= len + LANES - 1; from += LANES) {
		lanes fits = (lanes)((load(data + from) | first_fold) == first) &
			     (lanes)((load(data + from + len - 1) | last_fold) == last);
		halves any = (halves)fits;
		if (!(any[0] | any[1]))
			continue;
		for (int64_t i = 0; i < LANES; i++)
			if (fits[i] && equal(data + from + i, content, len, nocase))
				return from + i;
	}
	return find_slowly(data, from, to, content, len, nocase);
}

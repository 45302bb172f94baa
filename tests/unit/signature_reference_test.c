/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine against a matcher that simply tries everything: chains of contents
 * over an alphabet of two letters, so that nearly every place is a candidate.
 */
#include "signature_kit.h"

enum { CONTENTS_MAX = 4, DATA_MAX = 14, ROUNDS = 400, TEXTS = 24 };

struct piece {
	char text[4];
	int len;
	bool negated, nocase, ends, relative, has_distance, has_within, has_offset, has_depth;
	int distance, within, offset, depth;
};

static uint64_t seed = 20260101;

static unsigned roll(unsigned sides)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % sides;
}

static struct piece random_piece(bool first)
{
	struct piece piece = {
	    .len = 1 + (int)roll(3), .negated = roll(4) == 0, .nocase = roll(4) == 0, .ends = roll(6) == 0};
	for (int i = 0; i < piece.len; i++)
		piece.text[i] = "abA"[roll(3)];
	unsigned kind = roll(first ? 3 : 6);
	if (kind == 1 || kind == 2) {
		piece.has_offset = roll(2);
		piece.has_depth = roll(2);
		piece.offset = (int)roll(6);
		piece.depth = piece.len + (int)roll(5);
	}
	if (kind > 2) {
		piece.relative = true;
		piece.has_distance = roll(3) > 0;
		piece.has_within = !piece.has_distance || roll(2);
		piece.distance = (int)roll(6) - 2;
		piece.within = piece.len + (int)roll(4);
	}
	return piece;
}

static int write_piece(char *out, size_t room, const struct piece *piece)
{
	int len = snprintf(out, room, "content:%s\"%s\"; ", piece->negated ? "!" : "", piece->text);
#define ADD(condition, ...) len += (condition) ? snprintf(out + len, room - (size_t)len, __VA_ARGS__) : 0
	ADD(piece->nocase, "nocase; ");
	ADD(piece->ends, "endswith; ");
	ADD(piece->has_offset, "offset:%d; ", piece->offset);
	ADD(piece->has_depth, "depth:%d; ", piece->depth);
	ADD(piece->has_distance, "distance:%d; ", piece->distance);
	ADD(piece->has_within, "within:%d; ", piece->within);
#undef ADD
	return len;
}

static bool letter_fits(char data, char wanted, bool nocase)
{
	return data == wanted || (nocase && (data | 0x20) == (wanted | 0x20));
}

/* May the piece stand at this place, after `previous`? */
static bool stands(const struct piece *piece, const char *data, int size, int at, int previous)
{
	int from = piece->has_offset ? piece->offset : 0, to = size;
	if (piece->has_depth)
		to = from + piece->depth;
	if (piece->relative) {
		from = previous + (piece->has_distance ? piece->distance : 0);
		to = piece->has_within ? from + piece->within : size;
	}
	if (at < from || at + piece->len > to || at + piece->len > size || (piece->ends && at + piece->len != size))
		return false;
	for (int i = 0; i < piece->len; i++)
		if (!letter_fits(data[at + i], piece->text[i], piece->nocase))
			return false;
	return true;
}

static bool reference(const struct piece *pieces, int count, const char *data, int size, int previous)
{
	bool anywhere = false;
	if (count == 0)
		return true;
	for (int at = 0; at < size; at++) {
		if (!stands(pieces, data, size, at, previous))
			continue;
		anywhere = true;
		if (!pieces->negated && reference(pieces + 1, count - 1, data, size, at + pieces->len))
			return true;
	}
	return pieces->negated && !anywhere && reference(pieces + 1, count - 1, data, size, previous);
}

static void chains_of_contents_match_as_the_reference_does(void **state)
{
	unsigned matches = 0;
	for (int round = 0; round < ROUNDS; round++) {
		struct piece pieces[CONTENTS_MAX];
		struct kit kit;
		char rule[512];
		int count = 1 + (int)roll(CONTENTS_MAX),
		    len = snprintf(rule, sizeof(rule), "alert tcp any any -> any any (");
		for (int i = 0; i < count; i++) {
			pieces[i] = random_piece(i == 0);
			len += write_piece(rule + len, sizeof(rule) - (size_t)len, &pieces[i]);
		}
		snprintf(rule + len, sizeof(rule) - (size_t)len, "sid:1;)");
		kit_one(&kit, rule);
		for (int text = 0; text < TEXTS; text++) {
			char data[DATA_MAX + 1] = "";
			int size = 1 + (int)roll(DATA_MAX);
			for (int i = 0; i < size; i++)
				data[i] = "abA"[roll(8) % 3];
			struct scene scene = scene_payload(data, (size_t)size);
			bool expected = reference(pieces, count, data, size, 0);
			if (scene_fires(&kit, &scene, 0) != expected)
				fail_msg("%s on \"%.*s\": expected %d", rule, size, data, expected);
			matches += expected;
		}
		kit_end(&kit);
	}
	assert_true(matches > ROUNDS); /* the test would prove little otherwise */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(chains_of_contents_match_as_the_reference_does)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

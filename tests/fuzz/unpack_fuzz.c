/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first byte says which packings are announced, the second how the rest is cut: what comes out, and whether
 * it is given up, must be the same as of the whole at once; the memory must all come back.
 */
#include "sensor/protocol/unpack.h"

#include "tests/lib/parser_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BEHIND_BOMB = 40 << 20 };

struct seen {
	size_t len;
	uint64_t sum;
};

static void take(void *ctx, const uint8_t *data, size_t len)
{
	struct seen *seen = ctx;
	seen->len += len;
	for (size_t i = 0; i < len; i++)
		seen->sum = (seen->sum ^ data[i]) * UINT64_C(0x100000001b3);
}

/* In pieces of up to `step` bytes, the first of `first`; each lies in memory of its own size. */
static bool unpack(struct seen *seen, const char *encodings, const uint8_t *data, size_t size, size_t first, size_t step)
{
	const struct qw_unpack_sink sink = {seen, take};
	struct parser_state state = {0};
	struct qw_unpack *unpack = qw_unpack_new(&state, qw_slice_text(encodings));
	bool alive = true;
	for (size_t at = 0, len; at < size; at += len) {
		len = at == 0 ? first : step;
		len = len < size - at ? len : size - at;
		uint8_t *exact = malloc(len);
		if (!exact || !unpack)
			abort();
		memcpy(exact, data + at, len);
		alive = qw_unpack_feed(&state, unpack, exact, len, &sink);
		free(exact);
	}
	qw_unpack_free(&state, unpack);
	if (state.blocks || state.used || state.cuts > 1 || (state.cuts == 0) != alive || seen->len > BEHIND_BOMB)
		abort();
	return alive;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const encodings[] = {"gzip", "deflate", "br", "gzip, gzip", "br, gzip", "deflate, br, gzip"};
	struct seen whole = {0}, cut = {0};
	if (size < 3)
		return 0;
	const char *announced = encodings[data[0] % (sizeof(encodings) / sizeof(encodings[0]))];
	bool alive = unpack(&whole, announced, data + 2, size - 2, size - 2, 1);
	bool survived = unpack(&cut, announced, data + 2, size - 2, 1 + data[1] % 64, 1 + data[1] / 64 * 300);
	/* What is broken may show some more or less before that is noticed. */
	if (alive && survived && (whole.len != cut.len || whole.sum != cut.sum))
		abort();
	return 0;
}

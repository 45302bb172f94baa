/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/unpack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#include "tests/lib/parser_state.h"

enum { PLAIN_MAX = 1 << 16, PACKED_MAX = 1 << 16, GZIP = 15 + 16, ZLIB = 15, RAW = -15, MIB = 1 << 20 };

struct bytes {
	size_t len;
	uint8_t at[PACKED_MAX];
};

/* What came out: all of it counted, its beginning kept. */
struct out {
	size_t len;
	uint8_t at[PLAIN_MAX];
};

static void take(void *ctx, const uint8_t *data, size_t len)
{
	struct out *out = ctx;
	size_t room = out->len < PLAIN_MAX ? PLAIN_MAX - out->len : 0;

	if (room)
		memcpy(out->at + out->len, data, len < room ? len : room);
	out->len += len;
}

/* ---- packing */

static const char text[] = "the quay is asleep, the quay is asleep, EVIL-CRANE-17 and nothing else moves at night.";

static void put(struct bytes *out, const void *data, size_t len)
{
	assert_true(len <= PACKED_MAX - out->len);
	memcpy(out->at + out->len, data, len);
	out->len += len;
}

static void squeeze(struct bytes *out, const void *data, size_t len, int bits)
{
	z_stream stream = {0};

	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_in = (Bytef *)(uintptr_t)data;
	stream.avail_in = (uInt)len;
	stream.next_out = out->at + out->len;
	stream.avail_out = (uInt)(PACKED_MAX - out->len);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	out->len = PACKED_MAX - stream.avail_out;
	deflateEnd(&stream);
}

/* RFC 7932 without squeezing: one meta-block of at most 65 536 bytes, and an empty last one. */
static void frame_brotli(struct bytes *out, const void *data, size_t len)
{
	uint32_t head = (uint32_t)(len - 1) << 4 | 1u << 20;

	put(out, &(uint8_t[]){(uint8_t)head, (uint8_t)(head >> 8), (uint8_t)(head >> 16)}, 3);
	put(out, data, len);
	put(out, "\3", 1);
}

/* Each word of `how` is put on, from the inside out: g gzip, z zlib, r raw deflate, b brotli, - nothing. */
static void pack(struct bytes *out, const char *how)
{
	static struct bytes inner;

	out->len = 0;
	put(out, text, sizeof(text) - 1);
	for (; *how; how++) {
		inner = *out;
		out->len = 0;
		switch (*how) {
		case 'g': squeeze(out, inner.at, inner.len, GZIP); break;
		case 'z': squeeze(out, inner.at, inner.len, ZLIB); break;
		case 'r': squeeze(out, inner.at, inner.len, RAW); break;
		case 'b': frame_brotli(out, inner.at, inner.len); break;
		default: *out = inner; break;
		}
	}
}

/* ---- unpacking */

struct play {
	struct parser_state state;
	struct qw_unpack *unpack;
	struct out out;
	bool alive; /* what the last feed said */
};

static struct play *begin(const char *encodings)
{
	static struct play play;

	memset(&play, 0, sizeof(play));
	play.unpack = qw_unpack_new(&play.state, qw_slice_text(encodings));
	play.alive = true;
	return &play;
}

static void feed(struct play *play, const void *data, size_t len)
{
	const struct qw_unpack_sink sink = {&play->out, take};
	uint8_t *exact = malloc(len ? len : 1);

	assert_non_null(exact);
	memcpy(exact, data, len);
	play->alive = qw_unpack_feed(&play->state, play->unpack, exact, len, &sink);
	free(exact);
}

static void end(struct play *play)
{
	qw_unpack_free(&play->state, play->unpack);
	assert_int_equal(play->state.blocks, 0);
	assert_int_equal(play->state.used, 0);
}

static void expect(const struct play *play, const void *plain, size_t len)
{
	assert_int_equal(play->out.len, len);
	assert_memory_equal(play->out.at, plain, len);
}

/* Whole, byte by byte, and in two at every place. */
static void expect_all_ways(const char *encodings, const struct bytes *packed, const void *plain, size_t len)
{
	for (size_t cut = 0; cut <= packed->len; cut++) {
		struct play *play = begin(encodings);
		feed(play, packed->at, cut);
		feed(play, packed->at + cut, packed->len - cut);
		expect(play, plain, len);
		assert_true(play->alive);
		assert_int_equal(play->state.cuts, 0);
		end(play);
	}
	struct play *play = begin(encodings);
	for (size_t i = 0; i < packed->len; i++)
		feed(play, packed->at + i, 1);
	expect(play, plain, len);
	end(play);
}

/* ---- tests */

static void every_packing_comes_off_wherever_it_is_cut(void **unused)
{
	static const struct {
		const char *encodings, *how;
	} rows[] = {
	    {"gzip", "g"},	  {"x-gzip", "g"},     {"GZip", "g"},	   {"deflate", "z"},
	    {"x-deflate", "z"},	  {"deflate", "r"},    {"br", "b"},	   {"gzip, gzip", "gg"},
	    {"br,gzip", "bg"},	  {"gzip \t, br", "gb"}, {"deflate, br, gzip", "zbg"}, {"gzip, identity, deflate", "gr"},
	};
	static struct bytes packed;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pack(&packed, rows[i].how);
		expect_all_ways(rows[i].encodings, &packed, text, sizeof(text) - 1);
	}
}

static void what_is_not_packed_as_announced_is_handed_on_as_it_is(void **unused)
{
	static const char *const encodings[] = {"gzip", "deflate", "br", "gzip, gzip", "br, gzip", "deflate, br"};
	static struct bytes packed;

	pack(&packed, "-");
	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++)
		expect_all_ways(encodings[i], &packed, text, sizeof(text) - 1);
	pack(&packed, "g"); /* once, and said to be twice */
	expect_all_ways("gzip, gzip", &packed, text, sizeof(text) - 1);
	expect_all_ways("br, gzip", &packed, text, sizeof(text) - 1);
}

static void members_of_gzip_follow_each_other_wherever_they_are_cut(void **unused)
{
	static struct bytes packed;
	static const char plain[] = "first second third";

	packed.len = 0;
	squeeze(&packed, "first ", 6, GZIP);
	squeeze(&packed, "", 0, GZIP);
	squeeze(&packed, "second ", 7, GZIP);
	squeeze(&packed, "third", 5, GZIP);
	expect_all_ways("gzip", &packed, plain, sizeof(plain) - 1);
	packed.len = 0;
	squeeze(&packed, "", 0, GZIP);
	squeeze(&packed, plain, sizeof(plain) - 1, GZIP);
	expect_all_ways("gzip", &packed, plain, sizeof(plain) - 1);
}

static void what_trails_behind_is_nobodys(void **unused)
{
	static const struct {
		const char *encodings, *how;
	} rows[] = {{"gzip", "g"}, {"deflate", "z"}, {"deflate", "r"}, {"br", "b"}, {"br, gzip", "bg"}};
	static struct bytes packed;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pack(&packed, rows[i].how);
		put(&packed, "\0\0trailing, and no member of anything", 37);
		expect_all_ways(rows[i].encodings, &packed, text, sizeof(text) - 1);
	}
}

static void all_that_came_before_the_end_is_seen(void **unused)
{
	static const struct {
		const char *encodings, *how;
	} rows[] = {{"gzip", "g"}, {"deflate", "z"}, {"deflate", "r"}, {"br", "b"}, {"br, gzip", "bg"}};
	static struct bytes packed;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pack(&packed, rows[i].how);
		size_t before = 0;
		for (size_t len = 0; len <= packed.len; len++) {
			struct play *play = begin(rows[i].encodings);
			feed(play, packed.at, len);
			assert_true(play->alive && play->out.len >= before && play->out.len < sizeof(text));
			assert_memory_equal(play->out.at, text, play->out.len);
			before = play->out.len;
			end(play);
		}
		assert_int_equal(before, sizeof(text) - 1);
	}
}

static void a_header_of_gzip_with_all_its_fields_is_passed_over(void **unused)
{
	static const uint8_t head[] = "\x1f\x8b\x08\x1c\0\0\0\0\0\3"
				      "\4\0AB\0\0"
				      "name.txt\0"
				      "a comment";
	static struct bytes packed;

	packed.len = 0;
	put(&packed, head, sizeof(head)); /* with its final NUL */
	squeeze(&packed, text, sizeof(text) - 1, RAW);
	uint32_t sum = (uint32_t)crc32(crc32(0, NULL, 0), (const Bytef *)text, sizeof(text) - 1);
	for (int i = 0; i < 4; i++)
		put(&packed, &(uint8_t){(uint8_t)(sum >> 8 * i)}, 1);
	put(&packed, &(uint8_t[]){sizeof(text) - 1, 0, 0, 0}, 4);
	expect_all_ways("gzip", &packed, text, sizeof(text) - 1);
}

/* Of data that breaks off nothing more is seen, and that is counted once. */
static void damage_is_given_up_and_counted_once(void **unused)
{
	static struct bytes packed;

	packed.len = 0;
	put(&packed, "\x1f\x8b\x08\0\0\0\0\0\0\3", 10);
	put(&packed, "\0\4\0\xfb\xff" "EVIL", 9); /* a stored block, not the last */
	put(&packed, "\7\7\7\7\7\7\7\7", 8);   /* a block of no type */
	struct play *play = begin("gzip");
	feed(play, packed.at, packed.len);
	assert_false(play->alive);
	expect(play, "EVIL", 4);
	feed(play, "more", 4);
	assert_false(play->alive);
	assert_int_equal(play->out.len, 4);
	assert_int_equal(play->state.cuts, 1);
	end(play);
}

/* ---- bounds */

static const uint8_t brotli_bomb[] = { /* 64 MiB of zeroes */
    0xcf, 0xff, 0xff, 0x7f, 0x00, 0x24, 0x00, 0xe2, 0xb1, 0x40, 0x72, 0xef, 0xff, 0xf9, 0xff, 0xff,
    0x0f, 0x80, 0x04, 0x40, 0x1c, 0x16, 0x80, 0xee, 0xfd, 0x3f, 0xff, 0xff, 0xff, 0x01, 0x90, 0x00,
    0x88, 0xc3, 0x02, 0xd0, 0xbd, 0xff, 0xcf, 0xff, 0xff, 0x7f, 0x00, 0x12, 0x00, 0x71, 0x58, 0x00,
    0xba, 0xf7, 0xff};

static void expect_given_up(const char *encodings, const struct bytes *packed, size_t at_most)
{
	struct play *play = begin(encodings);

	for (size_t i = 0; i < packed->len && play->alive; i += 16)
		feed(play, packed->at + i, packed->len - i < 16 ? packed->len - i : 16);
	assert_false(play->alive);
	assert_in_range(play->out.len, 1, at_most);
	assert_int_equal(play->state.cuts, 1);
	end(play);
}

static void bombs_are_given_up(void **unused)
{
	static uint8_t zeroes[8 * MIB];
	static struct bytes packed, twice;

	packed.len = twice.len = 0;
	squeeze(&packed, zeroes, sizeof(zeroes), GZIP);
	expect_given_up("gzip", &packed, 3 * MIB);
	squeeze(&twice, packed.at, packed.len, GZIP);
	expect_given_up("gzip, gzip", &twice, 3 * MIB);
	packed.len = 0;
	put(&packed, brotli_bomb, sizeof(brotli_bomb));
	expect_given_up("br", &packed, 3 * MIB);
}

/* Of what has come all is seen at once, though brotli could hold it back. */
static void brotli_holds_nothing_back(void **unused)
{
	static uint8_t plain[60000];
	static struct bytes packed;

	memset(plain, 'q', sizeof(plain));
	packed.len = 0;
	frame_brotli(&packed, plain, sizeof(plain));
	struct play *play = begin("br");
	feed(play, packed.at, packed.len - 1);
	assert_int_equal(play->out.len, sizeof(plain));
	end(play);
}

/* Many small members grow as one large one would. */
static void a_bomb_of_many_members_is_given_up(void **unused)
{
	static const uint8_t zeroes[50000];
	static struct bytes packed;

	packed.len = 0;
	for (int i = 0; i < 200; i++)
		squeeze(&packed, zeroes, sizeof(zeroes), GZIP);
	expect_given_up("gzip", &packed, 3 * MIB);
}

/* What is large, but no larger than it may be, comes whole. */
static void honest_growth_is_no_bomb(void **unused)
{
	static uint8_t plain[2 * MIB];
	static struct bytes packed;
	uint32_t seed = 1;

	for (size_t i = 0; i < sizeof(plain); i++) /* a new number every 300 bytes */
		plain[i] = (uint8_t)(i % 300 ? plain[i - 1] : (seed = seed * 1664525 + 1013904223) >> 24);
	packed.len = 0;
	squeeze(&packed, plain, sizeof(plain), GZIP);
	struct play *play = begin("gzip");
	feed(play, packed.at, packed.len);
	assert_true(play->alive);
	assert_int_equal(play->out.len, sizeof(plain));
	assert_int_equal(play->state.cuts, 0);
	end(play);
}

static void more_packings_than_come_off_are_counted(void **unused)
{
	static struct bytes packed;

	pack(&packed, "gggg");
	struct play *play = begin("gzip, gzip, gzip, gzip");
	assert_int_equal(play->state.cuts, 1);
	feed(play, packed.at, packed.len);
	assert_memory_equal(play->out.at, "\x1f\x8b", 2); /* three are off */
	end(play);
}

static void nothing_to_unpack_is_no_unpacker(void **unused)
{
	static const char *const encodings[] = {"", "identity", "compress", "gzipp", " , ,", "zstd"};

	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
		struct play *play = begin(encodings[i]);
		assert_null(play->unpack);
		end(play);
	}
}

/* From no room at all to enough: it is given up and counted, or comes whole. */
static void without_room_it_is_given_up(void **unused)
{
	static const char *const encodings[] = {"gzip", "br"}, *const how[] = {"g", "b"};
	static struct bytes packed;
	unsigned refused = 0, whole = 0;

	for (size_t i = 0; i < 2; i++) {
		pack(&packed, how[i]);
		for (size_t room = 64; room < 80000; room += 997) {
			static struct play play;
			memset(&play, 0, sizeof(play));
			play.state.room = room;
			play.unpack = qw_unpack_new(&play.state, qw_slice_text(encodings[i]));
			if (play.unpack)
				feed(&play, packed.at, packed.len);
			if (play.out.len == sizeof(text) - 1)
				whole++;
			else
				assert_true(!play.unpack || (!play.alive && play.state.cuts == 1));
			refused += play.state.refused > 0;
			end(&play);
		}
	}
	assert_true(refused > 10 && whole > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_packing_comes_off_wherever_it_is_cut),
	    cmocka_unit_test(what_is_not_packed_as_announced_is_handed_on_as_it_is),
	    cmocka_unit_test(members_of_gzip_follow_each_other_wherever_they_are_cut),
	    cmocka_unit_test(what_trails_behind_is_nobodys),
	    cmocka_unit_test(all_that_came_before_the_end_is_seen),
	    cmocka_unit_test(a_header_of_gzip_with_all_its_fields_is_passed_over),
	    cmocka_unit_test(damage_is_given_up_and_counted_once),
	    cmocka_unit_test(bombs_are_given_up),
	    cmocka_unit_test(brotli_holds_nothing_back),
	    cmocka_unit_test(a_bomb_of_many_members_is_given_up),
	    cmocka_unit_test(honest_growth_is_no_bomb),
	    cmocka_unit_test(more_packings_than_come_off_are_counted),
	    cmocka_unit_test(nothing_to_unpack_is_no_unpacker),
	    cmocka_unit_test(without_room_it_is_given_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

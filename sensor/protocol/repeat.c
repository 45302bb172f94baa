/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/repeat.h"

#include <string.h>

#include "quaywatch/hash.h"
#include "quaywatch/pages.h"

enum {
	SETS = 2048,
	WAYS = 4,
	PLACES = 4,         /* that have room in a row; … */
	PRINTS = 2,
	PLACES_MAX = 20,    /* … and those of a frame of many services */
	PRINTS_MAX = 20,
	WIDE_ROWS = 1024,
	WAITING_MAX = 256,  /* unanswered requests in a row: then somebody should look */
	STEP = 16,          /* bytes of a digest's step */
};

struct place {
	uint16_t at, len;
};

/* A frame, in a cache line. */
struct row {
	uint64_t digest; /* of whose it is, and of its bytes but for places */
	int64_t until_ns;
	uint64_t print[PRINTS];
	uint32_t object;
	uint16_t detail;
	uint16_t compared; /* bytes from the front */
	struct place place[PLACES];
	uint8_t places, prints;
	bool is_wide;
	uint16_t wide;      /* where the prints and places are, if there are more */
};

_Static_assert(sizeof(struct row) == 64, "a row is a cache line");

struct wide {
	uint64_t digest; /* of the row that it belongs to */
	uint64_t print[PRINTS_MAX];
	struct place place[PLACES_MAX];
};

struct qw_repeat {
	struct qw_repeat_options options;
	struct qw_repeat_counters counters;
	struct qw_hash_key secret;
	uint32_t age;
	uint16_t next_wide;
	bool off;
	bool looked_at[QW_BUFFER_COUNT];
	/* the frame that is being read */
	bool reading;
	size_t number;  /* of its row */
	uint64_t tag, seed;
	struct qw_bytes frame;
	struct row draft;
	struct wide noted;
	/* rows are looked into where a tag says so */
	uint8_t used[SETS]; /* a bit for each row: it was met since the last time that one had to go */
	_Alignas(64) uint64_t tags[SETS][WAYS];
	_Alignas(64) struct row row[SETS * WAYS];
	struct wide wide[WIDE_ROWS];
};

enum qw_err qw_repeat_new(struct qw_repeat **out, const struct qw_repeat_options *options)
{
	struct qw_repeat *repeat = qw_pages_new(sizeof(*repeat));

	if (!repeat)
		return QW_ENOMEM;
	repeat->options = *options;
	repeat->age = 1;
	repeat->secret = qw_hash_key_random();
	*out = repeat;
	return QW_OK;
}

void qw_repeat_free(struct qw_repeat *repeat)
{
	qw_pages_free(repeat, sizeof(*repeat));
}

void qw_repeat_forget(struct qw_repeat *repeat, bool off)
{
	repeat->age++;
	repeat->off = off;
	repeat->reading = false;
}

void qw_repeat_looked_at(struct qw_repeat *repeat, enum qw_buffer buffer, bool looked_at)
{
	repeat->looked_at[buffer] = looked_at;
}

bool qw_repeat_is_looked_at(const struct qw_repeat *repeat, enum qw_buffer buffer)
{
	return !repeat || repeat->looked_at[buffer];
}

/* ---- the same again */

static uint64_t seed_of(const struct qw_repeat *repeat, const struct qw_repeat_frame *frame, const struct qw_ot_pair *pair)
{
	const struct qw_flow *flow = frame->flow;
	uint64_t asked = pair ? (uint64_t)pair->object << 16 | pair->detail : 0;
	uint64_t kind = (uint64_t)frame->bytes.left << 32 | (uint64_t)flow->app << 8 | (uint64_t)(pair != NULL) << 4 |
			(uint64_t)frame->way << 2 | (uint64_t)frame->direction;
	uint64_t whose = qw_hash_step((uint64_t)(uintptr_t)flow ^ repeat->secret.k0, (uint64_t)flow->first.ns ^ repeat->secret.k1);

	return qw_hash_step(whose ^ asked, kind ^ repeat->secret.k0) ^ repeat->age;
}

static uint64_t digest_of(const struct qw_repeat *repeat, const uint8_t *bytes, const struct row *row, const struct place *place)
{
	uint64_t digest = repeat->seed;
	size_t from = 0;

	for (unsigned i = 0; i < row->places; i++) {
		digest = qw_hash_add(repeat->secret, digest, bytes + from, place[i].at - from);
		from = (size_t)place[i].at + place[i].len;
	}
	return qw_hash_add(repeat->secret, digest, bytes + from, row->compared - from);
}

/* Where its prints and places are; NULL: another row has them. */
static const struct wide *wide_of(const struct qw_repeat *repeat, const struct row *row)
{
	const struct wide *wide = &repeat->wide[row->wide];

	return wide->digest == row->digest ? wide : NULL;
}

static bool is_same(const struct qw_repeat *repeat, const struct row *row, const struct qw_repeat_frame *frame)
{
	const struct wide *wide = row->is_wide ? wide_of(repeat, row) : NULL;

	if (row->compared > frame->bytes.left || (row->is_wide && !wide))
		return false;
	return digest_of(repeat, frame->bytes.at, row, wide ? wide->place : row->place) == row->digest;
}

static struct row *find(struct qw_repeat *repeat, const struct qw_repeat_frame *frame)
{
	size_t set = repeat->tag >> 8 & (SETS - 1);

	for (unsigned i = 0; i < WAYS; i++) {
		struct row *row = &repeat->row[set * WAYS + i];
		if (repeat->tags[set][i] != repeat->tag || !is_same(repeat, row, frame))
			continue;
		repeat->used[set] |= (uint8_t)(1u << i);
		return row;
	}
	return NULL;
}

/* A row that is free, or was not met for the longest time, about. */
static size_t number_for(struct qw_repeat *repeat)
{
	enum { ALL = (1 << WAYS) - 1 };
	size_t set = repeat->tag >> 8 & (SETS - 1);

	if (repeat->used[set] == ALL)
		repeat->used[set] = 0;
	return set * WAYS + (size_t)__builtin_ctz(~repeat->used[set] & ALL);
}

/* Nothing is due of it. */
static bool is_counted(struct qw_repeat *repeat, const struct row *row, const struct qw_repeat_frame *frame)
{
	if (row->until_ns && frame->flow->last.ns >= row->until_ns)
		return false;
	if (frame->way == QW_REPEAT_ASKS && frame->pairs->waiting >= WAITING_MAX)
		return false;
	const uint64_t *prints = row->is_wide ? repeat->wide[row->wide].print : row->print;
	return row->prints == 0 || repeat->options.again(repeat->options.ctx, frame->flow, prints, row->prints);
}

static void settle(const struct row *row, const struct qw_repeat_frame *frame, struct qw_ot_pair *pair)
{
	if (frame->way == QW_REPEAT_ASKS)
		qw_ot_pairs_ask(frame->state, frame->pairs, frame->key, row->object, row->detail);
	else if (pair)
		qw_ot_pairs_take(frame->pairs, pair);
}

static void begin(struct qw_repeat *repeat, size_t number, const struct qw_repeat_frame *frame)
{
	repeat->reading = true;
	repeat->number = number;
	repeat->frame = frame->bytes;
	repeat->draft.places = repeat->draft.prints = 0;
	repeat->draft.until_ns = 0;
}

bool qw_repeat_is(struct qw_repeat *repeat, const struct qw_repeat_frame *frame)
{
	if (!repeat || repeat->off)
		return false;
	repeat->reading = false;
	if (frame->bytes.left > UINT16_MAX)
		return false;
	struct qw_ot_pair *pair = frame->way == QW_REPEAT_ANSWERS ? qw_ot_pairs_find(frame->pairs, frame->key) : NULL;
	repeat->seed = seed_of(repeat, frame, pair);
	repeat->tag = qw_hash_step(repeat->seed ^ frame->telling, repeat->secret.k1) | 1;
	struct row *row = find(repeat, frame);

	if (row && is_counted(repeat, row, frame)) {
		repeat->counters.heard++;
		settle(row, frame, pair);
		return true;
	}
	begin(repeat, row ? (size_t)(row - repeat->row) : number_for(repeat), frame);
	return false;
}

/* ---- what is read */

void qw_repeat_none(struct qw_repeat *repeat)
{
	if (repeat)
		repeat->reading = false;
}

void qw_repeat_varies(struct qw_repeat *repeat, const uint8_t *at, size_t len)
{
	if (!repeat || !repeat->reading || len == 0)
		return;
	struct row *draft = &repeat->draft;
	struct place *place = repeat->noted.place;
	size_t from = (size_t)(at - repeat->frame.at);
	const struct place *last = draft->places ? &place[draft->places - 1] : NULL;
	bool within = at >= repeat->frame.at && from < repeat->frame.left && len <= repeat->frame.left - from;

	if (!within || (last && from < (size_t)last->at + last->len) || draft->places == PLACES_MAX)
		repeat->reading = false;
	else
		place[draft->places++] = (struct place){(uint16_t)from, (uint16_t)len};
}

void qw_repeat_quiet(struct qw_repeat *repeat, uint64_t print, int64_t until_ns)
{
	struct row *draft = &repeat->draft;

	if (!repeat->reading)
		return;
	if (print && draft->prints == PRINTS_MAX) {
		repeat->reading = false;
		return;
	}
	if (print)
		repeat->noted.print[draft->prints++] = print;
	if (until_ns && (!draft->until_ns || until_ns < draft->until_ns))
		draft->until_ns = until_ns;
}

/* What has no room in the row. */
static void keep_wide(struct qw_repeat *repeat)
{
	repeat->next_wide = (uint16_t)((repeat->next_wide + 1) % WIDE_ROWS);
	repeat->draft.wide = repeat->next_wide;
	repeat->noted.digest = repeat->draft.digest;
	repeat->wide[repeat->next_wide] = repeat->noted;
}

void qw_repeat_read(struct qw_repeat *repeat, const struct qw_ot_pair *pair)
{
	if (!repeat || !repeat->reading)
		return;
	struct row *draft = &repeat->draft;
	const struct place *last = draft->places ? &repeat->noted.place[draft->places - 1] : NULL;
	bool open = last && (size_t)last->at + last->len == repeat->frame.left;

	repeat->reading = false;
	draft->compared = open ? last->at : (uint16_t)repeat->frame.left;
	draft->places = (uint8_t)(draft->places - open);
	draft->object = pair ? pair->object : 0;
	draft->detail = pair ? pair->detail : 0;
	draft->digest = digest_of(repeat, repeat->frame.at, draft, repeat->noted.place);
	draft->is_wide = draft->places > PLACES || draft->prints > PRINTS;
	if (draft->is_wide)
		keep_wide(repeat);
	memcpy(draft->place, repeat->noted.place, sizeof(draft->place));
	memcpy(draft->print, repeat->noted.print, sizeof(draft->print));
	repeat->row[repeat->number] = *draft;
	repeat->tags[repeat->number / WAYS][repeat->number % WAYS] = repeat->tag;
	repeat->used[repeat->number / WAYS] |= (uint8_t)(1u << repeat->number % WAYS);
	repeat->counters.kept++;
}

struct qw_repeat_counters qw_repeat_counters(const struct qw_repeat *repeat)
{
	return repeat->counters;
}

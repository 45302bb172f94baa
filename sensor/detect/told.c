/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/told.h"

#include <string.h>

#include "quaywatch/ot.h"
#include "quaywatch/pages.h"
#include "sensor/detect/fingerprint.h"
#include "sensor/detect/report.h"

enum {
	WAYS = 4,           /* rows that a fingerprint may have */
	MESSAGE_SETS = 8192,
	MESSAGE_ROWS = MESSAGE_SETS * WAYS,
	FLOW_SETS = 4096,
	UNIT_SHIFT = 30,    /* of nanoseconds: a little more than a second … */
	LIFE_UNITS = 56,    /* … so this is a minute */
	SPAN_SHIFT = 10,    /* of nanoseconds: a little more than a microsecond */
	WAIT_SHIFT = 26,    /* of nanoseconds: 67 milliseconds */
	STEADY_COUNT = 4,   /* a minute */
	PATIENCE_FACTOR = 10,
	PATIENCE_LEAST = 75, /* waits: 5 seconds */
	SWEEP_SHIFT = 24,   /* of nanoseconds: 17 milliseconds … */
	SWEEP_ROWS = 128,   /* … in which so many rows are looked at: all of them in four seconds */
	SWEEP_ROWS_MAX = MESSAGE_ROWS, /* where packets are far apart: a look at 512 words of bits */
	GAP_S = 30,         /* without any packet: then nobody knows who was silent */
	ALLOWANCE_SHIFT = 20, /* of nanoseconds: a little more than a millisecond … */
	ALLOWANCE_EACH = 5,   /* … in which so many things may be told */
	ALLOWANCE_MAX = 10000,
	LOOK_PACKETS = 8,   /* of a flow of which nobody knows what it carries */
	MUCH_BYTES = 64 * 1024, /* of flows that were not told: tells their end all the same */
};

/* Two of them are a cache line. */
struct row {
	uint64_t print; /* 0: free */
	int64_t last_ns;
	uint16_t told;     /* when, in units */
	uint16_t patience; /* how long it may be silent, in waits; 0: it does not come steadily */
	uint32_t count;
	uint32_t shortest, longest; /* spans */
};

_Static_assert(sizeof(struct row) == 32, "two rows are a cache line");

/* Of flows that were not told. */
struct sum {
	uint64_t packets[2], bytes[2];
};

struct qw_told {
	struct qw_print_secret secret;
	struct qw_told_counters counters;
	int64_t allowed_ns; /* up to when the allowance was given */
	uint32_t allowance;
	int64_t swept_ns; /* up to when rows were looked at for silence */
	int64_t resumed_ns; /* when packets came again after nothing came at all, or another capture began */
	uint32_t hand, due; /* the next row, and how many are due */
	uint64_t steady[MESSAGE_ROWS / 64]; /* rows of messages that may be missed: a bit each */
	_Alignas(64) struct row message[MESSAGE_SETS][WAYS];
	struct row flow[FLOW_SETS][WAYS];
	struct sum sum[FLOW_SETS][WAYS]; /* of the row in the same place */
};

enum qw_err qw_told_new(struct qw_told **out)
{
	struct qw_told *told = qw_pages_new(sizeof(*told));

	if (!told)
		return QW_ENOMEM;
	told->secret = qw_print_secret_random();
	told->allowance = ALLOWANCE_MAX;
	*out = told;
	return QW_OK;
}

void qw_told_free(struct qw_told *told)
{
	qw_pages_free(told, sizeof(*told));
}

/* ---- rows */

/* They come round in 19 hours; who was silent that long is told a minute late at most. */
static uint16_t units_of(struct qw_time time)
{
	return (uint16_t)(time.ns >> UNIT_SHIFT);
}

static bool is_over(const struct row *row, struct qw_time now)
{
	return (uint16_t)(units_of(now) - row->told) >= LIFE_UNITS; /* time that goes back ends the minute too */
}

static __attribute__((noinline)) struct row *oldest_of(struct row *set)
{
	struct row *oldest = &set[0];

	for (int i = 1; i < WAYS; i++)
		if (set[i].last_ns < oldest->last_ns)
			oldest = &set[i];
	return oldest;
}

/* Where it stands, or else the row that is to go for it. */
static struct row *row_of(struct row *set, uint64_t print)
{
	for (int i = 0; i < WAYS; i++)
		if (set[i].print == print)
			return &set[i];
	return oldest_of(set);
}

/* One more of the same; true: its minute is over. */
static bool repeat(struct row *row, struct qw_time now)
{
	int64_t distance = now.ns - row->last_ns;
	uint64_t span = distance > 0 ? (uint64_t)distance >> SPAN_SHIFT : 0;
	uint32_t cut = span < UINT32_MAX ? (uint32_t)span : UINT32_MAX;

	row->count += row->count < UINT32_MAX;
	row->shortest = cut < row->shortest ? cut : row->shortest;
	row->longest = cut > row->longest ? cut : row->longest;
	row->last_ns = now.ns;
	return is_over(row, now);
}

static struct qw_time span_of(uint32_t span)
{
	return qw_time_ns((int64_t)span << SPAN_SHIFT);
}

/* Ten times the longest distance, as waits. */
static uint16_t patience_of(const struct row *row)
{
	uint64_t waits = (uint64_t)row->longest * PATIENCE_FACTOR >> (WAIT_SHIFT - SPAN_SHIFT);

	if (row->count < STEADY_COUNT)
		return 0;
	if (waits < PATIENCE_LEAST)
		return PATIENCE_LEAST;
	return waits < UINT16_MAX ? (uint16_t)waits : UINT16_MAX;
}

static void begin_row(struct row *row, uint64_t print, struct qw_time now)
{
	*row = (struct row){.print = print, .last_ns = now.ns, .told = units_of(now), .shortest = UINT32_MAX};
}

/* ---- the allowance */

static bool is_allowed(struct qw_told *told, struct qw_time now)
{
	int64_t since = (now.ns - told->allowed_ns) >> ALLOWANCE_SHIFT;

	if (since != 0) {
		bool full = since < 0 || since >= ALLOWANCE_MAX / ALLOWANCE_EACH;
		uint32_t sum = full ? ALLOWANCE_MAX : told->allowance + (uint32_t)since * ALLOWANCE_EACH;
		told->allowance = sum < ALLOWANCE_MAX ? sum : ALLOWANCE_MAX;
		told->allowed_ns = full ? now.ns : told->allowed_ns + (since << ALLOWANCE_SHIFT);
	}
	if (told->allowance == 0) {
		told->counters.shed++;
		return false;
	}
	told->allowance--;
	told->counters.told++;
	return true;
}

/* Something new, in the row that is to be its own. */
static __attribute__((noinline)) bool tell_first(struct qw_told *told, struct row *row, uint64_t print, struct qw_time now, struct qw_told_again *again)
{
	if (!is_allowed(told, now))
		return false;
	told->counters.pushed += row->print && !is_over(row, now);
	begin_row(row, print, now);
	*again = (struct qw_told_again){.print = print};
	return true;
}

/* Flows are not missed. */
static void note_steady(struct qw_told *told, const struct row *row)
{
	size_t number = (size_t)(row - &told->message[0][0]);

	if (row->patience && number < MESSAGE_ROWS)
		told->steady[number / 64] |= UINT64_C(1) << number % 64;
}

static __attribute__((noinline)) bool tell_again(struct qw_told *told, struct row *row, struct qw_time now, struct qw_told_again *again)
{
	if (!is_allowed(told, now))
		return false;
	uint16_t patience = patience_of(row);
	*again = (struct qw_told_again){
		.count = row->count, .shortest = span_of(row->shortest), .longest = span_of(row->longest), .print = row->print};
	again->since = qw_time_ns((int64_t)(uint16_t)(units_of(now) - row->told) << UNIT_SHIFT);
	begin_row(row, row->print, now);
	row->patience = patience;
	note_steady(told, row);
	return true;
}

static bool is_new(struct qw_told *told, struct row *row, uint64_t print, struct qw_time now, struct qw_told_again *again)
{
	if (__builtin_expect(row->print != print, 0))
		return tell_first(told, row, print, now, again);
	if (__builtin_expect(repeat(row, now), 0))
		return tell_again(told, row, now, again);
	told->counters.kept_back++;
	return false;
}

/* ---- messages */

static bool is_position(const struct qw_message *message)
{
	return !(message->gist[0] | message->gist[1]) &&
	       ((const struct qw_ot_detail *)qw_message_detail(message))->position != NULL;
}

/* Of DNS the questions, of TLS what both sides said of themselves; the rest of IT flows tell. */
static bool is_told_kind(const struct qw_message *message, enum qw_event_type type)
{
	switch (type) {
	case QW_EVENT_OT:
	case QW_EVENT_TLS: return true;
	case QW_EVENT_DNS: return !((const struct qw_dns_detail *)qw_message_detail(message))->response;
	default: return false;
	}
}

static struct row *message_set(struct qw_told *told, uint64_t print)
{
	return told->message[print >> 8 & (MESSAGE_SETS - 1)];
}

bool qw_told_message(struct qw_told *told, const struct qw_scene *scene, enum qw_event_type type, struct qw_time now,
		     struct qw_told_again *again)
{
	const struct qw_message *message = scene->message;

	*again = (struct qw_told_again){0};
	if (!is_told_kind(message, type))
		return false;
	if (type == QW_EVENT_OT && is_position(message)) {
		again->always = true;
		return is_allowed(told, now); /* where things are is never the same */
	}
	struct qw_print_ends ends = scene->flow ? qw_print_flow(&told->secret, scene->flow) : qw_print_link(&told->secret, scene->packet);
	uint64_t print = qw_print_message(&told->secret, ends, message) | 1;
	again->print = print;
	return is_new(told, row_of(message_set(told, print), print), print, now, again);
}

/* NULL: it was forgotten, or its minute is over. */
static struct row *row_to_repeat(struct qw_told *told, uint64_t print, struct qw_time now)
{
	struct row *set = message_set(told, print);

	for (int i = 0; i < WAYS; i++)
		if (set[i].print == print)
			return is_over(&set[i], now) ? NULL : &set[i];
	return NULL;
}

bool qw_told_repeats(struct qw_told *told, const uint64_t *prints, unsigned count, struct qw_time now)
{
	for (unsigned i = 0; i < count; i++)
		if (!row_to_repeat(told, prints[i], now))
			return false;
	for (unsigned i = 0; i < count; i++)
		(void)repeat(row_to_repeat(told, prints[i], now), now);
	told->counters.kept_back += count;
	return true;
}

/* ---- silence */

/* Rows become due as time goes on; where it jumped, no more than are looked at in one go. */
static void make_due(struct qw_told *told, struct qw_time now)
{
	int64_t since = (now.ns - told->swept_ns) >> SWEEP_SHIFT;

	if (since < 0 || since > GAP_S * QW_NS_PER_S >> SWEEP_SHIFT)
		told->resumed_ns = now.ns;
	if (since != 0) {
		bool jumped = since < 0 || since > SWEEP_ROWS_MAX / SWEEP_ROWS;
		told->due = jumped ? SWEEP_ROWS_MAX : told->due + (uint32_t)since * SWEEP_ROWS;
		told->due = told->due < SWEEP_ROWS_MAX ? told->due : SWEEP_ROWS_MAX;
		told->swept_ns = jumped ? now.ns : told->swept_ns + (since << SWEEP_SHIFT);
	}
}

/* The hand goes on to a row that may be missed, as far as rows are due.  NULL: there is none. */
static struct row *next_steady(struct qw_told *told)
{
	while (told->due > 0) {
		uint32_t at = told->hand % 64, rest = 64 - at < told->due ? 64 - at : told->due;
		uint64_t bits = told->steady[told->hand / 64] >> at;
		uint32_t passed = bits ? (uint32_t)__builtin_ctzll(bits) : 64;
		bool found = passed < rest;
		uint32_t step = found ? passed + 1 : rest;
		uint32_t first = told->hand;
		told->hand = (first + step) % MESSAGE_ROWS;
		told->due -= step;
		if (found)
			return &told->message[0][0] + first + passed;
	}
	return NULL;
}

/* Is it missed now?  Rows that came steadily once, and are others' now, are forgotten. */
static bool is_missed(struct qw_told *told, struct row *row, struct qw_time now)
{
	int64_t since = row->last_ns > told->resumed_ns ? row->last_ns : told->resumed_ns;
	size_t number = (size_t)(row - &told->message[0][0]);
	bool missed = row->patience && now.ns - since > (int64_t)row->patience << WAIT_SHIFT;

	if (missed)
		row->patience = 0;
	if (!row->patience)
		told->steady[number / 64] &= ~(UINT64_C(1) << number % 64);
	return missed;
}

bool qw_told_next_silent(struct qw_told *told, struct qw_time now, uint64_t *print, struct qw_time *silent)
{
	struct row *row;

	make_due(told, now);
	while ((row = next_steady(told))) {
		if (!is_missed(told, row, now) || !is_allowed(told, now))
			continue;
		told->counters.missed++;
		*print = row->print;
		*silent = qw_time_sub(now, qw_time_ns(row->last_ns));
		return true;
	}
	return false;
}

/* ---- flows */

bool qw_told_is_time(const struct qw_flow *flow)
{
	return flow->app > QW_APP_FAILED || flow->flags & (QW_FLOW_CLASSIFIED | QW_FLOW_CLOSED) ||
	       flow->packets[0] + flow->packets[1] >= LOOK_PACKETS || flow->last.ns - flow->first.ns >= QW_NS_PER_S;
}

static uint64_t print_of(const struct qw_told *told, const struct qw_flow *flow)
{
	uint64_t app = flow->app > QW_APP_FAILED ? flow->app : (uint64_t)flow->ndpi_master << 16;
	struct qw_print_ends ends = qw_print_flow(&told->secret, flow);

	return qw_hash_step(ends.one ^ app << 32, ends.other ^ told->secret.word[5]) | 1;
}

static struct row *flow_row(struct qw_told *told, uint64_t print, struct sum **sum)
{
	size_t set = print >> 8 & (FLOW_SETS - 1);
	struct row *row = row_of(told->flow[set], print);

	*sum = &told->sum[set][row - told->flow[set]];
	return row;
}

static void take_sum(struct sum *sum, struct qw_told_again *again)
{
	memcpy(again->packets, sum->packets, sizeof(sum->packets));
	memcpy(again->bytes, sum->bytes, sizeof(sum->bytes));
	*sum = (struct sum){0};
}

bool qw_told_begins(struct qw_told *told, struct qw_flow *flow, struct qw_time now, struct qw_told_again *again)
{
	uint64_t print = print_of(told, flow);
	struct sum *sum;
	struct row *row = flow_row(told, print, &sum);
	bool same = row->print == print;

	flow->flags |= QW_FLOW_WATCHED;
	if (!is_new(told, row, print, now, again))
		return false;
	flow->flags |= QW_FLOW_TOLD;
	if (!same)
		*sum = (struct sum){0};
	return true;
}

bool qw_told_ends(struct qw_told *told, const struct qw_flow *flow, struct qw_told_again *again)
{
	uint64_t print = print_of(told, flow);
	struct sum *sum;
	struct row *row = flow_row(told, print, &sum);

	*again = (struct qw_told_again){0};
	if (row->print != print) /* it had to go, and what it summed up with it */
		return flow->flags & QW_FLOW_TOLD || flow->bytes[0] + flow->bytes[1] >= MUCH_BYTES;
	uint64_t bytes = sum->bytes[0] + sum->bytes[1] + flow->bytes[0] + flow->bytes[1];
	if (flow->flags & QW_FLOW_TOLD || bytes >= MUCH_BYTES) {
		take_sum(sum, again);
		return true;
	}
	for (int direction = 0; direction < 2; direction++) {
		sum->packets[direction] += flow->packets[direction];
		sum->bytes[direction] += flow->bytes[direction];
	}
	return false;
}

struct qw_told_counters qw_told_counters(const struct qw_told *told)
{
	return told->counters;
}

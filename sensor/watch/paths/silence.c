/* SPDX-License-Identifier: Apache-2.0 */
/* silence - flows that must come and do not, or bring too little: the backup that nobody misses until it is needed. */
#include "sensor/watch/paths/expect.h"
#include "sensor/watch/paths/paths.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/log.h"

enum { EXPECTS_MAX = 256, GRACE_S = 300 /* until a flow's end is told */ };

enum { MISSING, SMALL, UNKNOWN, FINDINGS };

static const struct qw_finding_row findings[FINDINGS] = {
	[MISSING] = {QW_FINDING_SILENCE, "A flow that must come did not come", "Missing backup", 1, "T0813", "W08"},
	[SMALL] = {QW_FINDING_SILENCE + 1, "A flow that must come brought less than it should", "Missing backup", 2, "T0813", "W08"},
	[UNKNOWN] = {QW_FINDING_SILENCE + 2, "A flow that must come was not seen, but the sensor lost packets meanwhile",
		     "Missing backup", 3, NULL, "W08"},
};

struct row {
	struct qw_expect expect;
	const char *text;      /* of the configuration, which outlives this */
	struct qw_time judged; /* the begin of the window that was judged last, or that nobody watched from its begin */
	struct qw_time begin;  /* of the window that `flows` and `bytes` are of */
	uint64_t flows, bytes;
	uint32_t open; /* flows that began in it, and did not end */
};

struct silence {
	struct qw_world *world;
	bool begun;
	size_t count;
	struct row row[EXPECTS_MAX];
};

static enum qw_err read_rows(struct silence *state)
{
	const char *const *items, *why = "no more than 256 are taken";
	size_t count = qw_world_list(state->world, QW_WATCH_EXPECT, &items);

	for (size_t i = 0; i < count; i++) {
		struct row *row = &state->row[i];
		if (i == EXPECTS_MAX || qw_expect_parse(&row->expect, items[i], strlen(items[i]), &why) != QW_OK) {
			qw_log(QW_LOG_ERROR, "WATCH-EXPECT", "watch.expect: \"%s\": %s", items[i], why);
			return i == EXPECTS_MAX ? QW_ELIMIT : QW_EFORMAT;
		}
		row->text = items[i];
		state->count++;
	}
	return QW_OK;
}

static enum qw_err silence_make(void **out, struct qw_world *world)
{
	struct silence *state = calloc(1, sizeof(*state));

	if (!state)
		return QW_ENOMEM;
	state->world = world;
	enum qw_err err = read_rows(state);
	if (err != QW_OK) {
		free(state);
		return err;
	}
	*out = state;
	return QW_OK;
}

/* ---- judging */

static struct qw_seen_end end_of(const struct qw_prefix *prefix, uint16_t port)
{
	return (struct qw_seen_end){.known = prefix->bits == 128, .address = prefix->address, .port = port};
}

static void tell(struct silence *state, const struct row *row, unsigned what, struct qw_time now)
{
	struct qw_finding finding = {.row = &findings[what], .time = now};
	char memory[384];
	struct qw_text text;

	finding.src = end_of(&row->expect.from, 0);
	finding.dst = end_of(&row->expect.to, row->expect.port);
	finding.what = (uint64_t)(row - state->row) + 1;
	qw_text_init(&text, memory, sizeof(memory));
	qw_text_format(&text, "expected: %.160s; seen: %llu flows", row->text, (unsigned long long)row->flows);
	if (row->flows) {
		qw_text_literal(&text, " with ");
		qw_text_bytes(&text, row->bytes);
	}
	finding.detail = qw_text_string(&text);
	qw_world_tell(state->world, &finding);
}

static void judge(struct silence *state, struct row *row, struct qw_time begin, struct qw_time now)
{
	bool missing = row->flows == 0, small = row->bytes < row->expect.bytes;

	row->judged = begin;
	if (!missing && !small)
		return;
	if (qw_world_is_blind(state->world, begin))
		tell(state, row, UNKNOWN, now);
	else
		tell(state, row, missing ? MISSING : SMALL, now);
}

/* What goes on still is waited for as long again. */
static bool is_over(const struct row *row, struct qw_time begin, struct qw_time now)
{
	struct qw_time end = qw_time_add(begin, qw_time_seconds(row->expect.length + GRACE_S));
	struct qw_time last = qw_time_add(end, qw_time_seconds(row->expect.length));

	return qw_time_before(end, now) && (row->open == 0 || qw_time_before(last, now));
}

static void open_window(struct row *row, struct qw_time begin)
{
	row->begin = begin;
	row->flows = row->bytes = 0;
	row->open = 0;
}

/* The window before is judged when the next begins, at the latest. */
static void look(struct silence *state, struct row *row, struct qw_time now)
{
	struct qw_time begin;

	if (!qw_expect_begin(&row->expect, now, &begin))
		return;
	if (begin.ns != row->begin.ns) {
		if (row->begin.ns != row->judged.ns && qw_time_before(row->begin, now))
			judge(state, row, row->begin, now);
		open_window(row, begin);
	}
	if (row->begin.ns != row->judged.ns && is_over(row, begin, now))
		judge(state, row, begin, now);
}

/* A window that began before the watch did is not its business. */
static void begin_all(struct silence *state, struct qw_time now)
{
	state->begun = true;
	for (size_t i = 0; i < state->count; i++) {
		struct row *row = &state->row[i];
		struct qw_time begin = {0};
		if (qw_expect_begin(&row->expect, now, &begin))
			open_window(row, begin);
		row->judged = begin;
	}
}

static void silence_tick(void *ctx, struct qw_time now)
{
	struct silence *state = ctx;

	if (!state->begun)
		begin_all(state, now);
	for (size_t i = 0; i < state->count; i++)
		look(state, &state->row[i], now);
}

/* ---- counting */

static bool fits(const struct row *row, const struct qw_seen *seen)
{
	const struct qw_seen_end *client = qw_seen_client(seen), *server = qw_seen_server(seen);

	return qw_prefix_holds(&row->expect.from, &client->address) && qw_prefix_holds(&row->expect.to, &server->address) &&
	       (!row->expect.port || row->expect.port == server->port);
}

static void take(struct row *row, const struct qw_seen *seen)
{
	struct qw_time start = seen->flow.start.ns ? seen->flow.start : seen->time;
	struct qw_time end = qw_time_add(row->begin, qw_time_seconds(row->expect.length));

	if (qw_time_before(start, row->begin) || qw_time_before(end, start))
		return;
	row->flows += seen->flow.verdict == QW_SEEN_ANSWERED;
	row->open += seen->flow.begins;
	if (!seen->flow.ends)
		return;
	row->open -= row->open > 0;
	if (!seen->flow.packets[1])
		return;
	row->bytes += seen->flow.bytes[0] + seen->flow.bytes[1];
	row->flows += row->flows == 0; /* its begin was not told */
}

static void silence_seen(void *ctx, const struct qw_seen *seen)
{
	struct silence *state = ctx;

	if ((!seen->flow.begins && !seen->flow.ends) || !qw_seen_client(seen)->known || !qw_seen_server(seen)->known)
		return;
	silence_tick(state, qw_world_now(state->world));
	for (size_t i = 0; i < state->count; i++)
		if (fits(&state->row[i], seen))
			take(&state->row[i], seen);
}

const struct qw_watcher_ops qw_silence = {
	.name = "silence",
	.findings = findings,
	.finding_count = FINDINGS,
	.make = silence_make,
	.free = free,
	.seen = silence_seen,
	.tick = silence_tick,
};

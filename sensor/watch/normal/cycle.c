/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/normal/cycle.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/text.h"
#include "sensor/watch/normal/outage.h"
#include "sensor/watch/paths/paths.h"

enum {
	SETTLE_S = 10, /* what stops together is told together */
	LOOK_S = 30,   /* for what no worker misses: all that was not told lately is looked at */
	SLOW_S = 120,  /* two tellings */
	GAP_S = 150,
	MAINTENANCE_S = 60,
};

enum { LOSS, HOST, SHIFT, BACK, ROWS };

static const struct qw_finding_row rows[ROWS] = {
	[LOSS] = {QW_CYCLE_LOSS, "Two hosts stopped saying what they say by the clock", "Cyclic traffic", 2, "T0815", "M15"},
	[HOST] = {QW_CYCLE_HOST, "A host fell silent to all that it talks with by the clock", "Cyclic traffic", 2, "T0815", "M15"},
	[SHIFT] = {QW_CYCLE_SHIFT, "What two hosts say by the clock comes at another pace", "Cyclic traffic", 2, "T0813", "M15"},
	[BACK] = {QW_CYCLE_BACK, "What had stopped comes by the clock again", "Cyclic traffic", 3, NULL, "M15"},
};

struct cycle {
	struct qw_world *world;
	struct qw_beats beats;
	struct qw_time ticked, looked;
	struct qw_time settles; /* when what fell silent is judged; 0: nothing did */
};

/* ---- telling */

static void say_seconds(struct qw_text *text, struct qw_time span)
{
	double seconds = (double)span.ns / 1e9;

	qw_text_format(text, seconds < 10 ? "%.3g s" : "%.0f s", seconds);
}

static void say_beat(struct qw_text *text, const struct qw_beat *beat)
{
	qw_text_format(text, "%s every ", beat->what);
	say_seconds(text, beat->period);
}

static bool is_maintenance(const struct cycle *cycle, const struct qw_seen_end *src, const struct qw_seen_end *dst)
{
	struct qw_seen seen;

	qw_seen_init(&seen);
	seen.src = *src;
	seen.dst = *dst;
	seen.to_server = true;
	return qw_world_is_maintenance(cycle->world, &seen);
}

static void tell(struct cycle *cycle, unsigned row, const struct qw_seen_end *src, const struct qw_seen_end *dst, struct qw_time time,
		 uint64_t what, struct qw_text *text)
{
	struct qw_finding finding = {.row = &rows[row], .src = *src, .dst = *dst, .time = time, .what = what};

	finding.detail = qw_text_string(text);
	qw_world_tell(cycle->world, &finding);
}

/* Each outage is one of its own. */
static uint64_t number_of(struct qw_time since)
{
	return (uint64_t)since.ns;
}

static void tell_pair(struct cycle *cycle, const struct qw_pair *pair, struct qw_time now)
{
	char memory[384];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_text_host_of(&text, &pair->client);
	qw_text_literal(&text, " and ");
	qw_text_end(&text, &pair->server);
	qw_text_literal(&text, ": ");
	say_beat(&text, pair->fastest);
	qw_text_literal(&text, "; for ");
	say_seconds(&text, qw_time_sub(now, pair->since));
	qw_text_format(&text, " nothing came; so with %u of %u kinds of messages", (unsigned)pair->fresh, (unsigned)pair->cyclic);
	tell(cycle, LOSS, &pair->client, &pair->server, now, number_of(pair->since), &text);
}

static void tell_host(struct cycle *cycle, const struct qw_silent_host *host, struct qw_time now)
{
	static const struct qw_seen_end nobody = {0};
	char memory[384];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_text_host_of(&text, &host->end);
	qw_text_format(&text, " talked with %u hosts by the clock, as ", (unsigned)host->pairs);
	say_beat(&text, host->fastest);
	qw_text_literal(&text, "; for ");
	say_seconds(&text, qw_time_sub(now, host->since));
	qw_text_format(&text, " nothing came; so with %u kinds of messages", (unsigned)host->messages);
	tell(cycle, HOST, &host->end, &nobody, now, number_of(host->since), &text);
}

static void tell_shift(struct cycle *cycle, const struct qw_pair *pair, const struct qw_telling *telling)
{
	char memory[384];
	struct qw_text text;

	if (is_maintenance(cycle, &pair->client, &pair->server)) {
		qw_world_counters(cycle->world)->kept_back++;
		return;
	}
	qw_text_init(&text, memory, sizeof(memory));
	qw_text_host_of(&text, &pair->client);
	qw_text_literal(&text, " and ");
	qw_text_end(&text, &pair->server);
	qw_text_literal(&text, ": ");
	say_beat(&text, telling->beat);
	qw_text_literal(&text, ", before every ");
	say_seconds(&text, telling->before);
	tell(cycle, SHIFT, &pair->client, &pair->server, telling->beat->told, 0, &text);
}

static void tell_back(struct cycle *cycle, struct qw_pair *pair, const struct qw_beat *beat)
{
	char memory[384];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_text_host_of(&text, &pair->client);
	qw_text_literal(&text, " and ");
	qw_text_end(&text, &pair->server);
	qw_text_format(&text, ": %s comes again, seen ", beat->what);
	say_seconds(&text, qw_time_sub(beat->told, pair->lost));
	qw_text_literal(&text, " after it stopped");
	tell(cycle, BACK, &pair->client, &pair->server, beat->told, number_of(pair->lost), &text);
	pair->lost = (struct qw_time){0};
}

/* ---- judging what fell silent */

static void hold(struct cycle *cycle, struct qw_pair *pair)
{
	qw_world_counters(cycle->world)->kept_back += !pair->held;
	pair->held = true;
}

static bool is_of(const struct qw_pair *pair, const struct qw_silent_host *host)
{
	return memcmp(&pair->key.client, &host->name, sizeof(host->name)) == 0 ||
	       memcmp(&pair->key.server, &host->name, sizeof(host->name)) == 0;
}

static void cover(struct cycle *cycle, const struct qw_silent_host *host)
{
	for (struct qw_pair *pair = qw_shelf_next(cycle->beats.pair, NULL); pair; pair = qw_shelf_next(cycle->beats.pair, pair)) {
		if (!is_of(pair, host))
			continue;
		pair->covered = true;
		if (pair->fresh && !pair->lost.ns)
			pair->lost = pair->since;
	}
}

static bool is_covered(const struct cycle *cycle, const struct qw_silent_host *host)
{
	bool all = true;

	for (struct qw_pair *pair = qw_shelf_next(cycle->beats.pair, NULL); pair && all; pair = qw_shelf_next(cycle->beats.pair, pair)) {
		all = !is_of(pair, host) || pair->covered || !pair->fresh;
	}
	return all;
}

static void judge_hosts(struct cycle *cycle, struct qw_time now)
{
	static const struct qw_seen_end nobody = {0};
	struct qw_shelf *hosts = qw_outage_hosts(&cycle->beats);

	if (!hosts) {
		qw_world_no_room(cycle->world);
		return;
	}
	for (struct qw_silent_host *host = qw_shelf_next(hosts, NULL); host; host = qw_shelf_next(hosts, host)) {
		if (!qw_outage_is_host(host) || is_maintenance(cycle, &host->end, &nobody) || is_covered(cycle, host))
			continue;
		tell_host(cycle, host, now);
		cover(cycle, host);
	}
	qw_shelf_free(hosts);
}

static void judge_pair(struct cycle *cycle, struct qw_pair *pair, struct qw_time now)
{
	if (!pair->fresh || pair->covered || pair->lost.ns)
		return;
	if (is_maintenance(cycle, &pair->client, &pair->server)) {
		hold(cycle, pair);
		return;
	}
	tell_pair(cycle, pair, now);
	pair->lost = pair->since;
}

/* What was told is not told again; what a maintenance window holds back waits for its end. */
static bool settle(struct cycle *cycle)
{
	bool waits = false;

	for (struct qw_beat *beat = qw_shelf_next(cycle->beats.beat, NULL); beat; beat = qw_shelf_next(cycle->beats.beat, beat)) {
		struct qw_pair *pair = beat->state == QW_BEAT_PENDING ? qw_beats_pair(&cycle->beats, &beat->pair) : NULL;
		if (!pair || !pair->fresh)
			continue;
		if (pair->lost.ns)
			beat->state = QW_BEAT_SILENT;
		else
			waits = true;
	}
	return waits;
}

static void judge(struct cycle *cycle, struct qw_time now)
{
	struct qw_time later = qw_outage_count(&cycle->beats, cycle->world, now);

	judge_hosts(cycle, now);
	for (struct qw_pair *pair = qw_shelf_next(cycle->beats.pair, NULL); pair; pair = qw_shelf_next(cycle->beats.pair, pair))
		judge_pair(cycle, pair, now);
	if (settle(cycle)) {
		struct qw_time again = qw_time_add(now, qw_time_seconds(MAINTENANCE_S));
		later = later.ns && qw_time_before(later, again) ? later : again;
	}
	cycle->settles = later;
}

/* ---- what falls silent */

static void fall_silent(struct cycle *cycle, struct qw_beat *beat, struct qw_time since, struct qw_time now)
{
	struct qw_time settles = qw_time_add(now, qw_time_seconds(SETTLE_S));

	beat->state = QW_BEAT_PENDING;
	beat->silent_since = since;
	if (!cycle->settles.ns || qw_time_before(settles, cycle->settles))
		cycle->settles = settles;
}

/* What was not told since time leapt may have stopped while nobody looked. */
static bool may_be_missed(const struct cycle *cycle, const struct qw_beat *beat)
{
	return beat->state == QW_BEAT_CYCLIC && !qw_time_before(beat->told, cycle->beats.resumed);
}

static void miss(struct cycle *cycle, const struct qw_seen *seen)
{
	struct qw_beat *beat = qw_beats_find(&cycle->beats, seen->print);

	if (beat && may_be_missed(cycle, beat))
		fall_silent(cycle, beat, qw_time_sub(seen->time, seen->silent), seen->time);
}

static bool is_slow_missed(const struct cycle *cycle, const struct qw_beat *beat, struct qw_time now)
{
	struct qw_time due = qw_time_add(beat->told, qw_time_add(qw_beat_patience(beat), qw_time_seconds(SLOW_S)));

	return may_be_missed(cycle, beat) && qw_time_before(due, now);
}

/* What came too seldom for a worker to miss it; the longest unseen comes first. */
static void look(struct cycle *cycle, struct qw_time now)
{
	for (struct qw_beat *beat = qw_shelf_next(cycle->beats.beat, NULL); beat; beat = qw_shelf_next(cycle->beats.beat, beat)) {
		if (qw_time_before(now, qw_time_add(beat->told, qw_time_seconds(SLOW_S))))
			return;
		if (is_slow_missed(cycle, beat, now))
			fall_silent(cycle, beat, beat->told, now);
	}
}

/* Another capture begins, or nothing was captured: nobody knows what came meanwhile. */
static void resume(struct cycle *cycle, struct qw_time now)
{
	cycle->beats.resumed = now;
	cycle->settles = (struct qw_time){0};
	for (struct qw_beat *beat = qw_shelf_next(cycle->beats.beat, NULL); beat; beat = qw_shelf_next(cycle->beats.beat, beat))
		if (beat->state == QW_BEAT_PENDING)
			beat->state = QW_BEAT_CYCLIC;
}

static void cycle_tick(void *ctx, struct qw_time now)
{
	struct cycle *cycle = ctx;

	if (qw_time_before(now, cycle->ticked) || qw_time_before(qw_time_add(cycle->ticked, qw_time_seconds(GAP_S)), now))
		resume(cycle, now);
	cycle->ticked = now;
	if (cycle->settles.ns && !qw_time_before(now, cycle->settles))
		judge(cycle, cycle->settles); /* in files time goes on by events, and leaps */
	if (!qw_time_before(now, cycle->looked) && qw_time_before(now, qw_time_add(cycle->looked, qw_time_seconds(LOOK_S))))
		return;
	cycle->looked = now;
	look(cycle, now);
}

/* ---- what comes */

static void hear(struct cycle *cycle, const struct qw_seen *seen)
{
	struct qw_telling telling = qw_beats_tell(&cycle->beats, seen);

	for (unsigned i = 0; i < telling.lost; i++)
		qw_world_no_room(cycle->world);
	struct qw_pair *pair = telling.beat ? qw_beats_pair(&cycle->beats, &telling.beat->pair) : NULL;
	if (!pair)
		return;
	if (telling.news == QW_BEAT_SHIFTED)
		tell_shift(cycle, pair, &telling);
	if (telling.news != QW_BEAT_BACK)
		return;
	pair->held = false;
	if (pair->lost.ns)
		tell_back(cycle, pair, telling.beat);
}

static bool has_name(const struct qw_seen_end *end)
{
	return end->known || end->has_mac;
}

static void cycle_seen(void *ctx, const struct qw_seen *seen)
{
	struct cycle *cycle = ctx;

	if (seen->print && seen->silent.ns)
		miss(cycle, seen);
	else if (!has_name(&seen->src) || !has_name(&seen->dst))
		return;
	else if (seen->flow.begins)
		qw_beats_flow(&cycle->beats, seen);
	else if (seen->print && seen->ot.protocol.len)
		hear(cycle, seen);
}

/* ---- life */

static void cycle_free(void *ctx)
{
	struct cycle *cycle = ctx;

	qw_beats_fini(&cycle->beats);
	free(cycle);
}

static enum qw_err cycle_make(void **out, struct qw_world *world)
{
	struct cycle *cycle = calloc(1, sizeof(*cycle));

	if (!cycle)
		return QW_ENOMEM;
	cycle->world = world;
	cycle->beats.learn = qw_time_seconds(qw_world_int(world, QW_WATCH_CYCLE_LEARN));
	cycle->beats.factor = (uint64_t)qw_world_int(world, QW_WATCH_CYCLE_FACTOR);
	enum qw_err err = qw_beats_init(&cycle->beats, (size_t)qw_world_int(world, QW_WATCH_CYCLE_MESSAGES));
	if (err != QW_OK) {
		cycle_free(cycle);
		return err;
	}
	*out = cycle;
	return QW_OK;
}

const struct qw_watcher_ops qw_cycle = {
	.name = "cycle",
	.findings = rows,
	.finding_count = ROWS,
	.make = cycle_make,
	.free = cycle_free,
	.seen = cycle_seen,
	.tick = cycle_tick,
};

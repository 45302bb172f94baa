/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/normal/outage.h"

#include "sensor/watch/paths/paths.h"

enum { RECONNECT_S = 75, SWEEP_S = 5 /* within which a worker tells what is silent */ };

static bool is_earlier(struct qw_time a, struct qw_time b)
{
	return b.ns == 0 || qw_time_before(a, b);
}

static void reset_pairs(struct qw_beats *beats)
{
	for (struct qw_pair *pair = qw_shelf_next(beats->pair, NULL); pair; pair = qw_shelf_next(beats->pair, pair)) {
		pair->cyclic = pair->silent = pair->undecided = pair->fresh = 0;
		pair->since = (struct qw_time){0};
		pair->fastest = NULL;
		pair->covered = false;
	}
}

/* Until when it may come again over a new connection. */
static struct qw_time grace_of(const struct qw_pair *pair, const struct qw_beat *beat)
{
	if (qw_time_before(pair->connected, beat->silent_since))
		return beat->silent_since;
	return qw_time_add(pair->connected, qw_time_seconds(RECONNECT_S));
}

static void count_fresh(struct qw_pair *pair, const struct qw_beat *beat)
{
	pair->silent++;
	pair->fresh++;
	if (is_earlier(beat->silent_since, pair->since))
		pair->since = beat->silent_since;
	if (!pair->fastest || qw_time_before(beat->period, pair->fastest->period))
		pair->fastest = beat;
}

static void count_pending(struct qw_pair *pair, const struct qw_beat *beat, struct qw_time now, struct qw_time *later)
{
	struct qw_time grace = grace_of(pair, beat);

	if (qw_time_before(now, grace)) {
		pair->undecided++;
		if (is_earlier(grace, *later))
			*later = grace;
		return;
	}
	count_fresh(pair, beat);
}

/* False: it is no loss. */
static bool is_missed(const struct qw_beats *beats, const struct qw_world *world, struct qw_beat *beat)
{
	if (qw_beats_goes_on(beats, beat)) {
		beat->state = QW_BEAT_LEARNING;
		beat->steady_since = (struct qw_time){0};
		return false;
	}
	if (qw_world_is_blind(world, beat->silent_since)) {
		beat->state = QW_BEAT_CYCLIC;
		return false;
	}
	return true;
}

/* Those whose patience is not over yet may be silent too. */
static void count_undecided(struct qw_beats *beats, struct qw_time now)
{
	for (struct qw_beat *beat = qw_shelf_next(beats->beat, NULL); beat; beat = qw_shelf_next(beats->beat, beat)) {
		struct qw_pair *pair = beat->state == QW_BEAT_CYCLIC ? qw_beats_pair(beats, &beat->pair) : NULL;
		if (!pair)
			continue;
		pair->cyclic++;
		struct qw_time due = qw_time_add(pair->since, qw_time_add(qw_beat_patience(beat), qw_time_seconds(SWEEP_S)));
		pair->undecided += pair->fresh && qw_time_before(now, due);
	}
}

struct qw_time qw_outage_count(struct qw_beats *beats, const struct qw_world *world, struct qw_time now)
{
	struct qw_time later = {0};

	reset_pairs(beats);
	for (struct qw_beat *beat = qw_shelf_next(beats->beat, NULL); beat; beat = qw_shelf_next(beats->beat, beat)) {
		struct qw_pair *pair = qw_beats_pair(beats, &beat->pair);
		bool pending = beat->state == QW_BEAT_PENDING && is_missed(beats, world, beat);
		if (!pair || (!pending && beat->state != QW_BEAT_SILENT))
			continue;
		pair->cyclic++;
		if (pending)
			count_pending(pair, beat, now, &later);
		else
			pair->silent++;
	}
	count_undecided(beats, now);
	return later;
}

/* ---- hosts */

static void add_pair(struct qw_silent_host *host, const struct qw_pair *pair, const struct qw_seen_end *end)
{
	host->end = *end;
	host->end.port = 0;
	host->pairs++;
	host->dead += pair->silent > 0 && pair->silent + pair->undecided == pair->cyclic;
	host->fresh += pair->fresh > 0 && pair->lost.ns == 0;
	host->messages += pair->fresh;
	if (pair->fresh && is_earlier(pair->since, host->since))
		host->since = pair->since;
	if (pair->fresh && (!host->fastest || qw_time_before(pair->fastest->period, host->fastest->period)))
		host->fastest = pair->fastest;
}

static void add_end(struct qw_shelf *hosts, const struct qw_pair *pair, const struct qw_seen_end *end)
{
	struct qw_host name = qw_host_of_end(end);
	bool pushed;

	if (end->known ? qw_path_is_group(&end->address) : end->mac[0] & 1)
		return;
	struct qw_silent_host *host = qw_shelf_get(hosts, &name, &pushed);
	if (host)
		add_pair(host, pair, end);
}

struct qw_shelf *qw_outage_hosts(const struct qw_beats *beats)
{
	struct qw_shelf_options options = {sizeof(struct qw_host), sizeof(struct qw_silent_host), 2 * qw_shelf_count(beats->pair) + 1, NULL, NULL};
	struct qw_shelf *hosts;

	if (qw_shelf_new(&hosts, &options) != QW_OK)
		return NULL;
	for (struct qw_pair *pair = qw_shelf_next(beats->pair, NULL); pair; pair = qw_shelf_next(beats->pair, pair)) {
		if (!pair->cyclic)
			continue;
		add_end(hosts, pair, &pair->client);
		add_end(hosts, pair, &pair->server);
	}
	return hosts;
}

bool qw_outage_is_host(const struct qw_silent_host *host)
{
	return host->pairs >= 2 && host->pairs == host->dead && host->fresh > 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/housekeeping.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "collector/retire.h"
#include "collector/settings.h"
#include "collector/trials.h"
#include "quaywatch/log.h"

enum {
	PEER_SILENT_S = 60,
	EXPIRED_PER_TURN = 500,
	RECEIPTS_PER_TURN = 5000,
	RESUME_AFTER_S = 30,
	DELEGATION_WARN_S = 7 * 86400,
	END_WAIT_MS = 5000,
	INCIDENT_WRITES = 40, /* all strands there may be */
};

/* A store that fails is said once a turn of the chore, and the chore tries again. */
static void complain(const struct qw_collector *collector, const char *what, enum qw_err err)
{
	if (err != QW_OK && err != QW_EAGAIN)
		qw_log(QW_LOG_ERROR, "STORE-FAILED", "%s: %s (%s)", what, qw_strerror(err),
		       qw_store_message(collector->store));
}

static bool is_settled(const struct qw_collector *collector)
{
	return qw_restoration_is_settled(collector->restoration, qw_time_monotonic());
}

static void pump(struct qw_collector *collector)
{
	qw_fanout_pump(collector->fanout);
}

static void end_trials(struct qw_collector *collector)
{
	complain(collector, "dry runs", qw_trials_turn(collector));
}

/* After a start sensors have to come back first: where none can say, a value is promoted untried. */
static void resume_trials(struct qw_collector *collector)
{
	struct qw_time now = qw_time_wall();

	if (now.ns - collector->started.ns >= RESUME_AFTER_S * QW_NS_PER_S)
		complain(collector, "dry runs to be tried again", qw_promotion_resume(collector->promotion, now));
}

static void commit_store(struct qw_collector *collector)
{
	complain(collector, "receipts", qw_store_commit(collector->store));
	complain(collector, "candidates", qw_candidates_commit(collector->candidates));
}

static void prune_receipts(struct qw_collector *collector)
{
	int64_t days = qw_config_int(collector->config, QW_CFG_RECEIPT_DAYS);

	complain(collector, "old receipts",
		 qw_store_prune_receipts(collector->store, qw_time_sub(qw_time_wall(), qw_time_seconds(days * 86400)),
					 RECEIPTS_PER_TURN));
}

static void write_sightings(struct qw_collector *collector)
{
	complain(collector, "sightings", qw_sightings_write(collector->sightings));
}

static void write_incidents(struct qw_collector *collector)
{
	complain(collector, "incidents", qw_incidents_write(collector->incidents));
}

static void tell_incidents(struct qw_collector *collector)
{
	qw_incidents_tell(collector->incidents, qw_time_wall());
}

static void forget_incidents(struct qw_collector *collector)
{
	complain(collector, "old incidents", qw_incidents_forget(collector->incidents, qw_time_wall()));
}

static void sweep_peers(struct qw_collector *collector)
{
	struct qw_time before = qw_time_sub(qw_time_monotonic(), qw_time_seconds(PEER_SILENT_S));

	qw_peers_sweep(collector->peers, before);
}

static void checkpoint(struct qw_collector *collector)
{
	complain(collector, "checkpoint", qw_collector_checkpoint(collector));
}

static void tidy_channels(struct qw_collector *collector)
{
	struct qw_time left = qw_time_sub(collector->signer.terms.not_after, qw_time_wall());

	qw_channels_tidy(collector->channels);
	if (left.ns < DELEGATION_WARN_S * QW_NS_PER_S)
		qw_log(QW_LOG_WARNING, "DELEGATION-ENDS",
		       "in %lld hours no change can be signed any more; renew it with: quaywatchctl keygen, then send "
		       "SIGHUP",
		       (long long)(left.ns > 0 ? left.ns / QW_NS_PER_S / 3600 : 0));
}

/* Sensors enforce the end by themselves; this keeps the set small. */
struct expired {
	struct qw_collector *collector;
	size_t count;
	struct {
		char channel[QW_CHANNEL_NAME_MAX + 1];
		struct qw_observable observable;
		bool allow;
	} row[EXPIRED_PER_TURN];
};

static enum qw_err see_expired(void *ctx, const struct qw_indicator_row *row)
{
	struct expired *expired = ctx;

	snprintf(expired->row[expired->count].channel, sizeof(expired->row[0].channel), "%s", row->channel);
	expired->row[expired->count].observable = row->indicator.observable;
	expired->row[expired->count++].allow = row->indicator.allow;
	return QW_OK;
}

static void remove_expired(struct qw_collector *collector)
{
	struct expired *expired = calloc(1, sizeof(*expired));
	struct qw_time now = qw_time_wall();

	if (!expired)
		return;
	/* A database from a backup holds much that is over; whoever acts on that before the sensors came forks the
	 * channel. */
	enum qw_err err = is_settled(collector) ? QW_OK : QW_EAGAIN;
	if (err == QW_OK)
		err = qw_store_each_expired(collector->store, now, EXPIRED_PER_TURN, see_expired, expired);
	for (size_t i = 0; i < expired->count && err == QW_OK; i++)
		err = qw_publish_removal(&collector->publication, expired->row[i].channel, &expired->row[i].observable,
					 expired->row[i].allow, now);
	complain(collector, "expired indicators", err);
	free(expired);
}

static void tell_prevalence(struct qw_collector *collector)
{
	complain(collector, "what others learn of sightings",
		 is_settled(collector) ? qw_prevalence_turn(&collector->prevalences, qw_time_wall()) : QW_EAGAIN);
}

/* A crown jewel or an allow entry that came into the configuration reaches back; once, and when the sensors have come.
 */
static void retire_guarded(struct qw_collector *collector)
{
	uint64_t retired = 0;

	if (collector->retired || !is_settled(collector))
		return;
	enum qw_err err = qw_retire(&collector->publication, NULL, qw_policy_guard(collector->policy),
				    1u << QW_GUARD_JEWEL | 1u << QW_GUARD_ALLOW | QW_RETIRE_NOT_FORCED, qw_time_wall(),
				    &retired);
	if (retired)
		qw_log(QW_LOG_WARNING, "RETIRED",
		       "%llu indicators in all are taken back: crown jewels or policy.allow stand against them",
		       (unsigned long long)retired);
	if (err == QW_ESIGN)
		qw_log(QW_LOG_ERROR, "RETIRED",
		       "what crown jewels stand against cannot be taken back: our key may not sign now");
	collector->retired = err == QW_OK || err == QW_ESIGN;
	complain(collector, "what crown jewels stand against", err == QW_ESIGN ? QW_OK : err);
}

static void recover(struct qw_collector *collector)
{
	qw_restoration_turn(collector->restoration, qw_time_monotonic());
}

/* Evidence that no type's window reaches any more says nothing. */
static void forget_candidates(struct qw_collector *collector)
{
	struct qw_time window = qw_time_ns(0);

	for (unsigned type = 0; type < QW_OBS_COUNT; type++) {
		struct qw_time own = qw_policy_rule_of(collector->policy, (enum qw_observable_type)type)->window;
		window = own.ns > window.ns ? own : window;
	}
	complain(collector, "old candidates", qw_candidates_expire(collector->candidates, qw_time_sub(qw_time_wall(), window)));
}

static const struct {
	int64_t every_ms;
	void (*run)(struct qw_collector *collector);
} chores[] = {
    {100, pump},
    {100, recover},
    {1000, retire_guarded},
    {50, end_trials},
    {200, commit_store},
    {1000, write_sightings},
    {1000, write_incidents},
    {200, tell_incidents},
    {5000, sweep_peers},
    {10000, checkpoint},
    {6000, tell_prevalence},
    {15000, prune_receipts},
    {60000, remove_expired},
    {600000, forget_candidates},
    {900000, forget_incidents},
    {3600000, tidy_channels},
    {15000, resume_trials},
};
static_assert(sizeof(chores) / sizeof(chores[0]) == QW_CHORES, "a chore without its time");

void qw_housekeeping_turn(struct qw_housekeeping *housekeeping, struct qw_collector *collector, struct qw_time now)
{
	for (size_t i = 0; i < QW_CHORES; i++) {
		if (now.ns < housekeeping->next[i].ns)
			continue;
		housekeeping->next[i] = qw_time_add(now, qw_time_ns(chores[i].every_ms * QW_NS_PER_MS));
		chores[i].run(collector);
	}
}

/* Until nothing is pending, or the journal fails, or the disk takes too long. */
static void drain_journal(struct qw_collector *collector)
{
	struct qw_journal *journal = collector->journal;
	struct pollfd wait = {.fd = qw_journal_fd(journal), .events = POLLIN};
	uint64_t group;

	while (qw_journal_is_busy(journal) || qw_journal_pending(journal) > 0) {
		if (!qw_journal_is_busy(journal) && qw_journal_start_commit(journal) != QW_OK)
			return;
		if (poll(&wait, 1, END_WAIT_MS) <= 0 || qw_journal_end_commit(journal, &group) != QW_OK)
			return;
		qw_intake_durable(collector->intake, group);
	}
}

void qw_housekeeping_end(struct qw_collector *collector)
{
	drain_journal(collector);
	write_sightings(collector);
	for (unsigned i = 0; i < INCIDENT_WRITES; i++)
		write_incidents(collector);
	checkpoint(collector);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/trials.h"

#include <stdio.h>
#include <string.h>

#include "quaywatch/hash.h"
#include "quaywatch/log.h"

/* ---- whom to ask */

/* A tenant and its ticket in the lottery; who brought the value holds the best. */
struct lot {
	const char *tenant;
	uint64_t rank;
};

struct lottery {
	struct qw_hash_key key; /* of this trial: nobody knows who is drawn next */
	size_t count, room;
	struct lot lot[QW_DRYRUN_SENSORS];
	size_t bringers;
	char bringer[QW_DRYRUN_SENSORS][QW_NAME_MAX + 1];
};

static enum qw_err see_bringer(void *ctx, const struct qw_evidence *evidence)
{
	struct lottery *lottery = ctx;

	/* They come tenant by tenant. */
	bool again = lottery->bringers && strcmp(lottery->bringer[lottery->bringers - 1], evidence->tenant) == 0;

	if (evidence->tenant[0] && !again && lottery->bringers < QW_DRYRUN_SENSORS)
		snprintf(lottery->bringer[lottery->bringers++], QW_NAME_MAX + 1, "%s", evidence->tenant);
	return QW_OK;
}

static bool is_bringer(const struct lottery *lottery, const char *tenant)
{
	for (size_t i = 0; i < lottery->bringers; i++)
		if (strcmp(lottery->bringer[i], tenant) == 0)
			return true;
	return false;
}

static bool has_lot(const struct lottery *lottery, const char *tenant)
{
	for (size_t i = 0; i < lottery->count; i++)
		if (strcmp(lottery->lot[i].tenant, tenant) == 0)
			return true;
	return false;
}

/* The best tickets stay. */
static void draw(struct lottery *lottery, const char *tenant)
{
	struct lot lot = {tenant, qw_siphash(lottery->key, tenant, strlen(tenant))};
	size_t at = lottery->count < lottery->room ? lottery->count++ : lottery->room;

	for (; at > 0 && lottery->lot[at - 1].rank > lot.rank; at--)
		if (at < lottery->room)
			lottery->lot[at] = lottery->lot[at - 1];
	if (at < lottery->room)
		lottery->lot[at] = lot;
}

static bool can_say(const struct qw_collector *collector, const struct qw_peer *peer)
{
	return peer->dry_runs && peer->hello != 0 &&
	       qw_accounts_counts(collector->accounts, &peer->entrant->who, qw_time_wall());
}

static enum qw_err hold_lottery(struct lottery *lottery, const struct qw_collector *collector,
				const struct qw_observable *observable, enum qw_tlp tlp)
{
	*lottery =
	    (struct lottery){.key = qw_hash_key_random(), .room = tlp < QW_TLP_AMBER_STRICT ? QW_TRIALS_OTHERS : 0};
	enum qw_err err = qw_candidates_each_evidence(collector->candidates, observable, see_bringer, lottery);

	for (size_t i = 0; i < qw_peers_count(collector->peers) && err == QW_OK && lottery->room; i++) {
		const struct qw_peer *peer = qw_peers_at(collector->peers, i);
		const char *tenant = peer->entrant->who.tenant;
		if (can_say(collector, peer) && !is_bringer(lottery, tenant) && !has_lot(lottery, tenant))
			draw(lottery, tenant);
	}
	return err;
}

/* ---- asking */

static void ask(struct qw_collector *collector, const struct qw_peer *peer, uint64_t ticket,
		const struct qw_observable *observable)
{
	Quaywatch__Wire__DryRun run = QUAYWATCH__WIRE__DRY_RUN__INIT;
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	struct qw_post post = qw_intake_post(collector->intake);
	char value[QW_OBSERVABLE_TEXT_MAX + 1], type[32];

	/* Of several connections of one sensor the first is asked; where that is dead, the time ends it. */
	if (!qw_dryrun_ask(collector->dryrun, ticket, &peer->entrant->who))
		return;
	snprintf(type, sizeof(type), "%s", qw_observable_type_name(observable->type));
	snprintf(value, sizeof(value), "%s", observable->text);
	run.ticket = ticket;
	run.type = type;
	run.value = value;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_DRY_RUN;
	frame.dry_run = &run;
	if (qw_post_frame(&post, &peer->routing, &frame) != QW_OK)
		qw_log(QW_LOG_DEBUG, "DRY-RUN", "%s/%s could not be asked", peer->entrant->who.tenant,
		       peer->entrant->who.sensor);
}

bool qw_trials_begin(void *ctx, const struct qw_observable *observable, enum qw_tlp tlp)
{
	struct qw_collector *collector = ctx;
	struct lottery lottery;
	uint64_t ticket;

	if (hold_lottery(&lottery, collector, observable, tlp) != QW_OK ||
	    qw_dryrun_start(collector->dryrun, observable, qw_time_monotonic(), &ticket) != QW_OK)
		return true; /* under way, or no room: then it is tried again in a while (qw_promotion_resume) */
	for (size_t i = 0; i < qw_peers_count(collector->peers); i++) {
		const struct qw_peer *peer = qw_peers_at(collector->peers, i);
		const char *tenant = peer->entrant->who.tenant;
		if (can_say(collector, peer) && (is_bringer(&lottery, tenant) || has_lot(&lottery, tenant)))
			ask(collector, peer, ticket, observable);
	}
	return true; /* also where none can say: the next turn ends it */
}

/* ---- answers */

enum { KNOWS_OLD, KNOWS, KNOWS_NOT }; /* DryRunResult.knows */

/* A sensor of before `knows` counted addresses and names, and said 0 of all else. */
static bool older_knows(enum qw_observable_type type)
{
	static const bool of[QW_OBS_COUNT] = {
	    [QW_OBS_IP] = true,     [QW_OBS_IP_PORT] = true, [QW_OBS_CIDR] = true,
	    [QW_OBS_DOMAIN] = true, [QW_OBS_HOST] = true,    [QW_OBS_URL] = true,
	};

	return type < QW_OBS_COUNT && of[type];
}

void qw_trials_answer(struct qw_collector *collector, const struct qw_peer *peer,
		      const Quaywatch__Wire__DryRunResult *result)
{
	enum qw_observable_type type = qw_dryrun_type(collector->dryrun, result->ticket);
	bool known = result->knows == KNOWS || (result->knows == KNOWS_OLD && older_knows(type));

	/* Quarantined since it was asked: it is heard, and counts nothing. */
	known = known && qw_accounts_counts(collector->accounts, &peer->entrant->who, qw_time_wall());
	qw_dryrun_answer(collector->dryrun, result->ticket, &peer->entrant->who, known, result->hosts);
}

enum qw_err qw_trials_turn(struct qw_collector *collector)
{
	struct qw_dryrun_result result;
	struct qw_judgement judgement;
	enum qw_err err = QW_OK;

	while (err == QW_OK && qw_dryrun_next(collector->dryrun, qw_time_monotonic(), &result)) {
		err = qw_promotion_tried(collector->promotion, &result, qw_time_wall(), &judgement);
		if (err == QW_OK && judgement.verdict == QW_VERDICT_NOISY)
			qw_log(QW_LOG_INFO, "NOT-PROMOTED", "%s %s: %s", qw_observable_type_name(result.observable.type),
			       result.observable.text, judgement.why);
	}
	return err;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/trials.h"

#include <stdio.h>

#include "quaywatch/log.h"

static bool ask(struct qw_collector *collector, const struct qw_peer *peer, uint64_t ticket,
		const struct qw_observable *observable)
{
	Quaywatch__Wire__DryRun run = QUAYWATCH__WIRE__DRY_RUN__INIT;
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	struct qw_post post = qw_intake_post(collector->intake);
	char value[QW_OBSERVABLE_TEXT_MAX + 1], type[32];

	if (!peer->dry_runs || peer->hello == 0)
		return false;
	snprintf(type, sizeof(type), "%s", qw_observable_type_name(observable->type));
	snprintf(value, sizeof(value), "%s", observable->text);
	run.ticket = ticket;
	run.type = type;
	run.value = value;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_DRY_RUN;
	frame.dry_run = &run;
	return qw_post_frame(&post, &peer->routing, &frame) == QW_OK;
}

bool qw_trials_begin(void *ctx, const struct qw_observable *observable)
{
	struct qw_collector *collector = ctx;
	uint64_t ticket, asked = 0;
	enum qw_err err = qw_dryrun_start(collector->dryrun, observable, qw_time_monotonic(), &ticket);

	if (err != QW_OK)
		return true; /* under way, or no room: then it waits until somebody proposes it again */
	for (size_t i = 0; i < qw_peers_count(collector->peers); i++)
		asked += ask(collector, qw_peers_at(collector->peers, i), ticket, observable);
	qw_dryrun_asked(collector->dryrun, ticket, asked);
	return true; /* also where none can say: the next turn ends it */
}

void qw_trials_answer(struct qw_collector *collector, const struct qw_peer *peer,
		      const Quaywatch__Wire__DryRunResult *result)
{
	qw_dryrun_answer(collector->dryrun, result->ticket, &peer->entrant->who, result->hosts);
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

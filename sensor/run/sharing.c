/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/sharing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/log.h"
#include "sensor/export/frames.h"
#include "sensor/export/offer.h"

enum { ANSWERS = 32, TELL_S = 60, MINUTE_S = 60, REASON_MAX = 1024 };

struct qw_sharing {
	struct qw_sharing_options options;
	struct qw_departures departures;
	struct qw_offer *offer;
	bool open;
	uint64_t refused; /* offers of alerts, since they were told of */
	struct qw_time told_refused;
	uint64_t last_ticket;                     /* of proposals that people made */
	struct qw_sharing_answer answer[ANSWERS]; /* by ticket, the last few */
	struct qw_time minute;                    /* monotonic: when that of `answered` began */
	uint64_t answered, unanswered, held_back;
};

enum qw_err qw_sharing_new(struct qw_sharing **out, const struct qw_sharing_options *options)
{
	struct qw_sharing *sharing = calloc(1, sizeof(*sharing));

	if (!sharing)
		return QW_ENOMEM;
	sharing->options = *options;
	qw_departures_init(&sharing->departures, &options->departures);
	enum qw_err err = qw_offer_new(&sharing->offer);
	if (err != QW_OK) {
		qw_sharing_free(sharing);
		return err;
	}
	*out = sharing;
	return QW_OK;
}

void qw_sharing_free(struct qw_sharing *sharing)
{
	if (!sharing)
		return;
	qw_offer_free(sharing->offer);
	free(sharing);
}

void qw_sharing_open(struct qw_sharing *sharing, bool open)
{
	sharing->open = open;
}

struct qw_sharing_counters qw_sharing_counters(const struct qw_sharing *sharing)
{
	const struct qw_departures *departures = &sharing->departures;

	return (struct qw_sharing_counters){
	    .proposals = departures->left[QW_RELEASE_KIND_PROPOSAL],
	    .dry_runs = departures->left[QW_RELEASE_KIND_DRY_RUN],
	    .stayed = departures->stayed[QW_RELEASE_KIND_PROPOSAL] + departures->stayed[QW_RELEASE_KIND_DRY_RUN] +
		      sharing->held_back,
	    .unanswered = sharing->unanswered,
	    .no_room = sharing->options.recent ? qw_recent_lost(sharing->options.recent) : 0,
	};
}

/* ---- what is offered */

void qw_sharing_alert(struct qw_sharing *sharing, const struct qw_eve_parts *parts)
{
	if (parts->share && sharing->open)
		qw_offer_alert(sharing->offer, &sharing->departures, parts, qw_time_monotonic());
}

/* Tickets begin anywhere, so that an answer to an earlier run's is nobody's. */
static uint64_t next_ticket(struct qw_sharing *sharing)
{
	if (sharing->last_ticket == 0)
		sharing->last_ticket = sharing->options.departures.epoch;
	do
		sharing->last_ticket++;
	while (sharing->last_ticket == 0);
	return sharing->last_ticket;
}

enum qw_err qw_sharing_propose(struct qw_sharing *sharing, const struct qw_indicator *indicator, const char *reason,
			       uint64_t *ticket)
{
	char memory[REASON_MAX];
	struct qw_text text;

	if (!sharing->open)
		return QW_EAGAIN;
	if (qw_release_holds_back(sharing->options.release, &indicator->observable)) {
		sharing->held_back++;
		return QW_EACCES;
	}
	qw_text_init(&text, memory, sizeof(memory));
	qw_release_put_text(sharing->options.release, qw_slice_text(reason), &text);
	struct qw_proposal proposal = {
	    .type = qw_observable_type_name(indicator->observable.type),
	    .value = indicator->observable.text,
	    .tlp = qw_tlp_name(indicator->tlp),
	    .confidence = indicator->confidence,
	    .time_ns = qw_time_wall().ns,
	    .reason = text.cut ? "" : qw_text_string(&text),
	    .ticket = next_ticket(sharing),
	};
	*ticket = proposal.ticket;
	return qw_send_proposal(&sharing->departures, &proposal);
}

bool qw_sharing_answer(const struct qw_sharing *sharing, uint64_t ticket, struct qw_sharing_answer *out)
{
	const struct qw_sharing_answer *kept = &sharing->answer[ticket % ANSWERS];

	if (kept->ticket != ticket)
		return false;
	*out = *kept;
	return true;
}

void qw_sharing_on_answer(struct qw_sharing *sharing, const Quaywatch__Wire__ProposalAnswer *answer)
{
	struct qw_sharing_answer *kept = &sharing->answer[answer->ticket % ANSWERS];

	kept->ticket = answer->ticket;
	kept->accepted = answer->accepted;
	snprintf(kept->verdict, sizeof(kept->verdict), "%s", answer->verdict);
	snprintf(kept->why, sizeof(kept->why), "%s", answer->why);
}

/* Rules offer by the thousand: one line a minute tells of the refused. */
void qw_sharing_on_refusal(struct qw_sharing *sharing, const Quaywatch__Wire__Refusal *refusal)
{
	struct qw_time now = qw_time_monotonic();

	sharing->refused++;
	if (sharing->told_refused.ns != 0 && now.ns - sharing->told_refused.ns < TELL_S * QW_NS_PER_S)
		return;
	qw_log(QW_LOG_WARNING, "REFUSED", "the collector did not take %llu offers of alerts, the last because: %.200s",
	       (unsigned long long)sharing->refused, refusal->why);
	sharing->told_refused = now;
	sharing->refused = 0;
}

/* ---- dry runs */

bool qw_sharing_answers(const struct qw_sharing *sharing)
{
	return sharing->options.recent && qw_release_lets_kind(sharing->options.release, QW_RELEASE_KIND_DRY_RUN);
}

/* Who asks for every address there is would have an inventory: so many in a minute are answered, and no more. */
static bool may_answer(struct qw_sharing *sharing)
{
	struct qw_time now = qw_time_monotonic();

	if (now.ns - sharing->minute.ns >= MINUTE_S * QW_NS_PER_S) {
		sharing->minute = now;
		sharing->answered = 0;
	}
	if (sharing->answered++ < QW_SHARING_ANSWERS_MAX)
		return true;
	if (sharing->answered == QW_SHARING_ANSWERS_MAX + 1)
		qw_log(QW_LOG_WARNING, "DRY-RUNS",
		       "the collector asked for more than %d values in a minute; the rest is not answered: what does "
		       "it want?",
		       QW_SHARING_ANSWERS_MAX);
	sharing->unanswered++;
	return false;
}

static bool count(struct qw_sharing *sharing, const Quaywatch__Wire__DryRun *run, uint64_t *hosts)
{
	enum qw_observable_type type = qw_observable_type_parse(run->type, strlen(run->type));
	struct qw_observable observable;

	if (type == QW_OBS_COUNT ||
	    qw_observable_parse(&observable, type, run->value, strlen(run->value), NULL) != QW_OK)
		return false;
	if (!qw_release_holds_back(sharing->options.release, &observable))
		return qw_recent_hosts(sharing->options.recent, &observable, hosts);
	sharing->held_back++;
	return false;
}

/* How many of our hosts met a value lately: no more leaves than a number, and whether it means anything. */
void qw_sharing_on_dry_run(struct qw_sharing *sharing, const Quaywatch__Wire__DryRun *run)
{
	uint64_t hosts = 0;

	if (!qw_sharing_answers(sharing) || !may_answer(sharing))
		return; /* who is not answered goes on without us */
	bool known = count(sharing, run, &hosts);
	enum qw_err err = qw_send_dry_run_result(&sharing->departures, run->ticket, known, known ? hosts : 0);
	if (err != QW_OK)
		qw_log(QW_LOG_DEBUG, "DRY-RUN", "not answered: %s", qw_strerror(err));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* promotion_tried - what becomes of a candidate after its dry run. */
#include "collector/promotion_parts.h"

#include <stdlib.h>
#include <string.h>

#include "collector/popular.h"
#include "quaywatch/log.h"

struct hearing {
	struct qw_promotion *promotion;
	struct qw_time now;
	struct qw_dryrun_result *result;
};

/* It met the value itself, within what a sensor remembers, and says that nobody did: that is no answer. */
static enum qw_err pass_over_denial(void *ctx, const struct qw_evidence *evidence)
{
	const struct hearing *hearing = ctx;
	struct qw_time memory = qw_time_sub(hearing->now, qw_time_seconds(QW_DRYRUN_MEMORY_S));

	if (evidence->kind != QW_EVIDENCE_ALERT || evidence->last.ns < memory.ns)
		return QW_OK;
	for (size_t i = 0; i < hearing->result->asked; i++) {
		struct qw_dryrun_voice *voice = &hearing->result->voice[i];
		if (voice->hosts == 0 && strcmp(voice->who.tenant, evidence->tenant) == 0 &&
		    strcmp(voice->who.sensor, evidence->sensor) == 0)
			voice->known = false;
	}
	return QW_OK;
}

static bool stands_alone(void *ctx, const struct qw_identity *who)
{
	const struct hearing *hearing = ctx;

	return qw_accounts_stands_alone(hearing->promotion->parts.accounts, who, hearing->now);
}

/* Whose answer is far from all others' pays for it, whatever came of it. */
static enum qw_err charge_far(struct hearing *hearing, const struct qw_popularity *popularity)
{
	enum qw_err err = QW_OK;

	for (size_t i = 0; i < popularity->far_count && err == QW_OK; i++) {
		const struct qw_identity *who = popularity->far[i];
		qw_log(QW_LOG_INFO, "DRY-RUN-FAR", "%s/%s alone says that many hosts met %s: that costs it credit",
		       who->tenant, who->sensor, hearing->result->observable.text);
		hearing->promotion->stats.far++;
		err = qw_accounts_charge(hearing->promotion->parts.accounts, who, QW_CHARGE_FAR, hearing->now);
	}
	return err;
}

static enum qw_err hear(struct hearing *hearing, struct qw_judgement *out)
{
	const struct qw_promotion_parts *parts = &hearing->promotion->parts;
	const struct qw_observable *observable = &hearing->result->observable;
	const struct qw_policy_rule *rule = qw_policy_rule_of(parts->policy, observable->type);
	const struct qw_popular_trust trust = {stands_alone, hearing};
	struct qw_popularity popularity;
	enum qw_err err = qw_candidates_each_evidence(parts->candidates, observable, pass_over_denial, hearing);

	if (err != QW_OK)
		return err;
	qw_popularity_weigh(&popularity, hearing->result, rule->noise, &trust);
	err = charge_far(hearing, &popularity);
	if (err != QW_OK)
		return err;
	if (!popularity.refused)
		return qw_promotion_weigh(hearing->promotion, observable, true, hearing->now, out);
	qw_judgement_say(out, QW_VERDICT_NOISY,
			 "%llu hosts of one tenant met it lately, and at %llu of %llu tenants that could say more than "
			 "%llu did: too popular",
			 (unsigned long long)popularity.loudest, (unsigned long long)popularity.loud,
			 (unsigned long long)popularity.tenants, (unsigned long long)rule->noise);
	return QW_OK;
}

/* The evidence was judged when it came; what may have changed since are guards and the channel. */
static enum qw_err judge_again(struct qw_promotion *promotion, const struct qw_observable *observable,
			       struct qw_judgement *out)
{
	struct qw_indicator indicator;

	qw_indicator_init(&indicator);
	indicator.observable = *observable;
	indicator.confidence = 100;
	indicator.tlp = QW_TLP_CLEAR;
	return qw_promotion_judge(promotion, &indicator, NULL, out);
}

enum qw_err qw_promotion_tried(struct qw_promotion *promotion, const struct qw_dryrun_result *result,
			       struct qw_time now, struct qw_judgement *out)
{
	struct qw_dryrun_result heard = *result;
	struct hearing hearing = {promotion, now, &heard};
	struct qw_judgement judgement;
	enum qw_err err = judge_again(promotion, &result->observable, &judgement);

	if (err == QW_OK && judgement.verdict == QW_VERDICT_PROMOTED)
		err = hear(&hearing, &judgement);
	if (err == QW_OK)
		err = qw_promotion_record(promotion, &result->observable, &judgement, now);
	if (err != QW_OK)
		return err;
	promotion->stats.verdicts[judgement.verdict]++;
	*out = judgement;
	return QW_OK;
}

/* ---- what was to be tried, and was not */

struct resuming {
	size_t count;
	struct qw_observable observable[QW_PROMOTION_RESUMED_MAX];
};

static enum qw_err see_trying(void *ctx, const struct qw_observable *observable)
{
	struct resuming *resuming = ctx;

	resuming->observable[resuming->count++] = *observable;
	return QW_OK;
}

static enum qw_err resume(struct qw_promotion *promotion, const struct qw_observable *observable, struct qw_time now)
{
	struct qw_judgement judgement;
	enum qw_err err = judge_again(promotion, observable, &judgement);

	if (err == QW_OK && judgement.verdict == QW_VERDICT_PROMOTED)
		err = qw_promotion_weigh(promotion, observable, false, now, &judgement);
	return err == QW_OK ? qw_promotion_record(promotion, observable, &judgement, now) : err;
}

enum qw_err qw_promotion_resume(struct qw_promotion *promotion, struct qw_time now)
{
	struct qw_time before = qw_time_sub(now, qw_time_seconds(QW_PROMOTION_RESUME_S));
	struct resuming *resuming = calloc(1, sizeof(*resuming));
	enum qw_err err = resuming ? qw_candidates_each_trying(promotion->parts.candidates, before,
							       QW_PROMOTION_RESUMED_MAX, see_trying, resuming)
				   : QW_ENOMEM;

	for (size_t i = 0; err == QW_OK && i < resuming->count; i++)
		err = resume(promotion, &resuming->observable[i], now);
	free(resuming);
	return err;
}

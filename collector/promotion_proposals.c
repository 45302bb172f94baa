/* SPDX-License-Identifier: Apache-2.0 */
/* promotion_proposals - what sensors offer: whether they may, what it is worth, and what it costs them. */
#include <stdio.h>

#include "collector/promotion_parts.h"
#include "quaywatch/log.h"

static void isolate(struct qw_promotion *promotion, const struct qw_identity *who)
{
	char sentence[256];

	promotion->stats.quarantined++;
	snprintf(sentence, sizeof(sentence),
		 "%s/%s floods proposals (more than %u times its %llu of an hour) and is in quarantine: nothing it proposes "
		 "counts until an operator lifts it",
		 who->tenant, who->sensor, QW_CREDIT_FLOOD, (unsigned long long)promotion->parts.budget);
	qw_log(QW_LOG_ERROR, "QUARANTINED", "%s; look at the sensor, then: quaywatchctl quarantine lift %s %s", sentence,
	       who->tenant, who->sensor);
	if (promotion->parts.alarm.raise)
		promotion->parts.alarm.raise(promotion->parts.alarm.ctx, QW_NOTICE_FLOOD, who, sentence);
}

/* Another tenant's canary: out->verdict is WAITING then, and stays so. */
static enum qw_err look_for_leak(struct qw_promotion *promotion, const struct qw_identity *who,
				 const struct qw_observable *observable, struct qw_judgement *out)
{
	char owner[QW_NAME_MAX + 1], name[2 * QW_NAME_MAX + 2];
	const struct qw_leak_place place = {.who = who, .name = name};

	snprintf(name, sizeof(name), "%s/%s", who->tenant, who->sensor);
	enum qw_err err = qw_promotion_leak(promotion, observable, &place, owner);
	if (err == QW_OK && owner[0])
		qw_judgement_say(out, QW_VERDICT_WAITING, "a canary that %s alone was given: never promoted", owner);
	return err;
}

/* False: it is not to be looked at. */
static enum qw_err may_speak(struct qw_promotion *promotion, const struct qw_identity *who,
			     enum qw_observable_type type, struct qw_time now, struct qw_judgement *out)
{
	const struct qw_policy_rule *rule = qw_policy_rule_of(promotion->parts.policy, type);
	struct qw_budget budget = {promotion->parts.budget, rule->per_hour, type};
	enum qw_offer offer;
	enum qw_err err = qw_accounts_offer(promotion->parts.accounts, who, &budget, now, &offer);

	if (err != QW_OK)
		return err;
	out->verdict = QW_VERDICT_PROMOTED;
	if (offer != QW_OFFER_TAKEN)
		qw_judgement_say(out, QW_VERDICT_RATE, "%s", qw_verdict_text(QW_VERDICT_RATE));
	if (offer == QW_OFFER_ISOLATED)
		isolate(promotion, who);
	return QW_OK;
}

enum qw_err qw_promotion_malformed(struct qw_promotion *promotion, const struct qw_identity *who, struct qw_time now,
				   struct qw_judgement *out)
{
	struct qw_judgement judgement;
	enum qw_err err = may_speak(promotion, who, QW_OBS_IP, now, &judgement);

	if (err != QW_OK)
		return err;
	if (judgement.verdict == QW_VERDICT_PROMOTED)
		qw_judgement_say(&judgement, QW_VERDICT_FORM, "%s", qw_verdict_text(QW_VERDICT_FORM));
	promotion->stats.verdicts[judgement.verdict]++;
	*out = judgement;
	return QW_OK;
}

/* What a refusal costs; rules that share what they see offer their own side's addresses too, and mean no harm. */
static enum qw_err charge(struct qw_promotion *promotion, const struct qw_identity *who, enum qw_evidence_kind kind,
			  enum qw_verdict verdict, struct qw_time now)
{
	static const uint8_t prices[QW_VERDICT_COUNT] = {
	    [QW_VERDICT_FORM] = 1 + QW_CHARGE_REFUSED,	  [QW_VERDICT_ALLOW] = 1 + QW_CHARGE_REFUSED,
	    [QW_VERDICT_SPECIAL] = 1 + QW_CHARGE_REFUSED, [QW_VERDICT_BROAD] = 1 + QW_CHARGE_REFUSED,
	    [QW_VERDICT_WARNED] = 1 + QW_CHARGE_REFUSED,  [QW_VERDICT_PROTECTED] = 1 + QW_CHARGE_PROTECTED,
	};

	if (!prices[verdict] || (verdict == QW_VERDICT_SPECIAL && kind == QW_EVIDENCE_ALERT))
		return QW_OK;
	return qw_accounts_charge(promotion->parts.accounts, who, (enum qw_charge)(prices[verdict] - 1), now);
}

/* It becomes evidence; then all the evidence is weighed. */
static enum qw_err take(struct qw_promotion *promotion, const struct qw_identity *who, const struct qw_offered *offered,
			struct qw_time now, struct qw_judgement *out)
{
	const struct qw_indicator *indicator = offered->indicator;
	struct qw_candidates *candidates = promotion->parts.candidates;
	struct qw_evidence evidence = {
	    .tenant = who->tenant,
	    .sensor = who->sensor,
	    .kind = offered->kind,
	    .confidence = indicator->confidence,
	    .tlp = indicator->tlp,
	    .gid = offered->gid,
	    .sid = offered->sid,
	    .reason = offered->reason,
	};
	enum qw_err err = qw_candidates_put(candidates, &indicator->observable, &evidence, now);

	if (err == QW_ELIMIT) {
		qw_judgement_say(
		    out, QW_VERDICT_RATE,
		    "too many candidates are open already: a sensor's bound is %d, its tenant's %d, that of all %d",
		    QW_CANDIDATES_PER_SENSOR, QW_CANDIDATES_PER_TENANT, QW_CANDIDATES_MAX);
		return QW_OK;
	}
	if (err == QW_OK)
		err = qw_promotion_weigh(promotion, &indicator->observable, false, now, out);
	if (err == QW_OK)
		err = qw_promotion_record(promotion, &indicator->observable, out, now);
	return err;
}

enum qw_err qw_promotion_propose(struct qw_promotion *promotion, const struct qw_identity *who,
				 const struct qw_offered *offered, struct qw_time now, struct qw_judgement *out)
{
	struct qw_judgement judgement;
	enum qw_err err = may_speak(promotion, who, offered->indicator->observable.type, now, &judgement);

	if (err == QW_OK && judgement.verdict == QW_VERDICT_PROMOTED) {
		err = qw_promotion_judge(promotion, offered->indicator, who->tenant, &judgement);
		if (err == QW_OK && judgement.verdict == QW_VERDICT_PROMOTED)
			err = look_for_leak(promotion, who, &offered->indicator->observable, &judgement);
		if (err == QW_OK)
			err = charge(promotion, who, offered->kind, judgement.verdict, now);
		/* What is not fit to be shared is not kept either. */
		if (err == QW_OK && judgement.verdict == QW_VERDICT_PROMOTED)
			err = take(promotion, who, offered, now, &judgement);
		/* But the tenant's stricter word holds for what it said before. */
		if (err == QW_OK && judgement.verdict == QW_VERDICT_LABEL)
			err = qw_candidates_bind(promotion->parts.candidates, &offered->indicator->observable,
						 who->tenant, offered->indicator->tlp);
	}
	if (err != QW_OK)
		return err;
	promotion->stats.verdicts[judgement.verdict]++;
	*out = judgement;
	return QW_OK;
}

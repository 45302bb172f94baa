/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/promotion.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/exceptions.h"
#include "collector/label.h"
#include "collector/promotion_parts.h"
#include "collector/recall.h"
#include "collector/sightings.h"
#include "collector/support.h"
#include "quaywatch/log.h"

enum qw_err qw_promotion_new(struct qw_promotion **out, const struct qw_promotion_parts *parts)
{
	struct qw_promotion *promotion = calloc(1, sizeof(*promotion));

	if (!promotion)
		return QW_ENOMEM;
	promotion->parts = *parts;
	*out = promotion;
	return QW_OK;
}

void qw_promotion_free(struct qw_promotion *promotion)
{
	if (!promotion)
		return;
	qw_exceptions_fini(&promotion->exceptions);
	free(promotion);
}

struct qw_promotion_stats qw_promotion_stats(const struct qw_promotion *promotion)
{
	struct qw_promotion_stats stats = promotion->stats;

	stats.leaks = promotion->leaks.count;
	return stats;
}

enum qw_err qw_promotion_leak(struct qw_promotion *promotion, const struct qw_observable *observable,
			      const struct qw_leak_place *place, char owner[QW_NAME_MAX + 1])
{
	return qw_leaks_look(&promotion->leaks, promotion->parts.publication.store, &promotion->parts.alarm, observable,
			     place, owner);
}

void qw_judgement_say(struct qw_judgement *out, enum qw_verdict verdict, const char *format, ...)
{
	va_list list;

	out->verdict = verdict;
	out->trying = false;
	va_start(list, format);
	vsnprintf(out->why, sizeof(out->why), format, list);
	va_end(list);
}

/* ---- what the channel and its history say */

static bool channel_has(const struct qw_channel *channel, const struct qw_observable *observable)
{
	struct qw_indicator indicator;
	struct qw_entry entry, found;
	char key[QW_ENTRY_KEY_MAX];
	size_t key_len;
	uint8_t *body;

	qw_indicator_init(&indicator);
	indicator.observable = *observable;
	if (qw_entry_of_indicator(&entry, &body, &indicator) != QW_OK)
		return false;
	enum qw_err err = qw_entry_key(&entry, key, &key_len);
	free(body);
	return err == QW_OK && qw_channel_find(channel, QW_ENTRY_INDICATOR, key, key_len, &found);
}

static enum qw_err see_withdrawn(void *ctx, const struct qw_indicator_row *row)
{
	/* What only grew old may come again. */
	bool aged = row->indicator.valid_until.ns != 0 && row->revoked.ns >= row->indicator.valid_until.ns;
	bool left = strcmp(row->why, QW_STORE_LEFT) == 0;

	if (row->revoked.ns != 0 && !aged && !left && !row->indicator.allow)
		*(bool *)ctx = true;
	return QW_OK;
}

enum qw_err qw_promotion_was_withdrawn(const struct qw_promotion *promotion, const char *channel,
				       const struct qw_observable *observable, bool *out)
{
	enum qw_err err = qw_recall_was_called(promotion->parts.candidates, observable, out);

	if (err != QW_OK)
		return err;
	return qw_store_each_indicator(promotion->parts.publication.store, channel, observable, 1, see_withdrawn, out);
}

/* out->verdict stays PROMOTED if nothing stands against it. */
static enum qw_err judge_by_history(struct qw_promotion *promotion, const struct qw_observable *observable,
				    struct qw_judgement *out)
{
	const struct qw_publication *publication = &promotion->parts.publication;
	const struct qw_guard *exceptions;
	struct qw_channel *community;
	struct qw_guard_hit hit;
	bool withdrawn;
	enum qw_err err = qw_channels_get(&community, publication->channels, QW_COMMUNITY);

	if (err == QW_OK)
		err = qw_promotion_was_withdrawn(promotion, QW_COMMUNITY, observable, &withdrawn);
	if (err == QW_OK)
		err = qw_exceptions_get(&exceptions, &promotion->exceptions, publication);
	if (err != QW_OK)
		return err;
	if (channel_has(community, observable)) {
		qw_judgement_say(out, QW_VERDICT_KNOWN, "%s", qw_verdict_text(QW_VERDICT_KNOWN));
	} else if (withdrawn) {
		qw_judgement_say(out, QW_VERDICT_WITHDRAWN, "%s", qw_verdict_text(QW_VERDICT_WITHDRAWN));
	} else if (qw_guard_find(exceptions, observable, NULL, &hit)) {
		out->verdict = QW_VERDICT_PROTECTED;
		qw_guard_sentence(&hit, observable, out->why);
	}
	return QW_OK;
}

enum qw_err qw_promotion_judge(struct qw_promotion *promotion, const struct qw_indicator *indicator, const char *tenant,
			       struct qw_judgement *out)
{
	out->trying = false;
	out->verdict = qw_policy_judge(promotion->parts.policy, indicator, tenant, out->why);
	return out->verdict == QW_VERDICT_PROMOTED ? judge_by_history(promotion, &indicator->observable, out) : QW_OK;
}

/* ---- into the channel */

static enum qw_err promote(struct qw_promotion *promotion, const struct qw_observable *observable,
			   const struct qw_weight *weight, const struct qw_reason *reason, struct qw_time now)
{
	const struct qw_policy_rule *rule = qw_policy_rule_of(promotion->parts.policy, observable->type);
	const struct qw_publication *publication = &promotion->parts.publication;
	struct qw_indicator indicator;

	qw_indicator_init(&indicator);
	indicator.observable = *observable;
	indicator.confidence = weight->confidence;
	indicator.tlp = weight->tlp > QW_TLP_GREEN ? weight->tlp : QW_TLP_GREEN;
	indicator.valid_from = now;
	indicator.valid_until = qw_time_add(now, rule->lifetime);
	snprintf(indicator.source, sizeof(indicator.source), "community");
	enum qw_err err = qw_publish_indicators(publication, QW_COMMUNITY, &indicator, 1, reason, now);
	if (err != QW_OK || publication->bucket.ns == 0)
		return err;
	/* Who brought it met it: how many, others learn with the next sightings. */
	return qw_store_mark_sighted(publication->store, qw_bucket_of(now, publication->bucket),
				     qw_indicator_id(observable->type, observable->text, observable->len));
}

enum qw_err qw_promotion_weigh(struct qw_promotion *promotion, const struct qw_observable *observable, bool tried,
			       struct qw_time now, struct qw_judgement *out)
{
	const struct qw_promotion_parts *parts = &promotion->parts;
	const struct qw_policy_rule *rule = qw_policy_rule_of(parts->policy, observable->type);
	const struct qw_reason reason = {"community", "enough tenants proposed it", rule->lifetime};
	struct qw_weight weight;
	enum qw_err err = qw_support_weigh(&weight, parts->candidates, parts->accounts, parts->publication.store,
					   observable, rule, now);

	if (err != QW_OK)
		return err;
	if (weight.tenants < rule->tenants) {
		qw_judgement_say(out, QW_VERDICT_WAITING,
				 "waits for %llu more tenants within %lld hours; %llu agree, %llu do not count",
				 (unsigned long long)(rule->tenants - weight.tenants),
				 (long long)(rule->window.ns / ((int64_t)3600 * QW_NS_PER_S)),
				 (unsigned long long)weight.tenants, (unsigned long long)weight.passed_over);
		return QW_OK;
	}
	if (!tried && parts->try_dry && parts->try_dry(parts->ctx, observable, weight.tlp)) {
		qw_judgement_say(out, QW_VERDICT_WAITING, "%llu tenants agree; it is being tried dry on some sensors",
				 (unsigned long long)weight.tenants);
		out->trying = true;
		return QW_OK;
	}
	err = promote(promotion, observable, &weight, &reason, now);
	if (err == QW_EAGAIN) {
		qw_judgement_say(out, QW_VERDICT_WAITING,
				 "%llu tenants agree; the channel is being recovered after a backup, and it goes out when that is done",
				 (unsigned long long)weight.tenants);
		out->trying = true; /* it is looked at again by itself */
		return QW_OK;
	}
	if (err != QW_OK)
		return err;
	qw_judgement_say(out, QW_VERDICT_PROMOTED, "promoted: %llu tenants agree, the least sure of them at %u",
			 (unsigned long long)weight.tenants, weight.confidence);
	qw_log(QW_LOG_INFO, "PROMOTED", "%s %s: %llu tenants agree; sent to all",
	       qw_observable_type_name(observable->type), observable->text, (unsigned long long)weight.tenants);
	return QW_OK;
}

enum qw_err qw_promotion_record(struct qw_promotion *promotion, const struct qw_observable *observable,
				const struct qw_judgement *judgement, struct qw_time now)
{
	const char *verdict = judgement->trying ? QW_CANDIDATE_TRYING : qw_verdict_name(judgement->verdict);

	return qw_candidates_judge(promotion->parts.candidates, observable, verdict, judgement->why, now);
}

/* ---- operators */

/* The operator's word stands in for tenants that were not asked; it does not open what those that spoke have closed. */
static enum qw_err heed_labels(struct qw_promotion *promotion, const struct qw_observable *observable,
			       struct qw_time now, struct qw_weight *urged, struct qw_judgement *out)
{
	const struct qw_promotion_parts *parts = &promotion->parts;
	struct qw_weight weight;
	enum qw_err err = qw_support_weigh(&weight, parts->candidates, parts->accounts, parts->publication.store,
					   observable, qw_policy_rule_of(parts->policy, observable->type), now);

	if (err != QW_OK)
		return err;
	if (weight.bound > 0 && weight.open == 0) {
		out->verdict = QW_VERDICT_LABEL;
		snprintf(out->why, sizeof(out->why),
			 "who brought it does not let it go to all tenants: ask there first");
	}
	urged->tlp = weight.label > urged->tlp ? weight.label : urged->tlp;
	return QW_OK;
}

enum qw_err qw_promotion_urge(struct qw_promotion *promotion, const struct qw_indicator *indicator, const char *operator_name,
			      struct qw_time now, struct qw_judgement *out)
{
	struct qw_candidates *candidates = promotion->parts.candidates;
	const struct qw_observable *observable = &indicator->observable;
	const struct qw_evidence evidence = {"", "", QW_EVIDENCE_OPERATOR, indicator->confidence, indicator->tlp,
					     0,	 0,  operator_name,	   {0},			  {0}};
	struct qw_weight weight = {.confidence = indicator->confidence, .tlp = indicator->tlp};
	const struct qw_reason reason = {operator_name, "urgent: an operator promoted the candidate",
					 qw_policy_rule_of(promotion->parts.policy, observable->type)->lifetime};
	enum qw_err err = qw_promotion_judge(promotion, indicator, NULL, out);
	char owner[QW_NAME_MAX + 1] = "";
	const struct qw_leak_place place = {.name = operator_name, .channel = QW_COMMUNITY};

	if (err == QW_OK)
		err = qw_promotion_leak(promotion, observable, &place, owner);
	if (err == QW_OK && owner[0]) {
		qw_judgement_say(out, QW_VERDICT_PROTECTED, "it is a canary that %s alone was given", owner);
		return QW_OK;
	}
	if (err == QW_OK && !qw_label_permits(indicator->tlp, QW_PLACE_COMMUNITY)) {
		qw_judgement_say(out, QW_VERDICT_LABEL, "%s", qw_label_text(indicator->tlp));
		return QW_OK;
	}
	/* Who urges may be less sure than the rule asks, and widen what a sensor may not; the guards hold. */
	if (err != QW_OK || (out->verdict != QW_VERDICT_PROMOTED && out->verdict != QW_VERDICT_UNSURE &&
			     out->verdict != QW_VERDICT_BROAD))
		return err;
	err = heed_labels(promotion, observable, now, &weight, out);
	if (err != QW_OK || out->verdict == QW_VERDICT_LABEL)
		return err;
	err = qw_candidates_put(candidates, observable, &evidence, now);
	if (err == QW_OK)
		err = promote(promotion, observable, &weight, &reason, now);
	if (err != QW_OK)
		return err;
	qw_judgement_say(out, QW_VERDICT_PROMOTED, "promoted: an operator did not wait for more tenants");
	return qw_candidates_judge(candidates, observable, qw_verdict_name(out->verdict), out->why, now);
}

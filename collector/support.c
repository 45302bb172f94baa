/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/support.h"

#include <stdio.h>
#include <string.h>

struct weighing {
	struct qw_weight *out;
	const struct qw_accounts *accounts;
	struct qw_store *store;
	const struct qw_policy_rule *rule;
	struct qw_time now;
	char tenant[QW_NAME_MAX + 1]; /* whose evidence is being read; they come one after another */
	bool counts;
	uint8_t confidence;
	enum qw_tlp tlp;
};

struct membership {
	const char *tenant;
	bool is_member;
};

static enum qw_err see_tenant(void *ctx, const struct qw_tenant_row *row)
{
	struct membership *membership = ctx;

	if (row->revoked.ns == 0 && strcmp(row->name, membership->tenant) == 0)
		membership->is_member = true;
	return QW_OK;
}

/* The tenant whose evidence ends here. */
static enum qw_err close_tenant(struct weighing *weighing)
{
	struct qw_weight *out = weighing->out;
	struct membership membership = {weighing->tenant, false};

	if (weighing->tenant[0] == '\0')
		return QW_OK;
	enum qw_err err = qw_store_each_tenant(weighing->store, see_tenant, &membership);
	if (err != QW_OK)
		return err;
	bool bound = weighing->tlp > weighing->rule->tlp;
	out->bound += bound;
	out->open += !bound;
	if (!bound && weighing->tlp > out->label)
		out->label = weighing->tlp;
	if (bound || !weighing->counts || !membership.is_member) {
		out->passed_over++;
		return QW_OK;
	}
	out->confidence = out->tenants == 0 || weighing->confidence < out->confidence ? weighing->confidence
										     : out->confidence;
	out->tlp = weighing->tlp > out->tlp ? weighing->tlp : out->tlp;
	out->tenants++;
	return QW_OK;
}

static enum qw_err see_evidence(void *ctx, const struct qw_evidence *evidence)
{
	struct weighing *weighing = ctx;
	struct qw_identity who;

	if (strcmp(weighing->tenant, evidence->tenant) != 0) {
		enum qw_err err = close_tenant(weighing);
		if (err != QW_OK)
			return err;
		snprintf(weighing->tenant, sizeof(weighing->tenant), "%s", evidence->tenant);
		weighing->counts = false;
		weighing->confidence = 0;
		weighing->tlp = QW_TLP_CLEAR;
	}
	weighing->tlp = evidence->tlp > weighing->tlp ? evidence->tlp : weighing->tlp;
	snprintf(who.tenant, sizeof(who.tenant), "%s", evidence->tenant);
	snprintf(who.sensor, sizeof(who.sensor), "%s", evidence->sensor);
	if (evidence->last.ns < qw_time_sub(weighing->now, weighing->rule->window).ns ||
	    evidence->confidence < weighing->rule->confidence ||
	    !qw_accounts_counts(weighing->accounts, &who, weighing->now))
		return QW_OK;
	weighing->counts = true;
	weighing->confidence =
	    evidence->confidence > weighing->confidence ? evidence->confidence : weighing->confidence;
	return QW_OK;
}

enum qw_err qw_support_weigh(struct qw_weight *out, struct qw_candidates *candidates,
			     const struct qw_accounts *accounts, struct qw_store *store,
			     const struct qw_observable *observable, const struct qw_policy_rule *rule, struct qw_time now)
{
	struct weighing weighing = {.out = out, .accounts = accounts, .store = store, .rule = rule, .now = now};

	*out = (struct qw_weight){.tlp = QW_TLP_CLEAR, .label = QW_TLP_CLEAR};
	enum qw_err err = qw_candidates_each_evidence(candidates, observable, see_evidence, &weighing);
	return err == QW_OK ? close_tenant(&weighing) : err;
}

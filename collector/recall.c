/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/recall.h"

#include <stdio.h>
#include <string.h>

static enum qw_err see_verdict(void *ctx, const struct qw_candidate *candidate)
{
	if (strcmp(candidate->verdict, QW_FALSE_POSITIVE) == 0)
		*(bool *)ctx = true;
	return QW_OK;
}

enum qw_err qw_recall_was_called(struct qw_candidates *candidates, const struct qw_observable *observable, bool *out)
{
	*out = false;
	return qw_candidates_each(candidates, observable, 1, see_verdict, out);
}

struct recalling {
	const struct qw_recall_parts *parts;
	const struct qw_observable *observable;
	struct qw_time now;
	struct qw_recalled *out;
};

enum { RECALLED_CHANNELS = 256, ROWS_MAX = 1000000 /* of one value: a row a channel */ };

struct holders {
	size_t count;
	char channel[RECALLED_CHANNELS][QW_CHANNEL_NAME_MAX + 1];
};

static enum qw_err see_holder(void *ctx, const struct qw_indicator_row *row)
{
	struct holders *holders = ctx;

	if (row->revoked.ns == 0 && !row->indicator.allow && holders->count < RECALLED_CHANNELS)
		snprintf(holders->channel[holders->count++], sizeof(holders->channel[0]), "%s", row->channel);
	return QW_OK;
}

static enum qw_err leave_channels(const struct recalling *recalling)
{
	const struct qw_publication *publication = recalling->parts->publication;
	struct holders holders;
	enum qw_err err;

	/* What has left is no holder any more: where there are more than fit, the next turn finds them. */
	do {
		holders.count = 0;
		err = qw_store_each_indicator(publication->store, NULL, recalling->observable, ROWS_MAX, see_holder, &holders);
		for (size_t i = 0; i < holders.count && err == QW_OK; i++) {
			err = qw_publish_removal(publication, holders.channel[i], recalling->observable, false, recalling->now);
			recalling->out->channels += err == QW_OK;
		}
	} while (err == QW_OK && holders.count == RECALLED_CHANNELS);
	return err;
}

static enum qw_err charge_bringer(void *ctx, const struct qw_evidence *evidence)
{
	const struct recalling *recalling = ctx;
	struct qw_identity who;

	if (evidence->tenant[0] == '\0')
		return QW_OK;
	snprintf(who.tenant, sizeof(who.tenant), "%s", evidence->tenant);
	snprintf(who.sensor, sizeof(who.sensor), "%s", evidence->sensor);
	recalling->out->charged++;
	return qw_accounts_charge(recalling->parts->accounts, &who, QW_CHARGE_FALSE, recalling->now);
}

enum qw_err qw_recall(const struct qw_recall_parts *parts, const struct qw_observable *observable, struct qw_time now,
		      struct qw_recalled *out)
{
	struct qw_candidates *candidates = parts->candidates;
	struct qw_recalled recalled = {0, 0};
	struct recalling recalling = {parts, observable, now, &recalled};
	bool called;
	enum qw_err err = qw_recall_was_called(candidates, observable, &called);

	if (err == QW_OK)
		err = leave_channels(&recalling);
	if (err == QW_OK && !called)
		err = qw_candidates_each_evidence(candidates, observable, charge_bringer, &recalling);
	if (err == QW_OK)
		err = qw_candidates_judge(candidates, observable, QW_FALSE_POSITIVE, "an operator called it a false positive", now);
	if (err == QW_OK)
		*out = recalled;
	return err;
}

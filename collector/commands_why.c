/* SPDX-License-Identifier: Apache-2.0 */
/* commands_why - the whole life of one value, for operators: they may know who proposed it. */
#include "collector/commands_of.h"

#include <stdio.h>
#include <string.h>

struct story {
	struct qw_collector *collector;
	struct qw_reply *reply;
	bool json;
	size_t rows;
	struct qw_order order; /* of the change that is being asked about */
	uint64_t have, behind; /* receipts at or after it, and before it */
};

/* ---- who said what */

static enum qw_err tell_evidence(void *ctx, const struct qw_evidence *evidence)
{
	struct story *story = ctx;
	char first[QW_COMMAND_TIME_MAX], last[QW_COMMAND_TIME_MAX];

	qw_command_time(evidence->first, first);
	qw_command_time(evidence->last, last);
	if (!story->json) {
		qw_reply_line(story->reply, "  %s by %s%s%s, confidence %u, first %s, last %s%s%s",
			      qw_evidence_kind_name(evidence->kind), evidence->tenant[0] ? evidence->tenant : "an operator",
			      evidence->sensor[0] ? "/" : "", evidence->sensor, evidence->confidence, first, last,
			      evidence->reason[0] ? ": " : "", evidence->reason);
		return QW_OK;
	}
	struct qw_json json = qw_reply_begin(story->reply);
	qw_json_text(&json, "proposed_by", evidence->tenant);
	qw_json_text(&json, "sensor", evidence->sensor);
	qw_json_text(&json, "kind", qw_evidence_kind_name(evidence->kind));
	qw_json_u64(&json, "confidence", evidence->confidence);
	qw_json_text(&json, "first", first);
	qw_json_text(&json, "last", last);
	qw_json_text(&json, "reason", evidence->reason);
	qw_reply_end(story->reply, &json);
	return QW_OK;
}

static enum qw_err tell_candidate(void *ctx, const struct qw_candidate *candidate)
{
	struct story *story = ctx;

	story->rows++;
	if (!story->json) {
		qw_reply_line(story->reply, "candidate %s %s: %s (%s)", qw_observable_type_name(candidate->observable.type),
			      candidate->observable.text, candidate->verdict, candidate->why);
		return QW_OK;
	}
	struct qw_json json = qw_reply_begin(story->reply);
	qw_json_text(&json, "candidate", candidate->observable.text);
	qw_json_text(&json, "type", qw_observable_type_name(candidate->observable.type));
	qw_json_text(&json, "verdict", candidate->verdict);
	qw_json_text(&json, "why", candidate->why);
	qw_reply_end(story->reply, &json);
	return QW_OK;
}

/* ---- how far it got */

static enum qw_err count_receipt(void *ctx, const struct qw_receipt_row *row)
{
	struct story *story = ctx;
	bool later = row->order.term > story->order.term ||
		     (row->order.term == story->order.term && row->order.sequence >= story->order.sequence);

	if (strcmp(row->channel, QW_COMMUNITY) != 0)
		return QW_OK;
	story->have += later;
	story->behind += !later;
	return QW_OK;
}

static enum qw_err see_row(void *ctx, const struct qw_indicator_row *row)
{
	struct qw_time *at = ctx;

	*at = row->revoked.ns ? row->revoked : row->at;
	return QW_OK;
}

static enum qw_err tell_receipts(struct story *story, const struct qw_observable *observable)
{
	struct qw_store *store = story->collector->store;
	struct qw_time at = qw_time_ns(0);
	enum qw_err err = qw_store_each_indicator(store, QW_COMMUNITY, observable, 1, see_row, &at);

	if (err == QW_OK && at.ns != 0)
		err = qw_store_find_order(store, QW_COMMUNITY, at, &story->order);
	if (err == QW_ENOENT || (err == QW_OK && at.ns == 0))
		return QW_OK; /* never was in the channel, or so long ago that its change is forgotten */
	story->have = story->behind = 0;
	if (err == QW_OK)
		err = qw_store_each_receipt(store, count_receipt, story);
	if (err != QW_OK)
		return err;
	if (!story->json) {
		qw_reply_line(story->reply, "  its last change is %llu.%llu: %llu of %llu sensors have receipted it",
			      (unsigned long long)story->order.term, (unsigned long long)story->order.sequence,
			      (unsigned long long)story->have, (unsigned long long)(story->have + story->behind));
		return QW_OK;
	}
	struct qw_json json = qw_reply_begin(story->reply);
	qw_json_u64(&json, "term", story->order.term);
	qw_json_u64(&json, "sequence", story->order.sequence);
	qw_json_u64(&json, "receipts", story->have);
	qw_json_u64(&json, "behind", story->behind);
	qw_reply_end(story->reply, &json);
	return QW_OK;
}

/* ---- what stands against it */

static void tell_guard(struct story *story, const struct qw_observable *observable)
{
	char why[QW_GUARD_SENTENCE_MAX];
	struct qw_guard_hit hit;

	if (!qw_guard_find(qw_policy_guard(story->collector->policy), observable, NULL, &hit))
		return;
	story->rows++;
	qw_guard_sentence(&hit, observable, why);
	if (!story->json) {
		qw_reply_line(story->reply, "guarded: %s", why);
		return;
	}
	struct qw_json json = qw_reply_begin(story->reply);
	qw_json_text(&json, "guarded", why);
	qw_reply_end(story->reply, &json);
}

static enum qw_err tell_type(struct story *story, const struct qw_observable *observable)
{
	struct qw_candidates *candidates = story->collector->candidates;
	enum qw_err err = qw_candidates_each(candidates, observable, 1, tell_candidate, story);

	if (err == QW_OK)
		err = qw_candidates_each_evidence(candidates, observable, tell_evidence, story);
	return err == QW_OK ? tell_receipts(story, observable) : err;
}

QW_COMMAND(why)
{
	struct story story = {.collector = collector, .reply = reply, .json = request->json};
	struct qw_observable observable;
	const char *bad = "not an observable";
	size_t rows = 0;

	if (request->count != first + 1)
		return qw_command_usage(reply, request, first, NULL);
	const char *value = request->word[first];
	if (qw_observable_parse(&observable, QW_OBS_COUNT, value, strlen(value), &bad) != QW_OK)
		return qw_reply_error(reply, QW_EXIT_DATA, "%s: %s", value, bad);
	tell_guard(&story, &observable);
	enum qw_err err = qw_command_show(collector, value, request->json, reply, &rows);
	for (unsigned type = 0; type < QW_OBS_COUNT && err == QW_OK; type++)
		if (qw_observable_parse(&observable, (enum qw_observable_type)type, value, strlen(value), NULL) == QW_OK &&
		    observable.type == (enum qw_observable_type)type)
			err = tell_type(&story, &observable);
	if (err != QW_OK)
		return qw_command_failed(collector, reply, err, value);
	if (rows + story.rows == 0)
		return qw_reply_error(reply, QW_EXIT_DATA, "%s: nobody ever spoke of it here", value);
	return QW_EXIT_OK;
}

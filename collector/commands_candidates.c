/* SPDX-License-Identifier: Apache-2.0 */
/* commands_candidates - what operators ask and decide about candidates, and about who brings them. */
#include "collector/commands_of.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/recall.h"

struct listing {
	struct qw_collector *collector;
	struct qw_reply *reply;
	bool json;
	size_t rows;
};

/* A value, with its type before it if it is given.  False: an error was told. */
static bool read_value(struct qw_observable *out, const struct qw_request *request, size_t first, size_t count,
		       struct qw_reply *reply)
{
	const char *why = "not an observable", *value = request->word[first + count - 1];
	enum qw_observable_type type =
	    count == 2 ? qw_observable_type_parse(request->word[first], strlen(request->word[first])) : QW_OBS_COUNT;

	if (qw_observable_parse(out, type, value, strlen(value), &why) == QW_OK)
		return true;
	qw_reply_error(reply, QW_EXIT_DATA, "%s: %s", value, why);
	return false;
}

/* ---- candidates */

static enum qw_err list_candidate(void *ctx, const struct qw_candidate *candidate)
{
	struct listing *listing = ctx;
	char last[QW_COMMAND_TIME_MAX];

	listing->rows++;
	qw_command_time(candidate->last, last);
	if (listing->json) {
		struct qw_json json = qw_reply_begin(listing->reply);
		qw_json_text(&json, "type", qw_observable_type_name(candidate->observable.type));
		qw_json_text(&json, "value", candidate->observable.text);
		qw_json_u64(&json, "tenants", candidate->tenants);
		qw_json_text(&json, "last", last);
		qw_json_text(&json, "verdict", candidate->verdict);
		qw_json_text(&json, "why", candidate->why);
		qw_reply_end(listing->reply, &json);
	} else {
		qw_reply_line(listing->reply, "%-10s %-48s %llu tenants, last %s; %s",
			      qw_observable_type_name(candidate->observable.type), candidate->observable.text,
			      (unsigned long long)candidate->tenants, last, candidate->why);
	}
	return QW_OK;
}

QW_COMMAND(candidates)
{
	struct listing listing = {collector, reply, request->json, 0};
	const char *limit = "100", *bad = NULL;
	const struct qw_option options[] = {{"--limit", &limit, NULL}};
	uint64_t most;
	size_t rest;

	if (qw_request_options(request, first, options, 1, &rest, &bad) != QW_OK || rest != 0 ||
	    !qw_command_number(limit, 1, 100000, &most))
		return qw_command_usage(reply, request, first, bad);
	enum qw_err err = qw_candidates_each(collector->candidates, NULL, most, list_candidate, &listing);
	return err == QW_OK ? QW_EXIT_OK : qw_command_failed(collector, reply, err, "candidates");
}

QW_COMMAND(candidates_promote)
{
	struct qw_indicator_words words = {0};
	const char *bad = NULL;
	struct qw_indicator indicator;
	struct qw_judgement judgement;
	char who[32];
	size_t rest;
	const struct qw_option options[] = {{"--confidence", &words.confidence, NULL}, {"--tlp", &words.tlp, NULL}};

	if (qw_request_options(request, first, options, 2, &rest, &bad) != QW_OK || rest < 1 || rest > 2)
		return qw_command_usage(reply, request, first, bad);
	if (!qw_command_defaults(&words, &indicator, reply))
		return QW_EXIT_USAGE;
	if (!read_value(&indicator.observable, request, first, rest, reply))
		return QW_EXIT_DATA;
	snprintf(who, sizeof(who), "uid %lld", (long long)request->uid);
	enum qw_err err = qw_promotion_urge(collector->promotion, &indicator, who, request->now, &judgement);
	if (err != QW_OK)
		return qw_command_failed(collector, reply, err, indicator.observable.text);
	if (judgement.verdict != QW_VERDICT_PROMOTED)
		return qw_reply_error(reply, QW_EXIT_DATA, "%s: not promoted: %s", indicator.observable.text, judgement.why);
	if (!request->json)
		qw_reply_line(reply, "%s %s is promoted; on its way to %zu connections",
			      qw_observable_type_name(indicator.observable.type), indicator.observable.text,
			      qw_peers_count(collector->peers));
	return QW_EXIT_OK;
}

/* ---- quarantine */

static enum qw_err list_credit(void *ctx, const struct qw_identity *who, const struct qw_credit *credit)
{
	struct listing *listing = ctx;
	struct qw_time now = qw_time_wall();
	char since[QW_COMMAND_TIME_MAX];
	int32_t points = qw_credit_points(credit, now);

	if (credit->isolated.ns == 0 && points >= QW_CREDIT_LEAST)
		return QW_OK;
	listing->rows++;
	qw_command_time(credit->isolated, since);
	if (listing->json) {
		struct qw_json json = qw_reply_begin(listing->reply);
		qw_json_text(&json, "tenant", who->tenant);
		qw_json_text(&json, "sensor", who->sensor);
		qw_json_bool(&json, "quarantined", credit->isolated.ns != 0);
		qw_json_text(&json, "since", since);
		qw_json_i64(&json, "credit", points);
		qw_json_u64(&json, "charges", credit->charges);
		qw_reply_end(listing->reply, &json);
	} else if (credit->isolated.ns) {
		qw_reply_line(listing->reply, "%s/%s in quarantine since %s, credit %d of %d; lift it with: quaywatchctl quarantine lift %s %s",
			      who->tenant, who->sensor, since, points, QW_CREDIT_FULL, who->tenant, who->sensor);
	} else {
		qw_reply_line(listing->reply, "%s%s%s counts nothing: credit %d, it takes %d; it grows by %d an hour", who->tenant,
			      who->sensor[0] ? "/" : "", who->sensor, points, QW_CREDIT_LEAST, QW_CREDIT_PER_HOUR);
	}
	return QW_OK;
}

QW_COMMAND(quarantine_list)
{
	struct listing listing = {collector, reply, request->json, 0};

	if (request->count != first)
		return qw_command_usage(reply, request, first, NULL);
	enum qw_err err = qw_accounts_each(collector->accounts, list_credit, &listing);
	if (err != QW_OK)
		return qw_command_failed(collector, reply, err, "quarantine");
	if (listing.rows == 0 && !request->json)
		qw_reply_line(reply, "nobody is in quarantine, and everybody is believed");
	return QW_EXIT_OK;
}

QW_COMMAND(quarantine_lift)
{
	struct qw_identity who;
	size_t count = request->count - first;

	if (count < 1 || count > 2)
		return qw_command_usage(reply, request, first, NULL);
	snprintf(who.tenant, sizeof(who.tenant), "%s", request->word[first]);
	snprintf(who.sensor, sizeof(who.sensor), "%s", count == 2 ? request->word[first + 1] : "");
	enum qw_err err = qw_accounts_lift(collector->accounts, &who, request->now);
	if (err == QW_ENOENT)
		return qw_reply_error(reply, QW_EXIT_DATA, "%s%s%s is not in quarantine; see: quaywatchctl quarantine list",
				      who.tenant, who.sensor[0] ? "/" : "", who.sensor);
	if (err == QW_OK)
		err = qw_candidates_commit(collector->candidates);
	if (err != QW_OK)
		return qw_command_failed(collector, reply, err, who.tenant);
	if (!request->json)
		qw_reply_line(reply, "%s%s%s may propose again, with the least credit that counts", who.tenant,
			      who.sensor[0] ? "/" : "", who.sensor);
	return QW_EXIT_OK;
}

/* ---- false positives */

QW_COMMAND(false_positive)
{
	struct qw_observable observable;
	struct qw_recalled recalled;
	size_t count = request->count - first;

	if (count < 1 || count > 2)
		return qw_command_usage(reply, request, first, NULL);
	if (!read_value(&observable, request, first, count, reply))
		return QW_EXIT_DATA;
	const struct qw_recall_parts parts = {&collector->publication, collector->candidates, collector->accounts};
	enum qw_err err = qw_recall(&parts, &observable, request->now, &recalled);
	if (err == QW_OK)
		err = qw_candidates_commit(collector->candidates);
	if (err != QW_OK)
		return qw_command_failed(collector, reply, err, observable.text);
	if (request->json) {
		struct qw_json json = qw_reply_begin(reply);
		qw_json_text(&json, "value", observable.text);
		qw_json_u64(&json, "channels", recalled.channels);
		qw_json_u64(&json, "charged", recalled.charged);
		qw_reply_end(reply, &json);
	} else {
		qw_reply_line(reply, "%s %s is taken back from %llu channels; it cost %llu sensors credit",
			      qw_observable_type_name(observable.type), observable.text,
			      (unsigned long long)recalled.channels, (unsigned long long)recalled.charged);
	}
	return QW_EXIT_OK;
}

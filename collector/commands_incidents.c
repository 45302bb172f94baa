/* SPDX-License-Identifier: Apache-2.0 */
/* commands_incidents - one attack at many tenants, for the analyst; and what one of these tenants may be shown of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/commands_of.h"

enum { SPAN_MAX = 24, LISTED_MAX = 10000 };

struct summed {
	const struct qw_incident *incident;
	struct qw_incident_sum sum;
};

/* "4 min", "3 h", "2 d". */
static void span_of(struct qw_time from, struct qw_time to, char out[SPAN_MAX])
{
	long long s = (long long)((to.ns - from.ns) / QW_NS_PER_S);

	if (s < 120)
		snprintf(out, SPAN_MAX, "%lld s", s);
	else if (s < 7200)
		snprintf(out, SPAN_MAX, "%lld min", s / 60);
	else if (s < 172800)
		snprintf(out, SPAN_MAX, "%lld h", s / 3600);
	else
		snprintf(out, SPAN_MAX, "%lld d", s / 86400);
}

/* ---- the list */

/* What nobody looked at first, then by priority, then the newest. */
static int by_priority(const void *a, const void *b)
{
	const struct summed *one = a, *two = b;

	if (one->incident->state != two->incident->state)
		return one->incident->state < two->incident->state ? -1 : 1;
	if (one->sum.priority != two->sum.priority)
		return one->sum.priority > two->sum.priority ? -1 : 1;
	return one->incident->number > two->incident->number ? -1 : 1;
}

static void put_json(const struct summed *row, struct qw_reply *reply)
{
	const struct qw_incident_sum *sum = &row->sum;
	char first[QW_COMMAND_TIME_MAX], last[QW_COMMAND_TIME_MAX];
	struct qw_json json = qw_reply_begin(reply);

	qw_command_time(sum->first, first);
	qw_command_time(sum->last, last);
	qw_json_u64(&json, "incident", row->incident->number);
	qw_json_text(&json, "state", qw_incident_state_name(row->incident->state));
	if (row->incident->reason[0])
		qw_json_text(&json, "reason", row->incident->reason);
	qw_json_u64(&json, "priority", sum->priority);
	qw_json_text(&json, "title", sum->title);
	qw_json_u64(&json, "severity", sum->severity);
	qw_json_text(&json, "first", first);
	qw_json_text(&json, "last", last);
	qw_json_u64(&json, "alerts", sum->count);
	qw_json_u64(&json, "traits", sum->strands);
	qw_json_open(&json, "tenants", '[');
	for (size_t i = 0; i < sum->tenants; i++)
		qw_json_text(&json, NULL, sum->tenant[i].tenant);
	qw_json_close(&json, ']');
	qw_reply_end(reply, &json);
}

static void tell_row(const struct summed *row, struct qw_reply *reply)
{
	const struct qw_incident_sum *sum = &row->sum;
	char first[QW_COMMAND_TIME_MAX], span[SPAN_MAX];

	qw_command_time(sum->first, first);
	span_of(sum->first, sum->last, span);
	qw_reply_line(reply, "%4llu %-12s %3u  %s  %zu tenants in %s, %llu alerts: %s", (unsigned long long)row->incident->number,
		      qw_incident_state_name(row->incident->state), sum->priority, first, sum->tenants, span,
		      (unsigned long long)sum->count, sum->title);
}

QW_COMMAND(incidents)
{
	bool all = false;
	const char *bad = NULL, *limit = "50";
	const struct qw_option options[] = {{"--all", NULL, &all}, {"--limit", &limit, NULL}};
	size_t rest, count = qw_incidents_count(collector->incidents), kept = 0;
	uint64_t most;

	(void)job;
	if (qw_request_options(request, first, options, 2, &rest, &bad) != QW_OK || rest != 0 ||
	    !qw_command_number(limit, 1, LISTED_MAX, &most))
		return qw_command_usage(reply, request, first, bad);
	struct summed *row = calloc(count + 1, sizeof(*row));
	if (!row)
		return qw_command_failed(collector, reply, QW_ENOMEM, "incidents");
	for (size_t i = 0; i < count; i++) {
		const struct qw_incident *incident = qw_incidents_at(collector->incidents, i);
		if (incident->state == QW_INCIDENT_CLOSED && !all)
			continue;
		row[kept].incident = incident;
		qw_incidents_sum(collector->incidents, incident->number, &row[kept++].sum);
	}
	qsort(row, kept, sizeof(*row), by_priority);
	if (!request->json)
		qw_reply_line(reply, "%zu incidents that are not closed%s", kept, kept ? ": number, state, priority, begin" : "");
	for (size_t i = 0; i < kept && i < most; i++)
		(request->json ? put_json : tell_row)(&row[i], reply);
	free(row);
	return QW_EXIT_OK;
}

/* ---- one */

struct showing {
	struct qw_reply *reply;
	const char *tenant; /* what this one may see; NULL: everything */
	bool json;
};

static void put_part(const struct showing *showing, const struct qw_strand *strand, const struct qw_strand_part *part)
{
	char first[QW_COMMAND_TIME_MAX], last[QW_COMMAND_TIME_MAX];

	qw_command_time(part->first, first);
	qw_command_time(part->last, last);
	if (!showing->json) {
		qw_reply_line(showing->reply, "    %-20s %s  %llu alerts; first %s", part->tenant, first,
			      (unsigned long long)part->count, part->sample);
		return;
	}
	struct qw_json json = qw_reply_begin(showing->reply);
	qw_json_text(&json, "kind", qw_trait_kind_name(strand->kind));
	qw_json_text(&json, "value", strand->value);
	qw_json_text(&json, "tenant", part->tenant);
	qw_json_text(&json, "first", first);
	qw_json_text(&json, "last", last);
	qw_json_u64(&json, "alerts", part->count);
	qw_json_text(&json, "sample", part->sample);
	qw_reply_end(showing->reply, &json);
}

/* A tenant sees what itself met, and nothing of what it did not. */
static void put_strand(void *ctx, const struct qw_strand *strand)
{
	const struct showing *showing = ctx;
	size_t shown = 0;

	for (size_t i = 0; i < strand->parts; i++) {
		if (showing->tenant && strcmp(showing->tenant, strand->part[i].tenant) != 0)
			continue;
		if (shown++ == 0 && !showing->json)
			qw_reply_line(showing->reply, "  %s %s %s", qw_trait_kind_name(strand->kind), strand->value,
				      strand->kind == QW_TRAIT_SIGNATURE ? strand->text : "");
		put_part(showing, strand, &strand->part[i]);
	}
}

static const struct qw_incident_tenant *tenant_of(const struct qw_incident_sum *sum, const char *name)
{
	for (size_t i = 0; i < sum->tenants; i++)
		if (strcmp(sum->tenant[i].tenant, name) == 0)
			return &sum->tenant[i];
	return NULL;
}

/* Others are a class, as everywhere: neither who, nor when, nor who was first. */
static void tell_tenant(const struct qw_incident *incident, const struct qw_incident_sum *sum,
			const struct qw_incident_tenant *own, const struct showing *showing)
{
	const char *others = qw_prevalence_name(sum->tenants >= QW_PREVALENCE_MANY_FROM ? QW_PREVALENCE_MANY : QW_PREVALENCE_FEW);
	char first[QW_COMMAND_TIME_MAX], last[QW_COMMAND_TIME_MAX];

	qw_command_time(own->first, first);
	qw_command_time(own->last, last);
	if (!showing->json) {
		qw_reply_line(showing->reply, "incident %llu at %s: %llu alerts from %s to %s; met at %s tenants in all",
			      (unsigned long long)incident->number, own->tenant, (unsigned long long)own->count, first, last, others);
		return;
	}
	struct qw_json json = qw_reply_begin(showing->reply);
	qw_json_u64(&json, "incident", incident->number);
	qw_json_text(&json, "tenant", own->tenant);
	qw_json_text(&json, "seen", others);
	qw_json_text(&json, "first", first);
	qw_json_text(&json, "last", last);
	qw_json_u64(&json, "alerts", own->count);
	qw_reply_end(showing->reply, &json);
}

static void tell_all(const struct summed *row, const struct qw_incident_sum *sum, struct qw_reply *reply)
{
	char first[QW_COMMAND_TIME_MAX], span[SPAN_MAX];

	tell_row(row, reply);
	if (row->incident->reason[0])
		qw_reply_line(reply, "  %s by uid %lld: %s", qw_incident_state_name(row->incident->state),
			      (long long)row->incident->uid, row->incident->reason);
	for (size_t i = 0; i < sum->tenants; i++) {
		qw_command_time(sum->tenant[i].first, first);
		span_of(sum->first, sum->tenant[i].first, span);
		qw_reply_line(reply, "  %zu. %-20s %s (%s%s), %llu alerts", i + 1, sum->tenant[i].tenant, first, i ? "+" : "first",
			      i ? span : "", (unsigned long long)sum->tenant[i].count);
	}
}

static enum qw_exit no_such(struct qw_reply *reply, const char *word)
{
	return qw_reply_error(reply, QW_EXIT_DATA, "%s: no such incident; see: quaywatchctl incidents --all", word);
}

QW_COMMAND(incidents_show)
{
	struct showing showing = {reply, NULL, request->json};
	const char *bad = NULL;
	const struct qw_option options[] = {{"--tenant", &showing.tenant, NULL}};
	struct summed row = {NULL};
	uint64_t number;
	size_t rest;

	(void)job;
	if (qw_request_options(request, first, options, 1, &rest, &bad) != QW_OK || rest != 1 ||
	    !qw_command_number(request->word[first], 1, INT64_MAX, &number))
		return qw_command_usage(reply, request, first, bad);
	row.incident = qw_incidents_find(collector->incidents, number);
	if (!row.incident)
		return no_such(reply, request->word[first]);
	qw_incidents_sum(collector->incidents, number, &row.sum);
	const struct qw_incident_tenant *own = showing.tenant ? tenant_of(&row.sum, showing.tenant) : NULL;
	if (showing.tenant && !own)
		return qw_reply_error(reply, QW_EXIT_DATA, "%s met nothing of incident %llu: there is nothing to show it",
				      showing.tenant, (unsigned long long)number);
	if (own)
		tell_tenant(row.incident, &row.sum, own, &showing);
	else if (request->json)
		put_json(&row, reply);
	else
		tell_all(&row, &row.sum, reply);
	qw_incidents_each_strand(collector->incidents, number, put_strand, &showing);
	return QW_EXIT_OK;
}

/* ---- its state */

static enum qw_exit set_state(struct qw_collector *collector, struct qw_request *request, size_t first,
			      enum qw_incident_state state, const char *reason, struct qw_reply *reply)
{
	uint64_t number;

	if (!qw_command_number(request->word[first], 1, INT64_MAX, &number))
		return no_such(reply, request->word[first]);
	enum qw_err err = qw_incidents_set(collector->incidents, number, state, reason, request->uid, request->now);
	if (err == QW_ENOENT)
		return no_such(reply, request->word[first]);
	if (err == QW_OK)
		err = qw_store_commit(collector->store);
	if (err != QW_OK)
		return qw_command_failed(collector, reply, err, "incidents");
	if (!request->json)
		qw_reply_line(reply, "incident %llu is %s", (unsigned long long)number, qw_incident_state_name(state));
	return QW_EXIT_OK;
}

QW_COMMAND(incidents_ack)
{
	(void)job;
	if (request->count != first + 1)
		return qw_command_usage(reply, request, first, NULL);
	return set_state(collector, request, first, QW_INCIDENT_ACKNOWLEDGED, "", reply);
}

QW_COMMAND(incidents_close)
{
	const char *why = NULL, *bad = NULL;
	const struct qw_option options[] = {{"--why", &why, NULL}};
	size_t rest;

	(void)job;
	if (qw_request_options(request, first, options, 1, &rest, &bad) != QW_OK || rest != 1)
		return qw_command_usage(reply, request, first, bad);
	if (!why || !*why)
		return qw_reply_error(reply, QW_EXIT_USAGE,
				      "--why: say what it was, such as --why \"cleaned\" or --why \"false alarm: the audit's scanner\"");
	return set_state(collector, request, first, QW_INCIDENT_CLOSED, why, reply);
}

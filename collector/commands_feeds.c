/* SPDX-License-Identifier: Apache-2.0 */
/* commands_feeds - what operators ask of feeds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/commands_of.h"

static const char *const doings[] = {
    [QW_FEED_RESTS] = "",
    [QW_FEED_WAITS] = "waits for its turn",
    [QW_FEED_FETCHES] = "is being fetched",
    [QW_FEED_APPLIES] = "is being published",
    [QW_FEED_LEAVES] = "is being removed",
};

/* "3 min ago", "never". */
enum { AGE_MAX = 32 };
static void age_of(struct qw_time at, struct qw_time now, char out[AGE_MAX])
{
	long long s = (long long)((now.ns - at.ns) / QW_NS_PER_S);

	if (at.ns == 0)
		snprintf(out, AGE_MAX, "never");
	else if (s < 120)
		snprintf(out, AGE_MAX, "%lld s ago", s > 0 ? s : 0);
	else if (s < 7200)
		snprintf(out, AGE_MAX, "%lld min ago", s / 60);
	else
		snprintf(out, AGE_MAX, "%lld h ago", s / 3600);
}

static bool is_well(const struct qw_feed *feed)
{
	return feed->health.tried.ns != 0 && feed->health.failures == 0;
}

static void tell_line(const struct qw_feed *feed, struct qw_time now, struct qw_reply *reply)
{
	const struct qw_feed_health *health = &feed->health;
	char good[AGE_MAX];

	age_of(health->good, now, good);
	if (is_well(feed) || health->tried.ns == 0)
		qw_reply_line(reply, "%-20s %9zu entries, good %s%s%s", feed->spec.name, feed->held.count, good,
			      *doings[feed->doing] ? "; " : "", doings[feed->doing]);
	else
		qw_reply_line(reply, "%-20s %9zu entries, good %s; %s %llu times: %s", feed->spec.name, feed->held.count, good,
			      qw_feed_result_name((enum qw_feed_result)health->outcome.result),
			      (unsigned long long)health->failures, health->outcome.why);
}

static void put_json(const struct qw_feed *feed, struct qw_reply *reply)
{
	const struct qw_feed_health *health = &feed->health;
	const struct qw_feed_outcome *outcome = &health->outcome;
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
	    {"entries", feed->held.count},      {"failures", health->failures},   {"bytes", outcome->bytes},
	    {"rejected", outcome->rejected},    {"ignored", outcome->ignored},    {"over", outcome->over},
	    {"added", outcome->added},	        {"changed", outcome->changed},    {"removed", outcome->removed},
	    {"published", health->published},   {"withdrawn", health->withdrawn}, {"not_taken", health->refused},
	    {"held_by_others", health->held}, {"every", feed->spec.every},
	};
	char tried[QW_COMMAND_TIME_MAX], good[QW_COMMAND_TIME_MAX];
	struct qw_json json = qw_reply_begin(reply);

	qw_command_time(health->tried, tried);
	qw_command_time(health->good, good);
	qw_json_text(&json, "name", feed->spec.name);
	qw_json_text(&json, "place", feed->spec.place);
	qw_json_text(&json, "channel", qw_feed_channel(&feed->spec));
	qw_json_bool(&json, "configured", feed->configured);
	qw_json_bool(&json, "well", is_well(feed));
	qw_json_text(&json, "doing", doings[feed->doing]);
	qw_json_text(&json, "tried", tried);
	qw_json_text(&json, "good", good);
	if (health->tried.ns != 0)
		qw_json_text(&json, "result", qw_feed_result_name((enum qw_feed_result)outcome->result));
	qw_json_text(&json, "why", outcome->why);
	qw_json_text(&json, "format", outcome->format);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		qw_json_u64(&json, numbers[i].name, numbers[i].value);
	qw_json_open(&json, "complaints", '[');
	for (size_t i = 0; i < QW_FEED_COMPLAINTS && outcome->complaint[i][0]; i++)
		qw_json_text(&json, NULL, outcome->complaint[i]);
	qw_json_close(&json, ']');
	qw_reply_end(reply, &json);
}

QW_COMMAND(feeds)
{
	size_t count = qw_feeds_count(collector->feeds), well = 0;

	(void)job;
	if (first != request->count)
		return qw_command_usage(reply, request, first, request->word[first]);
	for (size_t i = 0; i < count; i++)
		well += is_well(qw_feeds_at(collector->feeds, i));
	if (!request->json)
		qw_reply_line(reply, "%zu of %zu feeds are well", well, count);
	for (size_t i = 0; i < count; i++) {
		const struct qw_feed *feed = qw_feeds_at(collector->feeds, i);
		if (request->json)
			put_json(feed, reply);
		else
			tell_line(feed, request->now, reply);
	}
	return QW_EXIT_OK;
}

static enum qw_exit no_such(struct qw_reply *reply, const char *name)
{
	return qw_reply_error(reply, QW_EXIT_DATA, "%s: no such feed; see: quaywatchctl feeds list", name);
}

static void tell_all(const struct qw_feed *feed, struct qw_time now, struct qw_reply *reply)
{
	const struct qw_feed_health *health = &feed->health;
	const struct qw_feed_outcome *outcome = &health->outcome;
	char words[QW_FEED_WORDS][QW_FEED_WORD_MAX], tried[AGE_MAX];
	size_t count = qw_feed_spec_words(&feed->spec, words);

	tell_line(feed, now, reply);
	for (size_t i = 0; i < count; i++)
		qw_reply_line(reply, "  %s", words[i]);
	qw_reply_line(reply, "  %s", feed->configured ? "from the configuration" : "added by hand");
	age_of(health->tried, now, tried);
	qw_reply_line(reply, "last run %s: %s %s, %llu bytes; %llu added, %llu changed, %llu gone", tried,
		      health->tried.ns ? qw_feed_result_name((enum qw_feed_result)outcome->result) : "-", outcome->format,
		      (unsigned long long)outcome->bytes, (unsigned long long)outcome->added,
		      (unsigned long long)outcome->changed, (unsigned long long)outcome->removed);
	qw_reply_line(reply, "  not understood: %llu; of no use here: %llu; over already: %llu",
		      (unsigned long long)outcome->rejected, (unsigned long long)outcome->ignored,
		      (unsigned long long)outcome->over);
	qw_reply_line(reply, "last change: %llu published, %llu withdrawn; guards refused %llu; others' that stay: %llu",
		      (unsigned long long)health->published, (unsigned long long)health->withdrawn,
		      (unsigned long long)health->refused, (unsigned long long)health->held);
	for (size_t i = 0; i < QW_FEED_COMPLAINTS && outcome->complaint[i][0]; i++)
		qw_reply_line(reply, "  %s", outcome->complaint[i]);
}

QW_COMMAND(feeds_show)
{
	(void)job;
	if (request->count != first + 1)
		return qw_command_usage(reply, request, first, NULL);
	const struct qw_feed *feed = qw_feeds_find(collector->feeds, request->word[first]);
	if (!feed)
		return no_such(reply, request->word[first]);
	if (request->json)
		put_json(feed, reply);
	else
		tell_all(feed, request->now, reply);
	return QW_EXIT_OK;
}

QW_COMMAND(feeds_add)
{
	char why[QW_FEED_WHY_MAX], place[QW_FEED_WORD_MAX];
	struct qw_feed_spec spec;

	(void)job;
	if (request->count < first + 2)
		return qw_command_usage(reply, request, first, NULL);
	const char *name = request->word[first];
	if (!qw_feed_spec_init(&spec, name))
		return qw_reply_error(reply, QW_EXIT_USAGE, "%s: a name is of letters, digits, '.', '_' and '-'", name);
	snprintf(place, sizeof(place), "place=%s", request->word[first + 1]);
	for (size_t i = first + 1; i < request->count; i++) {
		const char *word = i == first + 1 ? place : request->word[i];
		if (strchr(word, ','))
			return qw_reply_error(reply, QW_EXIT_USAGE, "%s: no comma; in an address write %%2C", word);
		if (!qw_feed_spec_word(&spec, word, why))
			return qw_reply_error(reply, QW_EXIT_USAGE, "%s", why);
	}
	if (!qw_feed_spec_check(&spec, why))
		return qw_reply_error(reply, QW_EXIT_USAGE, "%s", why);
	if (spec.tenant[0] && !qw_registry_has_tenant(collector->registry, spec.tenant))
		return qw_reply_error(reply, QW_EXIT_DATA, "%s: no such tenant; see: quaywatchctl tenants", spec.tenant);
	enum qw_err err = qw_feeds_add(collector->feeds, &spec);
	if (err == QW_EEXIST)
		return qw_reply_error(reply, QW_EXIT_DATA, "%s: there is a feed of that name; see: quaywatchctl feeds show %s", name,
				      name);
	if (err != QW_OK)
		return qw_command_failed(collector, reply, err, name);
	if (!request->json)
		qw_reply_line(reply, "%s is read now%s; see: quaywatchctl feeds show %s", name,
			      spec.every ? ", and then again and again" : "; every=0: then only by hand", name);
	return QW_EXIT_OK;
}

/* ---- a run by hand */

struct run {
	struct qw_job job;
	struct qw_collector *collector;
	char name[QW_NAME_MAX + 1];
	uint64_t runs;
	bool json;
};

static bool step(struct qw_job *job, struct qw_reply *reply, enum qw_exit *status)
{
	struct run *run = (struct run *)job;
	const struct qw_feed *feed = qw_feeds_find(run->collector->feeds, run->name);

	if (feed && feed->runs == run->runs)
		return false;
	*status = !feed ? no_such(reply, run->name) : is_well(feed) ? QW_EXIT_OK : QW_EXIT_DATA;
	if (feed && run->json)
		put_json(feed, reply);
	else if (feed)
		tell_all(feed, qw_time_wall(), reply);
	return true;
}

static void free_run(struct qw_job *job)
{
	free(job);
}

QW_COMMAND(feeds_run)
{
	bool shrunk = false, all = false;
	const char *bad = NULL;
	const struct qw_option options[] = {{"--shrunk", NULL, &shrunk}, {"--all", NULL, &all}};
	size_t rest;

	if (qw_request_options(request, first, options, 2, &rest, &bad) != QW_OK || rest != 1)
		return qw_command_usage(reply, request, first, bad);
	const char *name = request->word[first];
	const struct qw_feed *feed = qw_feeds_find(collector->feeds, name);
	if (!feed)
		return no_such(reply, name);
	struct run *run = calloc(1, sizeof(*run));
	if (!run)
		return QW_EXIT_INTERNAL;
	*run = (struct run){{.step = step, .free = free_run, .waits = true}, collector, "", feed->runs, request->json};
	snprintf(run->name, sizeof(run->name), "%s", name);
	enum qw_err err = qw_feeds_start(collector->feeds, name, shrunk, all);
	if (err != QW_OK) {
		free(run);
		return err == QW_EAGAIN
			   ? qw_reply_error(reply, QW_EXIT_UNAVAILABLE, "%s is under way already; try again in a moment", name)
			   : qw_command_failed(collector, reply, err, name);
	}
	*job = &run->job;
	return QW_EXIT_OK;
}

QW_COMMAND(feeds_remove)
{
	(void)job;
	if (request->count != first + 1)
		return qw_command_usage(reply, request, first, NULL);
	const char *name = request->word[first];
	enum qw_err err = qw_feeds_remove(collector->feeds, name);
	switch (err) {
	case QW_OK: break;
	case QW_ENOENT: return no_such(reply, name);
	case QW_EACCES:
		return qw_reply_error(reply, QW_EXIT_DATA, "%s is in the configuration; take it out there, restart, then remove it",
				      name);
	case QW_EAGAIN:
		return qw_reply_error(reply, QW_EXIT_UNAVAILABLE, "%s: a feed is being published just now; try again in a moment",
				      name);
	default: return qw_command_failed(collector, reply, err, name);
	}
	if (!request->json)
		qw_reply_line(reply, "%s goes, and what it alone brought leaves every sensor", name);
	return QW_EXIT_OK;
}

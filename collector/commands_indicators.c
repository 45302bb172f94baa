/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands_of.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/admission.h"
#include "collector/canary.h"
#include "collector/exceptions.h"
#include "collector/retire.h"

const char *qw_command_channel(const struct qw_collector *collector, const char *tenant, struct qw_reply *reply)
{
	if (!tenant)
		return QW_COMMUNITY;
	if (qw_registry_has_tenant(collector->registry, tenant))
		return tenant;
	qw_reply_error(reply, QW_EXIT_DATA, "%s: no such tenant; see: quaywatchctl tenants", tenant);
	return NULL;
}

bool qw_command_defaults(const struct qw_indicator_words *words, struct qw_indicator *out, struct qw_reply *reply)
{
	uint64_t confidence = 0;

	qw_indicator_init(out);
	out->allow = words->allow;
	snprintf(out->source, sizeof(out->source), "%s", words->source ? words->source : "operator");
	if (words->confidence && !qw_command_number(words->confidence, 0, 100, &confidence)) {
		qw_reply_error(reply, QW_EXIT_USAGE, "--confidence %s: a number from 0 to 100", words->confidence);
		return false;
	}
	if (words->confidence)
		out->confidence = (uint8_t)confidence;
	if (words->tlp)
		out->tlp = qw_tlp_parse(words->tlp, strlen(words->tlp));
	if (out->tlp == QW_TLP_COUNT) {
		qw_reply_error(reply, QW_EXIT_USAGE, "--tlp %s: one of clear, green, amber, amber+strict, red",
			       words->tlp);
		return false;
	}
	if (words->until && !qw_time_parse(words->until, strlen(words->until), &out->valid_until)) {
		qw_reply_error(reply, QW_EXIT_USAGE, "--until %s: a time like 2027-01-31T12:00:00Z or 2027-01-31",
			       words->until);
		return false;
	}
	return true;
}

static enum qw_exit told_add(const struct qw_indicator *indicator, const char *channel, struct qw_collector *collector,
			     const struct qw_request *request, struct qw_reply *reply)
{
	struct qw_channel *held;
	struct qw_order order = {0};
	const char *type = qw_observable_type_name(indicator->observable.type);

	if (qw_channels_get(&held, collector->channels, channel) == QW_OK)
		order = qw_channel_order(held);
	if (request->json) {
		struct qw_json json = qw_reply_begin(reply);
		qw_json_text(&json, "type", type);
		qw_json_text(&json, "value", indicator->observable.text);
		qw_json_text(&json, "channel", channel);
		qw_json_u64(&json, "term", order.term);
		qw_json_u64(&json, "sequence", order.sequence);
		qw_reply_end(reply, &json);
	} else {
		qw_reply_line(reply, "%s %s is in %s as of %llu.%llu; on its way to %zu connections", type,
			      indicator->observable.text, channel, (unsigned long long)order.term,
			      (unsigned long long)order.sequence, qw_peers_count(collector->peers));
	}
	return QW_EXIT_OK;
}

void qw_command_retire(struct qw_collector *collector, const char *tenant, const struct qw_indicator *allowed,
		       size_t count, const struct qw_request *request, struct qw_reply *reply)
{
	uint64_t retired;
	enum qw_err err = qw_retire_allowed(&collector->publication, tenant, allowed, count, request->now, &retired);

	if (err != QW_OK)
		qw_reply_error(reply, QW_EXIT_IO, "the exception holds, but what it covers could not be taken back everywhere: %s",
			       qw_strerror(err));
	if (retired && !request->json)
		qw_reply_line(reply, "%llu indicators that it covers are taken back from every sensor", (unsigned long long)retired);
}

/* What a tenant alone was given and an operator adds elsewhere came back to the operator from somewhere. */
static enum qw_err ask_for_leak(struct qw_collector *collector, const struct qw_observable *observable,
				const char *channel, const char *who, char owner[QW_NAME_MAX + 1])
{
	char name[64];
	const struct qw_leak_place place = {.name = name, .channel = channel};

	snprintf(name, sizeof(name), "an operator (%s)", who);
	return qw_promotion_leak(collector->promotion, observable, &place, owner);
}

/* Sensors hold the channel's allow entries, too: what one covers is listed, and alerts on nothing. */
static void tell_exception(const struct qw_guard *exceptions, const struct qw_observable *observable,
			   struct qw_reply *reply)
{
	struct qw_guard_hit hit;

	if (qw_guard_find(exceptions, observable, NULL, &hit) && !hit.above)
		qw_reply_error(reply, QW_EXIT_OK,
			       "%s: listed, but the allow entry %s covers it at every sensor, so that nothing alerts; "
			       "take that back first: "
			       "quaywatchctl indicators revoke %s --allow",
			       observable->text, hit.entry, hit.entry);
}

/* QW_EXIT_OK: *admission says how it gets in; else an error was told. */
static enum qw_exit admit(struct qw_collector *collector, const struct qw_indicator *indicator, const char *channel,
			  const struct qw_indicator_words *words, const char *who, struct qw_reply *reply,
			  enum qw_admission *admission)
{
	struct qw_exceptions exceptions = {0};
	struct qw_admission_rules rules = {
	    .policy = qw_policy_guard(collector->policy), .tenant = words->tenant, .forced = words->force};
	char why[QW_GUARD_SENTENCE_MAX], owner[QW_NAME_MAX + 1] = "";
	enum qw_err err = qw_exceptions_get(&rules.exceptions, &exceptions, &collector->publication);

	if (err == QW_OK)
		*admission = qw_admission_judge(&rules, indicator, why);
	if (err == QW_OK && *admission == QW_ADMITTED_FORCED)
		tell_exception(rules.exceptions, &indicator->observable, reply);
	qw_exceptions_fini(&exceptions);
	if (err == QW_OK && !qw_is_admitted(*admission))
		return qw_reply_error(reply, QW_EXIT_DATA, "%s; not taken: %s", why, qw_admission_text(*admission));
	if (err == QW_OK && !indicator->allow)
		err = ask_for_leak(collector, &indicator->observable, channel, who, owner);
	if (err != QW_OK)
		return qw_command_failed(collector, reply, err, indicator->observable.text);
	if (owner[0])
		return qw_reply_error(reply, QW_EXIT_DATA,
				      "%s is a canary that %s alone was given: where did you get it from?",
				      indicator->observable.text, owner);
	return QW_EXIT_OK;
}

static enum qw_exit add(struct qw_collector *collector, struct qw_request *request, size_t first,
			struct qw_reply *reply, const struct qw_indicator_words *words)
{
	const char *type = request->word[first], *value = request->word[first + 1], *why = "not a value of that type";
	enum qw_observable_type wanted =
	    strcmp(type, "auto") == 0 ? QW_OBS_COUNT : qw_observable_type_parse(type, strlen(type));
	const char *channel = qw_command_channel(collector, words->tenant, reply);
	struct qw_indicator indicator;
	enum qw_admission admission = QW_ADMITTED;
	char who[32], why_text[512];

	if (!channel || !qw_command_defaults(words, &indicator, reply))
		return QW_EXIT_USAGE;
	if (words->canary && (!words->tenant || words->allow))
		return qw_reply_error(reply, QW_EXIT_USAGE, "--canary: give it to one tenant alone: --tenant NAME, without --allow");
	if (wanted == QW_OBS_COUNT && strcmp(type, "auto") != 0)
		return qw_reply_error(
		    reply, QW_EXIT_USAGE,
		    "%s: no such type; ip, ip:port, cidr, domain, host, url, md5, sha1, sha256, ja3, ja4, cert-sha1,"
		    " user-agent, mac, or auto",
		    type);
	if (qw_observable_parse(&indicator.observable, wanted, value, strlen(value), &why) != QW_OK)
		return qw_reply_error(reply, QW_EXIT_DATA, "%s: %s", value, why);
	if (indicator.valid_until.ns != 0 && indicator.valid_until.ns <= request->now.ns)
		return qw_reply_error(reply, QW_EXIT_DATA, "--until %s: that is over already", words->until);
	if (words->renew && (indicator.valid_until.ns == 0 || indicator.allow))
		return qw_reply_error(reply, QW_EXIT_USAGE, "--renew: give it an end that sightings put off: --until TIME, without --allow");
	indicator.valid_from = qw_time_ns(0);
	snprintf(who, sizeof(who), "uid %lld", (long long)request->uid);
	enum qw_exit status = admit(collector, &indicator, channel, words, who, reply, &admission);
	if (status != QW_EXIT_OK)
		return status;
	snprintf(why_text, sizeof(why_text), "%s%s%s", words->canary ? QW_CANARY_WHY : "",
		 admission == QW_ADMITTED_FORCED ? QW_FORCED_WHY : "", words->why ? words->why : "added by hand");
	struct qw_reason reason = {
	    who, why_text, words->renew ? qw_time_sub(indicator.valid_until, request->now) : qw_time_ns(0)};
	enum qw_err err = qw_publish_indicators(&collector->publication, channel, &indicator, 1, &reason, request->now);
	if (err != QW_OK)
		return qw_command_failed(collector, reply, err, indicator.observable.text);
	if (indicator.allow)
		qw_command_retire(collector, words->tenant, &indicator, 1, request, reply);
	return told_add(&indicator, channel, collector, request, reply);
}

QW_COMMAND(indicators_add)
{
	struct qw_indicator_words words = {0};
	const char *bad = NULL;
	size_t rest;
	const struct qw_option options[] = {
	    {"--confidence", &words.confidence, NULL}, {"--tlp", &words.tlp, NULL},     {"--until", &words.until, NULL},
	    {"--tenant", &words.tenant, NULL},         {"--why", &words.why, NULL},     {"--allow", NULL, &words.allow},
	    {"--canary", NULL, &words.canary},         {"--force", NULL, &words.force},    {"--renew", NULL, &words.renew},
	};

	if (qw_request_options(request, first, options, sizeof(options) / sizeof(options[0]), &rest, &bad) != QW_OK ||
	    rest != 2)
		return qw_command_usage(reply, request, first, bad);
	return add(collector, request, first, reply, &words);
}

QW_COMMAND(indicators_revoke)
{
	const char *tenant = NULL, *bad = NULL, *why = "not an observable";
	bool allow = false;
	struct qw_observable observable;
	const struct qw_option options[] = {{"--tenant", &tenant, NULL}, {"--allow", NULL, &allow}};
	size_t rest;

	if (qw_request_options(request, first, options, 2, &rest, &bad) != QW_OK || rest < 1 || rest > 2)
		return qw_command_usage(reply, request, first, bad);
	const char *value = request->word[first + rest - 1];
	enum qw_observable_type type =
	    rest == 2 ? qw_observable_type_parse(request->word[first], strlen(request->word[first])) : QW_OBS_COUNT;
	const char *channel = qw_command_channel(collector, tenant, reply);
	if (!channel)
		return QW_EXIT_DATA;
	if (qw_observable_parse(&observable, type, value, strlen(value), &why) != QW_OK)
		return qw_reply_error(reply, QW_EXIT_DATA, "%s: %s", value, why);
	enum qw_err err = qw_publish_removal(&collector->publication, channel, &observable, allow, request->now);
	if (err == QW_ENOENT)
		return qw_reply_error(reply, QW_EXIT_DATA,
				      "%s %s is not in %s (as that type: give TYPE before it if it is another); see: "
				      "quaywatchctl indicators show %s",
				      qw_observable_type_name(observable.type), observable.text, channel, value);
	if (err != QW_OK)
		return qw_command_failed(collector, reply, err, value);
	if (!request->json)
		qw_reply_line(reply, "%s %s is out of %s; on its way to every sensor",
			      qw_observable_type_name(observable.type), observable.text, channel);
	return QW_EXIT_OK;
}

/* ---- listings */

struct listing {
	struct qw_collector *collector;
	struct qw_reply *reply;
	bool json;
	size_t rows;
};

static void row_json(const struct listing *listing, const struct qw_indicator_row *row, const char *at,
		     const char *until, const char *revoked)
{
	const struct qw_observable *observable = &row->indicator.observable;
	uint64_t id = qw_indicator_id(observable->type, observable->text, observable->len);
	char hex[17];

	snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)id);
	struct qw_json json = qw_reply_begin(listing->reply);
	qw_json_text(&json, "id", hex);
	qw_json_text(&json, "type", qw_observable_type_name(observable->type));
	qw_json_text(&json, "value", observable->text);
	qw_json_text(&json, "channel", row->channel);
	qw_json_bool(&json, "allow", row->indicator.allow);
	qw_json_u64(&json, "confidence", row->indicator.confidence);
	qw_json_text(&json, "tlp", qw_tlp_name(row->indicator.tlp));
	qw_json_text(&json, "source", row->indicator.source);
	qw_json_text(&json, "seen", qw_prevalence_name(row->indicator.seen));
	qw_json_text(&json, "added", at);
	qw_json_text(&json, "until", until);
	qw_json_text(&json, "revoked", revoked);
	qw_json_text(&json, "who", row->who);
	qw_json_text(&json, "why", row->why);
	qw_reply_end(listing->reply, &json);
}

static enum qw_err list_indicator(void *ctx, const struct qw_indicator_row *row)
{
	struct listing *listing = ctx;
	char at[QW_COMMAND_TIME_MAX], until[QW_COMMAND_TIME_MAX], revoked[QW_COMMAND_TIME_MAX];

	listing->rows++;
	qw_command_time(row->born.ns ? row->born : row->at, at);
	qw_command_time(row->indicator.valid_until, until);
	qw_command_time(row->revoked, revoked);
	if (listing->json)
		row_json(listing, row, at, until, revoked);
	else
		qw_reply_line(listing->reply, "%-10s %-48s %s%s conf %u %s from %s by %s (%s) %s, until %s%s%s%s%s",
			      qw_observable_type_name(row->indicator.observable.type), row->indicator.observable.text,
			      row->channel, row->indicator.allow ? " allow" : "", row->indicator.confidence,
			      qw_tlp_name(row->indicator.tlp), row->indicator.source, row->who, row->why, at, until,
			      row->indicator.seen ? ", seen at tenants: " : "",
			      qw_prevalence_name(row->indicator.seen), row->revoked.ns ? ", REVOKED " : "", row->revoked.ns ? revoked : "");
	return QW_OK;
}

QW_COMMAND(indicators_list)
{
	struct listing listing = {collector, reply, request->json, 0};
	const char *tenant = NULL, *limit = "100", *bad = NULL;
	const struct qw_option options[] = {{"--tenant", &tenant, NULL}, {"--limit", &limit, NULL}};
	uint64_t most;
	size_t rest;

	if (qw_request_options(request, first, options, 2, &rest, &bad) != QW_OK || rest != 0 ||
	    !qw_command_number(limit, 1, 10000000, &most))
		return qw_command_usage(reply, request, first, bad);
	const char *channel = tenant ? qw_command_channel(collector, tenant, reply) : NULL;
	if (tenant && !channel)
		return QW_EXIT_DATA;
	enum qw_err err = qw_store_each_indicator(collector->store, channel, NULL, most, list_indicator, &listing);
	return err == QW_OK ? QW_EXIT_OK : qw_command_failed(collector, reply, err, "indicators");
}

static enum qw_err list_sighting(void *ctx, const struct qw_sighting_row *row)
{
	const struct listing *listing = ctx;
	char first[QW_COMMAND_TIME_MAX], last[QW_COMMAND_TIME_MAX];

	qw_command_time(row->first, first);
	qw_command_time(row->last, last);
	if (listing->json) {
		struct qw_json json = qw_reply_begin(listing->reply);
		qw_json_text(&json, "seen_by", row->tenant);
		qw_json_u64(&json, "count", row->count);
		qw_json_text(&json, "first", first);
		qw_json_text(&json, "last", last);
		qw_reply_end(listing->reply, &json);
	} else {
		qw_reply_line(listing->reply, "  seen by %s %llu times, first %s, last %s", row->tenant,
			      (unsigned long long)row->count, first, last);
	}
	return QW_OK;
}

enum qw_err qw_command_show(struct qw_collector *collector, const char *value, bool json, struct qw_reply *reply,
			    size_t *rows)
{
	struct listing listing = {collector, reply, json, 0};
	struct qw_observable observable;
	enum qw_err err = QW_OK;

	/* One text can be several types: a digest is md5 or ja3, a name is domain or host. */
	for (unsigned type = 0; type < QW_OBS_COUNT && err == QW_OK; type++) {
		size_t before = listing.rows;
		if (qw_observable_parse(&observable, (enum qw_observable_type)type, value, strlen(value), NULL) != QW_OK ||
		    observable.type != (enum qw_observable_type)type)
			continue;
		err = qw_store_each_indicator(collector->store, NULL, &observable, 100, list_indicator, &listing);
		if (err == QW_OK && listing.rows > before)
			err = qw_store_each_sighting(collector->store,
						     qw_indicator_id(observable.type, observable.text, observable.len),
						     list_sighting, &listing);
	}
	*rows = listing.rows;
	return err;
}

QW_COMMAND(indicators_show)
{
	struct qw_observable observable;
	const char *why = "not an observable";
	size_t rows;

	if (request->count != first + 1)
		return qw_command_usage(reply, request, first, NULL);
	const char *value = request->word[first];
	if (qw_observable_parse(&observable, QW_OBS_COUNT, value, strlen(value), &why) != QW_OK)
		return qw_reply_error(reply, QW_EXIT_DATA, "%s: %s", value, why);
	enum qw_err err = qw_command_show(collector, value, request->json, reply, &rows);
	if (err != QW_OK)
		return qw_command_failed(collector, reply, err, value);
	if (rows == 0)
		return qw_reply_error(reply, QW_EXIT_DATA, "%s: never was an indicator here", value);
	return QW_EXIT_OK;
}

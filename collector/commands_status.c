/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands_of.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quaywatch/version.h"

/* A figure with its name and unit. */
struct figure {
	const char *name;
	uint64_t value;
	const char *text;
};

enum { FIGURES = 48 };

static size_t gather(const struct qw_collector *collector, struct figure out[FIGURES])
{
	struct qw_intake_stats intake = qw_intake_stats(collector->intake);
	struct qw_journal_stats journal = qw_journal_stats(collector->journal);
	struct qw_fanout_stats fanout = qw_fanout_stats(collector->fanout);
	struct qw_restoration_stats restoration = qw_restoration_stats(collector->restoration);
	struct qw_zap_stats zap = qw_zap_stats(collector->zap);
	const struct figure figures[] = {
	    {"peers", qw_peers_count(collector->peers), "connections"},
	    {"enrolled", qw_registry_count(collector->registry), "sensors that may connect"},
	    {"alerts", intake.alerts, "alerts accepted"},
	    {"duplicates", intake.duplicates, "alerts that came again"},
	    {"invalid", intake.invalid, "alerts that were no EVE records"},
	    {"gaps", intake.gaps, "batches refused, something before them was missing"},
	    {"skipped", intake.skipped, "alerts that sensors gave up for want of room"},
	    {"unwilling", intake.unwilling, "batches refused, the log was not writable"},
	    {"log_bytes", journal.bytes, "bytes written to the alert log"},
	    {"log_commits", journal.commits, "group commits"},
	    {"log_commit_us_max", journal.commit_ns_max / 1000, "microseconds, the slowest of them"},
	    {"log_full", journal.full, "commits put off, the disk was full"},
	    {"frames", collector->frames.frames, "messages from sensors"},
	    {"frames_malformed", collector->frames.malformed, "messages that could not be read"},
	    {"frames_revoked", collector->frames.revoked, "messages under a key that was revoked"},
	    {"frames_unknown", collector->frames.unknown, "messages of a kind that we do not know"},
	    {"refused", zap.refused, "connections under keys that are not enrolled"},
	    {"deltas", fanout.deltas, "deltas sent"},
	    {"delta_bytes", fanout.bytes, "bytes of them"},
	    {"snapshot_parts", fanout.parts, "parts of snapshots sent"},
	    {"bucket_sums", fanout.sums, "times that a sensor held another set and what differs was looked for"},
	    {"receipts", fanout.receipts, "receipts"},
	    {"receipts_unproven", fanout.unproven, "receipts for a set that is not ours"},
	    {"sensors_ahead", fanout.ahead, "sensors that held more than we do when they connected"},
	    {"recovered", restoration.recovered, "changes that a backup had not, and sensors brought back"},
	    {"recalls", restoration.recalls, "times that a sensor was asked for such changes"},
	    {"recalls_silent", restoration.silent, "of these without an answer"},
	    {"recalls_lacking", restoration.lacking, "answers that the sensor has not got them either"},
	    {"recalls_bad", restoration.bad, "answers that do not follow, or are not the port's"},
	    {"recoveries_failed", restoration.failed, "times that a channel was given up"},
	    {"streams", qw_marks_count(collector->marks), "epochs of sensors that are known"},
	};

	_Static_assert(sizeof(figures) / sizeof(figures[0]) <= FIGURES, "all figures have room");
	memcpy(out, figures, sizeof(figures));
	return sizeof(figures) / sizeof(figures[0]);
}

/* What became of proposals, and what their bounds turned away. */
static size_t gather_promotion(const struct qw_collector *collector, struct figure *out, size_t room)
{
	struct qw_promotion_stats promotion = qw_promotion_stats(collector->promotion);
	struct qw_candidates_stats candidates = qw_candidates_stats(collector->candidates);
	struct qw_dryrun_stats dryrun = qw_dryrun_stats(collector->dryrun);
	const struct qw_prevalence_stats *prevalence = &collector->prevalences.stats;
	const struct figure figures[] = {
	    {"promoted", promotion.verdicts[QW_VERDICT_PROMOTED], "candidates promoted"},
	    {"noisy", promotion.verdicts[QW_VERDICT_NOISY], "candidates too popular to be promoted"},
	    {"over_budget", promotion.verdicts[QW_VERDICT_RATE], "proposals beyond a tenant's budget"},
	    {"quarantined", promotion.quarantined, "sensors quarantined since the start"},
	    {"leaks", promotion.leaks, "canaries that came back from elsewhere"},
	    {"seen_told", prevalence->told, "indicators of which more tenants are told of (1-2, 3+)"},
	    {"seen_prolonged", prevalence->prolonged, "indicators that sightings prolonged"},
	    {"seen_put_off", prevalence->put_off, "turns that left some of that to the next"},
	    {"sightings_strange", qw_sightings_strange(collector->sightings), "sightings of what no channel held, left out"},
	    {"evidence", candidates.held, "rows of evidence kept"},
	    {"evidence_over", candidates.over_sensor + candidates.over_tenant + candidates.over_all,
	     "proposals refused, a bound of candidates is reached"},
	    {"dry_runs", dryrun.started, "dry runs begun"},
	    {"dry_runs_open", dryrun.open, "dry runs under way"},
	    {"dry_runs_over", dryrun.over, "dry runs put off, too many were under way"},
	    {"dry_run_answers", dryrun.answers, "answers to them"},
	    {"dry_run_strange", dryrun.strange, "answers of who was not asked, or that came twice or late"},
	    {"dry_run_silent", dryrun.silent, "sensors that did not answer in time"},
	    {"dry_run_unasked", dryrun.unasked, "sensors that a dry run had no room for"},
	    {"dry_run_far", promotion.far, "answers far from all others', charged"},
	};
	size_t count = sizeof(figures) / sizeof(figures[0]) < room ? sizeof(figures) / sizeof(figures[0]) : room;

	memcpy(out, figures, count * sizeof(figures[0]));
	return count;
}

static void status_json(const struct qw_collector *collector, const struct figure *figures, size_t count,
			struct qw_reply *reply, struct qw_time now)
{
	struct qw_json json = qw_reply_begin(reply);

	qw_json_text(&json, "version", QW_VERSION);
	qw_json_u64(&json, "uptime_s", (uint64_t)(now.ns - collector->started.ns) / (uint64_t)QW_NS_PER_S);
	qw_json_text(&json, "log", qw_journal_state(collector->journal) == QW_OK ? "ok" : "failed");
	for (size_t i = 0; i < count; i++)
		qw_json_u64(&json, figures[i].name, figures[i].value);
	qw_json_open(&json, "channels", '[');
	for (size_t i = 0; i < qw_channels_count(collector->channels); i++) {
		const struct qw_channel *channel = qw_channels_at(collector->channels, i);
		struct qw_order order = qw_channel_order(channel);
		qw_json_open(&json, NULL, '{');
		qw_json_text(&json, "channel", qw_channel_name(channel));
		qw_json_u64(&json, "term", order.term);
		qw_json_u64(&json, "sequence", order.sequence);
		qw_json_u64(&json, "entries", qw_channel_count(channel));
		qw_json_close(&json, '}');
	}
	qw_json_close(&json, ']');
	qw_reply_end(reply, &json);
}

static void status_text(const struct qw_collector *collector, const struct figure *figures, size_t count,
			struct qw_reply *reply, struct qw_time now)
{
	char since[QW_COMMAND_TIME_MAX], end[QW_COMMAND_TIME_MAX];
	enum qw_err log = qw_journal_state(collector->journal);

	qw_command_time(collector->started, since);
	qw_command_time(collector->signer.terms.not_after, end);
	qw_reply_line(reply, "quaywatch-collector " QW_VERSION ", up since %s", since);
	qw_reply_line(reply, "alert log: %s",
		      log == QW_OK ? "ok" : "FAILED, nothing is acknowledged; look at the disk and restart");
	qw_reply_line(reply, "signing key: good until %s", end);
	for (size_t i = 0; i < qw_channels_count(collector->channels); i++) {
		const struct qw_channel *channel = qw_channels_at(collector->channels, i);
		struct qw_order order = qw_channel_order(channel);
		qw_reply_line(reply, "channel %-24s %llu.%llu, %zu entries", qw_channel_name(channel),
			      (unsigned long long)order.term, (unsigned long long)order.sequence,
			      qw_channel_count(channel));
	}
	for (size_t i = 0; i < count; i++)
		if (figures[i].value > 0)
			qw_reply_line(reply, "%14llu %s", (unsigned long long)figures[i].value, figures[i].text);
}

QW_COMMAND(status)
{
	struct figure figures[FIGURES];
	size_t count = gather(collector, figures);

	count += gather_promotion(collector, figures + count, FIGURES - count);

	if (request->json)
		status_json(collector, figures, count, reply, request->now);
	else
		status_text(collector, figures, count, reply, request->now);
	return QW_EXIT_OK;
}

/* ---- receipts and audit */

struct listing {
	struct qw_collector *collector;
	struct qw_reply *reply;
	bool json;
};

static enum qw_err list_receipt(void *ctx, const struct qw_receipt_row *row)
{
	const struct listing *listing = ctx;
	char applied[QW_COMMAND_TIME_MAX];

	qw_command_time(row->applied, applied);
	if (listing->json) {
		struct qw_json json = qw_reply_begin(listing->reply);
		qw_json_text(&json, "tenant", row->tenant);
		qw_json_text(&json, "sensor", row->sensor);
		qw_json_text(&json, "channel", row->channel);
		qw_json_u64(&json, "term", row->order.term);
		qw_json_u64(&json, "sequence", row->order.sequence);
		qw_json_text(&json, "applied", applied);
		qw_json_u64(&json, "entries", row->entries);
		qw_json_u64(&json, "apply_us", row->apply_us);
		qw_json_bool(&json, "proven", row->proven);
		qw_reply_end(listing->reply, &json);
	} else {
		qw_reply_line(listing->reply, "%s/%s %s %llu.%llu since %s, %llu entries%s", row->tenant, row->sensor,
			      row->channel, (unsigned long long)row->order.term,
			      (unsigned long long)row->order.sequence, applied, (unsigned long long)row->entries,
			      row->proven ? ", proven" : ", by its own word");
	}
	return QW_OK;
}

QW_COMMAND(receipts)
{
	struct listing listing = {collector, reply, request->json};
	const char *since = NULL, *limit = "1000", *bad = NULL;
	const struct qw_option options[] = {{"--since", &since, NULL}, {"--limit", &limit, NULL}};
	struct qw_time from = qw_time_ns(0);
	uint64_t most;
	size_t rest;

	if (qw_request_options(request, first, options, 2, &rest, &bad) != QW_OK || rest != 0 ||
	    !qw_command_number(limit, 1, 1000000, &most))
		return qw_command_usage(reply, request, first, bad);
	if (since && !qw_time_parse(since, strlen(since), &from))
		return qw_reply_error(reply, QW_EXIT_USAGE, "--since %s: a time like 2027-01-31T12:00:00Z or 2027-01-31",
				      since);
	enum qw_err err = since ? qw_store_receipts_since(collector->store, from, most, list_receipt, &listing)
				: qw_store_each_receipt(collector->store, list_receipt, &listing);

	return err == QW_OK ? QW_EXIT_OK : qw_command_failed(collector, reply, err, "receipts");
}

static enum qw_err list_audit(void *ctx, const struct qw_audit_row *row)
{
	const struct listing *listing = ctx;
	char at[QW_COMMAND_TIME_MAX];

	qw_command_time(row->at, at);
	if (listing->json) {
		struct qw_json json = qw_reply_begin(listing->reply);
		qw_json_text(&json, "at", at);
		qw_json_i64(&json, "uid", row->uid);
		qw_json_text(&json, "what", row->what);
		qw_json_text(&json, "detail", row->detail);
		qw_reply_end(listing->reply, &json);
	} else {
		qw_reply_line(listing->reply, "%s uid %lld: %s (%s)", at, (long long)row->uid, row->what, row->detail);
	}
	return QW_OK;
}

QW_COMMAND(audit)
{
	struct listing listing = {collector, reply, request->json};
	const char *limit = "100", *bad = NULL;
	const struct qw_option options[] = {{"--limit", &limit, NULL}};
	uint64_t most;
	size_t rest;

	if (qw_request_options(request, first, options, 1, &rest, &bad) != QW_OK || rest != 0 ||
	    !qw_command_number(limit, 1, 100000, &most))
		return qw_command_usage(reply, request, first, bad);
	enum qw_err err = qw_store_each_audit(collector->store, most, list_audit, &listing);
	return err == QW_OK ? QW_EXIT_OK : qw_command_failed(collector, reply, err, "audit");
}

/* ---- alerts: the files themselves, read by quaywatchctl; the collector has better things to do */

struct segments {
	struct qw_collector *collector;
	struct qw_reply *reply;
	struct qw_time since;
};

static void hand_over(const struct qw_collector *collector, struct qw_reply *reply, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", collector->folder, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		qw_reply_file(reply, name, fd);
}

static enum qw_err see_segment(void *ctx, const char *name, struct qw_time closed)
{
	const struct segments *segments = ctx;

	/* The last places are for the newest. */
	if (closed.ns >= segments->since.ns && segments->reply->files < QW_REPLY_FILES - 1)
		hand_over(segments->collector, segments->reply, name);
	return QW_OK;
}

/* Words: the time since when segments are wanted, or "now" for the open one only. */
QW_COMMAND(alerts)
{
	struct segments segments = {collector, reply, {0}};
	const char *since = request->count > first ? request->word[first] : "0";
	enum qw_err err = QW_OK;

	if (strcmp(since, "now") != 0) {
		if (!qw_time_parse(since, strlen(since), &segments.since))
			return qw_command_usage(reply, request, first, since);
		err = qw_store_each_segment(collector->store, see_segment, &segments);
	}
	hand_over(collector, reply, "alerts.json");
	return err == QW_OK ? QW_EXIT_OK : qw_command_failed(collector, reply, err, "alerts");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/ledger_command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/export/ledger_walk.h"

enum {
	RECORDS_A_STEP = 256,
	TIME_TEXT = QW_TIME_EVE_LEN + 1,
	REPLY_FULL = QW_REPLY_MAX - RECORDS_A_STEP * 512, /* a record's line is shorter */
};

/* One walk over the ledger for somebody who asked. */
struct walking {
	struct qw_job job; /* first: it is one */
	struct qw_ledger_walk walk;
	struct qw_time since;
	bool verify, json;
	int64_t first_ns, last_ns;
};

/* ---- rows */

static const char *kind_name(enum qw_ledger_kind kind)
{
	static const char *const names[QW_LEDGER_KINDS] = {
		[QW_LEDGER_ALERT] = "alert",
		[QW_LEDGER_PROPOSAL] = "proposal",
		[QW_LEDGER_DRY_RUN] = "dry-run",
		[QW_LEDGER_SIGHTING] = "sighting",
	};

	return kind < QW_LEDGER_KINDS ? names[kind] : "of a newer sensor";
}

static void put_json(struct qw_reply *reply, const struct qw_ledger_record *record)
{
	struct qw_json json = qw_reply_begin(reply);
	char at[TIME_TEXT], epoch[17];

	qw_time_eve(qw_time_ns(record->time_ns), at);
	snprintf(epoch, sizeof(epoch), "%016" PRIx64, record->epoch);
	qw_json_text(&json, "time", at);
	qw_json_text(&json, "what", kind_name(record->kind));
	qw_json_text(&json, "epoch", epoch);
	qw_json_u64(&json, "seq", record->sequence);
	qw_json_u64(&json, "bytes", record->data.len);
	if (record->mended) {
		qw_json_bool(&json, "mended", true);
	} else if (record->kind == QW_LEDGER_ALERT) {
		qw_json_u64(&json, "kept", record->fields.kept);
		qw_json_u64(&json, "dropped", record->fields.dropped);
		qw_json_u64(&json, "replaced", record->fields.replaced);
	}
	qw_reply_end(reply, &json);
}

static void put_line(struct qw_reply *reply, const struct qw_ledger_record *record)
{
	char at[TIME_TEXT];

	qw_time_eve(qw_time_ns(record->time_ns), at);
	if (record->mended)
		qw_reply_line(reply, "%s  %016" PRIx64 " %8" PRIu64 "  %6zu bytes  written down at a later start", at, record->epoch,
			      record->sequence, record->data.len);
	else if (record->kind != QW_LEDGER_ALERT)
		qw_reply_line(reply, "%s  %016" PRIx64 " %8" PRIu64 "  %6zu bytes  %s", at, record->epoch, record->sequence, record->data.len,
			      kind_name(record->kind));
	else
		qw_reply_line(reply, "%s  %016" PRIx64 " %8" PRIu64 "  %6zu bytes  fields: %u kept, %u dropped, %u replaced", at,
			      record->epoch, record->sequence, record->data.len, record->fields.kept, record->fields.dropped,
			      record->fields.replaced);
}

static void show(struct walking *walking, struct qw_reply *reply, const struct qw_ledger_record *record)
{
	if (walking->walk.records == 1)
		walking->first_ns = record->time_ns;
	walking->last_ns = record->time_ns;
	if (walking->verify || record->time_ns < walking->since.ns)
		return;
	if (walking->json)
		put_json(reply, record);
	else
		put_line(reply, record);
}

/* ---- the end */

static void name_chain(const struct qw_ledger_walk *walk, char out[2 * QW_SHA256_BYTES + 1])
{
	for (size_t i = 0; i < QW_SHA256_BYTES; i++)
		snprintf(out + 2 * i, 3, "%02x", walk->reader.chain[i]);
}

static void tell_verdict(const struct walking *walking, struct qw_reply *reply)
{
	const struct qw_ledger_walk *walk = &walking->walk;
	char digest[2 * QW_SHA256_BYTES + 1];
	struct qw_json json = qw_reply_begin(reply);

	name_chain(walk, digest);
	qw_json_bool(&json, "holds", !walk->broken);
	qw_json_u64(&json, "records", walk->records);
	qw_json_u64(&json, "files", walk->files.count);
	qw_json_u64(&json, "shed_files", walk->shed.number);
	if (walk->broken) {
		qw_json_text(&json, "why", walk->broken);
		qw_json_u64(&json, "file", walk->number);
		qw_json_u64(&json, "byte", walk->at);
	} else {
		qw_json_text(&json, "digest", digest);
	}
	qw_reply_end(reply, &json);
}

static void tell_that_it_holds(const struct walking *walking, struct qw_reply *reply)
{
	const struct qw_ledger_walk *walk = &walking->walk;
	char digest[2 * QW_SHA256_BYTES + 1], first[TIME_TEXT], last[TIME_TEXT];

	name_chain(walk, digest);
	qw_time_eve(qw_time_ns(walking->first_ns), first);
	qw_time_eve(qw_time_ns(walking->last_ns), last);
	qw_reply_line(reply, "the ledger holds: %" PRIu64 " records in %" PRIu64 " files%s%s%s%s, nothing changed, and its digest is %s",
		      walk->records, walk->files.count, walk->records ? ", from " : "", walk->records ? first : "",
		      walk->records ? " to " : "", walk->records ? last : "", digest);
}

static enum qw_exit end_walk(const struct walking *walking, struct qw_reply *reply)
{
	const struct qw_ledger_walk *walk = &walking->walk;

	if (walking->verify && walking->json)
		tell_verdict(walking, reply);
	else if (walking->verify && !walk->broken)
		tell_that_it_holds(walking, reply);
	if (!walk->broken)
		return QW_EXIT_OK;
	return qw_reply_error(reply, QW_EXIT_DATA,
			      "the ledger breaks in %s/%016" PRIx64 ".ledger at byte %" PRIu64 ", after %" PRIu64 " records that hold: %s; "
			      "copy the folder as evidence, and compare with the collector's log",
			      walk->folder, walk->number, walk->at, walk->records, walk->broken);
}

static bool step(struct qw_job *job, struct qw_reply *reply, enum qw_exit *status)
{
	struct walking *walking = (struct walking *)(void *)job;
	struct qw_ledger_record record;

	for (int i = 0; i < RECORDS_A_STEP; i++) {
		if (qw_ledger_walk_next(&walking->walk, &record) == QW_OK) {
			show(walking, reply, &record);
			continue;
		}
		*status = end_walk(walking, reply);
		return true;
	}
	if (reply->len < REPLY_FULL && !reply->failed)
		return false;
	*status = qw_reply_error(reply, QW_EXIT_DATA, "the ledger has more than fits into one answer; go on with --since and the last time above");
	return true;
}

static void end_job(struct qw_job *job)
{
	struct walking *walking = (struct walking *)(void *)job;

	qw_ledger_walk_fini(&walking->walk);
	free(walking);
}

/* ---- the row */

static enum qw_exit usage(struct qw_reply *reply, const char *bad)
{
	return qw_reply_error(reply, QW_EXIT_USAGE, "%s: not understood; ledger [--verify] [--since TIME], TIME as 2026-11-22T14:00:00Z", bad);
}

static enum qw_exit begin_walk(struct walking *walking, const struct qw_ledger *ledger, struct qw_reply *reply, struct qw_job **job)
{
	walking->job = (struct qw_job){step, end_job};
	enum qw_err err = qw_ledger_walk_init(&walking->walk, qw_ledger_folder(ledger));
	if (err == QW_OK) {
		*job = &walking->job;
		return QW_EXIT_OK;
	}
	end_job(&walking->job);
	return qw_reply_error(reply, QW_EXIT_IO, "%s: %s", qw_ledger_folder(ledger), qw_strerror(err));
}

static enum qw_exit answer(void *state, struct qw_request *request, size_t first, struct qw_reply *reply, struct qw_job **job)
{
	const struct qw_ledger *ledger = state;
	const char *since = NULL, *bad = NULL;
	bool verify = false;
	const struct qw_option options[] = {{"--verify", NULL, &verify}, {"--since", &since, NULL}};
	struct qw_time from = {INT64_MIN};
	size_t rest;

	if (qw_request_options(request, first, options, sizeof(options) / sizeof(options[0]), &rest, &bad) != QW_OK)
		return usage(reply, bad);
	if (rest)
		return usage(reply, request->word[first]);
	if (since && !qw_time_parse(since, strlen(since), &from))
		return usage(reply, since);
	if (!ledger)
		return qw_reply_error(reply, QW_EXIT_NOINPUT, "this sensor has no collector (collector.address), so nothing leaves it, and there is no ledger");
	struct walking *walking = calloc(1, sizeof(*walking));
	if (!walking)
		return qw_reply_error(reply, QW_EXIT_INTERNAL, "out of memory");
	walking->since = from;
	walking->verify = verify;
	walking->json = request->json;
	return begin_walk(walking, ledger, reply, job);
}

static const struct qw_command_row rows[] = {
	{.words = "ledger", .arguments = "[--verify] [--since TIME]",
	 .help = "every record that left, and what was done with its fields; --verify: whether any was changed since", .begin = answer},
};

struct qw_command_part qw_ledger_commands(const struct qw_ledger *ledger)
{
	return (struct qw_command_part){rows, sizeof(rows) / sizeof(rows[0]), (void *)(uintptr_t)ledger};
}

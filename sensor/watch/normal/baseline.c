/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/normal/baseline.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/file.h"
#include "quaywatch/hash.h"
#include "quaywatch/log.h"
#include "quaywatch/text.h"
#include "sensor/watch/normal/baseline_command.h"
#include "sensor/watch/normal/judge.h"
#include "sensor/watch/normal/habit_file.h"
#include "sensor/watch/normal/teller.h"

enum row { ROW_ASSET, ROW_TALKER, ROW_EXTERNAL, ROW_FUNCTION, ROW_WRITER, ROW_RANGE, ROW_OPENER, ROW_MORE, ROW_COUNT };

static const struct qw_finding_row rows[ROW_COUNT] = {
	[ROW_ASSET] = {QW_BASELINE_ASSET, "A host that was never seen before", "Baseline", 2, NULL, "M05"},
	[ROW_TALKER] = {QW_BASELINE_TALKER, "Two hosts talk that never did before", "Baseline", 2, NULL, "M06"},
	[ROW_EXTERNAL] = {QW_BASELINE_EXTERNAL, "A machine talks to an outside address that it never did", "Baseline", 2, "T0883", "M06"},
	[ROW_FUNCTION] = {QW_BASELINE_FUNCTION, "A host asks a controller for something that it never did", "Baseline", 3, NULL, "M09"},
	[ROW_WRITER] = {QW_BASELINE_WRITER, "A host writes to a controller that it never wrote to", "Baseline", 1, "T0855", "M05"},
	[ROW_RANGE] = {QW_BASELINE_RANGE, "A host asks a controller for registers that it never did", "Baseline", 3, "T0861", "M09"},
	[ROW_OPENER] = {QW_BASELINE_OPENER, "A host opens connections to a controller that it never did", "Baseline", 2, "T0858", "M12"},
	[ROW_MORE] = {QW_BASELINE_MORE, "More came that was not so in learning", "Baseline", 3, NULL, "M05"},
};

enum { ALERTS = 16, ALERT_S = 60 };

/* Two hosts of whom a rule said something. */
struct alert {
	struct qw_address one, other;
	struct qw_time time;
};

struct baseline {
	struct qw_world *world;
	struct alert alert[ALERTS]; /* the latest; a later one takes the oldest's place */
	unsigned next_alert;
	struct qw_habit_list *list;
	struct qw_teller teller;
	struct qw_habit_about about; /* when it was begun, whether all is learnt */
	bool learn_all;              /* from captures: all that comes is normal, and then it is learnt */
	bool full;                   /* told already */
	bool failed;                 /* to write; told already */
	char path[PATH_MAX];         /* "": nothing is kept */
};

static bool is_learning(struct baseline *baseline, struct qw_time now)
{
	struct qw_habit_about *about = &baseline->about;

	if (baseline->learn_all)
		return true;
	if (about->begun.ns == 0)
		about->begun = now;
	if (about->learnt)
		return false;
	struct qw_time span = qw_time_seconds(qw_world_int(baseline->world, QW_WATCH_LEARN));
	about->learnt = !qw_time_before(now, qw_time_add(about->begun, span));
	return !about->learnt;
}

/* ---- telling */

static void put_function(struct qw_text *text, const struct qw_habit *habit)
{
	const struct qw_habit_key *key = &habit->key;

	qw_text_format(text, "%s", key->app);
	if (key->function != QW_SEEN_NO_NUMBER)
		qw_text_format(text, " function %" PRId64, key->function);
	qw_text_format(text, " %s", key->name);
	if (key->has_unit)
		qw_text_format(text, " of unit %" PRIu64, key->unit);
	if (key->area[0])
		qw_text_format(text, " in %s", key->area);
}

static void put_ends(struct qw_text *text, const struct qw_habit *habit, const char *verb)
{
	qw_text_address(text, &habit->key.client);
	qw_text_format(text, " %s ", verb);
	qw_text_address(text, &habit->key.server);
}

static void put_talk(struct qw_text *text, const struct qw_habit *habit)
{
	put_ends(text, habit, "talks to");
	if (habit->key.port)
		qw_text_format(text, " port %u", (unsigned)habit->key.port);
	if (habit->key.app[0])
		qw_text_format(text, " (%s)", habit->key.app);
}

static void put_range(struct qw_text *text, const struct qw_judged *judged)
{
	const struct qw_habit_ranges *ranges = judged->habit->ranges;

	put_ends(text, judged->habit, "asks");
	qw_text_format(text, " by ");
	put_function(text, judged->habit);
	qw_text_format(text, " for %" PRIu64 " to %" PRIu64 "; until now it asked for", judged->range.first, judged->range.last);
	for (unsigned i = 0; i < ranges->count; i++)
		qw_text_format(text, "%s %" PRIu64 " to %" PRIu64, i ? "," : "", ranges->range[i].first, ranges->range[i].last);
	if (ranges->count == 0)
		qw_text_format(text, " none");
}

static void put_sentence(struct qw_text *text, const struct qw_judged *judged, const struct qw_seen *seen)
{
	const struct qw_habit *habit = judged->habit;

	if (judged->judgement == QW_JUDGED_RANGE) {
		put_range(text, judged);
		return;
	}
	switch ((enum qw_habit_kind)habit->key.kind) {
	case QW_HABIT_ASSET:
		qw_text_address(text, &habit->key.client);
		qw_text_format(text, " was not there in learning; first seen with ");
		qw_text_address(text, qw_address_equal(&seen->src.address, &habit->key.client) ? &seen->dst.address : &seen->src.address);
		if (seen->app.len)
			qw_text_format(text, " (%.*s)", (int)seen->app.len, (const char *)seen->app.data);
		break;
	case QW_HABIT_WRITER: put_ends(text, habit, "writes to"); break;
	case QW_HABIT_OPENER: put_ends(text, habit, "opens connections to"); break;
	case QW_HABIT_FUNCTION:
		put_ends(text, habit, "asks");
		qw_text_format(text, " for ");
		put_function(text, habit);
		break;
	default: put_talk(text, habit); break;
	}
	if (habit->key.kind != QW_HABIT_ASSET)
		qw_text_format(text, ", which was not so in learning");
}

static enum row row_of(const struct qw_judged *judged)
{
	static const enum row of[QW_HABIT_KINDS] = {
		[QW_HABIT_ASSET] = ROW_ASSET,	[QW_HABIT_EXTERNAL] = ROW_EXTERNAL, [QW_HABIT_TALKER] = ROW_TALKER,
		[QW_HABIT_WRITER] = ROW_WRITER, [QW_HABIT_OPENER] = ROW_OPENER,	    [QW_HABIT_FUNCTION] = ROW_FUNCTION,
	};

	return judged->judgement == QW_JUDGED_RANGE ? ROW_RANGE : of[judged->habit->key.kind];
}

/* A new host is one finding, whomever it talks to; a new pair is one, whatever ports it uses. */
static void set_ends(struct qw_finding *finding, const struct qw_judged *judged, const struct qw_seen *seen)
{
	const struct qw_habit_key *key = &judged->habit->key;
	const struct qw_seen_end *client = qw_seen_client(seen), *server = qw_seen_server(seen);

	if (key->kind != QW_HABIT_ASSET) {
		finding->src = *client;
		finding->src.port = 0;
		finding->dst = *server;
		return;
	}
	finding->src = qw_address_equal(&seen->src.address, &key->client) ? seen->src : seen->dst;
	finding->src.port = 0;
}

static void tell(struct baseline *baseline, const struct qw_seen *seen, const struct qw_judged *judged)
{
	char memory[480], app[32];
	struct qw_text text;
	struct qw_finding finding = {.row = &rows[row_of(judged)], .time = seen->time, .detail = memory};
	const struct qw_habit_key *key = &judged->habit->key;

	qw_text_init(&text, memory, sizeof(memory) - 1);
	put_sentence(&text, judged, seen);
	memory[text.len] = '\0';
	snprintf(app, sizeof(app), "%.*s", (int)seen->app.len, seen->app.len ? (const char *)seen->app.data : "");
	finding.app = app[0] ? app : NULL;
	set_ends(&finding, judged, seen);
	if (key->kind == QW_HABIT_FUNCTION)
		finding.what = qw_mix64((uint64_t)key->function ^ key->unit << 16) ^ qw_mix64(judged->range.first);
	qw_teller_say(&baseline->teller, &finding);
}

/* The same again within watch.again is nothing new. */
static bool is_told(const struct baseline *baseline, const struct qw_judged *judged, struct qw_time now)
{
	struct qw_time again = qw_time_seconds(qw_world_int(baseline->world, QW_WATCH_AGAIN));
	struct qw_time *last = &judged->habit->told;
	bool known = judged->judgement == QW_JUDGED_NEW || judged->listed;
	bool told = known && last->ns && qw_time_before(now, qw_time_add(*last, again));

	if (!told)
		*last = now;
	return told;
}

static void note_alert(struct baseline *baseline, const struct qw_seen *seen)
{
	baseline->alert[baseline->next_alert++ % ALERTS] = (struct alert){seen->src.address, seen->dst.address, seen->time};
}

/* A rule told just now what these two do: that it is new, too, is listed. */
static bool is_alerted(const struct baseline *baseline, const struct qw_habit_key *key, struct qw_time now)
{
	for (unsigned i = 0; i < ALERTS; i++) {
		const struct alert *alert = &baseline->alert[i];
		bool same = qw_address_equal(&alert->one, &key->client) && qw_address_equal(&alert->other, &key->server);
		bool turned = qw_address_equal(&alert->one, &key->server) && qw_address_equal(&alert->other, &key->client);
		if ((same || turned) && alert->time.ns && qw_time_before(now, qw_time_add(alert->time, qw_time_seconds(ALERT_S))))
			return true;
	}
	return false;
}

/* What is new of a host that is new itself is listed; the host was told. */
static bool is_covered(const struct baseline *baseline, const struct qw_judged *judged)
{
	struct qw_habit_key client = {.kind = QW_HABIT_ASSET, .client = judged->habit->key.client};
	struct qw_habit_key server = {.kind = QW_HABIT_ASSET, .client = judged->habit->key.server};
	const struct qw_habit *habit[] = {qw_habit_find(baseline->list, &client), qw_habit_find(baseline->list, &server)};

	for (size_t i = 0; i < 2 && judged->habit->key.kind != QW_HABIT_ASSET; i++)
		if (habit[i] && habit[i]->state == QW_HABIT_PROPOSED)
			return true;
	return false;
}

static void tell_full(struct baseline *baseline)
{
	if (baseline->full || qw_habit_count(baseline->list) < (size_t)qw_world_int(baseline->world, QW_WATCH_BASELINE_ENTRIES))
		return;
	baseline->full = true;
	qw_log(QW_LOG_WARNING, "BASELINE-FULL", "the baseline has %zu entries and takes no more: what is new is not told; raise watch.baseline_entries",
	       qw_habit_count(baseline->list));
}

static void baseline_seen(void *state, const struct qw_seen *seen)
{
	struct baseline *baseline = state;
	const struct qw_judge judge = {baseline->world, baseline->list};

	if (!seen->src.known || !seen->dst.known)
		return;
	if (seen->type == QW_EVENT_ALERT && seen->gid == QW_FINDING_GID)
		note_alert(baseline, seen);
	if (!seen->flow.begins && !seen->ot.protocol.len)
		return;
	bool learning = is_learning(baseline, seen->time);
	struct qw_judged judged = qw_judge(&judge, seen, learning);
	tell_full(baseline);
	if (judged.judgement != QW_JUDGED_NORMAL && !is_covered(baseline, &judged) &&
	    !is_alerted(baseline, &judged.habit->key, seen->time) && !qw_world_is_maintenance(baseline->world, seen) &&
	    !is_told(baseline, &judged, seen->time))
		tell(baseline, seen, &judged);
}

static void baseline_tick(void *state, struct qw_time now)
{
	qw_teller_tick(&((struct baseline *)state)->teller, now);
}

/* ---- remembering */

static void baseline_save(void *state)
{
	struct baseline *baseline = state;

	if (baseline->path[0] == '\0')
		return;
	if (baseline->learn_all)
		baseline->about.learnt = true;
	enum qw_err err = qw_habit_save(baseline->path, baseline->list, &baseline->about);
	if (err != QW_OK && !baseline->failed)
		qw_log(QW_LOG_WARNING, "BASELINE-WRITE", "%s: %s; what is normal is learnt anew at the next start", baseline->path,
		       qw_strerror(err));
	baseline->failed = err != QW_OK;
}

/* Of a disk that failed: the sensor learns anew rather than not at all.  What people keep themselves they mend. */
static enum qw_err begin_anew(struct baseline *baseline, enum qw_err err)
{
	if (qw_file_set_aside(baseline->path) != QW_OK)
		return err;
	qw_log(QW_LOG_ERROR, "BASELINE-REFUSED", "%s: %s; what is normal is learnt anew, and the file is kept as baseline.json.refused",
	       baseline->path, qw_strerror(err));
	qw_habit_free(baseline->list);
	baseline->list = NULL;
	baseline->about = (struct qw_habit_about){0};
	return qw_habit_new(&baseline->list, (size_t)qw_world_int(baseline->world, QW_WATCH_BASELINE_ENTRIES));
}

static enum qw_err remember(struct baseline *baseline)
{
	const char *own = qw_world_text(baseline->world, QW_WATCH_BASELINE), *folder = qw_world_state_folder(baseline->world);
	struct qw_diags diags;
	int len = *own	    ? snprintf(baseline->path, sizeof(baseline->path), "%s", own)
		  : *folder ? snprintf(baseline->path, sizeof(baseline->path), "%s/baseline.json", folder)
			    : 0;

	if (len < 0 || (size_t)len >= sizeof(baseline->path))
		return QW_ELIMIT;
	if (len == 0)
		return QW_OK;
	qw_diags_init(&diags);
	enum qw_err err = qw_habit_load(baseline->path, baseline->list, &baseline->about, &diags);
	qw_diags_print(&diags, stderr);
	qw_diags_fini(&diags);
	if (err == QW_OK || err == QW_ENOENT)
		return QW_OK;
	return *own || err == QW_ENOMEM ? err : begin_anew(baseline, err);
}

/* ---- a watcher */

static void baseline_end(void *state)
{
	unsigned folded = qw_teller_end(&((struct baseline *)state)->teller);

	if (folded)
		qw_log(QW_LOG_INFO, "BASELINE-MORE", "%u more things were new, and are not told one by one; the baseline lists them as proposed",
		       folded);
}

static void baseline_free(void *state)
{
	struct baseline *baseline = state;

	qw_habit_free(baseline->list);
	free(baseline);
}

static enum qw_err baseline_make(void **state, struct qw_world *world)
{
	struct baseline *baseline = calloc(1, sizeof(*baseline));

	if (!baseline)
		return QW_ENOMEM;
	baseline->world = world;
	baseline->teller = (struct qw_teller){.world = world, .more = &rows[ROW_MORE]};
	baseline->learn_all = qw_world_bool(world, QW_WATCH_LEARN_ALL);
	enum qw_err err = qw_habit_new(&baseline->list, (size_t)qw_world_int(world, QW_WATCH_BASELINE_ENTRIES));
	if (err == QW_OK)
		err = remember(baseline);
	if (err != QW_OK) {
		baseline_free(baseline);
		return err;
	}
	*state = baseline;
	return QW_OK;
}

static enum qw_exit answer(void *state, struct qw_request *request, size_t first, struct qw_reply *reply,
			   qw_baseline_command *command)
{
	struct baseline *baseline = state;
	bool changed = false;
	enum qw_exit status = command(baseline->list, &baseline->about, request, first, reply, &changed);

	if (changed)
		baseline_save(baseline);
	return status;
}

static enum qw_exit answer_show(void *state, struct qw_request *request, size_t first, struct qw_reply *reply)
{
	return answer(state, request, first, reply, qw_baseline_show);
}

static enum qw_exit answer_accept(void *state, struct qw_request *request, size_t first, struct qw_reply *reply)
{
	return answer(state, request, first, reply, qw_baseline_accept);
}

static enum qw_exit answer_forget(void *state, struct qw_request *request, size_t first, struct qw_reply *reply)
{
	return answer(state, request, first, reply, qw_baseline_forget);
}

static const struct qw_watch_command commands[] = {
	{"baseline show", "[--new] [ADDRESS]", "what is normal; --new: what came after learning and nobody accepted yet", answer_show},
	{"baseline accept", "ID…|ADDRESS…|--all", "it is normal from now on, and told no more", answer_accept},
	{"baseline forget", "ID…|ADDRESS…|--all", "it was never normal: told when it comes again; --all learns anew", answer_forget},
};

const struct qw_watcher_ops qw_baseline = {
	.name = "baseline",
	.findings = rows,
	.finding_count = ROW_COUNT,
	.make = baseline_make,
	.free = baseline_free,
	.seen = baseline_seen,
	.tick = baseline_tick,
	.end = baseline_end,
	.save = baseline_save,
	.commands = commands,
	.command_count = sizeof(commands) / sizeof(commands[0]),
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/feeds.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/settings.h"
#include "quaywatch/log.h"

/* After a start feeds begin one after the other; who fails is tried again sooner than it is due, ever less often. */
enum { FIRST_S = 2, RETRY_S = 60, RETRY_DOUBLES = 6, STALE_PERIODS = 3 };

struct qw_feeds {
	struct qw_feeds_parts parts;
	char program[PATH_MAX];
	size_t count;
	struct qw_feed *feed[QW_FEEDS_MAX];
};

static void path_of(const struct qw_feeds *feeds, const struct qw_feed *feed, const char *file, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s/feeds/%s%s%s", feeds->parts.folder, feed->spec.name, *file ? "/" : "", file);
}

/* It lies beside this program. */
static void find_program(char out[PATH_MAX])
{
	static const char name[] = "quaywatch-fetch";
	ssize_t len = readlink("/proc/self/exe", out, PATH_MAX - sizeof(name) - 1);
	char *slash = len > 0 ? memrchr(out, '/', (size_t)len) : NULL;

	memcpy(slash ? slash + 1 : out, name, sizeof(name));
}

/* ---- making */

static enum qw_err keep(struct qw_feeds *feeds, const struct qw_feed_spec *spec, bool configured)
{
	struct qw_feed *feed = feeds->count < QW_FEEDS_MAX ? calloc(1, sizeof(*feed)) : NULL;
	char path[PATH_MAX];

	if (!feed)
		return feeds->count < QW_FEEDS_MAX ? QW_ENOMEM : QW_ELIMIT;
	feed->spec = *spec;
	feed->configured = configured;
	feed->due = qw_time_add(qw_time_monotonic(), qw_time_seconds(FIRST_S));
	enum qw_err err = qw_store_get_health(feeds->parts.store, spec->name, &feed->health);
	if (err != QW_OK) {
		free(feed);
		return err;
	}
	path_of(feeds, feed, "set", path);
	/* A damaged one is as good as none: the next run brings all of it. */
	if (qw_feed_set_open(&feed->held, path, false) != QW_OK)
		memset(&feed->held, 0, sizeof(feed->held));
	feeds->feed[feeds->count++] = feed;
	return QW_OK;
}

struct reading {
	struct qw_feeds *feeds; /* NULL: only complaints are wanted */
	struct qw_diags *diags;
	enum qw_err err;
};

static void read_feed(void *ctx, const char *name, const char *list)
{
	struct reading *reading = ctx;
	char why[QW_FEED_WHY_MAX] = "not a name: letters, digits, '.', '_' and '-'";
	struct qw_feed_spec spec;

	if (!qw_feed_spec_init(&spec, name) || !qw_feed_spec_list(&spec, list, why) || !qw_feed_spec_check(&spec, why)) {
		qw_complain(reading->diags, QW_DIAG_ERROR, "", 0, 0, "feeds.%s: %s", name, why);
		reading->err = QW_EFORMAT;
	} else if (reading->feeds && reading->err == QW_OK) {
		reading->err = keep(reading->feeds, &spec, true);
	}
}

enum qw_err qw_feeds_check(const struct qw_config *config, struct qw_diags *diags)
{
	struct reading reading = {.diags = diags};

	qw_config_each(config, QW_CFG_FEEDS, read_feed, &reading);
	return reading.err;
}

static enum qw_err see_feed(void *ctx, const char *name, const char *list)
{
	struct qw_feeds *feeds = ctx;
	char why[QW_FEED_WHY_MAX];
	struct qw_feed_spec spec;

	if (qw_feeds_find(feeds, name))
		return QW_OK; /* the configuration's counts */
	if (!qw_feed_spec_init(&spec, name) || !qw_feed_spec_list(&spec, list, why)) {
		qw_log(QW_LOG_ERROR, "FEED-UNREADABLE", "feed %s: its row in collector.db is not understood; remove and add it again",
		       name);
		return QW_OK;
	}
	return keep(feeds, &spec, false);
}

/* comes: "every=0" where it is kept only so that it can be removed once the configuration has it no more. */
static enum qw_err put_row(const struct qw_feeds *feeds, const struct qw_feed_spec *spec, const char *comes)
{
	char words[QW_FEED_WORDS][QW_FEED_WORD_MAX], list[(QW_FEED_WORDS + 1) * QW_FEED_WORD_MAX];
	size_t count = qw_feed_spec_words(spec, words), len = 0;

	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s,", words[i]);
	snprintf(list + len, sizeof(list) - len, "%s", comes);
	return qw_store_put_feed(feeds->parts.store, spec->name, list, qw_time_wall());
}

static enum qw_err put_configured(const struct qw_feeds *feeds)
{
	enum qw_err err = QW_OK;

	for (size_t i = 0; i < feeds->count && err == QW_OK; i++)
		err = put_row(feeds, &feeds->feed[i]->spec, "every=0");
	return err == QW_OK ? qw_store_commit(feeds->parts.store) : err;
}

enum qw_err qw_feeds_open(struct qw_feeds **out, const struct qw_feeds_parts *parts, const struct qw_config *config,
			  struct qw_diags *diags)
{
	struct qw_feeds *feeds = calloc(1, sizeof(*feeds));
	struct reading reading = {feeds, diags, QW_OK};

	if (!feeds)
		return QW_ENOMEM;
	feeds->parts = *parts;
	find_program(feeds->program);
	qw_config_each(config, QW_CFG_FEEDS, read_feed, &reading);
	enum qw_err err = reading.err == QW_OK ? put_configured(feeds) : reading.err;
	if (err == QW_OK)
		err = qw_store_each_feed(parts->store, see_feed, feeds);
	if (err != QW_OK) {
		qw_feeds_close(feeds);
		return err;
	}
	*out = feeds;
	return QW_OK;
}

static void free_feed(struct qw_feed *feed)
{
	qw_feed_run_stop(&feed->run);
	qw_feed_apply_fini(&feed->apply);
	qw_feed_set_close(&feed->held);
	qw_feed_set_close(&feed->fresh);
	free(feed->other);
	free(feed);
}

void qw_feeds_close(struct qw_feeds *feeds)
{
	if (!feeds)
		return;
	for (size_t i = 0; i < feeds->count; i++)
		free_feed(feeds->feed[i]);
	free(feeds);
}

size_t qw_feeds_count(const struct qw_feeds *feeds)
{
	return feeds->count;
}

const struct qw_feed *qw_feeds_at(const struct qw_feeds *feeds, size_t index)
{
	return feeds->feed[index];
}

static struct qw_feed *find(const struct qw_feeds *feeds, const char *name)
{
	for (size_t i = 0; i < feeds->count; i++)
		if (strcmp(feeds->feed[i]->spec.name, name) == 0)
			return feeds->feed[i];
	return NULL;
}

const struct qw_feed *qw_feeds_find(const struct qw_feeds *feeds, const char *name)
{
	return find(feeds, name);
}

/* ---- a run's end */

static int64_t retry_s(const struct qw_feed *feed)
{
	uint64_t doubles = feed->health.failures < RETRY_DOUBLES ? feed->health.failures : RETRY_DOUBLES;
	int64_t wait = (int64_t)RETRY_S << doubles;

	return wait < (int64_t)feed->spec.every ? wait : (int64_t)feed->spec.every;
}

static void tell(const struct qw_feed *feed)
{
	const struct qw_feed_health *health = &feed->health;
	const struct qw_feed_outcome *outcome = &health->outcome;

	if (outcome->result == QW_FEED_REFUSED || outcome->result == QW_FEED_FAILED)
		qw_log(QW_LOG_WARNING, outcome->result == QW_FEED_REFUSED ? "FEED-REFUSED" : "FEED-FAILED",
		       "feed %s: %s. The last good set (%zu entries) stays; see: quaywatchctl feeds show %s", feed->spec.name,
		       outcome->why, feed->held.count, feed->spec.name);
	else if (outcome->result == QW_FEED_FRESH)
		qw_log(QW_LOG_INFO, "FEED", "feed %s: %llu entries; %llu published, %llu withdrawn, %llu not taken",
		       feed->spec.name, (unsigned long long)outcome->entries, (unsigned long long)health->published,
		       (unsigned long long)health->withdrawn, (unsigned long long)health->refused);
	if (health->failures > 0 && feed->spec.every > 0 && health->good.ns != 0 &&
	    qw_time_wall().ns - health->good.ns > (int64_t)feed->spec.every * STALE_PERIODS * QW_NS_PER_S)
		qw_log(QW_LOG_WARNING, "FEED-STALE", "feed %s: nothing good came since %lld hours", feed->spec.name,
		       (long long)((qw_time_wall().ns - health->good.ns) / QW_NS_PER_S / 3600));
}

/* Health and audit; the store's errors are told, and the run counts all the same. */
static void record(const struct qw_feeds *feeds, const struct qw_feed *feed)
{
	const struct qw_feed_health *health = &feed->health;
	char what[QW_NAME_MAX + 16], detail[128];
	struct qw_audit_row row = {qw_time_wall(), -1, what, detail};
	enum qw_err err = qw_store_put_health(feeds->parts.store, feed->spec.name, health);

	snprintf(what, sizeof(what), "feed %s", feed->spec.name);
	snprintf(detail, sizeof(detail), "%llu published, %llu withdrawn, %llu not taken", (unsigned long long)health->published,
		 (unsigned long long)health->withdrawn, (unsigned long long)health->refused);
	if (err == QW_OK && health->outcome.result == QW_FEED_FRESH)
		err = qw_store_audit(feeds->parts.store, &row);
	if (err == QW_OK)
		err = qw_store_commit(feeds->parts.store);
	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "STORE-FAILED", "the health of feed %s: %s", feed->spec.name, qw_strerror(err));
}

static void end_run(struct qw_feeds *feeds, struct qw_feed *feed)
{
	struct qw_feed_health *health = &feed->health;
	bool good = health->outcome.result == QW_FEED_FRESH || health->outcome.result == QW_FEED_STILL;

	health->tried = qw_time_wall();
	health->failures = good ? 0 : health->failures + 1;
	if (good)
		health->good = health->tried;
	feed->doing = QW_FEED_RESTS;
	feed->runs++;
	feed->shrunk = feed->all = false;
	/* "By hand only" is never due. */
	int64_t wait = good ? (int64_t)feed->spec.every : retry_s(feed);
	feed->due = feed->spec.every == 0 ? qw_time_ns(INT64_MAX) : qw_time_add(qw_time_monotonic(), qw_time_seconds(wait));
	record(feeds, feed);
	tell(feed);
}

static void fail(struct qw_feeds *feeds, struct qw_feed *feed, const char *what, enum qw_err err)
{
	feed->health.outcome.result = QW_FEED_FAILED;
	snprintf(feed->health.outcome.why, sizeof(feed->health.outcome.why), "%.200s: %s%s", what, qw_strerror(err),
		 err == QW_ESIGN ? "; our key may not sign that: quaywatchctl keygen --rights" : "");
	end_run(feeds, feed);
}

/* ---- from one state to the next */

static size_t under_way(const struct qw_feeds *feeds, enum qw_feed_doing from)
{
	size_t count = 0;

	for (size_t i = 0; i < feeds->count; i++)
		count += feeds->feed[i]->doing >= from;
	return count;
}

static void start(struct qw_feeds *feeds, struct qw_feed *feed)
{
	struct qw_feed_spec spec = feed->spec;
	char path[PATH_MAX];

	if (feed->held.count > 0 && !feed->shrunk && !feed->all) {
		memcpy(spec.etag, feed->health.outcome.etag, sizeof(spec.etag));
		memcpy(spec.modified, feed->health.outcome.modified, sizeof(spec.modified));
	}
	spec.shrunk = feed->shrunk;
	path_of(feeds, feed, "", path);
	if (spec.tenant[0] && !qw_registry_has_tenant(feeds->parts.registry, spec.tenant)) {
		fail(feeds, feed, "tenant=", QW_ENOENT);
		return;
	}
	enum qw_err err = qw_feed_run_start(&feed->run, feeds->program, path, &spec, qw_time_monotonic());
	feed->doing = QW_FEED_FETCHES;
	if (err != QW_OK)
		fail(feeds, feed, feeds->program, err);
}

/* Feeds of the same channel, with what they hold. */
static enum qw_err gather_others(const struct qw_feeds *feeds, struct qw_feed *feed, size_t *count)
{
	struct qw_feed_other *other = calloc(QW_FEEDS_MAX, sizeof(*other));

	free(feed->other);
	feed->other = other;
	if (!other)
		return QW_ENOMEM;
	*count = 0;
	for (size_t i = 0; i < feeds->count; i++) {
		const struct qw_feed *one = feeds->feed[i];
		if (one != feed && one->doing != QW_FEED_LEAVES && one->held.file.data &&
		    strcmp(one->spec.tenant, feed->spec.tenant) == 0)
			other[(*count)++] = (struct qw_feed_other){&one->spec, &one->held};
	}
	return QW_OK;
}

static enum qw_err begin_apply(struct qw_feeds *feeds, struct qw_feed *feed, const struct qw_feed_set *after)
{
	size_t others = 0;
	enum qw_err err = gather_others(feeds, feed, &others);
	struct qw_feed_apply_parts parts = {.publication = feeds->parts.publication,
					    .policy = feeds->parts.policy,
					    .promotion = feeds->parts.promotion,
					    .spec = &feed->spec,
					    .before = feed->held.file.data && (!feed->all || !after) ? &feed->held : NULL,
					    .after = after,
					    .other = feed->other,
					    .others = others};

	return err == QW_OK ? qw_feed_apply_begin(&feed->apply, &parts) : err;
}

static void end_apply(struct qw_feed *feed)
{
	feed->health.published = feed->apply.published;
	feed->health.withdrawn = feed->apply.withdrawn;
	feed->health.held = feed->apply.held;
	feed->health.refused = qw_feed_apply_refused(&feed->apply);
	qw_feed_apply_fini(&feed->apply);
	free(feed->other);
	feed->other = NULL;
}

static void end_fetch(struct qw_feeds *feeds, struct qw_feed *feed)
{
	char path[PATH_MAX], etag[QW_FEED_TAG_MAX], modified[QW_FEED_TAG_MAX];
	struct qw_feed_outcome *outcome = &feed->health.outcome;

	memcpy(etag, outcome->etag, sizeof(etag));
	memcpy(modified, outcome->modified, sizeof(modified));
	/* One at a time changes a channel: what the others hold must stay where it is meanwhile. */
	if (under_way(feeds, QW_FEED_APPLIES) > 0 || !qw_feed_run_ended(&feed->run, qw_time_monotonic(), outcome))
		return;
	/* What was not taken is to be asked for again. */
	if (outcome->result == QW_FEED_REFUSED || outcome->result == QW_FEED_FAILED) {
		memcpy(outcome->etag, etag, sizeof(etag));
		memcpy(outcome->modified, modified, sizeof(modified));
	}
	if (outcome->result != QW_FEED_FRESH && !(outcome->result == QW_FEED_STILL && feed->all)) {
		end_run(feeds, feed);
		return;
	}
	path_of(feeds, feed, outcome->result == QW_FEED_FRESH ? "set.new" : "set", path);
	enum qw_err err = qw_feed_set_open(&feed->fresh, path, false);
	if (err == QW_OK)
		err = begin_apply(feeds, feed, &feed->fresh);
	feed->doing = QW_FEED_APPLIES;
	if (err != QW_OK)
		fail(feeds, feed, path, err);
}

/* The new set takes the old one's place only now: whatever ends us before, the next run compares with the old one. */
static void keep_fresh(struct qw_feeds *feeds, struct qw_feed *feed)
{
	char from[PATH_MAX], to[PATH_MAX];

	path_of(feeds, feed, "set.new", from);
	path_of(feeds, feed, "set", to);
	if (feed->health.outcome.result == QW_FEED_FRESH && rename(from, to) != 0)
		qw_log(QW_LOG_ERROR, "FEED-FAILED", "feed %s: %s: %s; the next run brings it again", feed->spec.name, to,
		       qw_strerror(qw_err_from_errno(errno)));
	qw_feed_set_close(&feed->held);
	feed->held = feed->fresh;
	memset(&feed->fresh, 0, sizeof(feed->fresh));
}

/* True: there is more to do at once. */
static bool apply(struct qw_feeds *feeds, struct qw_feed *feed)
{
	bool done;
	enum qw_err err = qw_feed_apply_step(&feed->apply, &done);

	if (err == QW_EAGAIN || (err == QW_OK && !done))
		return err == QW_OK;
	end_apply(feed);
	if (err == QW_OK) {
		keep_fresh(feeds, feed);
		end_run(feeds, feed);
		return false;
	}
	qw_feed_set_close(&feed->fresh);
	fail(feeds, feed, "what it brought could not be published", err);
	return false;
}

/* ---- one that goes */

static enum qw_err remove_file(void *ctx, const char *path)
{
	(void)ctx;
	return unlink(path) == 0 ? QW_OK : qw_err_from_errno(errno);
}

static void remove_folder(const char *path)
{
	if (qw_walk_files(path, remove_file, NULL) != QW_OK)
		return;
	rmdir(path);
}

static void forget(struct qw_feeds *feeds, size_t index)
{
	struct qw_feed *feed = feeds->feed[index];
	char path[PATH_MAX];

	path_of(feeds, feed, "events", path);
	remove_folder(path);
	path_of(feeds, feed, "", path);
	remove_folder(path);
	qw_log(QW_LOG_INFO, "FEED-REMOVED", "feed %s: %llu indicators that it alone brought are withdrawn", feed->spec.name,
	       (unsigned long long)feed->apply.withdrawn);
	feeds->feed[index] = feeds->feed[--feeds->count];
	free_feed(feed);
}

static bool leave(struct qw_feeds *feeds, size_t index)
{
	struct qw_feed *feed = feeds->feed[index];
	bool done;
	enum qw_err err = qw_feed_apply_step(&feed->apply, &done);

	if (err == QW_EAGAIN || (err == QW_OK && !done))
		return err == QW_OK;
	if (err == QW_OK)
		err = qw_store_drop_feed(feeds->parts.store, feed->spec.name);
	if (err == QW_OK)
		err = qw_store_commit(feeds->parts.store);
	if (err == QW_OK) {
		forget(feeds, index);
		return false;
	}
	end_apply(feed);
	fail(feeds, feed, "it could not be removed; try again", err);
	return false;
}

/* ---- the timetable */

static bool turn(struct qw_feeds *feeds, size_t index)
{
	struct qw_feed *feed = feeds->feed[index];

	switch (feed->doing) {
	case QW_FEED_RESTS:
		if (qw_time_monotonic().ns >= feed->due.ns)
			feed->doing = QW_FEED_WAITS;
		return false;
	case QW_FEED_WAITS:
		if (under_way(feeds, QW_FEED_FETCHES) < QW_FEEDS_AT_ONCE)
			start(feeds, feed);
		return false;
	case QW_FEED_FETCHES: end_fetch(feeds, feed); return false;
	case QW_FEED_APPLIES: return apply(feeds, feed);
	case QW_FEED_LEAVES: return leave(feeds, index);
	}
	return false;
}

bool qw_feeds_work(struct qw_feeds *feeds)
{
	bool busy = false;

	for (size_t i = 0; i < feeds->count; i++)
		busy |= turn(feeds, i);
	return busy;
}

enum qw_err qw_feeds_add(struct qw_feeds *feeds, const struct qw_feed_spec *spec)
{
	if (find(feeds, spec->name))
		return QW_EEXIST;
	if (feeds->count == QW_FEEDS_MAX)
		return QW_ELIMIT;
	enum qw_err err = put_row(feeds, spec, "");
	if (err == QW_OK)
		err = qw_store_commit(feeds->parts.store);
	if (err == QW_OK)
		err = keep(feeds, spec, false);
	if (err == QW_OK)
		feeds->feed[feeds->count - 1]->due = qw_time_monotonic();
	return err;
}

enum qw_err qw_feeds_start(struct qw_feeds *feeds, const char *name, bool shrunk, bool all)
{
	struct qw_feed *feed = find(feeds, name);

	if (!feed)
		return QW_ENOENT;
	if (feed->doing > QW_FEED_WAITS)
		return QW_EAGAIN;
	feed->shrunk = shrunk;
	feed->all = all;
	feed->doing = QW_FEED_WAITS;
	return QW_OK;
}

enum qw_err qw_feeds_remove(struct qw_feeds *feeds, const char *name)
{
	struct qw_feed *feed = find(feeds, name);

	if (!feed)
		return QW_ENOENT;
	if (feed->configured)
		return QW_EACCES;
	if (feed->doing > QW_FEED_WAITS || under_way(feeds, QW_FEED_APPLIES) > 0)
		return QW_EAGAIN;
	enum qw_err err = begin_apply(feeds, feed, NULL);
	if (err == QW_OK)
		feed->doing = QW_FEED_LEAVES;
	return err;
}

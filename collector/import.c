/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import - a feed file into a channel, without holding up the alerts.
 *
 * A thread of its own reads the file into packed entries; then the server's
 * thread publishes them, one delta a step.
 */
#include "collector/import_parts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/retire.h"

enum { FEED_MAX = 1 << 30 };

/* ---- the thread's side */

static enum qw_err read_all(int fd, char **out, size_t *len)
{
	struct stat info;
	size_t have = 0;

	if (fstat(fd, &info) != 0)
		return qw_err_from_errno(errno);
	if (!S_ISREG(info.st_mode))
		return QW_EINVAL;
	if (info.st_size > FEED_MAX)
		return QW_ELIMIT;
	char *data = malloc((size_t)info.st_size + 1);
	if (!data)
		return QW_ENOMEM;
	while (have < (size_t)info.st_size) {
		ssize_t got = pread(fd, data + have, (size_t)info.st_size - have, (off_t)have);
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	*out = data;
	*len = have;
	return QW_OK;
}

static enum qw_err keep(void *ctx, const struct qw_indicator *indicator)
{
	struct qw_import *import = ctx;
	struct qw_entry entry;
	uint8_t *body;

	if (import->count == import->room) {
		size_t room = import->room ? import->room * 2 : 1024;
		struct qw_import_entry *grown = realloc(import->entry, room * sizeof(*grown));
		if (!grown)
			return QW_ENOMEM;
		import->entry = grown;
		import->room = room;
	}
	enum qw_err err = qw_entry_of_indicator(&entry, &body, indicator);
	if (err != QW_OK)
		return err;
	import->entry[import->count++] = (struct qw_import_entry){body, entry.body_len, indicator->allow};
	return QW_OK;
}

static enum qw_err read_feed(struct qw_import *import)
{
	char *data = NULL;
	size_t len = 0;
	enum qw_err err = read_all(import->fd, &data, &len);

	if (err != QW_OK)
		return err;
	import->format = qw_feed_format_of(import->file, (const uint8_t *)data, len);
	if (import->format == QW_FEED_SIGNATURES || import->format == QW_FEED_UNKNOWN ||
	    import->format == QW_FEED_DOCUMENT)
		err = QW_EUNKNOWN;
	else
		err = qw_feed_read(import->format, import->file, (const uint8_t *)data, len, &import->defaults, keep,
				   import, &import->diags, &import->counts);
	import->lines = (struct qw_line_finder){.data = data, .len = len};
	return err;
}

static void *reader(void *arg)
{
	struct qw_import *import = arg;

	import->err = read_feed(import);
	atomic_store_explicit(&import->read, true, memory_order_release);
	return NULL;
}

/* ---- the server's side */

/* Lines that its reader did not understand are the first row of the table. */
static void take_complaints(struct qw_import *import)
{
	const struct qw_diags *diags = &import->diags;

	import->told = true;
	for (size_t i = 0; i < diags->count; i++)
		qw_refusals_add(&import->refusals, QW_REFUSED_FORM, diags->rows[i].file, diags->rows[i].line,
				diags->rows[i].text);
	if (diags->errors + diags->warnings > diags->count)
		import->refusals.row[QW_REFUSED_FORM].count = diags->errors + diags->warnings;
}

static enum qw_exit tell_failure(struct qw_import *import, struct qw_reply *reply)
{
	switch (import->err) {
	case QW_EUNKNOWN:
		return qw_reply_error(reply, QW_EXIT_DATA, "%s: %s", import->file,
				      import->format == QW_FEED_SIGNATURES
					  ? "these are signatures; use: quaywatchctl rules publish FILE"
					  : "no feed that we know: plain list, CSV with a header, STIX 2.1, MISP");
	case QW_EFORMAT:
		return qw_reply_error(reply, QW_EXIT_DATA, "%s: damaged as a whole; nothing was imported",
				      import->file);
	default: return qw_command_failed(import->collector, reply, import->err, import->file);
	}
}

/* Allow entries among them reach back: what they cover leaves the channels. */
static enum qw_err retire_covered(const struct qw_import *import, uint64_t *retired)
{
	static const struct qw_guard_list list = {QW_GUARD_ALLOW, "the imported allow entries", NULL};
	const char *channel = strcmp(import->channel, QW_COMMUNITY) == 0 ? NULL : import->channel;
	struct qw_indicator indicator;
	struct qw_guard *guard = NULL;
	enum qw_err err = qw_guard_new(&guard);

	*retired = 0;
	for (size_t i = 0; i < import->count && err == QW_OK; i++) {
		struct qw_entry entry = {QW_ENTRY_ALLOW, import->entry[i].body, import->entry[i].len, false};
		if (import->entry[i].allow && qw_entry_indicator(&entry, &indicator) == QW_OK)
			err = qw_guard_add(guard, &list, &indicator.observable);
	}
	if (err == QW_OK)
		qw_guard_finish(guard);
	if (err == QW_OK && qw_guard_count(guard, QW_GUARD_ALLOW))
		err = qw_retire(&import->collector->publication, channel, guard, 1u << QW_GUARD_ALLOW, qw_time_wall(), retired);
	qw_guard_free(guard);
	return err;
}

static void tell_retired(const struct qw_import *import, struct qw_reply *reply)
{
	uint64_t retired;
	enum qw_err err = retire_covered(import, &retired);

	if (err != QW_OK)
		qw_reply_error(reply, QW_EXIT_IO, "the exceptions hold, but what they cover could not be taken back everywhere: %s",
			       qw_strerror(err));
	if (retired && !import->json)
		qw_reply_line(reply, "%llu indicators that the allow entries cover are taken back from every sensor",
			      (unsigned long long)retired);
}

static enum qw_exit tell_end(const struct qw_import *import, struct qw_reply *reply)
{
	if (import->json) {
		struct qw_json json = qw_reply_begin(reply);
		qw_json_text(&json, "file", import->file);
		qw_json_text(&json, "format", qw_feed_format_name(import->format));
		qw_json_text(&json, "channel", import->channel);
		qw_json_u64(&json, "imported", import->published);
		qw_json_u64(&json, "rejected", import->counts.rejected);
		qw_json_u64(&json, "ignored", import->counts.ignored);
		qw_refusals_json(&import->refusals, &json);
		qw_reply_end(reply, &json);
	} else {
		qw_reply_line(reply, "%s (%s): %llu indicators into %s; %llu not taken, %llu of no use here",
			      import->file, qw_feed_format_name(import->format), (unsigned long long)import->published,
			      import->channel, (unsigned long long)qw_refusals_count(&import->refusals),
			      (unsigned long long)import->counts.ignored);
		qw_refusals_tell(&import->refusals, reply);
	}
	return import->published > 0 || qw_refusals_count(&import->refusals) == 0 ? QW_EXIT_OK : QW_EXIT_DATA;
}

static bool step(struct qw_job *job, struct qw_reply *reply, enum qw_exit *status)
{
	struct qw_import *import = (struct qw_import *)job;

	if (!atomic_load_explicit(&import->read, memory_order_acquire))
		return false;
	if (!import->told)
		take_complaints(import);
	if (import->err != QW_OK) {
		*status = tell_failure(import, reply);
		return true;
	}
	if (import->next < import->count) {
		enum qw_err err = qw_import_publish(import);
		if (err == QW_OK)
			return false;
		qw_reply_error(reply, QW_EXIT_IO, "%s: stopped after %llu indicators", import->file,
			       (unsigned long long)import->published);
		*status = qw_command_failed(import->collector, reply, err, import->file);
		return true;
	}
	tell_retired(import, reply);
	*status = tell_end(import, reply);
	return true;
}

static void free_import(struct qw_job *job)
{
	struct qw_import *import = (struct qw_import *)job;

	pthread_join(import->thread, NULL);
	for (size_t i = 0; i < import->count; i++)
		free(import->entry[i].body);
	free(import->entry);
	qw_diags_fini(&import->diags);
	qw_exceptions_fini(&import->exceptions);
	free((void *)(uintptr_t)import->lines.data);
	close(import->fd);
	free(import);
}

static enum qw_exit start(struct qw_collector *collector, struct qw_request *request, size_t first,
			  const struct qw_indicator_words *words, struct qw_reply *reply, struct qw_job **job)
{
	const char *channel = qw_command_channel(collector, words->tenant, reply);
	struct qw_import *import = channel ? calloc(1, sizeof(*import)) : NULL;

	if (!import)
		return channel ? QW_EXIT_INTERNAL : QW_EXIT_DATA;
	import->job = (struct qw_job){step, free_import};
	import->collector = collector;
	import->json = request->json;
	import->forced = words->force;
	snprintf(import->channel, sizeof(import->channel), "%s", channel);
	snprintf(import->file, sizeof(import->file), "%s", request->word[first]);
	snprintf(import->who, sizeof(import->who), "uid %lld", (long long)request->uid);
	qw_diags_init(&import->diags);
	if (!qw_command_defaults(words, &import->defaults, reply)) {
		free(import);
		return QW_EXIT_USAGE;
	}
	if (!words->source)
		snprintf(import->defaults.source, sizeof(import->defaults.source), "feed");
	import->fd = request->fd;
	if (pthread_create(&import->thread, NULL, reader, import) != 0) {
		free(import);
		return qw_reply_error(reply, QW_EXIT_INTERNAL,
				      "no thread for it: the machine is short of something; try again");
	}
	request->fd = -1; /* the import's now */
	*job = &import->job;
	return QW_EXIT_OK;
}

QW_COMMAND(indicators_import)
{
	struct qw_indicator_words words = {0};
	const char *bad = NULL;
	size_t rest;
	const struct qw_option options[] = {
	    {"--confidence", &words.confidence, NULL}, {"--tlp", &words.tlp, NULL},
	    {"--until", &words.until, NULL},           {"--tenant", &words.tenant, NULL},
	    {"--source", &words.source, NULL},         {"--force", NULL, &words.force},
	};

	if (qw_request_options(request, first, options, sizeof(options) / sizeof(options[0]), &rest, &bad) != QW_OK ||
	    rest != 1)
		return qw_command_usage(reply, request, first, bad);
	if (request->fd < 0)
		return qw_reply_error(reply, QW_EXIT_USAGE,
				      "%s: the file itself did not come; is quaywatchctl of this version?",
				      request->word[first]);
	return start(collector, request, first, &words, reply, job);
}

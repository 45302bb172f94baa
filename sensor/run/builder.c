/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/builder.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "quaywatch/channel.h"
#include "quaywatch/diag.h"
#include "quaywatch/log.h"
#include "sensor/run/channel_files.h"
#include "sensor/run/child.h"
#include "sensor/run/overlay.h"
#include "sensor/run/post.h"
#include "sensor/run/rulebook.h"
#include "sensor/run/settings.h"

enum { DIAGS_SHOWN = 20 };

struct builder {
	const struct qw_builder_options *options;
	uint32_t generation;
	struct qw_overlay *overlay;
	struct qw_rulebook_counts counts; /* of the latest whole build */
	struct qw_post post;
};

/* ---- building all */

struct channel_reader {
	struct qw_rulebook *book;
	const char *name;
};

static enum qw_err take_entry(void *ctx, const struct qw_entry *entry)
{
	struct channel_reader *reader = ctx;
	struct qw_indicator indicator;
	const char *text;
	size_t len;
	enum qw_err err;

	if (entry->kind == QW_ENTRY_SIGNATURE) {
		err = qw_entry_signature(entry, &text, &len);
		return err == QW_OK ? qw_rulebook_add_signature(reader->book, reader->name, text, len) : err;
	}
	err = qw_entry_indicator(entry, &indicator);
	return err == QW_OK ? qw_rulebook_add_indicator(reader->book, &indicator) : err;
}

static enum qw_err add_channel(void *ctx, const char *name, const char *path)
{
	struct channel_reader reader = {ctx, name};
	struct qw_channel *channel;
	enum qw_err err = qw_channel_load(&channel, path);

	if (err == QW_ENOENT)
		return QW_OK;
	if (err != QW_OK) {
		qw_log(QW_LOG_ERROR, "CHANNEL-FILE", "%s cannot be used: %s; it will be fetched anew from the collector", path,
		       qw_strerror(err));
		return QW_OK;
	}
	err = qw_channel_each(channel, take_entry, &reader);
	qw_channel_free(channel);
	return err;
}

static void add_path(struct qw_rulebook *book, const char *path)
{
	enum qw_err err = qw_rulebook_add_path(book, path);

	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "RULES-PATH", "%s: %s; going on without it", path, qw_strerror(err));
}

static enum qw_err fill(struct builder *builder, struct qw_rulebook *book)
{
	const char *const *paths;
	size_t count = qw_config_list(builder->options->config, QW_CFG_RULES, &paths);

	enum qw_err err = qw_rulebook_add_packs(book);
	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "RULES-PACKS", "the shipped rules: %s; going on without them", qw_strerror(err));
	for (size_t i = 0; i < count; i++)
		add_path(book, paths[i]);
	for (size_t i = 0; i < builder->options->options->rules.count; i++)
		add_path(book, builder->options->options->rules.item[i]);
	return qw_channel_files_each(builder->options->config, add_channel, book);
}

static void tell_diags(const struct qw_diags *diags)
{
	for (size_t i = 0; i < diags->count && i < DIAGS_SHOWN; i++)
		qw_log(QW_LOG_WARNING, "RULES-REFUSED", "%s:%u:%u: %s", diags->rows[i].file, diags->rows[i].line,
		       diags->rows[i].column, diags->rows[i].text);
	if (diags->errors + diags->warnings > DIAGS_SHOWN)
		qw_log(QW_LOG_WARNING, "RULES-REFUSED", "and %zu more; quaywatch-sensor --check prints all",
		       diags->errors + diags->warnings - DIAGS_SHOWN);
}

static enum qw_err compile(struct builder *builder, int images[2])
{
	struct qw_rulebook *book;
	struct qw_diags diags;

	qw_diags_init(&diags);
	enum qw_err err = qw_rulebook_new(&book, builder->options->config, &diags);
	if (err == QW_OK) {
		err = fill(builder, book);
		if (err == QW_OK)
			err = qw_rulebook_finish(book, &images[0], &images[1]);
		struct qw_rulebook_counts counts = qw_rulebook_counts(book);
		qw_rulebook_free(book);
		tell_diags(&diags);
		if (err == QW_OK)
			builder->counts = counts;
		if (err == QW_OK)
			qw_log(QW_LOG_INFO, "RULESET-BUILT", "%llu signatures (%llu refused), %llu indicators (%llu refused)",
			       (unsigned long long)counts.signatures, (unsigned long long)counts.signatures_rejected,
			       (unsigned long long)counts.indicators, (unsigned long long)counts.indicators_rejected);
	}
	qw_diags_fini(&diags);
	(void)malloc_trim(0); /* a big ruleset leaves a hundred megabytes, and the next build may be days away */
	return err;
}

/* ---- handing over */

/* -1 among the images: that part stays as it is. */
static enum qw_err publish(struct builder *builder, int signatures, int indicators, int overlay)
{
	struct qw_post *post = &builder->post;

	post->kind = QW_POST_RULESET;
	post->number = ++builder->generation;
	post->second = 0;
	post->third = 0;
	post->len = sizeof(builder->counts);
	memcpy(post->bytes, &builder->counts, sizeof(builder->counts));
	post->fds[0] = signatures;
	post->fds[1] = indicators;
	post->fds[2] = overlay;
	enum qw_err err = qw_post_send(builder->options->supervisor, post);
	qw_post_close(post);
	return err;
}

static enum qw_err build_all(struct builder *builder)
{
	int images[2] = {-1, -1}, overlay = -1;
	enum qw_err err = compile(builder, images);

	qw_overlay_clear(builder->overlay);
	if (err == QW_OK)
		err = qw_overlay_image(builder->overlay, &overlay);
	if (err != QW_OK) {
		qw_log(QW_LOG_ERROR, "RULESET-BUILD", "the ruleset cannot be built: %s; the one before stays in force", qw_strerror(err));
		return err;
	}
	return publish(builder, images[0], images[1], overlay);
}

static enum qw_err build_overlay(struct builder *builder)
{
	int overlay;
	enum qw_err err = qw_overlay_image(builder->overlay, &overlay);

	return err == QW_OK ? publish(builder, -1, -1, overlay) : err;
}

static void answer(struct builder *builder, uint32_t ticket, enum qw_err err)
{
	struct qw_post *post = &builder->post;

	post->kind = QW_POST_BUILT;
	post->number = ticket;
	post->second = builder->generation;
	post->third = err;
	post->len = 0;
	for (int i = 0; i < QW_POST_FDS; i++)
		post->fds[i] = -1;
	if (qw_post_send(builder->options->exporter, post) != QW_OK)
		qw_log(QW_LOG_WARNING, "POST-FULL", "the exporter does not read; a receipt will be late");
}

/* One request of the exporter. */
static void serve(struct builder *builder)
{
	uint32_t ticket = builder->post.number;
	enum qw_err err = QW_OK;

	switch (builder->post.kind) {
	case QW_POST_ENTRIES:
		err = qw_overlay_add(builder->overlay, builder->post.bytes, builder->post.len);
		qw_post_close(&builder->post);
		if (err == QW_OK)
			err = build_overlay(builder);
		break; /* QW_ELIMIT: the exporter saves its channels and asks for a rebuild */
	case QW_POST_REBUILD:
		qw_post_close(&builder->post);
		err = build_all(builder);
		break;
	default: qw_post_close(&builder->post); return;
	}
	answer(builder, ticket, err);
}

static bool drain(struct builder *builder)
{
	enum qw_err err;

	while ((err = qw_post_receive(builder->options->exporter, &builder->post)) == QW_OK)
		serve(builder);
	return err == QW_EAGAIN;
}

static enum qw_exit loop(struct builder *builder)
{
	struct pollfd fds[2] = {{builder->options->supervisor, POLLIN, 0}, {builder->options->exporter, POLLIN, 0}};

	/* With a collector, channels are read when the exporter has brought their files up to date, and says so. */
	if (*qw_config_text(builder->options->config, QW_CFG_COLLECTOR) == 0 && build_all(builder) != QW_OK)
		return QW_EXIT_DATA;
	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return QW_EXIT_INTERNAL;
		if (fds[0].revents)
			return QW_EXIT_OK; /* it never writes: it is gone */
		if (fds[1].revents && !drain(builder))
			return QW_EXIT_OK;
		if (fds[1].revents && builder->generation == 0)
			return QW_EXIT_DATA; /* the first build failed, and said why */
	}
}

enum qw_exit qw_builder_run(const struct qw_builder_options *options)
{
	struct builder *builder = calloc(1, sizeof(*builder));
	enum qw_exit status = QW_EXIT_INTERNAL;

	qw_child_name("builder");
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (!builder || qw_child_settle(qw_config_text(options->config, QW_CFG_USER)) != QW_OK) {
		free(builder);
		return QW_EXIT_PERMISSION;
	}
	builder->options = options;
	builder->generation = options->generation;
	if (qw_overlay_new(&builder->overlay) == QW_OK)
		status = loop(builder);
	qw_overlay_free(builder->overlay);
	free(builder);
	return status;
}

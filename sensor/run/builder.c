/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/builder.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "quaywatch/log.h"
#include "sensor/run/changes.h"
#include "sensor/run/child.h"
#include "sensor/run/compile.h"
#include "sensor/run/compiler.h"
#include "sensor/run/folding.h"
#include "sensor/run/overlay.h"
#include "sensor/run/post.h"
#include "sensor/run/settings.h"

enum {
	POSTS_A_TURN = 64, /* that go into one image of fresh entries */
	RETRY_MS = 10,     /* when the supervisor has no room for what was made */
};

struct builder {
	const struct qw_builder_options *options;
	uint32_t generation;
	struct qw_indicators *set; /* as the workers are to have it; NULL: nothing was built yet */
	struct qw_ruleset_images unsent;
	bool waits; /* they are of this generation, and the supervisor does not have them */
	struct qw_overlay *overlay;
	uint32_t fresh; /* ticket of the last entries that are in no image yet; 0: none are */
	struct qw_folding folding;
	struct qw_rulebook_counts counts;
	struct qw_post post;
	/* ---- while it is compiled in a process of its own */
	struct qw_compiler *compiler; /* NULL: it is not */
	uint32_t compiler_ticket;
	unsigned compiler_halves;
	struct qw_overlay_mark mark; /* what is fresh up to here is in the files that it reads */
};

/* ---- handing over */

static void send_unsent(struct builder *builder)
{
	struct qw_post *post = &builder->post;

	qw_post_begin(post, QW_POST_RULESET, builder->generation);
	qw_ruleset_images_write(&builder->unsent, post);
	post->len = sizeof(builder->counts);
	memcpy(post->bytes, &builder->counts, sizeof(builder->counts));
	builder->waits = qw_post_send(builder->options->supervisor, post) != QW_OK;
	if (!builder->waits)
		qw_ruleset_images_close(&builder->unsent);
}

/* Takes what is fresh.  It is in force as soon as the workers have it, and is what the next change stands on. */
static enum qw_err publish(struct builder *builder, struct qw_ruleset_images *fresh)
{
	struct qw_indicators *set;
	enum qw_err err = qw_indicators_open_over(&set, builder->set, &fresh->indicators);

	if (err != QW_OK) {
		qw_ruleset_images_close(fresh);
		return err;
	}
	qw_indicators_close(builder->set);
	builder->set = set;
	qw_ruleset_images_take(&builder->unsent, fresh);
	builder->generation++;
	send_unsent(builder);
	return QW_OK;
}

static enum qw_err build_overlay(struct builder *builder)
{
	struct qw_ruleset_images fresh = qw_ruleset_images_none();
	enum qw_err err = qw_overlay_image(builder->overlay, (struct qw_overlay_mark){0}, &fresh.indicators.overlay);

	return err == QW_OK ? publish(builder, &fresh) : err;
}

static void answer(struct builder *builder, uint32_t ticket, enum qw_err err)
{
	struct qw_post *post = &builder->post;

	qw_post_begin(post, QW_POST_BUILT, ticket);
	post->second = builder->generation;
	post->third = err;
	if (qw_post_send(builder->options->exporter, post) != QW_OK)
		qw_log(QW_LOG_WARNING, "POST-FULL", "the exporter does not read; a receipt will be late");
}

/* ---- building all */

/* The overlay stands over the other half's indicators, too: it is always sent with them. */
static enum qw_err take_compiled(struct builder *builder, struct qw_compiled *compiled, unsigned halves, struct qw_overlay_mark mark)
{
	struct qw_indicator_images *indicators = &compiled->images.indicators;

	if (halves & QW_RULEBOOK_INDICATORS) {
		enum qw_err err = qw_overlay_image(builder->overlay, mark, &indicators->overlay);
		if (err != QW_OK) {
			qw_ruleset_images_close(&compiled->images);
			return err;
		}
		qw_folding_stop(&builder->folding, qw_time_monotonic());
	}
	qw_ruleset_counts(&builder->counts, &compiled->counts, halves);
	enum qw_err err = publish(builder, &compiled->images);
	if (err == QW_OK && halves & QW_RULEBOOK_INDICATORS)
		qw_overlay_drop(builder->overlay, mark);
	return err;
}

/* The first time nothing is in force that could be changed meanwhile. */
static enum qw_err build_here(struct builder *builder)
{
	const struct qw_compile_order order = {.halves = QW_RULEBOOK_ALL, .entries = -1};
	struct qw_compiled compiled;
	enum qw_err err = qw_ruleset_compile(builder->options, &order, &compiled);

	qw_ruleset_tell(&compiled.counts, order.halves, err);
	return err == QW_OK ? take_compiled(builder, &compiled, order.halves, qw_overlay_mark(builder->overlay)) : err;
}

/* Seconds, in which changes go on to be taken: so it is done in a process of its own. */
static enum qw_err build_apart(struct builder *builder, const struct qw_compile_order *order, uint32_t ticket)
{
	enum qw_err err = qw_compiler_start(&builder->compiler, builder->options, order, builder->set);

	if (err != QW_OK)
		return err;
	builder->compiler_ticket = ticket;
	builder->compiler_halves = order->halves;
	builder->mark = qw_overlay_mark(builder->overlay);
	return QW_OK;
}

static void end_compiler(struct builder *builder, enum qw_err err)
{
	qw_compiler_free(builder->compiler);
	builder->compiler = NULL;
	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "RULESET-BUILD", "what was built cannot be used: %s; it is tried again", qw_strerror(err));
	answer(builder, builder->compiler_ticket, err);
}

/*
 * Until all parts came, some are new and some old: each entry is as it was or
 * as it is to be, what is fresh stands over both, and no receipt speaks of it.
 */
static void hear_compiler(struct builder *builder)
{
	struct qw_compiled compiled;
	bool more;
	enum qw_err err = qw_compiler_take(builder->compiler, &compiled, &more);

	if (err == QW_OK && more)
		err = publish(builder, &compiled.images);
	else if (err == QW_OK)
		err = take_compiled(builder, &compiled, builder->compiler_halves, builder->mark);
	if (err != QW_OK || !more)
		end_compiler(builder, err);
}

/* ---- fresh entries become part of the big layer */

static enum qw_err fold_one(struct builder *builder)
{
	struct qw_ruleset_images fresh = qw_ruleset_images_none();
	struct qw_time now = qw_time_monotonic();
	enum qw_err err = qw_folding_step(&builder->folding, builder->set, builder->overlay, now, &fresh.indicators);

	if (err == QW_OK)
		err = publish(builder, &fresh);
	if (err == QW_OK)
		qw_folding_done(&builder->folding, builder->overlay, qw_time_monotonic());
	else
		qw_folding_stop(&builder->folding, now);
	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "RULESET-FOLD", "fresh indicators cannot be merged: %s; they stay in force and it is tried again",
		       qw_strerror(err));
	return err;
}

/* All indicators are being built anew from files that hold what is fresh: merging it now would be in vain. */
static bool may_fold(const struct builder *builder)
{
	return builder->set && !(builder->compiler && builder->compiler_halves & QW_RULEBOOK_INDICATORS);
}

/* Makes room at once: more comes than the overlay holds. */
static enum qw_err fold_all(struct builder *builder)
{
	enum qw_err err = may_fold(builder) ? build_overlay(builder) : QW_ELIMIT;

	qw_folding_stop(&builder->folding, qw_time_monotonic());
	while (err == QW_OK && qw_overlay_count(builder->overlay))
		err = fold_one(builder);
	return err;
}

/* ---- requests */

static enum qw_err add_entries(struct builder *builder)
{
	char *bytes = NULL;
	size_t len;
	enum qw_err err = qw_changes_receive(&builder->post, &bytes, &len);

	if (err == QW_OK)
		err = qw_overlay_add(builder->overlay, (const uint8_t *)bytes, len);
	if (err == QW_ELIMIT && fold_all(builder) == QW_OK)
		err = qw_overlay_add(builder->overlay, (const uint8_t *)bytes, len);
	free(bytes);
	return err;
}

static enum qw_err build(struct builder *builder)
{
	struct qw_compile_order order = {.halves = builder->post.second & QW_RULEBOOK_ALL,
					 .entries = builder->post.fds[0]};
	enum qw_err err = builder->compiler ? QW_EAGAIN /* the exporter waits for its answer before it asks again */
			  : builder->set ? build_apart(builder, &order, builder->post.number)
					 : build_here(builder);

	qw_post_close(&builder->post);
	return err;
}

/* One request of the exporter. */
static void serve(struct builder *builder)
{
	uint32_t ticket = builder->post.number;
	enum qw_err err = QW_OK;

	switch (builder->post.kind) {
	case QW_POST_ENTRIES:
		err = add_entries(builder);
		if (err != QW_OK)
			break;
		builder->fresh = ticket;
		return; /* what comes right behind it goes into the same image */
	case QW_POST_REBUILD:
		err = build(builder);
		if (err == QW_OK && builder->compiler)
			return; /* it is answered when it is done */
		break;
	default: qw_post_close(&builder->post); return;
	}
	answer(builder, ticket, err);
}

static bool drain(struct builder *builder)
{
	enum qw_err err = QW_OK;

	while (err == QW_OK) {
		for (unsigned i = 0; i < POSTS_A_TURN && err == QW_OK; i++) {
			err = qw_post_receive(builder->options->exporter, &builder->post);
			if (err == QW_OK)
				serve(builder);
		}
		uint32_t ticket = builder->fresh;
		builder->fresh = 0;
		if (ticket)
			answer(builder, ticket, build_overlay(builder));
	}
	return err == QW_EAGAIN;
}

/* ---- the loop */

static int patience(const struct builder *builder)
{
	int fold = may_fold(builder) ? qw_folding_wait(&builder->folding, builder->overlay, qw_time_monotonic()) : -1;

	return builder->waits && (fold < 0 || fold > RETRY_MS) ? RETRY_MS : fold;
}

static void work(struct builder *builder)
{
	if (builder->waits)
		send_unsent(builder);
	if (may_fold(builder) && qw_folding_wait(&builder->folding, builder->overlay, qw_time_monotonic()) == 0)
		(void)fold_one(builder); /* told, and tried again */
}

static enum qw_exit loop(struct builder *builder)
{
	/* With a collector, channels are read when the exporter has brought their files up to date, and says so. */
	if (*qw_config_text(builder->options->config, QW_CFG_COLLECTOR) == 0 && build_here(builder) != QW_OK)
		return QW_EXIT_DATA;
	for (;;) {
		struct pollfd fds[3] = {{builder->options->supervisor, POLLIN, 0},
					{builder->options->exporter, POLLIN, 0},
					{builder->compiler ? qw_compiler_fd(builder->compiler) : -1, POLLIN, 0}};
		if (poll(fds, 3, patience(builder)) < 0 && errno != EINTR)
			return QW_EXIT_INTERNAL;
		if (fds[2].revents)
			hear_compiler(builder);
		if (fds[0].revents)
			return QW_EXIT_OK; /* it never writes: it is gone */
		if (fds[1].revents && !drain(builder))
			return QW_EXIT_OK;
		if (fds[1].revents && builder->generation == 0)
			return QW_EXIT_DATA; /* the first build failed, and said why */
		work(builder);
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
	builder->unsent = qw_ruleset_images_none();
	builder->generation = options->generation;
	if (qw_overlay_new(&builder->overlay) == QW_OK)
		status = loop(builder);
	qw_indicators_close(builder->set);
	qw_overlay_free(builder->overlay);
	free(builder);
	return status;
}

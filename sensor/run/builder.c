/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/builder.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "quaywatch/log.h"
#include "sensor/run/changes.h"
#include "sensor/run/child.h"
#include "sensor/run/compile.h"
#include "sensor/run/overlay.h"
#include "sensor/run/post.h"
#include "sensor/run/settings.h"

enum { POSTS_A_TURN = 64 /* that go into one image of fresh entries */ };

struct builder {
	const struct qw_builder_options *options;
	uint32_t generation;
	struct qw_overlay *overlay;
	uint32_t fresh; /* ticket of the last entries that are in no image yet; 0: none are */
	struct qw_rulebook_counts counts; /* of the latest whole build */
	struct qw_post post;
	/* ---- while all is built in a process of its own */
	pid_t child;    /* 0: it is not */
	int from_child; /* end of a post pair */
	uint32_t child_ticket;
	struct qw_overlay_mark mark; /* what is fresh up to here is in the files that it reads */
};

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

/* ---- building all */

static enum qw_err take_compiled(struct builder *builder, const struct qw_ruleset_images *compiled, struct qw_overlay_mark mark)
{
	int overlay = -1;

	qw_overlay_drop(builder->overlay, mark);
	builder->counts = compiled->counts;
	enum qw_err err = qw_overlay_image(builder->overlay, &overlay);
	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "RULESET-BUILD", "the fresh indicators cannot be built: %s", qw_strerror(err));
	return publish(builder, compiled->signatures, compiled->indicators, overlay);
}

/* The first time nothing is in force that could be changed meanwhile. */
static enum qw_err build_here(struct builder *builder)
{
	struct qw_ruleset_images compiled;
	enum qw_err err = qw_build_ruleset(builder->options, &compiled);

	return err == QW_OK ? take_compiled(builder, &compiled, qw_overlay_mark(builder->overlay)) : err;
}

static void compile_apart(const struct builder *builder, int end)
{
	struct qw_post post = {.kind = QW_POST_RULESET, .fds = {-1, -1, -1}};
	struct qw_ruleset_images compiled;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	qw_child_name("compiler");
	if (qw_build_ruleset(builder->options, &compiled) != QW_OK)
		_exit(1);
	post.fds[0] = compiled.signatures;
	post.fds[1] = compiled.indicators;
	post.len = sizeof(compiled.counts);
	memcpy(post.bytes, &compiled.counts, sizeof(compiled.counts));
	_exit(qw_post_send(end, &post) == QW_OK ? 0 : 1);
}

/* Seconds, in which changes go on to be taken: so it is done in a process of its own. */
static enum qw_err build_apart(struct builder *builder, uint32_t ticket)
{
	int ends[2];
	enum qw_err err = qw_post_pair(ends);

	if (err != QW_OK)
		return err;
	pid_t child = fork();
	if (child == 0)
		compile_apart(builder, ends[1]);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return qw_err_from_errno(errno);
	}
	builder->child = child;
	builder->from_child = ends[0];
	builder->child_ticket = ticket;
	builder->mark = qw_overlay_mark(builder->overlay);
	return QW_OK;
}

/* ---- requests */

static enum qw_err add_entries(struct builder *builder)
{
	char *bytes = NULL;
	size_t len;
	enum qw_err err = qw_changes_receive(&builder->post, &bytes, &len);

	if (err == QW_OK)
		err = qw_overlay_add(builder->overlay, (const uint8_t *)bytes, len);
	free(bytes);
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
		return; /* what comes right behind it goes into the same image */ /* QW_ELIMIT: the exporter saves its channels and asks for a rebuild */
	case QW_POST_REBUILD:
		qw_post_close(&builder->post);
		err = builder->generation ? build_apart(builder, ticket) : build_here(builder);
		if (err == QW_OK && builder->child)
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

/* The child is done, or died. */
static void end_child(struct builder *builder)
{
	struct qw_ruleset_images compiled;
	enum qw_err err = qw_post_receive(builder->from_child, &builder->post);

	if (err == QW_OK && builder->post.len == sizeof(compiled.counts)) {
		compiled.signatures = builder->post.fds[0];
		compiled.indicators = builder->post.fds[1];
		memcpy(&compiled.counts, builder->post.bytes, sizeof(compiled.counts));
		err = take_compiled(builder, &compiled, builder->mark);
	} else if (err == QW_OK) {
		qw_post_close(&builder->post);
		err = QW_EFORMAT;
	}
	close(builder->from_child);
	(void)waitpid(builder->child, NULL, 0);
	builder->child = 0;
	builder->from_child = -1;
	answer(builder, builder->child_ticket, err);
}

static enum qw_exit loop(struct builder *builder)
{
	/* With a collector, channels are read when the exporter has brought their files up to date, and says so. */
	if (*qw_config_text(builder->options->config, QW_CFG_COLLECTOR) == 0 && build_here(builder) != QW_OK)
		return QW_EXIT_DATA;
	for (;;) {
		struct pollfd fds[3] = {{builder->options->supervisor, POLLIN, 0},
					{builder->options->exporter, POLLIN, 0},
					{builder->child ? builder->from_child : -1, POLLIN, 0}};
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return QW_EXIT_INTERNAL;
		if (fds[2].revents)
			end_child(builder);
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
	builder->from_child = -1;
	builder->generation = options->generation;
	if (qw_overlay_new(&builder->overlay) == QW_OK)
		status = loop(builder);
	qw_overlay_free(builder->overlay);
	free(builder);
	return status;
}

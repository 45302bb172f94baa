/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/compiler.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sensor/run/child.h"
#include "sensor/run/post.h"

/* A sixteenth of the set is made beside the old one; one more may be on its way to the workers. */
enum { PASS_PARTS = 4 };
_Static_assert(QW_INDICATOR_PARTS % PASS_PARTS == 0, "passes of one size");

struct qw_compiler {
	pid_t pid;
	int end; /* of a post pair */
	struct qw_post post;
};

/* Of the child: what it was told, and where what it makes goes. */
struct work {
	const struct qw_builder_options *options;
	const struct qw_compile_order *order;
	int end;
	struct qw_post *post;
	bool sent; /* something that is not known to be taken */
};

static enum qw_err wait_for(int end, short events)
{
	struct pollfd fd = {end, events, 0};

	return poll(&fd, 1, -1) == 1 ? QW_OK : QW_EPEER;
}

/* The builder says that it has what was sent before. */
static enum qw_err wait_until_taken(struct work *work)
{
	enum qw_err err = work->sent ? wait_for(work->end, POLLIN) : QW_OK;

	return err == QW_OK && work->sent ? qw_post_receive(work->end, work->post) : err;
}

static enum qw_err send(struct work *work, struct qw_compiled *compiled, bool more)
{
	struct qw_post *post = work->post;
	enum qw_err err = wait_until_taken(work);

	if (err == QW_OK) {
		qw_post_begin(post, QW_POST_RULESET, more);
		qw_ruleset_images_write(&compiled->images, post);
		post->len = sizeof(compiled->counts);
		memcpy(post->bytes, &compiled->counts, sizeof(compiled->counts));
		err = qw_post_send(work->end, post);
	}
	qw_ruleset_images_close(&compiled->images);
	work->sent = true;
	return err;
}

static enum qw_err make_whole(struct work *work)
{
	struct qw_compiled compiled;
	enum qw_err err = qw_ruleset_compile(work->options, work->order, &compiled);

	qw_ruleset_tell(&compiled.counts, work->order->halves, err);
	return err == QW_OK ? send(work, &compiled, false) : err;
}

/* One pass; with the last one come the signatures. */
static enum qw_err make_parts(struct work *work, const struct qw_compile_order *order, struct qw_compiled *signatures)
{
	bool last = order->end == QW_INDICATOR_PARTS;
	struct qw_compiled compiled;
	enum qw_err err = qw_ruleset_compile(work->options, order, &compiled);

	if (last && work->order->halves & QW_RULEBOOK_SIGNATURES) {
		compiled.images.signatures = signatures->images.signatures;
		signatures->images.signatures = -1;
		qw_ruleset_counts(&compiled.counts, &signatures->counts, QW_RULEBOOK_SIGNATURES);
	}
	if (last || err != QW_OK)
		qw_ruleset_tell(&compiled.counts, work->order->halves, err);
	return err == QW_OK ? send(work, &compiled, !last) : err;
}

static enum qw_err make_in_passes(struct work *work)
{
	struct qw_compile_order order = *work->order;
	struct qw_compiled signatures = {.images = qw_ruleset_images_none()};
	enum qw_err err = QW_OK;

	order.halves = QW_RULEBOOK_SIGNATURES;
	order.kin = NULL;
	if (work->order->halves & QW_RULEBOOK_SIGNATURES)
		err = qw_ruleset_compile(work->options, &order, &signatures);
	order.halves = QW_RULEBOOK_INDICATORS;
	order.kin = work->order->kin;
	for (unsigned part = 0; part < QW_INDICATOR_PARTS && err == QW_OK; part += PASS_PARTS) {
		order.first = part;
		order.end = part + PASS_PARTS;
		order.again = part > 0;
		err = make_parts(work, &order, &signatures);
	}
	return err;
}

static bool comes_in_parts(const struct qw_compile_order *order, const struct qw_indicators *set)
{
	return order->halves & QW_RULEBOOK_INDICATORS && set && qw_indicators_parts(set) == QW_INDICATOR_PARTS;
}

static void run(struct work *work, struct qw_indicators *set)
{
	const struct sched_param param = {0};
	struct qw_compile_order own = *work->order;
	struct qw_indicator_kin kin;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	qw_child_name("compiler");
	(void)sched_setscheduler(0, SCHED_BATCH, &param); /* packets come first */
	if (comes_in_parts(&own, set)) {
		kin = qw_indicators_kin(set);
		own.kin = &kin;
	}
	qw_indicators_close(set);
	work->order = &own;
	_exit((own.kin ? make_in_passes(work) : make_whole(work)) == QW_OK ? 0 : 1);
}

enum qw_err qw_compiler_start(struct qw_compiler **out, const struct qw_builder_options *options,
			      const struct qw_compile_order *order, struct qw_indicators *set)
{
	struct qw_compiler *compiler = malloc(sizeof(*compiler));
	int ends[2];

	if (!compiler)
		return QW_ENOMEM;
	enum qw_err err = qw_post_pair(ends);
	if (err != QW_OK) {
		free(compiler);
		return err;
	}
	compiler->pid = fork();
	if (compiler->pid == 0) {
		struct work work = {options, order, ends[1], &compiler->post, false};
		close(ends[0]); /* else the builder's end would seem there when the builder is gone */
		run(&work, set);
	}
	close(ends[1]);
	compiler->end = ends[0];
	if (compiler->pid < 0) {
		err = qw_err_from_errno(errno);
		close(ends[0]);
		free(compiler);
		return err;
	}
	*out = compiler;
	return QW_OK;
}

int qw_compiler_fd(const struct qw_compiler *compiler)
{
	return compiler->end;
}

static enum qw_err receive(struct qw_compiler *compiler, struct qw_compiled *out)
{
	enum qw_err err = qw_post_receive(compiler->end, &compiler->post);

	if (err == QW_OK)
		err = qw_ruleset_images_read(&out->images, &compiler->post);
	if (err != QW_OK)
		return err;
	if (compiler->post.len != sizeof(out->counts)) {
		qw_ruleset_images_close(&out->images);
		return QW_EFORMAT;
	}
	memcpy(&out->counts, compiler->post.bytes, sizeof(out->counts));
	return QW_OK;
}

enum qw_err qw_compiler_take(struct qw_compiler *compiler, struct qw_compiled *out, bool *more)
{
	enum qw_err err = receive(compiler, out);

	*more = err == QW_OK && compiler->post.number > 0;
	if (*more) {
		qw_post_begin(&compiler->post, QW_POST_BUILT, 0);
		compiler->post.len = 0;
		err = qw_post_send(compiler->end, &compiler->post);
		if (err != QW_OK)
			qw_ruleset_images_close(&out->images);
	}
	return err;
}

void qw_compiler_free(struct qw_compiler *compiler)
{
	close(compiler->end);
	(void)waitpid(compiler->pid, NULL, 0);
	free(compiler);
}

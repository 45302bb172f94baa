/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/compiler.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sensor/run/child.h"
#include "sensor/run/post.h"

struct qw_compiler {
	pid_t pid;
	int end; /* of a post pair */
	struct qw_post post;
};

static void run(const struct qw_builder_options *options, const struct qw_compile_order *order, int end, struct qw_post *post)
{
	const struct sched_param param = {0};
	struct qw_compiled compiled;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	qw_child_name("compiler");
	(void)sched_setscheduler(0, SCHED_BATCH, &param); /* packets come first */
	if (qw_ruleset_compile(options, order, &compiled) != QW_OK)
		_exit(1);
	qw_post_begin(post, QW_POST_RULESET, 0);
	qw_ruleset_images_write(&compiled.images, post);
	post->len = sizeof(compiled.counts);
	memcpy(post->bytes, &compiled.counts, sizeof(compiled.counts));
	_exit(qw_post_send(end, post) == QW_OK ? 0 : 1);
}

enum qw_err qw_compiler_start(struct qw_compiler **out, const struct qw_builder_options *options,
			      const struct qw_compile_order *order)
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
	if (compiler->pid == 0)
		run(options, order, ends[1], &compiler->post);
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

enum qw_err qw_compiler_end(struct qw_compiler *compiler, struct qw_compiled *out)
{
	enum qw_err err = receive(compiler, out);

	close(compiler->end);
	(void)waitpid(compiler->pid, NULL, 0);
	free(compiler);
	return err;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/feed_run.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { ARGUMENTS = QW_FEED_WORDS + 4 };

/* Our blocked signals are not the child's. */
static int spawn(pid_t *pid, const char *program, char *const *argv, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, pipe;

	sigemptyset(&none);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &pipe);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	int failed = posix_spawn(pid, program, &files, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return failed;
}

enum qw_err qw_feed_run_start(struct qw_feed_run *run, const char *program, const char *folder,
			      const struct qw_feed_spec *spec, struct qw_time now)
{
	char words[QW_FEED_WORDS][QW_FEED_WORD_MAX], path[4096], own[4096], name[QW_NAME_MAX + 1];
	size_t count = qw_feed_spec_words(spec, words);
	char *argv[ARGUMENTS] = {path, own, name};
	int ends[2];

	snprintf(path, sizeof(path), "%s", program);
	snprintf(own, sizeof(own), "%s", folder);
	snprintf(name, sizeof(name), "%s", spec->name);
	for (size_t i = 0; i < count; i++)
		argv[3 + i] = words[i];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return qw_err_from_errno(errno);
	/* Ours alone must not wait. */
	int failed = fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0 ? errno : spawn(&run->pid, program, argv, ends[1]);
	close(ends[1]);
	if (failed) {
		close(ends[0]);
		run->pid = 0;
		return qw_err_from_errno(failed);
	}
	run->fd = ends[0];
	run->len = 0;
	run->killed = false;
	run->ends = qw_time_add(now, qw_time_seconds((int64_t)spec->timeout));
	return QW_OK;
}

/* False: it has more to say. */
static bool listen_to(struct qw_feed_run *run)
{
	char rest[256];

	for (;;) {
		bool room = run->len < sizeof(run->said);
		ssize_t got = room ? read(run->fd, run->said + run->len, sizeof(run->said) - run->len)
				   : read(run->fd, rest, sizeof(rest));
		if (got > 0)
			run->len += room ? (size_t)got : 0;
		else if (got == 0 || (errno != EINTR && errno != EAGAIN))
			return true;
		else if (errno == EAGAIN)
			return false;
	}
}

static void explain(const struct qw_feed_run *run, int status, struct qw_feed_outcome *out)
{
	memset(out, 0, sizeof(*out));
	out->result = QW_FEED_FAILED;
	if (run->killed)
		snprintf(out->why, sizeof(out->why), "it took longer than timeout= seconds, and was ended");
	else if (WIFSIGNALED(status))
		snprintf(out->why, sizeof(out->why), "quaywatch-fetch died of signal %d: a defect, or memory is short", WTERMSIG(status));
	else
		snprintf(out->why, sizeof(out->why), "quaywatch-fetch ended with status %d, and said nothing that we know",
			 WEXITSTATUS(status));
}

bool qw_feed_run_ended(struct qw_feed_run *run, struct qw_time now, struct qw_feed_outcome *out)
{
	int status = 0;

	if (now.ns >= run->ends.ns && !run->killed) {
		run->killed = true;
		kill(run->pid, SIGKILL);
	}
	/* It is waited for only once it is silent: a child that closed its end is about to go. */
	if (!listen_to(run) || waitpid(run->pid, &status, WNOHANG) == 0)
		return false;
	close(run->fd);
	run->pid = 0;
	if (run->killed || status != 0 || qw_feed_outcome_read(out, run->said, run->len) != QW_OK)
		explain(run, status, out);
	return true;
}

void qw_feed_run_stop(struct qw_feed_run *run)
{
	if (run->pid == 0)
		return;
	kill(run->pid, SIGKILL);
	waitpid(run->pid, NULL, 0);
	close(run->fd);
	run->pid = 0;
}

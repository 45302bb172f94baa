/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "quaywatch/log.h"
#include "quaywatch/time.h"
#include "sensor/run/accounts.h"
#include "sensor/run/builder.h"
#include "sensor/run/exporter.h"
#include "sensor/run/inforce.h"
#include "sensor/run/post.h"
#include "sensor/run/seats.h"
#include "sensor/run/settings.h"
#include "sensor/run/shared.h"
#include "sensor/run/worker.h"

enum {
	PATIENCE_MS = 15000, /* for processes to end by themselves */
};

struct supervisor {
	const struct qw_supervisor_options *options;
	struct qw_shared *shared;
	struct qw_seat seat[QW_WORKERS_MAX];
	pid_t builder, exporter;
	struct qw_pace helpers; /* both are started together */
	int builder_post, exporter_post; /* our ends */
	int signals;
	struct qw_inforce inforce;
	bool stopping;
	enum qw_exit failed; /* not QW_EXIT_OK: why it cannot go on */
	int exporter_status; /* of waitpid, once it ended in its turn */
	struct qw_costs costs;
};

/* ---- processes */

/* In a child: what belongs to the supervisor alone is let go. */
static void shed(struct supervisor *supervisor)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close(supervisor->signals);
	for (unsigned i = 0; i < supervisor->options->workers; i++)
		if (supervisor->seat[i].post >= 0)
			close(supervisor->seat[i].post);
	if (supervisor->builder_post >= 0)
		close(supervisor->builder_post);
	if (supervisor->exporter_post >= 0)
		close(supervisor->exporter_post);
}

/* A helper, besides: captures and rulesets are not its concern. */
static void shed_all(struct supervisor *supervisor)
{
	shed(supervisor);
	qw_seats_close(supervisor->options, supervisor->seat, QW_SEATS_ALL);
	qw_inforce_fini(&supervisor->inforce);
}

static void start_worker(struct supervisor *supervisor, unsigned number)
{
	struct qw_seat *seat = &supervisor->seat[number];
	int ends[2];

	if (qw_post_pair(ends) != QW_OK)
		return;
	pid_t pid = fork();
	if (pid == 0) {
		shed(supervisor);
		close(ends[0]);
		qw_seats_close(supervisor->options, supervisor->seat, number);
		struct qw_worker_options worker = {
			.config = supervisor->options->config, .shared = supervisor->shared,
			.ops = supervisor->options->ops, .source = seat->source, .live = supervisor->options->path_count == 0,
			.number = number, .post = ends[1], .types = supervisor->options->types,
			.watch = supervisor->options->watch,
			.images = supervisor->inforce.images, .generation = supervisor->inforce.generation,
		};
		_exit(qw_worker_run(&worker));
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return;
	}
	seat->pid = pid;
	seat->post = ends[0];
	seat->behind = false;
	qw_shared_desk(supervisor->shared, number)->lives++;
}

static bool start_helpers(struct supervisor *supervisor)
{
	int builder[2], exporter[2], between[2];

	if (qw_post_pair(builder) != QW_OK || qw_post_pair(exporter) != QW_OK || qw_post_pair(between) != QW_OK)
		return false;
	supervisor->builder = fork();
	if (supervisor->builder == 0) {
		shed_all(supervisor);
		close(builder[0]), close(exporter[0]), close(exporter[1]), close(between[1]);
		struct qw_builder_options options = {supervisor->options->config, supervisor->options->options, builder[1], between[0],
						     supervisor->inforce.generation};
		_exit(qw_builder_run(&options));
	}
	supervisor->exporter = fork();
	if (supervisor->exporter == 0) {
		shed_all(supervisor);
		close(builder[0]), close(builder[1]), close(exporter[0]), close(between[0]);
		struct qw_exporter_options options = {supervisor->options->config, supervisor->options->options, supervisor->shared,
						      exporter[1], between[1]};
		_exit(qw_exporter_run(&options));
	}
	close(builder[1]), close(exporter[1]), close(between[0]), close(between[1]);
	supervisor->builder_post = builder[0];
	supervisor->exporter_post = exporter[0];
	return supervisor->builder > 0 && supervisor->exporter > 0;
}

static void stop_helpers(struct supervisor *supervisor)
{
	if (supervisor->builder_post >= 0)
		close(supervisor->builder_post);
	if (supervisor->exporter_post >= 0)
		close(supervisor->exporter_post);
	supervisor->builder_post = supervisor->exporter_post = -1;
}

/* ---- what ends */

static void worker_ended(struct supervisor *supervisor, unsigned number, int status)
{
	struct qw_seat *seat = &supervisor->seat[number];
	struct qw_desk *desk = qw_shared_desk(supervisor->shared, number);
	struct qw_source_counters last = {0};

	seat->pid = 0;
	if (seat->post >= 0)
		close(seat->post);
	seat->post = -1;
	if (supervisor->stopping) {
		supervisor->options->ops->counters(seat->source, &last);
		qw_desk_settle(desk, last.received, last.kernel_drops);
		return;
	}
	if (supervisor->options->path_count && WIFEXITED(status) && WEXITSTATUS(status) == QW_EXIT_OK) {
		seat->finished = true;
		return;
	}
	if (WIFSIGNALED(status))
		qw_log(QW_LOG_ERROR, "WORKER-CRASH", "worker %u on %s was ended by signal %d (%s); starting it again", number,
		       seat->interface, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		qw_log(QW_LOG_ERROR, "WORKER-END", "worker %u on %s ended with status %d; starting it again", number, seat->interface,
		       WEXITSTATUS(status));
	qw_seat_renew(supervisor->options, seat, &last);
	qw_desk_settle(desk, last.received, last.kernel_drops);
	atomic_fetch_add(&qw_shared_board(supervisor->shared)->restarts, 1);
	qw_pace_crashed(&seat->pace);
}

/*
 * One that ends before it ever worked would do so again: its status is the
 * sensor's, and it has said why.  Status 0 means that it only followed the other.
 */
static void helper_ended(struct supervisor *supervisor, const char *who, pid_t *pid, int status, bool came_up)
{
	*pid = 0;
	if (supervisor->stopping || supervisor->failed != QW_EXIT_OK)
		return;
	stop_helpers(supervisor); /* each knows the other's end only: both start anew */
	if (status == 0)
		return;
	if (!came_up && WIFEXITED(status)) {
		supervisor->failed = (enum qw_exit)WEXITSTATUS(status);
		return;
	}
	qw_log(QW_LOG_ERROR, "HELPER-END", "the %s ended (status %#x); %s", who, (unsigned)status,
	       came_up ? "starting it again" : "giving up, as it never came up");
	supervisor->failed = came_up ? QW_EXIT_OK : QW_EXIT_INTERNAL;
	qw_pace_crashed(&supervisor->helpers);
}

static void reap(struct supervisor *supervisor)
{
	struct rusage usage;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
		for (unsigned i = 0; i < supervisor->options->workers; i++)
			if (supervisor->seat[i].pid == pid) {
				qw_costs_add(&supervisor->costs, i, &usage);
				worker_ended(supervisor, i, status);
			}
		if (pid == supervisor->builder)
			helper_ended(supervisor, "builder", &supervisor->builder, status, supervisor->inforce.generation > 0);
		else if (pid == supervisor->exporter && supervisor->stopping)
			supervisor->exporter = 0, supervisor->exporter_status = status;
		else if (pid == supervisor->exporter)
			helper_ended(supervisor, "exporter", &supervisor->exporter, status,
				     atomic_load(&qw_shared_board(supervisor->shared)->exporter_came_up));
	}
}

static void restart_what_is_due(struct supervisor *supervisor)
{
	struct qw_time now = qw_time_monotonic();

	/* Workers wait for the first ruleset; their rings hold the traffic. */
	for (unsigned i = 0; i < supervisor->options->workers && supervisor->inforce.generation; i++) {
		struct qw_seat *seat = &supervisor->seat[i];
		if (seat->pid == 0 && !seat->finished && !qw_time_before(now, seat->pace.not_before) && qw_seat_has_source(supervisor->options, seat))
			start_worker(supervisor, i);
	}
	if (!supervisor->builder && !supervisor->exporter && !qw_time_before(now, supervisor->helpers.not_before) &&
	    !start_helpers(supervisor))
		qw_log(QW_LOG_ERROR, "HELPER-START", "builder and exporter cannot be started: %s; trying again", strerror(errno));
}

/* ---- the loop */

static void read_signals(struct supervisor *supervisor)
{
	struct signalfd_siginfo info;

	while (read(supervisor->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			supervisor->stopping = true;
		else if (info.ssi_signo == SIGHUP && supervisor->exporter > 0)
			kill(supervisor->exporter, SIGHUP);
	}
	reap(supervisor);
}

static enum qw_err take_signals(struct supervisor *supervisor)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return qw_err_from_errno(errno);
	supervisor->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return supervisor->signals < 0 ? qw_err_from_errno(errno) : QW_OK;
}

static bool all_finished(const struct supervisor *supervisor)
{
	for (unsigned i = 0; i < supervisor->options->workers; i++)
		if (!supervisor->seat[i].finished)
			return false;
	return true;
}

static void watch(struct supervisor *supervisor)
{
	while (!supervisor->stopping && supervisor->failed == QW_EXIT_OK && !all_finished(supervisor)) {
		struct pollfd fds[2] = {{supervisor->signals, POLLIN, 0}, {supervisor->builder_post, POLLIN, 0}};
		poll(fds, 2, 250);
		if (fds[1].revents)
			qw_inforce_receive(&supervisor->inforce, supervisor->builder_post, supervisor->seat, supervisor->options->workers);
		qw_inforce_catch_up(&supervisor->inforce, supervisor->seat, supervisor->options->workers);
		read_signals(supervisor);
		if (!supervisor->stopping && supervisor->failed == QW_EXIT_OK)
			restart_what_is_due(supervisor);
	}
}

static bool anyone_left(const struct supervisor *supervisor, bool workers_only)
{
	for (unsigned i = 0; i < supervisor->options->workers; i++)
		if (supervisor->seat[i].pid)
			return true;
	return !workers_only && (supervisor->builder || supervisor->exporter);
}

static void wait_for(struct supervisor *supervisor, bool workers_only)
{
	struct qw_time until = qw_time_add(qw_time_monotonic(), qw_time_ns(PATIENCE_MS * QW_NS_PER_MS));

	while (anyone_left(supervisor, workers_only) && qw_time_before(qw_time_monotonic(), until)) {
		struct pollfd fd = {supervisor->signals, POLLIN, 0};
		poll(&fd, 1, 50);
		read_signals(supervisor);
	}
}

/* Workers first, so that what they still tell is taken; then the others. */
static void stop_all(struct supervisor *supervisor)
{
	supervisor->stopping = true;
	for (unsigned i = 0; i < supervisor->options->workers; i++) {
		if (supervisor->seat[i].post >= 0)
			close(supervisor->seat[i].post);
		supervisor->seat[i].post = -1;
	}
	wait_for(supervisor, true);
	for (unsigned i = 0; i < supervisor->options->workers; i++)
		if (supervisor->seat[i].pid)
			kill(supervisor->seat[i].pid, SIGKILL);
	if (supervisor->shared)
		atomic_store(&qw_shared_board(supervisor->shared)->drain, all_finished(supervisor));
	stop_helpers(supervisor);
	wait_for(supervisor, false);
	if (supervisor->builder > 0)
		kill(supervisor->builder, SIGKILL);
	if (supervisor->exporter > 0)
		kill(supervisor->exporter, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static enum qw_exit write_accounts(struct supervisor *supervisor)
{
	const char *path = supervisor->options->options->stats;

	if (!path || qw_accounts_write(supervisor->shared, &supervisor->costs, &supervisor->inforce.rules, path) == QW_OK)
		return QW_EXIT_OK;
	qw_log(QW_LOG_ERROR, "STATS-WRITE", "%s: statistics cannot be written there: %s", path, strerror(errno));
	return QW_EXIT_IO;
}

static enum qw_exit run(struct supervisor *supervisor)
{
	enum qw_exit status = qw_seats_open(supervisor->options, supervisor->seat);

	supervisor->costs.began = qw_time_wall();

	if (status != QW_EXIT_OK)
		return status;
	size_t states_bytes = (size_t)qw_config_int(supervisor->options->config, QW_CFG_RULES_STATE_MB) << 20;
	if (qw_shared_new(&supervisor->shared, supervisor->options->workers) != QW_OK ||
	    qw_shared_states_new(supervisor->shared, states_bytes) != QW_OK || take_signals(supervisor) != QW_OK ||
	    !start_helpers(supervisor)) {
		qw_log(QW_LOG_ERROR, "START", "the sensor's processes cannot be started: %s", strerror(errno));
		status = QW_EXIT_INTERNAL;
	} else {
		qw_log(QW_LOG_INFO, "LISTENING", "%u workers, first source %s", supervisor->options->workers, supervisor->seat[0].interface);
		watch(supervisor);
	}
	stop_all(supervisor);
	if (status == QW_EXIT_OK && WIFEXITED(supervisor->exporter_status))
		status = (enum qw_exit)WEXITSTATUS(supervisor->exporter_status);
	if (supervisor->shared && status == QW_EXIT_OK)
		status = write_accounts(supervisor);
	return supervisor->failed != QW_EXIT_OK ? supervisor->failed : status;
}

enum qw_exit qw_supervisor_run(const struct qw_supervisor_options *options)
{
	struct supervisor *supervisor = calloc(1, sizeof(*supervisor));

	if (!supervisor)
		return QW_EXIT_INTERNAL;
	supervisor->options = options;
	supervisor->builder_post = supervisor->exporter_post = supervisor->signals = -1;
	qw_inforce_init(&supervisor->inforce);
	enum qw_exit status = run(supervisor);
	qw_seats_close(options, supervisor->seat, QW_SEATS_ALL);
	qw_inforce_fini(&supervisor->inforce);
	qw_shared_free(supervisor->shared);
	free(supervisor);
	return status;
}

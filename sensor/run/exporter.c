/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/exporter_parts.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "quaywatch/log.h"
#include "sensor/export/ledger_command.h"
#include "sensor/run/child.h"
#include "sensor/run/proposing.h"
#include "sensor/run/pulse.h"
#include "sensor/run/settings.h"

enum {
	RECORDS_A_TURN = 512, /* of one ring, before the collector is served again */
	WAIT_MS = 50,
	BUSY_MS = 1, /* while somebody's question is being answered in steps, or waits for the collector */
	TICK_MS = 250, /* of the watch */
	DELIVER_MS = 10000,
	PARTS_MAX = 16, /* of what answers people */
};

/* ---- events */

static void write_local(struct qw_exporter *exporter, const void *event, size_t size)
{
	enum qw_err err = qw_local_write(exporter->local, event, size);

	if (err == QW_OK || err == QW_EFORMAT || exporter->told_local)
		return;
	exporter->told_local = true;
	qw_log(QW_LOG_ERROR, "EVE-WRITE", "the local alert file cannot be written: %s; free the disk, then send SIGHUP", qw_strerror(err));
}

/* Where an event goes; the watch's own come by this way too. */
static void write_event(void *ctx, const struct qw_event *event, size_t size)
{
	struct qw_exporter *exporter = ctx;

	if (exporter->local)
		write_local(exporter, event, size);
	if (exporter->uplink && size >= sizeof(*event) && event->type == QW_EVENT_ALERT)
		qw_leaving_alert(exporter->leaving, event, size);
}

/* What the watch read of an event. */
static void remember(void *ctx, const struct qw_seen *seen)
{
	struct qw_exporter *exporter = ctx;

	qw_recent_seen(exporter->recent, seen, qw_time_monotonic());
}

static void take_event(struct qw_exporter *exporter, size_t size)
{
	size = qw_watching_take(exporter->watch, exporter->event, size, sizeof(exporter->event));
	if (size)
		write_event(exporter, (const struct qw_event *)exporter->event, size);
}

/* last_call: whatever the time. */
static void tick_watch(struct qw_exporter *exporter, bool last_call)
{
	struct qw_time now = qw_time_monotonic();

	if (!exporter->watch || (!last_call && now.ns - exporter->ticked.ns < TICK_MS * QW_NS_PER_MS))
		return;
	exporter->ticked = now;
	if (exporter->live)
		qw_watch_tick(exporter->watch, qw_time_wall(), qw_pulse_lost(exporter->options->shared));
	struct qw_watch_counters counters = qw_watch_counters(exporter->watch);
	qw_board_publish_watch(qw_shared_board(exporter->options->shared), &counters);
}

/* True: there may be more. */
static bool drain_ring(struct qw_exporter *exporter, unsigned worker)
{
	struct qw_ring_reader *reader = &exporter->reader[worker];
	const void *data;
	size_t len;

	for (int i = 0; i < RECORDS_A_TURN; i++) {
		enum qw_err err = qw_ring_peek(reader, &data, &len);
		if (err == QW_EFORMAT && !exporter->told_ring) {
			exporter->told_ring = true;
			qw_log(QW_LOG_ERROR, "RING-DAMAGED", "worker %u wrote a damaged record; its alerts are lost until it is restarted", worker);
		}
		if (err != QW_OK)
			return false;
		if (len <= sizeof(exporter->event)) {
			memcpy(exporter->event, data, len);
			take_event(exporter, len);
		}
		qw_ring_release(reader);
	}
	return true;
}

static bool drain_rings(struct qw_exporter *exporter)
{
	bool more = false;

	for (unsigned i = 0; i < qw_shared_workers(exporter->options->shared); i++)
		more |= drain_ring(exporter, i);
	if (exporter->local && qw_local_flush(exporter->local) != QW_OK && !exporter->told_local) {
		exporter->told_local = true;
		qw_log(QW_LOG_ERROR, "EVE-WRITE", "the local alert file cannot be written; free the disk, then send SIGHUP");
	}
	return more;
}

/* ---- the others */

static void read_builder(struct qw_exporter *exporter)
{
	enum qw_err err;

	while ((err = qw_post_receive(exporter->options->builder, &exporter->post)) == QW_OK) {
		if (exporter->post.kind == QW_POST_BUILT && exporter->uplink)
			qw_uplink_built(exporter->uplink, &exporter->post);
		qw_post_close(&exporter->post);
	}
	if (err != QW_EAGAIN)
		exporter->stop = true;
}

static void read_signals(struct qw_exporter *exporter)
{
	struct signalfd_siginfo info;

	while (read(exporter->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGHUP || !exporter->local)
			continue;
		enum qw_err err = qw_local_reopen(exporter->local);
		exporter->told_local = err != QW_OK;
		if (err != QW_OK)
			qw_log(QW_LOG_ERROR, "EVE-REOPEN", "the local alert file cannot be opened anew: %s", qw_strerror(err));
	}
}

/* What people ask of a sensor: the rows of its parts. */
static enum qw_exit answer(void *ctx, struct qw_request *request, struct qw_reply *reply, struct qw_job **job)
{
	struct qw_exporter *exporter = ctx;
	struct qw_command_part part[PARTS_MAX];
	size_t parts = 0;

	part[parts++] = qw_ledger_commands(exporter->uplink ? qw_uplink_ledger(exporter->uplink) : NULL);
	part[parts++] = qw_vault_commands(exporter->releasing.vault);
	part[parts++] = qw_proposing_commands(exporter->uplink ? qw_uplink_sharing(exporter->uplink) : NULL);
	if (exporter->watch)
		parts += qw_watch_commands(exporter->watch, part + parts, PARTS_MAX - parts);
	return qw_command_answer(part, parts, request, reply, job);
}

/* True: there is more to do for them. */
static bool serve_people(struct qw_exporter *exporter)
{
	if (!exporter->control)
		return false;
	qw_control_serve(exporter->control);
	return qw_control_work(exporter->control);
}

static void loop(struct qw_exporter *exporter)
{
	const struct qw_exporter_options *options = exporter->options;
	struct pollfd fds[] = {
		{options->supervisor, POLLIN, 0},
		{options->builder, POLLIN, 0},
		{exporter->signals, POLLIN, 0},
		{qw_shared_wake_fd(options->shared), POLLIN, 0},
		{exporter->uplink ? qw_uplink_fd(exporter->uplink) : -1, POLLIN, 0},
		{exporter->uplink ? qw_uplink_monitor_fd(exporter->uplink) : -1, POLLIN, 0},
		{exporter->control ? qw_control_fd(exporter->control) : -1, POLLIN, 0},
	};

	for (bool busy = false; !exporter->stop;) {
		bool more = drain_rings(exporter);
		tick_watch(exporter, false);
		qw_clock_file_turn(&exporter->clock);
		if (exporter->uplink) {
			qw_leaving_turn(exporter->leaving, false);
			qw_uplink_turn(exporter->uplink);
		}
		bool sleep = !more && qw_shared_sleep(options->shared, exporter->reader);
		poll(fds, sizeof(fds) / sizeof(fds[0]), !sleep ? 0 : busy ? BUSY_MS : WAIT_MS);
		qw_shared_awake(options->shared);
		if (fds[0].revents)
			exporter->stop = true; /* it never writes: it is gone */
		read_builder(exporter);
		read_signals(exporter);
		busy = serve_people(exporter);
	}
	while (drain_rings(exporter))
		;
	tick_watch(exporter, true);
	if (exporter->leaving)
		qw_leaving_turn(exporter->leaving, true);
	qw_control_close(exporter->control); /* it asks the watch */
	exporter->control = NULL;
	qw_watch_free(exporter->watch); /* writes down what it knows */
	exporter->watch = NULL;
}

/* Captures were read to their end: the collector is to have all of it.  False: it has not, after a while. */
static bool deliver(struct qw_exporter *exporter)
{
	struct qw_time until = qw_time_add(qw_time_monotonic(), qw_time_ns(DELIVER_MS * QW_NS_PER_MS));

	if (!exporter->uplink || !atomic_load(&qw_shared_board(exporter->options->shared)->drain))
		return true;
	while (qw_time_before(qw_time_monotonic(), until)) {
		struct pollfd fd = {qw_uplink_fd(exporter->uplink), POLLIN, 0};
		qw_uplink_turn(exporter->uplink);
		if (qw_uplink_pending(exporter->uplink) == 0)
			return true;
		poll(&fd, 1, 20);
	}
	qw_log(QW_LOG_ERROR, "NOT-DELIVERED", "%llu alerts are not at the collector yet; they stay in state.folder and go with the next start",
	       (unsigned long long)qw_uplink_pending(exporter->uplink));
	return false;
}

/* ---- life */

static enum qw_exit run(struct qw_exporter *exporter)
{
	const struct qw_exporter_calls calls = {write_event, remember, answer};
	enum qw_err err = qw_exporter_open(exporter, &calls);

	if (err != QW_OK) {
		qw_log(QW_LOG_ERROR, "EXPORTER-START", "cannot start: %s", qw_strerror(err));
		return err == QW_EACCES ? QW_EXIT_PERMISSION : QW_EXIT_CONFIG;
	}
	for (unsigned i = 0; i < qw_shared_workers(exporter->options->shared) && err == QW_OK; i++)
		err = qw_ring_reader_init(&exporter->reader[i], qw_shared_ring(exporter->options->shared, i), QW_RING_BYTES);
	if (err != QW_OK)
		return QW_EXIT_INTERNAL;
	atomic_store(&qw_shared_board(exporter->options->shared)->exporter_came_up, 1);
	qw_exporter_open_control(exporter, &calls);
	loop(exporter);
	if (!deliver(exporter))
		return QW_EXIT_UNAVAILABLE;
	return qw_local_close(exporter->local) == QW_OK ? QW_EXIT_OK : QW_EXIT_IO;
}

enum qw_exit qw_exporter_run(const struct qw_exporter_options *options)
{
	struct qw_exporter *exporter = calloc(1, sizeof(*exporter));

	qw_child_name("exporter");
	if (!exporter)
		return QW_EXIT_INTERNAL;
	exporter->options = options;
	exporter->live = options->options->captures.count == 0;
	enum qw_exit status = run(exporter);
	qw_exporter_close(exporter);
	free(exporter);
	return status;
}

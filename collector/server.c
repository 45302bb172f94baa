/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/server.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <zmq.h>

#include "collector/frames.h"
#include "collector/housekeeping.h"
#include "collector/settings.h"
#include "quaywatch/log.h"
#include "quaywatch/version.h"

enum { FRAMES_PER_TURN = 64, TURN_MS = 50, FULL_RETRY_MS = 1000 };

enum { ON_ZAP, ON_JOURNAL, ON_CONTROL, ON_SIGNAL, ON_ROUTER, ON_COUNT };

struct server {
	struct qw_collector *collector;
	int signals;
	bool stop, rotate, busy;
	struct qw_time retry; /* when a full disk is tried again; 0: it is not full */
	struct qw_housekeeping housekeeping;

	/* A frame that the log had no room for: taken first, before others are received. */
	bool waiting;
	zmq_msg_t frame;
	struct qw_routing routing;
};

/* ---- frames */

/* QW_ENOENT: nothing waits.  QW_EFORMAT: what came is no message of ours; it was dropped. */
static enum qw_err receive(void *router, struct qw_routing *routing, zmq_msg_t *frame)
{
	zmq_msg_t head;
	enum qw_err err = QW_OK;
	int more;

	zmq_msg_init(&head);
	if (zmq_msg_recv(&head, router, ZMQ_DONTWAIT) < 0) {
		zmq_msg_close(&head);
		return QW_ENOENT;
	}
	routing->len = 0;
	if (zmq_msg_size(&head) <= QW_ROUTING_MAX) {
		routing->len = (uint8_t)zmq_msg_size(&head);
		memcpy(routing->bytes, zmq_msg_data(&head), routing->len);
	} else {
		err = QW_EFORMAT;
	}
	more = zmq_msg_more(&head);
	zmq_msg_close(&head);
	for (unsigned part = 0; more; part++) {
		if (part > 0)
			err = QW_EFORMAT;
		zmq_msg_close(frame);
		zmq_msg_init(frame);
		if (zmq_msg_recv(frame, router, ZMQ_DONTWAIT) < 0)
			return QW_EFORMAT;
		more = zmq_msg_more(frame);
	}
	return err;
}

/* QW_EAGAIN: it waits. */
static enum qw_err take(struct server *server)
{
	const char *key = zmq_msg_gets(&server->frame, QW_ZAP_KEY);
	enum qw_err err = qw_frames_take(server->collector, &server->routing, key, zmq_msg_data(&server->frame),
					 zmq_msg_size(&server->frame));

	server->waiting = err == QW_EAGAIN;
	return err;
}

static void take_frames(struct server *server)
{
	if (server->waiting && take(server) == QW_EAGAIN)
		return;
	for (int i = 0; i < FRAMES_PER_TURN; i++) {
		enum qw_err err = receive(server->collector->router, &server->routing, &server->frame);
		if (err == QW_ENOENT)
			return;
		if (err == QW_EFORMAT)
			server->collector->frames.malformed++;
		else if (take(server) == QW_EAGAIN)
			return;
	}
}

/* ---- the log */

static void end_commit(struct server *server)
{
	struct qw_collector *collector = server->collector;
	uint64_t group;
	enum qw_err err = qw_journal_end_commit(collector->journal, &group);

	if (err == QW_OK) {
		qw_intake_durable(collector->intake, group);
		if (server->retry.ns != 0)
			qw_log(QW_LOG_INFO, "JOURNAL-ROOM", "alerts.json is written again");
		server->retry.ns = 0;
	} else if (err == QW_ENOSPC) {
		if (server->retry.ns == 0)
			qw_log(QW_LOG_ERROR, "JOURNAL-FULL",
			       "alerts.json: the disk is full; make room. Sensors keep their alerts until then");
		server->retry = qw_time_add(qw_time_monotonic(), qw_time_ns(FULL_RETRY_MS * QW_NS_PER_MS));
	} else if (err != QW_EAGAIN) {
		qw_log(QW_LOG_ERROR, "JOURNAL-FAILED",
		       "alerts.json: %s; nothing more is acknowledged or written. Look at the disk, then restart the "
		       "collector",
		       qw_strerror(err));
	}
}

static void start_commit(struct server *server, struct qw_time now)
{
	struct qw_journal *journal = server->collector->journal;
	bool due = server->retry.ns != 0 ? now.ns >= server->retry.ns : qw_journal_due(journal, now) == 0;

	if (!due && !server->waiting)
		return;
	if (server->retry.ns != 0 && now.ns < server->retry.ns)
		return;
	enum qw_err err = qw_journal_start_commit(journal);
	(void)err; /* busy: its end brings us back; failed: was said */
}

static void rotate_if_due(struct server *server)
{
	struct qw_collector *collector = server->collector;
	uint64_t most = (uint64_t)qw_config_int(collector->config, QW_CFG_ROTATE_BYTES);
	uint64_t size = qw_journal_place(collector->journal).offset;

	if (size == 0 || qw_journal_state(collector->journal) != QW_OK)
		server->rotate = false;
	else if (size >= most)
		server->rotate = true;
	if (!server->rotate)
		return;
	enum qw_err err = qw_collector_rotate(collector);
	if (err == QW_EAGAIN)
		return; /* a commit is under way: after it */
	server->rotate = false;
	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "JOURNAL-NOT-ROTATED",
		       "alerts.json could not be closed: %s; look at the state folder", qw_strerror(err));
}

/* ---- signals */

static void reload(struct qw_collector *collector)
{
	struct qw_signer fresh;
	enum qw_err err = qw_signer_load(&fresh, collector->folder, qw_time_wall());

	if (err != QW_OK) {
		qw_log(QW_LOG_ERROR, "DELEGATION", "not read again: %s; the one in force stays", qw_strerror(err));
		return;
	}
	qw_signer_wipe(&collector->signer);
	collector->signer = fresh;
	qw_log(QW_LOG_INFO, "DELEGATION", "read again");
}

static void take_signals(struct server *server)
{
	struct signalfd_siginfo info;

	while (read(server->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			server->rotate = true;
			reload(server->collector);
		} else {
			server->stop = true;
		}
	}
}

/* ---- the loop */

static long timeout_ms(const struct server *server)
{
	int64_t due = qw_journal_due(server->collector->journal, qw_time_monotonic());

	if (server->busy || due == 0)
		return 0;
	if (due < 0 || due > TURN_MS * QW_NS_PER_MS)
		return TURN_MS;
	return (long)((due + QW_NS_PER_MS - 1) / QW_NS_PER_MS);
}

static void turn(struct server *server, const zmq_pollitem_t *items)
{
	struct qw_collector *collector = server->collector;

	if (items[ON_SIGNAL].revents)
		take_signals(server);
	if (items[ON_JOURNAL].revents)
		end_commit(server);
	if (items[ON_ZAP].revents)
		qw_zap_answer(collector->zap);
	if (items[ON_CONTROL].revents)
		qw_control_serve(collector->control);
	if (items[ON_ROUTER].revents || server->waiting)
		take_frames(server);
	server->busy = qw_control_work(collector->control);
	struct qw_time now = qw_time_monotonic();
	/* Feeds change channels by themselves: not before the sensors had their say after a start (restoration.h). */
	if (qw_restoration_is_settled(collector->restoration, now))
		server->busy |= qw_feeds_work(collector->feeds);
	/* In this order: under load a commit is always the next thing, and the segment would never be closed. */
	rotate_if_due(server);
	start_commit(server, now);
	qw_housekeeping_turn(&server->housekeeping, collector, now);
}

static void serve(struct server *server)
{
	struct qw_collector *collector = server->collector;
	zmq_pollitem_t items[ON_COUNT] = {
	    [ON_ZAP] = {.socket = qw_zap_socket(collector->zap), .events = ZMQ_POLLIN},
	    [ON_JOURNAL] = {.fd = qw_journal_fd(collector->journal), .events = ZMQ_POLLIN},
	    [ON_CONTROL] = {.fd = qw_control_fd(collector->control), .events = ZMQ_POLLIN},
	    [ON_SIGNAL] = {.fd = server->signals, .events = ZMQ_POLLIN},
	    [ON_ROUTER] = {.socket = collector->router, .events = ZMQ_POLLIN},
	};

	while (!server->stop) {
		/* While a frame waits for room, others stay in ZeroMQ's queues, and push back from there. */
		int count = server->waiting ? ON_ROUTER : ON_COUNT;
		items[ON_ROUTER].revents = 0;
		if (zmq_poll(items, count, timeout_ms(server)) < 0 && zmq_errno() != EINTR)
			return;
		turn(server, items);
	}
}

enum qw_exit qw_server_run(struct qw_collector *collector)
{
	struct server server = {.collector = collector};
	sigset_t watched;

	sigemptyset(&watched);
	sigaddset(&watched, SIGTERM);
	sigaddset(&watched, SIGINT);
	sigaddset(&watched, SIGHUP);
	server.signals = signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC);
	if (server.signals < 0)
		return QW_EXIT_INTERNAL;
	zmq_msg_init(&server.frame);
	qw_log(QW_LOG_INFO, "STARTED", "quaywatch-collector " QW_VERSION " listens on %s; %zu sensors are enrolled",
	       qw_config_text(collector->config, QW_CFG_LISTEN), qw_registry_count(collector->registry));
	serve(&server);
	qw_housekeeping_end(collector);
	qw_log(QW_LOG_INFO, "STOPPED", "everything acknowledged is on disk");
	zmq_msg_close(&server.frame);
	close(server.signals);
	return QW_EXIT_OK;
}

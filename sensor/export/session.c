/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "quaywatch/bytes.h"
#include "quaywatch/keys.h"
#include "quaywatch/log.h"
#include "quaywatch/wire.h"

struct qw_session {
	void *context, *socket, *monitor;
	bool owns_context;
	bool up, fresh, told_refused;
	bool holds; /* `message` is to be closed before the next */
	zmq_msg_t message;
	struct qw_session_counters counters;
	char address[256];
};

/* Every default of ZeroMQ that a sensor must not have. */
static const struct {
	int option, value;
} settings[] = {
	{ZMQ_LINGER, 0},               /* never hang on shutdown: the spool remembers */
	{ZMQ_IMMEDIATE, 1},            /* nothing queues while the collector is away */
	{ZMQ_SNDHWM, 256},
	{ZMQ_RCVHWM, 1024},
	{ZMQ_RECONNECT_IVL, 200},      /* milliseconds; doubled with jitter up to … */
	{ZMQ_RECONNECT_IVL_MAX, 5000},
	{ZMQ_HANDSHAKE_IVL, 10000},
	{ZMQ_HEARTBEAT_IVL, 5000},
	{ZMQ_HEARTBEAT_TIMEOUT, 15000},
	{ZMQ_CONNECT_TIMEOUT, 5000},
};

static enum qw_err set_options(struct qw_session *session, const struct qw_session_options *options)
{
	int64_t largest = QW_WIRE_MAX;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (zmq_setsockopt(session->socket, settings[i].option, &settings[i].value, sizeof(int)) != 0)
			return QW_EINVAL;
	if (zmq_setsockopt(session->socket, ZMQ_MAXMSGSIZE, &largest, sizeof(largest)) != 0 ||
	    zmq_setsockopt(session->socket, ZMQ_CURVE_SERVERKEY, options->server_key, QW_CURVE_Z85 + 1) != 0 ||
	    zmq_setsockopt(session->socket, ZMQ_CURVE_PUBLICKEY, options->public_key, QW_CURVE_Z85 + 1) != 0 ||
	    zmq_setsockopt(session->socket, ZMQ_CURVE_SECRETKEY, options->secret_key, QW_CURVE_Z85 + 1) != 0)
		return QW_EINVAL;
	return QW_OK;
}

static enum qw_err start_monitor(struct qw_session *session)
{
	const int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
			   ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;

	char name[48];

	snprintf(name, sizeof(name), "inproc://monitor-%p", session->socket); /* one of many, where the context is shared */
	if (zmq_socket_monitor(session->socket, name, events) != 0)
		return QW_EIO;
	session->monitor = zmq_socket(session->context, ZMQ_PAIR);
	if (!session->monitor || zmq_connect(session->monitor, name) != 0)
		return QW_EIO;
	return QW_OK;
}

static bool keys_fit(const struct qw_session_options *options)
{
	return strlen(options->server_key) == QW_CURVE_Z85 && strlen(options->public_key) == QW_CURVE_Z85 &&
	       strlen(options->secret_key) == QW_CURVE_Z85;
}

enum qw_err qw_session_new(struct qw_session **out, const struct qw_session_options *options)
{
	if (!keys_fit(options))
		return QW_EINVAL;
	struct qw_session *session = calloc(1, sizeof(*session));
	if (!session)
		return QW_ENOMEM;
	enum qw_err err = QW_EIO;
	snprintf(session->address, sizeof(session->address), "%s", options->address);
	session->owns_context = !options->context;
	session->context = options->context ? options->context : zmq_ctx_new();
	if (session->context)
		session->socket = zmq_socket(session->context, ZMQ_DEALER);
	if (session->socket)
		err = set_options(session, options);
	if (err == QW_OK)
		err = start_monitor(session);
	if (err == QW_OK && zmq_connect(session->socket, options->address) != 0)
		err = QW_EINVAL;
	if (err != QW_OK) {
		qw_session_free(session);
		return err;
	}
	*out = session;
	return QW_OK;
}

void qw_session_free(struct qw_session *session)
{
	if (!session)
		return;
	if (session->holds)
		zmq_msg_close(&session->message);
	if (session->socket)
		zmq_socket_monitor(session->socket, NULL, 0);
	if (session->monitor) {
		int none = 0;
		zmq_setsockopt(session->monitor, ZMQ_LINGER, &none, sizeof(none));
		zmq_close(session->monitor);
	}
	if (session->socket)
		zmq_close(session->socket);
	if (session->context && session->owns_context)
		zmq_ctx_term(session->context);
	free(session);
}

static int fd_of(void *socket)
{
	int fd = -1;
	size_t size = sizeof(fd);

	(void)zmq_getsockopt(socket, ZMQ_FD, &fd, &size);
	return fd;
}

int qw_session_fd(const struct qw_session *session)
{
	return fd_of(session->socket);
}

int qw_session_monitor_fd(const struct qw_session *session)
{
	return fd_of(session->monitor);
}

static void note(struct qw_session *session, unsigned event)
{
	switch (event) {
	case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
		session->up = session->fresh = true;
		session->told_refused = false;
		session->counters.connects++;
		qw_log(QW_LOG_INFO, "COLLECTOR-UP", "connected to %s", session->address);
		break;
	case ZMQ_EVENT_DISCONNECTED:
		if (session->up)
			qw_log(QW_LOG_WARNING, "COLLECTOR-DOWN",
			       "%s is gone; alerts are kept on disk, matching goes on, reconnecting", session->address);
		session->counters.disconnects += session->up;
		session->up = false;
		break;
	default:
		session->counters.refused++;
		if (!session->told_refused)
			qw_log(QW_LOG_ERROR, "COLLECTOR-REFUSED",
			       "%s refused our keys or is not the collector we know; enrol this sensor again if this goes on",
			       session->address);
		session->told_refused = true;
		session->up = false;
		break;
	}
}

/* The first part of a monitor's message is the event, the second the address. */
static void read_monitor(struct qw_session *session)
{
	zmq_msg_t message;

	zmq_msg_init(&message);
	while (zmq_msg_recv(&message, session->monitor, ZMQ_DONTWAIT) >= 0) {
		bool more = zmq_msg_more(&message);
		uint16_t event = 0;
		if (zmq_msg_size(&message) >= sizeof(event))
			memcpy(&event, zmq_msg_data(&message), sizeof(event));
		while (more && zmq_msg_recv(&message, session->monitor, 0) >= 0)
			more = zmq_msg_more(&message);
		note(session, event);
	}
	zmq_msg_close(&message);
}

bool qw_session_connected(struct qw_session *session, bool *fresh)
{
	read_monitor(session);
	*fresh = session->up && session->fresh;
	session->fresh = false;
	return session->up;
}

bool qw_session_is_ready(const struct qw_session *session)
{
	int events = 0;
	size_t size = sizeof(events);

	return session->up && zmq_getsockopt(session->socket, ZMQ_EVENTS, &events, &size) == 0 && events & ZMQ_POLLOUT;
}

enum qw_err qw_session_send(struct qw_session *session, const uint8_t *data, size_t len)
{
	if (!session->up)
		return QW_EAGAIN;
	if (zmq_send(session->socket, data, len, ZMQ_DONTWAIT) < 0)
		return errno == EAGAIN ? QW_EAGAIN : QW_EIO;
	session->counters.sent++;
	session->counters.sent_bytes += len;
	return QW_OK;
}

enum qw_err qw_session_receive(struct qw_session *session, const uint8_t **data, size_t *len)
{
	if (session->holds)
		zmq_msg_close(&session->message);
	zmq_msg_init(&session->message);
	session->holds = true;
	if (zmq_msg_recv(&session->message, session->socket, ZMQ_DONTWAIT) < 0)
		return errno == EAGAIN ? QW_EAGAIN : QW_EIO;
	*data = zmq_msg_data(&session->message);
	*len = zmq_msg_size(&session->message);
	session->counters.received++;
	session->counters.received_bytes += *len;
	return QW_OK;
}

struct qw_session_counters qw_session_counters(const struct qw_session *session)
{
	return session->counters;
}

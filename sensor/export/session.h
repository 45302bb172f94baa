/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session - the one connection of a sensor to its collector.
 *
 * ZeroMQ DEALER with CURVE to one pinned key; it reconnects by itself for ever,
 * with back-off and jitter.  A send that succeeds says nothing about delivery:
 * what must arrive is acknowledged by the collector's own messages.
 *
 * The only file of the sensor that includes ZeroMQ.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"

struct qw_session;

struct qw_session_options {
	const char *address;    /* "tcp://host:port" */
	const char *server_key; /* Z85 */
	const char *public_key;
	const char *secret_key;
	void *context; /* of ZeroMQ, the caller's, where one program holds many sessions; NULL: its own */
};

/* QW_EINVAL: a key or the address is not of its form. */
enum qw_err qw_session_new(struct qw_session **out, const struct qw_session_options *options) QW_MUSTCHECK;
void qw_session_free(struct qw_session *session);

/* Descriptors to poll for reading; after either is readable, or after a send, call qw_session_receive until QW_EAGAIN. */
int qw_session_fd(const struct qw_session *session);
int qw_session_monitor_fd(const struct qw_session *session);

/* True while a connection is up and authenticated; *fresh is set once for each new one: say hello then. */
bool qw_session_connected(struct qw_session *session, bool *fresh);

/* A send would succeed now. */
bool qw_session_is_ready(const struct qw_session *session);

/* QW_EAGAIN: not connected, or its queue is full. */
enum qw_err qw_session_send(struct qw_session *session, const uint8_t *data, size_t len) QW_MUSTCHECK;

/* One frame, valid until the next call.  QW_EAGAIN: none. */
enum qw_err qw_session_receive(struct qw_session *session, const uint8_t **data, size_t *len) QW_MUSTCHECK;

struct qw_session_counters {
	uint64_t connects, disconnects, refused; /* refused: the handshake failed: wrong key on either side */
	uint64_t sent, received, sent_bytes, received_bytes;
};
struct qw_session_counters qw_session_counters(const struct qw_session *session);

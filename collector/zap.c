/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/zap.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "quaywatch/bytes.h"
#include "quaywatch/log.h"

/* The frames of a request (RFC 27). */
enum request { VERSION, REQUEST_ID, DOMAIN, ADDRESS, IDENTITY, MECHANISM, CREDENTIALS, REQUEST_FRAMES };

enum { FRAME_MAX = 255, PROPERTY_MAX = 128 };

struct frame {
	uint8_t data[FRAME_MAX];
	size_t len;
};

struct qw_zap {
	void *socket;
	const struct qw_registry *registry;
	struct qw_zap_stats stats;
};

enum qw_err qw_zap_start(struct qw_zap **out, void *context, const struct qw_registry *registry)
{
	struct qw_zap *zap = calloc(1, sizeof(*zap));
	int zero = 0;

	if (!zap)
		return QW_ENOMEM;
	zap->registry = registry;
	zap->socket = zmq_socket(context, ZMQ_REP);
	if (!zap->socket || zmq_setsockopt(zap->socket, ZMQ_LINGER, &zero, sizeof(zero)) != 0 ||
	    zmq_bind(zap->socket, "inproc://zeromq.zap.01") != 0) {
		enum qw_err err = qw_err_from_errno(zmq_errno());
		qw_zap_stop(zap);
		return err;
	}
	*out = zap;
	return QW_OK;
}

void qw_zap_stop(struct qw_zap *zap)
{
	if (!zap)
		return;
	if (zap->socket)
		zmq_close(zap->socket);
	free(zap);
}

void *qw_zap_socket(struct qw_zap *zap)
{
	return zap->socket;
}

struct qw_zap_stats qw_zap_stats(const struct qw_zap *zap)
{
	return zap->stats;
}

/* One request; frames beyond the known ones are read and dropped.  Returns how many there were; 0: nothing waits. */
static size_t receive(void *socket, struct frame frames[REQUEST_FRAMES])
{
	size_t count = 0;
	int more = 1;

	while (more) {
		zmq_msg_t message;
		zmq_msg_init(&message);
		if (zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&message);
			return count;
		}
		if (count < REQUEST_FRAMES) {
			struct frame *frame = &frames[count];
			frame->len = zmq_msg_size(&message) <= FRAME_MAX ? zmq_msg_size(&message) : 0;
			memcpy(frame->data, zmq_msg_data(&message), frame->len);
		}
		count++;
		more = zmq_msg_more(&message);
		zmq_msg_close(&message);
	}
	return count;
}

static bool is_text(const struct frame *frame, const char *text)
{
	return frame->len == strlen(text) && memcmp(frame->data, text, frame->len) == 0;
}

static const struct qw_entrant *judge(const struct qw_zap *zap, const struct frame *frames, size_t count)
{
	char key[QW_CURVE_Z85 + 1];

	if (count != REQUEST_FRAMES || !is_text(&frames[VERSION], "1.0") || !is_text(&frames[MECHANISM], "CURVE") ||
	    frames[CREDENTIALS].len != QW_CURVE_BYTES)
		return NULL;
	if (!zmq_z85_encode(key, frames[CREDENTIALS].data, QW_CURVE_BYTES))
		return NULL;
	const struct qw_entrant *entrant = qw_registry_find(zap->registry, key);
	return entrant && entrant->admitted ? entrant : NULL;
}

/* One ZMTP property: name and value, each behind its length. */
static size_t write_property(uint8_t out[PROPERTY_MAX], const char *name, const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);

	out[0] = (uint8_t)name_len;
	memcpy(out + 1, name, name_len);
	memset(out + 1 + name_len, 0, 3);
	out[4 + name_len] = (uint8_t)value_len;
	memcpy(out + 5 + name_len, value, value_len);
	return 5 + name_len + value_len;
}

static void send_part(void *socket, const void *data, size_t len, bool more)
{
	/* A REP that was just asked takes the answer; if its peer is gone, so is the connection. */
	int sent = zmq_send(socket, data, len, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0));
	(void)sent;
}

static void reply(struct qw_zap *zap, const struct frame *id, const struct qw_entrant *entrant)
{
	const char *code = entrant ? "200" : "400", *text = entrant ? "welcome" : "this key is not enrolled";
	char user[2 * QW_NAME_MAX + 2] = "";
	uint8_t property[PROPERTY_MAX];
	size_t property_len = 0;

	if (entrant) {
		snprintf(user, sizeof(user), "%s/%s", entrant->who.tenant, entrant->who.sensor);
		property_len = write_property(property, QW_ZAP_KEY, entrant->key);
	}
	send_part(zap->socket, "1.0", 3, true);
	send_part(zap->socket, id->data, id->len, true);
	send_part(zap->socket, code, 3, true);
	send_part(zap->socket, text, strlen(text), true);
	send_part(zap->socket, user, strlen(user), true);
	send_part(zap->socket, property, property_len, false);
}

void qw_zap_answer(struct qw_zap *zap)
{
	struct frame frames[REQUEST_FRAMES];
	size_t count;

	for (;;) {
		memset(frames, 0, sizeof(frames));
		count = receive(zap->socket, frames);
		if (count == 0)
			return;
		const struct qw_entrant *entrant = judge(zap, frames, count);
		if (entrant) {
			zap->stats.admitted++;
		} else {
			zap->stats.refused++;
			zap->stats.malformed += count != REQUEST_FRAMES;
			qw_log(QW_LOG_DEBUG, "PEER-REFUSED", "%.*s: its key is not enrolled, or was revoked",
			       (int)frames[ADDRESS].len, (const char *)frames[ADDRESS].data);
		}
		reply(zap, &frames[REQUEST_ID], entrant);
	}
}

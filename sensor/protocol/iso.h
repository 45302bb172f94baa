/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iso - what S7comm, S7comm-plus and MMS have in common: TPKT and COTP below them (RFC 1006, ISO 8073 class 0).
 *
 * cotp.c puts the data of a conversation together; what they are is told by
 * their first bytes, message by message.
 */
#pragma once

#include "quaywatch/ot.h"
#include "sensor/protocol/ot_frames.h"
#include "sensor/protocol/ot_pairs.h"
#include "sensor/protocol/parser.h"

enum { QW_ISO_PORT = 102, QW_ISO_DATA_MAX = 65536, QW_ISO_ANSWER_MAX = 8192 };

struct qw_iso_side {
	struct qw_ot_frames frames;
	struct qw_store data;   /* of a message that goes on in the next TPDU */
	struct qw_store answer; /* S7comm: of userdata that go on in the next message */
	struct qw_store parts;  /* S7comm-plus: of a message that goes on in the next; what stands before them left out */
	bool open;              /* … it does, and parts has no more room */
	bool skipping;          /* the rest of a message whose front is lost */
	bool heard;             /* it has sent a frame */
};

struct qw_iso {
	uint64_t transactions;
	struct qw_iso_side side[2];
	struct qw_ot_pairs pairs;
	bool idle; /* nobody looked for a while: the place in the streams is lost */
};

struct qw_iso_call {
	struct qw_iso *iso;
	struct qw_flow *flow;
	enum qw_direction direction;
	uint32_t wants; /* enum qw_ot_want, or-ed */
	const struct qw_message_sink *sink;
};

/* A message that is a transaction of its own. */
static inline void qw_iso_begin(const struct qw_iso_call *call, struct qw_message *message, enum qw_app app)
{
	qw_message_begin(message, app, call->direction, ++call->iso->transactions);
	message->last = message->alone = true;
}

static inline void qw_iso_publish(const struct qw_iso_call *call, const struct qw_message *message)
{
	call->sink->publish(call->sink->ctx, call->flow, message);
}

/* What a reader makes of the data of one message, from its first byte on. */
void qw_s7comm_read(const struct qw_iso_call *call, struct qw_bytes data);
void qw_s7plus_read(const struct qw_iso_call *call, struct qw_bytes data);
void qw_mms_read(const struct qw_iso_call *call, struct qw_bytes data);

/* Who says this, if it is a request or an answer of MMS? */
enum qw_speaker qw_mms_speaker(struct qw_bytes data);

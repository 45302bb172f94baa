/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ot_talk - a conversation in a small industrial protocol: its frames, its pairs, its count of transactions.
 *
 * For parsers whose every frame is a message of its own.  Their state begins
 * with a struct qw_ot_talk, or is one; each frame goes to a reader of theirs.
 */
#pragma once

#include "quaywatch/ot.h"
#include "sensor/protocol/ot_frames.h"
#include "sensor/protocol/ot_pairs.h"
#include "sensor/protocol/parser.h"

struct qw_ot_talk {
	uint64_t transactions;
	struct qw_ot_frames frames[2];
	struct qw_ot_pairs pairs;
	bool idle; /* nobody looked for a while: the place in the streams is lost */
};

struct qw_ot_call {
	struct qw_ot_talk *talk;
	struct qw_flow *flow;
	enum qw_direction direction;
	const struct qw_message_sink *sink;
};

typedef void qw_ot_reader(const struct qw_ot_call *call, struct qw_bytes frame);

/* A piece of a stream: read() gets each frame that it completes. */
enum qw_parse qw_ot_talk_stream(const struct qw_ot_call *call, const struct qw_ot_framing *framing, qw_ot_reader *read,
				struct qw_bytes in);

/* A datagram: read() gets each frame that lies whole in it. */
enum qw_parse qw_ot_talk_datagram(const struct qw_ot_call *call, const struct qw_ot_framing *framing, qw_ot_reader *read,
				  struct qw_bytes in);

/* Does anybody look?  If nobody did for a while, what is held of frames is given back. */
bool qw_ot_talk_is_wanted(struct qw_ot_talk *talk);

bool qw_ot_talk_wants(const struct qw_ot_call *call, enum qw_ot_want want);

/* A message of its own, without fields. */
void qw_ot_talk_begin(const struct qw_ot_call *call, enum qw_app app, const struct qw_ot_detail *detail,
		      struct qw_message *out);
void qw_ot_talk_publish(const struct qw_ot_call *call, const struct qw_message *message);

/* For the rows of parsers whose state begins with it. */
enum qw_parse qw_ot_talk_gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			     const struct qw_message_sink *sink);
void qw_ot_talk_fini(void *state);

static inline bool qw_ot_talk_is_at(const struct qw_flow *flow, uint16_t port)
{
	return qw_flow_client_port(flow) == port || qw_flow_server_port(flow) == port;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ot_guest - who tells messages of a protocol that may stand inside another's conversation.
 *
 * The parser at work lends its state, for memory, and its count of transactions.
 */
#pragma once

#include "quaywatch/ot.h"
#include "sensor/protocol/parser.h"

struct qw_ot_guest {
	void *state;
	uint64_t *transactions;
	struct qw_flow *flow;
	enum qw_direction direction;
	const struct qw_message_sink *sink;
};

/* A message of its own, without fields. */
static inline void qw_ot_guest_begin(const struct qw_ot_guest *guest, enum qw_app app, const struct qw_ot_detail *detail,
				     struct qw_message *out)
{
	qw_message_begin(out, app, guest->direction, ++*guest->transactions);
	out->last = out->alone = true;
	out->detail = detail;
}

static inline void qw_ot_guest_publish(const struct qw_ot_guest *guest, const struct qw_message *message)
{
	guest->sink->publish(guest->sink->ctx, guest->flow, message);
}

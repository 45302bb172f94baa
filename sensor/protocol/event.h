/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event - an app event as a message of its own, for parsers that find one between their messages.
 */
#pragma once

#include "quaywatch/rule_event.h"
#include "sensor/protocol/parser.h"

/* Rare enough that making a whole message for it does not matter. */
static inline void qw_event_publish(const struct qw_message_sink *sink, struct qw_flow *flow, enum qw_app app,
				    enum qw_direction direction, uint64_t transaction, enum qw_app_event event)
{
	struct qw_message message = {.app = app, .direction = direction, .transaction = transaction};

	qw_message_number(&message, QW_BUFFER_APP_EVENT, event, true);
	sink->publish(sink->ctx, flow, &message);
}

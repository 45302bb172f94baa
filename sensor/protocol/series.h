/* SPDX-License-Identifier: Apache-2.0 */
/*
 * series - a message with more values than one has room for, told in several.
 *
 *	struct qw_series series = qw_series_begin(&message);
 *	for each value: qw_series_number(&series, buffer, value, flow, sink);
 *
 * What the message held at the beginning stands in each part.  The last part is
 * left to be published; those before it are not `last`.
 */
#pragma once

#include "sensor/protocol/parser.h"

struct qw_series {
	struct qw_message *message;
	uint16_t heads, numbers; /* that each part begins with */
};

struct qw_series qw_series_begin(struct qw_message *message);

/* Adds one value; a part that is full is published before. */
void qw_series_number(const struct qw_series *series, enum qw_buffer buffer, uint64_t value, struct qw_flow *flow,
		      const struct qw_message_sink *sink);

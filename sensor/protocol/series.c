/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/series.h"

struct qw_series qw_series_begin(struct qw_message *message)
{
	return (struct qw_series){message, message->count, message->numbers};
}

static void end_part(const struct qw_series *series, struct qw_flow *flow, const struct qw_message_sink *sink)
{
	struct qw_message *message = series->message;

	message->last = message->alone = false;
	sink->publish(sink->ctx, flow, message);
	message->last = true;
	message->count = series->heads;
	message->numbers = series->numbers;
	for (uint16_t i = 0; i < series->heads; i++)
		message->field[i].fresh = false;
}

void qw_series_number(const struct qw_series *series, enum qw_buffer buffer, uint64_t value, struct qw_flow *flow,
		      const struct qw_message_sink *sink)
{
	const struct qw_message *message = series->message;

	if (message->numbers == QW_NUMBERS_MAX || message->count == QW_FIELDS_MAX)
		end_part(series, flow, sink);
	qw_message_number(series->message, buffer, value, true);
}

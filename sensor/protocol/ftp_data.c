/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ftp_data - the files of FTP, on connections that a control connection announced.
 *
 * Suricata sees "retr" on the way to the client and "stor" on the way to the
 * server, whoever opened the connection; the file itself goes the way that it
 * goes.  One transaction.
 */
#include "sensor/protocol/content.h"
#include "sensor/protocol/expect.h"
#include "sensor/protocol/parsers.h"

struct ftp_data {
	struct qw_content body;
	struct qw_expected what;
	uint8_t direction; /* enum qw_direction, of the file */
	bool begun, told;
};

struct call {
	struct ftp_data *data;
	struct qw_flow *flow;
	const struct qw_message_sink *sink;
};

static void publish(const struct call *call, struct qw_message *message, enum qw_direction direction)
{
	message->app = QW_APP_FTP_DATA;
	message->direction = direction;
	message->transaction = 1;
	qw_message_number(message, QW_BUFFER_FTPDATA_COMMAND, call->data->what.transfer, !call->data->told);
	call->sink->publish(call->sink->ctx, call->flow, message);
}

static void publish_file(const struct call *call, bool last)
{
	struct ftp_data *data = call->data;
	struct qw_slice name = qw_slice(data->what.name, data->what.name_len);
	struct qw_message message = {.last = last};
	struct qw_content_digests digests;
	if (last)
		qw_content_tell_whole(&data->body, &message, name, &digests);
	else
		qw_content_tell(&data->body, &message, name);
	publish(call, &message, (enum qw_direction)data->direction);
	data->told = true;
}

/* The file goes the other way than the command's: that has a message of its own. */
static void publish_command(const struct call *call)
{
	enum qw_direction way = call->data->what.transfer == QW_FTP_RETR ? QW_TO_CLIENT : QW_TO_SERVER;
	struct qw_message message = {.last = false};
	if (way != (enum qw_direction)call->data->direction)
		publish(call, &message, way);
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *bytes,
			  size_t len, const struct qw_message_sink *sink)
{
	struct ftp_data *data = state;
	const struct call call = {data, flow, sink};
	if (!data->begun) {
		if (!qw_expected_take(qw_parser_expectations(data), flow, &data->what))
			return QW_PARSE_STOP;
		data->begun = true;
		data->direction = (uint8_t)direction;
		data->body.broken |= data->what.partial;
		publish_command(&call);
	}
	if (direction != (enum qw_direction)data->direction)
		return QW_PARSE_MORE; /* data goes one way only */
	qw_content_put(data, &data->body, bytes, len);
	if (qw_content_is_due(&data->body))
		publish_file(&call, false);
	return QW_PARSE_MORE;
}

static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct ftp_data *data = state;
	data->body.broken |= !data->begun || direction == (enum qw_direction)data->direction;
	return QW_PARSE_MORE;
}

static void close_side(void *state, struct qw_flow *flow, enum qw_direction direction,
		       const struct qw_message_sink *sink)
{
	struct ftp_data *data = state;
	const struct call call = {data, flow, sink};
	if (!data->begun || direction != (enum qw_direction)data->direction)
		return;
	data->body.broken |= flow->tcp[direction].deep;
	publish_file(&call, true);
	data->begun = false;
	qw_content_free(data, &data->body);
}

static void fini(void *state)
{
	struct ftp_data *data = state;
	qw_content_free(data, &data->body);
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	return 0; /* it looks like anything */
}

const struct qw_parser_ops qw_parser_ftp_data = {
	.app = QW_APP_FTP_DATA,
	.probe = probe,
	.state_bytes = sizeof(struct ftp_data),
	.feed = feed,
	.gap = gap,
	.close = close_side,
	.fini = fini,
};

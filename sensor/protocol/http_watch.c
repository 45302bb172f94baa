/* SPDX-License-Identifier: Apache-2.0 */
/* http_watch - what is wrong with requests and responses, as events of their transactions. */
#include "sensor/protocol/http_state.h"

#include <stdlib.h>

static void raise_event(struct qw_http *http, struct qw_http_half *half, enum qw_app_event event)
{
	if (!qw_http_event_add(&half->events, event))
		qw_parser_cut(http);
	http->wait |= qw_http_events_wait(&half->events);
}

void qw_http_head_events(struct qw_http *http, struct qw_http_half *half, const htp_tx_t *tx, enum qw_direction direction)
{
	bool fits = direction == QW_TO_SERVER
			? qw_http_events_of_request(&half->events, tx, qw_flow_server_port(http->flow))
			: qw_http_events_of_response(&half->events, tx);
	if (!fits)
		qw_parser_cut(http);
}

int qw_http_on_log(htp_log_t *log)
{
	struct qw_http *http = htp_connp_get_user_data(log->connp);
	enum qw_direction direction = http->direction;
	enum qw_app_event event = qw_http_event_of_log(log, &direction);
	if (event == QW_AE_NONE || !http->flow)
		return HTP_OK;
	htp_tx_t *tx = direction == QW_TO_SERVER ? htp_connp_get_in_tx(log->connp) : htp_connp_get_out_tx(log->connp);
	struct qw_http_transaction *transaction = tx ? qw_http_transaction_of(tx) : http->newest;
	if (transaction)
		raise_event(http, &transaction->half[direction], event);
	return HTP_OK;
}

void qw_http_forget_log(struct qw_http *http)
{
	htp_conn_t *connection = htp_connp_get_connection(http->connection);
	for (htp_log_t *log; (log = htp_list_pop(connection->messages));) {
		free((void *)(uintptr_t)log->msg);
		free(log);
	}
	htp_connp_clear_error(http->connection);
}

void qw_http_follow_chunks(struct qw_http *http, struct qw_http_half *half, enum qw_direction direction, size_t until)
{
	struct qw_chunks *chunks = &http->body[direction].chunks;
	size_t from = http->body[direction].from;
	if (!http->body[direction].open || http->direction != direction || !http->data || until < from)
		return;
	bool before = chunks->extended;
	qw_chunks_feed(chunks, http->data + from, until - from);
	http->body[direction].from = until;
	if (half && chunks->extended && !before)
		raise_event(http, half,
		      direction == QW_TO_SERVER ? QW_AE_HTTP_REQUEST_CHUNK_EXTENSION : QW_AE_HTTP_RESPONSE_CHUNK_EXTENSION);
}

static size_t consumed(struct qw_http *http, enum qw_direction direction)
{
	return direction == QW_TO_SERVER ? htp_connp_req_data_consumed(http->connection)
					 : htp_connp_res_data_consumed(http->connection);
}

void qw_http_open_body(struct qw_http *http, const htp_tx_t *tx, enum qw_direction direction)
{
	bool chunked = (direction == QW_TO_SERVER ? tx->request_transfer_coding : tx->response_transfer_coding) ==
		       HTP_CODING_CHUNKED;
	http->body[direction].chunks = (struct qw_chunks){0};
	http->body[direction].open = chunked;
	http->body[direction].from = consumed(http, direction);
}

void qw_http_follow_body(struct qw_http *http, struct qw_http_half *half, enum qw_direction direction)
{
	qw_http_follow_chunks(http, half, direction, consumed(http, direction));
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http - HTTP/1 requests and responses, as libhtp reads them for an IDS.
 *
 * libhtp allocates from the system for each connection and transaction; it is
 * the one parser that does.  Its bounds: header fields of 18 KB, LIVE_MAX
 * transactions waiting for their answer.  What we keep of a transaction, and
 * what unpacks its body, lies in the pool.
 */
#include <htp/htp.h>

#include "sensor/protocol/http_probe.h"
#include "sensor/protocol/http_state.h"
#include "sensor/protocol/parsers.h"

enum {
	FIELD_SOFT = 9000,
	FIELD_HARD = 18432,
	HEAD_MAX = 64 * 1024,   /* raw headers of one message */
	LIVE_MAX = 64,          /* transactions of a connection that wait for their end */
	CONNECTION_MAX = 4096,  /* transactions until libhtp's list of them is begun anew */
};

/* ---- transactions */

struct qw_http_transaction *qw_http_transaction_of(htp_tx_t *tx)
{
	struct qw_http *http = qw_http_of(tx);
	struct qw_http_transaction *transaction = htp_tx_get_user_data(tx);
	if (transaction || !(transaction = qw_parser_take(http, sizeof(*transaction))))
		return transaction;
	*transaction = (struct qw_http_transaction){.tx = tx, .number = ++http->transactions, .previous = http->newest};
	if (http->newest)
		http->newest->next = transaction;
	else
		http->oldest = transaction;
	http->newest = transaction;
	http->live_count++;
	http->since_begun++;
	htp_tx_set_user_data(tx, transaction);
	return transaction;
}

static void transaction_free(struct qw_http *http, struct qw_http_transaction *transaction)
{
	qw_http_half_free(http, &transaction->half[QW_TO_SERVER], QW_TO_SERVER);
	qw_http_half_free(http, &transaction->half[QW_TO_CLIENT], QW_TO_CLIENT);
	if (transaction->previous)
		transaction->previous->next = transaction->next;
	else
		http->oldest = transaction->next;
	if (transaction->next)
		transaction->next->previous = transaction->previous;
	else
		http->newest = transaction->previous;
	http->live_count--;
	qw_parser_give(http, transaction);
}

/* ---- heads and bodies */

static int head(htp_tx_t *tx, enum qw_direction direction)
{
	struct qw_http_transaction *transaction = qw_http_transaction_of(tx);
	if (transaction)
		qw_http_tell_head(tx, transaction, direction);
	qw_http_open_body(qw_http_of(tx), tx, direction);
	if (direction == QW_TO_SERVER)
		qw_http_ntrip_request(qw_http_of(tx), tx);
	else
		qw_http_ntrip_response(qw_http_of(tx), tx);
	return HTP_OK;
}

static int raw_head(htp_tx_data_t *data, enum qw_direction direction)
{
	struct qw_http_transaction *transaction = qw_http_transaction_of(data->tx);
	if (!transaction || transaction->half[direction].head)
		return HTP_OK;
	struct qw_store *raw = &transaction->half[direction].raw;
	if (data->data && !qw_store_put(qw_http_of(data->tx), raw, data->data, data->len, HEAD_MAX))
		return HTP_OK; /* counted; the parsed headers go out all the same */
	return HTP_OK;
}

static int body(htp_tx_data_t *data, enum qw_direction direction)
{
	struct qw_http_transaction *transaction = qw_http_transaction_of(data->tx);
	if (!transaction || data->len == 0)
		return HTP_OK;
	struct qw_http_half *half = &transaction->half[direction];
	qw_http_follow_body(qw_http_of(data->tx), half, direction);
	half->body_bytes += data->len;
	half->body.broken |= !data->data; /* a gap */
	if (!data->data)
		return HTP_OK;
	qw_http_tell_head(data->tx, transaction, direction);
	qw_http_take_body(data->tx, transaction, direction, data->data, data->len);
	if (qw_http_of(data->tx)->ntrip)
		qw_http_ntrip_body(qw_http_of(data->tx), direction, data->data, data->len);
	return HTP_OK;
}

/* Did all come that was announced? */
static bool is_whole(const htp_tx_t *tx, enum qw_direction direction)
{
	if (direction == QW_TO_SERVER)
		return tx->request_progress == HTP_REQUEST_COMPLETE &&
		       tx->request_message_len >= tx->request_content_length;
	return tx->response_progress == HTP_RESPONSE_COMPLETE && tx->response_message_len >= tx->response_content_length;
}

static int complete(htp_tx_t *tx, enum qw_direction direction)
{
	struct qw_http_transaction *transaction = qw_http_transaction_of(tx);
	if (!transaction || transaction->half[direction].done)
		return HTP_OK;
	struct qw_http_half *half = &transaction->half[direction];
	qw_http_tell_head(tx, transaction, direction);
	qw_http_follow_body(qw_http_of(tx), half, direction);
	qw_http_of(tx)->body[direction].open = false;
	half->done = true;
	qw_http_tell_end(tx, transaction, direction, is_whole(tx, direction));
	return HTP_OK;
}

/* No more will come of this direction: what was begun ends here. */
static void end_all(struct qw_http *http, enum qw_direction direction)
{
	for (struct qw_http_transaction *at = http->oldest; at; at = at->next)
		complete(at->tx, direction);
}

/* ---- what libhtp calls */

static int on_request_raw(htp_tx_data_t *data)
{
	return raw_head(data, QW_TO_SERVER);
}

static int on_response_raw(htp_tx_data_t *data)
{
	return raw_head(data, QW_TO_CLIENT);
}

static int on_request_head(htp_tx_t *tx)
{
	return head(tx, QW_TO_SERVER);
}

static int on_response_head(htp_tx_t *tx)
{
	if (tx->request_method_number == HTP_M_CONNECT && tx->response_status_number / 100 == 2)
		qw_http_of(tx)->tunnel = true;
	return head(tx, QW_TO_CLIENT);
}

static int on_request_body(htp_tx_data_t *data)
{
	return body(data, QW_TO_SERVER);
}

static int on_response_body(htp_tx_data_t *data)
{
	return body(data, QW_TO_CLIENT);
}

static int on_request_complete(htp_tx_t *tx)
{
	return complete(tx, QW_TO_SERVER);
}

static int on_response_complete(htp_tx_t *tx)
{
	return complete(tx, QW_TO_CLIENT);
}

/* libhtp frees its own right after this. */
static int on_transaction_complete(htp_tx_t *tx)
{
	struct qw_http_transaction *transaction = htp_tx_get_user_data(tx);
	if (transaction) {
		qw_http_tell_events(transaction);
		transaction_free(qw_http_of(tx), transaction);
	}
	htp_tx_set_user_data(tx, NULL);
	return HTP_OK;
}

/* As Suricata configures libhtp where nothing else is said. */
static enum qw_err prepare(void **shared)
{
	htp_cfg_t *config = htp_config_create();
	if (!config)
		return QW_ENOMEM;
	htp_config_set_server_personality(config, HTP_SERVER_IDS);
	htp_config_set_convert_lowercase(config, HTP_DECODER_URL_PATH, 0); /* that personality would, and rules do not expect it */
	htp_config_set_tx_auto_destroy(config, 1);
	htp_config_set_log_level(config, HTP_LOG_WARNING);
	htp_config_register_log(config, qw_http_on_log);
	htp_config_set_parse_request_cookies(config, 0);
	htp_config_set_parse_request_auth(config, 1);
	htp_config_set_plusspace_decode(config, HTP_DECODER_URLENCODED, 0);
	htp_config_set_field_limits(config, FIELD_SOFT, FIELD_HARD);
	htp_config_set_response_decompression(config, 0); /* unpack.c does it, in memory that is bounded */
	htp_config_register_request_header_data(config, on_request_raw);
	htp_config_register_response_header_data(config, on_response_raw);
	htp_config_register_request_headers(config, on_request_head);
	htp_config_register_response_headers(config, on_response_head);
	htp_config_register_request_body_data(config, on_request_body);
	htp_config_register_response_body_data(config, on_response_body);
	htp_config_register_request_complete(config, on_request_complete);
	htp_config_register_response_complete(config, on_response_complete);
	htp_config_register_transaction_complete(config, on_transaction_complete);
	*shared = config;
	return QW_OK;
}

static void dispose(void *shared)
{
	htp_config_destroy(shared);
}

/* ---- connections */

static bool connect(struct qw_http *http, const struct qw_flow *flow)
{
	http->connection = htp_connp_create(qw_parser_shared(http));
	if (!http->connection)
		return false;
	htp_connp_set_user_data(http->connection, http);
	htp_connp_open(http->connection, "", qw_flow_client_port(flow), "", qw_flow_server_port(flow), NULL);
	http->since_begun = 0;
	http->body[0].open = http->body[1].open = false;
	return true;
}

static void disconnect(struct qw_http *http)
{
	if (http->connection)
		htp_connp_destroy_all(http->connection);
	http->connection = NULL;
	while (http->oldest)
		transaction_free(http, http->oldest);
	qw_unpack_free(http, http->unpack);
	http->unpack = NULL;
	qw_http_ntrip_free(http);
	qw_content_free(http, &http->partial.content);
	http->partial = (struct qw_http_partial){0};
}

/*
 * Requests that nobody answers (a capture of one side), and libhtp's list that
 * only grows, are bounded by beginning anew.
 */
static bool stay_small(struct qw_http *http, const struct qw_flow *flow)
{
	if (http->live_count > LIVE_MAX)
		qw_parser_cut(http);
	else if (http->since_begun < CONNECTION_MAX || http->live_count)
		return true;
	end_all(http, QW_TO_CLIENT);
	disconnect(http);
	return connect(http, flow);
}

static enum qw_parse result_of(struct qw_http *http, const struct qw_flow *flow, int status)
{
	bool over = http->tunnel || status == HTP_STREAM_TUNNEL;
	if (!over && status != HTP_STREAM_ERROR && status != HTP_STREAM_STOP)
		return stay_small(http, flow) ? QW_PARSE_MORE : QW_PARSE_STOP;
	end_all(http, QW_TO_SERVER);
	end_all(http, QW_TO_CLIENT);
	return over ? QW_PARSE_OVER : QW_PARSE_STOP;
}

/* data NULL: a gap of that length. */
static enum qw_parse push(struct qw_http *http, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	if (!http->connection && !connect(http, flow))
		return QW_PARSE_STOP;
	http->flow = flow;
	http->sink = sink;
	http->data = data;
	http->direction = direction;
	http->body[direction].from = 0;
	http->body[direction].open &= data != NULL; /* behind a gap, lines are not told from data */
	int status = direction == QW_TO_SERVER ? htp_connp_req_data(http->connection, NULL, data, len)
					       : htp_connp_res_data(http->connection, NULL, data, len);
	qw_http_follow_chunks(http, NULL, direction, len);
	http->data = NULL;
	qw_http_forget_log(http);
	if (http->wait)
		qw_http_tell_all_events(http);
	return result_of(http, flow, status);
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct qw_http *http = state;
	http->flow = flow;
	http->sink = sink;
	http->direction = direction;
	if (http->ntrip && qw_http_ntrip_takes(http, qw_bytes(data, len)))
		return QW_PARSE_MORE;
	return push(http, flow, direction, data, len, sink);
}

static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct qw_http *http = state;
	if (http->ntrip && qw_http_ntrip_lose(http))
		return QW_PARSE_MORE;
	return push(http, flow, direction, NULL, missing, sink);
}

static void close_response(struct qw_http *http)
{
	htp_connp_close(http->connection, NULL);
	end_all(http, QW_TO_CLIENT);
	http->response_over = false;
}

/* The library ends both sides with the response; a client may go on when the server has said its last. */
static void close_side(void *state, struct qw_flow *flow, enum qw_direction direction,
		       const struct qw_message_sink *sink)
{
	const struct qw_tcp_end *client = &flow->tcp[QW_TO_SERVER];
	struct qw_http *http = state;

	if (!http->connection)
		return;
	http->flow = flow;
	http->sink = sink;
	http->direction = direction;
	if (direction == QW_TO_CLIENT && client->known && !client->told) {
		http->response_over = true;
		return;
	}
	if (direction == QW_TO_SERVER) {
		htp_connp_req_close(http->connection, NULL);
		end_all(http, direction);
	}
	if (direction == QW_TO_CLIENT || http->response_over)
		close_response(http);
	qw_http_forget_log(http);
	if (http->wait)
		qw_http_tell_all_events(http);
}

static void fini(void *state)
{
	disconnect(state);
}

const struct qw_parser_ops qw_parser_http = {
	.app = QW_APP_HTTP,
	.probe = qw_http_probe,
	.speaker = qw_http_speaker,
	.prepare = prepare,
	.dispose = dispose,
	.state_bytes = sizeof(struct qw_http),
	.feed = feed,
	.gap = gap,
	.close = close_side,
	.fini = fini,
};

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

#include <stdlib.h>

#include "sensor/protocol/chunks.h"
#include "sensor/protocol/content.h"
#include "sensor/protocol/http_event.h"
#include "sensor/protocol/http_known.h"
#include "sensor/protocol/http_probe.h"
#include "sensor/protocol/parsers.h"
#include "sensor/protocol/unpack.h"

enum {
	FIELD_SOFT = 9000,
	FIELD_HARD = 18432,
	HEAD_MAX = 64 * 1024,   /* raw headers of one message */
	LINES_MAX = 16 * 1024,  /* text of single headers */
	LIVE_MAX = 64,          /* transactions of a connection that wait for their end */
	CONNECTION_MAX = 4096,  /* transactions until libhtp's list of them is begun anew */
};

/* One side of a transaction. */
struct half {
	struct qw_known known;
	struct qw_store raw;
	struct qw_content body;
	struct qw_unpack *unpack; /* NULL: it comes as it is */
	uint64_t body_bytes;
	struct qw_http_events events;
	bool head, done;
};

struct transaction {
	struct transaction *next, *previous; /* older first */
	htp_tx_t *tx;
	uint64_t number;
	struct half half[2];
};

struct http {
	htp_connp_t *connection;
	struct transaction *oldest, *newest; /* that wait for their end */
	uint64_t transactions;
	uint32_t live_count, since_begun;
	/* the call that is being served */
	struct qw_flow *flow;
	const struct qw_message_sink *sink;
	const uint8_t *data;
	enum qw_direction direction;
	bool wait; /* some transaction has events that were not told */
	/* the lines between chunks, of each side's body under way */
	struct {
		struct qw_chunks chunks;
		size_t from; /* of the data being served: what is not followed yet */
		bool open;
	} body[2];
	bool response_over; /* the server said its last, the client may not have */
	bool tunnel; /* CONNECT was granted: what comes is not ours */
};

static struct http *http_of(const htp_tx_t *tx)
{
	return htp_connp_get_user_data(tx->connp);
}

/* ---- transactions */

/* Ours of libhtp's; NULL: the pool has no room. */
static struct transaction *transaction_of(htp_tx_t *tx)
{
	struct http *http = http_of(tx);
	struct transaction *transaction = htp_tx_get_user_data(tx);
	if (transaction || !(transaction = qw_parser_take(http, sizeof(*transaction))))
		return transaction;
	*transaction = (struct transaction){.tx = tx, .number = ++http->transactions, .previous = http->newest};
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

static void half_free(struct http *http, struct half *half)
{
	qw_known_free(http, &half->known);
	qw_store_free(http, &half->raw);
	qw_content_free(http, &half->body);
	qw_unpack_free(http, half->unpack);
}

static void transaction_free(struct http *http, struct transaction *transaction)
{
	half_free(http, &transaction->half[0]);
	half_free(http, &transaction->half[1]);
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

/* ---- publishing */

static void fill_detail(struct qw_http_detail *out, const struct transaction *transaction, const htp_tx_t *tx)
{
	const struct half *request = &transaction->half[QW_TO_SERVER], *response = &transaction->half[QW_TO_CLIENT];
	struct qw_slice request_protocol = qw_known_find(&request->known, QW_BUFFER_HTTP_PROTOCOL);
	*out = (struct qw_http_detail){
		.host = qw_known_find(&request->known, QW_BUFFER_HTTP_HOST),
		.uri = qw_known_find(&request->known, QW_BUFFER_HTTP_URI_RAW),
		.method = qw_known_find(&request->known, QW_BUFFER_HTTP_METHOD),
		.protocol = request_protocol.data ? request_protocol
						  : qw_known_find(&response->known, QW_BUFFER_HTTP_PROTOCOL),
		.user_agent = qw_known_find(&request->known, QW_BUFFER_HTTP_USER_AGENT),
		.referer = qw_known_find(&request->known, QW_BUFFER_HTTP_REFERER),
		.content_type = qw_known_find(&response->known, QW_BUFFER_HTTP_CONTENT_TYPE),
		.port = tx->request_port_number > 0 ? (uint16_t)tx->request_port_number : 0,
		.status = response->head && tx->response_status_number > 0 ? (uint16_t)tx->response_status_number : 0,
		.request_bytes = request->body_bytes,
		.response_bytes = response->body_bytes,
	};
}

static bool carries_file(const htp_tx_t *tx, enum qw_direction direction)
{
	return direction == QW_TO_CLIENT || tx->request_method_number == HTP_M_POST ||
	       tx->request_method_number == HTP_M_PUT;
}

static void add_body(struct qw_message *message, const htp_tx_t *tx, struct half *half, enum qw_direction direction)
{
	bool fresh = qw_content_is_fresh(&half->body);
	struct qw_slice value = qw_store_slice(&half->body.kept);
	if (value.len == 0)
		return;
	qw_message_add(message, direction == QW_TO_SERVER ? QW_BUFFER_HTTP_REQUEST_BODY : QW_BUFFER_HTTP_RESPONSE_BODY,
		       QW_SIGHT_NONE, value, fresh);
	if (carries_file(tx, direction))
		qw_message_add(message, QW_BUFFER_FILE_DATA, QW_SIGHT_NONE, value, fresh);
	half->body.told = half->body.kept.len;
}

static void publish(htp_tx_t *tx, struct transaction *transaction, enum qw_direction direction, bool head, bool last)
{
	struct http *http = http_of(tx);
	struct half *half = &transaction->half[direction];
	struct qw_http_detail detail;
	struct qw_content_digests digests;
	struct qw_message message = {.app = QW_APP_HTTP};
	char lines[LINES_MAX];
	struct qw_text text;

	message.direction = direction;
	message.transaction = transaction->number;
	message.last = last;
	add_body(&message, tx, half, direction);
	if (last && carries_file(tx, direction))
		qw_content_add_digests(&half->body, &message, &digests);
	qw_http_events_tell(&half->events, &message);
	qw_known_tell(&half->known, &message);
	qw_known_tell_other(&transaction->half[qw_direction_other(direction)].known, &message);
	qw_text_init(&text, lines, sizeof(lines));
	if (head)
		qw_http_header_lines(http, &message, tx, direction, &text);
	fill_detail(&detail, transaction, tx);
	message.detail = &detail;
	http->sink->publish(http->sink->ctx, http->flow, &message);
}

/* ---- events */

static void raise_event(struct http *http, struct half *half, enum qw_app_event event)
{
	if (!qw_http_event_add(&half->events, event))
		qw_parser_cut(http);
	http->wait |= qw_http_events_wait(&half->events);
}

/* Events that no other message took with it. */
static void tell_events(struct transaction *transaction)
{
	for (int side = QW_TO_SERVER; side <= QW_TO_CLIENT; side++)
		if (qw_http_events_wait(&transaction->half[side].events))
			publish(transaction->tx, transaction, (enum qw_direction)side, false, false);
}

static void tell_all_events(struct http *http)
{
	http->wait = false;
	for (struct transaction *at = http->oldest; at; at = at->next)
		tell_events(at);
}

static void head_events(struct http *http, struct half *half, const htp_tx_t *tx, enum qw_direction direction)
{
	bool fits = direction == QW_TO_SERVER
			? qw_http_events_of_request(&half->events, tx, qw_flow_server_port(http->flow))
			: qw_http_events_of_response(&half->events, tx);
	if (!fits)
		qw_parser_cut(http);
}

static int on_log(htp_log_t *log)
{
	struct http *http = htp_connp_get_user_data(log->connp);
	enum qw_direction direction = http->direction;
	enum qw_app_event event = qw_http_event_of_log(log, &direction);
	if (event == QW_AE_NONE || !http->flow)
		return HTP_OK;
	htp_tx_t *tx = direction == QW_TO_SERVER ? htp_connp_get_in_tx(log->connp) : htp_connp_get_out_tx(log->connp);
	struct transaction *transaction = tx ? transaction_of(tx) : http->newest;
	if (transaction)
		raise_event(http, &transaction->half[direction], event);
	return HTP_OK;
}

/* libhtp keeps what it logs as long as the connection lives; nobody reads it again. */
static void forget_log(struct http *http)
{
	htp_conn_t *connection = htp_connp_get_connection(http->connection);
	for (htp_log_t *log; (log = htp_list_pop(connection->messages));) {
		free((void *)(uintptr_t)log->msg);
		free(log);
	}
	htp_connp_clear_error(http->connection);
}

/* Follows the lines between chunks as far as libhtp has come. */
static void follow_chunks(struct http *http, struct half *half, enum qw_direction direction, size_t until)
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

static size_t consumed(struct http *http, enum qw_direction direction)
{
	return direction == QW_TO_SERVER ? htp_connp_req_data_consumed(http->connection)
					 : htp_connp_res_data_consumed(http->connection);
}

static void open_body(struct http *http, const htp_tx_t *tx, enum qw_direction direction)
{
	bool chunked = (direction == QW_TO_SERVER ? tx->request_transfer_coding : tx->response_transfer_coding) ==
		       HTP_CODING_CHUNKED;
	http->body[direction].chunks = (struct qw_chunks){0};
	http->body[direction].open = chunked;
	http->body[direction].from = consumed(http, direction);
}

static struct qw_slice encodings_of(const htp_tx_t *tx)
{
	const htp_header_t *header =
	    tx->response_headers ? htp_table_get_c(tx->response_headers, "Content-Encoding") : NULL;

	return header ? qw_slice(bstr_ptr(header->value), bstr_len(header->value)) : qw_slice(NULL, 0);
}

static void tell_head(htp_tx_t *tx, struct transaction *transaction, enum qw_direction direction)
{
	struct http *http = http_of(tx);
	struct half *half = &transaction->half[direction];
	if (half->head)
		return;
	half->head = true;
	if (direction == QW_TO_CLIENT)
		half->unpack = qw_unpack_new(http, encodings_of(tx));
	/* A side that was not seen has no head; libhtp makes one up for the request. */
	if (direction == QW_TO_CLIENT ? tx->response_progress == HTP_RESPONSE_NOT_STARTED : !tx->request_line)
		return;
	head_events(http, half, tx, direction);
	if (direction == QW_TO_SERVER)
		qw_http_known_request(http, &half->known, tx, qw_store_slice(&half->raw));
	else
		qw_http_known_response(http, &half->known, tx, qw_store_slice(&half->raw),
				       tx->request_line != NULL);
	qw_store_free(http, &half->raw);
	publish(tx, transaction, direction, true, false);
}

static int head(htp_tx_t *tx, enum qw_direction direction)
{
	struct transaction *transaction = transaction_of(tx);
	if (transaction)
		tell_head(tx, transaction, direction);
	open_body(http_of(tx), tx, direction);
	return HTP_OK;
}

static int raw_head(htp_tx_data_t *data, enum qw_direction direction)
{
	struct transaction *transaction = transaction_of(data->tx);
	if (!transaction || transaction->half[direction].head)
		return HTP_OK;
	struct qw_store *raw = &transaction->half[direction].raw;
	if (data->data && !qw_store_put(http_of(data->tx), raw, data->data, data->len, HEAD_MAX))
		return HTP_OK; /* counted; the parsed headers go out all the same */
	return HTP_OK;
}

struct unpacking {
	struct http *http;
	struct half *half;
};

static void on_unpacked(void *ctx, const uint8_t *data, size_t len)
{
	const struct unpacking *unpacking = ctx;
	qw_content_put(unpacking->http, &unpacking->half->body, data, len);
}

static void take_body(struct http *http, struct half *half, const uint8_t *data, size_t len)
{
	struct unpacking unpacking = {http, half};
	const struct qw_unpack_sink sink = {&unpacking, on_unpacked};

	if (!half->unpack)
		qw_content_put(http, &half->body, data, len);
	else if (!qw_unpack_feed(http, half->unpack, data, len, &sink))
		half->body.broken = true;
}

static int body(htp_tx_data_t *data, enum qw_direction direction)
{
	struct transaction *transaction = transaction_of(data->tx);
	if (!transaction || data->len == 0)
		return HTP_OK;
	struct half *half = &transaction->half[direction];
	follow_chunks(http_of(data->tx), half, direction, consumed(http_of(data->tx), direction));
	half->body_bytes += data->len;
	half->body.broken |= !data->data; /* a gap */
	if (!data->data)
		return HTP_OK;
	tell_head(data->tx, transaction, direction);
	take_body(http_of(data->tx), half, data->data, data->len);
	if (qw_content_is_due(&half->body))
		publish(data->tx, transaction, direction, false, false);
	return HTP_OK;
}

static int complete(htp_tx_t *tx, enum qw_direction direction)
{
	struct transaction *transaction = transaction_of(tx);
	if (!transaction || transaction->half[direction].done)
		return HTP_OK;
	struct half *half = &transaction->half[direction];
	tell_head(tx, transaction, direction);
	follow_chunks(http_of(tx), half, direction, consumed(http_of(tx), direction));
	http_of(tx)->body[direction].open = false;
	half->done = true;
	publish(tx, transaction, direction, false, true);
	qw_content_free(http_of(tx), &half->body);
	return HTP_OK;
}

/* No more will come of this direction: what was begun ends here. */
static void end_all(struct http *http, enum qw_direction direction)
{
	for (struct transaction *at = http->oldest; at; at = at->next)
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
		http_of(tx)->tunnel = true;
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
	struct transaction *transaction = htp_tx_get_user_data(tx);
	if (transaction) {
		tell_events(transaction);
		transaction_free(http_of(tx), transaction);
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
	htp_config_set_tx_auto_destroy(config, 1);
	htp_config_set_log_level(config, HTP_LOG_WARNING);
	htp_config_register_log(config, on_log);
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

static bool connect(struct http *http, const struct qw_flow *flow)
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

static void disconnect(struct http *http)
{
	if (http->connection)
		htp_connp_destroy_all(http->connection);
	http->connection = NULL;
	while (http->oldest)
		transaction_free(http, http->oldest);
}

/*
 * Requests that nobody answers (a capture of one side), and libhtp's list that
 * only grows, are bounded by beginning anew.
 */
static bool stay_small(struct http *http, const struct qw_flow *flow)
{
	if (http->live_count > LIVE_MAX)
		qw_parser_cut(http);
	else if (http->since_begun < CONNECTION_MAX || http->live_count)
		return true;
	end_all(http, QW_TO_CLIENT);
	disconnect(http);
	return connect(http, flow);
}

static enum qw_parse result_of(struct http *http, const struct qw_flow *flow, int status)
{
	bool over = http->tunnel || status == HTP_STREAM_TUNNEL;
	if (!over && status != HTP_STREAM_ERROR && status != HTP_STREAM_STOP)
		return stay_small(http, flow) ? QW_PARSE_MORE : QW_PARSE_STOP;
	end_all(http, QW_TO_SERVER);
	end_all(http, QW_TO_CLIENT);
	return over ? QW_PARSE_OVER : QW_PARSE_STOP;
}

/* data NULL: a gap of that length. */
static enum qw_parse push(struct http *http, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
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
	follow_chunks(http, NULL, direction, len);
	http->data = NULL;
	forget_log(http);
	if (http->wait)
		tell_all_events(http);
	return result_of(http, flow, status);
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	return push(state, flow, direction, data, len, sink);
}

static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	return push(state, flow, direction, NULL, missing, sink);
}

static void close_response(struct http *http)
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
	struct http *http = state;

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
	forget_log(http);
	if (http->wait)
		tell_all_events(http);
}

static void fini(void *state)
{
	disconnect(state);
}

const struct qw_parser_ops qw_parser_http = {
	.app = QW_APP_HTTP,
	.probe = qw_http_probe,
	.prepare = prepare,
	.dispose = dispose,
	.state_bytes = sizeof(struct http),
	.feed = feed,
	.gap = gap,
	.close = close_side,
	.fini = fini,
};

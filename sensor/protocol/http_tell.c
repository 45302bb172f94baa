/* SPDX-License-Identifier: Apache-2.0 */
/* http_tell - messages: heads, bodies, and the files that bodies are. */
#include "sensor/protocol/http_state.h"

#include "quaywatch/text.h"
#include "sensor/protocol/http_known.h"

enum {
	LINES_MAX = 16 * 1024,    /* text of single headers */
	FORM_LINE_MAX = 16 * 1024,
};

/* What one message says beyond what is known. */
struct news {
	bool head, last;
	bool whole;           /* the file is */
	struct qw_mail *part; /* of a form; NULL: the body is the file */
};

static void fill_detail(struct qw_http_detail *out, const struct qw_http_transaction *transaction, const htp_tx_t *tx)
{
	const struct qw_http_half *request = &transaction->half[QW_TO_SERVER], *response = &transaction->half[QW_TO_CLIENT];
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

/* ---- files */

static struct qw_http_form *form_of(const struct qw_http_half *half, enum qw_direction direction)
{
	return direction == QW_TO_SERVER ? half->form : NULL;
}

static struct qw_http_range *range_of(const struct qw_http_half *half, enum qw_direction direction)
{
	return direction == QW_TO_CLIENT ? half->range : NULL;
}

static bool carries_file(const htp_tx_t *tx, const struct qw_http_half *half, enum qw_direction direction)
{
	if (form_of(half, direction))
		return false; /* its parts are */
	return direction == QW_TO_CLIENT || tx->request_method_number == HTP_M_POST ||
	       tx->request_method_number == HTP_M_PUT;
}

static void add_body(struct qw_message *message, struct qw_http_half *half, enum qw_direction direction)
{
	uint16_t place = message->count;
	const struct qw_http_range *range = range_of(half, direction);
	uint32_t before = range ? range->before : 0;
	if (half->body.kept.len == before)
		return;
	qw_content_add(&half->body, message,
		       direction == QW_TO_SERVER ? QW_BUFFER_HTTP_REQUEST_BODY : QW_BUFFER_HTTP_RESPONSE_BODY);
	if (message->count == place)
		return;
	struct qw_field *field = &message->field[place];
	field->value = qw_slice(field->value.data + before, field->value.len - before);
	field->old = field->old > before ? field->old - before : 0;
}

/* The body as a file, or a form's part; digests NULL: it is not whole yet. */
static void add_file(struct qw_message *message, struct qw_content *content, struct qw_slice name,
		     struct qw_content_digests *digests)
{
	if (digests)
		qw_content_tell_whole(content, message, name, digests);
	else
		qw_content_tell(content, message, name);
}

/* ---- messages */

static void publish(htp_tx_t *tx, struct qw_http_transaction *transaction, enum qw_direction direction,
		    const struct news *news)
{
	struct qw_http *http = qw_http_of(tx);
	struct qw_http_half *half = &transaction->half[direction];
	struct qw_http_detail detail;
	struct qw_content_digests digests, *whole = news->whole ? &digests : NULL;
	struct qw_message message = {.app = QW_APP_HTTP, .direction = direction, .transaction = transaction->number};
	char lines[LINES_MAX], name[QW_MAIL_NAME_MAX];
	struct qw_text text;

	message.last = news->last;
	add_body(&message, half, direction);
	qw_text_init(&text, name, sizeof(name));
	if (news->part)
		add_file(&message, &news->part->body, qw_store_slice(&news->part->name), whole);
	else if (half->body.begun && carries_file(tx, half, direction))
		add_file(&message, &half->body, qw_http_file_name(tx, direction, &text), whole);
	half->body.told = half->body.kept.len;
	qw_http_events_tell(&half->events, &message);
	qw_known_tell(&half->known, &message);
	qw_known_tell_other(&transaction->half[qw_direction_other(direction)].known, &message);
	qw_text_init(&text, lines, sizeof(lines));
	if (news->head)
		qw_http_header_lines(http, &message, tx, direction, &text);
	fill_detail(&detail, transaction, tx);
	message.detail = &detail;
	http->sink->publish(http->sink->ctx, http->flow, &message);
}

/* ---- events */

void qw_http_tell_events(struct qw_http_transaction *transaction)
{
	for (int side = QW_TO_SERVER; side <= QW_TO_CLIENT; side++)
		if (qw_http_events_wait(&transaction->half[side].events))
			publish(transaction->tx, transaction, (enum qw_direction)side, &(struct news){0});
}

void qw_http_tell_all_events(struct qw_http *http)
{
	http->wait = false;
	for (struct qw_http_transaction *at = http->oldest; at; at = at->next)
		qw_http_tell_events(at);
}

/* ---- heads */

static void begin_form(struct qw_http *http, struct qw_http_half *half)
{
	struct qw_slice type = qw_known_find(&half->known, QW_BUFFER_HTTP_CONTENT_TYPE);
	struct qw_http_form *form = qw_line_begins(type.data, type.len, "multipart/")
					    ? qw_parser_take(http, sizeof(*form)) : NULL;
	if (!form)
		return;
	*form = (struct qw_http_form){0};
	if (qw_mail_begin_form(http, &form->mail, type)) {
		half->form = form;
		half->body.plain = true;
	} else {
		qw_parser_give(http, form);
	}
}

static void begin_range(struct qw_http *http, struct qw_http_transaction *transaction, const htp_tx_t *tx)
{
	struct qw_http_half *half = &transaction->half[QW_TO_CLIENT];
	const struct qw_known *request = &transaction->half[QW_TO_SERVER].known;
	struct qw_http_range range;
	if (tx->response_status_number != 206 || !qw_http_range_parse(qw_http_content_range(tx), &range))
		return;
	half->range = qw_parser_take(http, sizeof(range));
	half->body.broken |= !half->range; /* a piece that nobody knows to be one */
	if (!half->range)
		return;
	*half->range = range;
	half->range->file = qw_http_range_file(qw_known_find(request, QW_BUFFER_HTTP_HOST),
					       qw_known_find(request, QW_BUFFER_HTTP_URI_RAW));
	qw_http_range_begin(http, &http->partial, half->range, &half->body);
}

static struct qw_slice encodings_of(const htp_tx_t *tx)
{
	const htp_header_t *header =
		tx->response_headers ? htp_table_get_c(tx->response_headers, "Content-Encoding") : NULL;

	return header ? qw_slice(bstr_ptr(header->value), bstr_len(header->value)) : qw_slice(NULL, 0);
}

void qw_http_tell_head(htp_tx_t *tx, struct qw_http_transaction *transaction, enum qw_direction direction)
{
	struct qw_http *http = qw_http_of(tx);
	struct qw_http_half *half = &transaction->half[direction];
	if (half->head)
		return;
	half->head = true;
	if (direction == QW_TO_CLIENT) {
		qw_unpack_free(http, http->unpack);
		http->unpack = qw_unpack_new(http, encodings_of(tx));
	}
	/* A side that was not seen has no head; libhtp makes one up for the request. */
	if (direction == QW_TO_CLIENT ? tx->response_progress == HTP_RESPONSE_NOT_STARTED : !tx->request_line)
		return;
	qw_http_head_events(http, half, tx, direction);
	if (direction == QW_TO_SERVER)
		qw_http_known_request(http, &half->known, tx, qw_store_slice(&half->raw));
	else
		qw_http_known_response(http, &half->known, tx, qw_store_slice(&half->raw));
	qw_store_free(http, &half->raw);
	publish(tx, transaction, direction, &(struct news){.head = true});
	if (direction == QW_TO_CLIENT)
		begin_range(http, transaction, tx);
	else if (tx->request_method_number == HTP_M_POST)
		begin_form(http, half);
}

/* ---- bodies */

/* A part ends; not whole: the body broke off in it. */
static void tell_part(htp_tx_t *tx, struct qw_http_transaction *transaction, enum qw_direction direction, bool whole)
{
	struct qw_http *http = qw_http_of(tx);
	struct qw_mail *mail = &transaction->half[direction].form->mail;
	mail->body.broken |= !whole;
	if (mail->in_part && !mail->body.begun)
		qw_content_put(http, &mail->body, "", 0); /* an empty file is one, too */
	if (mail->in_part)
		publish(tx, transaction, direction, &(struct news){.part = mail, .whole = true});
	qw_mail_next_part(http, mail);
}

static void form_line(htp_tx_t *tx, struct qw_http_transaction *transaction, enum qw_direction direction,
		      const struct qw_line *line)
{
	struct qw_http *http = qw_http_of(tx);
	struct qw_mail *mail = &transaction->half[direction].form->mail;
	switch (qw_mail_line(http, mail, line)) {
	case QW_MAIL_NOTHING:
	case QW_MAIL_HEADED: break;
	case QW_MAIL_GREW:
		if (qw_content_is_due(&mail->body))
			publish(tx, transaction, direction, &(struct news){.part = mail});
		break;
	case QW_MAIL_ENDED: tell_part(tx, transaction, direction, true); break;
	}
}

struct unpacking {
	struct qw_http *http;
	struct qw_http_half *half;
};

static void on_unpacked(void *ctx, const uint8_t *data, size_t len)
{
	const struct unpacking *unpacking = ctx;

	qw_content_put(unpacking->http, &unpacking->half->body, data, len);
}

static void put_body(struct qw_http *http, struct qw_http_half *half, struct qw_unpack *unpack, const uint8_t *data, size_t len)
{
	struct unpacking unpacking = {http, half};
	const struct qw_unpack_sink sink = {&unpacking, on_unpacked};

	if (!unpack)
		qw_content_put(http, &half->body, data, len);
	else if (!qw_unpack_feed(http, unpack, data, len, &sink))
		half->body.broken = true;
}

void qw_http_take_body(htp_tx_t *tx, struct qw_http_transaction *transaction, enum qw_direction direction,
		       const void *data, size_t len)
{
	struct qw_http *http = qw_http_of(tx);
	struct qw_http_half *half = &transaction->half[direction];
	struct qw_http_form *form = form_of(half, direction);
	struct qw_bytes in = qw_bytes(data, len);
	struct qw_line line;
	put_body(http, half, direction == QW_TO_CLIENT ? http->unpack : NULL, data, len);
	while (form && qw_line_next(http, &form->lines, &in, FORM_LINE_MAX, &line))
		form_line(tx, transaction, direction, &line);
	if (qw_content_is_due(&half->body))
		publish(tx, transaction, direction, &(struct news){0});
}

/* ---- ends */

/* The form's last line may lack its end; a part that is still open broke off. */
static void end_form(htp_tx_t *tx, struct qw_http_transaction *transaction)
{
	struct qw_http_form *form = transaction->half[QW_TO_SERVER].form;
	struct qw_line line;
	if (!form)
		return;
	if (qw_line_rest(qw_http_of(tx), &form->lines, &line))
		form_line(tx, transaction, QW_TO_SERVER, &line);
	tell_part(tx, transaction, QW_TO_SERVER, false);
}

void qw_http_tell_end(htp_tx_t *tx, struct qw_http_transaction *transaction, enum qw_direction direction, bool whole)
{
	struct qw_http *http = qw_http_of(tx);
	struct qw_http_half *half = &transaction->half[direction];
	const struct qw_http_range *range = range_of(half, direction);
	bool ends = !range || qw_http_range_ends(range);
	if (direction == QW_TO_SERVER)
		end_form(tx, transaction);
	half->body.broken |= !whole;
	publish(tx, transaction, direction, &(struct news){.last = true, .whole = ends});
	if (!ends)
		qw_http_range_keep(http, &http->partial, range, &half->body);
	qw_content_free(http, &half->body);
}

void qw_http_half_free(struct qw_http *http, struct qw_http_half *half, enum qw_direction direction)
{
	struct qw_http_form *form = form_of(half, direction);
	if (form) {
		qw_lines_free(http, &form->lines);
		qw_mail_free(http, &form->mail);
	}
	qw_parser_give(http, form);
	qw_parser_give(http, range_of(half, direction));
	qw_known_free(http, &half->known);
	qw_store_free(http, &half->raw);
	qw_content_free(http, &half->body);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/http_known.h"

#include <strings.h>

#include "quaywatch/text.h"
#include "sensor/protocol/parameter.h"

enum {
	TEXT_MAX = 32 * 1024, /* of one text that is put together */
};

struct header_field {
	const char *name;
	enum qw_buffer buffer;
	enum qw_sight sight;
};

static const struct header_field REQUEST_HEADERS[] = {
	{"User-Agent", QW_BUFFER_HTTP_USER_AGENT, QW_SIGHT_USER_AGENT},
	{"Referer", QW_BUFFER_HTTP_REFERER, QW_SIGHT_NONE},
	{"Cookie", QW_BUFFER_HTTP_COOKIE, QW_SIGHT_NONE},
	{"Accept", QW_BUFFER_HTTP_ACCEPT, QW_SIGHT_NONE},
	{"Accept-Encoding", QW_BUFFER_HTTP_ACCEPT_ENC, QW_SIGHT_NONE},
	{"Accept-Language", QW_BUFFER_HTTP_ACCEPT_LANG, QW_SIGHT_NONE},
	{"Connection", QW_BUFFER_HTTP_CONNECTION, QW_SIGHT_NONE},
	{"Content-Length", QW_BUFFER_HTTP_CONTENT_LEN, QW_SIGHT_NONE},
	{"Content-Type", QW_BUFFER_HTTP_CONTENT_TYPE, QW_SIGHT_NONE},
	{0},
};

static const struct header_field RESPONSE_HEADERS[] = {
	{"Set-Cookie", QW_BUFFER_HTTP_COOKIE, QW_SIGHT_NONE},
	{"Server", QW_BUFFER_HTTP_SERVER, QW_SIGHT_NONE},
	{"Location", QW_BUFFER_HTTP_LOCATION, QW_SIGHT_NONE},
	{"Content-Length", QW_BUFFER_HTTP_CONTENT_LEN, QW_SIGHT_NONE},
	{"Content-Type", QW_BUFFER_HTTP_CONTENT_TYPE, QW_SIGHT_NONE},
	{0},
};

/* A text that is put together and then kept. */
struct draft {
	struct qw_text text;
	char memory[TEXT_MAX];
};

static struct qw_slice slice_of(bstr *string)
{
	return string ? qw_slice(bstr_ptr(string), bstr_len(string)) : qw_slice(NULL, 0);
}

static void put(struct draft *draft, bstr *string)
{
	if (string)
		qw_text_put(&draft->text, bstr_ptr(string), bstr_len(string));
}

static void begin(struct draft *draft)
{
	qw_text_init(&draft->text, draft->memory, sizeof(draft->memory));
}

static void keep(void *state, struct qw_known *known, enum qw_buffer buffer, enum qw_sight sight,
		 const struct draft *draft)
{
	if (draft->text.cut)
		qw_parser_cut(state);
	else
		qw_known_add(state, known, buffer, sight, qw_slice(draft->text.at, draft->text.len));
}

static struct qw_slice header_value(const htp_table_t *headers, const char *name)
{
	const htp_header_t *header = headers ? htp_table_get_c(headers, name) : NULL;
	return header ? slice_of(header->value) : qw_slice(NULL, 0);
}

static void add_named_headers(void *state, struct qw_known *known, const htp_table_t *headers,
			      const struct header_field *rows)
{
	for (; rows->name; rows++)
		qw_known_add(state, known, rows->buffer, rows->sight, header_value(headers, rows->name));
}

static bool is_named(const htp_header_t *header, const char *name)
{
	return bstr_len(header->name) == strlen(name) &&
	       strncasecmp((const char *)bstr_ptr(header->name), name, bstr_len(header->name)) == 0;
}

static void put_header(struct draft *draft, const htp_header_t *header)
{
	put(draft, header->name);
	qw_text_literal(&draft->text, ": ");
	put(draft, header->value);
	qw_text_literal(&draft->text, "\r\n");
}

/* All headers in one text, cookies left out, and all names in another. */
static void add_headers(void *state, struct qw_known *known, const htp_table_t *headers, const char *cookie)
{
	struct draft draft;
	size_t count = headers ? htp_table_size(headers) : 0;
	begin(&draft);
	for (size_t i = 0; i < count; i++) {
		const htp_header_t *header = htp_table_get_index(headers, i, NULL);
		if (!is_named(header, cookie))
			put_header(&draft, header);
	}
	if (draft.text.len)
		keep(state, known, QW_BUFFER_HTTP_HEADER, QW_SIGHT_NONE, &draft);

	begin(&draft);
	qw_text_literal(&draft.text, "\r\n");
	for (size_t i = 0; i < count; i++) {
		const htp_header_t *header = htp_table_get_index(headers, i, NULL);
		put(&draft, header->name);
		qw_text_literal(&draft.text, "\r\n");
	}
	qw_text_literal(&draft.text, "\r\n");
	if (count)
		keep(state, known, QW_BUFFER_HTTP_HEADER_NAMES, QW_SIGHT_NONE, &draft);
}

/* First line and all headers, normalised; an empty line ends them if there are any. */
static void add_start(void *state, struct qw_known *known, bstr *line, const htp_table_t *headers)
{
	struct draft draft;
	size_t count = headers ? htp_table_size(headers) : 0;
	if (!line)
		return;
	begin(&draft);
	put(&draft, line);
	qw_text_literal(&draft.text, "\r\n");
	for (size_t i = 0; i < count; i++)
		put_header(&draft, htp_table_get_index(headers, i, NULL));
	if (count)
		qw_text_literal(&draft.text, "\r\n");
	keep(state, known, QW_BUFFER_HTTP_START, QW_SIGHT_NONE, &draft);
}

static void put_query(struct draft *draft, htp_tx_t *tx, const bstr *query)
{
	uint64_t flags = 0;
	bstr *decoded = bstr_dup(query);
	if (!decoded)
		return;
	htp_urldecode_inplace(tx->cfg, HTP_DECODER_URLENCODED, decoded, &flags);
	qw_text_char(&draft->text, '?');
	put(draft, decoded);
	bstr_free(decoded);
}

/* Path and query, decoded. */
static void normal_uri(struct draft *draft, htp_tx_t *tx)
{
	begin(draft);
	if (!tx->parsed_uri)
		return;
	put(draft, tx->parsed_uri->path);
	if (tx->parsed_uri->query)
		put_query(draft, tx, tx->parsed_uri->query);
}

static bool same(const struct draft *draft, struct qw_slice slice)
{
	return draft->text.len == slice.len && memcmp(draft->text.at, slice.data, slice.len) == 0;
}

/*
 * Indicators are asked for the address as sent and as normalised.  A request
 * to a proxy names scheme and host before the path: then only the path goes.
 */
static void add_uri(void *state, struct qw_known *known, htp_tx_t *tx)
{
	struct qw_slice raw = slice_of(tx->request_uri);
	const htp_uri_t *parts = tx->parsed_uri_raw;
	bool absolute = parts && parts->hostname;
	struct draft draft;

	qw_known_add(state, known, QW_BUFFER_HTTP_URI_RAW, absolute ? QW_SIGHT_NONE : QW_SIGHT_URL, raw);
	normal_uri(&draft, tx);
	if (draft.text.len)
		keep(state, known, QW_BUFFER_HTTP_URI, same(&draft, raw) ? QW_SIGHT_NONE : QW_SIGHT_URL, &draft);
	if (!absolute)
		return;
	begin(&draft);
	put(&draft, parts->path);
	if (parts->query) {
		qw_text_char(&draft.text, '?');
		put(&draft, parts->query);
	}
	keep(state, known, QW_BUFFER_COUNT, QW_SIGHT_URL, &draft);
}

/* Lower case, without the dot of the root. */
static void add_normal_host(void *state, struct qw_known *known, bstr *name)
{
	struct draft draft;
	begin(&draft);
	put(&draft, name);
	for (size_t i = 0; i < draft.text.len; i++) {
		char c = draft.text.at[i];
		draft.text.at[i] = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
	}
	while (draft.text.len && draft.text.at[draft.text.len - 1] == '.')
		draft.text.len--;
	keep(state, known, QW_BUFFER_HTTP_HOST, QW_SIGHT_NAME, &draft);
}

static void add_host(void *state, struct qw_known *known, const htp_tx_t *tx)
{
	bool in_uri = tx->parsed_uri && tx->parsed_uri->hostname;
	struct qw_slice header = header_value(tx->request_headers, "Host");
	if (tx->request_hostname)
		add_normal_host(state, known, tx->request_hostname);
	qw_known_add(state, known, QW_BUFFER_HTTP_HOST_RAW, QW_SIGHT_NONE,
		     in_uri ? slice_of(tx->parsed_uri->hostname) : header);
	/*
	 * A head that broke off gives signatures no host, but indicators the header as it is; and
	 * where the address names a host too, not every server believes that one.
	 */
	if (!tx->request_hostname || (in_uri && bstr_cmp_mem_nocase(tx->request_hostname, header.data, header.len) != 0))
		qw_known_add(state, known, QW_BUFFER_COUNT, QW_SIGHT_NAME, header);
}

void qw_http_known_request(void *state, struct qw_known *known, htp_tx_t *tx, struct qw_slice raw)
{
	qw_known_add(state, known, QW_BUFFER_HTTP_METHOD, QW_SIGHT_NONE, slice_of(tx->request_method));
	add_host(state, known, tx);
	add_uri(state, known, tx);
	qw_known_add(state, known, QW_BUFFER_HTTP_PROTOCOL, QW_SIGHT_NONE, slice_of(tx->request_protocol));
	qw_known_add(state, known, QW_BUFFER_HTTP_REQUEST_LINE, QW_SIGHT_NONE, slice_of(tx->request_line));
	add_named_headers(state, known, tx->request_headers, REQUEST_HEADERS);
	add_headers(state, known, tx->request_headers, "Cookie");
	qw_known_add(state, known, QW_BUFFER_HTTP_HEADER_RAW, QW_SIGHT_NONE, raw);
	add_start(state, known, tx->request_line, tx->request_headers);
}

struct qw_slice qw_http_file_name(htp_tx_t *tx, enum qw_direction direction, struct qw_text *text)
{
	struct qw_slice header = header_value(tx->response_headers, "Content-Disposition");
	if (direction == QW_TO_CLIENT && header.data && qw_parameter(header, "filename", text))
		return qw_slice(text->at, text->len);
	bool seen = tx->parsed_uri && tx->parsed_uri->path && tx->request_line;
	return seen ? slice_of(tx->parsed_uri->path) : qw_slice(NULL, 0);
}

struct qw_slice qw_http_content_range(const htp_tx_t *tx)
{
	return header_value(tx->response_headers, "Content-Range");
}

void qw_http_known_response(void *state, struct qw_known *known, htp_tx_t *tx, struct qw_slice raw)
{
	qw_known_add(state, known, QW_BUFFER_HTTP_RESPONSE_LINE, QW_SIGHT_NONE, slice_of(tx->response_line));
	qw_known_add(state, known, QW_BUFFER_HTTP_PROTOCOL, QW_SIGHT_NONE, slice_of(tx->response_protocol));
	qw_known_add(state, known, QW_BUFFER_HTTP_STAT_CODE, QW_SIGHT_NONE, slice_of(tx->response_status));
	qw_known_add(state, known, QW_BUFFER_HTTP_STAT_MSG, QW_SIGHT_NONE, slice_of(tx->response_message));
	add_named_headers(state, known, tx->response_headers, RESPONSE_HEADERS);
	add_headers(state, known, tx->response_headers, "Set-Cookie");
	qw_known_add(state, known, QW_BUFFER_HTTP_HEADER_RAW, QW_SIGHT_NONE, raw);
	add_start(state, known, tx->response_line, tx->response_headers);
}

void qw_http_header_lines(void *state, struct qw_message *message, htp_tx_t *tx, enum qw_direction direction,
			  struct qw_text *text)
{
	bool request = direction == QW_TO_SERVER;
	const htp_table_t *headers = request ? tx->request_headers : tx->response_headers;
	enum qw_buffer buffer = request ? QW_BUFFER_HTTP_REQUEST_HEADER : QW_BUFFER_HTTP_RESPONSE_HEADER;

	for (size_t i = 0; headers && i < htp_table_size(headers); i++) {
		const htp_header_t *header = htp_table_get_index(headers, i, NULL);
		size_t at = text->len;
		if (message->count == QW_FIELDS_MAX) {
			qw_parser_cut(state);
			return;
		}
		qw_text_put(text, bstr_ptr(header->name), bstr_len(header->name));
		qw_text_literal(text, ": ");
		qw_text_put(text, bstr_ptr(header->value), bstr_len(header->value));
		if (text->cut) {
			qw_parser_cut(state);
			return;
		}
		qw_message_add(message, buffer, QW_SIGHT_NONE, qw_slice(text->at + at, text->len - at), true);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/http_event.h"

#include <ctype.h>
#include <string.h>

enum side { SIDE_REQUEST, SIDE_RESPONSE, SIDE_EITHER };

/* The beginnings of libhtp's texts; the first that fits counts. */
static const struct {
	const char *text;
	uint8_t event;
	uint8_t side;
} rows[] = {
    {"GZip decompressor:", QW_AE_HTTP_GZIP_DECOMPRESSION_FAILED, SIDE_EITHER},
    {"LZMA decompressor: memory limit reached", QW_AE_HTTP_LZMA_MEMLIMIT_REACHED, SIDE_EITHER},
    {"Compression bomb:", QW_AE_HTTP_COMPRESSION_BOMB, SIDE_EITHER},
    {"Request field invalid: colon missing", QW_AE_HTTP_REQUEST_FIELD_MISSING_COLON, SIDE_REQUEST},
    {"Request field invalid", QW_AE_HTTP_REQUEST_HEADER_INVALID, SIDE_REQUEST},
    {"Request header name is not a token", QW_AE_HTTP_REQUEST_HEADER_INVALID, SIDE_REQUEST},
    {"Request field length exceeds", QW_AE_HTTP_REQUEST_FIELD_TOO_LONG, SIDE_REQUEST},
    {"Request buffer over the limit", QW_AE_HTTP_REQUEST_FIELD_TOO_LONG, SIDE_REQUEST},
    {"Request chunk encoding: Invalid chunk length", QW_AE_HTTP_INVALID_REQUEST_CHUNK_LEN, SIDE_REQUEST},
    {"Request line: missing protocol", QW_AE_HTTP_REQUEST_LINE_MISSING_PROTOCOL, SIDE_REQUEST},
    {"Request line: leading whitespace", QW_AE_HTTP_REQUEST_LINE_LEADING_WHITESPACE, SIDE_REQUEST},
    {"Request line: non-compliant delimiter between Method and URI", QW_AE_HTTP_METHOD_DELIM_NON_COMPLIANT, SIDE_REQUEST},
    {"Request line: URI contains non-compliant delimiter", QW_AE_HTTP_URI_DELIM_NON_COMPLIANT, SIDE_REQUEST},
    {"Request line: unknown method", QW_AE_HTTP_REQUEST_LINE_INVALID, SIDE_REQUEST},
    {"Request line incomplete", QW_AE_HTTP_REQUEST_LINE_INCOMPLETE, SIDE_REQUEST},
    {"Invalid request field folding", QW_AE_HTTP_INVALID_REQUEST_FIELD_FOLDING, SIDE_REQUEST},
    {"Unexpected request body", QW_AE_HTTP_REQUEST_BODY_UNEXPECTED, SIDE_REQUEST},
    {"Ambiguous request C-L value", QW_AE_HTTP_DUPLICATE_CONTENT_LENGTH_FIELD_IN_REQUEST, SIDE_REQUEST},
    {"Too many request headers", QW_AE_HTTP_REQUEST_TOO_MANY_HEADERS, SIDE_REQUEST},
    {"Response field invalid: missing colon", QW_AE_HTTP_RESPONSE_FIELD_MISSING_COLON, SIDE_RESPONSE},
    {"Response field invalid", QW_AE_HTTP_RESPONSE_HEADER_INVALID, SIDE_RESPONSE},
    {"Response header name is not a token", QW_AE_HTTP_RESPONSE_HEADER_INVALID, SIDE_RESPONSE},
    {"Response header value contains null", QW_AE_HTTP_RESPONSE_HEADER_INVALID, SIDE_RESPONSE},
    {"Response field length exceeds", QW_AE_HTTP_RESPONSE_FIELD_TOO_LONG, SIDE_RESPONSE},
    {"Response the buffer limit", QW_AE_HTTP_RESPONSE_FIELD_TOO_LONG, SIDE_RESPONSE},
    {"Response chunk encoding: Invalid chunk length", QW_AE_HTTP_INVALID_RESPONSE_CHUNK_LEN, SIDE_RESPONSE},
    {"Invalid response field folding", QW_AE_HTTP_INVALID_RESPONSE_FIELD_FOLDING, SIDE_RESPONSE},
    {"Invalid C-L field in response", QW_AE_HTTP_INVALID_CONTENT_LENGTH_FIELD_IN_RESPONSE, SIDE_RESPONSE},
    {"Ambiguous response C-L value", QW_AE_HTTP_DUPLICATE_CONTENT_LENGTH_FIELD_IN_RESPONSE, SIDE_RESPONSE},
    {"Too many response headers", QW_AE_HTTP_RESPONSE_TOO_MANY_HEADERS, SIDE_RESPONSE},
    {"Already seen 100-Continue", QW_AE_HTTP_100_CONTINUE_ALREADY_SEEN, SIDE_RESPONSE},
    {"Unable to match response to request", QW_AE_HTTP_UNABLE_TO_MATCH_RESPONSE_TO_REQUEST, SIDE_RESPONSE},
    {"Invalid response line: invalid protocol", QW_AE_HTTP_RESPONSE_INVALID_PROTOCOL, SIDE_RESPONSE},
    {"Invalid response line: invalid response status", QW_AE_HTTP_RESPONSE_INVALID_STATUS, SIDE_RESPONSE},
    {"Transfer-encoding has abnormal chunked value", QW_AE_HTTP_RESPONSE_ABNORMAL_TRANSFER_ENCODING, SIDE_RESPONSE},
    {"Chunked transfer-encoding on HTTP/0.9 or HTTP/1.0", QW_AE_HTTP_RESPONSE_CHUNKED_OLD_PROTO, SIDE_RESPONSE},
    {"C-T multipart/byteranges", QW_AE_HTTP_RESPONSE_MULTIPART_BYTERANGES, SIDE_RESPONSE},
    {"Too many response content encoding layers", QW_AE_HTTP_TOO_MANY_ENCODING_LAYERS, SIDE_RESPONSE},
    {"C-E gzip has abnormal value", QW_AE_HTTP_ABNORMAL_CE_HEADER, SIDE_RESPONSE},
    {"C-E deflate has abnormal value", QW_AE_HTTP_ABNORMAL_CE_HEADER, SIDE_RESPONSE},
    {"C-E unknown setting", QW_AE_HTTP_ABNORMAL_CE_HEADER, SIDE_RESPONSE},
};

/* Flags that libhtp sets on a transaction. */
static const struct {
	uint64_t flag;
	uint8_t event;
} request_flags[] = {
    {HTP_REQUEST_INVALID_T_E, QW_AE_HTTP_INVALID_TRANSFER_ENCODING_VALUE_IN_REQUEST},
    {HTP_REQUEST_INVALID_C_L, QW_AE_HTTP_INVALID_CONTENT_LENGTH_FIELD_IN_REQUEST},
    {HTP_HOST_MISSING, QW_AE_HTTP_MISSING_HOST_HEADER},
    {HTP_HOST_AMBIGUOUS, QW_AE_HTTP_HOST_HEADER_AMBIGUOUS},
    {HTP_HOSTU_INVALID, QW_AE_HTTP_REQUEST_URI_HOST_INVALID},
    {HTP_HOSTH_INVALID, QW_AE_HTTP_REQUEST_HEADER_HOST_INVALID},
};

bool qw_http_event_add(struct qw_http_events *events, enum qw_app_event event)
{
	for (unsigned i = 0; i < events->count; i++)
		if (events->event[i] == event)
			return true;
	if (events->count == QW_HTTP_EVENTS_MAX)
		return false;
	events->event[events->count++] = (uint8_t)event;
	return true;
}

void qw_http_events_tell(struct qw_http_events *events, struct qw_message *message)
{
	for (unsigned i = 0; i < events->count; i++)
		qw_message_number(message, QW_BUFFER_APP_EVENT, events->event[i], i >= events->told);
	events->told = events->count;
}

enum qw_app_event qw_http_event_of_log(const htp_log_t *log, enum qw_direction *direction)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strncmp(log->msg, rows[i].text, strlen(rows[i].text)) != 0)
			continue;
		if (rows[i].side != SIDE_EITHER)
			*direction = rows[i].side == SIDE_REQUEST ? QW_TO_SERVER : QW_TO_CLIENT;
		return (enum qw_app_event)rows[i].event;
	}
	return log->level == HTP_LOG_ERROR ? QW_AE_HTTP_UNKNOWN_ERROR : QW_AE_NONE;
}

/* "%25" and two hexadecimal digits: what is decoded once is an escape again. */
static bool encoded_twice(const bstr *uri)
{
	const uint8_t *at = uri ? bstr_ptr(uri) : NULL;
	size_t len = uri ? bstr_len(uri) : 0;

	for (size_t i = 0; i + 5 <= len; i++)
		if (at[i] == '%' && at[i + 1] == '2' && at[i + 2] == '5' && isxdigit(at[i + 3]) && isxdigit(at[i + 4]))
			return true;
	return false;
}

bool qw_http_events_of_request(struct qw_http_events *events, const htp_tx_t *tx, uint16_t server_port)
{
	bool fits = true;

	for (size_t i = 0; i < sizeof(request_flags) / sizeof(request_flags[0]); i++)
		if (tx->flags & request_flags[i].flag)
			fits &= qw_http_event_add(events, (enum qw_app_event)request_flags[i].event);
	if (tx->request_auth_type == HTP_AUTH_UNRECOGNIZED || tx->flags & HTP_AUTH_INVALID)
		fits &= qw_http_event_add(events, QW_AE_HTTP_REQUEST_AUTH_UNRECOGNIZED);
	if (tx->req_header_repetitions >= HTP_MAX_HEADERS_REPETITIONS)
		fits &= qw_http_event_add(events, QW_AE_HTTP_REQUEST_HEADER_REPETITION);
	if (tx->request_port_number > 0 && tx->request_port_number != server_port)
		fits &= qw_http_event_add(events, QW_AE_HTTP_REQUEST_SERVER_PORT_TCP_PORT_MISMATCH);
	if (encoded_twice(tx->request_uri))
		fits &= qw_http_event_add(events, QW_AE_HTTP_DOUBLE_ENCODED_URI);
	return fits;
}

bool qw_http_events_of_response(struct qw_http_events *events, const htp_tx_t *tx)
{
	if (tx->res_header_repetitions < HTP_MAX_HEADERS_REPETITIONS)
		return true;
	return qw_http_event_add(events, QW_AE_HTTP_RESPONSE_HEADER_REPETITION);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/http_probe.h"

#include <string.h>
#include <strings.h>

enum {
	METHOD_MAX = 32,
	LINE_MAX_LEN = 480, /* of a request whose method is nobody's, until it must have said HTTP */
};

static const char *const METHODS[] = {
	"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "PROPFIND", "PROPPATCH",
	"MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "CHECKOUT", "MKACTIVITY", "MERGE", "NOTIFY",
	"M-SEARCH", "SUBSCRIBE", "UNSUBSCRIBE", "PURGE", "BITS_POST", "CCM_POST", "RPC_IN_DATA", "RPC_OUT_DATA",
};

static bool is_method_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool is_known_method(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < sizeof(METHODS) / sizeof(*METHODS); i++) {
		if (strlen(METHODS[i]) == len && strncasecmp((const char *)data, METHODS[i], len) == 0)
			return true;
	}
	return false;
}

static bool holds(struct qw_slice line, const char *word)
{
	return line.data && memmem(line.data, line.len, word, strlen(word));
}

static int probe_request(const uint8_t *data, size_t len)
{
	size_t method = 0;
	while (method < len && method <= METHOD_MAX && is_method_letter(data[method]))
		method++;
	if (method == len && len <= METHOD_MAX)
		return -1;
	if (method == 0 || method > METHOD_MAX || (data[method] != ' ' && data[method] != '\t'))
		return 0;
	if (is_known_method(data, method))
		return 1;
	size_t line = method;
	while (line < len && data[line] != '\n')
		line++;
	if (holds(qw_slice(data, line), " HTTP/1.") || holds(qw_slice(data, line), " HTTP/0."))
		return 1;
	return line < len || len > LINE_MAX_LEN ? 0 : -1;
}

static int probe_response(const uint8_t *data, size_t len)
{
	static const char start[] = "HTTP/";
	size_t part = len < sizeof(start) - 1 ? len : sizeof(start) - 1;
	if (strncasecmp((const char *)data, start, part) != 0)
		return 0;
	return part == sizeof(start) - 1 ? 1 : -1;
}

int qw_http_probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	while (len && (*data == '\r' || *data == '\n')) {
		data++;
		len--;
	}
	if (len == 0)
		return -1;
	return direction == QW_TO_SERVER ? probe_request(data, len) : probe_response(data, len);
}

static bool is_status_line(const uint8_t *data, size_t len)
{
	static const char shape[] = "HTTP/0.0 000";
	if (len < sizeof(shape) - 1)
		return false;
	for (size_t i = 0; i < sizeof(shape) - 1; i++) {
		bool digit = data[i] >= '0' && data[i] <= '9';
		if (shape[i] == '0' ? !digit : data[i] != (uint8_t)shape[i])
			return false;
	}
	return true;
}

enum qw_speaker qw_http_speaker(const uint8_t *data, size_t len)
{
	if (is_status_line(data, len))
		return QW_SPEAKER_SERVER;
	const uint8_t *end = memchr(data, '\n', len);
	struct qw_slice line = qw_slice(data, end ? (size_t)(end - data) : len);
	return probe_request(data, len) > 0 && holds(line, " HTTP/1.") ? QW_SPEAKER_CLIENT : QW_SPEAKER_UNKNOWN;
}

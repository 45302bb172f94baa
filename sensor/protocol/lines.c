/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/lines.h"

#include <string.h>
#include <strings.h>

static struct qw_line hand_out(struct qw_lines *lines, struct qw_slice text, bool ends)
{
	struct qw_line line = {.text = text, .begins = !lines->inside, .ends = ends};
	if (ends && line.text.len && line.text.data[line.text.len - 1] == '\r')
		line.text.len--;
	else
		line.bare = ends;
	lines->inside = !ends;
	return line;
}

bool qw_line_next(void *state, struct qw_lines *lines, struct qw_bytes *in, size_t max, struct qw_line *out)
{
	if (lines->told)
		qw_store_free(state, &lines->held);
	lines->told = false;
	if (in->left == 0)
		return false;
	const uint8_t *end = memchr(in->at, '\n', in->left);
	size_t len = end ? (size_t)(end - in->at) : in->left, room = max - lines->held.len;
	bool ends = end && len <= room;
	bool full = len > room || (!ends && len == room);
	struct qw_bytes part;
	if (!qw_bytes_take(in, len < room ? len : room, &part))
		return false;
	if (ends)
		qw_bytes_skip(in, 1);
	if (lines->held.len == 0 && (ends || full)) {
		*out = hand_out(lines, qw_slice(part.at, part.left), ends);
		return true;
	}
	/* Without room in the pool the line comes apart here. */
	bool kept = qw_store_put(state, &lines->held, part.at, part.left, max);
	if (kept && !ends && !full)
		return false;
	lines->told = true;
	*out = hand_out(lines, kept ? qw_store_slice(&lines->held) : qw_slice(part.at, part.left), ends);
	return true;
}

bool qw_line_rest(void *state, struct qw_lines *lines, struct qw_line *out)
{
	if (lines->told)
		qw_store_free(state, &lines->held);
	lines->told = lines->held.len > 0;
	*out = hand_out(lines, qw_store_slice(&lines->held), false);
	return lines->told;
}

void qw_lines_free(void *state, struct qw_lines *lines)
{
	qw_store_free(state, &lines->held);
	lines->told = lines->inside = false;
}

struct qw_slice qw_line_word(struct qw_slice *line)
{
	struct qw_slice word = {line->data, 0};
	while (word.len < line->len && line->data[word.len] != ' ' && line->data[word.len] != '\t')
		word.len++;
	size_t at = word.len;
	while (at < line->len && (line->data[at] == ' ' || line->data[at] == '\t'))
		at++;
	if (at)
		*line = qw_slice(line->data + at, line->len - at);
	return word;
}

bool qw_slice_is(struct qw_slice slice, const char *word)
{
	return slice.len == strlen(word) && strncasecmp((const char *)slice.data, word, slice.len) == 0;
}

bool qw_line_begins(const uint8_t *data, size_t len, const char *word)
{
	return len >= strlen(word) && strncasecmp((const char *)data, word, strlen(word)) == 0;
}

bool qw_line_holds(const uint8_t *data, size_t len, const char *word)
{
	for (size_t i = 0; i < len; i++) {
		if (qw_line_begins(data + i, len - i, word))
			return true;
	}
	return false;
}

bool qw_line_is_reply(const uint8_t *data, size_t len)
{
	const uint8_t *end = memchr(data, '\n', len);
	if (!end || end - data < 5 || data[0] < '1' || data[0] > '5' || (data[3] != ' ' && data[3] != '-'))
		return false;
	for (const uint8_t *at = data + 1; at < data + 3; at++)
		if (*at < '0' || *at > '9')
			return false;
	for (const uint8_t *at = data + 4; at < end; at++)
		if (*at < ' ' && *at != '\r' && *at != '\t')
			return false;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/fox_frame.h"

#include <stddef.h>

#include "sensor/protocol/lines.h"

/* "fox a 1": a word, a letter, a number that may be negative. */
int qw_fox_begins(const uint8_t *data, size_t len)
{
	static const char word[] = "fox ";
	enum { WORD = sizeof(word) - 1, LETTER = WORD, BLANK, NUMBER, LEAST };
	if (memcmp(data, word, len < WORD ? len : WORD) != 0)
		return 0;
	if (len > LETTER && (data[LETTER] < 'a' || data[LETTER] > 'z'))
		return 0;
	if (len > BLANK && data[BLANK] != ' ')
		return 0;
	if (len > NUMBER && data[NUMBER] != '-' && (data[NUMBER] < '0' || data[NUMBER] > '9'))
		return 0;
	return len >= LEAST ? 1 : -1;
}

/* -1: it is no number, or a negative one. */
static int32_t number_of(struct qw_slice text)
{
	enum { DIGITS_MAX = 9 };
	int32_t value = 0;
	if (text.len == 0 || text.len > DIGITS_MAX)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return -1;
		value = value * 10 + (text.data[i] - '0');
	}
	return value;
}

static struct qw_slice take_line(struct qw_bytes *in)
{
	struct qw_bytes line = *in;
	const uint8_t *end = in->left ? memchr(in->at, '\n', in->left) : NULL;
	size_t len = end ? (size_t)(end - in->at) : in->left;
	(void)qw_bytes_skip(in, end ? len + 1 : len);
	if (len && line.at[len - 1] == '\r')
		len--;
	return qw_slice(line.at, len);
}

/* ---- bodies */

static const struct {
	const char *name;
	size_t at; /* of the slice in the frame */
} members[] = {
#define MEMBER(name, field) {name, offsetof(struct qw_fox_frame, field)}
	MEMBER("hostName", host),      MEMBER("hostAddress", address), MEMBER("station.name", station),
	MEMBER("app.name", app),       MEMBER("app.version", version), MEMBER("os.name", os),
	MEMBER("os.version", os_version), MEMBER("vm.name", vm),	       MEMBER("vm.version", vm_version),
	MEMBER("hostId", id),	       MEMBER("brandId", brand),       MEMBER("method", method),
	MEMBER("username", user),      MEMBER("user", user),
#undef MEMBER
};

/* "name=s:value": texts alone are kept. */
static void read_member(struct qw_fox_frame *frame, struct qw_slice line)
{
	enum { TYPE = 2 }; /* "s:" */
	const uint8_t *equals = line.len ? memchr(line.data, '=', line.len) : NULL;
	if (!equals)
		return;
	size_t name = (size_t)(equals - line.data), value = name + 1 + TYPE;
	if (value >= line.len || line.data[name + 1] != 's' || line.data[name + 2] != ':')
		return;
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		if (strlen(members[i].name) != name || memcmp(line.data, members[i].name, name) != 0)
			continue;
		struct qw_slice text = qw_slice(line.data + value, line.len - value);
		memcpy((uint8_t *)frame + members[i].at, &text, sizeof(text));
	}
}

bool qw_fox_parse(struct qw_fox_frame *frame, struct qw_bytes in)
{
	enum { KIND_AT = 4 };
	struct qw_slice head = take_line(&in), rest = head;
	*frame = (struct qw_fox_frame){0};
	if (head.len < QW_FOX_HEAD || qw_fox_begins(head.data, head.len) <= 0)
		return false;
	frame->kind = (char)head.data[KIND_AT];
	(void)qw_line_word(&rest); /* the protocol */
	(void)qw_line_word(&rest); /* the kind */
	frame->number = number_of(qw_line_word(&rest));
	frame->reply = number_of(qw_line_word(&rest));
	frame->channel = qw_line_word(&rest);
	frame->command = qw_line_word(&rest);
	while (in.left)
		read_member(frame, take_line(&in));
	return true;
}

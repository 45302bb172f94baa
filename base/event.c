/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/event.h"

#include "quaywatch/bytes.h"

enum { FIELD_HEAD = 4, FIELD_ALIGN = 4 };

/* A field's bytes with what fills them up to the next field. */
static size_t padded(size_t len)
{
	return (len + FIELD_ALIGN - 1) & ~(size_t)(FIELD_ALIGN - 1);
}

void qw_event_begin(struct qw_event_writer *writer, void *memory, size_t size, enum qw_event_type type,
		    struct qw_time time)
{
	size = size < QW_EVENT_MAX ? size : QW_EVENT_MAX;
	writer->event = memory;
	writer->room = size - sizeof(struct qw_event);
	writer->cut = false;
	writer->event->type = type;
	writer->event->len = 0;
	writer->event->time_ns = time.ns;
}

void qw_event_put(struct qw_event_writer *writer, enum qw_event_key key, const void *data, size_t len)
{
	struct qw_event *event = writer->event;
	size_t left = writer->room - event->len;
	if (len > UINT16_MAX || FIELD_HEAD + padded(len) > left) {
		writer->cut = true;
		return;
	}
	uint16_t head[2] = {(uint16_t)key, (uint16_t)len};
	uint8_t *at = event->body + event->len;
	memcpy(at, head, FIELD_HEAD);
	if (len > 0)
		memcpy(at + FIELD_HEAD, data, len);
	memset(at + FIELD_HEAD + len, 0, padded(len) - len);
	event->len += (uint32_t)(FIELD_HEAD + padded(len));
}

void qw_event_put_u64(struct qw_event_writer *writer, enum qw_event_key key, uint64_t value)
{
	qw_event_put(writer, key, &value, sizeof(value));
}

void qw_event_put_decimal(struct qw_event_writer *writer, enum qw_event_key key, int64_t value, uint8_t decimals)
{
	uint8_t data[sizeof(value) + 1];

	memcpy(data, &value, sizeof(value));
	data[sizeof(value)] = decimals;
	qw_event_put(writer, key, data, sizeof(data));
}

void qw_event_put_text(struct qw_event_writer *writer, enum qw_event_key key, const char *text)
{
	if (text && text[0])
		qw_event_put(writer, key, text, strlen(text));
}

/*
 * Each head is copied once and then used, for the bytes may lie in memory that
 * their writer still holds.
 */
static bool take_field(struct qw_bytes *in, uint16_t head[2], struct qw_bytes *data)
{
	return qw_bytes_copy(in, head, FIELD_HEAD) && head[0] < QW_KEY_COUNT &&
	       qw_bytes_take(in, padded(head[1]), data);
}

enum qw_err qw_event_open(struct qw_event_reader *reader, const void *data, size_t size, const struct qw_event **event)
{
	struct qw_event head;
	struct qw_bytes in = qw_bytes(data, size), body, field;
	uint16_t field_head[2];

	if ((uintptr_t)data % _Alignof(struct qw_event) != 0 || !qw_bytes_copy(&in, &head, sizeof(head)))
		return QW_EFORMAT;
	if (head.type >= QW_EVENT_COUNT || size > QW_EVENT_MAX || !qw_bytes_take(&in, head.len, &body) || in.left != 0)
		return QW_EFORMAT;
	struct qw_event_reader first = {body.at, body.left};
	while (body.left > 0) {
		if (!take_field(&body, field_head, &field))
			return QW_EFORMAT;
	}
	*reader = first;
	*event = data;
	return QW_OK;
}

bool qw_event_next(struct qw_event_reader *reader, enum qw_event_key *key, const uint8_t **data, size_t *len)
{
	struct qw_bytes in = {reader->at, reader->left}, field;
	uint16_t head[2];

	if (!take_field(&in, head, &field)) {
		reader->left = 0;
		return false;
	}
	reader->at = in.at;
	reader->left = in.left;
	*key = (enum qw_event_key)head[0];
	*data = field.at;
	*len = head[1];
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/marks.h"

#include <string.h>

#include "quaywatch/text.h"

/* The flow bits that Suricata's traffic/id/NAME and traffic/label/NAME are, and all others. */
static enum qw_event_key key_of(const struct qw_mark *mark, const char **name)
{
	static const char id[] = "traffic/id/", label[] = "traffic/label/";

	*name = mark->name;
	if (mark->is_number)
		return QW_KEY_FLOWINTS;
	if (strncmp(mark->name, id, sizeof(id) - 1) == 0) {
		*name += sizeof(id) - 1;
		return QW_KEY_TRAFFIC_ID;
	}
	if (strncmp(mark->name, label, sizeof(label) - 1) == 0) {
		*name += sizeof(label) - 1;
		return QW_KEY_TRAFFIC_LABEL;
	}
	return QW_KEY_FLOWBITS;
}

static void put_marks_of(struct qw_event_writer *writer, const struct qw_mark *marks, size_t count, enum qw_event_key key)
{
	char memory[1024];
	struct qw_text text;
	const char *name;

	qw_text_init(&text, memory, sizeof(memory));
	for (size_t i = 0; i < count; i++) {
		if (key_of(&marks[i], &name) != key)
			continue;
		if (text.len)
			qw_text_char(&text, '\n');
		qw_text_put(&text, name, strlen(name));
		if (marks[i].is_number)
			qw_text_format(&text, " %u", marks[i].number);
	}
	if (text.len)
		qw_event_put(writer, key, text.at, text.len);
}

void qw_record_marks(struct qw_event_writer *writer, const struct qw_mark *marks, size_t count)
{
	static const enum qw_event_key keys[] = {QW_KEY_FLOWBITS, QW_KEY_FLOWINTS, QW_KEY_TRAFFIC_ID, QW_KEY_TRAFFIC_LABEL};

	for (size_t i = 0; count && i < sizeof(keys) / sizeof(keys[0]); i++)
		put_marks_of(writer, marks, count, keys[i]);
}

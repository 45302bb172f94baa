/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/feed_outcome.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "quaywatch/json.h"

static const char *const results[QW_FEED_RESULTS] = {"fresh", "still", "refused", "failed"};

const char *qw_feed_result_name(enum qw_feed_result result)
{
	return result < QW_FEED_RESULTS ? results[result] : "";
}

#define TEXT(member) {#member, offsetof(struct qw_feed_outcome, member), sizeof(((struct qw_feed_outcome *)0)->member)}
#define NUMBER(member) {#member, offsetof(struct qw_feed_outcome, member), 0}

static const struct {
	const char *name;
	size_t offset, size; /* size 0: a number */
} members[] = {
    NUMBER(result), TEXT(why),     TEXT(format),  NUMBER(bytes),   NUMBER(entries), NUMBER(rejected), NUMBER(ignored),
    NUMBER(over),   NUMBER(added), NUMBER(changed), NUMBER(removed), TEXT(etag),      TEXT(modified),
};

enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

void qw_feed_outcome_write(const struct qw_feed_outcome *outcome, struct qw_text *out)
{
	struct qw_json json = qw_json(out);

	qw_json_open(&json, NULL, '{');
	for (size_t i = 0; i < MEMBERS; i++) {
		const char *at = (const char *)outcome + members[i].offset;
		uint64_t number;
		memcpy(&number, at, sizeof(number));
		if (members[i].size > 0)
			qw_json_text(&json, members[i].name, at);
		else
			qw_json_u64(&json, members[i].name, number);
	}
	qw_json_open(&json, "complaints", '[');
	for (size_t i = 0; i < QW_FEED_COMPLAINTS && outcome->complaint[i][0]; i++)
		qw_json_text(&json, NULL, outcome->complaint[i]);
	qw_json_close(&json, ']');
	qw_json_close(&json, '}');
	qw_text_char(out, '\n');
}

static void take(struct qw_feed_outcome *out, size_t row, const json_t *value)
{
	char *at = (char *)out + members[row].offset;

	if (members[row].size > 0)
		snprintf(at, members[row].size, "%s", json_is_string(value) ? json_string_value(value) : "");
	else if (json_is_integer(value) && json_integer_value(value) > 0)
		memcpy(at, &(uint64_t){(uint64_t)json_integer_value(value)}, sizeof(uint64_t));
}

enum qw_err qw_feed_outcome_read(struct qw_feed_outcome *out, const char *data, size_t len)
{
	json_t *object = json_loadb(data, len, 0, NULL);
	const json_t *complaint;
	size_t index;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < MEMBERS; i++)
		take(out, i, json_object_get(object, members[i].name));
	json_array_foreach(json_object_get(object, "complaints"), index, complaint)
	{
		if (index < QW_FEED_COMPLAINTS && json_is_string(complaint))
			snprintf(out->complaint[index], sizeof(out->complaint[0]), "%s", json_string_value(complaint));
	}
	bool good = json_is_object(object) && json_is_integer(json_object_get(object, "result")) && out->result < QW_FEED_RESULTS;
	json_decref(object);
	return good ? QW_OK : QW_EFORMAT;
}

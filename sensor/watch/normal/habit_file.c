/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/normal/habit_file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/file.h"
#include "rules/signature/vector.h"

/* ---- writing */

static void put_time(struct qw_json *json, const char *key, struct qw_time time)
{
	char text[QW_TIME_EVE_LEN + 1];

	qw_time_eve(time, text);
	qw_json_text(json, key, text);
}

static void put_some(struct qw_json *json, const char *key, const char *text)
{
	if (*text)
		qw_json_text(json, key, text);
}

static void put_ranges(struct qw_json *json, const char *key, const struct qw_range *ranges, unsigned count)
{
	if (count == 0)
		return;
	qw_json_open(json, key, '[');
	for (unsigned i = 0; i < count; i++) {
		qw_json_open(json, NULL, '[');
		qw_json_u64(json, NULL, ranges[i].first);
		qw_json_u64(json, NULL, ranges[i].last);
		qw_json_close(json, ']');
	}
	qw_json_close(json, ']');
}

static void put_key(struct qw_json *json, const struct qw_habit_key *key)
{
	bool alone = key->kind == QW_HABIT_ASSET;

	qw_json_text(json, "kind", qw_habit_kind_name((enum qw_habit_kind)key->kind));
	qw_json_address(json, alone ? "host" : "client", &key->client);
	if (!alone)
		qw_json_address(json, "server", &key->server);
	if (key->port)
		qw_json_u64(json, "port", key->port);
	if (key->proto)
		qw_json_u64(json, "proto", key->proto);
	put_some(json, "app", key->app);
	if (key->kind == QW_HABIT_FUNCTION && key->function != QW_SEEN_NO_NUMBER)
		qw_json_i64(json, "function", key->function);
	put_some(json, "name", key->name);
	if (key->has_unit)
		qw_json_u64(json, "unit", key->unit);
	put_some(json, "area", key->area);
}

void qw_habit_json(struct qw_json *json, const struct qw_habit *habit)
{
	char id[QW_HABIT_ID_LEN + 1];

	qw_habit_id(&habit->key, id);
	qw_json_text(json, "id", id);
	put_key(json, &habit->key);
	if (habit->machine)
		qw_json_bool(json, "machine", true);
	qw_json_text(json, "state", qw_habit_state_name((enum qw_habit_state)habit->state));
	if (habit->ranges) {
		put_ranges(json, "ranges", habit->ranges->range, habit->ranges->count);
		put_ranges(json, "proposed_ranges", habit->ranges->proposed, habit->ranges->proposed_count);
	}
	qw_json_u64(json, "count", habit->count);
	put_time(json, "first", habit->first);
	qw_json_i64(json, "first_ns", habit->first.ns);
	put_time(json, "last", habit->last);
	qw_json_i64(json, "last_ns", habit->last.ns);
}

static bool put_line(struct qw_vector *bytes, struct qw_json *json)
{
	struct qw_text *text = json->text;

	qw_json_close(json, '}');
	qw_text_char(text, '\n');
	return !text->cut && qw_vector_put(bytes, text->at, text->len) != UINT32_MAX;
}

static bool write_all(struct qw_vector *bytes, const struct qw_habit_list *list, const struct qw_habit_about *about)
{
	char memory[QW_HABIT_JSON_MAX];
	struct qw_text text;
	size_t count = qw_habit_count(list);
	struct qw_habit **rows = qw_habit_sorted(list);

	qw_text_init(&text, memory, sizeof(memory));
	struct qw_json json = qw_json(&text);
	qw_json_open(&json, NULL, '{');
	qw_json_u64(&json, "quaywatch_baseline", QW_HABIT_FILE_VERSION);
	qw_json_i64(&json, "begun_ns", about->begun.ns);
	qw_json_bool(&json, "learnt", about->learnt);
	bool good = put_line(bytes, &json) && (rows || count == 0);
	for (size_t i = 0; good && i < count; i++) {
		qw_text_init(&text, memory, sizeof(memory));
		json = qw_json(&text);
		qw_json_open(&json, NULL, '{');
		qw_habit_json(&json, rows[i]);
		good = put_line(bytes, &json);
	}
	free(rows);
	return good;
}

enum qw_err qw_habit_save(const char *path, const struct qw_habit_list *list, const struct qw_habit_about *about)
{
	struct qw_vector bytes;
	enum qw_err err = QW_ENOMEM;

	qw_vector_init(&bytes, 1);
	if (write_all(&bytes, list, about))
		err = qw_file_replace(path, bytes.rows, bytes.count, 0600);
	qw_vector_fini(&bytes);
	return err;
}

/* ---- reading: each function is NULL where all is well, else what is wrong */

static const char *read_number(const json_t *object, const char *key, uint64_t max, uint64_t *out, const char *wrong)
{
	const json_t *value = json_object_get(object, key);

	*out = 0;
	if (!value)
		return NULL;
	if (!json_is_integer(value))
		return wrong;
	*out = (uint64_t)json_integer_value(value); /* as it is written: all 64 bits */
	return *out <= max ? NULL : wrong;
}

static const char *read_time(const json_t *object, const char *key, struct qw_time *out)
{
	const json_t *value = json_object_get(object, key);

	out->ns = json_integer_value(value);
	return !value || json_is_integer(value) ? NULL : "a time is a number of nanoseconds";
}

static const char *read_text(const json_t *object, const char *key, char *out, size_t size, const char *wrong)
{
	const json_t *value = json_object_get(object, key);

	if (!value)
		return NULL;
	if (!json_is_string(value) || json_string_length(value) >= size)
		return wrong;
	memcpy(out, json_string_value(value), json_string_length(value));
	return NULL;
}

static bool read_address(const json_t *object, const char *key, struct qw_address *out)
{
	const json_t *value = json_object_get(object, key);

	return json_is_string(value) && qw_address_parse(json_string_value(value), json_string_length(value), out);
}

static bool read_word(const json_t *object, const char *key, unsigned count, const char *(*name)(unsigned), uint8_t *out)
{
	const char *text = json_string_value(json_object_get(object, key));

	for (unsigned i = 0; text && i < count; i++)
		if (strcmp(text, name(i)) == 0) {
			*out = (uint8_t)i;
			return true;
		}
	return false;
}

static const char *kind_name(unsigned kind)
{
	return qw_habit_kind_name((enum qw_habit_kind)kind);
}

static const char *state_name(unsigned state)
{
	return qw_habit_state_name((enum qw_habit_state)state);
}

static const char *read_ends(struct qw_habit_key *key, const json_t *object)
{
	if (!read_word(object, "kind", QW_HABIT_KINDS, kind_name, &key->kind))
		return "\"kind\" is asset, external, talker, writer, opener or function";
	if (key->kind == QW_HABIT_ASSET)
		return read_address(object, "host", &key->client) ? NULL : "\"host\" is an address";
	if (!read_address(object, "client", &key->client) || !read_address(object, "server", &key->server))
		return "\"client\" and \"server\" are addresses";
	return NULL;
}

static const char *read_key(struct qw_habit_key *key, const json_t *object)
{
	const json_t *function = json_object_get(object, "function");
	uint64_t port, proto;
	const char *wrong = read_ends(key, object);

	if (!wrong)
		wrong = read_number(object, "port", UINT16_MAX, &port, "\"port\" is a number up to 65535");
	if (!wrong)
		wrong = read_number(object, "proto", UINT8_MAX, &proto, "\"proto\" is a number up to 255");
	if (!wrong)
		wrong = read_number(object, "unit", UINT64_MAX, &key->unit, "\"unit\" is a number");
	if (!wrong)
		wrong = read_text(object, "app", key->app, sizeof(key->app), "\"app\" is a short text");
	if (!wrong)
		wrong = read_text(object, "name", key->name, sizeof(key->name), "\"name\" is a short text");
	if (!wrong)
		wrong = read_text(object, "area", key->area, sizeof(key->area), "\"area\" is a short text");
	if (wrong)
		return wrong;
	if (function && !json_is_integer(function))
		return "\"function\" is a number";
	key->port = (uint16_t)port;
	key->proto = (uint8_t)proto;
	key->has_unit = json_object_get(object, "unit") != NULL;
	if (key->kind == QW_HABIT_FUNCTION)
		key->function = function ? json_integer_value(function) : QW_SEEN_NO_NUMBER;
	return NULL;
}

static const char *read_ranges(struct qw_habit *habit, const json_t *object, const char *key, bool normal)
{
	const json_t *list = json_object_get(object, key), *pair;
	size_t i;

	if (list && !json_is_array(list))
		return "ranges are a list of [first, last]";
	json_array_foreach(list, i, pair) {
		const json_t *first = json_array_get(pair, 0), *last = json_array_get(pair, 1);
		struct qw_range range = {(uint64_t)json_integer_value(first), (uint64_t)json_integer_value(last)};
		if (json_array_size(pair) != 2 || !json_is_integer(first) || !json_is_integer(last) || range.first > range.last)
			return "a range is [first, last], the first not above the last";
		if (!qw_habit_add_range(habit, range, normal))
			return "there is no memory for it";
	}
	return NULL;
}

static const char *read_row(struct qw_habit_list *list, const json_t *object)
{
	struct qw_habit_key key = {0};
	const char *wrong = read_key(&key, object);

	if (wrong)
		return wrong;
	if (qw_habit_find(list, &key))
		return "the same stands in an earlier line";
	struct qw_habit *habit = qw_habit_get(list, &key);
	if (!habit)
		return "there are more lines than watch.baseline_entries allows";
	if (!read_word(object, "state", QW_HABIT_STATES, state_name, &habit->state))
		return "\"state\" is learnt, accepted or proposed";
	habit->machine = json_is_true(json_object_get(object, "machine"));
	wrong = read_number(object, "count", UINT64_MAX, &habit->count, "\"count\" is a number");
	if (!wrong)
		wrong = read_time(object, "first_ns", &habit->first);
	if (!wrong)
		wrong = read_time(object, "last_ns", &habit->last);
	if (!wrong)
		wrong = read_ranges(habit, object, "ranges", true);
	if (!wrong)
		wrong = read_ranges(habit, object, "proposed_ranges", false);
	habit->count += habit->count == 0; /* who wrote the line by hand saw it */
	return wrong;
}

static const char *read_about(struct qw_habit_about *about, const json_t *object, enum qw_err *err)
{
	const json_t *version = json_object_get(object, "quaywatch_baseline");

	if (!json_is_integer(version))
		return "the first line is {\"quaywatch_baseline\":1, ...}: this is no baseline";
	if (json_integer_value(version) != QW_HABIT_FILE_VERSION) {
		*err = QW_EVERSION;
		return "the baseline is of another version of quaywatch";
	}
	about->learnt = json_is_true(json_object_get(object, "learnt"));
	return read_time(object, "begun_ns", &about->begun);
}

static enum qw_err read_line(const char *line, size_t len, bool first, struct qw_habit_list *list, struct qw_habit_about *about,
			     char wrong[JSON_ERROR_TEXT_LENGTH])
{
	json_error_t error;
	enum qw_err err = QW_EFORMAT;
	json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	const char *why = error.text;

	if (object)
		why = !json_is_object(object) ? "a line is a JSON object" : first ? read_about(about, object, &err) : read_row(list, object);
	if (why)
		snprintf(wrong, JSON_ERROR_TEXT_LENGTH, "%s", why);
	json_decref(object);
	return why ? err : QW_OK;
}

enum qw_err qw_habit_read(const char *name, const char *data, size_t len, struct qw_habit_list *list, struct qw_habit_about *about,
			  struct qw_diags *diags)
{
	uint32_t number = 0;
	char wrong[JSON_ERROR_TEXT_LENGTH] = "the file is empty";
	enum qw_err err = len ? QW_OK : QW_EFORMAT;

	while (len && err == QW_OK) {
		const char *end = memchr(data, '\n', len);
		size_t part = end ? (size_t)(end - data) : len;
		number++;
		if (!end) { /* each line ends: the rest of this one is missing */
			err = QW_EFORMAT;
			snprintf(wrong, sizeof(wrong), "the last line has no end: the file was cut");
		} else if (part) {
			err = read_line(data, part, number == 1, list, about, wrong);
		}
		data += part + (end != NULL);
		len -= part + (end != NULL);
	}
	if (err != QW_OK)
		qw_complain(diags, QW_DIAG_ERROR, name, number, 0, "%s; mend the line, or move the file away to learn anew", wrong);
	return err;
}

enum qw_err qw_habit_load(const char *path, struct qw_habit_list *list, struct qw_habit_about *about, struct qw_diags *diags)
{
	char *data;
	size_t len;
	enum qw_err err = qw_file_read(path, QW_HABIT_FILE_MAX, &data, &len);

	if (err == QW_ENOENT)
		return err;
	if (err != QW_OK) {
		qw_complain(diags, QW_DIAG_ERROR, path, 0, 0, "cannot be read: %s", qw_strerror(err));
		return err;
	}
	err = qw_habit_read(path, data, len, list, about, diags);
	free(data);
	return err;
}

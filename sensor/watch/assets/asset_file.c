/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/assets/asset_file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/file.h"
#include "rules/signature/vector.h"
#include "sensor/watch/assets/asset_json.h"
#include "sensor/watch/assets/assets_parts.h"

/* ---- writing */

struct writer {
	struct qw_vector bytes;
	char *memory;
	bool failed;
};

static struct qw_json begin(struct writer *writer, struct qw_text *text, const char *kind)
{
	qw_text_init(text, writer->memory, QW_ASSET_JSON_MAX);
	struct qw_json json = qw_json(text);
	qw_json_open(&json, NULL, '{');
	if (kind)
		qw_json_open(&json, kind, '{');
	return json;
}

static void end(struct writer *writer, struct qw_json *json, bool nested)
{
	struct qw_text *text = json->text;

	if (nested)
		qw_json_close(json, '}');
	qw_json_close(json, '}');
	qw_text_char(text, '\n');
	writer->failed |= text->cut || qw_vector_put(&writer->bytes, text->at, text->len) == UINT32_MAX;
}

static void write_done(struct writer *writer, const struct qw_words *words)
{
	struct qw_text text;

	for (const struct qw_done *done = qw_words_done(words, NULL); done; done = qw_words_done(words, done)) {
		struct qw_json json = begin(writer, &text, "done");
		qw_host_json(&json, "by", &done->actor);
		qw_host_json(&json, "to", &done->target);
		qw_json_u64(&json, "gid", done->gid);
		qw_json_u64(&json, "sid", done->sid);
		end(writer, &json, true);
	}
}

static void write_all(struct writer *writer, const struct qw_assets *assets, const struct qw_words *words)
{
	struct qw_text text;
	struct qw_json json = begin(writer, &text, NULL);

	qw_json_u64(&json, "quaywatch_assets", QW_ASSET_FILE_VERSION);
	end(writer, &json, false);
	for (const struct qw_asset *asset = qw_shelf_next(assets->assets, NULL); asset; asset = qw_shelf_next(assets->assets, asset)) {
		json = begin(writer, &text, "asset");
		qw_asset_json(&json, asset);
		end(writer, &json, true);
	}
	for (const struct qw_talk *talk = qw_shelf_next(assets->talks, NULL); talk; talk = qw_shelf_next(assets->talks, talk)) {
		json = begin(writer, &text, "talk");
		qw_talk_json(&json, talk);
		end(writer, &json, true);
	}
	write_done(writer, words);
}

enum qw_err qw_asset_file_save(const char *path, const struct qw_assets *assets, const struct qw_words *words)
{
	struct writer writer = {.memory = malloc(QW_ASSET_JSON_MAX)};
	enum qw_err err = QW_ENOMEM;

	qw_vector_init(&writer.bytes, 1);
	if (writer.memory)
		write_all(&writer, assets, words);
	if (writer.memory && !writer.failed)
		err = qw_file_replace(path, writer.bytes.rows, writer.bytes.count, 0600);
	free(writer.memory);
	qw_vector_fini(&writer.bytes);
	return err;
}

/* ---- reading: each function is false where the object is not as it is written */

static bool read_u64(const json_t *object, const char *key, uint64_t max, uint64_t *out)
{
	const json_t *value = json_object_get(object, key);

	*out = 0;
	if (!value)
		return true;
	if (!json_is_integer(value) || (json_integer_value(value) < 0 && max != UINT64_MAX))
		return false;
	*out = (uint64_t)json_integer_value(value);
	return *out <= max;
}

static bool read_time(const json_t *object, const char *key, struct qw_time *out)
{
	const json_t *value = json_object_get(object, key);

	out->ns = json_integer_value(value);
	return json_is_integer(value);
}

static bool read_text(const json_t *object, const char *key, char *out, size_t size)
{
	const json_t *value = json_object_get(object, key);

	if (!value)
		return true;
	if (!json_is_string(value) || json_string_length(value) >= size)
		return false;
	memcpy(out, json_string_value(value), json_string_length(value) + 1);
	return true;
}

static bool read_host(const json_t *object, const char *key, struct qw_host *out)
{
	const json_t *value = json_object_get(object, key);

	return json_is_string(value) && qw_host_parse(json_string_value(value), json_string_length(value), out);
}

static bool read_app(const json_t *value, enum qw_app *out)
{
	if (!json_is_string(value))
		return false;
	*out = qw_app_parse(json_string_value(value), json_string_length(value));
	return *out != QW_APP_COUNT;
}

static bool read_apps(const json_t *object, const char *key, uint64_t *out)
{
	const json_t *list = json_object_get(object, key), *value;
	size_t i;

	if (list && !json_is_array(list))
		return false;
	json_array_foreach(list, i, value) {
		enum qw_app app;
		if (!read_app(value, &app))
			return false;
		*out |= UINT64_C(1) << app;
	}
	return true;
}

static bool read_asset(struct qw_asset *out, const json_t *object)
{
	struct qw_host card;
	uint64_t deeds, devices;

	memset(out, 0, sizeof(*out));
	if (json_object_get(object, "mac")) {
		out->has_mac = read_host(object, "mac", &card) && card.is_mac;
		if (!out->has_mac)
			return false;
		memcpy(out->mac, card.bytes, sizeof(out->mac));
	}
	bool good = read_host(object, "host", &out->host) && read_text(object, "vendor", out->vendor, sizeof(out->vendor)) &&
		    read_text(object, "model", out->model, sizeof(out->model)) &&
		    read_text(object, "firmware", out->firmware, sizeof(out->firmware)) &&
		    read_text(object, "serial", out->serial, sizeof(out->serial)) &&
		    read_text(object, "name", out->name, sizeof(out->name)) && read_apps(object, "protocols_served", &out->serves) &&
		    read_apps(object, "protocols_used", &out->uses) && read_u64(object, "deeds", UINT8_MAX, &deeds) &&
		    read_u64(object, "devices", UINT32_MAX, &devices) && read_time(object, "first_ns", &out->first) &&
		    read_time(object, "last_ns", &out->last);
	if (!good)
		return false;
	out->deeds = (uint8_t)deeds;
	out->devices = (uint32_t)devices;
	return true;
}

/* In any order, and touching or not: they are put together as what is seen is. */
static bool read_range(struct qw_talk_function *out, const json_t *pair)
{
	const json_t *first = json_array_get(pair, 0), *last = json_array_get(pair, 1);
	bool lost;

	if (json_array_size(pair) != 2 || !json_is_integer(first) || !json_is_integer(last))
		return false;
	struct qw_range range = {(uint64_t)json_integer_value(first), (uint64_t)json_integer_value(last)};
	if (range.first > range.last)
		return false;
	out->ranges = (uint8_t)qw_ranges_add(out->range, out->ranges, QW_TALK_RANGES_MAX, range, &lost);
	return true;
}

static bool read_function(struct qw_talk_function *out, const json_t *object)
{
	const json_t *function = json_object_get(object, "function"), *ranges = json_object_get(object, "ranges"), *pair;
	uint64_t deed;
	size_t i;

	memset(out, 0, sizeof(*out));
	out->function = function ? json_integer_value(function) : QW_SEEN_NO_NUMBER;
	out->has_unit = json_object_get(object, "unit") != NULL;
	if ((function && !json_is_integer(function)) || (ranges && !json_is_array(ranges)))
		return false;
	if (!read_text(object, "name", out->name, sizeof(out->name)) || !read_u64(object, "unit", UINT64_MAX, &out->unit) ||
	    !read_u64(object, "deed", UINT8_MAX, &deed))
		return false;
	out->deed = (uint8_t)deed;
	json_array_foreach(ranges, i, pair)
		if (!read_range(out, pair))
			return false;
	return true;
}

static bool take_talk(struct qw_assets *assets, const json_t *object)
{
	struct qw_talk_function functions[QW_TALK_FUNCTIONS_MAX];
	struct qw_talk talk = {.function = functions};
	const json_t *list = json_object_get(object, "functions"), *value;
	enum qw_app app;
	uint64_t port;
	size_t i;

	if (!read_host(object, "client", &talk.key.client) || !read_host(object, "server", &talk.key.server) ||
	    !read_app(json_object_get(object, "protocol"), &app) || !read_u64(object, "port", UINT16_MAX, &port) ||
	    !read_time(object, "first_ns", &talk.first) || !read_time(object, "last_ns", &talk.last))
		return false;
	talk.key.app = (uint8_t)app;
	talk.key.port = (uint16_t)port;
	if ((list && !json_is_array(list)) || json_array_size(list) > QW_TALK_FUNCTIONS_MAX)
		return false;
	json_array_foreach(list, i, value)
		if (!read_function(&functions[talk.functions++], value))
			return false;
	/* What does not fit any more is not kept, as it would not be if it were seen. */
	return qw_assets_put_talk(assets, &talk) != QW_ENOMEM;
}

static bool take_asset(struct qw_assets *assets, const json_t *object)
{
	struct qw_asset asset;

	return read_asset(&asset, object) && qw_assets_put(assets, &asset) == QW_OK;
}

static bool take_done(struct qw_words *words, const json_t *object)
{
	struct qw_done done = {.gid = 0};
	uint64_t gid, sid;

	if (!read_host(object, "by", &done.actor) || !read_host(object, "to", &done.target) ||
	    !read_u64(object, "gid", UINT32_MAX, &gid) || !read_u64(object, "sid", UINT32_MAX, &sid))
		return false;
	done.gid = (uint32_t)gid;
	done.sid = (uint32_t)sid;
	return qw_words_put_done(words, &done) == QW_OK;
}

/* ---- the whole */

static bool take_row(const json_t *root, struct qw_assets *assets, struct qw_words *words)
{
	const json_t *asset = json_object_get(root, "asset"), *talk = json_object_get(root, "talk"),
		     *done = json_object_get(root, "done");

	if (json_object_size(root) != 1)
		return false;
	return asset ? take_asset(assets, asset) : talk ? take_talk(assets, talk) : done && take_done(words, done);
}

static enum qw_err take_head(const json_t *root, const char *name, struct qw_diags *diags)
{
	const json_t *version = json_object_get(root, "quaywatch_assets");

	if (json_is_integer(version) && json_integer_value(version) == QW_ASSET_FILE_VERSION)
		return QW_OK;
	if (json_is_integer(version))
		qw_complain(diags, QW_DIAG_ERROR, name, 1, 0, "version %lld; this program reads version %d",
			    (long long)json_integer_value(version), QW_ASSET_FILE_VERSION);
	else
		qw_complain(diags, QW_DIAG_ERROR, name, 1, 0, "it does not begin with {\"quaywatch_assets\":%d}; it is no file of assets",
			    QW_ASSET_FILE_VERSION);
	return json_is_integer(version) ? QW_EVERSION : QW_EFORMAT;
}

static enum qw_err take_line(const char *name, uint32_t line, struct qw_slice text, struct qw_assets *assets, struct qw_words *words,
			     struct qw_diags *diags)
{
	json_error_t error;
	json_t *root = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &error);
	enum qw_err err = QW_OK;

	if (!root) {
		qw_complain(diags, QW_DIAG_ERROR, name, line, (uint32_t)error.column, "not JSON: %s", error.text);
		return QW_EFORMAT;
	}
	if (line == 1) {
		err = take_head(root, name, diags);
	} else if (!take_row(root, assets, words)) {
		qw_complain(diags, QW_DIAG_ERROR, name, line, 0, "neither an asset, nor a talk, nor something done, as they are written");
		err = QW_EFORMAT;
	}
	json_decref(root);
	return err;
}

enum qw_err qw_asset_file_read(const char *name, const char *data, size_t len, struct qw_assets *assets, struct qw_words *words,
			       struct qw_diags *diags)
{
	enum qw_err err = QW_OK;
	uint32_t line = 0;

	for (const char *at = data, *end = data + len; at < end && err == QW_OK;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		line++;
		if (!newline) {
			qw_complain(diags, QW_DIAG_ERROR, name, line, 0, "it breaks off in this line");
			return QW_EFORMAT;
		}
		err = take_line(name, line, qw_slice(at, (size_t)(newline - at)), assets, words, diags);
		at = newline + 1;
	}
	if (line == 0) {
		qw_complain(diags, QW_DIAG_ERROR, name, 1, 0, "it is empty");
		err = QW_EFORMAT;
	}
	return err;
}

enum qw_err qw_asset_file_load(const char *path, struct qw_assets *assets, struct qw_words *words, struct qw_diags *diags)
{
	char *data;
	size_t len;
	enum qw_err err = qw_file_read(path, QW_ASSET_FILE_MAX, &data, &len);

	if (err == QW_ENOENT)
		return err;
	if (err != QW_OK) {
		qw_complain(diags, QW_DIAG_ERROR, path, 0, 0, "cannot be read: %s", qw_strerror(err));
		return err;
	}
	err = qw_asset_file_read(path, data, len, assets, words, diags);
	free(data);
	return err;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file is: JSON by the keys of its outermost object, text by what its
 * first lines hold.
 */
#include <ctype.h>
#include <strings.h>

#include "rules/indicator/csv.h"
#include "rules/indicator/reader.h"

enum { LINES_MAX = 200, RULES_MAX_BYTES = 1 << 20 };

/* ---- JSON */

struct keys {
	struct qw_slice rest;
	unsigned depth;
};

/* The next key of the outermost object (or of the objects in an outermost list). */
static bool next_key(struct keys *keys, unsigned level, struct qw_slice *key)
{
	while (keys->rest.len) {
		uint8_t c = keys->rest.data[0];
		keys->rest = qw_slice(keys->rest.data + 1, keys->rest.len - 1);
		if (c == '{' || c == '[')
			keys->depth++;
		if ((c == '}' || c == ']') && keys->depth)
			keys->depth--;
		if (c != '"')
			continue;
		size_t len = 0;
		while (len < keys->rest.len && keys->rest.data[len] != '"')
			len += keys->rest.data[len] == '\\' ? 2 : 1;
		if (len >= keys->rest.len)
			return false;
		*key = qw_slice(keys->rest.data, len);
		keys->rest = qw_slice(keys->rest.data + len + 1, keys->rest.len - len - 1);
		struct qw_slice after = keys->rest;
		while (after.len && after.data[0] <= ' ')
			after = qw_slice(after.data + 1, after.len - 1);
		if (keys->depth == level && after.len && after.data[0] == ':')
			return true;
	}
	return false;
}

static enum qw_feed_format json_format(struct qw_slice text)
{
	static const struct {
		const char *key;
		enum qw_feed_format format;
	} ROWS[] = {
		{"objects", QW_FEED_STIX},      {"pattern", QW_FEED_STIX},
		{"pattern_type", QW_FEED_STIX}, {"spec_version", QW_FEED_STIX},
		{"Event", QW_FEED_MISP},        {"response", QW_FEED_MISP},
		{"Attribute", QW_FEED_MISP},    {"matching_attributes", QW_FEED_WARNINGLIST},
		{"list", QW_FEED_WARNINGLIST},
	};
	struct keys keys = {.rest = text};
	for (struct qw_slice key; next_key(&keys, text.data[0] == '[' ? 2 : 1, &key);)
		for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++)
			if (key.len == strlen(ROWS[i].key) && memcmp(key.data, ROWS[i].key, key.len) == 0)
				return ROWS[i].format;
	return QW_FEED_UNKNOWN;
}

/* ---- text */

/* "alert tcp … (…sid:…" and the like, also commented out. */
/* A backslash at its end: the rest of the rule stands on the next lines. */
static bool is_continued(struct qw_slice line)
{
	while (line.len && isspace(line.data[line.len - 1]))
		line.len--;
	return line.len && line.data[line.len - 1] == '\\';
}

static bool is_rule(struct qw_slice line)
{
	static const char *const ACTIONS[] = {"alert",     "drop",      "pass",       "reject",
					      "rejectsrc", "rejectdst", "rejectboth", "config"};
	while (line.len && (line.data[0] == '#' || line.data[0] <= ' '))
		line = qw_slice(line.data + 1, line.len - 1);
	for (size_t i = 0; i < sizeof(ACTIONS) / sizeof(*ACTIONS); i++) {
		size_t len = strlen(ACTIONS[i]);
		if (line.len > len && memcmp(line.data, ACTIONS[i], len) == 0 && isblank(line.data[len]))
			return memchr(line.data, '(', line.len) && (memmem(line.data, line.len, "sid", 3) || is_continued(line));
	}
	return false;
}

static bool holds_rules(struct qw_slice text)
{
	struct qw_slice line;
	if (text.len > RULES_MAX_BYTES)
		text.len = RULES_MAX_BYTES;
	while (qw_next_line(&text, &line))
		if (is_rule(line))
			return true;
	return false;
}

struct sample {
	unsigned values, words; /* lines that hold a value, and others */
};

static enum qw_err count_value(void *ctx, const struct qw_indicator *indicator)
{
	struct sample *sample = ctx;
	(void)indicator;
	sample->values++;
	return QW_OK;
}

static struct sample take_sample(struct qw_slice text)
{
	struct sample sample = {0};
	struct qw_feed_counts counts;
	struct qw_indicator defaults;
	struct qw_slice rest = text, line;
	for (unsigned lines = 0; lines < LINES_MAX && qw_next_line(&rest, &line);)
		lines += line.len && line.data[0] != '#';
	text.len -= rest.len;
	qw_indicator_init(&defaults);
	if (qw_feed_read(QW_FEED_PLAIN, "", text.data, text.len, &defaults, count_value, &sample, NULL, &counts) ==
		QW_OK)
		sample.words = (unsigned)counts.rejected;
	return sample;
}

static bool is_named_document(const char *path)
{
	static const char *const NAMES[] = {"licen",     "readme",  "copying",     "notice",
						"changelog", "authors", "contributing"};
	const char *name = path ? strrchr(path, '/') : NULL;
	name = name ? name + 1 : path ? path : "";
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(*NAMES); i++)
		if (strncasecmp(name, NAMES[i], strlen(NAMES[i])) == 0)
			return true;
	size_t len = strlen(name);
	return len > 3 && strcasecmp(name + len - 3, ".md") == 0;
}

static enum qw_feed_format text_format(const char *path, struct qw_slice text)
{
	struct sample sample = take_sample(text);
	if (is_named_document(path) && sample.values <= sample.words)
		return QW_FEED_DOCUMENT;
	if (holds_rules(text))
		return QW_FEED_SIGNATURES;
	if (sample.values > sample.words)
		return QW_FEED_PLAIN;
	if (qw_csv_has_columns(text.data, text.len))
		return QW_FEED_CSV;
	if (sample.values)
		return QW_FEED_PLAIN;
	return sample.words ? QW_FEED_DOCUMENT : QW_FEED_PLAIN;
}

enum qw_feed_format qw_feed_format_of(const char *path, const uint8_t *data, size_t len)
{
	struct qw_slice text = qw_slice_trim(qw_skip_mark(qw_slice(data, len)));
	if (text.len == 0)
		return is_named_document(path) ? QW_FEED_DOCUMENT : QW_FEED_PLAIN;
	if (text.data[0] == '{' || (text.data[0] == '[' && text.len > 1 && strchr("{ \n\r\t", text.data[1])))
		return json_format(text);
	if (memchr(text.data, 0, text.len < 4096 ? text.len : 4096))
		return QW_FEED_UNKNOWN;
	return text_format(path, text);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json - writes JSON (RFC 8259) into a qw_text, and checks JSON of others.
 *
 * Commas are the writer's business.  Keys and strings may hold any bytes, and a
 * line of output is always one line of valid JSON and UTF-8:
 *	well-formed UTF-8    as it stands
 *	" \                  \" \\
 *	below 0x20           \b \t \n \f \r, the others \u00XX
 *	any other byte XX    \u00XX, each by itself; a reader sees it as Latin-1
 * Input is read with jansson; this is for output on the fast path only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/text.h"

struct qw_json {
	struct qw_text *text;
	bool comma; /* a value stands before this place */
};

static inline struct qw_json qw_json(struct qw_text *text)
{
	return (struct qw_json){text, false};
}

/* key NULL: inside an array, or the outermost value. */
void qw_json_open(struct qw_json *json, const char *key, char bracket);  /* '{' or '[' */
void qw_json_close(struct qw_json *json, char bracket);                  /* '}' or ']' */
void qw_json_string(struct qw_json *json, const char *key, const void *data, size_t len);
void qw_json_text(struct qw_json *json, const char *key, const char *text); /* NULL: nothing is written */
void qw_json_u64(struct qw_json *json, const char *key, uint64_t value);
void qw_json_i64(struct qw_json *json, const char *key, int64_t value);
void qw_json_bool(struct qw_json *json, const char *key, bool value);
/* So many of the digits, at most 18, stand behind the point; zeroes at the end are left out. */
void qw_json_decimal(struct qw_json *json, const char *key, int64_t value, unsigned decimals);
/* Rounded to 0 to 9 decimals; null where the value is not finite. */
void qw_json_fixed(struct qw_json *json, const char *key, double value, int decimals);
void qw_json_address(struct qw_json *json, const char *key, const struct qw_address *address);

/* A value that is JSON already: who writes it has checked that. */
void qw_json_raw(struct qw_json *json, const char *key, const char *data, size_t len);

/* The escaped characters of a string, without its quotes. */
void qw_json_escape(struct qw_text *text, const void *data, size_t len);

/*
 * True if `data` is exactly one JSON object, on one line, nested at most
 * `depth` deep, with no key twice at its top level and none of the keys in
 * `forbidden` (NULL-terminated; may be NULL) there.  No allocation.
 *
 * Bounds: 64 levels whatever `depth` says, 256 keys at the top level, and no
 * escapes in those keys (two spellings of one key would pass for two).
 */
bool qw_json_is_object(const char *data, size_t len, unsigned depth, const char *const *forbidden);

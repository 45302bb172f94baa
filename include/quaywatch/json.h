/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json - writes JSON (RFC 8259) into a qw_text, and checks JSON of others.
 *
 * Commas are the writer's business.  Strings may hold any bytes: invalid
 * UTF-8 is written as \ufffd's worth of escapes of its bytes, control
 * characters are escaped, so that a line of output is always one valid line.
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
void qw_json_fixed(struct qw_json *json, const char *key, double value, int decimals);
void qw_json_address(struct qw_json *json, const char *key, const struct qw_address *address);

/* The escaped characters of a string, without its quotes. */
void qw_json_escape(struct qw_text *text, const void *data, size_t len);

/*
 * True if `data` is exactly one JSON object, on one line, nested at most
 * `depth` deep, with no key twice at its top level and none of the keys in
 * `forbidden` (NULL-terminated; may be NULL) there.  No allocation.
 */
bool qw_json_is_object(const char *data, size_t len, unsigned depth, const char *const *forbidden);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eve_keys - the one table of an event's keys: where each stands in EVE's JSON, and what kind of thing it is.
 *
 *	eve_keys.c   the table
 *	eve_value.c  one field's bytes as JSON
 *	eve.c        the fields of an event, in the objects they belong to
 */
#pragma once

#include "quaywatch/event.h"
#include "quaywatch/json.h"

/* How a field's bytes are written. */
enum qw_eve_shape {
	QW_EVE_NUMBER,
	QW_EVE_TEXT,
	QW_EVE_ADDRESS,
	QW_EVE_MAC,
	QW_EVE_PROTO,
	QW_EVE_TIME,
	QW_EVE_BASE64,
	QW_EVE_DECIMAL,
	QW_EVE_NUMBERS,  /* repeated numbers make an array */
	QW_EVE_METADATA, /* "key value, key value" */
	QW_EVE_LINES,    /* one a line: an array of texts */
	QW_EVE_OBJECT,   /* a name and a JSON object */
	QW_EVE_PAIRS,    /* "name number", one a line: an object */
	QW_EVE_OURS,     /* not written here: part of "quaywatch" */
};

struct qw_eve_row {
	const char *object; /* NULL: at the top; "tls/ja3": one in another */
	const char *name;
	enum qw_eve_shape shape;
};

extern const struct qw_eve_row qw_eve_rows[QW_KEY_COUNT];

/* A field that is a number, in the machine's order; 0: it is none. */
uint64_t qw_eve_number(const uint8_t *data, size_t len);

/* As timestamps are in EVE: to the microsecond, with an offset. */
void qw_eve_put_time(struct qw_json *json, const char *name, int64_t ns);

/* Writes the value under the row's name. */
void qw_eve_put(struct qw_json *json, const struct qw_eve_row *row, const uint8_t *data, size_t len);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ot - one message of an industrial protocol, in the form that `ot` events are written from.
 *
 * All protocols have the same head: what was asked or answered, and how it
 * ended; behind it stand the values that the protocol has, each under the key
 * it has in the event (QW_KEY_OT_…), in the order of those keys.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/event.h"
#include "quaywatch/names.h"
#include "quaywatch/position.h"

enum { QW_OT_VALUES_MAX = 24, QW_OT_NO_NUMBER = -1 };

struct qw_ot_value {
	enum qw_event_key key;
	bool decimal;         /* number is an int64_t, of which so many digits stand behind the point */
	uint8_t decimals;
	uint64_t number;      /* where text.data is NULL */
	struct qw_slice text;
};

struct qw_ot_detail {
	const char *protocol;   /* "modbus", "enip", … */
	int64_t function;       /* the protocol's own number; QW_OT_NO_NUMBER: the message has none, but a kind */
	const char *kind;       /* NULL: it has a function */
	const struct qw_number_name *names; /* of functions; NULL: they have none */
	bool response;
	bool failed;            /* a response that says that it did not work */
	int64_t error;          /* the protocol's number for why; QW_OT_NO_NUMBER: none */
	const struct qw_number_name *error_names; /* NULL: they have none */
	const struct qw_position *position; /* that it reports; NULL: none */
	uint16_t count;
	struct qw_ot_value value[QW_OT_VALUES_MAX];
};

/* The head of a request or answer; no values yet. */
static inline void qw_ot_begin(struct qw_ot_detail *detail, const char *protocol, int64_t function,
			       const struct qw_number_name *names, bool response)
{
	detail->protocol = protocol;
	detail->function = function;
	detail->kind = NULL;
	detail->names = names;
	detail->response = response;
	detail->failed = false;
	detail->error = QW_OT_NO_NUMBER;
	detail->error_names = NULL;
	detail->position = NULL;
	detail->count = 0;
}

static inline void qw_ot_fail(struct qw_ot_detail *detail, int64_t error, const struct qw_number_name *names)
{
	detail->failed = true;
	detail->error = error;
	detail->error_names = names;
}

static inline void qw_ot_number(struct qw_ot_detail *detail, enum qw_event_key key, uint64_t number)
{
	if (detail->count < QW_OT_VALUES_MAX)
		detail->value[detail->count++] = (struct qw_ot_value){key, false, 0, number, {NULL, 0}};
}

/* A number with its sign: 519485001 with 7 decimals is written as 51.9485001. */
static inline void qw_ot_decimal(struct qw_ot_detail *detail, enum qw_event_key key, int64_t number, uint8_t decimals)
{
	if (detail->count < QW_OT_VALUES_MAX)
		detail->value[detail->count++] =
			(struct qw_ot_value){key, true, decimals, (uint64_t)number, {NULL, 0}};
}

/* Empty texts are passed over. */
static inline void qw_ot_text(struct qw_ot_detail *detail, enum qw_event_key key, struct qw_slice text)
{
	if (text.len && detail->count < QW_OT_VALUES_MAX)
		detail->value[detail->count++] = (struct qw_ot_value){key, false, 0, 0, text};
}

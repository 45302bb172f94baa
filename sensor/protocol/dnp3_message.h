/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dnp3_message - one DNP3 application fragment: function, indications, objects.
 *
 * Objects do not say how long they are: only with a table of all groups and
 * variations can the next header be found.  Source: IEEE 1815-2012, clause 4 and annex A.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"

enum { QW_DNP3_OBJECTS_MAX = 64 };

enum qw_dnp3_flaw {
	QW_DNP3_MALFORMED = 1,
	QW_DNP3_UNKNOWN_OBJECT = 2,
	QW_DNP3_MANY_POINTS = 4,
	QW_DNP3_MANY_OBJECTS = 8,
};

struct qw_dnp3_message {
	uint8_t control, function;
	uint16_t indications; /* first octet in the high one */
	bool response;        /* has indications */
	uint8_t flaws;        /* enum qw_dnp3_flaw */
	bool cut;             /* more kinds of objects than have room */
	uint16_t objects;
	uint16_t object[QW_DNP3_OBJECTS_MAX]; /* group << 8 | variation, each once, in their order */
	bool ranged;          /* first and last are there: of the first object that has a range */
	uint32_t first, last;
};

/* False: it is too short for a function. */
bool qw_dnp3_message_parse(struct qw_dnp3_message *message, const uint8_t *data, size_t len);

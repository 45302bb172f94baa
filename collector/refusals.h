/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refusals - what a feed brought and was not taken, as one table by reason, with the first few of each as file:line.
 *
 * Bounded: beyond QW_REFUSALS_SHOWN of a reason they are only counted.  One thread at a time.
 */
#pragma once

#include <stdint.h>

#include "collector/admission.h"
#include "quaywatch/reply.h"

enum { QW_REFUSALS_SHOWN = 3, QW_REFUSAL_TEXT_MAX = 640 };

struct qw_refusals {
	struct {
		uint64_t count;
		char example[QW_REFUSALS_SHOWN][QW_REFUSAL_TEXT_MAX]; /* "feed.csv:7: 203.0.113.5"; "": none */
	} row[QW_ADMISSIONS];
};

/* line 0: not known.  Whoever has to search for the line asks first whether it will be shown. */
void qw_refusals_add(struct qw_refusals *refusals, enum qw_admission reason, const char *file, uint32_t line,
		     const char *text);
bool qw_refusals_has_room(const struct qw_refusals *refusals, enum qw_admission reason);

uint64_t qw_refusals_count(const struct qw_refusals *refusals);

void qw_refusals_tell(const struct qw_refusals *refusals, struct qw_reply *reply);

/* "refused":[{"reason":"jewel","count":2,"examples":["feed.csv:7: 203.0.113.5", …]}, …] */
void qw_refusals_json(const struct qw_refusals *refusals, struct qw_json *json);

/* Looks for lines in a file's content, from where the last was found on, and once around. */
struct qw_line_finder {
	const char *data;
	size_t len, at;
	uint32_t line; /* that `at` is in, from 1; 0: it was never asked */
};

/*
 * The line in which the text stands by itself, in any case.  0: none was found, as where it is written otherwise; no
 * more than QW_LINE_SEARCH_MAX bytes are looked at.
 */
enum { QW_LINE_SEARCH_MAX = 32 << 20 };
uint32_t qw_line_find(struct qw_line_finder *finder, const char *text);

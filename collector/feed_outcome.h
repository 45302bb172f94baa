/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed_outcome - what a run of quaywatch-fetch says: one line of JSON on its standard output.
 *
 * Any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "collector/feed_spec.h"
#include "quaywatch/text.h"

enum qw_feed_result {
	QW_FEED_FRESH,   /* FOLDER/set.new is there */
	QW_FEED_STILL,   /* the same as last time; FOLDER/set stays */
	QW_FEED_REFUSED, /* what came is not plausible, or damaged; FOLDER/set stays */
	QW_FEED_FAILED,  /* nothing came; FOLDER/set stays */
	QW_FEED_RESULTS
};

const char *qw_feed_result_name(enum qw_feed_result result); /* "fresh", … */

enum { QW_FEED_COMPLAINTS = 5, QW_FEED_TEXT_MAX = 300, QW_FEED_OUTCOME_MAX = 8192 };

struct qw_feed_outcome {
	uint64_t result;                  /* enum qw_feed_result */
	char why[QW_FEED_TEXT_MAX];       /* of what was refused or failed, and what to do */
	char format[32];                  /* what it is */
	uint64_t bytes, entries;          /* of what came; that are in the set */
	uint64_t rejected, ignored, over; /* not understood; of no use here; ended already */
	uint64_t added, changed, removed; /* against the last good set */
	char etag[QW_FEED_TAG_MAX], modified[QW_FEED_TAG_MAX];
	char complaint[QW_FEED_COMPLAINTS][QW_FEED_TEXT_MAX]; /* the first few: "file:line:column: text" */
};

void qw_feed_outcome_write(const struct qw_feed_outcome *outcome, struct qw_text *out);

/* QW_EFORMAT: it is none. */
enum qw_err qw_feed_outcome_read(struct qw_feed_outcome *out, const char *data, size_t len) QW_MUSTCHECK;

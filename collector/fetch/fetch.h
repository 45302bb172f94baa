/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch - one run of one feed: what came, what of it is new, and whether to believe it.
 *
 * quaywatch-fetch reads what strangers serve; it holds no key and speaks to
 * nobody but the feed.  Its results are two: FOLDER/set.new (feed_set.h), and
 * a line that says how it went (feed_outcome.h).  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "collector/feed_outcome.h"
#include "collector/feed_set.h"
#include "collector/feed_spec.h"
#include "quaywatch/diag.h"
#include "quaywatch/time.h"

struct qw_fetch {
	const struct qw_feed_spec *spec;
	const char *folder;
	struct qw_time now;
	struct qw_feed_set before; /* the last good one; count 0: there is none */
	struct qw_feed_pile *pile;
	struct qw_diags diags;
	struct qw_indicator defaults;
	struct qw_feed_outcome outcome;
	bool still; /* the server says that nothing changed */
};

/* Sets the outcome's result and its reason, for: return qw_fetch_fail(fetch, QW_FEED_FAILED, "…"). */
bool qw_fetch_fail(struct qw_fetch *fetch, enum qw_feed_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* content.c: entries of one file's content into the pile.  False: the whole feed is refused, and the outcome says why. */
bool qw_fetch_content(struct qw_fetch *fetch, const char *name, const char *data, size_t len);

/* lend.c: an entry of the feed into the pile, with an end where it has none. */
enum qw_err qw_fetch_keep(struct qw_fetch *fetch, struct qw_indicator *indicator) QW_MUSTCHECK;
/* lend.c: what was there before stays, with a later end where it is time. */
bool qw_fetch_keep_all(struct qw_fetch *fetch);

/* place.c: everything that the feed's place holds, into the pile. */
bool qw_fetch_place(struct qw_fetch *fetch);

/* judge.c: is the pile plausible after what was before?  Counts what is new. */
bool qw_fetch_judge(struct qw_fetch *fetch, const struct qw_feed_set *after);

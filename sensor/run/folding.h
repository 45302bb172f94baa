/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folding - fresh entries go from the overlay into the big layer, a part at a time.
 *
 * Each part is made anew with the overlay over it, so that whoever has some
 * parts new and some old, and the overlay, has the same set all the while;
 * after the last part the overlay lets go of what is in them.  One thread.
 */
#pragma once

#include <stdbool.h>

#include "quaywatch/indicators.h"
#include "quaywatch/time.h"
#include "sensor/run/overlay.h"

struct qw_folding {
	bool under_way;
	unsigned next; /* part */
	unsigned parts; /* there are; fixed when the round begins */
	struct qw_overlay_mark mark; /* what the parts hold of the overlay */
	struct qw_time not_before;   /* monotonic: of the next part, or of the next round */
};

/* Milliseconds until a step is due, 0: now; -1: there is not enough to do. */
int qw_folding_wait(const struct qw_folding *folding, const struct qw_overlay *overlay, struct qw_time now);

/*
 * Makes one part; *out, the caller's, is what changed.  `set` holds the overlay
 * as it is.  With the last part comes the image of what the overlay holds beyond
 * them.  An error ends the round.
 */
enum qw_err qw_folding_step(struct qw_folding *folding, const struct qw_indicators *set, const struct qw_overlay *overlay,
			    struct qw_time now, struct qw_indicator_images *out) QW_MUSTCHECK;

/* What the step made is in force; after the last one the overlay lets go. */
void qw_folding_done(struct qw_folding *folding, struct qw_overlay *overlay, struct qw_time now);

/* What was done in this round is void: the next one begins from the first part. */
void qw_folding_stop(struct qw_folding *folding, struct qw_time now);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * teller - tells what is new so that a person can bear it.
 *
 * New things come in bursts: a replaced device, a program that was started for
 * the first time.  What is severe (1) is told at once.  Else the first waits
 * QW_TELLER_HOLD_S for what comes with it, and what says most of that is told, with
 * the count of the others.  For QW_TELLER_FOLD_S after an alert what is not more
 * severe is counted, and told as one number at the end.  All of it is listed
 * (quaywatchctl baseline show --new) from the first moment on.
 */
#pragma once

#include "sensor/watch/world.h"

enum { QW_TELLER_HOLD_S = 10, QW_TELLER_FOLD_S = 600, QW_TELLER_TEXT_MAX = 480 };

struct qw_teller {
	struct qw_world *world;
	const struct qw_finding_row *more; /* of the count at the end */
	/* what waits */
	bool holds;
	struct qw_finding held;
	char app[32], detail[QW_TELLER_TEXT_MAX];
	struct qw_time due;
	unsigned others;
	/* since the last alert */
	struct qw_time until; /* … it is folded; 0: nothing was told lately */
	uint8_t severity;     /* of what was told */
	unsigned folded;
};

/* finding: without `seen`; its texts are copied. */
void qw_teller_say(struct qw_teller *teller, const struct qw_finding *finding);
void qw_teller_tick(struct qw_teller *teller, struct qw_time now);

/* What waits is told; how many were folded and will not be. */
unsigned qw_teller_end(struct qw_teller *teller);

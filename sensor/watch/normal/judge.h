/* SPDX-License-Identifier: Apache-2.0 */
/* judge - what an event says of the rows of habit.h, and which of them are not normal. */
#pragma once

#include "sensor/watch/normal/habit.h"
#include "sensor/watch/world.h"

struct qw_judge {
	struct qw_world *world;
	struct qw_habit_list *list;
};

enum qw_judgement {
	QW_JUDGED_NORMAL,
	QW_JUDGED_NEW,   /* nobody accepted `habit` */
	QW_JUDGED_RANGE, /* it is normal, but not with `range` */
};

struct qw_judged {
	enum qw_judgement judgement;
	struct qw_habit *habit; /* what says most of what is new */
	struct qw_range range;
	bool listed; /* the range was, before: nobody accepted it */
};

/*
 * Keeps what the event says.  learning: all of it is normal.  What has no room
 * is counted, and not new: it would be for ever.
 */
struct qw_judged qw_judge(const struct qw_judge *judge, const struct qw_seen *seen, bool learning);

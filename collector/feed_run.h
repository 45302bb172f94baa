/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed_run - quaywatch-fetch under way: a process of its own, without our keys.
 *
 * One thread; never blocks.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "collector/feed_outcome.h"
#include "quaywatch/time.h"

struct qw_feed_run {
	pid_t pid; /* 0: none */
	int fd;    /* what it says */
	size_t len;
	struct qw_time ends; /* then it is killed; monotonic */
	bool killed;
	char said[QW_FEED_OUTCOME_MAX];
};

/* program: its path; folder: the feed's own.  Errors: it could not be started. */
enum qw_err qw_feed_run_start(struct qw_feed_run *run, const char *program, const char *folder,
			      const struct qw_feed_spec *spec, struct qw_time now) QW_MUSTCHECK;

/* True: it has ended, and out says how it went, whatever became of it. */
bool qw_feed_run_ended(struct qw_feed_run *run, struct qw_time now, struct qw_feed_outcome *out);

/* Ends it now.  None is fine. */
void qw_feed_run_stop(struct qw_feed_run *run);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recovery - makes a journal segment whole after a crash.
 *
 * Writes may be torn or reach the disk in another order.  What the sidecar's
 * checksums vouch for stays; the tail behind the last good group is moved to
 * alerts.json.torn.  A group that went bad before that is disk damage, not a
 * crash: it is reported and kept.
 */
#pragma once

#include "collector/journal.h"

struct qw_segment {
	int data, sums;    /* descriptors, open for appending */
	uint64_t number;   /* of the segment; 0: there is none yet */
	uint64_t size;     /* good bytes of data */
	uint64_t sum_size; /* good bytes of sums */
};

/* Descriptors are the caller's; on QW_OK number and sizes are set and both files end there. */
enum qw_err qw_recover_segment(struct qw_segment *segment, const struct qw_journal_options *options,
			       struct qw_journal_recovery *recovery) QW_MUSTCHECK;

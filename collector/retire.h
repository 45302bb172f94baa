/* SPDX-License-Identifier: Apache-2.0 */
/*
 * retire - takes out of the channels what may not be in them any more.
 *
 * An allow entry or a crown jewel that comes later reaches back: what it covers
 * leaves every channel by a delta, and is counted.  One thread.
 */
#pragma once

#include "collector/guard.h"
#include "collector/publication.h"

/* Beside the kinds: what an operator forced past an allow entry (admission.h) stays. */
enum { QW_RETIRE_NOT_FORCED = 1u << 16 };

/*
 * Removes every indicator that an entry of the guard stands against; `kinds`
 * has a bit for each kind that counts.  What is only wider than an allow entry
 * stays: the entry decides within it.  channel NULL: of all channels.
 * *count: how many left, also on errors.
 */
enum qw_err qw_retire(const struct qw_publication *publication, const char *channel, const struct qw_guard *guard,
		      unsigned kinds, struct qw_time now, uint64_t *count) QW_MUSTCHECK;

/* The same for what these allow entries cover; others among them are passed over. */
enum qw_err qw_retire_allowed(const struct qw_publication *publication, const char *channel,
			      const struct qw_indicator *indicators, size_t entries, struct qw_time now,
			      uint64_t *count) QW_MUSTCHECK;

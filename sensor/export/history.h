/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history - the latest deltas of a channel, as they came, in a folder of files.
 *
 *	delta ─► verified and applied (rulestore) ─► newest file … oldest file ─► gone
 *
 * It is there for a collector that was restored from a backup: what it lost, its
 * sensors still hold, signed.  The channel itself never needs it.  Records
 * ascend; one may be missing where the disk failed, and none is told beyond
 * such a gap.  Nothing is synchronised: after a power failure the end may be
 * missing, and what is torn is cut when opening.
 *
 * Bounded by bytes; the oldest file goes as a whole, but the newest
 * QW_HISTORY_LEAST deltas stay.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/channel.h"
#include "quaywatch/err.h"

enum { QW_HISTORY_LEAST = 64 };

struct qw_history;

/* Makes the folder if there is none; takes up what is sound in it. */
enum qw_err qw_history_open(struct qw_history **out, const char *folder, uint64_t bytes_max) QW_MUSTCHECK;
void qw_history_close(struct qw_history *history); /* NULL is fine */

/* Of the newest delta; 0.0: there is none. */
struct qw_order qw_history_last(const struct qw_history *history);

/* QW_EEXIST: not above the last.  QW_ELIMIT: no delta is that long.  Others: the disk; the delta is not kept. */
enum qw_err qw_history_add(struct qw_history *history, struct qw_order order, const uint8_t *delta,
			   size_t len) QW_MUSTCHECK;

/* All of it: our set came another way, and these no longer lead to it. */
void qw_history_forget(struct qw_history *history);

/* Deltas in order, each right after the one before; the memory is theirs. */
struct qw_history_run {
	struct qw_slice *delta;
	size_t count;
	uint8_t *data;
};

/*
 * What follows `after` without a gap: one delta, and more as long as all fit in
 * `bytes`.  End with qw_history_run_fini.  QW_ENOENT: we do not have what follows.
 */
enum qw_err qw_history_read(struct qw_history_run *out, const struct qw_history *history, struct qw_order after,
			    size_t bytes) QW_MUSTCHECK;
void qw_history_run_fini(struct qw_history_run *run);

struct qw_history_stats {
	uint64_t deltas, bytes; /* on disk now */
	uint64_t dropped;       /* deltas that went for want of room, or were forgotten */
	uint64_t torn;          /* bytes cut when opening */
	uint64_t failed;        /* deltas that could not be written */
};
struct qw_history_stats qw_history_stats(const struct qw_history *history);

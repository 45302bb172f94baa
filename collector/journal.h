/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal - the alert log, and the only place where an alert is kept.
 *
 *	alerts.json                 what people read: one EVE record a line
 *	alerts.json.sum             a checksum per group commit (sums.h)
 *	alerts.json.torn            what a crash left behind the last good group
 *	alerts-<UTC time>.json      older segments, each with its .sum
 *
 * Lines are rendered into one of two buffers.  A commit hands the filled one to
 * the committer thread (write, fdatasync) while the other fills, so that the
 * disk's latency makes groups larger and not the intake slower.
 *
 *	in memory ─► group filling ─► group committing ─► durable: acknowledge
 *
 * An fsync error is final: nothing is known of what the disk holds, and the
 * journal takes no more alerts until the collector is started anew.  A full
 * disk is not: the group is kept and tried again.
 *
 * Threads: one caller.  The committer touches only the group it was given.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/text.h"
#include "quaywatch/time.h"

enum { QW_JOURNAL_BUFFER = 8 << 20, QW_JOURNAL_GROUP_RECORDS = 1000, QW_JOURNAL_GROUP_MS = 5 };

/* A place in the log: all bytes of a segment before offset. */
struct qw_journal_place {
	uint64_t segment;
	uint64_t offset;
};

struct qw_journal_options {
	const char *folder;
	struct qw_journal_place from; /* lines behind it are shown to `line` when opening; zeros: all */
	void (*line)(void *ctx, const char *line, size_t len); /* without the newline */
	void *ctx;
};

/* What opening found. */
struct qw_journal_recovery {
	uint64_t groups;  /* good ones */
	uint64_t damaged; /* groups before the last good one whose bytes changed: kept, to be looked at */
	uint64_t lines;   /* shown */
	uint64_t torn;    /* bytes moved to alerts.json.torn */
	bool unsummed;    /* there was a log without a sidecar; whole lines were kept */
};

struct qw_journal_stats {
	uint64_t commits, records, bytes;
	uint64_t commit_ns_max; /* the slowest write and fdatasync */
	uint64_t full;          /* commits put off because the disk was full */
};

struct qw_journal;

/* QW_EACCES, QW_ENOSPC, QW_EIO …: the folder cannot hold a log. */
enum qw_err qw_journal_open(struct qw_journal **out, const struct qw_journal_options *options,
			    struct qw_journal_recovery *recovery) QW_MUSTCHECK;

/* Commits what is in memory, then closes.  NULL is fine. */
void qw_journal_close(struct qw_journal *journal);

/*
 * Where to render the next line of at most `max` bytes, newline included; NULL:
 * no room before a commit ends, or the journal failed.  A line counts once
 * qw_journal_end_line is called.
 */
struct qw_text *qw_journal_line(struct qw_journal *journal, size_t max);
void qw_journal_end_line(struct qw_journal *journal, struct qw_time now);

/* The group that lines go into now, from 1. */
uint64_t qw_journal_group(const struct qw_journal *journal);
size_t qw_journal_pending(const struct qw_journal *journal); /* records in that group */

/* Nanoseconds until a commit is due; 0: now; -1: nothing to commit, or one is under way. */
int64_t qw_journal_due(const struct qw_journal *journal, struct qw_time now);

/* Hands the filling group to the committer.  QW_EAGAIN: it is busy. */
enum qw_err qw_journal_start_commit(struct qw_journal *journal) QW_MUSTCHECK;

/* A commit is under way, or its end was not taken yet. */
bool qw_journal_is_busy(const struct qw_journal *journal);

/* Readable when a commit has ended; then call qw_journal_end_commit. */
int qw_journal_fd(const struct qw_journal *journal);

/*
 * QW_OK: *group is durable.  QW_EAGAIN: still under way.  QW_ENOSPC: the disk is full, the group is kept
 * and goes first at the next start_commit.  Others: final, the journal failed.
 */
enum qw_err qw_journal_end_commit(struct qw_journal *journal, uint64_t *group) QW_MUSTCHECK;

/* QW_OK, or the error that was final. */
enum qw_err qw_journal_state(const struct qw_journal *journal);

/* Everything before it is durable. */
struct qw_journal_place qw_journal_place(const struct qw_journal *journal);
struct qw_journal_stats qw_journal_stats(const struct qw_journal *journal);

/*
 * Closes the segment under a name of its time and starts the next.  name gets
 * the closed file's.  QW_EAGAIN: a commit is under way.  Others: final.
 */
enum { QW_JOURNAL_NAME_MAX = 48 };
enum qw_err qw_journal_rotate(struct qw_journal *journal, struct qw_time now,
			      char name[QW_JOURNAL_NAME_MAX]) QW_MUSTCHECK;

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool - alerts on the sensor's disk until the collector has them.
 *
 *	folder/0000000000000007.seg   epoch 51c2…, sequences 1 to 9000   of the run before
 *	folder/0000000000000008.seg   epoch 51c2…, sequences 9001 to 9400
 *	folder/0000000000000009.seg   epoch 8a10…, sequences 1 to 12     of this run, open
 *
 * A record is opaque bytes under (epoch, sequence); an epoch is one run of the
 * exporter and its first sequence is 1.  Files are numbered in the order they
 * were begun, so older epochs are read, and sent, before the new one.
 *
 *	open ─► append …                 read … (until QW_EAGAIN) ─► acknowledge
 *	                                 rewind (the connection is new) ─► read …
 *
 * A record that was appended survives the death of the process; what power
 * loss tears off is found by checksums and cut when the spool is opened.  The
 * folder is bounded in bytes: beyond that the oldest segments are shed, and
 * what they held is counted.  Where the disk takes nothing more, records wait
 * in a bounded queue in memory, and can be read from there; beyond that the
 * oldest are shed and counted too.  One log line at each turn for better or
 * worse.  A record larger than a quarter of the bounds is refused.
 *
 * One process per folder (it is locked), one thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"

enum { QW_SPOOL_RECORD_MAX = 128 * 1024 };

struct qw_spool;

struct qw_spool_options {
	const char *folder;     /* made if it is not there */
	uint64_t epoch;         /* of this run: random, not 0 */
	uint64_t bytes_max;     /* of all segments; 0: 1 GB */
	uint64_t segment_bytes; /* 0: 4 MB, or a quarter of bytes_max if that is less */
	size_t queue_bytes;     /* in memory while the disk is full; 0: 4 MB */
};

/*
 * Finds what earlier runs left, cuts torn tails and begins a new epoch; reads
 * every segment once.  QW_EAGAIN: another process has the folder.  QW_EEXIST:
 * the folder holds that epoch already.  QW_EINVAL: epoch 0, or bounds too
 * small for one record.  QW_EACCES, QW_EIO, ….
 */
enum qw_err qw_spool_open(struct qw_spool **out, const struct qw_spool_options *options) QW_MUSTCHECK;

/* Closes; what is not acknowledged stays in the folder, except what waits in memory (logged and lost). */
void qw_spool_close(struct qw_spool *spool);

/*
 * Takes one record; *sequence is its name in this run's epoch, and is used up
 * even if the record is shed later.  QW_ELIMIT: larger than a record may be.
 * A full disk is no error.  QW_ENOMEM: not taken, no sequence used.
 */
enum qw_err qw_spool_append(struct qw_spool *spool, struct qw_slice data, uint64_t *sequence) QW_MUSTCHECK;

struct qw_spool_record {
	uint64_t epoch, sequence;
	struct qw_slice data; /* borrowed until the next call on the spool */
};

/*
 * The next record, oldest epoch first, each once until a rewind.  Sequences
 * rise; where one is left out, it was shed.  QW_EAGAIN: none for now.  Other
 * errors are the system's (out of descriptors, …): try again later.
 */
enum qw_err qw_spool_read(struct qw_spool *spool, struct qw_spool_record *out) QW_MUSTCHECK;

/* Reading begins again at the first record that is not acknowledged. */
void qw_spool_rewind(struct qw_spool *spool);

/*
 * The collector has everything of that epoch up to this sequence; segments
 * that hold nothing else go.  QW_ENOENT: nothing of that epoch is here (any
 * more).  QW_EORDER: this run gave no such sequence, and nothing was done.
 */
enum qw_err qw_spool_acknowledge(struct qw_spool *spool, uint64_t epoch, uint64_t through) QW_MUSTCHECK;

/* Tries to move what waits in memory to the disk; call it now and then.  Appending does, too. */
void qw_spool_tick(struct qw_spool *spool);

struct qw_spool_stats {
	uint64_t appended;   /* records, this run */
	uint64_t pending;    /* records not acknowledged, on disk and in memory */
	uint64_t queued;     /* of these, in memory only */
	uint64_t shed;       /* records given up unacknowledged, this run: for want of room on disk */
	uint64_t shed_queue; /* the same in memory, the disk being full */
	uint64_t damaged;    /* records lost to damage noticed while reading */
	uint64_t torn_bytes; /* cut off when the spool was opened */
	uint64_t bytes;      /* of all segments */
	uint64_t segments;
};
struct qw_spool_stats qw_spool_stats(const struct qw_spool *spool);

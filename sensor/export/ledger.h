/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger - every record that left, in the tenant's own hand: what it was, when, and that nothing was changed since.
 *
 *	folder/0000000000000007.ledger   closed; its last chain digest stands in the next one's head
 *	folder/0000000000000008.ledger   open
 *
 *	head    "QWLEDGR\n"  version u32  zero u32  number u64  chain before it, 32 bytes
 *	record  length u32  zero u32  time u64  epoch u64  sequence u64  chain, 32 bytes  bytes …
 *
 * All integers are little-endian.  A record's chain is the SHA-256 of the chain
 * before it, of its own first 32 bytes, and of the SHA-256 of its bytes.  The
 * folder is bounded: the oldest files go.  What the death of the process tears
 * off is cut when the ledger is opened, and said.  One thread.
 */
#pragma once

#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/digest.h"
#include "quaywatch/err.h"
#include "quaywatch/time.h"

enum { QW_LEDGER_HEAD = 56, QW_LEDGER_RECORD_HEAD = 64, QW_LEDGER_RECORD_MAX = 128 * 1024 };

struct qw_ledger;

struct qw_ledger_options {
	const char *folder;     /* made if it is not there */
	uint64_t bytes_max;     /* of all files */
	uint64_t segment_bytes; /* of one; 0: an eighth of bytes_max */
};

/* QW_EFORMAT: the newest file is no ledger, or its chain is broken before its tail; it is left as it is.  QW_EINVAL: bounds
   too small.  QW_EACCES, QW_EIO, …. */
enum qw_err qw_ledger_open(struct qw_ledger **out, const struct qw_ledger_options *options) QW_MUSTCHECK;
void qw_ledger_close(struct qw_ledger *ledger);

/* QW_ELIMIT: larger than a record may be.  QW_ENOSPC, QW_EIO: not written; counted, and said at the first. */
enum qw_err qw_ledger_append(struct qw_ledger *ledger, struct qw_time time, uint64_t epoch, uint64_t sequence,
			     struct qw_slice data) QW_MUSTCHECK;

struct qw_ledger_stats {
	uint64_t records, failed; /* this run */
	uint64_t torn_bytes;      /* cut when it was opened */
	uint64_t bytes, segments, shed; /* of files; shed this run */
};
struct qw_ledger_stats qw_ledger_stats(const struct qw_ledger *ledger);

/* ---- one file's bytes */

struct qw_ledger_record {
	int64_t time_ns;
	uint64_t epoch, sequence;
	struct qw_slice data; /* points into the file's bytes */
};

struct qw_ledger_reader {
	struct qw_bytes left;
	uint64_t number;
	uint8_t chain[QW_SHA256_BYTES]; /* as of what was read */
};

/* QW_EFORMAT: no ledger.  QW_EVERSION. */
enum qw_err qw_ledger_reader_init(struct qw_ledger_reader *reader, struct qw_bytes whole) QW_MUSTCHECK;

/* QW_EAGAIN: no more.  QW_ETRUNC: torn.  QW_EFORMAT: the chain is broken: something was changed. */
enum qw_err qw_ledger_next(struct qw_ledger_reader *reader, struct qw_ledger_record *out) QW_MUSTCHECK;

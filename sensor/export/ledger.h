/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger - every record that left, in the tenant's own hand: what it was, when, and that nothing was changed since.
 *
 * Alerts by the name that they have at the collector, (epoch, sequence); what
 * leaves beside them (departures.h) by the epoch and a number of its own.
 *
 *	folder/shed                          up to which file the oldest went, and the chain there
 *	folder/0000000000000007.ledger.zst   closed; its last chain digest stands in the next one's head
 *	folder/0000000000000008.ledger       open
 *
 *	head    "QWLEDGR\n"  version u32  zero u32  number u64  epoch u64, sequence u64 and chain before it, 32 bytes
 *	record  length u32  fields kept, dropped, replaced u16  flags u16  zero u32  time u64  epoch u64  sequence u64
 *	        chain, 32 bytes  bytes …
 *
 * The flags' bit 0: written down at a later start; bits 4 to 7: enum qw_ledger_kind.
 * All integers are little-endian.  A record's chain is the SHA-256 of the chain
 * before it, of its own first 40 bytes, and of the SHA-256 of its bytes; before
 * a file's first record it is the SHA-256 of the file's head.  The folder is
 * bounded: the oldest files go.  What the death of the process tears off is cut
 * when the ledger is opened, and said.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/digest.h"
#include "quaywatch/err.h"
#include "quaywatch/time.h"

enum { QW_LEDGER_HEAD = 72, QW_LEDGER_RECORD_HEAD = 72, QW_LEDGER_RECORD_MAX = 128 * 1024, QW_LEDGER_SEGMENT_MAX = 8 << 20 };

struct qw_ledger;

struct qw_ledger_options {
	const char *folder;     /* made if it is not there */
	uint64_t bytes_max;     /* of all files */
	uint64_t segment_bytes; /* of one, before it is packed; 0: an eighth of bytes_max, at most QW_LEDGER_SEGMENT_MAX */
};

/* QW_EFORMAT: the newest file is no ledger, or its chain is broken before its tail; it is left as it is.  QW_EINVAL: bounds
   too small or too large.  QW_EACCES, QW_EIO, …. */
enum qw_err qw_ledger_open(struct qw_ledger **out, const struct qw_ledger_options *options) QW_MUSTCHECK;
void qw_ledger_close(struct qw_ledger *ledger);

/* What the release policy did with an alert's fields. */
struct qw_ledger_fields {
	uint32_t kept, dropped, replaced;
};

/* Numbers stay: they are on disks. */
enum qw_ledger_kind { QW_LEDGER_ALERT, QW_LEDGER_PROPOSAL, QW_LEDGER_DRY_RUN, QW_LEDGER_SIGHTING, QW_LEDGER_KINDS };

struct qw_ledger_record {
	enum qw_ledger_kind kind;
	int64_t time_ns;
	uint64_t epoch, sequence;
	struct qw_ledger_fields fields;
	bool mended;          /* written down later than it was spooled: the fields are not known any more */
	struct qw_slice data; /* of a reader: points into the file's bytes */
};

/* QW_ELIMIT: larger than a record may be.  QW_ENOSPC, QW_EIO: not written; counted, and said at the first. */
enum qw_err qw_ledger_append(struct qw_ledger *ledger, const struct qw_ledger_record *record) QW_MUSTCHECK;

/* The name of the last alert, 0 and 0 if there never was one. */
void qw_ledger_last(const struct qw_ledger *ledger, uint64_t *epoch, uint64_t *sequence);

const char *qw_ledger_folder(const struct qw_ledger *ledger);

struct qw_ledger_stats {
	uint64_t records, failed; /* this run */
	uint64_t torn_bytes;      /* cut when it was opened */
	uint64_t bytes, segments, shed; /* of files; shed this run */
};
struct qw_ledger_stats qw_ledger_stats(const struct qw_ledger *ledger);

/* ---- one file's bytes */

struct qw_ledger_reader {
	struct qw_bytes left;
	uint64_t number;
	uint64_t epoch, sequence;       /* of the last alert that was read, or of the one before the file */
	uint8_t before[QW_SHA256_BYTES]; /* chain at the end of the file before */
	uint8_t chain[QW_SHA256_BYTES];  /* as of what was read */
};

/* QW_EFORMAT: no ledger.  QW_EVERSION. */
enum qw_err qw_ledger_reader_init(struct qw_ledger_reader *reader, struct qw_bytes whole) QW_MUSTCHECK;

/* QW_EAGAIN: no more.  QW_ETRUNC: torn.  QW_EFORMAT: the chain is broken: something was changed. */
enum qw_err qw_ledger_next(struct qw_ledger_reader *reader, struct qw_ledger_record *out) QW_MUSTCHECK;

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * segment - one file of the spool, all integers little-endian.
 *
 *	head    "QWSPOOL\n"  version u32  zero u32  number u64  epoch u64  first sequence u64  checksum u64
 *	record  length u32  zero u32  sequence u64  checksum u64  bytes …
 *
 * Sequences follow without a gap.  Checksums are SipHash-1-3 keyed by epoch
 * and number, so that old bytes of another file that a crash leaves in a block
 * do not pass; they tell damage, not forgery.  Any thread.
 */
#pragma once

#include <stdbool.h>

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"

enum { QW_SPOOL_SEGMENT_HEAD = 48, QW_SPOOL_SEGMENT_RECORD_HEAD = 24 };

struct qw_spool_segment_head {
	uint64_t number, epoch, first;
};

void qw_spool_segment_head_encode(uint8_t out[QW_SPOOL_SEGMENT_HEAD], const struct qw_spool_segment_head *head);

/* QW_EFORMAT; QW_EVERSION. */
enum qw_err qw_spool_segment_head_decode(struct qw_spool_segment_head *out, struct qw_bytes *in) QW_MUSTCHECK;

/* The head of a record with this content. */
void qw_spool_segment_record_encode(uint8_t out[QW_SPOOL_SEGMENT_RECORD_HEAD], const struct qw_spool_segment_head *head,
				    uint64_t sequence, struct qw_slice data);

/*
 * The record at `in`, which then stands behind it; *data points into it.
 * QW_ETRUNC: more bytes are needed.  QW_EFORMAT: damaged, or not that sequence.
 */
enum qw_err qw_spool_segment_record_decode(struct qw_slice *data, struct qw_bytes *in,
					   const struct qw_spool_segment_head *head, uint64_t sequence) QW_MUSTCHECK;

/* What is sound in a whole segment: its head, how many records, and up to which byte. */
struct qw_spool_segment_scan {
	struct qw_spool_segment_head head;
	uint64_t records;
	size_t sound;
};
enum qw_err qw_spool_segment_scan(struct qw_spool_segment_scan *out, struct qw_bytes whole) QW_MUSTCHECK;

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history_file - one file of a channel's history, all integers little-endian.
 *
 *	head    "QWHIST1\n"  key u64
 *	record  length u32  zero u32  term u64  sequence u64  checksum u64  delta …
 *
 * Checksums are SipHash-1-3 under the file's own random key, so that old bytes
 * of another file that a crash leaves in a block do not pass.  They tell
 * damage; that a delta is the port's, its signature tells.  Any thread.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/channel.h"
#include "quaywatch/err.h"

enum { QW_HISTORY_HEAD = 16, QW_HISTORY_RECORD_HEAD = 32 };

void qw_history_head_encode(uint8_t out[QW_HISTORY_HEAD], uint64_t key);

/* QW_EFORMAT. */
enum qw_err qw_history_head_decode(uint64_t *key, struct qw_bytes *in) QW_MUSTCHECK;

/* The head of a record with this delta. */
void qw_history_record_encode(uint8_t out[QW_HISTORY_RECORD_HEAD], uint64_t key, struct qw_order order,
			      struct qw_slice delta);

/* The record at `in`, which then stands behind it; *delta points into it.  QW_ETRUNC: torn, or the end.  QW_EFORMAT:
 * damaged. */
enum qw_err qw_history_record_decode(struct qw_order *order, struct qw_slice *delta, uint64_t key,
				     struct qw_bytes *in) QW_MUSTCHECK;

/* What is sound in a whole file: its records in ascending order, and up to which byte.  QW_EFORMAT: not even the head
 * is. */
struct qw_history_scan {
	uint64_t key, records;
	struct qw_order first, last;
	size_t sound;
};
enum qw_err qw_history_scan(struct qw_history_scan *out, struct qw_bytes whole) QW_MUSTCHECK;

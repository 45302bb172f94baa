/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sums - the sidecar of a journal segment: one checksum per group commit.
 *
 * Text, so that it can be read in need: a head line with the segment's number,
 * then for each group its offset, its length and the BLAKE2b-128 of its bytes:
 *
 *	quaywatch-sums 1 42
 *	0 51200 9b1d…
 *	51200 733 01fe…
 *
 * Groups follow each other without a gap.  What does not read like this, and
 * all behind it, is the tail of a crash.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

enum { QW_SUM_BYTES = 16, QW_SUM_LINE_MAX = 96, QW_SUM_GROUP_MAX = 64 << 20 };

struct qw_sum {
	uint64_t offset;
	uint64_t len;
	uint8_t hash[QW_SUM_BYTES];
};

/* The sum of a group's bytes. */
struct qw_sum qw_sum_of(uint64_t offset, const void *data, size_t len);

/* One line each, newline included. */
void qw_sum_write_head(struct qw_text *text, uint64_t segment);
void qw_sum_write(struct qw_text *text, const struct qw_sum *sum);

/* Reads the next line and moves behind it.  False: the end, or not such a line; nothing moved. */
bool qw_sum_read_head(struct qw_bytes *in, uint64_t *segment);
bool qw_sum_read(struct qw_bytes *in, struct qw_sum *sum);

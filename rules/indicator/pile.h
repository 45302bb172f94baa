/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pile - the records of one group while an image is built.
 *
 * Records are dealt out by their hash to QW_PARTITIONS lists of chunks, each of
 * which becomes one stretch of the image and is freed as soon as it has: the
 * peak is the image and a sixty-fourth of it.  One thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "rules/indicator/layout.h"

struct qw_chunk {
	struct qw_chunk *next;
	uint32_t used, size; /* of data */
	uint8_t data[];
};

struct qw_pile {
	struct {
		struct qw_chunk *first, *last;
	} part[QW_PARTITIONS];
	uint64_t records, bytes;
};

void qw_pile_init(struct qw_pile *pile);
void qw_pile_fini(struct qw_pile *pile);

/* Appends a record.  hash decides where; its uppermost bits are the partition. */
enum qw_err qw_pile_add(struct qw_pile *pile, uint64_t hash, uint32_t fixed, uint32_t tuple, uint64_t id,
			struct qw_slice key) QW_MUSTCHECK;

/* Gives the memory of one partition back. */
void qw_pile_drop(struct qw_pile *pile, unsigned part);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pile - the records of one group while an image is built.
 *
 * Records are dealt out to as many lists of chunks as a set may have parts.
 * What went into an image is freed: where each list becomes one, the peak is
 * the images and a sixty-fourth of them.  One thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/indicators.h"
#include "rules/indicator/layout.h"

struct qw_chunk {
	struct qw_chunk *next;
	uint32_t used, size; /* of data */
	uint8_t data[];
};

struct qw_pile {
	struct {
		struct qw_chunk *first, *last;
		uint64_t records, bytes;
	} part[QW_INDICATOR_PARTS];
};

/* The lists that go into one image. */
struct qw_span {
	unsigned first, end;
};

struct qw_pile_size {
	uint64_t records, bytes;
};

void qw_pile_init(struct qw_pile *pile);
void qw_pile_fini(struct qw_pile *pile);

/* Appends a record to the list of a part. */
enum qw_err qw_pile_add(struct qw_pile *pile, unsigned part, uint32_t fixed, uint32_t tuple, uint64_t id,
			struct qw_slice key) QW_MUSTCHECK;

struct qw_pile_size qw_pile_size(const struct qw_pile *pile, struct qw_span span);

/* Gives the memory of one part's list back. */
void qw_pile_drop(struct qw_pile *pile, unsigned part);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * set - the two images of a set of indicators as they stand in memory.
 *
 * Everything that a query relies on is checked when the set is opened; from
 * then on it is only read.  Any number of threads.
 */
#pragma once

#include <stdatomic.h>

#include "quaywatch/image.h"
#include "quaywatch/indicators.h"
#include "rules/indicator/layout.h"
#include "rules/indicator/mix.h"

/* A mapping that several sets may share. */
struct qw_shared_image {
	struct qw_image *image;
	atomic_uint holders;
};

struct qw_shelf {
	const uint32_t *starts;
	const uint8_t *records;
	const uint64_t *filter; /* of at least one word, also where the shelf is empty */
	uint32_t buckets, filter_words;
};

struct qw_table {
	struct qw_seed seed;
	const uint64_t *address; /* filter, of at least one word */
	uint32_t address_words;
	bool blocks;         /* prefixes exist */
	const uint8_t *near; /* where blocks */
	const struct qw_tuple *tuples;
	const char *sources;
	const struct qw_indicator_head *head;
	struct qw_shelf shelf[QW_GROUP_COUNT];
	struct qw_shared_image *shared;
};

enum qw_side { QW_SIDE_BASE, QW_SIDE_OVERLAY, QW_REPUTED_COUNT };

struct qw_indicators {
	struct qw_table table[QW_REPUTED_COUNT];
	bool layered; /* there is an overlay */
	uint64_t depths;
	uint64_t lengths[3];
	uint32_t blocks[QW_OBS_COUNT]; /* with the overlay's changes */
	size_t count;
};

/* Fills table from an image, or refuses it: QW_EFORMAT. */
enum qw_err qw_table_open(struct qw_table *table, int fd) QW_MUSTCHECK;

/* A copy that looks at the same image. */
void qw_table_share(struct qw_table *out, const struct qw_table *table);
void qw_table_close(struct qw_table *table);

/* ---- walking one bucket */

struct qw_walk {
	const uint8_t *at, *end;
	uint32_t fixed;
};

static inline struct qw_walk qw_shelf_walk(const struct qw_shelf *shelf, enum qw_group group, uint64_t hash)
{
	uint32_t bucket = qw_bucket(hash, shelf->buckets);
	return (struct qw_walk){shelf->records + shelf->starts[bucket], shelf->records + shelf->starts[bucket + 1],
				qw_group_key_len(group)};
}

static inline bool qw_walk_next(struct qw_walk *walk, struct qw_record *out)
{
	if (walk->at >= walk->end)
		return false;
	walk->at = qw_record_read(walk->at, walk->fixed, out);
	return true;
}

static inline const struct qw_tuple *qw_table_tuple(const struct qw_table *table, const struct qw_record *record)
{
	return &table->tuples[qw_record_tuple(record->at)];
}

/* The table's own record of exactly this key, type and kind; NULL: none. */
const struct qw_tuple *qw_table_exact(const struct qw_table *table, enum qw_group group, struct qw_slice key,
				      uint8_t type, uint8_t allow);

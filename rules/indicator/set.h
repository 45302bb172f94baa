/* SPDX-License-Identifier: Apache-2.0 */
/*
 * set - the images of a set of indicators as they stand in memory.
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

struct qw_filter {
	const uint64_t *words; /* at least one, also where nothing is in it */
	uint32_t count;
};

struct qw_shelf {
	const uint32_t *starts;
	const uint8_t *records;
	struct qw_filter filter;
	uint32_t buckets;
};

/* One image: a part of the big layer, or the overlay. */
struct qw_table {
	struct qw_filter address;
	bool blocks;         /* prefixes exist */
	const uint8_t *near; /* where blocks */
	const struct qw_tuple *tuples;
	const char *sources;
	const struct qw_indicator_head *head;
	struct qw_shelf shelf[QW_GROUP_COUNT];
	struct qw_shared_image *shared; /* NULL: not open */
};

/* All parts of the big layer.  Sets that differ in their overlay share it. */
struct qw_base {
	atomic_uint holders;
	unsigned parts; /* 1 or QW_INDICATOR_PARTS */
	struct qw_filter address[QW_INDICATOR_PARTS]; /* of the tables, close together: nearly all that is asked ends there */
	struct qw_table table[];
};

enum qw_side { QW_SIDE_BASE, QW_SIDE_OVERLAY, QW_SIDES };

struct qw_indicators {
	struct qw_seed seed[QW_SIDES];
	struct qw_base *base;
	unsigned part_mask; /* parts - 1 */
	bool layered;       /* there is an overlay */
	bool ports;         /* some address stands with a port */
	bool prefetch;      /* the filters of addresses do not stay in a core's own cache */
	struct qw_table overlay;
	uint64_t depths;
	uint64_t lengths[3];
	uint32_t blocks[QW_OBS_COUNT]; /* with the overlay's changes */
	size_t count;
};

/* Fills table from an image that is `part` of `parts`, or refuses it: QW_EFORMAT. */
enum qw_err qw_table_open(struct qw_table *table, int fd, unsigned part, unsigned parts) QW_MUSTCHECK;

/* A copy that looks at the same image. */
void qw_table_share(struct qw_table *out, const struct qw_table *table);
void qw_table_close(struct qw_table *table);

/* Where the big layer has what hashes so. */
static inline unsigned qw_base_part(const struct qw_indicators *set, uint64_t hash)
{
	return (unsigned)hash & set->part_mask;
}

static inline bool qw_filter_holds(const struct qw_filter *filter, uint64_t hash)
{
	return qw_filter_maybe(filter->words, filter->count, hash);
}

/* ---- walking one bucket, or all */

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

static inline struct qw_walk qw_shelf_walk_all(const struct qw_shelf *shelf, enum qw_group group)
{
	if (shelf->buckets == 0)
		return (struct qw_walk){0};
	return (struct qw_walk){shelf->records + shelf->starts[0], shelf->records + shelf->starts[shelf->buckets],
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

static inline const char *qw_table_source(const struct qw_table *table, const struct qw_tuple *tuple)
{
	return table->sources + (size_t)tuple->source * QW_SOURCE_SIZE;
}

/* The table's own record of exactly this key, type and kind; NULL: none. */
const struct qw_tuple *qw_table_exact(const struct qw_table *table, enum qw_group group, struct qw_slice key,
				      uint8_t type, uint8_t allow);

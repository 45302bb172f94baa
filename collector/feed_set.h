/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed_set - what a feed holds, as one file: packed entries in the order of a keyed hash of their keys.
 *
 *	header   "QWFEED1\n", the hash's key (16 bytes), number of rows
 *	rows     hash, where the body begins, its length, kind, flags: 24 bytes each
 *	bodies   quaywatch.wire.Entry, one behind the other
 *	end      BLAKE2b-256 of all before
 *
 * Numbers are little-endian.  Two sets with the same hash key are compared by
 * walking both: what came, what changed, what went.
 *
 * Any thread; an open set is only read.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/channel.h"
#include "quaywatch/err.h"
#include "quaywatch/file.h"
#include "quaywatch/hash.h"

/* ---- making one */

struct qw_feed_pile;

/* most: rows that it may hold. */
enum qw_err qw_feed_pile_new(struct qw_feed_pile **out, struct qw_hash_key key, size_t most) QW_MUSTCHECK;
void qw_feed_pile_free(struct qw_feed_pile *pile);

/* The entry is copied.  lent: its end is the feed's lifetime, not its own.  QW_ELIMIT: full.  QW_EFORMAT: it has no key. */
enum qw_err qw_feed_pile_add(struct qw_feed_pile *pile, const struct qw_entry *entry, bool lent) QW_MUSTCHECK;

/* Sorts it; of several rows with one key the last stays. */
void qw_feed_pile_finish(struct qw_feed_pile *pile);
size_t qw_feed_pile_count(const struct qw_feed_pile *pile);

/* Writes a finished one, durably. */
enum qw_err qw_feed_pile_save(const struct qw_feed_pile *pile, const char *path) QW_MUSTCHECK;

/* ---- reading one */

struct qw_feed_set {
	struct qw_mapping file;
	struct qw_hash_key key;
	size_t count;
};

struct qw_feed_row {
	struct qw_entry entry; /* the body lies in the file */
	uint64_t hash;
	bool lent;
};

/* check: the whole file is read, and must fit its end.  QW_ENOENT: there is none.  QW_EFORMAT, QW_ESIGN: it is no such file, or damaged. */
enum qw_err qw_feed_set_open(struct qw_feed_set *out, const char *path, bool check) QW_MUSTCHECK;
void qw_feed_set_close(struct qw_feed_set *set);

/* False: beyond the end, or the file is damaged there. */
bool qw_feed_set_at(const struct qw_feed_set *set, size_t index, struct qw_feed_row *out);

/* The row with the same key as this entry. */
bool qw_feed_set_find(const struct qw_feed_set *set, const struct qw_entry *entry, struct qw_feed_row *out);

/* ---- comparing two */

enum qw_feed_step { QW_FEED_SAME, QW_FEED_ADDED, QW_FEED_CHANGED, QW_FEED_REMOVED, QW_FEED_END };

struct qw_feed_diff {
	const struct qw_feed_set *before, *after; /* with one hash key; before NULL: nothing was */
	size_t i, j;
};

/* One key; row: as it is now, of what went as it was; not set where nothing changed. */
enum qw_feed_step qw_feed_diff_next(struct qw_feed_diff *diff, struct qw_feed_row *row);

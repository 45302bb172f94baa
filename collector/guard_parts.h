/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard_parts - how a guard lies in memory: for guard.c, which fills it, and guard_find.c.
 *
 *	shelf[form][kind]: entries in order, so that what holds a value and what
 *	it holds are found by halving.  Prefixes by family, address, length;
 *	names backwards ("elpmaxe.trop"), so that what lies below one name stands
 *	together; all else by "TYPE TEXT".
 */
#pragma once

#include <stdint.h>

#include "collector/guard.h"

enum qw_guard_form { QW_GUARD_PREFIX, QW_GUARD_NAME, QW_GUARD_TEXT, QW_GUARD_FORMS };

enum { QW_GUARD_KEY_MAX = QW_OBSERVABLE_TEXT_MAX + 32 };

struct qw_guard_entry {
	uint32_t text; /* in the pool: its key, of a prefix its notation */
	uint16_t list;
	bool whole; /* a name: itself, not what is below it */
	struct qw_prefix prefix;
};

struct qw_guard_shelf {
	struct qw_guard_entry *entry;
	size_t count, room;
};

struct qw_guard {
	struct qw_guard_list list[QW_GUARD_LISTS_MAX];
	char *name[QW_GUARD_LISTS_MAX], *tenant[QW_GUARD_LISTS_MAX]; /* their texts: ours to free */
	size_t lists, entries;
	char *pool;
	size_t pool_len, pool_room;
	struct qw_guard_shelf shelf[QW_GUARD_FORMS][QW_GUARD_KINDS];
};

/* Its length; out is NUL-terminated. */
size_t qw_guard_key(enum qw_guard_form form, const struct qw_observable *observable, char out[QW_GUARD_KEY_MAX]);

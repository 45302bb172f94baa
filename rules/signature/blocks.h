/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blocks - address blocks that may lie in each other, made into ranges that do not.
 *
 * Each belongs to a category: one of reputation, or a set of blocks.  Of an
 * address, the smallest block around it counts, and of equal ones the later.
 */
#pragma once

#include "quaywatch/address.h"
#include "rules/signature/opened.h"
#include "rules/signature/vector.h"

enum { QW_BLOCKS_OF_SETS = 256 }; /* the category of a set is this and its number */

/* The block of a prefix, at the end of what was read so far. */
enum qw_err qw_blocks_add(struct qw_vector *blocks, const struct qw_prefix *prefix, uint32_t category,
			  uint32_t score) QW_MUSTCHECK;

/* Appends them to out, which holds lower categories only, sorted by category and begin. */
enum qw_err qw_blocks_flatten(struct qw_vector *blocks, struct qw_vector *out) QW_MUSTCHECK;

/* The range that holds an address, or NULL. */
const struct qw_block *qw_blocks_find(const struct qw_signatures *set, uint32_t category, const struct qw_address *address);

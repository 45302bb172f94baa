/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slots - sets of values found by fingerprint: 16 bytes a member, a quarter of the room empty.
 *
 * Building allocates; finding does not, and touches a cache line or two.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"
#include "rules/signature/layout.h"
#include "rules/signature/vector.h"

/* keys: of qw_info, random for each image, so that nobody can make two values look alike. */
struct qw_slot qw_slot_of(const uint64_t keys[2][2], struct qw_slice value);

/* A member while a set is made; of two that are equal, the one with the smaller order stays. */
struct qw_slot_row {
	struct qw_slot slot;
	uint32_t value, order;
};

/* Places rows (which it sorts) behind what the two vectors hold already; sets slots, homes and, if there are values, values. */
enum qw_err qw_slots_make(struct qw_slot_row *rows, size_t count, bool has_values, struct qw_vector *slots,
			  struct qw_vector *values, struct qw_table *table) QW_MUSTCHECK;

/* The number of the slot within its table, or QW_NONE. */
uint32_t qw_slots_find(const struct qw_table *table, const struct qw_slot *slots, struct qw_slot slot);

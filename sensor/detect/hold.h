/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold - a packet's alerts, kept back until all its rules were tried.
 *
 * A pass rule beats the alerts of its packet, and it may match after them.
 * Bounded: what finds no room goes out at once.  One worker.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/event.h"

enum { QW_HOLD_BYTES = 64 * 1024 };

struct qw_hold {
	size_t used;
	_Alignas(8) uint8_t memory[QW_HOLD_BYTES];
};

/* Keeps a copy, and the hash by which it folds.  False: no room. */
bool qw_hold_put(struct qw_hold *hold, uint64_t hash, const struct qw_event *event);

/* The event behind *at, which begins at 0; NULL: that was the last. */
const struct qw_event *qw_hold_next(const struct qw_hold *hold, size_t *at, uint64_t *hash);

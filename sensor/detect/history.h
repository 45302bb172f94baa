/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history - bytes that slid out of a window before their receiver acknowledged them.
 *
 * They may be said again, and otherwise.  A bounded pool of rings; the one
 * given out longest ago is taken away when there is none left (counted).
 *
 *	stream   ……[ ring: at most QW_HISTORY_BYTES ][ window ]
 *
 * One worker.  No allocation after qw_history_new.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"

enum { QW_HISTORY_BYTES = 65536 }; /* the most that is under way without scaled windows */

struct qw_history;

/* A stream's place in the pool: zero is none.  It may be taken away at any time. */
struct qw_history_place {
	uint32_t number, turn;
};

enum qw_err qw_history_new(struct qw_history **out, size_t rings) QW_MUSTCHECK;
void qw_history_free(struct qw_history *history);

/* Bytes that follow those in the place; where there is none, it gets one. */
void qw_history_append(struct qw_history *history, struct qw_history_place *place, const uint8_t *data, size_t len);

/* Nothing of it is asked for any more. */
void qw_history_drop(struct qw_history *history, struct qw_history_place *place);

/* Bytes that are there. */
size_t qw_history_kept(const struct qw_history *history, struct qw_history_place place);

/* Copies len bytes from `back` before the end; both lie within what is kept. */
void qw_history_copy(const struct qw_history *history, struct qw_history_place place, size_t back, uint8_t *out, size_t len);

uint64_t qw_history_taken_away(const struct qw_history *history);

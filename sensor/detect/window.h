/* SPDX-License-Identifier: Apache-2.0 */
/*
 * window - the latest bytes of a TCP direction, for rules that need more than one pattern.
 *
 * A bounded pool: a direction gets a window with its first data; when there is
 * none left, one that was not used for long gives its place up (counted), those
 * in which rules wait last of all.  A window slides: when it is full, its newer half stays.
 *
 *	stream   ……[ window: at most QW_WINDOW_BYTES ]
 *	           ^ start: bytes of the direction before it
 *
 * What slides out before it was acknowledged goes into a history: it may be
 * said again, and otherwise.
 *
 * Rules whose pattern was seen while the rest was not there yet wait in the
 * window and are tried again when more has come.
 *
 * One worker.  No allocation after qw_windows_new.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/flow.h"
#include "sensor/detect/history.h"

enum { QW_WINDOW_BYTES = 4096, QW_WINDOW_WAITING = 8, QW_WINDOWS_A_HISTORY = 16, QW_WINDOW_LEAST = 64 };

/* Stands with the direction whose window it names: zero is none.  It may be taken away; if it moves, qw_window_moved. */
struct qw_window_handle {
	uint32_t number;
};

struct qw_window {
	struct qw_window_handle *owner; /* NULL: nobody */
	bool recent;                    /* used since the pool came by last */
	uint8_t waiting_count;
	uint32_t len;
	uint64_t start;
	uint32_t waiting[QW_WINDOW_WAITING]; /* rule numbers */
	uint32_t next_unused;                /* the pool's */
	struct qw_history_place history;     /* what came right before data */
	uint8_t *data; /* lies apart: what is asked of many windows stays together */
};

struct qw_windows;

enum qw_err qw_windows_new(struct qw_windows **out, size_t count) QW_MUSTCHECK;
void qw_windows_free(struct qw_windows *windows);

/*
 * Do rules look into windows?  If not, what was acknowledged is soon let go:
 * the rest is kept to be compared with what is said again, and few bytes that
 * are written over and over stay in the cache.
 */
void qw_windows_want(struct qw_windows *windows, bool wanted);

/* The direction's window with this data appended; end: the direction's, which the data has moved on already. */
struct qw_window *qw_window_append(struct qw_windows *windows, struct qw_window_handle *handle,
				   const struct qw_tcp_end *end, const uint8_t *data, size_t len);

/* The direction's window, or NULL. */
struct qw_window *qw_window_find(const struct qw_windows *windows, const struct qw_window_handle *handle);

/* How many of the last bytes are kept, history included. */
size_t qw_window_kept(const struct qw_windows *windows, const struct qw_window *window);

/* Copies len bytes from `back` before the end; both lie within what is kept. */
void qw_window_recall(const struct qw_windows *windows, const struct qw_window *window, size_t back, uint8_t *out, size_t len);

/* Bytes were lost: what is kept does not join what follows. */
void qw_window_gap(struct qw_windows *windows, const struct qw_window_handle *handle, uint64_t missing);

/* The handle stands elsewhere now. */
void qw_window_moved(struct qw_windows *windows, struct qw_window_handle *handle);

/* The direction is over. */
void qw_window_forget(struct qw_windows *windows, struct qw_window_handle *handle);

/* Keeps a rule for later; false: there is no room, it is given up (counted). */
bool qw_window_wait(struct qw_windows *windows, struct qw_window *window, uint32_t rule);

/* Rules are numbered anew: none waits any more. */
void qw_windows_forget_rules(struct qw_windows *windows);

struct qw_window_counters {
	uint64_t taken_away; /* from a flow that still had it */
	uint64_t waiting_full;
	uint64_t history_taken; /* from a stream that may still be contradicted */
};
struct qw_window_counters qw_windows_counters(const struct qw_windows *windows);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold - floods of one alert between the same two ends become one record.
 *
 * The first goes out at once.  What follows within the span is only counted;
 * when the span is over, or the place is needed, one more record goes out with
 * the number it adds and the time of its last packet.  The sum of `count` over
 * all records is exactly the number of matches.
 *
 *	place[hash of (gid, sid or indicator, source, destination) & mask]
 *	    { hash, first, last, waiting, event as it went out }
 *
 * One worker.  No allocation after qw_fold_new.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/err.h"
#include "quaywatch/event.h"
#include "quaywatch/time.h"

struct qw_fold;

/* Where records that carry a number go. */
struct qw_fold_options {
	struct qw_time span; /* 0: nothing is folded */
	void (*emit)(void *ctx, const struct qw_event *event, size_t size);
	void *ctx;
};

enum qw_err qw_fold_new(struct qw_fold **out, const struct qw_fold_options *options) QW_MUSTCHECK;

void qw_fold_free(struct qw_fold *fold);

/* Emits what still waits. */
void qw_fold_flush(struct qw_fold *fold);

/* What makes two alerts the same. */
uint64_t qw_fold_hash(const struct qw_fold *fold, uint64_t what, const struct qw_address *src, const struct qw_address *dst);

/* True: it was counted, there is nothing to write. */
bool qw_fold_count(struct qw_fold *fold, uint64_t hash, struct qw_time now);

/* The first of its kind went out as this event: later ones are counted onto it. */
void qw_fold_begin(struct qw_fold *fold, uint64_t hash, struct qw_time now, const struct qw_event *event, size_t size);

/* Emits what is due at packet time now. */
void qw_fold_tick(struct qw_fold *fold, struct qw_time now);

uint64_t qw_fold_folded(const struct qw_fold *fold);

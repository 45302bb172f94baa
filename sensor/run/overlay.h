/* SPDX-License-Identifier: Apache-2.0 */
/*
 * overlay - the fresh entries that are not in the big image yet.
 *
 * An image of all of them is made at each change, so that they are to be few
 * most of the time: see folding.  One thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"

enum { QW_OVERLAY_MAX = 1 << 16 };

struct qw_overlay;

enum qw_err qw_overlay_new(struct qw_overlay **out) QW_MUSTCHECK;
void qw_overlay_free(struct qw_overlay *overlay);

/* Nothing is fresh any more: it is all in the big image. */
void qw_overlay_clear(struct qw_overlay *overlay);

/* Entries in it, an observable that changed twice counted twice. */
size_t qw_overlay_count(const struct qw_overlay *overlay);

/* Where it ends now; and what stood before that goes: it is in the big image. */
struct qw_overlay_mark {
	size_t len, count;
};
struct qw_overlay_mark qw_overlay_mark(const struct qw_overlay *overlay);
void qw_overlay_drop(struct qw_overlay *overlay, struct qw_overlay_mark mark);

/*
 * Adds entries, each a 32-bit length (host order) and a packed Entry.
 * QW_ELIMIT: it would grow too large; QW_EUNKNOWN: signatures are among them.  None was added then.
 */
enum qw_err qw_overlay_add(struct qw_overlay *overlay, const uint8_t *data, size_t len) QW_MUSTCHECK;

/* Of what stands behind `from` ({0}: of all).  The descriptor is the caller's. */
enum qw_err qw_overlay_image(const struct qw_overlay *overlay, struct qw_overlay_mark from, int *fd) QW_MUSTCHECK;

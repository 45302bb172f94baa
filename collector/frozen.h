/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frozen - snapshots that sensors are pulling, one per channel, and repairs of some of its buckets.
 *
 * A snapshot is a copy of the whole channel: it is made when a sensor begins
 * to pull, and kept for the others until it is old and nobody asked lately.
 * A repair is one of the buckets that a sensor asked for; of these there are
 * QW_FROZEN_REPAIRS at most, and who is pulled longest ago goes: its sensor
 * begins anew.
 * One thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "collector/channels.h"
#include "quaywatch/err.h"

enum { QW_FROZEN_REPAIRS = 16 };

struct qw_frozen;

enum qw_err qw_frozen_new(struct qw_frozen **out, const struct qw_signer *signer) QW_MUSTCHECK;
void qw_frozen_free(struct qw_frozen *frozen);

/*
 * The first part of a snapshot that is not older than `at_least`, made if there is none.
 * Of some buckets, or of all (NULL).  Packed, valid until the next call; so for qw_frozen_part.
 */
enum qw_err qw_frozen_begin(struct qw_frozen *frozen, const struct qw_channel *channel, const struct qw_buckets *buckets,
			    struct qw_order at_least, const uint8_t **data, size_t *len) QW_MUSTCHECK;

/* QW_ENOENT: no such part, or the snapshot of that order is gone: begin anew. */
enum qw_err qw_frozen_part(struct qw_frozen *frozen, const struct qw_channel *channel, const struct qw_buckets *buckets,
			   struct qw_order order, uint32_t part, const uint8_t **data, size_t *len) QW_MUSTCHECK;

/* Lets go of those that nobody asked for lately. */
void qw_frozen_sweep(struct qw_frozen *frozen);

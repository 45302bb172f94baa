/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reconcile - rows of indicators as the channels have them.
 *
 * Rows are written with each change; where a backup brought back one and not
 * the other, the channel counts: it is what the sensors hold.  What an entry
 * does not carry (who added it, and why) is not known any more.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "collector/store.h"
#include "quaywatch/channel.h"
#include "quaywatch/err.h"

#define QW_RECOVERED_WHO "recovered"

/* The row of an entry that is in the channel, or (removed) left it, since `at`; signatures have none.  *mended: it said
 * something else. */
enum qw_err qw_reconcile_entry(struct qw_store *store, const char *channel, const struct qw_entry *entry,
			       const char *why, struct qw_time at, bool *mended) QW_MUSTCHECK;

/* All rows of a channel; *mended counts those that were made, changed or revoked.  Pending until the store is
 * committed. */
enum qw_err qw_reconcile_channel(struct qw_store *store, const struct qw_channel *channel, const char *why,
				 struct qw_time at, uint64_t *mended) QW_MUSTCHECK;

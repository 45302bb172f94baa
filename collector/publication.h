/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publication - puts changes into a channel: store, sign, make durable, fan out.
 *
 * The one way in for operators, feeds and promotion alike.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/channels.h"
#include "collector/fanout.h"
#include "collector/restoration.h"
#include "collector/store.h"
#include "quaywatch/err.h"

/* Entries of one delta at most; keeps it well below a frame. */
enum { QW_PUBLICATION_ENTRIES = 1000, QW_PUBLICATION_BYTES = 256 * 1024 };

struct qw_publication {
	struct qw_store *store;
	struct qw_channels *channels;
	struct qw_fanout *fanout;
	uint64_t *allow_changes; /* counts the changes of allow entries */
	const struct qw_restoration *restoration; /* NULL: nothing ever waits for it */
	struct qw_time bucket; /* how long one lasts (sightings.h); 0: sightings are not told of */
};

/* Who wants it and why; kept with each indicator. */
struct qw_reason {
	const char *who, *why;
	struct qw_time renew; /* what sightings prolong them by; 0: nothing */
};

/* All of these: QW_EAGAIN: the channel is being recovered (restoration.h), and nothing was done. */

/* All or nothing, as one delta.  QW_EACCES: a label forbids that channel (label.h), whoever asks.  QW_ESIGN: our key may not change that kind.  QW_ELIMIT: too many. */
enum qw_err qw_publish_indicators(const struct qw_publication *publication, const char *channel,
				  const struct qw_indicator *indicators, size_t count, const struct qw_reason *reason,
				  struct qw_time now) QW_MUSTCHECK;

/* Entries that are in the channel, with what others may learn of them now (prevalence.h), as one delta.  QW_ENOENT: one is not. */
enum qw_err qw_publish_prevalence(const struct qw_publication *publication, const char *channel,
				  const struct qw_indicator *indicators, size_t count, struct qw_time now) QW_MUSTCHECK;

/* One thing that changes: a new or changed entry, or one that goes (then only its observable and `allow` count). */
struct qw_publication_change {
	struct qw_indicator indicator;
	bool removed;
};

/* The same with some that go, for the reason's why.  What goes need not be there. */
enum qw_err qw_publish_changes(const struct qw_publication *publication, const char *channel,
			       const struct qw_publication_change *changes, size_t count, const struct qw_reason *reason,
			       struct qw_time now) QW_MUSTCHECK;

/* Removes one.  QW_ENOENT: it is not in the channel. */
enum qw_err qw_publish_removal(const struct qw_publication *publication, const char *channel,
			       const struct qw_observable *observable, bool allow, struct qw_time now) QW_MUSTCHECK;

/* Entries as they are (signatures). */
enum qw_err qw_publish_entries(const struct qw_publication *publication, const char *channel,
			       const struct qw_entry *entries, size_t count, struct qw_time now) QW_MUSTCHECK;

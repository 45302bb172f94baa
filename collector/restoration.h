/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restoration - a collector that was restored from a backup gets back what its sensors hold.
 *
 *	a sensor holds more than we do ─► Recall ─► Recalled ─► verified, applied, stored ─► next
 *	                                   │ silent, wrong, or has not got it: another sensor
 *
 * One sensor is asked at a time for each channel: of those that answered who
 * was asked least, and of these who holds most, so that one that answers little at a time does not
 * stand before the others.  What comes back was signed by the port, each delta
 * onto the one before: a sensor can withhold, and no more.
 *
 * Meanwhile nothing is published into that channel, else its order would fork;
 * but not for long, whatever sensors claim: `hold`, longer only while changes
 * come in, and once only unless that led to an end.  A sensor that cannot show
 * what it claims is not asked again until it connects anew.
 *
 * One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "collector/channels.h"
#include "collector/peers.h"
#include "collector/post.h"
#include "quaywatch/err.h"
#include "quaywatch/time.h"
#include "quaywatch/wire.h"

enum { QW_RESTORATION_SENTENCE_MAX = 256 };

struct qw_restoration_parts {
	struct qw_channels *channels;
	struct qw_peers *peers;
	struct qw_post post;
	uint64_t *allow_changes;       /* counts the changes of allow entries */
	size_t (*expected)(void *ctx); /* how many sensors may connect; NULL: not known */
	void *ctx;
	struct qw_time hold;
	struct qw_time now; /* monotonic, as all times here */
};

struct qw_restoration_stats {
	uint64_t recovered; /* changes that came back */
	uint64_t recalls;   /* asked */
	uint64_t silent;    /* not answered in time */
	uint64_t lacking;   /* answered: we do not have it */
	uint64_t bad;       /* answered with what is not the port's, or does not follow */
	uint64_t unasked;   /* answers that nobody waits for */
	uint64_t failed;    /* channels that were given up */
};

struct qw_restoration;

enum qw_err qw_restoration_new(struct qw_restoration **out, const struct qw_restoration_parts *parts) QW_MUSTCHECK;
void qw_restoration_free(struct qw_restoration *restoration); /* NULL is fine */

/* The peer said what it holds (its claims): begins, if that is more than we do. */
enum qw_err qw_restoration_look(struct qw_restoration *restoration, const struct qw_peer *peer,
				struct qw_time now) QW_MUSTCHECK;

/* An answer.  Errors are ours (memory, store). */
enum qw_err qw_restoration_recalled(struct qw_restoration *restoration, struct qw_peer *peer,
				    const Quaywatch__Wire__Recalled *recalled, struct qw_time now) QW_MUSTCHECK;

/* Asks, waits, gives up: call it now and then. */
void qw_restoration_turn(struct qw_restoration *restoration, struct qw_time now);

/* Whether the channel takes no changes now; the sentence says why and how long.  sentence may be NULL. */
bool qw_restoration_holds(const struct qw_restoration *restoration, const char *channel, struct qw_time now,
			  char sentence[QW_RESTORATION_SENTENCE_MAX]);

/*
 * Whether all is known that sensors could tell after a start: every one that may
 * connect has, or enough time went by, and nothing is being recovered.  What
 * the collector publishes by itself because of its clock or configuration waits for it.
 */
bool qw_restoration_is_settled(struct qw_restoration *restoration, struct qw_time now);

struct qw_restoration_stats qw_restoration_stats(const struct qw_restoration *restoration);

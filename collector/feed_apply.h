/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed_apply - a feed's new set into its channel: only what differs, a step at a time.
 *
 * An entry that several feeds list is that of the most sure one, and goes only
 * when none lists it any more.  What an operator or the tenants brought stays
 * as it is, and what an operator took back does not come again.  The same guards
 * hold as for every import (admission.h).
 *
 * Nothing is lost when it ends in between: what is in the channel already is
 * passed over the next time.  One thread.
 */
#pragma once

#include "collector/admission.h"
#include "collector/exceptions.h"
#include "collector/feed_set.h"
#include "collector/feed_spec.h"
#include "collector/promotion.h"
#include "collector/publication.h"

/* How the reasons of a feed's entries begin (qw_reason.who); the feed's name follows. */
#define QW_FEED_WHO "feed "

/* A feed whose set counts beside this one's. */
struct qw_feed_other {
	const struct qw_feed_spec *spec;
	const struct qw_feed_set *set;
};

struct qw_feed_apply_parts {
	const struct qw_publication *publication;
	const struct qw_guard *policy;
	struct qw_promotion *promotion; /* asked for canaries, and for what was withdrawn */
	const struct qw_feed_spec *spec;
	const struct qw_feed_set *before, *after; /* before NULL: none; after NULL: the feed goes */
	const struct qw_feed_other *other;        /* feeds of the same channel */
	size_t others;
};

struct qw_feed_apply {
	struct qw_feed_apply_parts parts;
	struct qw_feed_diff diff;
	struct qw_exceptions exceptions;
	struct qw_publication_change *change; /* one delta's worth */
	size_t changes, bytes;
	struct qw_entry *signature; /* the same of signatures; the sets have their bodies */
	size_t signatures, signature_bytes;
	char who[QW_NAME_MAX + sizeof(QW_FEED_WHO)]; /* of what waits in `change` */
	bool leaving;				     /* what waits goes */
	bool allows;				     /* allow entries came */
	uint64_t published, withdrawn, held;
	uint64_t refused[QW_ADMISSIONS];
};

/* The parts are copied; what they point to stays until the end. */
enum qw_err qw_feed_apply_begin(struct qw_feed_apply *apply, const struct qw_feed_apply_parts *parts) QW_MUSTCHECK;

/* Some of it.  *done: all of it.  QW_EAGAIN: not now (the channel is being recovered); other errors: give it up. */
enum qw_err qw_feed_apply_step(struct qw_feed_apply *apply, bool *done) QW_MUSTCHECK;

uint64_t qw_feed_apply_refused(const struct qw_feed_apply *apply);
void qw_feed_apply_fini(struct qw_feed_apply *apply);

const char *qw_feed_channel(const struct qw_feed_spec *spec);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repair - some buckets of a set, brought to what another holds in them.
 *
 * One thread.
 */
#pragma once

#include "rules/channel/content.h"

/* Whether the entry is in one of these buckets; NULL: all are meant.  QW_EFORMAT: it has no key. */
enum qw_err qw_buckets_hold(bool *out, const struct qw_buckets *buckets, const struct qw_entry *entry) QW_MUSTCHECK;

struct qw_repair {
	const struct qw_buckets *buckets;
	const struct qw_entry_set *with; /* all that is to be in them */
	const struct qw_digest *digest;  /* of our whole set when it is done */
	uint32_t rights;                 /* enum qw_right of who signed */
};

/*
 * All or nothing; changed, if not NULL, is called with each entry that is
 * another now, or gone.  QW_ESIGN: the digest does not come out, or something
 * changes that the rights do not cover.
 */
enum qw_err qw_repair_make(struct qw_content *content, const struct qw_repair *repair,
			   void (*changed)(void *ctx, const struct qw_entry *entry), void *ctx) QW_MUSTCHECK;

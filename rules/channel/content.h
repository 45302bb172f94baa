/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content - a set of entries and its digest, changed together.
 *
 * One thread.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "rules/channel/digest.h"
#include "rules/channel/set.h"

struct qw_content {
	struct qw_entry_set set;
	struct qw_lanes *lanes;
};

enum qw_err qw_content_init(struct qw_content *content) QW_MUSTCHECK;
void qw_content_fini(struct qw_content *content);

/* Adds one entry whose key is not there yet.  QW_EFORMAT: a removal, or the key is there. */
enum qw_err qw_content_fill(struct qw_content *content, const uint8_t *body, size_t len) QW_MUSTCHECK;

/* The same of the set alone: the lanes know of it. */
enum qw_err qw_content_fill_set(struct qw_entry_set *set, const struct qw_entry_key *key, const uint8_t *body,
				size_t len) QW_MUSTCHECK;

/* A batch of packed entries that was applied and can still be taken back. */
struct qw_change {
	struct qw_content *content;
	struct qw_change_row *rows;
	size_t count;
};

/* Applies all of them, in order, or (on any error) none; the digest is settled. */
enum qw_err qw_change_make(struct qw_change *out, struct qw_content *content, const struct qw_slice *bodies,
			   size_t count) QW_MUSTCHECK;

/* One of these ends each change that was made. */
void qw_change_keep(struct qw_change *change);
void qw_change_undo(struct qw_change *change);

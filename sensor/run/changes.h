/* SPDX-License-Identifier: Apache-2.0 */
/*
 * changes - entries of indicators that changed, gathered for the builder.
 *
 * Few go in the post itself, many in memory that it passes.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/channel.h"
#include "quaywatch/err.h"
#include "sensor/run/post.h"

enum { QW_CHANGES_MAX = 16 << 20 }; /* bytes */

struct qw_changes {
	uint8_t *bytes; /* each a 32-bit length (host order) and a packed Entry */
	size_t len, room, entries;
	bool cut; /* there was more than entries of indicators, or more than fits: all is to be built */
};

void qw_changes_begin(struct qw_changes *changes);
void qw_changes_fini(struct qw_changes *changes);

/* NULL: all may be others. */
void qw_changes_add(struct qw_changes *changes, const struct qw_entry *entry);

/* Posts them under a ticket, as QW_POST_ENTRIES.  Errors as qw_post_send's, and those of making memory to pass. */
enum qw_err qw_changes_post(const struct qw_changes *changes, int end, uint32_t ticket) QW_MUSTCHECK;

/* What such a post brought; the caller frees *bytes.  The post's descriptors are closed. */
enum qw_err qw_changes_receive(struct qw_post *post, char **bytes, size_t *len) QW_MUSTCHECK;

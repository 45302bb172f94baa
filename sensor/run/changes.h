/* SPDX-License-Identifier: Apache-2.0 */
/*
 * changes - entries of channels, gathered for the builder.
 *
 * Few go in the post itself, many in memory that it passes.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/channel.h"
#include "quaywatch/err.h"
#include "sensor/run/post.h"

enum { QW_CHANGES_MAX = 16 << 20 }; /* bytes */

struct qw_changes {
	uint8_t *bytes; /* each a 32-bit length (host order) and a packed Entry */
	size_t len, room, entries;
	bool signatures; /* some of these changed, too; they are not among the entries */
	bool cut;        /* more of the indicators changed than is here */
};

void qw_changes_begin(struct qw_changes *changes);
void qw_changes_fini(struct qw_changes *changes);

/* Notes a change; NULL: all may be others. */
void qw_changes_add(struct qw_changes *changes, const struct qw_entry *entry);

/* Adds an entry of any kind; where it does not fit, that is cut. */
void qw_changes_put(struct qw_changes *changes, const struct qw_entry *entry);

/* Posts them under a ticket, as QW_POST_ENTRIES.  Errors as qw_post_send's, and those of making memory to pass. */
enum qw_err qw_changes_post(const struct qw_changes *changes, int end, uint32_t ticket) QW_MUSTCHECK;

/* The same in memory that can be passed; the descriptor is the caller's. */
enum qw_err qw_changes_memory(const struct qw_changes *changes, int *fd) QW_MUSTCHECK;

/* What such a post brought; the caller frees *bytes.  The post's descriptors are closed. */
enum qw_err qw_changes_receive(struct qw_post *post, char **bytes, size_t *len) QW_MUSTCHECK;

/* Walks such bytes.  False: the end, or a length that does not fit. */
bool qw_changes_next(struct qw_bytes *in, struct qw_bytes *entry);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rulestore - the channels a sensor holds, on disk and verified.
 *
 *	delta ─► verify ─► apply ─► append to NAME.deltas ─► tell the builder
 *	start:   NAME.channel, then NAME.deltas over it
 *
 * What was applied is also kept in NAME.history, for a collector that lost it.
 *
 * so that a sensor starts and matches without its collector.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/channel.h"
#include "quaywatch/err.h"
#include "sensor/export/history.h"

enum { QW_STORE_CHANNELS = 2 };

struct qw_rulestore;

struct qw_rulestore_options {
	const char *name[QW_STORE_CHANNELS]; /* "" or NULL: no such channel */
	const char *path[QW_STORE_CHANNELS]; /* of its file; deltas stand beside it, with ".deltas", and the folder ".history" */
	uint64_t history_bytes;              /* of each channel's history; 0: none is kept */
	uint8_t root_public[QW_SIGN_PUBLIC_BYTES];
	/* An entry of a delta or repair that was applied; NULL: all may be others. */
	void (*changed)(void *ctx, const struct qw_entry *entry);
	void *ctx;
};

/* A file that is not usable is put aside (".broken") and logged: the collector has the set. */
enum qw_err qw_rulestore_open(struct qw_rulestore **out, const struct qw_rulestore_options *options) QW_MUSTCHECK;
void qw_rulestore_close(struct qw_rulestore *store);

/* The i-th channel, or NULL. */
const struct qw_channel *qw_rulestore_channel(const struct qw_rulestore *store, unsigned number);

/* The number of a channel by name; QW_STORE_CHANNELS: none of ours. */
unsigned qw_rulestore_find(const struct qw_rulestore *store, const char *name);

/*
 * A delta from the collector; *number is its channel.  Results are those of
 * qw_channel_apply; QW_EUNKNOWN: not a channel of ours.  One that cannot be
 * written to disk is in force all the same, and logged.
 */
enum qw_err qw_rulestore_delta(struct qw_rulestore *store, const uint8_t *delta, size_t len, struct qw_time now, unsigned *number) QW_MUSTCHECK;

/* A part of a snapshot; *done: the channel holds the new set and it is on disk. */
enum qw_err qw_rulestore_part(struct qw_rulestore *store, const char *channel, const uint8_t *part, size_t len, struct qw_time now,
			      bool *done) QW_MUSTCHECK;

/* The deltas that it applied after `after`, as of qw_history_read.  QW_EUNKNOWN: not a channel of ours. */
enum qw_err qw_rulestore_recall(const struct qw_rulestore *store, const char *channel, struct qw_order after, size_t bytes,
				struct qw_history_run *out) QW_MUSTCHECK;

/* Writes the channels whole and forgets their delta files: what a rebuild reads. */
enum qw_err qw_rulestore_save(struct qw_rulestore *store) QW_MUSTCHECK;

/* Bytes of the deltas that stand beside the channel files: what is built from the files alone would lack them. */
uint64_t qw_rulestore_unsaved(const struct qw_rulestore *store);

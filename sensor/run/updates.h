/* SPDX-License-Identifier: Apache-2.0 */
/*
 * updates - what changes the ruleset: deltas, repairs and snapshots, on to the builder, and receipts.
 *
 *	delta ─► rulestore (verified, on disk) ─► builder ─► workers ─► receipt
 *
 * A receipt goes out once every worker has adopted the ruleset that holds the
 * change.  Where our set is not the collector's, it says the sums of its
 * buckets; those that differ are fetched, or all where they are many.
 *
 * One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/config.h"
#include "quaywatch/err.h"
#include "quaywatch/wire.h"
#include "sensor/export/frames.h"
#include "sensor/export/rulestore.h"
#include "sensor/run/post.h"
#include "sensor/run/shared.h"

struct qw_updates;

struct qw_updates_options {
	const struct qw_config *config;
	struct qw_shared *shared;
	int builder; /* end of a post pair: changed entries go there */
};

/* Opens the channels and has the builder begin.  QW_EINVAL: the root key is not of its form (logged). */
enum qw_err qw_updates_new(struct qw_updates **out, const struct qw_updates_options *options) QW_MUSTCHECK;
void qw_updates_free(struct qw_updates *updates);

/* What it says to the collector goes by this session, the caller's; once, before any frame. */
void qw_updates_connect(struct qw_updates *updates, struct qw_session *session);

/* Frames of the collector.  What is wrong with one is logged; the set in force stays. */
void qw_updates_delta(struct qw_updates *updates, const uint8_t *delta, size_t len);
void qw_updates_part(struct qw_updates *updates, const uint8_t *part, size_t len);
void qw_updates_sums(struct qw_updates *updates, const Quaywatch__Wire__BucketSums *sums);

/* A collector that was restored from a backup asks for what it lost. */
void qw_updates_recall(const struct qw_updates *updates, const Quaywatch__Wire__Recall *recall);

/* The collector's welcome: receipts answer this nonce from now on, and what is in force is confirmed. */
void qw_updates_welcome(struct qw_updates *updates, const uint8_t nonce[16]);

/* Until the next welcome nobody is there to get receipts. */
void qw_updates_pause(struct qw_updates *updates);

/* The builder answered. */
void qw_updates_built(struct qw_updates *updates, const struct qw_post *post);

/* Sends the receipts that are due. */
void qw_updates_turn(struct qw_updates *updates);

/* Order and digest of each channel; how many. */
size_t qw_updates_states(const struct qw_updates *updates, struct qw_channel_state states[QW_STORE_CHANNELS]);

/* "community 1.4411, tenant 1.7"; valid until the next change. */
const char *qw_updates_ruleset(const struct qw_updates *updates);

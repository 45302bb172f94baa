/* SPDX-License-Identifier: Apache-2.0 */
/*
 * building - the exporter's side of the builder: what changed goes there, under tickets that end in receipts.
 *
 * Entries of indicators go as they are and are in force within milliseconds.
 * Signatures, and whole sets, are compiled; many changes that ask for that
 * while it is under way are served by the next time.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "sensor/export/rulestore.h"
#include "sensor/run/changes.h"
#include "sensor/run/post.h"
#include "sensor/run/tickets.h"

struct qw_building_options {
	int builder; /* end of a post pair */
	struct qw_rulestore *store;
	/* What is to be said of a channel when all that it holds now is in force. */
	void (*receipt)(void *ctx, unsigned channel, struct qw_receipt *out);
	void *ctx;
};

struct qw_building {
	struct qw_building_options options;
	struct qw_tickets tickets;
	struct qw_changes entries; /* of signatures, on their way */
	uint32_t rebuild;          /* ticket under which it compiles; 0: it does not */
	uint32_t rebuilt;          /* the last one */
	uint32_t barrier;          /* the first one that was not fulfilled: receipts from there on wait; 0: none */
	uint32_t answered;         /* ticket up to which the builder answered */
	unsigned ordered;          /* enum qw_rulebook_half: what it compiles */
	unsigned stale;            /* the same: what is to be compiled as soon as it may be; receipts wait for that */
	struct qw_time not_before; /* monotonic: of the next order */
};

/* Has the builder begin: it waits for this. */
void qw_building_start(struct qw_building *building, const struct qw_building_options *options);
void qw_building_fini(struct qw_building *building);

/* What changed in a channel. */
void qw_building_pass(struct qw_building *building, unsigned channel, const struct qw_changes *changes);

/* The builder answered. */
void qw_building_answer(struct qw_building *building, const struct qw_post *post);

/* What had to wait. */
void qw_building_turn(struct qw_building *building);

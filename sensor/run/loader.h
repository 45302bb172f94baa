/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loader - a thread of the worker's that opens rulesets beside the packets.
 *
 *	supervisor ─ post ─► loader: opens, checks ─► worker: adopts, between two batches
 *	                     loader: closes the old ◄─┘
 *
 * One ruleset at a time is handed over; what comes meanwhile is opened as one
 * after it.  Functions are the worker's, where nothing else is said.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "sensor/detect/inspector.h"
#include "sensor/run/images.h"

struct qw_loader;

struct qw_loader_options {
	int post; /* end of a qw_post pair; the loader's until it is freed */
	struct qw_ruleset_images images; /* of the ruleset in force; taken */
	uint32_t generation; /* of those images; 0: there are none yet */
};

/* If there is a ruleset it is opened, and waits, when this returns; one that cannot be opened was told. */
enum qw_err qw_loader_new(struct qw_loader **out, struct qw_loader_options *options) QW_MUSTCHECK;

/* No ruleset of it is in use any more. */
void qw_loader_free(struct qw_loader *loader);

/* The one that is to be adopted; NULL: none waits.  Costs a load of one word. */
const struct qw_ruleset *qw_loader_waiting(const struct qw_loader *loader);

/* It is in use, and the one before is not. */
void qw_loader_adopted(struct qw_loader *loader);

/* Readable as long as a ruleset waits, or the post has ended. */
int qw_loader_wake_fd(const struct qw_loader *loader);

/* The supervisor closed its end. */
bool qw_loader_ended(const struct qw_loader *loader);

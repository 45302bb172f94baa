/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile - what the sensor is to match, read anew: shipped packs, the tenant's files, the channels.
 *
 * Takes seconds where there are a million indicators and they are wanted, and
 * as much memory again as they have; unless a set that comes in parts is in
 * force: then some of its parts are made at a time, each time from all that is
 * read.  One thread.
 */
#pragma once

#include "quaywatch/err.h"
#include "sensor/run/builder.h"
#include "sensor/run/images.h"
#include "sensor/run/rulebook.h"

struct qw_compile_order {
	unsigned halves; /* enum qw_rulebook_half: what is to be made */
	int entries;     /* memory with the channels' entries that are needed (sensor/run/changes); -1: their files are read */
	const struct qw_indicator_kin *kin; /* beside these, parts first to end - 1 are to be made; NULL: all */
	unsigned first, end;
	bool again; /* it was all read once: complaints are told already */
};

struct qw_compiled {
	struct qw_ruleset_images images; /* the caller's; of what was not wanted there is none */
	struct qw_rulebook_counts counts;
};

/* What cannot be read, or is refused, is logged. */
enum qw_err qw_ruleset_compile(const struct qw_builder_options *options, const struct qw_compile_order *order,
		       struct qw_compiled *out) QW_MUSTCHECK;

/* The counts of what was made take the place of the older ones. */
void qw_ruleset_counts(struct qw_rulebook_counts *counts, const struct qw_rulebook_counts *fresh, unsigned halves);

/* Logs what was made, or that it failed. */
void qw_ruleset_tell(const struct qw_rulebook_counts *counts, unsigned halves, enum qw_err err);

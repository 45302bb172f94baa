/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile - all that the sensor is to match, read anew: shipped packs, the tenant's files, the channels.
 *
 * Takes seconds and a hundred megabytes where there are a million indicators.
 * One thread.
 */
#pragma once

#include "quaywatch/err.h"
#include "sensor/run/builder.h"
#include "sensor/run/rulebook.h"

struct qw_ruleset_images {
	int signatures, indicators; /* descriptors of images, the caller's; -1: none */
	struct qw_rulebook_counts counts;
};

/* What cannot be read, or is refused, is logged, and so is the result. */
enum qw_err qw_build_ruleset(const struct qw_builder_options *options, struct qw_ruleset_images *out) QW_MUSTCHECK;

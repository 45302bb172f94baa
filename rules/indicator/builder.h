/* SPDX-License-Identifier: Apache-2.0 */
/*
 * builder - the inside of a builder of images, for what is no list of indicators.
 *
 * One thread.
 */
#pragma once

#include "quaywatch/indicators.h"
#include "rules/indicator/layout.h"

/* Its images go beside others of this seed. */
enum qw_err qw_indicator_builder_like(struct qw_indicator_builder **out, const struct qw_seed *seed) QW_MUSTCHECK;

/* Adds a record of an image as it is: key, tuple, source and id. */
enum qw_err qw_indicator_builder_put(struct qw_indicator_builder *builder, enum qw_group group,
				     const struct qw_record *record, const struct qw_tuple *tuple,
				     const char *source) QW_MUSTCHECK;

/* The image of one part alone, of QW_INDICATOR_PARTS. */
enum qw_err qw_indicator_builder_finish_part(struct qw_indicator_builder *builder, unsigned part, int *fd) QW_MUSTCHECK;

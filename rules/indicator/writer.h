/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer - turns piles of records into the sections of an image.
 *
 * One thread.
 */
#pragma once

#include "quaywatch/image.h"
#include "rules/indicator/layout.h"
#include "rules/indicator/pile.h"
#include "rules/indicator/rows.h"

struct qw_image_writer {
	struct qw_image_builder *image;
	struct qw_span span;       /* of the piles: what goes into this image */
	const struct qw_rows *all; /* what the piles' records name … */
	struct qw_rows *rows;      /* … and what the image's do: filled as it is written */
	struct qw_indicator_head *head;
	uint8_t *near;
	uint64_t *address; /* the filter over all single addresses */
	uint32_t address_words;
};

/* Makes the sections of all groups, HEAD, NEAR and ADDRESS; none may be made after it. */
enum qw_err qw_writer_sections(struct qw_image_writer *writer, const struct qw_pile *piles) QW_MUSTCHECK;

/* Writes one group, and frees its pile's part of the span. */
enum qw_err qw_writer_group(struct qw_image_writer *writer, enum qw_group group, struct qw_pile *pile) QW_MUSTCHECK;

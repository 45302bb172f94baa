/* SPDX-License-Identifier: Apache-2.0 */
/* bounds - of rules and of what is kept of them, and how one part of an image names rows of another. */
#pragma once

#include <stdint.h>

#include "quaywatch/signatures.h"

enum {
	QW_PIECE_MAX = 16,     /* bytes of a prefilter literal: what is scanned again of old data is one less */
	QW_NEAR_MAX = QW_PREFILTER_TAIL_MAX + 1, /* bytes of a content that the kept tail and new data surely hold */
	QW_RULE_OPS_MAX = 256, /* options that look at data, of one rule */
	QW_RULE_LISTS_MAX = 64,
	QW_MASKS_MAX = 4,      /* sizes of blocks that rules add to one set */
	QW_CHANGES_MAX = 8,    /* of sets, that one rule makes */
	QW_RULE_VARS_MAX = 16, /* byte_extract and byte_math results */
	QW_RULE_BLOB_MAX = 64 * 1024,
	QW_TRANSFORMS_MAX = 4,
	QW_TRANSFORM_BYTES = 64 * 1024, /* of a buffer that transforms see */
	QW_STEPS_MAX = 20000,           /* options tried for one list of one confirmation */
	QW_NONE = 0xffffffff,
};

/* A run of rows in another section. */
struct qw_run {
	uint32_t first, count;
};

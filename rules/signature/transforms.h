/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transforms - a buffer as a rule wants to see it.
 */
#pragma once

#include <stdbool.h>

#include "quaywatch/bytes.h"
#include "rules/signature/layout.h"

/*
 * Applies a list's transforms; the result lies in `data` itself or in one of
 * the two work areas of QW_TRANSFORM_BYTES.  False: something did not fit and
 * was cut off.
 */
bool qw_transform(const struct qw_list *list, const uint8_t *blob, struct qw_slice data, uint8_t *const work[2],
		  struct qw_slice *out);

/* Decodes base64 from the start of data as far as it goes, blanks and line ends passed over; the result's length. */
size_t qw_base64_decode(struct qw_slice data, uint8_t *out, size_t room);

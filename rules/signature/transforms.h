/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transforms - a buffer as a rule wants to see it.
 */
#pragma once

#include <stdbool.h>

#include "rules/signature/opened.h"

/*
 * What a list's transforms make of the data; it lies in `data` itself or in one
 * of the set's two work areas, until the next call.  What did not fit there
 * was cut off, and counted.
 */
struct qw_slice qw_transform(struct qw_signatures *set, const struct qw_list *list, struct qw_slice data);

/* Writes at most QW_TRANSFORM_BYTES to out, of at most as many (digests: of any number).  `in` is elsewhere. */
typedef size_t qw_transform_fn(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out);

/* decoders.c */
qw_transform_fn qw_transform_xor, qw_transform_xor_taken, qw_transform_base64, qw_transform_capture,
    qw_transform_subslice, qw_transform_inflate, qw_transform_name;

/* The value of a digit of base64, or -1. */
int qw_base64_digit(uint8_t c);

/* Decodes all of it, with or without its padding; 0: it is not base64 throughout.  out may be where the data lies. */
size_t qw_base64_strict(struct qw_slice data, uint8_t *out);

/* Decodes base64 from the start of data as far as it goes, blanks and line ends passed over; the result's length. */
size_t qw_base64_decode(struct qw_slice data, uint8_t *out, size_t room);

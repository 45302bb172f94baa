/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coding - base64 and quoted-printable, as mail has them: forgiving.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

/* A digit's value; -1: it is none. */
int qw_hex_value(uint8_t c);
int qw_base64_value(uint8_t c);

/* A decoder between two pieces; all zero at the begin. */
struct qw_base64 {
	uint32_t bits;
	uint8_t bits_len; /* of bits that make no byte yet */
};

/*
 * Decodes as much of *in as *out has room for, and takes it off: at most size
 * bytes, their number is returned.  What is no digit is passed over; padding
 * ends a group.
 */
size_t qw_base64_take(struct qw_base64 *decoder, struct qw_slice *in, uint8_t *out, size_t size);

/* Encoded words (RFC 2047): appends what they stand for. */
void qw_base64_text(struct qw_slice coded, struct qw_text *out);
void qw_quoted_text(struct qw_slice coded, struct qw_text *out);

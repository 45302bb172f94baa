/* SPDX-License-Identifier: Apache-2.0 */
/* ot_text - numbers of industrial protocols as text, without printf: events are written while packets wait. */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

/* At most six decimals, none that say nothing: "21.5", "-0.25"; "nan", "inf" and "huge" are not told in digits. */
void qw_ot_put_real(struct qw_text *text, double value);

/* At least so many digits. */
void qw_ot_put_padded(struct qw_text *text, uint64_t value, unsigned digits);

/* ", " between; nothing before the first. */
void qw_ot_put_comma(struct qw_text *text);

/* A text that may be empty. */
void qw_ot_put_slice(struct qw_text *text, struct qw_slice slice);
/* "0x002a": ids that are written so. */
void qw_ot_put_id(struct qw_text *text, uint16_t id);

/* Adds a word to a list of them. */
void qw_ot_put_word(struct qw_text *text, const char *word);

static inline struct qw_slice qw_ot_text_slice(const struct qw_text *text)
{
	return qw_slice(text->at, text->len);
}

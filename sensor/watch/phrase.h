/* SPDX-License-Identifier: Apache-2.0 */
/*
 * phrase - a cursor over one line of the configuration: words, marks, numbers.
 *
 * Each reader passes over blanks first; what does not fit is left where it is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct qw_phrase {
	const char *at;
	size_t left;
};

struct qw_phrase qw_phrase(const char *text, size_t len);

bool qw_phrase_is_over(struct qw_phrase *phrase);

/* This mark ("->", ">="), which may be followed by anything. */
bool qw_phrase_mark(struct qw_phrase *phrase, const char *mark);

/* Up to the next blank or any of `ends`; not empty. */
bool qw_phrase_word(struct qw_phrase *phrase, const char *ends, const char **word, size_t *len);

/* A decimal number up to `max`. */
bool qw_phrase_number(struct qw_phrase *phrase, uint64_t max, uint64_t *number);

/* "06:30" as seconds of the day; "24:00" is its end. */
bool qw_phrase_clock(struct qw_phrase *phrase, uint32_t *seconds);

/* "mon", or "mon-fri": bits of days, Sunday is bit 0. */
bool qw_phrase_days(struct qw_phrase *phrase, uint8_t *days);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines - lines of text out of pieces of any size.
 *
 * A line ends with LF; CR before it goes too.  A line longer than the bound
 * comes in parts.
 */
#pragma once

#include "sensor/protocol/store.h"

/* All zero: nothing held. */
struct qw_lines {
	struct qw_store held;
	bool told;   /* what is held was handed out */
	bool inside; /* a part of the current line was handed out */
};

struct qw_line {
	struct qw_slice text; /* valid until the next call */
	bool begins, ends;    /* both: a whole line */
	bool bare;            /* it ended without CR */
};

/* Takes the next line, or part, off the input.  False: the input is used up. */
bool qw_line_next(void *state, struct qw_lines *lines, struct qw_bytes *in, size_t max, struct qw_line *out);

/* No more will come: what is held of a line that has not ended.  False: nothing. */
bool qw_line_rest(void *state, struct qw_lines *lines, struct qw_line *out);

void qw_lines_free(void *state, struct qw_lines *lines);

/* The word at the start, spaces behind it passed over; *line is what follows. */
struct qw_slice qw_line_word(struct qw_slice *line);

/* Is it this word, in upper or lower case? */
bool qw_slice_is(struct qw_slice slice, const char *word);

/* Whether the text begins with the word, or holds it anywhere; any case. */
bool qw_line_begins(const uint8_t *data, size_t len, const char *word);
bool qw_line_holds(const uint8_t *data, size_t len, const char *word);

/* Is it a whole line of a server: three digits, then a blank or a hyphen and a text (FTP, SMTP, and others like them)? */
bool qw_line_is_reply(const uint8_t *data, size_t len);

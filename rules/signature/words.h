/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words - pieces of a rule's text, cut and read without copying.
 *
 * A word points into the rule, so that a complaint about it knows its column.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct qw_op;

struct qw_word {
	const char *at;
	size_t len;
};

/* Without blanks at both ends. */
struct qw_word qw_word_trim(struct qw_word word);

/* Cuts the next piece before `separator` off *rest, trimmed.  False: nothing is left. */
bool qw_word_cut(struct qw_word *rest, char separator, struct qw_word *piece);

/* Cuts the next run of non-blanks off *rest.  False: nothing is left. */
bool qw_word_next(struct qw_word *rest, struct qw_word *piece);

/* Same letters, case ignored. */
bool qw_word_is(struct qw_word word, const char *text);

/* Takes one leading character, and blanks after it, off.  False: it is not there. */
bool qw_word_eat(struct qw_word *word, char c);

/* Decimal, or hexadecimal after 0x; the whole word.  False: not a number, or above max. */
bool qw_word_u64(struct qw_word word, uint64_t max, uint64_t *out);

/* Decimal with sign; within ±limit. */
bool qw_word_i64(struct qw_word word, int64_t limit, int64_t *out);

/*
 * A test of a number as Suricata writes it: "5", "!5", ">5", ">=5", "<5",
 * "<=5", "=5", "3<>7", "3-7" (both exclusive), "!3-7", "&0xc0=0x80", "&0xc0!=0"; set in op's compare and number.
 * False: it is none of these, or a number is above max.
 */
bool qw_word_test(struct qw_word word, uint64_t max, struct qw_op *op);

/* One test applied. */
bool qw_compare(unsigned compare, uint64_t value, uint64_t a, uint64_t b);

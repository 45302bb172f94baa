/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text - bounded text under construction.
 *
 * The caller owns the memory.  What does not fit is cut and remembered in
 * `cut`; a text that was cut is never written out as if it were whole.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct qw_text {
	char *at;    /* not NUL-terminated */
	size_t len;  /* in use */
	size_t size; /* bytes at `at` */
	bool cut;    /* something did not fit */
};

static inline void qw_text_init(struct qw_text *text, char *memory, size_t size)
{
	*text = (struct qw_text){memory, 0, size, false};
}

static inline void qw_text_put(struct qw_text *text, const void *data, size_t len)
{
	if (len > text->size - text->len) {
		text->cut = true;
		return;
	}
	memcpy(text->at + text->len, data, len);
	text->len += len;
}

static inline void qw_text_char(struct qw_text *text, char c)
{
	if (text->len == text->size) {
		text->cut = true;
		return;
	}
	text->at[text->len++] = c;
}

#define qw_text_literal(text, literal) qw_text_put(text, literal, sizeof(literal) - 1)

void qw_text_u64(struct qw_text *text, uint64_t value);
void qw_text_i64(struct qw_text *text, int64_t value);

/* Lower-case hexadecimal. */
void qw_text_hex(struct qw_text *text, const uint8_t *data, size_t len);

/* printf; slow, not for the packet path. */
void qw_text_format(struct qw_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void qw_text_vformat(struct qw_text *text, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* NUL-terminates and returns `at`; the last character goes if there is no room. */
const char *qw_text_string(struct qw_text *text);

/* Reads exactly len/2 bytes of hexadecimal, either case.  False: not that. */
bool qw_hex_decode(const char *text, size_t len, uint8_t *out) __attribute__((warn_unused_result));

/* Base64 (RFC 4648), padded; written into text. */
void qw_text_base64(struct qw_text *text, const uint8_t *data, size_t len);

/*
 * The one of `names` nearest to `word` by edit distance, or NULL where none is
 * near (more than a third of the word differs).  For "did you mean".
 */
const char *qw_nearest(const char *word, const char *const *names, size_t count);

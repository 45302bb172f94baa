/* SPDX-License-Identifier: Apache-2.0 */
/*
 * framed - a conversation for protocol_fuzz.h whose frames have the right lengths, made of an input that has none:
 * so that chance is spent on what lies within.
 */
#pragma once

#include "tests/fuzz/protocol_fuzz.h"

enum { FRAMED_MAX = 1 << 15, FRAMED_PIECE_MAX = 0x3fff };

struct framed {
	size_t len;
	size_t piece; /* where the head of the last piece stands */
	uint8_t at[FRAMED_MAX];
};

static inline void framed_put(struct framed *out, const void *data, size_t len)
{
	if (len > sizeof(out->at) - out->len)
		len = sizeof(out->at) - out->len;
	if (len)
		memcpy(out->at + out->len, data, len);
	out->len += len;
}

static inline void framed_text(struct framed *out, const char *text)
{
	framed_put(out, text, strlen(text));
}

static inline void framed_begin(struct framed *out, bool down)
{
	out->piece = out->len;
	framed_put(out, down ? "\x80\0" : "\0\0", 2);
}

static inline void framed_end(struct framed *out)
{
	size_t len = out->len - out->piece;
	if (len < 2)
		return;
	len -= 2;
	if (len > FRAMED_PIECE_MAX) {
		out->len -= len - FRAMED_PIECE_MAX;
		len = FRAMED_PIECE_MAX;
	}
	out->at[out->piece] |= (uint8_t)(len >> 8);
	out->at[out->piece + 1] = (uint8_t)len;
}

/* A number of `width` bytes that counts what follows until framed_count(). */
static inline size_t framed_length(struct framed *out, unsigned width)
{
	framed_put(out, "\0\0\0\0", width);
	return out->len;
}

static inline void framed_count(struct framed *out, size_t from, unsigned width)
{
	size_t len = out->len - from;
	if (from < width || from > out->len)
		return;
	for (unsigned i = 1; i <= width; i++, len >>= 8)
		out->at[from - i] = (uint8_t)len;
}

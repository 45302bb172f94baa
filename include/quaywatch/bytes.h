/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes - a cursor over untrusted bytes; the one place where lengths are checked.
 *
 *	struct qw_bytes in = qw_bytes(data, len);
 *	uint16_t type;
 *	if (!qw_bytes_be16(&in, &type))
 *		return QW_ETRUNC;
 *
 * A read that does not fit returns false, moves nothing and writes nothing.
 * The cursor borrows the memory it walks over.  Any thread, no shared state.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct qw_bytes {
	const uint8_t *at;
	size_t left;
};

static inline struct qw_bytes qw_bytes(const void *data, size_t len)
{
	return (struct qw_bytes){(const uint8_t *)data, len};
}

static inline bool qw_bytes_skip(struct qw_bytes *in, size_t len)
{
	if (len > in->left)
		return false;
	in->at += len;
	in->left -= len;
	return true;
}

/* Cuts the next len bytes off into *out. */
static inline bool qw_bytes_take(struct qw_bytes *in, size_t len, struct qw_bytes *out)
{
	if (len > in->left)
		return false;
	*out = (struct qw_bytes){in->at, len};
	in->at += len;
	in->left -= len;
	return true;
}

/* Copies the next len bytes to out. */
static inline bool qw_bytes_copy(struct qw_bytes *in, void *out, size_t len)
{
	if (len > in->left)
		return false;
	memcpy(out, in->at, len);
	in->at += len;
	in->left -= len;
	return true;
}

/* Forgets what lies beyond the next len bytes, if there is more. */
static inline void qw_bytes_limit(struct qw_bytes *in, size_t len)
{
	if (in->left > len)
		in->left = len;
}

static inline bool qw_bytes_u8(struct qw_bytes *in, uint8_t *out)
{
	if (in->left < 1)
		return false;
	*out = in->at[0];
	in->at += 1;
	in->left -= 1;
	return true;
}

static inline uint16_t qw_be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t qw_be24(const uint8_t *at)
{
	return (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
}

static inline uint32_t qw_be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline uint64_t qw_be64(const uint8_t *at)
{
	return (uint64_t)qw_be32(at) << 32 | qw_be32(at + 4);
}

static inline uint16_t qw_le16(const uint8_t *at)
{
	return (uint16_t)(at[1] << 8 | at[0]);
}

static inline uint32_t qw_le32(const uint8_t *at)
{
	return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static inline uint64_t qw_le64(const uint8_t *at)
{
	return (uint64_t)qw_le32(at + 4) << 32 | qw_le32(at);
}

/* One reader per width and byte order: false where fewer bytes are left. */
#define QW_BYTES_READER(name, type, width)                                                     \
	static inline bool qw_bytes_##name(struct qw_bytes *in, type *out)                     \
	{                                                                                      \
		if (in->left < (width))                                                        \
			return false;                                                          \
		*out = qw_##name(in->at);                                                      \
		in->at += (width);                                                             \
		in->left -= (width);                                                           \
		return true;                                                                   \
	}
QW_BYTES_READER(be16, uint16_t, 2)
QW_BYTES_READER(be24, uint32_t, 3)
QW_BYTES_READER(be32, uint32_t, 4)
QW_BYTES_READER(be64, uint64_t, 8)
QW_BYTES_READER(le16, uint16_t, 2)
QW_BYTES_READER(le32, uint32_t, 4)
QW_BYTES_READER(le64, uint64_t, 8)
#undef QW_BYTES_READER

/* A piece of memory that somebody else owns; NULL data only with len 0. */
struct qw_slice {
	const uint8_t *data;
	size_t len;
};

static inline struct qw_slice qw_slice(const void *data, size_t len)
{
	return (struct qw_slice){(const uint8_t *)data, len};
}

static inline struct qw_slice qw_slice_text(const char *text)
{
	return (struct qw_slice){(const uint8_t *)text, text ? strlen(text) : 0};
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout - what stands where in an image of indicators.
 *
 * A large set comes in QW_INDICATOR_PARTS images, each whole in itself, so that
 * one can be made anew without the others.  An entry's part is in the lowest
 * bits of its key's hash; that of an address with a port is its address's, and
 * prefixes are all in the first, so that an address is looked for in two parts
 * at most.  All parts have one seed.
 *
 *	HEAD     seed, counts, lengths in use
 *	TUPLES   struct qw_tuple: what an entry is, each distinct one once
 *	SOURCES  rows of QW_SOURCE_SIZE bytes, NUL-terminated
 *	NEAR     a bit per IPv4 /16 that some block touches
 *	ADDRESS  the filter over all single addresses, with and without port
 *	and for each group of entries with like keys (qw_group_section):
 *	STARTS   bucket -> offset of its first record, and one more
 *	RECORDS  bucket after bucket: tuple (3 bytes, LE) id (8, LE) [length] key [NUL]
 *	FILTER   a blocked Bloom filter over the hashes, read before all else
 *
 * A bucket is found by the hash's upper half and holds six records or so, in
 * one or two cache lines; no slot is empty.  Keys of a fixed size stand bare;
 * texts have their length before them (one byte, or 255 and two) and a NUL
 * behind them, so that a hit can point at them.  The id is kept because hashing
 * it anew made up four fifths of the cost of a hit.
 */
#pragma once

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "quaywatch/bytes.h"
#include "quaywatch/indicators.h"
#include "quaywatch/observable.h"

enum qw_group {
	QW_GROUP_V4,     /* 4 bytes */
	QW_GROUP_V6,     /* 16 */
	QW_GROUP_PORT,   /* 16 and the port in network order */
	QW_GROUP_PREFIX, /* 16 and the bits, in the 128-bit form */
	QW_GROUP_NAME,   /* text; domains and hosts */
	QW_GROUP_URL,    /* text; hashed without its port */
	QW_GROUP_MD5,
	QW_GROUP_SHA1,
	QW_GROUP_SHA256,
	QW_GROUP_JA3,
	QW_GROUP_CERT_SHA1,
	QW_GROUP_JA4,
	QW_GROUP_USER_AGENT,
	QW_GROUP_MAC, /* six bytes, or three */
	QW_GROUP_COUNT
};

enum qw_section {
	QW_SECTION_HEAD,
	QW_SECTION_TUPLES,
	QW_SECTION_SOURCES,
	QW_SECTION_NEAR,
	QW_SECTION_ADDRESS,
	QW_SECTION_GROUPS
};
enum qw_group_part { QW_PART_STARTS, QW_PART_RECORDS, QW_PART_FILTER, QW_PART_COUNT };

#define QW_INDICATOR_IMAGE_KIND "INDI"

enum {
	QW_SOURCE_SIZE = 64,
	QW_NEAR_BYTES = 65536 / 8,
	QW_RECORDS_PER_BUCKET = 6,
	QW_TUPLES_MAX = 1 << 24,
	QW_RECORD_TUPLE = 3, /* bytes */
	QW_RECORD_HEAD = QW_RECORD_TUPLE + 8,
	QW_DEPTHS = 64, /* names of more labels share the last bit */
};

static inline unsigned qw_group_section(enum qw_group group, enum qw_group_part part)
{
	return QW_SECTION_GROUPS + (unsigned)group * QW_PART_COUNT + part;
}

struct qw_seed {
	uint64_t word[3]; /* odd, random per set */
};

struct qw_indicator_head {
	struct qw_seed seed;
	uint32_t blocks[QW_OBS_COUNT]; /* entries in force, per type */
	uint32_t allows[QW_OBS_COUNT];
	uint32_t removed;
	uint16_t part, parts; /* which of how many this is; an overlay is 0 of 1 */
	uint64_t lengths[3]; /* a bit per prefix length 0..128 in use */
	uint64_t depths;     /* a bit per number of labels that some domain has */
};

enum { QW_TUPLE_ALLOW = 1, QW_TUPLE_REMOVED = 2 };

struct qw_tuple {
	uint32_t from, until; /* seconds since 1970; 0: no bound */
	uint16_t source;
	uint8_t confidence;
	uint8_t type;
	uint8_t tlp;
	uint8_t flags;
	uint8_t seen; /* enum qw_prevalence */
	uint8_t pad;
};
static_assert(sizeof(struct qw_tuple) == 16, "rows of the image");

/* Where a type's entries stand; addresses of both families are "of" QW_GROUP_V4. */
static inline enum qw_group qw_group_of(enum qw_observable_type type)
{
	static const uint8_t GROUP[QW_OBS_COUNT] = {
		[QW_OBS_IP] = QW_GROUP_V4,
		[QW_OBS_IP_PORT] = QW_GROUP_PORT,
		[QW_OBS_CIDR] = QW_GROUP_PREFIX,
		[QW_OBS_DOMAIN] = QW_GROUP_NAME,
		[QW_OBS_HOST] = QW_GROUP_NAME,
		[QW_OBS_URL] = QW_GROUP_URL,
		[QW_OBS_MD5] = QW_GROUP_MD5,
		[QW_OBS_SHA1] = QW_GROUP_SHA1,
		[QW_OBS_SHA256] = QW_GROUP_SHA256,
		[QW_OBS_JA3] = QW_GROUP_JA3,
		[QW_OBS_JA4] = QW_GROUP_JA4,
		[QW_OBS_CERT_SHA1] = QW_GROUP_CERT_SHA1,
		[QW_OBS_USER_AGENT] = QW_GROUP_USER_AGENT,
		[QW_OBS_MAC] = QW_GROUP_MAC,
	};
	return (enum qw_group)GROUP[type];
}

/* Bytes of a group's keys; 0: they differ, and carry their length. */
static inline uint32_t qw_group_key_len(enum qw_group group)
{
	static const uint8_t LEN[QW_GROUP_COUNT] = {
		[QW_GROUP_V4] = 4,      [QW_GROUP_V6] = 16,  [QW_GROUP_PORT] = 18,
		[QW_GROUP_PREFIX] = 17, [QW_GROUP_MD5] = 16, [QW_GROUP_SHA1] = 20,
		[QW_GROUP_SHA256] = 32, [QW_GROUP_JA3] = 16, [QW_GROUP_CERT_SHA1] = 20,
	};
	return LEN[group];
}

struct qw_record {
	const uint8_t *at; /* the tuple's bytes */
	const uint8_t *key;
	uint32_t key_len;
};

static inline uint32_t qw_record_tuple(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;
}

static inline void qw_record_name_tuple(uint8_t *at, uint32_t tuple)
{
	for (unsigned i = 0; i < QW_RECORD_TUPLE; i++)
		at[i] = (uint8_t)(tuple >> 8 * i);
}

static inline uint64_t qw_record_id(const uint8_t *at)
{
	return qw_le64(at + QW_RECORD_TUPLE);
}

/* Reads the record at `at`, which is whole; returns the next one's place. */
static inline const uint8_t *qw_record_read(const uint8_t *at, uint32_t fixed, struct qw_record *out)
{
	out->at = at;
	at += QW_RECORD_HEAD;
	if (fixed) {
		out->key = at;
		out->key_len = fixed;
		return at + fixed;
	}
	uint32_t len = *at++;
	if (len == 255) {
		len = (uint32_t)at[0] | (uint32_t)at[1] << 8;
		at += 2;
	}
	out->key = at;
	out->key_len = len;
	return at + len + 1;
}

static inline uint32_t qw_record_size(uint32_t fixed, uint32_t key_len)
{
	return QW_RECORD_HEAD + (fixed ? fixed : (key_len < 255 ? 2 : 4) + key_len);
}

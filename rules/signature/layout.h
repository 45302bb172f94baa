/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout - what lies in a signature image.
 *
 * Offsets and counts only; the image is sealed, so a reader checks bounds once
 * on opening and trusts them afterwards.
 *
 *	sig ─► lists ─► ops ─► blob (contents, expressions, texts)
 *	 └─► address and port sets
 *	group (one a buffer) ─► Hyperscan database, patterns ─► sig numbers
 *	index (one a buffer, one for packets) ─► sigs without a usable pattern
 *	names ─► what rules remember, for alerts to tell
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/app.h"
#include "quaywatch/buffer.h"
#include "rules/signature/bounds.h"
#include "rules/signature/op.h"

#define QW_SIGNATURE_IMAGE "QSIG"

enum { QW_LAYOUT_VERSION = 9 };

enum qw_section {
	QW_SECTION_INFO,
	QW_SECTION_SIGS,
	QW_SECTION_LISTS,
	QW_SECTION_OPS,
	QW_SECTION_BLOB,
	QW_SECTION_SETS,
	QW_SECTION_RANGES,
	QW_SECTION_GROUPS,
	QW_SECTION_PATTERNS,
	QW_SECTION_MEMBERS,
	QW_SECTION_INDEXES,
	QW_SECTION_KEYS,
	QW_SECTION_STARTS,
	QW_SECTION_DIGESTS,
	QW_SECTION_TABLES,
	QW_SECTION_SLOTS,
	QW_SECTION_VALUES,
	QW_SECTION_CONTEXTS,
	QW_SECTION_BLOCKS,
	QW_SECTION_NAMES,
	QW_SECTION_IDENTITIES,
	QW_SECTION_DATABASE = 32, /* + enum qw_buffer */
};

/* ---- rules */

enum qw_sig_flag {
	QW_SIG_EITHER_WAY = 1 << 0,  /* <> */
	QW_SIG_ANY_PACKET = 1 << 1,  /* pkthdr: also what is not IP */
	QW_SIG_V4_ONLY = 1 << 2,
	QW_SIG_V6_ONLY = 1 << 3,
	QW_SIG_BOTH = 1 << 5, /* =>: both sides of one transaction; the header is the client's */
	QW_SIG_ICMP = 1 << 4, /* looks at ICMP's type: indexed under it */
	QW_SIG_RECALLS = 1 << 8, /* some of its facts are remembered ones */
	QW_SIG_TARGET_SRC = 1 << 6,
	QW_SIG_TARGET_DEST = 1 << 7,
};

enum { QW_ENDS_KEPT = 32 };

/* The first cache line is what the header and a first look ask; the rest is what is looked for, and what an alert says. */
struct qw_sig {
	uint64_t apps;         /* bit per enum qw_app; 0: any */
	uint32_t src, dst;     /* sets of addresses; QW_NONE: any */
	uint32_t sport, dport; /* sets of ports; QW_NONE: any */
	uint16_t need, refuse; /* of enum qw_fact_flag */
	uint8_t protos[2];     /* IANA numbers; 0: any */
	uint16_t wants;        /* enum qw_signature_wants */
	uint16_t flags;        /* enum qw_sig_flag */
	uint8_t share;         /* enum qw_share */
	uint8_t action, priority;
	uint8_t ends; /* number of the kind of ends it shares with many (struct qw_ends); QW_ENDS_KEPT: with few */
	uint64_t head, head_mask; /* of the payload's first bytes, in the machine's order: what must stand there */
	struct qw_run facts; /* ops that look at facts */
	struct qw_run lists;
	struct qw_run effects; /* ops that a match carries out */
	struct qw_run limits;  /* ops that say whether a match alerts */
	uint32_t gid, sid;
	uint32_t rev;
	uint32_t line; /* of its file, for complaints about doubles */
	uint32_t msg, category, metadata, references; /* texts in the blob, NUL-terminated */
};

/* Closed range of addresses, as 128-bit numbers, or of ports. */
struct qw_range {
	unsigned __int128 low, high;
};

/* ---- prefilter */

struct qw_group {
	struct qw_run patterns; /* a database's pattern ids count from 0 within it */
	uint32_t index;         /* of rules on this buffer without a pattern; QW_NONE: none */
};

struct qw_pattern {
	struct qw_run members; /* rule numbers */
};

/*
 * Where rules without a pattern are found: each stands under its most telling
 * property.  Runs of members.
 */
enum { QW_PORT_WORDS = 16, QW_NUMBER_WORDS = 4 };

/* Bytes have one each; what is put together of several things, any. */
static inline uint32_t qw_number_bit(uint32_t value)
{
	return (value ^ value >> 8 ^ value >> 13) % (64 * QW_NUMBER_WORDS);
}

/* Most scans find nothing in it: what tells that stands in front. */
struct qw_index {
	uint32_t kinds;                   /* bit per enum qw_found_by: which of these are in use */
	struct qw_run any;                /* rules for any packet */
	struct qw_run dports, sports;     /* keys, sorted: (proto, port) → members */
	struct qw_run sources, destinations; /* starts: intervals of addresses → members */
	struct qw_run events;             /* keys, sorted: enum qw_packet_event → members */
	struct qw_run numbers;            /* keys, sorted: value of the field → members */
	uint64_t number_bits[QW_NUMBER_WORDS]; /* qw_number_bit() of each number */
	uint64_t dport_bits[QW_PORT_WORDS], sport_bits[QW_PORT_WORDS]; /* bit per port, modulo their number */
	struct qw_run apps[QW_APP_COUNT]; /* rules for one application */
	struct qw_run icmp[256];          /* rules for one ICMP type, v4 and v6 */
	struct qw_run tcp_flags[256];     /* rules for these flags */
	struct qw_run heads[QW_HEAD_ANY + 1]; /* rules for what begins with a byte; at last all of them */
	struct qw_run protos[256];        /* any other rules for one IP protocol */
};

struct qw_key {
	uint32_t key; /* proto << 16 | port, an event, or a number */
	struct qw_run members;
};

/* From this address to the next row's. */
struct qw_start {
	unsigned __int128 low;
	struct qw_run members;
	uint64_t unused;
};

/* ---- sets */

enum qw_member_type { QW_MEMBER_STRING, QW_MEMBER_MD5, QW_MEMBER_SHA1, QW_MEMBER_SHA256, QW_MEMBER_IPV4, QW_MEMBER_IP,
		      QW_MEMBER_CIDR, QW_MEMBER_TYPES };

/*
 * A set of any values by their fingerprints, two keyed hashes of 64 bits: the
 * high word's place among `homes` is where a member stands, or would stand had
 * others not come first.  Members stand in the order of their fingerprints,
 * so a search ends where a larger one, or nothing, is met.
 */
struct qw_slot {
	uint64_t high, low; /* high is never 0 where there is a member */
};

struct qw_table {
	uint64_t name;       /* hash of what rules call it */
	struct qw_run slots; /* the last is empty */
	uint32_t homes;
	uint32_t values;     /* first of as many: a number, or where a context begins; QW_NONE: none */
	uint8_t type;        /* enum qw_member_type */
	bool contexts;       /* values are contexts */
	bool changes;        /* rules add to it or remove from it */
	uint8_t mask_count;
	uint8_t masks[QW_MASKS_MAX]; /* of blocks that rules add or remove */
};

/* A range of addresses, with a reputation or of a set of blocks; those of a category are disjoint and in order. */
struct qw_block {
	unsigned __int128 low, high;
	uint32_t category, score;
	uint64_t unused;
};

/* A name that rules of this image remember something under; rows are sorted. */
struct qw_name_row {
	uint64_t item; /* as in an entry's key */
	uint32_t text; /* in the blob */
	uint32_t kind; /* enum qw_state_kind */
};

/* Rules by identity, sorted. */
struct qw_identity {
	uint32_t gid, sid;
	uint32_t number;
};

struct qw_info {
	uint32_t version;
	uint32_t tail;
	uint32_t pcre_count;
	uint64_t member_keys[2][2]; /* of the two hashes */
	uint32_t reputation;        /* table of single addresses; QW_NONE: none */
	uint32_t packet_index; /* QW_NONE: none */
	uint32_t event_index;  /* of rules on packets' events; QW_NONE: none */
	struct qw_run general; /* limits of all rules, or of all with a gid */
	uint8_t need_window; /* some stream rule needs more than its pattern */
	uint8_t segments;    /* some rule is tried on the payload of single TCP segments */
	uint8_t wanted[QW_BUFFER_COUNT];
};

_Static_assert(QW_APP_COUNT <= 64, "a set of applications is one word");

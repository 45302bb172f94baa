/* SPDX-License-Identifier: Apache-2.0 */
/*
 * op - what a rule does with data: one op for each option that looks at a
 * buffer or a fact, remembers, or changes something; lists of them, one for
 * each buffer that a rule looks into.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "rules/signature/bounds.h"

enum qw_op_kind {
	QW_OP_CONTENT,
	QW_OP_PCRE,
	QW_OP_SIZE,    /* bsize, urilen */
	QW_OP_DATA_AT, /* isdataat */
	QW_OP_BYTE_TEST,
	QW_OP_BYTE_JUMP,
	QW_OP_BYTE_EXTRACT,
	QW_OP_BYTE_MATH,
	QW_OP_BASE64, /* decodes; the rest of the list looks into the result */
	QW_OP_NUMBER, /* compares a buffer that is a number (quaywatch/buffer.h) with number.a, .b */
	QW_OP_AMONG,  /* … is it in one of the closed ranges: content.data, pairs of uint64_t; NEGATED: in none */
	QW_OP_DIGEST, /* … a digest of a file: is it among content.len sorted bytes from content.data of the digests on */
	QW_OP_MEMBER, /* dataset, datarep: is the buffer in a set */
	QW_OP_ENTROPY,
	QW_OP_RECORD, /* compares a member of a buffer that is a record: field is its offset, layer its bytes */
	QW_OP_MODBUS_VALUE, /* … what is written to the register or coil of number `field` (quaywatch/ot_record.h) */
	/* these stand first in a list: which of a buffer's values the others look at; without them any will do */
	QW_OP_NTH,   /* the value at.offset, counted from the end where negative */
	QW_OP_EVERY, /* all of them */
	/* these look at facts, and stand in a rule's first list */
	QW_OP_FIELD,
	QW_OP_TCP_FLAGS,
	QW_OP_FRAGMENT_BITS,
	QW_OP_SAME_IP,
	QW_OP_IP_OPTION,
	QW_OP_APP,
	QW_OP_VLAN,
	QW_OP_EVENT, /* number.a: enum qw_packet_event */
	QW_OP_REPUTATION, /* iprep */
	QW_OP_STATE, /* flowbits, flowint, xbits: a test, or among a rule's effects a change */
	QW_OP_COUNT, /* stream_size, flow.age and so on */
	/* these stand in a rule's limits */
	QW_OP_LIMIT,
	QW_OP_SUPPRESS,
	QW_OP_TAG, /* … this in its effects */
	QW_OP_KINDS
};

enum qw_op_flag {
	QW_OP_NEGATED = 1 << 0,
	QW_OP_RELATIVE = 1 << 1, /* begins where the one before ended */
	QW_OP_NOCASE = 1 << 2,
	QW_OP_ENDS = 1 << 3,  /* endswith */
	QW_OP_RETRY = 1 << 4, /* another occurrence may help the options after it */
	QW_OP_LITTLE = 1 << 5,
	QW_OP_ALIGN = 1 << 6,
	QW_OP_FROM_BEGINNING = 1 << 7,
	QW_OP_FROM_END = 1 << 8,
	QW_OP_TEXT = 1 << 9,      /* byte_*: digits in some base */
	QW_OP_STARTS = 1 << 10,   /* startswith, for the reader of the rule only */
	QW_OP_DISTANCE = 1 << 11, /* was given */
	QW_OP_WITHIN = 1 << 12,
	QW_OP_OFFSET = 1 << 13,
	QW_OP_DEPTH = 1 << 14,
	QW_OP_FAST = 1 << 15, /* fast_pattern */
	QW_OP_DCE = 1 << 16,  /* byte_*: little as the message's PDU is (QW_BUFFER_DCE_ORDER) */
	QW_OP_OR_NEXT = 1 << 17,  /* of facts: if this does not hold, the next one may stand for it */
	QW_OP_OF_NAME = 1 << 18,  /* flowint: value is another variable's name */
};

/* Numbers that may be results of earlier options: bit set, and the number is a variable's index. */
enum qw_op_var {
	QW_VAR_OFFSET = 1,
	QW_VAR_DEPTH = 2,
	QW_VAR_DISTANCE = 4,
	QW_VAR_WITHIN = 8,
	QW_VAR_VALUE = 16,
	QW_VAR_WIDTH = 32
};

enum qw_compare {
	QW_CMP_EQ,
	QW_CMP_NE,
	QW_CMP_LT,
	QW_CMP_LE,
	QW_CMP_GT,
	QW_CMP_GE,
	QW_CMP_BETWEEN, /* a < value < b */
	QW_CMP_OUTSIDE, /* not between */
	QW_CMP_AND,     /* value & a */
	QW_CMP_XOR,     /* value ^ a */
	QW_CMP_BITS,    /* (value & a) == b */
	QW_CMP_NO_BITS, /* … != b */
};

enum qw_math {
	QW_MATH_ADD,
	QW_MATH_SUBTRACT,
	QW_MATH_MULTIPLY,
	QW_MATH_DIVIDE,
	QW_MATH_SHIFT_LEFT,
	QW_MATH_SHIFT_RIGHT
};

/* Numbers of a packet that QW_OP_FIELD compares. */
enum qw_field {
	QW_FIELD_DSIZE,
	QW_FIELD_ITYPE,
	QW_FIELD_ICODE,
	QW_FIELD_ICMP_ID,
	QW_FIELD_ICMP_SEQ,
	QW_FIELD_ICMP_MTU,
	QW_FIELD_TTL,
	QW_FIELD_PROTO,
	QW_FIELD_WINDOW,
	QW_FIELD_SEQ,
	QW_FIELD_ACK,
	QW_FIELD_IP_ID,
	QW_FIELD_FRAGMENT_OFFSET,
	QW_FIELD_MSS,
	QW_FIELD_VLAN_LAYERS,
	QW_FIELD_COUNT
};

/* Whose protocol QW_OP_APP asks for: in op.compare. */
enum qw_app_mode {
	QW_APP_MODE_DIRECTION, /* the side that the packet comes from */
	QW_APP_MODE_FINAL,     /* the flow's */
	QW_APP_MODE_ORIGINAL,
	QW_APP_MODE_TO_SERVER,
	QW_APP_MODE_TO_CLIENT,
	QW_APP_MODE_EITHER,
	QW_APP_MODE_BOTH,
};

enum qw_member_verb {
	QW_MEMBER_ISSET,
	QW_MEMBER_ISNOTSET,
	QW_MEMBER_SET,
	QW_MEMBER_UNSET,
	QW_MEMBER_VALUE, /* datarep: it is there, and what stands beside it compares */
	QW_MEMBER_VERBS
};

enum qw_reputed { QW_REPUTED_ANY, QW_REPUTED_SRC, QW_REPUTED_DST, QW_REPUTED_BOTH, QW_REPUTED_COUNT };

/* What is remembered under a name. */
enum qw_state_kind { QW_STATE_FLOWBIT, QW_STATE_FLOWINT, QW_STATE_XBIT, QW_STATE_KINDS };

enum qw_state_verb {
	QW_STATE_ISSET,
	QW_STATE_ISNOTSET,
	QW_STATE_COMPARE,
	QW_STATE_CHANGES, /* those above test, those below change */
	QW_STATE_SET = QW_STATE_CHANGES,
	QW_STATE_UNSET,
	QW_STATE_TOGGLE,
	QW_STATE_ADD,
	QW_STATE_SUBTRACT,
	QW_STATE_VERBS
};

/* Whose it is. */
enum qw_track {
	QW_TRACK_FLOW,
	QW_TRACK_TRANSACTION,
	QW_TRACK_SRC,
	QW_TRACK_DST,
	QW_TRACK_BOTH, /* the pair, whoever speaks */
	QW_TRACK_RULE,
	QW_TRACK_EITHER, /* suppress: source or destination */
	QW_TRACK_ALL,    /* suppress: whoever it is */
	QW_TRACKS
};

enum qw_limit {
	QW_LIMIT_THRESHOLD,
	QW_LIMIT_LIMIT,
	QW_LIMIT_BOTH,
	QW_LIMIT_BACKOFF,
	QW_LIMIT_DETECTION,
	QW_LIMITS
};

enum qw_unique { QW_UNIQUE_NONE, QW_UNIQUE_SRC_PORT, QW_UNIQUE_DST_PORT };

enum qw_metric { QW_METRIC_PACKETS, QW_METRIC_SECONDS, QW_METRIC_BYTES, QW_METRICS };

/* Numbers of a flow that QW_OP_COUNT compares, and of which direction. */
enum qw_count { QW_COUNT_AGE, QW_COUNT_PACKETS, QW_COUNT_BYTES, QW_COUNT_STREAM };
enum qw_side { QW_SIDE_TO_SERVER, QW_SIDE_TO_CLIENT, QW_SIDE_BOTH, QW_SIDE_EITHER };

enum qw_layer { QW_LAYER_ANY = 100, QW_LAYER_ALL = 101 };

struct qw_op {
	uint8_t kind;    /* enum qw_op_kind */
	uint8_t vars;    /* enum qw_op_var */
	uint8_t compare; /* enum qw_compare, or enum qw_math */
	uint8_t result;  /* variable that byte_extract and byte_math set */
	uint32_t flags;  /* enum qw_op_flag */
	union {
		struct {
			uint32_t data, len; /* in the blob; nocase: in lower case */
			int32_t offset, depth, distance, within;
			uint16_t chop_offset, chop_len; /* fast_pattern:o,l; len 0: all */
		} content;
		struct {
			uint32_t data, len;
			uint32_t options; /* of PCRE2 */
			uint32_t slot;    /* of the opener's compiled expressions */
		} pcre;
		struct {
			uint64_t a, b;
			uint32_t field; /* enum qw_field, or enum qw_count */
			int32_t layer;  /* vlan.id: 0 the outermost, -1 the innermost, or one of qw_layer; or enum qw_side */
		} number;
		struct {
			uint64_t value; /* to compare with, or to calculate with */
			uint64_t mask;  /* 0: none */
			int32_t offset;
			int32_t post; /* byte_jump */
			uint32_t multiplier;
			uint8_t width, base; /* bytes; 0 base: binary */
		} bytes;
		struct {
			int32_t offset; /* of isdataat, base64_decode */
			uint32_t bytes; /* 0: all */
		} at;
		struct {
			uint32_t table;
			uint32_t context; /* text in the blob: under what an alert tells what stands beside the member; "": not */
			uint64_t value;   /* to compare with */
			uint8_t verb;     /* enum qw_member_verb */
			uint8_t mask;     /* bits of the block that is added or removed; 0: a single address */
		} member;
		struct {
			double a, b; /* bits of each byte */
			int32_t offset;
			uint32_t bytes; /* 0: all */
		} entropy;
		struct {
			uint64_t value;
			uint8_t category, side; /* enum qw_reputed */
			bool any;               /* whatever the score is; NEGATED: there is none */
		} reputation;
		uint64_t apps;
		struct {
			uint8_t mode, value, ignore; /* tcp.flags, fragbits */
		} bits;
		struct {
			uint64_t name;   /* hash of what it is called */
			uint64_t value;  /* to set, add or compare with */
			uint32_t text;   /* the name, in the blob */
			uint32_t expire; /* seconds that a bit stays; 0: while there is room */
			uint8_t kind, track, verb;
		} state;
		struct {
			uint32_t count, seconds, multiplier;
			uint32_t set; /* of addresses: suppress; QW_NONE: any */
			uint32_t gid; /* of a general one: whose rules it is about; 0: all */
			uint8_t type; /* enum qw_limit */
			uint8_t track, unique;
		} limit;
		struct {
			uint32_t count;
			uint8_t metric, track;
		} tag;
	};
};

_Static_assert(sizeof(struct qw_op) == 40, "an option is 40 bytes");

enum qw_transform_kind {
	QW_TRANSFORM_NONE,
	QW_TRANSFORM_DOT_PREFIX,
	QW_TRANSFORM_STRIP_SPACE,
	QW_TRANSFORM_COMPRESS_SPACE,
	QW_TRANSFORM_LOWER,
	QW_TRANSFORM_UPPER,
	QW_TRANSFORM_URL_DECODE,
	QW_TRANSFORM_MD5,
	QW_TRANSFORM_SHA1,
	QW_TRANSFORM_SHA256,
	QW_TRANSFORM_XOR,
	QW_TRANSFORM_HEADER_LOWER,
	QW_TRANSFORM_STRIP_PSEUDO,
	QW_TRANSFORM_SLICE, /* offset in data, length in len: parts of tls.random */
	QW_TRANSFORM_XOR_TAKEN, /* the key lies in the buffer */
	QW_TRANSFORM_BASE64,
	QW_TRANSFORM_CAPTURE, /* pcrexform */
	QW_TRANSFORM_SUBSLICE,
	QW_TRANSFORM_GUNZIP,
	QW_TRANSFORM_INFLATE, /* zlib_deflate */
	QW_TRANSFORM_DOMAIN,
	QW_TRANSFORM_TLD,
	QW_TRANSFORM_KINDS
};

enum qw_base64_mode { QW_BASE64_RFC4648, QW_BASE64_RFC2045, QW_BASE64_STRICT };

enum qw_subslice { QW_SUBSLICE_SIZED = 1, QW_SUBSLICE_TRUNCATE = 2 }; /* bits: a size is given, what is too long is cut */

struct qw_transform {
	uint16_t kind;
	uint16_t mode;      /* enum qw_base64_mode, enum qw_subslice */
	uint32_t data, len; /* in the blob: key of xor, expression; taken key: where in the buffer; len of base64 and gunzip: 0 or a bound */
	int32_t from;       /* where in the buffer it begins; of an expression: its slot */
};

enum qw_absent { QW_PRESENT, QW_ABSENT, QW_ABSENT_OR_ELSE };

/* What is looked for in one buffer. */
struct qw_list {
	uint16_t buffer;
	uint8_t absent; /* enum qw_absent */
	uint8_t transform_count;
	bool or_failed; /* it holds also where a transform could not be done */
	uint8_t side; /* enum qw_way: the only side whose messages count, where the rule says so */
	uint8_t unused[3];
	struct qw_run ops;
	struct qw_transform transforms[QW_TRANSFORMS_MAX];
};

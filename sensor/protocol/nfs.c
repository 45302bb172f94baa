/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nfs - the calls of NFS 2, 3 and 4 (RFC 1094, 1813, 7530) over UDP and TCP.
 *
 * Each call is a transaction; replies are passed over.  Of version 4, the
 * operations of a COMPOUND are its procedures, as far as their arguments read.
 */
#include "sensor/protocol/frames.h"
#include "sensor/protocol/parsers.h"
#include "sensor/protocol/rpc.h"

enum {
	PROGRAM = 100003,
	PORT_NFS = 2049,
	HEAD_MAX = 4096, /* of a message, that is looked at: data that is written is not */
	FRAGMENT_MAX = 16 << 20,
	HANDLE_V2 = 32,
	OPERATIONS_MAX = 20, /* of a compound, in a message's numbers */
	NAMES_MAX = 8,
	COMPOUND = 1,
	BAD_MAX = 8,
};

#define VERSION_4 (UINT64_C(1) << 32) /* of QW_BUFFER_NFS_OPERATION */

struct nfs {
	uint64_t transactions;
	struct qw_frames frames[2];
	bool inside[2]; /* a record of several fragments: what comes next is no head */
	uint8_t bad;
};

/* What the arguments of an operation begin with. */
struct shape {
	uint8_t operation;
	uint8_t fixed;   /* bytes */
	uint8_t opaques; /* then so many of these */
	bool names;      /* … which are names of files */
	bool bitmap;     /* then a list of words */
};

static const struct shape SHAPES_V4[] = {
	{.operation = 3, .fixed = 4},                   /* ACCESS */
	{.operation = 4, .fixed = 20},                  /* CLOSE */
	{.operation = 5, .fixed = 12},                  /* COMMIT */
	{.operation = 9, .bitmap = true},               /* GETATTR */
	{.operation = 10},                              /* GETFH */
	{.operation = 11, .opaques = 1, .names = true}, /* LINK */
	{.operation = 15, .opaques = 1, .names = true}, /* LOOKUP */
	{.operation = 16},                              /* LOOKUPP */
	{.operation = 22, .opaques = 1},                /* PUTFH */
	{.operation = 23},                              /* PUTPUBFH */
	{.operation = 24},                              /* PUTROOTFH */
	{.operation = 25, .fixed = 28},                 /* READ */
	{.operation = 26, .fixed = 24, .bitmap = true}, /* READDIR */
	{.operation = 27},                              /* READLINK */
	{.operation = 28, .opaques = 1, .names = true}, /* REMOVE */
	{.operation = 29, .opaques = 2, .names = true}, /* RENAME */
	{.operation = 30, .fixed = 8},                  /* RENEW */
	{.operation = 31},                              /* RESTOREFH */
	{.operation = 32},                              /* SAVEFH */
	{.operation = 33, .opaques = 1, .names = true}, /* SECINFO */
	{.operation = 38, .fixed = 28, .opaques = 1},   /* WRITE */
	{.operation = 53, .fixed = 32},                 /* SEQUENCE */
};

struct call {
	struct nfs *nfs;
	struct qw_flow *flow;
	enum qw_direction direction;
	const struct qw_message_sink *sink;
	struct qw_message *message; /* while one is made */
	unsigned names;             /* in it */
};

static void add_procedure(struct call *call, uint32_t procedure, bool version_4)
{
	qw_message_number(call->message, QW_BUFFER_NFS_PROCEDURE, procedure, true);
	qw_message_number(call->message, QW_BUFFER_NFS_OPERATION, procedure | (version_4 ? VERSION_4 : 0), true);
}

static void add_name(struct call *call, struct qw_bytes name)
{
	if (name.left && call->names++ < NAMES_MAX)
		qw_message_add(call->message, QW_BUFFER_FILE_NAME, QW_SIGHT_NONE, qw_slice(name.at, name.left), true);
}

/* A folder's handle and a name in it. */
static bool folder_and_name(struct call *call, uint32_t version, struct qw_bytes *in)
{
	struct qw_bytes handle, name;
	bool there = version == 2 ? qw_bytes_skip(in, HANDLE_V2) : qw_xdr_opaque(in, &handle);
	if (!there || !qw_xdr_opaque(in, &name))
		return false;
	add_name(call, name);
	return true;
}

/* Versions 2 and 3: which procedures have names, one bit each. */
static void old_arguments(struct call *call, uint32_t version, uint32_t procedure, struct qw_bytes in)
{
	enum {
		NAMED_V2 = 1 << 4 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 13 | 1 << 14 | 1 << 15,
		NAMED_V3 = 1 << 3 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14,
		RENAME_V2 = 11,
		RENAME_V3 = 14,
	};
	uint32_t named = version == 2 ? NAMED_V2 : NAMED_V3, rename = version == 2 ? RENAME_V2 : RENAME_V3;
	if (procedure > 31 || !(named & UINT32_C(1) << procedure))
		return;
	if (folder_and_name(call, version, &in) && procedure == rename)
		(void)folder_and_name(call, version, &in);
}

static const struct shape *shape_of(uint32_t operation)
{
	for (size_t i = 0; i < sizeof(SHAPES_V4) / sizeof(*SHAPES_V4); i++) {
		if (SHAPES_V4[i].operation == operation)
			return &SHAPES_V4[i];
	}
	return NULL;
}

/* Passes over the arguments; false: what follows cannot be found. */
static bool arguments(struct call *call, const struct shape *shape, struct qw_bytes *in)
{
	struct qw_bytes opaque;
	uint32_t words;
	if (!shape || !qw_bytes_skip(in, shape->fixed))
		return false;
	for (unsigned i = 0; i < shape->opaques; i++) {
		if (!qw_xdr_opaque(in, &opaque))
			return false;
		if (shape->names)
			add_name(call, opaque);
	}
	return !shape->bitmap || (qw_bytes_be32(in, &words) && words <= 8 && qw_bytes_skip(in, (size_t)words * 4));
}

static void compound(struct call *call, struct qw_bytes in)
{
	struct qw_bytes tag;
	uint32_t minor, count, operation;
	if (!qw_xdr_opaque(&in, &tag) || !qw_bytes_be32(&in, &minor) || !qw_bytes_be32(&in, &count))
		return;
	for (uint32_t i = 0; i < count && qw_bytes_be32(&in, &operation); i++) {
		if (call->message->numbers / 2 >= OPERATIONS_MAX / 2 + 1) {
			qw_parser_cut(call->nfs);
			return;
		}
		add_procedure(call, operation, true);
		if (!arguments(call, shape_of(operation), &in))
			return;
	}
}

/* False: it is no message of RPC. */
static bool read_message(struct call *call, struct qw_bytes in)
{
	struct qw_rpc rpc;
	if (!qw_rpc_parse(&rpc, in))
		return false;
	if (rpc.is_reply || rpc.program != PROGRAM)
		return true;
	struct qw_message message = {.app = QW_APP_NFS, .direction = call->direction, .last = true};
	message.transaction = ++call->nfs->transactions;
	call->message = &message;
	call->names = 0;
	qw_message_number(&message, QW_BUFFER_NFS_VERSION, rpc.version, true);
	if (rpc.version == 4 && rpc.procedure == COMPOUND)
		compound(call, rpc.body);
	else
		add_procedure(call, rpc.procedure, rpc.version == 4);
	if (rpc.version < 4)
		old_arguments(call, rpc.version, rpc.procedure, rpc.body);
	call->sink->publish(call->sink->ctx, call->flow, &message);
	return true;
}

static enum qw_parse feed_udp(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			      size_t len, const struct qw_message_sink *sink)
{
	struct nfs *nfs = state;
	struct call call = {nfs, flow, direction, sink, NULL, 0};
	return !read_message(&call, qw_bytes(data, len)) && ++nfs->bad == BAD_MAX ? QW_PARSE_STOP : QW_PARSE_MORE;
}

static int64_t fragment(const uint8_t *data, size_t len)
{
	int64_t length = qw_rpc_fragment(data, len);
	return length > FRAGMENT_MAX ? -1 : length;
}

static enum qw_parse feed_tcp(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			      size_t len, const struct qw_message_sink *sink)
{
	static const struct qw_frame_rules rules = {.length = fragment, .max = HEAD_MAX, .head_only = true};
	struct nfs *nfs = state;
	struct call call = {nfs, flow, direction, sink, NULL, 0};
	struct qw_bytes in = qw_bytes(data, len), frame;
	enum qw_framed result;
	while ((result = qw_frame_next(nfs, &nfs->frames[direction], &rules, &in, &frame)) > QW_FRAME_NONE) {
		bool inside = nfs->inside[direction];
		nfs->inside[direction] = !qw_rpc_is_last(frame.at);
		if (inside || !qw_bytes_skip(&frame, QW_RPC_MARK_BYTES))
			continue;
		if (!read_message(&call, frame) && ++nfs->bad == BAD_MAX)
			return QW_PARSE_STOP;
	}
	return result == QW_FRAME_BAD ? QW_PARSE_STOP : QW_PARSE_MORE;
}

static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct nfs *nfs = state;
	return qw_frames_gap(&nfs->frames[direction], missing) ? QW_PARSE_MORE : QW_PARSE_STOP;
}

static void fini(void *state)
{
	struct nfs *nfs = state;
	qw_frames_free(nfs, &nfs->frames[0]);
	qw_frames_free(nfs, &nfs->frames[1]);
}

/* A call says all of it in its first six words.  A reply says nothing: it is taken at the port only. */
static int looks_like(const struct qw_flow *flow, enum qw_direction direction, struct qw_bytes in)
{
	enum { WORDS = 24 };
	if (in.left < WORDS)
		return -1;
	const uint8_t *at = in.at;
	if (qw_be32(at + 4) == 1)
		return direction == QW_TO_CLIENT && qw_flow_server_port(flow) == PORT_NFS && qw_be32(at + 8) <= 1;
	uint32_t version = qw_be32(at + 16);
	return qw_be32(at + 4) == 0 && qw_be32(at + 8) == 2 && qw_be32(at + 12) == PROGRAM && version >= 2 &&
	       version <= 4;
}

static bool is_call(struct qw_bytes in)
{
	struct qw_rpc rpc;
	return qw_rpc_parse(&rpc, in) && !rpc.is_reply && rpc.program == PROGRAM && rpc.version >= 2 && rpc.version <= 4;
}

/* An answer says too little. */
static enum qw_speaker speaker_udp(const uint8_t *data, size_t len)
{
	return is_call(qw_bytes(data, len)) ? QW_SPEAKER_CLIENT : QW_SPEAKER_UNKNOWN;
}

static enum qw_speaker speaker_tcp(const uint8_t *data, size_t len)
{
	if (len < QW_RPC_MARK_BYTES || !qw_rpc_is_last(data))
		return QW_SPEAKER_UNKNOWN;
	return speaker_udp(data + QW_RPC_MARK_BYTES, len - QW_RPC_MARK_BYTES);
}

static int probe_udp(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	return looks_like(flow, direction, qw_bytes(data, len)) > 0;
}

static int probe_tcp(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len);
	int64_t length = fragment(data, len);
	if (!qw_rpc_is_last(data) || length < 0)
		return 0;
	return qw_bytes_skip(&in, QW_RPC_MARK_BYTES) ? looks_like(flow, direction, in) : -1;
}

const struct qw_parser_ops qw_parser_nfs_udp = {
	.app = QW_APP_NFS,
	.datagram = true,
	.probe = probe_udp,
	.speaker = speaker_udp,
	.state_bytes = sizeof(struct nfs),
	.feed = feed_udp,
};

const struct qw_parser_ops qw_parser_nfs_tcp = {
	.app = QW_APP_NFS,
	.starts = {1, {{0x80, 0xff}}},
	.probe = probe_tcp,
	.speaker = speaker_tcp,
	.state_bytes = sizeof(struct nfs),
	.feed = feed_tcp,
	.gap = gap,
	.fini = fini,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tftp - requests, and blocks in their order (RFC 1350, 2347, 2348).
 *
 * A request is a transaction with its file.  A server answers from a port of
 * its own, so that blocks are mostly another flow: the request announces it
 * (expect.h), with the file's name.
 */
#include "quaywatch/packet.h"
#include "sensor/protocol/content.h"
#include "sensor/protocol/expect.h"
#include "sensor/protocol/parsers.h"

#include <string.h>
#include <strings.h>

enum opcode { READ = 1, WRITE = 2, DATA = 3, ACK = 4, ERROR = 5, OPTIONS = 6 };

enum {
	NAME_MAX_LEN = QW_EXPECTED_NAME_MAX,
	FIRST_BLOCK = 1,
	BLOCK_BYTES = 512, /* unless options changed it; a shorter one is the last */
	BLOCK_BYTES_MIN = 8,
	BLOCK_BYTES_MAX = 65464,
	BAD_MAX = 8,
};

struct tftp {
	uint64_t transactions;
	struct qw_content file;
	uint32_t block_bytes; /* as agreed; 0: not heard of, and then the first block tells */
	uint16_t block;       /* the last one in order */
	uint8_t direction;    /* enum qw_direction, of the file */
	uint8_t bad;
	uint8_t name_len;
	bool begun;
	bool asked; /* the request's transaction goes on with the next file */
	uint8_t name[NAME_MAX_LEN];
};

struct call {
	struct tftp *tftp;
	struct qw_flow *flow;
	enum qw_direction direction;
	const struct qw_message_sink *sink;
};

/* A text and its zero. */
static bool text(struct qw_bytes *in, struct qw_slice *out)
{
	const uint8_t *end = in->left ? memchr(in->at, 0, in->left) : NULL;
	if (!end)
		return false;
	*out = qw_slice(in->at, (size_t)(end - in->at));
	return qw_bytes_skip(in, out->len + 1);
}

static bool is_word(struct qw_slice text, const char *word)
{
	return text.len == strlen(word) && strncasecmp((const char *)text.data, word, text.len) == 0;
}

static bool is_mode(struct qw_slice mode)
{
	return is_word(mode, "octet") || is_word(mode, "netascii") || is_word(mode, "mail");
}

/* The name that a request, behind its opcode, asks for. */
static bool request(struct qw_bytes in, struct qw_slice *name)
{
	struct qw_slice mode;
	return text(&in, name) && name->len > 0 && name->len <= UINT8_MAX && text(&in, &mode) && is_mode(mode);
}

/* The file that was under way ends: it is told with its size if it is whole. */
static void end_file(const struct call *call, bool whole)
{
	struct tftp *tftp = call->tftp;
	struct qw_message message;
	struct qw_content_digests digests;
	if (!tftp->file.begun)
		return;
	qw_message_begin(&message, QW_APP_TFTP, (enum qw_direction)tftp->direction, tftp->transactions);
	message.last = true;
	tftp->file.broken |= !whole;
	qw_content_tell_whole(&tftp->file, &message, qw_slice(tftp->name, tftp->name_len), &digests);
	call->sink->publish(call->sink->ctx, call->flow, &message);
	qw_content_free(tftp, &tftp->file);
}

static void tell_file(const struct call *call)
{
	struct tftp *tftp = call->tftp;
	struct qw_message message;
	qw_message_begin(&message, QW_APP_TFTP, call->direction, tftp->transactions);
	qw_content_tell(&tftp->file, &message, qw_slice(tftp->name, tftp->name_len));
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

/* ---- requests */

static void keep_name(struct tftp *tftp, struct qw_slice name)
{
	if (name.len > NAME_MAX_LEN) { /* its end says more than its begin */
		qw_parser_cut(tftp);
		name = qw_slice(name.data + name.len - NAME_MAX_LEN, NAME_MAX_LEN);
	}
	memcpy(tftp->name, name.data, name.len);
	tftp->name_len = (uint8_t)name.len;
}

/* Blocks will come to, or leave from, where the request came from. */
static void announce(const struct call *call)
{
	struct tftp *tftp = call->tftp;
	const struct qw_flow *flow = call->flow;
	bool from_client = call->direction == QW_TO_SERVER;
	struct qw_expected what = {.app = QW_APP_TFTP, .proto = QW_PROTO_UDP, .name_len = tftp->name_len};
	struct qw_expected_place place = {from_client ? *qw_flow_client(flow) : *qw_flow_server(flow),
					  from_client ? qw_flow_client_port(flow) : qw_flow_server_port(flow)};
	memcpy(what.name, tftp->name, tftp->name_len);
	if (place.port)
		qw_expect(qw_parser_expectations(tftp), &place, &what, flow->last);
}

static bool read_request(const struct call *call, struct qw_bytes in)
{
	struct tftp *tftp = call->tftp;
	struct qw_message message;
	struct qw_slice name;
	if (!request(in, &name))
		return false;
	end_file(call, false);
	tftp->block = 0;
	tftp->block_bytes = 0;
	tftp->asked = true;
	keep_name(tftp, name);
	qw_message_begin(&message, QW_APP_TFTP, call->direction, ++tftp->transactions);
	qw_message_add(&message, QW_BUFFER_FILE_NAME, QW_SIGHT_NONE, name, true);
	call->sink->publish(call->sink->ctx, call->flow, &message);
	announce(call);
	return true;
}

/* ---- blocks */

/* 0: it is none, or no block is as long. */
static uint32_t block_bytes_of(struct qw_slice digits)
{
	uint32_t number = 0;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.data[i] < '0' || digits.data[i] > '9' || number > BLOCK_BYTES_MAX)
			return 0;
		number = number * 10 + (uint32_t)(digits.data[i] - '0');
	}
	return number >= BLOCK_BYTES_MIN && number <= BLOCK_BYTES_MAX ? number : 0;
}

/* Both ends agreed on these. */
static bool read_options(struct tftp *tftp, struct qw_bytes in)
{
	struct qw_slice name, value;
	while (text(&in, &name) && text(&in, &value))
		if (is_word(name, "blksize"))
			tftp->block_bytes = block_bytes_of(value);
	return true;
}

static void begin_file(const struct call *call, uint16_t number, size_t len)
{
	struct tftp *tftp = call->tftp;
	tftp->transactions += !tftp->asked;
	tftp->asked = false;
	tftp->direction = (uint8_t)call->direction;
	tftp->block = (uint16_t)(number - 1);
	tftp->file.broken = number != FIRST_BLOCK;
	if (tftp->block_bytes == 0)
		tftp->block_bytes = len > BLOCK_BYTES ? (uint32_t)len : BLOCK_BYTES;
}

/* Blocks that come again are passed over; one that is missing breaks the file. */
static bool read_block(const struct call *call, struct qw_bytes in)
{
	struct tftp *tftp = call->tftp;
	uint16_t number;
	if (!qw_bytes_be16(&in, &number))
		return false;
	bool ended = !tftp->file.begun && number == tftp->block && number != 0; /* with this block */
	if (ended || (tftp->file.begun && (int16_t)(number - tftp->block) <= 0))
		return true;
	if (!tftp->file.begun)
		begin_file(call, number, in.left);
	tftp->file.broken |= number != (uint16_t)(tftp->block + 1);
	tftp->block = number;
	qw_content_put(tftp, &tftp->file, in.at, in.left);
	if (in.left < tftp->block_bytes)
		end_file(call, !tftp->file.broken);
	else if (qw_content_is_due(&tftp->file))
		tell_file(call);
	return true;
}

static bool read_packet(const struct call *call, struct qw_bytes in)
{
	uint16_t opcode;
	if (!qw_bytes_be16(&in, &opcode))
		return false;
	switch (opcode) {
	case READ:
	case WRITE: return read_request(call, in);
	case DATA: return read_block(call, in);
	case OPTIONS: return read_options(call->tftp, in);
	case ERROR: end_file(call, false); return true;
	case ACK: return true;
	default: return false;
	}
}

/* ---- the parser */

static void begin(struct tftp *tftp, const struct qw_flow *flow)
{
	struct qw_expected what;
	tftp->begun = true;
	if (qw_expected_take(qw_parser_expectations(tftp), flow, &what))
		keep_name(tftp, qw_slice(what.name, what.name_len));
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct tftp *tftp = state;
	const struct call call = {tftp, flow, direction, sink};
	if (!tftp->begun)
		begin(tftp, flow);
	return !read_packet(&call, qw_bytes(data, len)) && ++tftp->bad == BAD_MAX ? QW_PARSE_STOP : QW_PARSE_MORE;
}

static void close_side(void *state, struct qw_flow *flow, enum qw_direction direction,
		       const struct qw_message_sink *sink)
{
	struct tftp *tftp = state;
	const struct call call = {tftp, flow, direction, sink};
	if (direction == (enum qw_direction)tftp->direction)
		end_file(&call, false);
}

static void fini(void *state)
{
	struct tftp *tftp = state;
	qw_content_free(tftp, &tftp->file);
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len);
	struct qw_slice name;
	uint16_t opcode;
	return qw_bytes_be16(&in, &opcode) && (opcode == READ || opcode == WRITE) && request(in, &name);
}

/* The server's first word: a block, an acknowledgement, or what it agreed to. */
static bool announced(const uint8_t *data, size_t len)
{
	return len >= 4 && data[0] == 0 && data[1] >= DATA && data[1] <= OPTIONS;
}

const struct qw_parser_ops qw_parser_tftp = {
    .app = QW_APP_TFTP,
    .datagram = true,
    .starts = {1, {{0x00, 0x00}}},
    .probe = probe,
    .announced = announced,
    .state_bytes = sizeof(struct tftp),
    .feed = feed,
    .close = close_side,
    .fini = fini,
};

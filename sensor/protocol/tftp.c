/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tftp - requests, and blocks in their order (RFC 1350, 2347).
 *
 * A request is a transaction.  A server answers from a port of its own, so
 * that its blocks are another flow: where that is recognised, they are a
 * file without a name.
 */
#include "sensor/protocol/content.h"
#include "sensor/protocol/parsers.h"

#include <string.h>
#include <strings.h>

enum opcode { READ = 1, WRITE = 2, DATA = 3, ACK = 4, ERROR = 5, OPTIONS = 6 };

enum {
	NAME_MAX_LEN = 255,
	FIRST_BLOCK = 1,
	BLOCK_BYTES = 512, /* unless options changed it; a shorter one is the last */
	BAD_MAX = 8,
};

struct tftp {
	uint64_t transactions;
	struct qw_content file;
	size_t block_bytes; /* of the first block */
	uint16_t block;     /* the last one in order */
	uint8_t bad;
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

static bool is_mode(struct qw_slice mode)
{
	static const char *const modes[] = {"octet", "netascii", "mail"};
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		if (mode.len == strlen(modes[i]) && strncasecmp((const char *)mode.data, modes[i], mode.len) == 0)
			return true;
	}
	return false;
}

/* The name that a request, behind its opcode, asks for. */
static bool request(struct qw_bytes in, struct qw_slice *name)
{
	struct qw_slice mode;
	return text(&in, name) && name->len > 0 && name->len <= NAME_MAX_LEN && text(&in, &mode) && is_mode(mode);
}

static bool read_request(const struct call *call, struct qw_bytes in)
{
	struct tftp *tftp = call->tftp;
	struct qw_message message = {.app = QW_APP_TFTP, .direction = call->direction};
	struct qw_slice name;
	if (!request(in, &name))
		return false;
	qw_content_free(tftp, &tftp->file);
	tftp->block = 0;
	message.transaction = ++tftp->transactions;
	qw_message_add(&message, QW_BUFFER_FILE_NAME, QW_SIGHT_NONE, name, true);
	call->sink->publish(call->sink->ctx, call->flow, &message);
	return true;
}

static void tell_file(const struct call *call, bool last)
{
	struct tftp *tftp = call->tftp;
	struct qw_message message = {.app = QW_APP_TFTP, .direction = call->direction, .last = last};
	struct qw_content_digests digests;
	message.transaction = tftp->transactions ? tftp->transactions : ++tftp->transactions;
	qw_message_add(&message, QW_BUFFER_FILE_DATA, QW_SIGHT_NONE, qw_store_slice(&tftp->file.kept),
		       qw_content_is_fresh(&tftp->file));
	if (message.count)
		message.field[0].old = tftp->file.told;
	if (last)
		qw_content_add_digests(&tftp->file, &message, &digests);
	tftp->file.told = tftp->file.kept.len;
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

/* Blocks that come again are passed over; one that is missing breaks the file. */
static bool read_block(const struct call *call, struct qw_bytes in)
{
	struct tftp *tftp = call->tftp;
	uint16_t number;
	if (!qw_bytes_be16(&in, &number))
		return false;
	if (number == tftp->block)
		return true;
	if (number == FIRST_BLOCK)
		qw_content_free(tftp, &tftp->file);
	tftp->file.broken |= number != (uint16_t)(tftp->block + 1) && number != FIRST_BLOCK;
	tftp->block = number;
	if (tftp->file.bytes == 0)
		tftp->block_bytes = in.left > BLOCK_BYTES ? in.left : BLOCK_BYTES;
	qw_content_put(tftp, &tftp->file, in.at, in.left);
	bool last = in.left < tftp->block_bytes;
	if (last || qw_content_is_due(&tftp->file))
		tell_file(call, last);
	if (last)
		qw_content_free(tftp, &tftp->file);
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
	case ACK:
	case ERROR:
	case OPTIONS: return true;
	default: return false;
	}
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct tftp *tftp = state;
	const struct call call = {tftp, flow, direction, sink};
	return !read_packet(&call, qw_bytes(data, len)) && ++tftp->bad == BAD_MAX ? QW_PARSE_STOP : QW_PARSE_MORE;
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

const struct qw_parser_ops qw_parser_tftp = {
	.app = QW_APP_TFTP,
	.datagram = true,
	.probe = probe,
	.state_bytes = sizeof(struct tftp),
	.feed = feed,
	.fini = fini,
};

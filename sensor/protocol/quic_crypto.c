/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/quic_crypto.h"

#include "sensor/protocol/store.h"

enum frame {
	FRAME_PADDING = 0,
	FRAME_PING = 1,
	FRAME_ACK = 2,
	FRAME_ACK_ECN = 3,
	FRAME_CRYPTO = 6,
	FRAME_CRYPTO_GOOGLE = 8, /* in T050; elsewhere it has no place in an Initial packet */
	FRAME_CLOSE = 0x1c,
};

bool qw_quic_varint(struct qw_bytes *in, uint64_t *out)
{
	struct qw_bytes at = *in;
	uint8_t byte;
	if (!qw_bytes_u8(&at, &byte))
		return false;
	uint64_t value = byte & 0x3f;
	for (unsigned more = (1u << (byte >> 6)) - 1; more; more--) {
		if (!qw_bytes_u8(&at, &byte))
			return false;
		value = value << 8 | byte;
	}
	*in = at;
	*out = value;
	return true;
}

static void remove_range(struct qw_quic_crypto *crypto, uint32_t at)
{
	crypto->ranges--;
	memmove(&crypto->range[at], &crypto->range[at + 1], (crypto->ranges - at) * sizeof(crypto->range[0]));
}

/* Notes [from, to) as there, joined with what it touches. */
static bool note(struct qw_quic_crypto *crypto, uint32_t from, uint32_t to)
{
	uint32_t at = 0;
	while (at < crypto->ranges && crypto->range[at].to < from)
		at++;
	while (at < crypto->ranges && crypto->range[at].from <= to) {
		from = crypto->range[at].from < from ? crypto->range[at].from : from;
		to = crypto->range[at].to > to ? crypto->range[at].to : to;
		remove_range(crypto, at);
	}
	if (crypto->ranges == QW_QUIC_RANGES_MAX)
		return false;
	memmove(&crypto->range[at + 1], &crypto->range[at], (crypto->ranges - at) * sizeof(crypto->range[0]));
	crypto->range[at].from = from;
	crypto->range[at].to = to;
	crypto->ranges++;
	return true;
}

bool qw_quic_crypto_put(void *state, struct qw_quic_crypto *crypto, uint64_t offset, struct qw_bytes data)
{
	if (data.left == 0)
		return true;
	if (offset > QW_QUIC_CRYPTO_MAX || data.left > QW_QUIC_CRYPTO_MAX - offset) {
		qw_parser_cut(state);
		return false;
	}
	if (!crypto->data && !(crypto->data = qw_parser_take(state, QW_QUIC_CRYPTO_MAX)))
		return false;
	memcpy(crypto->data + offset, data.at, data.left);
	if (note(crypto, (uint32_t)offset, (uint32_t)(offset + data.left)))
		return true;
	qw_parser_cut(state);
	return false;
}

struct qw_bytes qw_quic_crypto_start(const struct qw_quic_crypto *crypto)
{
	if (crypto->ranges == 0 || crypto->range[0].from != 0)
		return qw_bytes(NULL, 0);
	return qw_bytes(crypto->data, crypto->range[0].to);
}

void qw_quic_crypto_free(void *state, struct qw_quic_crypto *crypto)
{
	qw_parser_give(state, crypto->data);
	*crypto = (struct qw_quic_crypto){0};
}

static bool acknowledgement(struct qw_bytes *in, bool with_marks)
{
	uint64_t largest, delay, count, first, skipped;
	if (!qw_quic_varint(in, &largest) || !qw_quic_varint(in, &delay) || !qw_quic_varint(in, &count) ||
	    !qw_quic_varint(in, &first) || count > in->left)
		return false;
	for (uint64_t i = 0; i < 2 * count + (with_marks ? 3 : 0); i++) {
		if (!qw_quic_varint(in, &skipped))
			return false;
	}
	return true;
}

static bool crypto_frame(void *state, struct qw_quic_crypto *crypto, struct qw_bytes *in)
{
	uint64_t offset, len;
	struct qw_bytes data;
	return qw_quic_varint(in, &offset) && qw_quic_varint(in, &len) && len <= in->left &&
	       qw_bytes_take(in, (size_t)len, &data) && qw_quic_crypto_put(state, crypto, offset, data);
}

bool qw_quic_frames(void *state, struct qw_quic_crypto *crypto, struct qw_bytes frames)
{
	uint64_t type;
	while (qw_quic_varint(&frames, &type)) {
		bool good = true;
		switch (type) {
		case FRAME_PADDING:
		case FRAME_PING: break;
		case FRAME_ACK:
		case FRAME_ACK_ECN: good = acknowledgement(&frames, type == FRAME_ACK_ECN); break;
		case FRAME_CRYPTO:
		case FRAME_CRYPTO_GOOGLE: good = crypto_frame(state, crypto, &frames); break;
		case FRAME_CLOSE: return true;
		default: return false;
		}
		if (!good)
			return false;
	}
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* ipv4 - RFC 791. */
#include "sensor/decode/checksum.h"
#include "sensor/decode/walk.h"

enum { HEADER_MIN = 20, PACKET_MAX = 65535, FLAG_RESERVED = 0x8000, FLAG_MORE = 0x2000, OFFSET_MASK = 0x1fff };

/* The first fragment of a datagram has no business being shorter than a TCP header (RFC 1858, 3). */
enum { FRAGMENT_TINY = 20 };

static bool is_source_route(uint8_t kind)
{
	return kind == 131 || kind == 137;
}

/*
 * Walks the options.  True: the destination is the last one; an open source
 * route (pointer within its list) names it elsewhere, and TCP and UDP summed that.
 */
static bool read_options(struct qw_walk *walk, struct qw_bytes options)
{
	uint8_t kind, len;
	struct qw_bytes body;
	bool final = true;

	while (qw_bytes_u8(&options, &kind) && kind != 0) {
		if (kind == 1)
			continue;
		if (!qw_bytes_u8(&options, &len) || len < 2 || !qw_bytes_take(&options, len - 2u, &body)) {
			qw_walk_anomaly(walk, QW_ANOMALY_IPV4_OPTIONS_BAD);
			break;
		}
		if (is_source_route(kind) && body.left && body.at[0] <= len)
			final = false;
	}
	return final;
}

static enum qw_step fragment(struct qw_walk *walk, struct qw_packet *view, uint16_t field)
{
	uint32_t offset = (field & OFFSET_MASK) * 8u;

	view->flags |= QW_PACKET_FRAGMENT;
	view->fragment_id = qw_be16(view->net + 4);
	view->fragment_offset = (uint16_t)offset;
	view->fragment_more = field & FLAG_MORE;
	view->fragment_proto = view->proto;
	if (offset + view->payload_len + view->net_header_len > PACKET_MAX)
		return qw_walk_fail(walk, QW_DROP_FRAGMENT_BAD);
	if ((offset == 0 && view->payload_len < FRAGMENT_TINY) || offset == 8)
		qw_walk_anomaly(walk, QW_ANOMALY_IPV4_TINY_FRAGMENT);
	return QW_STEP_DONE;
}

/* False: the packet is not to be inspected. */
static bool header_sum_passes(struct qw_walk *walk, struct qw_packet *view)
{
	if (!walk->options->verify_checksums || walk->made)
		return true;
	if (qw_sum_fold(qw_sum_words(0, view->net, view->net_header_len / 4)) == 0xffff)
		return true;
	if (walk->options->strict_checksums && !walk->cut)
		return false;
	view->flags |= QW_PACKET_BAD_NET_SUM;
	qw_walk_anomaly(walk, QW_ANOMALY_NET_CHECKSUM);
	return true;
}

static void fill(struct qw_walk *walk, struct qw_packet *view, struct qw_bytes header, size_t header_len)
{
	view->flags |= QW_PACKET_IP | (walk->cut ? QW_PACKET_CUT : 0);
	view->net = header.at;
	view->net_len = (uint32_t)(header_len + walk->in.left);
	view->net_header_len = (uint32_t)header_len;
	view->payload = walk->in.at;
	view->payload_len = (uint32_t)walk->in.left;
	view->src = qw_address_v4(header.at + 12);
	view->dst = qw_address_v4(header.at + 16);
	view->version = 4;
	view->ttl = header.at[8];
	view->proto = header.at[9];
}

static enum qw_step carried(struct qw_walk *walk, struct qw_packet *view, struct qw_bytes options)
{
	uint16_t field = qw_be16(view->net + 6);
	bool final = options.left == 0 || read_options(walk, options);

	if (field & FLAG_RESERVED)
		qw_walk_anomaly(walk, QW_ANOMALY_IPV4_RESERVED);
	if (field & (FLAG_MORE | OFFSET_MASK))
		return fragment(walk, view, field);
	return qw_walk_transport(walk, view, final);
}

enum qw_step qw_walk_ipv4(struct qw_walk *walk)
{
	struct qw_bytes header, options;

	if (!qw_bytes_take(&walk->in, HEADER_MIN, &header))
		return qw_walk_fail(walk, QW_DROP_NET_SHORT);
	size_t header_len = (header.at[0] & 15u) * 4;
	size_t total = qw_be16(header.at + 2);
	if (header.at[0] >> 4 != 4 || header_len < HEADER_MIN || total < header_len)
		return qw_walk_fail(walk, QW_DROP_NET_BAD);
	if (!qw_bytes_take(&walk->in, header_len - HEADER_MIN, &options))
		return qw_walk_fail(walk, QW_DROP_NET_SHORT);
	if (!qw_walk_limit(walk, total - header_len))
		return qw_walk_fail(walk, QW_DROP_NET_BAD);

	struct qw_packet *view = qw_walk_view(walk);
	if (!view)
		return QW_STEP_DONE;
	fill(walk, view, header, header_len);
	if (!header_sum_passes(walk, view))
		return qw_walk_fail(walk, QW_DROP_NET_CHECKSUM);
	enum qw_step step = carried(walk, view, options);
	if (step != QW_STEP_FAILED)
		qw_walk_keep(walk);
	return step;
}

enum qw_step qw_walk_ip(struct qw_walk *walk)
{
	if (!walk->in.left)
		return qw_walk_fail(walk, QW_DROP_NET_SHORT);
	switch (walk->in.at[0] >> 4) {
	case 4: return QW_STEP_IPV4;
	case 6: return QW_STEP_IPV6;
	default: return qw_walk_fail(walk, QW_DROP_NET_BAD);
	}
}

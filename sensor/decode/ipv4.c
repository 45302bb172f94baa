/* SPDX-License-Identifier: Apache-2.0 */
/* ipv4 - RFC 791. */
#include "sensor/decode/checksum.h"
#include "sensor/decode/walk.h"

enum { HEADER_MIN = 20, PACKET_MAX = 65535, FLAG_RESERVED = 0x8000, FLAG_MORE = 0x2000, OFFSET_MASK = 0x1fff };

/* The first fragment of a datagram has no business being shorter than a TCP header (RFC 1858, 3). */
enum { FRAGMENT_TINY = 20 };

/* Options that are known (RFC 791, 1108, 2113, 4782, FIPS 188), and which lengths they may have. */
enum option_shape { SHAPE_FIXED, SHAPE_ROUTE, SHAPE_STAMP, SHAPE_TAGS };
static const struct {
	uint8_t kind, least, most; /* bytes, with kind and length */
	uint8_t shape;
} known_options[] = {
    {7, 3, 39, SHAPE_ROUTE},    {25, 8, 8, SHAPE_FIXED},    {68, 5, 40, SHAPE_STAMP},
    {130, 11, 11, SHAPE_FIXED}, {131, 3, 39, SHAPE_ROUTE},  {134, 10, 40, SHAPE_TAGS},
    {136, 4, 4, SHAPE_FIXED},   {137, 3, 39, SHAPE_ROUTE},  {148, 4, 4, SHAPE_FIXED},
};
enum { OPTIONS_KNOWN = sizeof(known_options) / sizeof(known_options[0]) };

static bool is_source_route(uint8_t kind)
{
	return kind == 131 || kind == 137;
}

/* A pointer counts from 1, stands at the beginning of an entry, at most just behind the last. */
static bool pointer_odd(const struct qw_bytes *body, uint8_t first, uint8_t step)
{
	uint8_t pointer = body->left ? body->at[0] : 0;
	return pointer < first || (pointer - first) % step || pointer > body->left + 2 + 1;
}

/* CIPSO: a domain of four bytes, then tags that count themselves. */
static bool tags_odd(struct qw_bytes body)
{
	uint8_t kind, len;
	if (!qw_bytes_skip(&body, 4))
		return true;
	while (body.left)
		if (!qw_bytes_u8(&body, &kind) || !qw_bytes_u8(&body, &len) || kind == 0 || kind > 7 || len < 4 ||
		    !qw_bytes_skip(&body, len - 2u))
			return true;
	return false;
}

static bool option_odd(uint8_t shape, const struct qw_bytes *body)
{
	switch ((enum option_shape)shape) {
	case SHAPE_FIXED: return false;
	case SHAPE_ROUTE: return pointer_odd(body, 4, 4);
	case SHAPE_STAMP: {
		uint8_t flag = body->left > 1 ? body->at[1] & 15 : 0;
		return pointer_odd(body, 5, flag == 1 || flag == 3 ? 8 : 4);
	}
	case SHAPE_TAGS: return tags_odd(*body);
	}
	return false;
}

/* seen: bit per row of known_options. */
static void note_option(struct qw_walk *walk, uint8_t kind, const struct qw_bytes *body, uint32_t *seen)
{
	unsigned row = 0;
	while (row < OPTIONS_KNOWN && known_options[row].kind != kind)
		row++;
	if (row == OPTIONS_KNOWN) {
		qw_walk_event(walk, QW_PE_IPV4_OPT_INVALID);
		return;
	}
	if (*seen & UINT32_C(1) << row)
		qw_walk_event(walk, QW_PE_IPV4_OPT_DUPLICATE);
	else if (body->left + 2 < known_options[row].least || body->left + 2 > known_options[row].most)
		qw_walk_event(walk, QW_PE_IPV4_OPT_INVALID_LEN);
	else if (option_odd(known_options[row].shape, body))
		qw_walk_event(walk, QW_PE_IPV4_OPT_MALFORMED);
	*seen |= UINT32_C(1) << row;
}

/*
 * Walks the options.  True: the destination is the last one; an open source
 * route (pointer within its list) names it elsewhere, and TCP and UDP summed that.
 */
static bool read_options(struct qw_walk *walk, struct qw_bytes options)
{
	uint8_t kind, len;
	struct qw_bytes body;
	uint32_t seen = 0;
	bool final = true;

	if (options.left % 8)
		qw_walk_event(walk, QW_PE_IPV4_OPT_PAD_REQUIRED);
	while (qw_bytes_u8(&options, &kind) && kind != 0) {
		if (kind == 1)
			continue;
		bool alone = options.left == 0;
		if (!qw_bytes_u8(&options, &len) || len < 2 || !qw_bytes_take(&options, len - 2u, &body)) {
			qw_walk_anomaly(walk, QW_ANOMALY_IPV4_OPTIONS_BAD);
			qw_walk_event(walk, alone ? QW_PE_IPV4_OPT_EOL_REQUIRED : QW_PE_IPV4_OPT_INVALID_LEN);
			break;
		}
		note_option(walk, kind, &body, &seen);
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
		return qw_walk_fail_event(walk, QW_DROP_FRAGMENT_BAD, QW_PE_IPV4_FRAG_PKT_TOO_LARGE);
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
	if (view->proto == QW_PROTO_ICMPV6)
		qw_walk_event(walk, QW_PE_IPV4_ICMPV6);
	if (field & (FLAG_MORE | OFFSET_MASK))
		return fragment(walk, view, field);
	return qw_walk_transport(walk, view, final);
}

enum qw_step qw_walk_ipv4(struct qw_walk *walk)
{
	struct qw_bytes header, options;

	if (!qw_bytes_take(&walk->in, HEADER_MIN, &header))
		return qw_walk_fail_event(walk, QW_DROP_NET_SHORT, QW_PE_IPV4_PKT_TOO_SMALL);
	size_t header_len = (header.at[0] & 15u) * 4;
	size_t total = qw_be16(header.at + 2);
	if (header.at[0] >> 4 != 4)
		return qw_walk_fail_event(walk, QW_DROP_NET_BAD, QW_PE_IPV4_WRONG_IP_VERSION);
	if (header_len < HEADER_MIN)
		return qw_walk_fail_event(walk, QW_DROP_NET_BAD, QW_PE_IPV4_HLEN_TOO_SMALL);
	if (total < header_len)
		return qw_walk_fail_event(walk, QW_DROP_NET_BAD, QW_PE_IPV4_IPLEN_SMALLER_THAN_HLEN);
	if (total - HEADER_MIN > walk->in.left)
		qw_walk_event(walk, QW_PE_IPV4_TRUNC_PKT);
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
	default: return qw_walk_fail_event(walk, QW_DROP_NET_BAD, QW_PE_IPRAW_INVALID_IP_VERSION);
	}
}

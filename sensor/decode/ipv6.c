/* SPDX-License-Identifier: Apache-2.0 */
/* ipv6 - RFC 8200, with its chain of extension headers. */
#include "sensor/decode/walk.h"

enum { HEADER_LEN = 40, PACKET_MAX = 65535 };

enum {
	HOP_BY_HOP = 0,
	ROUTING = 43,
	FRAGMENT = 44,
	AUTHENTICATION = 51,
	DESTINATION = 60,
	MOBILITY = 135,
	HOST_IDENTITY = 139,
	SHIM6 = 140,
	ENCRYPTED = 50,
	NO_NEXT = 59,
};

enum { OPTION_PAD = 1, OPTION_ROUTER_ALERT = 5, OPTION_JUMBO = 0xc2, OPTION_HOME_ADDRESS = 0xc9 };

/* Extension headers in the order that RFC 8200, 4.1 recommends; 0: not one. */
static unsigned rank_of(uint8_t proto)
{
	switch (proto) {
	case HOP_BY_HOP: return 1;
	case DESTINATION: return 2;
	case ROUTING: return 3;
	case FRAGMENT: return 4;
	case AUTHENTICATION: return 5;
	case MOBILITY: return 6;
	case HOST_IDENTITY: return 7;
	case SHIM6: return 8;
	default: return 0;
	}
}

struct chain {
	uint32_t seen;   /* bit 1 << rank */
	unsigned last;   /* rank */
	unsigned options; /* destination options headers */
	uint32_t jumbo;  /* the length that a jumbo option announced, 0: none */
	bool sum_known;  /* the header's addresses are those that the sender summed */
	bool fragmented; /* the chain ended at a fragment header */
};

static void note_repeated(struct qw_walk *walk, const struct chain *chain, unsigned rank)
{
	static const uint8_t events[] = {
	    [1] = QW_PE_IPV6_EXTHDR_DUPL_HH, [2] = QW_PE_IPV6_EXTHDR_DUPL_DH, [3] = QW_PE_IPV6_EXTHDR_DUPL_RH,
	    [4] = QW_PE_IPV6_EXTHDR_DUPL_FH, [5] = QW_PE_IPV6_EXTHDR_DUPL_AH,
	};
	if (rank < sizeof(events) && (rank == 2 ? chain->options > 2 : chain->seen >> rank & 1))
		qw_walk_event(walk, (enum qw_packet_event)events[rank]);
}

/* Destination options may come twice: before routing, and before what is carried. */
static void note_order(struct qw_walk *walk, struct chain *chain, unsigned rank)
{
	uint32_t bit = UINT32_C(1) << rank;
	bool second_options = rank == 2 && chain->last > 2;

	chain->options += rank == 2;
	note_repeated(walk, chain, rank);
	if ((chain->seen & bit) && !second_options)
		qw_walk_anomaly(walk, QW_ANOMALY_IPV6_EXTENSION_REPEATED);
	else if (rank < chain->last && rank != 2)
		qw_walk_anomaly(walk, QW_ANOMALY_IPV6_EXTENSION_ORDER);
	chain->seen |= bit;
	chain->last = rank;
}

/* False: it is shorter than its kind says. */
static bool read_option(struct qw_walk *walk, struct chain *chain, bool hop, uint8_t kind, struct qw_bytes body)
{
	switch (kind) {
	case OPTION_PAD:
		if (body.left == 0)
			qw_walk_event(walk, QW_PE_IPV6_ZERO_LEN_PADN);
		return true;
	case OPTION_ROUTER_ALERT: return body.left >= 2;
	case OPTION_JUMBO:
		if (body.left == 4)
			chain->jumbo = qw_be32(body.at);
		return body.left >= 4;
	case OPTION_HOME_ADDRESS: chain->sum_known = false; return body.left >= 16;
	default:
		qw_walk_event(walk, hop ? QW_PE_IPV6_HOPOPTS_UNKNOWN_OPT : QW_PE_IPV6_DSTOPTS_UNKNOWN_OPT);
		return true;
	}
}

static void read_options(struct qw_walk *walk, struct chain *chain, bool hop, struct qw_bytes options)
{
	uint8_t kind, len;
	struct qw_bytes body;
	bool padding = false, others = false;

	while (qw_bytes_u8(&options, &kind)) {
		padding |= kind <= OPTION_PAD;
		if (kind == 0)
			continue;
		if (!qw_bytes_u8(&options, &len) || !qw_bytes_take(&options, len, &body) ||
		    !read_option(walk, chain, hop, kind, body)) {
			qw_walk_event(walk, QW_PE_IPV6_EXTHDR_INVALID_OPTLEN);
			break;
		}
		others |= kind > OPTION_PAD && kind != OPTION_JUMBO;
	}
	if (padding && !others)
		qw_walk_event(walk, hop ? QW_PE_IPV6_HOPOPTS_ONLY_PADDING : QW_PE_IPV6_DSTOPTS_ONLY_PADDING);
}

/* True: the chain ends here, the packet is a part of another. */
static bool read_fragment(struct qw_walk *walk, struct qw_packet *view, const uint8_t *header)
{
	uint16_t field = qw_be16(header + 2);

	if (header[1] != 0)
		qw_walk_event(walk, QW_PE_IPV6_FH_NON_ZERO_RESERVED_FIELD);
	if (!(field & 0xfff9)) {
		qw_walk_anomaly(walk, QW_ANOMALY_IPV6_ATOMIC_FRAGMENT);
		qw_walk_event(walk, QW_PE_IPV6_EXTHDR_USELESS_FH);
		return false;
	}
	if ((field & 1) && walk->in.left % 8)
		qw_walk_event(walk, QW_PE_IPV6_FRAG_INVALID_LENGTH);
	view->flags |= QW_PACKET_FRAGMENT;
	view->fragment_id = qw_be32(header + 4);
	view->fragment_offset = field & 0xfff8;
	view->fragment_more = field & 1;
	view->fragment_proto = header[0];
	return true;
}

static size_t extension_len(uint8_t proto, const uint8_t *header)
{
	if (proto == AUTHENTICATION)
		return (header[1] + 2u) * 4;
	return proto == FRAGMENT ? 8 : (header[1] + 1u) * 8;
}

static void read_extension(struct qw_walk *walk, struct qw_packet *view, struct chain *chain, uint8_t proto,
			   struct qw_bytes header)
{
	if (proto == HOP_BY_HOP || proto == DESTINATION) {
		read_options(walk, chain, proto == HOP_BY_HOP, qw_bytes(header.at + 2, header.left - 2));
	} else if (proto == ROUTING) {
		if (header.at[2] == 0) {
			qw_walk_anomaly(walk, QW_ANOMALY_IPV6_ROUTING_0);
			qw_walk_event(walk, QW_PE_IPV6_RH_TYPE_0);
		}
		if (header.at[3] != 0) /* segments left: the last one's address was summed */
			chain->sum_known = false;
	} else if (proto == FRAGMENT) {
		chain->fragmented = read_fragment(walk, view, header.at);
	} else if (proto == AUTHENTICATION && qw_be16(header.at + 2) != 0) {
		qw_walk_event(walk, QW_PE_IPV6_EXTHDR_AH_RES_NOT_NULL);
	}
}

/* Takes extension headers off `in`.  False: the packet ends inside one. */
static bool read_chain(struct qw_walk *walk, struct qw_packet *view, struct chain *chain)
{
	for (unsigned rank; !chain->fragmented && (rank = rank_of(view->proto));) {
		struct qw_bytes header;
		uint8_t proto = view->proto;
		if (walk->in.left < 8 || !qw_bytes_take(&walk->in, extension_len(proto, walk->in.at), &header)) {
			qw_walk_event(walk, QW_PE_IPV6_TRUNC_EXTHDR);
			return false;
		}
		note_order(walk, chain, rank);
		read_extension(walk, view, chain, proto, header);
		view->proto = header.at[0];
	}
	return true;
}

/* What the chain ends with. */
static void note_next(struct qw_walk *walk, uint8_t proto)
{
	switch (proto) {
	case NO_NEXT:
		if (walk->in.left)
			qw_walk_event(walk, QW_PE_IPV6_DATA_AFTER_NONE_HEADER);
		return;
	case QW_PROTO_ICMP: qw_walk_event(walk, QW_PE_IPV6_ICMPV4); break;
	case QW_PROTO_TCP:
	case QW_PROTO_UDP:
	case QW_PROTO_ICMPV6:
	case QW_PROTO_SCTP:
	case QW_PROTO_IPIP:
	case QW_PROTO_IPV6:
	case QW_PROTO_GRE:
	case ENCRYPTED: break;
	default: qw_walk_event(walk, QW_PE_IPV6_UNKNOWN_NEXT_HEADER); break;
	}
	if (walk->in.left < 2)
		qw_walk_event(walk, QW_PE_IPV6_TRUNC_EXTHDR);
}

/* A payload length of 0 with a jumbo option means what the option says (RFC 2675); it is known only after the chain. */
static bool is_jumbo(const struct qw_bytes *header, size_t payload)
{
	return payload == 0 && header->at[6] == HOP_BY_HOP;
}

static bool limit_jumbo(struct qw_walk *walk, const struct chain *chain, size_t before)
{
	size_t taken = before - walk->in.left;

	qw_walk_anomaly(walk, QW_ANOMALY_IPV6_JUMBO);
	if (chain->jumbo <= PACKET_MAX || chain->jumbo < taken)
		return false;
	return qw_walk_limit(walk, chain->jumbo - taken);
}

static void fill(struct qw_packet *view, struct qw_bytes header)
{
	view->flags |= QW_PACKET_IP;
	view->net = header.at;
	view->src = qw_address_v6(header.at + 8);
	view->dst = qw_address_v6(header.at + 24);
	view->version = 6;
	view->ttl = header.at[7];
	view->proto = header.at[6];
}

/* What is there once the chain is read. */
static void fill_lengths(struct qw_walk *walk, struct qw_packet *view)
{
	view->flags |= walk->cut ? QW_PACKET_CUT : 0;
	view->net_header_len = (uint32_t)(walk->in.at - view->net);
	view->net_len = view->net_header_len + (uint32_t)walk->in.left;
	view->payload = walk->in.at;
	view->payload_len = (uint32_t)walk->in.left;
}

static enum qw_step carried(struct qw_walk *walk, struct qw_packet *view, const struct chain *chain)
{
	if (!chain->fragmented) {
		note_next(walk, view->proto);
		return qw_walk_transport(walk, view, chain->sum_known);
	}
	if (view->fragment_offset + view->payload_len > PACKET_MAX)
		return qw_walk_fail_event(walk, QW_DROP_FRAGMENT_BAD, QW_PE_IPV6_FRAG_PKT_TOO_LARGE);
	return QW_STEP_DONE;
}

enum qw_step qw_walk_ipv6(struct qw_walk *walk)
{
	struct chain chain = {.sum_known = true};
	struct qw_bytes header;

	if (!qw_bytes_take(&walk->in, HEADER_LEN, &header))
		return qw_walk_fail_event(walk, QW_DROP_NET_SHORT, QW_PE_IPV6_PKT_TOO_SMALL);
	if (header.at[0] >> 4 != 6)
		return qw_walk_fail_event(walk, QW_DROP_NET_BAD, QW_PE_IPV6_WRONG_IP_VERSION);
	size_t payload = qw_be16(header.at + 4);
	bool jumbo = is_jumbo(&header, payload);
	if (!jumbo && payload > walk->in.left)
		qw_walk_event(walk, QW_PE_IPV6_TRUNC_PKT);
	if (!jumbo && !qw_walk_limit(walk, payload))
		return qw_walk_fail(walk, QW_DROP_NET_BAD);

	struct qw_packet *view = qw_walk_view(walk);
	if (!view)
		return QW_STEP_DONE;
	fill(view, header);
	size_t before = walk->in.left;
	if (!read_chain(walk, view, &chain))
		return qw_walk_fail(walk, QW_DROP_NET_SHORT);
	if (jumbo && !limit_jumbo(walk, &chain, before))
		return qw_walk_fail(walk, QW_DROP_NET_BAD);
	fill_lengths(walk, view);
	enum qw_step step = carried(walk, view, &chain);
	if (step != QW_STEP_FAILED)
		qw_walk_keep(walk);
	return step;
}

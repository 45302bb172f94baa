/* SPDX-License-Identifier: Apache-2.0 */
/* transport - TCP (RFC 9293), UDP (RFC 768), ICMP (RFC 792, 4443), SCTP (RFC 9260), and IP protocols that carry
 * packets. */
#include "sensor/decode/checksum.h"
#include "sensor/decode/walk.h"

enum { TCP_MIN = 20, UDP_LEN = 8, ICMP_LEN = 8, SCTP_LEN = 12 };

enum { IPV4_LEAST = 20, IPV6_LEAST = 40, IGMP_LEAST = 8, ESP_LEAST = 8 };

enum { PROTO_IGMP = 2, PROTO_ESP = 50, PROTO_AUTHENTICATION = 51, PROTO_ETHERIP = 97, PROTO_MPLS = 137, PROTO_ETHERNET = 143 };

/* The segment, header and data, as it lies in the packet. */
struct segment {
	struct qw_bytes bytes;
	uint16_t field; /* the checksum in it, as it lies in memory */
	uint8_t proto;  /* of the pseudo-header; 0: there is none */
	bool known;     /* addresses are those that were summed */
};

static bool sum_right(const struct qw_walk *walk, const struct qw_packet *view, const struct segment *segment)
{
	if (!walk->options->verify_checksums || walk->cut || !segment->known)
		return true;
	uint64_t pseudo = segment->proto ? qw_sum_pseudo(view, segment->proto, (uint32_t)segment->bytes.left) : 0;
	if (qw_sum_fold(qw_sum_add(pseudo, segment->bytes.at, segment->bytes.left)) == 0xffff)
		return true;
	/* An offloading sender leaves the pseudo-header's sum to a network card that this packet never met. */
	return walk->options->partial_checksums && segment->proto && segment->field == qw_sum_fold(pseudo);
}

static uint16_t field_at(const uint8_t *at)
{
	uint16_t field;

	memcpy(&field, at, sizeof(field));
	return field;
}

/* False: the packet is not to be inspected. */
static bool sum_passes(struct qw_walk *walk, struct qw_packet *view, const struct segment *segment)
{
	if (sum_right(walk, view, segment))
		return true;
	if (walk->options->strict_checksums)
		return false;
	view->flags |= QW_PACKET_BAD_SUM;
	qw_walk_anomaly(walk, QW_ANOMALY_TRANSPORT_CHECKSUM);
	return true;
}

/* The transport header is `len` bytes in front of what is left. */
static void fill(const struct qw_walk *walk, struct qw_packet *view, const uint8_t *header, size_t len)
{
	view->flags |= QW_PACKET_TRANSPORT;
	view->transport = header;
	view->transport_len = (uint32_t)len;
	view->payload = walk->in.at;
	view->payload_len = (uint32_t)walk->in.left;
}

enum { OPTION_SACK = 5, TIMESTAMP_ALONE = 0x0101080a, TIMESTAMP_ALONE_LEN = 12 };

/* Lengths of the options whose length is fixed: segment size, window scale, selective acknowledgement, timestamp. */
static const uint8_t option_lens[] = {[2] = 4, [3] = 3, [4] = 2, [8] = 10};

/* An option of a known kind; seen: bit per kind. */
static void note_option(struct qw_walk *walk, uint8_t kind, uint8_t len, uint32_t *seen)
{
	if (kind >= sizeof(option_lens) || (!option_lens[kind] && kind != OPTION_SACK))
		return;
	bool odd = kind == OPTION_SACK ? len < 10 || len > 34 || (len - 2) % 8 : len != option_lens[kind];
	if (odd)
		qw_walk_event(walk, QW_PE_TCP_OPT_INVALID_LEN);
	else if (*seen >> kind & 1)
		qw_walk_event(walk, QW_PE_TCP_OPT_DUPLICATE);
	*seen |= UINT32_C(1) << kind;
}

static bool tcp_options_whole(struct qw_walk *walk, struct qw_bytes options)
{
	uint8_t kind, len;
	uint32_t seen = 0;

	/* What nearly every segment has. */
	if (options.left == TIMESTAMP_ALONE_LEN && qw_be32(options.at) == TIMESTAMP_ALONE)
		return true;
	while (qw_bytes_u8(&options, &kind) && kind != 0) {
		if (kind == 1)
			continue;
		bool alone = options.left == 0;
		if (!qw_bytes_u8(&options, &len) || len < 2 || !qw_bytes_skip(&options, len - 2u)) {
			if (!alone)
				qw_walk_event(walk, QW_PE_TCP_OPT_INVALID_LEN);
			return false;
		}
		note_option(walk, kind, len, &seen);
	}
	return true;
}

/* No segment of an honest stack has SYN with FIN or RST, or no flag at all. */
static bool tcp_flags_odd(uint8_t flags)
{
	uint8_t control = flags & (QW_TCP_FIN | QW_TCP_SYN | QW_TCP_RST | QW_TCP_ACK);

	return control == 0 || ((flags & QW_TCP_SYN) && (flags & (QW_TCP_FIN | QW_TCP_RST)));
}

static void tcp_fill(struct qw_packet *view, const uint8_t *header)
{
	view->sport = qw_be16(header);
	view->dport = qw_be16(header + 2);
	view->tcp_seq = qw_be32(header + 4);
	view->tcp_ack = qw_be32(header + 8);
	view->tcp_flags = header[13];
	view->tcp_window = qw_be16(header + 14);
}

static enum qw_step tcp(struct qw_walk *walk, struct qw_packet *view, bool sum_known)
{
	struct segment segment = {.bytes = walk->in, .proto = QW_PROTO_TCP, .known = sum_known};
	struct qw_bytes header, options;

	if (!qw_bytes_take(&walk->in, TCP_MIN, &header))
		return qw_walk_fail_event(walk, QW_DROP_TRANSPORT_SHORT, QW_PE_TCP_PKT_TOO_SMALL);
	size_t len = (header.at[12] >> 4) * 4u;
	if (len < TCP_MIN)
		return qw_walk_fail_event(walk, QW_DROP_TRANSPORT_BAD, QW_PE_TCP_INVALID_OPTLEN);
	if (!qw_bytes_take(&walk->in, len - TCP_MIN, &options))
		return qw_walk_fail_event(walk, walk->cut ? QW_DROP_TRANSPORT_SHORT : QW_DROP_TRANSPORT_BAD,
					  QW_PE_TCP_HLEN_TOO_SMALL);
	segment.field = field_at(header.at + 16);
	if (!sum_right(walk, view, &segment))
		return qw_walk_fail(walk, QW_DROP_TRANSPORT_CHECKSUM);

	fill(walk, view, header.at, len);
	tcp_fill(view, header.at);
	if (options.left && !tcp_options_whole(walk, options))
		qw_walk_anomaly(walk, QW_ANOMALY_TCP_OPTIONS_BAD);
	if (tcp_flags_odd(view->tcp_flags))
		qw_walk_anomaly(walk, QW_ANOMALY_TCP_FLAGS_BAD);
	return QW_STEP_DONE;
}

/* The length that the header announces, limited to what is there.  False: they contradict each other. */
static bool udp_limit(struct qw_walk *walk, const struct qw_packet *view, size_t announced)
{
	/* 0: longer than the field can tell, in a jumbogram (RFC 2675, 4). */
	if (announced == 0 && view->version == 6)
		return true;
	if (announced < UDP_LEN) {
		qw_walk_event(walk, QW_PE_UDP_LEN_INVALID);
		qw_walk_event(walk, QW_PE_UDP_HLEN_TOO_SMALL);
		return false;
	}
	if (announced > walk->in.left)
		qw_walk_event(walk, QW_PE_UDP_PKT_TOO_SMALL);
	if (announced < walk->in.left) {
		qw_walk_anomaly(walk, QW_ANOMALY_UDP_LENGTH);
		qw_walk_event(walk, QW_PE_UDP_HLEN_INVALID);
	}
	return qw_walk_limit(walk, announced);
}

/* 0 says that there is no sum: always in IPv4; in IPv6 only for tunnels (RFC 6935). */
static bool udp_unsummed(const struct qw_packet *view, uint16_t field, enum qw_step tunnel)
{
	return field == 0 && (view->version == 4 || tunnel != QW_STEP_DONE);
}

static enum qw_step udp(struct qw_walk *walk, struct qw_packet *view, bool sum_known)
{
	struct qw_bytes header;

	if (walk->in.left < UDP_LEN)
		return qw_walk_fail_event(walk, QW_DROP_TRANSPORT_SHORT, QW_PE_UDP_PKT_TOO_SMALL);
	if (!udp_limit(walk, view, qw_be16(walk->in.at + 4)))
		return qw_walk_fail(walk, QW_DROP_TRANSPORT_BAD);
	struct segment segment = {.bytes = walk->in, .proto = QW_PROTO_UDP, .known = sum_known};
	if (!qw_bytes_take(&walk->in, UDP_LEN, &header))
		return qw_walk_fail(walk, QW_DROP_TRANSPORT_SHORT);

	view->sport = qw_be16(header.at);
	view->dport = qw_be16(header.at + 2);
	enum qw_step tunnel = qw_walk_udp_tunnel(view->sport, view->dport);
	segment.field = field_at(header.at + 6);
	if (!udp_unsummed(view, segment.field, tunnel) && !sum_passes(walk, view, &segment))
		return qw_walk_fail(walk, QW_DROP_TRANSPORT_CHECKSUM);
	fill(walk, view, header.at, UDP_LEN);
	return tunnel;
}

static enum qw_step icmp(struct qw_walk *walk, struct qw_packet *view, uint8_t pseudo, bool sum_known)
{
	struct segment segment = {.bytes = walk->in, .proto = pseudo, .known = sum_known};
	struct qw_bytes header;

	if (!qw_bytes_take(&walk->in, ICMP_LEN, &header))
		return qw_walk_fail_event(walk, QW_DROP_TRANSPORT_SHORT,
					  pseudo ? QW_PE_ICMPV6_PKT_TOO_SMALL : QW_PE_ICMPV4_PKT_TOO_SMALL);
	segment.field = field_at(header.at + 2);
	if (!sum_passes(walk, view, &segment))
		return qw_walk_fail(walk, QW_DROP_TRANSPORT_CHECKSUM);
	fill(walk, view, header.at, ICMP_LEN);
	view->icmp_type = header.at[0];
	view->icmp_code = header.at[1];
	qw_walk_icmp_events(walk, view);
	return QW_STEP_DONE;
}

static enum qw_step sctp(struct qw_walk *walk, struct qw_packet *view)
{
	struct qw_bytes header;

	if (!qw_bytes_take(&walk->in, SCTP_LEN, &header))
		return qw_walk_fail_event(walk, QW_DROP_TRANSPORT_SHORT, QW_PE_SCTP_PKT_TOO_SMALL);
	fill(walk, view, header.at, SCTP_LEN);
	view->sport = qw_be16(header.at);
	view->dport = qw_be16(header.at + 2);
	qw_walk_sctp_events(walk, view);
	return QW_STEP_DONE;
}

/* IP in IPv6: what does not begin as the next header says stays payload. */
static enum qw_step ip_in_ip(struct qw_walk *walk, const struct qw_packet *view, uint8_t version, size_t least)
{
	bool four = version == 4;

	if (view->version == 4)
		return four ? QW_STEP_IPV4 : QW_STEP_IPV6;
	if (walk->in.left < least)
		qw_walk_event(walk, four ? QW_PE_IPV6_IPV4_IN_IPV6_TOO_SMALL : QW_PE_IPV6_IPV6_IN_IPV6_TOO_SMALL);
	else if (walk->in.at[0] >> 4 != version)
		qw_walk_event(walk, four ? QW_PE_IPV6_IPV4_IN_IPV6_WRONG_VERSION : QW_PE_IPV6_IPV6_IN_IPV6_WRONG_VERSION);
	else
		return four ? QW_STEP_IPV4 : QW_STEP_IPV6;
	qw_walk_anomaly(walk, QW_ANOMALY_INNER_BAD);
	return QW_STEP_DONE;
}

/* Protocols that are not decoded, but have a least length. */
static enum qw_step opaque(struct qw_walk *walk, size_t least, enum qw_packet_event event)
{
	if (walk->in.left < least)
		qw_walk_event(walk, event);
	return QW_STEP_DONE;
}

/* RFC 4302 in IPv4, where no chain of extensions takes it off: what it authenticates lies open behind it. */
static enum qw_step authentication(struct qw_walk *walk, struct qw_packet *view, bool sum_known)
{
	struct qw_bytes header;

	if (walk->in.left < 8 || !qw_bytes_take(&walk->in, (walk->in.at[1] + 2u) * 4, &header))
		return qw_walk_fail(walk, QW_DROP_NET_SHORT);
	view->proto = header.at[0];
	view->payload = walk->in.at;
	view->payload_len = (uint32_t)walk->in.left;
	if (view->proto == PROTO_AUTHENTICATION) /* one in another is nothing that a stack sends */
		return QW_STEP_DONE;
	return qw_walk_transport(walk, view, sum_known);
}

enum qw_step qw_walk_transport(struct qw_walk *walk, struct qw_packet *view, bool sum_known)
{
	switch (view->proto) {
	case QW_PROTO_TCP: return tcp(walk, view, sum_known);
	case QW_PROTO_UDP: return udp(walk, view, sum_known);
	case QW_PROTO_ICMP: return view->version == 4 ? icmp(walk, view, 0, true) : QW_STEP_DONE;
	case QW_PROTO_ICMPV6: return view->version == 6 ? icmp(walk, view, QW_PROTO_ICMPV6, sum_known) : QW_STEP_DONE;
	case QW_PROTO_SCTP: return sctp(walk, view);
	case QW_PROTO_IPIP: return ip_in_ip(walk, view, 4, IPV4_LEAST);
	case QW_PROTO_IPV6: return ip_in_ip(walk, view, 6, IPV6_LEAST);
	case PROTO_IGMP: return opaque(walk, IGMP_LEAST, QW_PE_IGMP_PKT_TOO_SMALL);
	case PROTO_ESP: return opaque(walk, ESP_LEAST, QW_PE_ESP_PKT_TOO_SMALL);
	case QW_PROTO_GRE: return QW_STEP_GRE;
	case PROTO_AUTHENTICATION: return authentication(walk, view, sum_known);
	case PROTO_ETHERIP: return QW_STEP_ETHERIP;
	case PROTO_MPLS: return QW_STEP_MPLS;
	case PROTO_ETHERNET: return QW_STEP_ETHERNET;
	default: return QW_STEP_DONE;
	}
}

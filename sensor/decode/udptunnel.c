/* SPDX-License-Identifier: Apache-2.0 */
/*
 * udptunnel - tunnels that a UDP port announces: VXLAN, Geneve, GTP-U, Teredo.
 *
 * A port is only a hint.  What does not look like the tunnel in every bit that
 * its standard fixes is ordinary UDP: no view, and no anomaly either.
 */
#include "sensor/decode/checksum.h"
#include "sensor/decode/walk.h"

enum {
	PORT_VXLAN = 4789,
	PORT_VXLAN_LINUX = 8472,
	PORT_VXLAN_GPE = 4790,
	PORT_GENEVE = 6081,
	PORT_GTPU = 2152,
	PORT_TEREDO = 3544
};

enum qw_step qw_walk_udp_tunnel(uint16_t sport, uint16_t dport)
{
	switch (dport) {
	case PORT_VXLAN:
	case PORT_VXLAN_LINUX: return QW_STEP_VXLAN;
	case PORT_VXLAN_GPE: return QW_STEP_VXLAN_GPE;
	case PORT_GENEVE: return QW_STEP_GENEVE;
	case PORT_GTPU: return QW_STEP_GTPU;
	case PORT_TEREDO: return QW_STEP_TEREDO;
	/* What a Teredo server or relay sends back goes to a port of the client's choice. */
	default: return sport == PORT_TEREDO ? QW_STEP_TEREDO : QW_STEP_DONE;
	}
}

/* An IPv4 header whose checksum is right, or an IPv6 header whose length fits: no chance hit. */
static bool carries_ip(const struct qw_walk *walk)
{
	struct qw_bytes in = walk->in, header;

	if (!qw_bytes_take(&in, 14, &header) || in.left < 20)
		return false;
	switch (qw_be16(header.at + 12)) {
	case QW_ETHER_IPV4: return in.at[0] == 0x45 && qw_sum_fold(qw_sum_words(0, in.at, 5)) == 0xffff;
	case QW_ETHER_IPV6: return in.at[0] >> 4 == 6 && (walk->cut || qw_be16(in.at + 4) + 40u == in.left);
	default: return false;
	}
}

static bool carries_known(const struct qw_walk *walk)
{
	switch (qw_be16(walk->in.at + 12)) {
	case QW_ETHER_IPV4:
	case QW_ETHER_IPV6:
	case QW_ETHER_ARP:
	case QW_ETHER_VLAN:
	case 0x88a8:
	case 0x88e7: return true;
	default: return false;
	}
}

/*
 * RFC 7348, with the bits of the group policy extension.  Senders set what else
 * is reserved to zero and receivers ignore it, so that where it is not zero,
 * what is carried has to prove itself.
 */
enum qw_step qw_walk_vxlan(struct qw_walk *walk)
{
	struct qw_bytes header;

	if (!qw_bytes_take(&walk->in, 8, &header) || !(header.at[0] & 0x08))
		return QW_STEP_DONE;
	bool policy = header.at[0] & 0x80;
	bool zero = (header.at[0] & 0x77) == 0 && header.at[7] == 0 &&
		    (policy ? (header.at[1] & 0xb7) == 0 : qw_be24(header.at + 1) == 0);
	if (!zero && !carries_ip(walk))
		return QW_STEP_DONE;
	if (walk->in.left >= 14 && !carries_known(walk))
		qw_walk_carrier_event(walk, QW_PE_VXLAN_UNKNOWN_PAYLOAD_TYPE);
	return QW_STEP_ETHERNET;
}

/* draft-ietf-nvo3-vxlan-gpe-13: version 0, I set, P set where the next protocol is named. */
enum qw_step qw_walk_vxlan_gpe(struct qw_walk *walk)
{
	static const uint8_t next[] = {
	    [1] = QW_STEP_IPV4, [2] = QW_STEP_IPV6, [3] = QW_STEP_ETHERNET, [4] = QW_STEP_NSH, [5] = QW_STEP_MPLS,
	};
	struct qw_bytes header;

	if (!qw_bytes_take(&walk->in, 8, &header))
		return QW_STEP_DONE;
	if ((header.at[0] & 0xf8) != 0x08 || header.at[1] != 0 || header.at[2] != 0 || header.at[7] != 0)
		return QW_STEP_DONE;
	if (!(header.at[0] & 0x04))
		return header.at[3] == 0 ? QW_STEP_ETHERNET : QW_STEP_DONE;
	if (header.at[3] >= sizeof(next) || !next[header.at[3]])
		return QW_STEP_DONE;
	return next[header.at[3]];
}

static bool geneve_options_whole(struct qw_bytes options)
{
	struct qw_bytes option;

	while (options.left)
		if (!qw_bytes_take(&options, 4, &option) || (option.at[3] & 0xe0) ||
		    !qw_bytes_skip(&options, (option.at[3] & 0x1fu) * 4))
			return false;
	return true;
}

/* RFC 8926. */
enum qw_step qw_walk_geneve(struct qw_walk *walk)
{
	struct qw_bytes header, options;

	if (!qw_bytes_take(&walk->in, 8, &header) || header.at[0] >> 6 != 0 || (header.at[1] & 0x3f) || header.at[7])
		return QW_STEP_DONE;
	if (!qw_bytes_take(&walk->in, (header.at[0] & 0x3fu) * 4, &options) || !geneve_options_whole(options))
		return QW_STEP_DONE;
	walk->ether_type = qw_be16(header.at + 2);
	switch (walk->ether_type) {
	case QW_ETHER_BRIDGE:
	case QW_ETHER_IPV4:
	case QW_ETHER_IPV6:
	case QW_ETHER_MPLS:
	case QW_ETHER_NSH: return QW_STEP_TYPE;
	default: qw_walk_carrier_event(walk, QW_PE_GENEVE_UNKNOWN_PAYLOAD_TYPE); return QW_STEP_DONE;
	}
}

/* Extension headers count themselves in words of four bytes, and end with the type of the next. */
static bool skip_gtp_extensions(struct qw_bytes *in, uint8_t next)
{
	while (next) {
		struct qw_bytes header;
		if (!in->left || in->at[0] == 0 || !qw_bytes_take(in, in->at[0] * 4u, &header))
			return false;
		next = header.at[header.left - 1];
	}
	return true;
}

/* 3GPP TS 29.281: version 1, message 255 carries a user's packet. */
enum qw_step qw_walk_gtpu(struct qw_walk *walk)
{
	enum { OPTIONAL = 0x07, EXTENSION = 0x04, PACKET = 255 };
	struct qw_bytes header;
	uint32_t optional = 0; /* sequence number, N-PDU number, type of the first extension */

	if (!qw_bytes_take(&walk->in, 8, &header))
		return QW_STEP_DONE;
	uint8_t flags = header.at[0];
	if ((flags & 0xf8) != 0x30 || header.at[1] != PACKET || !qw_walk_limit(walk, qw_be16(header.at + 2)))
		return QW_STEP_DONE;
	if ((flags & OPTIONAL) && !qw_bytes_be32(&walk->in, &optional))
		return QW_STEP_DONE;
	if ((flags & EXTENSION) && !skip_gtp_extensions(&walk->in, (uint8_t)optional))
		return QW_STEP_DONE;
	if (!walk->in.left || (walk->in.at[0] >> 4 != 4 && walk->in.at[0] >> 4 != 6))
		return QW_STEP_DONE; /* PPP and Ethernet sessions do not say that they are */
	return QW_STEP_IP;
}

/* RFC 4380, 5.1.1: perhaps an authentication (00 01) and an origin (00 00) before the IPv6 packet, nothing after it. */
enum qw_step qw_walk_teredo(struct qw_walk *walk)
{
	struct qw_bytes in = walk->in, header;

	if (in.left >= 4 && qw_be16(in.at) == 1 && !qw_bytes_skip(&in, 13u + in.at[2] + in.at[3]))
		return QW_STEP_DONE;
	if (in.left >= 2 && qw_be16(in.at) == 0 && !qw_bytes_skip(&in, 8))
		return QW_STEP_DONE;
	walk->in = in;
	if (!qw_bytes_take(&in, 40, &header) || header.at[0] >> 4 != 6)
		return QW_STEP_DONE;
	size_t len = qw_be16(header.at + 4);
	if (walk->cut ? len < in.left : len != in.left)
		return QW_STEP_DONE;
	return QW_STEP_IPV6;
}

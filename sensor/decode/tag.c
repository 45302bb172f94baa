/* SPDX-License-Identifier: Apache-2.0 */
/* tag - what stands between the link header and IP: VLAN tags, LLC, MPLS, PPPoE, PPP, NSH. */
#include "sensor/decode/walk.h"

enum { VLAN_USUAL = 3, LABELS_RESERVED = 15 };

void qw_walk_add_vlan(struct qw_walk *walk, uint16_t tag)
{
	if (walk->vlan_count == QW_VLAN_MAX)
		qw_walk_anomaly(walk, QW_ANOMALY_VLAN_DEPTH);
	else
		walk->vlan[walk->vlan_count++] = tag & 0x0fff;
}

enum qw_step qw_walk_vlan(struct qw_walk *walk)
{
	struct qw_bytes tag;

	if (!qw_bytes_take(&walk->in, 4, &tag))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_VLAN_HEADER_TOO_SMALL);
	if (walk->vlan_count >= VLAN_USUAL)
		qw_walk_event(walk, QW_PE_VLAN_TOO_MANY_LAYERS);
	qw_walk_add_vlan(walk, qw_be16(tag.at));
	walk->ether_type = qw_be16(tag.at + 2);
	return qw_walk_known(walk, QW_PE_VLAN_UNKNOWN_TYPE);
}

/* Cisco VN-Tag (802.1Qbh draft): four bytes of ports, then the type. */
enum qw_step qw_walk_vntag(struct qw_walk *walk)
{
	struct qw_bytes tag;

	if (!qw_bytes_take(&walk->in, 6, &tag))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_VNTAG_HEADER_TOO_SMALL);
	walk->ether_type = qw_be16(tag.at + 4);
	return qw_walk_known(walk, QW_PE_VNTAG_UNKNOWN_TYPE);
}

/*
 * A ring without a break (IEC 62439-3): path and size, a sequence number, then
 * the type.  Its sister PRP has a trailer, which is padding to whatever has a length.
 */
enum qw_step qw_walk_hsr(struct qw_walk *walk)
{
	struct qw_bytes tag;

	if (!qw_bytes_take(&walk->in, 6, &tag))
		return qw_walk_fail(walk, QW_DROP_LINK_SHORT);
	walk->ether_type = qw_be16(tag.at + 4);
	return QW_STEP_TYPE;
}

/* 802.1ah: a service identifier, then the customer's whole Ethernet frame. */
enum qw_step qw_walk_backbone(struct qw_walk *walk)
{
	if (!qw_bytes_skip(&walk->in, 4))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_IEEE8021AH_HEADER_TOO_SMALL);
	return QW_STEP_ETHERNET;
}

/* Cisco FabricPath: a tree and a hop count of two bytes, then the whole Ethernet frame that crosses the fabric. */
enum qw_step qw_walk_fabric(struct qw_walk *walk)
{
	if (!qw_bytes_skip(&walk->in, 2))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_DCE_PKT_TOO_SMALL);
	return QW_STEP_ETHERNET;
}

/* 802.2: SNAP (RFC 1042) names an Ethernet type, SAP 6 is IP itself.  A length field counts what follows. */
enum qw_step qw_walk_llc(struct qw_walk *walk)
{
	if (walk->mac && !qw_walk_limit(walk, walk->ether_type))
		qw_walk_anomaly(walk, QW_ANOMALY_ETHER_LENGTH);
	walk->ether_type = QW_ETHER_LLC;

	struct qw_bytes in = walk->in;
	uint32_t service, organisation;
	uint16_t type;
	if (!qw_bytes_be24(&in, &service))
		return QW_STEP_OTHER;
	if (service == 0x060603) {
		walk->in = in;
		return QW_STEP_IPV4;
	}
	if (service != 0xaaaa03 || !qw_bytes_be24(&in, &organisation) || !qw_bytes_be16(&in, &type))
		return QW_STEP_OTHER;
	/* 00-00-F8 is what bridges write for types they must not translate (802.1H). */
	if ((organisation != 0 && organisation != 0x0000f8) || type <= 1500)
		return QW_STEP_OTHER;
	walk->in = in;
	walk->ether_type = type;
	return QW_STEP_TYPE;
}

/* Could these bytes be an IPv4 packet, rather than an Ethernet header that begins with 4? */
static bool looks_ipv4(const struct qw_walk *walk)
{
	const uint8_t *at = walk->in.at;

	return walk->in.left >= 20 && (at[0] & 15) >= 5 && qw_be16(at + 2) >= 20 &&
	       (walk->cut || qw_be16(at + 2) <= walk->in.left);
}

static bool looks_ethernet(const struct qw_walk *walk)
{
	if (walk->in.left < 14)
		return false;
	switch (qw_be16(walk->in.at + 12)) {
	case QW_ETHER_IPV4:
	case QW_ETHER_IPV6:
	case QW_ETHER_ARP:
	case QW_ETHER_VLAN:
	case 0x88a8: return true;
	default: return false;
	}
}

/* MPLS does not say what it carries: well-known labels, then the first four bits (RFC 4928), then a likely type. */
static enum qw_step step_of_label(struct qw_walk *walk, uint32_t label)
{
	if (label == 0)
		return QW_STEP_IPV4;
	if (label == 2)
		return QW_STEP_IPV6;
	if (!walk->in.left)
		return qw_walk_fail(walk, QW_DROP_NET_SHORT);

	uint8_t first = walk->in.at[0] >> 4;
	if (first == 4 && looks_ipv4(walk))
		return QW_STEP_IPV4;
	if (looks_ethernet(walk))
		return QW_STEP_ETHERNET;
	if (first == 4 || first == 6)
		return QW_STEP_IP;
	if (first == 0 && qw_bytes_skip(&walk->in, 4)) /* a pseudowire's control word (RFC 4448) */
		return QW_STEP_ETHERNET;
	qw_walk_event(walk, QW_PE_MPLS_UNKNOWN_PAYLOAD_TYPE);
	return QW_STEP_OTHER;
}

/* Labels that have no business at the bottom (RFC 3032, 2.1), and a payload too short to be anything. */
static void note_label(struct qw_walk *walk, uint32_t label)
{
	if (label == 1)
		qw_walk_event(walk, QW_PE_MPLS_BAD_LABEL_ROUTER_ALERT);
	else if (label == 3)
		qw_walk_event(walk, QW_PE_MPLS_BAD_LABEL_IMPLICIT_NULL);
	else if (label > 3 && label < LABELS_RESERVED)
		qw_walk_event(walk, QW_PE_MPLS_BAD_LABEL_RESERVED);
	else if (label > 3 && walk->in.left < 4)
		qw_walk_event(walk, QW_PE_MPLS_PKT_TOO_SMALL);
}

enum qw_step qw_walk_mpls(struct qw_walk *walk)
{
	uint32_t entry;

	walk->ether_type = QW_ETHER_MPLS;
	do {
		if (!qw_bytes_be32(&walk->in, &entry))
			return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_MPLS_HEADER_TOO_SMALL);
	} while (!(entry & 0x100)); /* bottom of the stack */
	note_label(walk, entry >> 12);
	return step_of_label(walk, entry >> 12);
}

/* RFC 2516: version and type 1, code 0 for a session's data. */
enum qw_step qw_walk_pppoe(struct qw_walk *walk)
{
	struct qw_bytes header;

	if (!qw_bytes_take(&walk->in, 6, &header))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_PPPOE_PKT_TOO_SMALL);
	walk->ether_type = QW_ETHER_PPPOE;
	if (header.at[1] != 0)
		qw_walk_event(walk, QW_PE_PPPOE_WRONG_CODE);
	if (header.at[0] != 0x11 || header.at[1] != 0)
		return QW_STEP_OTHER;
	if (!qw_walk_limit(walk, qw_be16(header.at + 4)))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_PPPOE_PKT_TOO_SMALL);
	return QW_STEP_PPP;
}

/* Protocols that exist (IANA, PPP), and are not looked into. */
static bool ppp_exists(uint16_t proto)
{
	static const uint16_t known[] = {0x0029, 0x002b, 0x002d, 0x002f, 0x0031, 0x0033, 0x0035, 0x003d, 0x003f, 0x004f,
					 0x00fd, 0x8021, 0x8029, 0x802b, 0x802d, 0x802f, 0x8031, 0x8033, 0x8035, 0x803f,
					 0x8057, 0x80fd, 0xc021, 0xc023, 0xc025, 0xc027, 0xc081, 0xc223, 0xc227};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == proto)
			return true;
	return false;
}

static void note_ppp(struct qw_walk *walk, uint16_t proto)
{
	switch (proto) {
	case 0x0021:
		if (walk->in.left < 20)
			qw_walk_event(walk, QW_PE_PPP_IP4_PKT_TOO_SMALL);
		break;
	case 0x0057:
		if (walk->in.left < 40)
			qw_walk_event(walk, QW_PE_PPP_IP6_PKT_TOO_SMALL);
		break;
	case 0x0281:
	case 0x0283: break;
	default: qw_walk_event(walk, ppp_exists(proto) ? QW_PE_PPP_UNSUP_PROTO : QW_PE_PPP_WRONG_TYPE); break;
	}
}

/* RFC 1661, 1662: address and control may be there; a protocol number with an odd first byte is one byte long. */
enum qw_step qw_walk_ppp(struct qw_walk *walk)
{
	uint8_t first, second;

	if (walk->in.left && walk->in.at[0] == 0xff && !qw_bytes_skip(&walk->in, 2))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_PPP_PKT_TOO_SMALL);
	if (!qw_bytes_u8(&walk->in, &first))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_PPP_PKT_TOO_SMALL);
	uint16_t proto = first;
	if (!(first & 1)) {
		if (!qw_bytes_u8(&walk->in, &second))
			return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_PPP_PKT_TOO_SMALL);
		proto = (uint16_t)(first << 8 | second);
	}
	note_ppp(walk, proto);
	switch (proto) {
	case 0x0021: return QW_STEP_IPV4;
	case 0x0057: return QW_STEP_IPV6;
	case 0x0281:
	case 0x0283: return QW_STEP_MPLS;
	default: walk->ether_type = QW_ETHER_PPP; return QW_STEP_OTHER;
	}
}

/* RFC 8300.  The base header tells the length, in words, of all of it. */
enum qw_step qw_walk_nsh(struct qw_walk *walk)
{
	static const uint8_t next[] = {
	    [1] = QW_STEP_IPV4, [2] = QW_STEP_IPV6, [3] = QW_STEP_ETHERNET, [4] = QW_STEP_NSH, [5] = QW_STEP_MPLS,
	};
	struct qw_bytes header;

	if (!qw_bytes_take(&walk->in, 8, &header))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_NSH_HEADER_TOO_SMALL);
	uint32_t words = header.at[1] & 0x3f;
	if (header.at[0] >> 6 != 0) {
		qw_walk_event(walk, QW_PE_NSH_UNSUPPORTED_VERSION);
		return qw_walk_tunnel_bad(walk);
	}
	if (words < 2) {
		qw_walk_event(walk, QW_PE_NSH_BAD_HEADER_LENGTH);
		return qw_walk_tunnel_bad(walk);
	}
	if (!qw_bytes_skip(&walk->in, (size_t)words * 4 - 8))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_NSH_HEADER_TOO_SMALL);
	if (header.at[3] >= sizeof(next) || !next[header.at[3]]) {
		qw_walk_event(walk, header.at[3] == 0 ? QW_PE_NSH_RESERVED_TYPE : QW_PE_NSH_UNSUPPORTED_TYPE);
		return QW_STEP_OTHER;
	}
	return next[header.at[3]];
}

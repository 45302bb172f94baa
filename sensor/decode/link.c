/* SPDX-License-Identifier: Apache-2.0 */
/* link - what a frame begins with, and how the Ethernet type goes on. */
#include "sensor/decode/walk.h"

enum { ETHERNET_LEN = 14, LENGTH_MAX = 1500 };

/* Ethernet types that lead somewhere (IEEE 802 numbers, IANA); the rest is QW_STEP_OTHER. */
static enum qw_step step_of_type(uint16_t type)
{
	switch (type) {
	case QW_ETHER_IPV4: return QW_STEP_IPV4;
	case QW_ETHER_IPV6: return QW_STEP_IPV6;
	case QW_ETHER_VLAN: /* 802.1Q */
	case 0x88a8:        /* 802.1ad */
	case 0x9100:        /* QinQ before 802.1ad, as some switches still write it */
	case 0x9200:
	case 0x9300: return QW_STEP_VLAN;
	case 0x8926: return QW_STEP_VNTAG;
	case 0x892f: return QW_STEP_HSR;
	case 0x8903: return QW_STEP_FABRIC;
	case 0x88e7: return QW_STEP_BACKBONE;
	case QW_ETHER_MPLS:
	case 0x8848: return QW_STEP_MPLS;
	case QW_ETHER_PPPOE: return QW_STEP_PPPOE;
	case QW_ETHER_PPP: return QW_STEP_PPP;
	case QW_ETHER_NSH: return QW_STEP_NSH;
	case QW_ETHER_BRIDGE: return QW_STEP_ETHERNET;
	default: return type <= LENGTH_MAX ? QW_STEP_LLC : QW_STEP_OTHER;
	}
}

enum qw_step qw_walk_type(struct qw_walk *walk)
{
	return step_of_type(walk->ether_type);
}

enum qw_step qw_walk_known(struct qw_walk *walk, enum qw_packet_event unknown)
{
	enum qw_step step = step_of_type(walk->ether_type);

	if (step == QW_STEP_OTHER && walk->ether_type != QW_ETHER_ARP)
		qw_walk_event(walk, unknown);
	return step;
}

enum qw_step qw_walk_ethernet(struct qw_walk *walk)
{
	struct qw_bytes header;

	if (!qw_bytes_take(&walk->in, ETHERNET_LEN, &header))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_ETHERNET_PKT_TOO_SMALL);
	walk->mac = header.at;
	walk->vlan_count = 0;
	memset(walk->vlan, 0, sizeof(walk->vlan));
	walk->ether_type = qw_be16(header.at + 12);
	return qw_walk_known(walk, QW_PE_ETHERNET_UNKNOWN_ETHERTYPE);
}

/* Address families as BSD, macOS, Windows and Linux number IPv6. */
static enum qw_step step_of_family(struct qw_walk *walk, uint32_t family)
{
	switch (family) {
	case 2: return QW_STEP_IPV4;
	case 10:
	case 23:
	case 24:
	case 28:
	case 30: return QW_STEP_IPV6;
	default: qw_walk_event(walk, QW_PE_LTNULL_UNSUPPORTED_TYPE); return QW_STEP_OTHER;
	}
}

enum qw_step qw_walk_null(struct qw_walk *walk)
{
	uint32_t family;

	if (!qw_bytes_le32(&walk->in, &family))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_LTNULL_PKT_TOO_SMALL);
	/* The order of the machine that captured; families are small numbers. */
	return step_of_family(walk, family > 0xffff ? __builtin_bswap32(family) : family);
}

enum qw_step qw_walk_loop(struct qw_walk *walk)
{
	uint32_t family;

	if (!qw_bytes_be32(&walk->in, &family))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_LTNULL_PKT_TOO_SMALL);
	return step_of_family(walk, family);
}

/* Linux cooked captures: the type is Ethernet's, or below 0x600 Linux's own number (4: 802.2 follows). */
static enum qw_step step_of_cooked(struct qw_walk *walk, uint16_t type)
{
	walk->ether_type = type;
	if (type > LENGTH_MAX)
		return step_of_type(type);
	return type == QW_ETHER_LLC ? QW_STEP_LLC : QW_STEP_OTHER;
}

enum qw_step qw_walk_sll(struct qw_walk *walk)
{
	struct qw_bytes header;

	if (!qw_bytes_take(&walk->in, 16, &header))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_SLL_PKT_TOO_SMALL);
	return step_of_cooked(walk, qw_be16(header.at + 14));
}

enum qw_step qw_walk_sll2(struct qw_walk *walk)
{
	struct qw_bytes header;

	if (!qw_bytes_take(&walk->in, 20, &header))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_SLL2_PKT_TOO_SMALL);
	return step_of_cooked(walk, qw_be16(header.at));
}

/* Cisco HDLC names an Ethernet type (RFC 1547, 4.3.1); PPP in HDLC-like framing (RFC 1662) begins with ff 03. */
enum qw_step qw_walk_hdlc(struct qw_walk *walk)
{
	struct qw_bytes header;

	if (walk->in.left >= 2 && walk->in.at[0] != 0x0f && walk->in.at[0] != 0x8f)
		return QW_STEP_PPP;
	if (!qw_bytes_take(&walk->in, 4, &header))
		return qw_walk_fail_event(walk, QW_DROP_LINK_SHORT, QW_PE_CHDLC_PKT_TOO_SMALL);
	walk->ether_type = qw_be16(header.at + 2);
	return step_of_type(walk->ether_type);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk - the way from a frame's first byte inwards; only for the decoders of this folder.
 *
 * Each decoder reads its header from the front of `in`, notes what it learnt
 * and says what the bytes left begin with.  The loop in decode.c goes on until
 * nothing is left, so that nesting costs no stack.  Every step but a change of
 * mind (QW_STEP_TYPE to what the type means) consumes bytes, so that it ends.
 *
 *	frame:  [ link | tags … | IPv4 | UDP | VXLAN | Ethernet | IPv6 | TCP | data ]
 *	views:                    '--- view 0 ---'             '-- view 1 -'
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "sensor/decode/decode.h"

/* What the bytes left begin with. */
enum qw_step {
	QW_STEP_FAILED, /* the reason is noted */
	QW_STEP_DONE,
	QW_STEP_TYPE,  /* what walk->ether_type names */
	QW_STEP_OTHER, /* something that has no decoder: a view without IP */
	QW_STEP_ETHERNET,
	QW_STEP_NULL,
	QW_STEP_LOOP,
	QW_STEP_SLL,
	QW_STEP_SLL2,
	QW_STEP_HDLC,
	QW_STEP_VLAN,
	QW_STEP_VNTAG,
	QW_STEP_HSR,
	QW_STEP_BACKBONE, /* 802.1ah service tag */
	QW_STEP_FABRIC,   /* Cisco FabricPath */
	QW_STEP_LLC,
	QW_STEP_MPLS,
	QW_STEP_PPPOE,
	QW_STEP_PPP,
	QW_STEP_NSH,
	QW_STEP_IP, /* either version, the first four bits tell */
	QW_STEP_IPV4,
	QW_STEP_IPV6,
	QW_STEP_GRE,
	QW_STEP_ERSPAN_2,
	QW_STEP_ERSPAN_3,
	QW_STEP_WCCP,
	QW_STEP_ETHERIP,
	QW_STEP_VXLAN,
	QW_STEP_VXLAN_GPE,
	QW_STEP_GENEVE,
	QW_STEP_GTPU,
	QW_STEP_TEREDO,
	QW_STEP_COUNT
};

/* Ethernet types that more than one decoder names. */
enum {
	QW_ETHER_LLC = 0x0004, /* stands for an 802.3 frame without a type */
	QW_ETHER_IPV4 = 0x0800,
	QW_ETHER_ARP = 0x0806,
	QW_ETHER_BRIDGE = 0x6558,
	QW_ETHER_VLAN = 0x8100,
	QW_ETHER_IPV6 = 0x86dd,
	QW_ETHER_MPLS = 0x8847,
	QW_ETHER_PPPOE = 0x8864,
	QW_ETHER_PPP = 0x880b,
	QW_ETHER_NSH = 0x894f,
};

struct qw_walk {
	struct qw_bytes in;
	struct qw_decoded *out;
	const struct qw_decode_options *options;
	const uint8_t *mac; /* of the innermost Ethernet header since the last view */
	struct qw_time time;
	uint32_t wire_len;
	uint32_t flags; /* every view gets these */
	uint16_t interface;
	uint16_t ether_type;
	uint16_t vlan[QW_VLAN_MAX];
	uint8_t vlan_count;
	uint8_t layer; /* of the next view */
	bool cut;      /* the capture lacks bytes that followed `in` */
	bool made;     /* `in` is what fragments made: its header's checksum is old */
};

/* Notes why `in` cannot be read: a drop of the frame, or an anomaly of what is inside a tunnel. */
enum qw_step qw_walk_fail(struct qw_walk *walk, enum qw_drop drop);

static inline void qw_walk_anomaly(struct qw_walk *walk, enum qw_anomaly anomaly)
{
	walk->out->anomalies |= UINT32_C(1) << anomaly;
}

/* The step of walk->ether_type; a type that has none is this event. */
enum qw_step qw_walk_known(struct qw_walk *walk, enum qw_packet_event unknown);

/* An event of the packet that is being read. */
void qw_walk_event(struct qw_walk *walk, enum qw_packet_event event);

/* An event of what carries it: of the view kept last, if there is one. */
void qw_walk_carrier_event(struct qw_walk *walk, enum qw_packet_event event);

/* qw_walk_fail and qw_walk_tunnel_bad with an event. */
enum qw_step qw_walk_fail_event(struct qw_walk *walk, enum qw_drop drop, enum qw_packet_event event);
enum qw_step qw_walk_tunnel_event(struct qw_walk *walk, enum qw_packet_event event);

/* A header between two packets that does not parse: what carried it stands, or a view without IP does. */
enum qw_step qw_walk_tunnel_bad(struct qw_walk *walk);

/* The next view, with what the link said filled in, the rest zero; NULL: nested too deep, noted.  Not kept yet. */
struct qw_packet *qw_walk_view(struct qw_walk *walk);

/* Keeps the view: what follows lies inside it and brings a link of its own or none. */
void qw_walk_keep(struct qw_walk *walk);

/*
 * Takes the transport header of `proto` off `in` into the view.  What is
 * neither transport nor tunnel stays payload.  Returns what the payload
 * begins with, QW_STEP_DONE mostly.  sum_known: addresses are those that the
 * sender summed.
 */
enum qw_step qw_walk_transport(struct qw_walk *walk, struct qw_packet *view, bool sum_known);

enum qw_step qw_walk_type(struct qw_walk *walk);
enum qw_step qw_walk_other(struct qw_walk *walk);
enum qw_step qw_walk_ethernet(struct qw_walk *walk);
enum qw_step qw_walk_null(struct qw_walk *walk);
enum qw_step qw_walk_loop(struct qw_walk *walk);
enum qw_step qw_walk_sll(struct qw_walk *walk);
enum qw_step qw_walk_sll2(struct qw_walk *walk);
enum qw_step qw_walk_hdlc(struct qw_walk *walk);
enum qw_step qw_walk_vlan(struct qw_walk *walk);
enum qw_step qw_walk_vntag(struct qw_walk *walk);
enum qw_step qw_walk_hsr(struct qw_walk *walk);
enum qw_step qw_walk_backbone(struct qw_walk *walk);
enum qw_step qw_walk_fabric(struct qw_walk *walk);
enum qw_step qw_walk_llc(struct qw_walk *walk);
enum qw_step qw_walk_mpls(struct qw_walk *walk);
enum qw_step qw_walk_pppoe(struct qw_walk *walk);
enum qw_step qw_walk_ppp(struct qw_walk *walk);
enum qw_step qw_walk_nsh(struct qw_walk *walk);
enum qw_step qw_walk_ip(struct qw_walk *walk);
enum qw_step qw_walk_ipv4(struct qw_walk *walk);
enum qw_step qw_walk_ipv6(struct qw_walk *walk);
enum qw_step qw_walk_gre(struct qw_walk *walk);
enum qw_step qw_walk_erspan_2(struct qw_walk *walk);
enum qw_step qw_walk_erspan_3(struct qw_walk *walk);
enum qw_step qw_walk_wccp(struct qw_walk *walk);
enum qw_step qw_walk_etherip(struct qw_walk *walk);
enum qw_step qw_walk_vxlan(struct qw_walk *walk);
enum qw_step qw_walk_vxlan_gpe(struct qw_walk *walk);
enum qw_step qw_walk_geneve(struct qw_walk *walk);
enum qw_step qw_walk_gtpu(struct qw_walk *walk);
enum qw_step qw_walk_teredo(struct qw_walk *walk);

/* The tunnel that a UDP port stands for, QW_STEP_DONE: none. */
enum qw_step qw_walk_udp_tunnel(uint16_t sport, uint16_t dport);

/* One more tag of this layer's link. */
void qw_walk_add_vlan(struct qw_walk *walk, uint16_t tag);

/* Events of an ICMP message's type, code and what it quotes; of an ARP packet; of SCTP's chunks. */
void qw_walk_icmp_events(struct qw_walk *walk, const struct qw_packet *view);
void qw_walk_arp_events(struct qw_walk *walk);
void qw_walk_sctp_events(struct qw_walk *walk, const struct qw_packet *view);

/* Puts aside what lies beyond len bytes, which a header announced.  False: there are fewer, and none were cut off. */
static inline bool qw_walk_limit(struct qw_walk *walk, size_t len)
{
	if (len > walk->in.left)
		return walk->cut;
	walk->in.left = len;
	walk->cut = false;
	return true;
}

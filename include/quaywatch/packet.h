/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packet - a view of one packet: where its layers stand in a frame.
 *
 * A frame gives one view, or several when it carries tunnels: the outermost
 * first, each with its own addresses.  Views borrow the frame's bytes.  Fields
 * are in host order except addresses and what is pointed to.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/time.h"

enum { QW_VLAN_MAX = 4, QW_LAYERS_MAX = 8 };

enum qw_packet_flag {
	QW_PACKET_IP = 1 << 0,          /* net, src, dst and proto are there */
	QW_PACKET_TRANSPORT = 1 << 1,   /* a complete TCP, UDP, SCTP or ICMP header is there */
	QW_PACKET_FRAGMENT = 1 << 2,    /* part of a fragmented packet; no transport */
	QW_PACKET_REASSEMBLED = 1 << 3, /* made from fragments */
	QW_PACKET_TUNNELED = 1 << 4,    /* inside another packet of the same frame */
	QW_PACKET_CUT = 1 << 5,         /* the capture holds less than the header announces */
	QW_PACKET_BAD_NET_SUM = 1 << 6, /* IPv4 header checksum is wrong */
	QW_PACKET_BAD_SUM = 1 << 7,     /* transport checksum is wrong */
	QW_PACKET_ETHERNET = 1 << 8,    /* mac is there */
};

enum qw_tcp_flag {
	QW_TCP_FIN = 0x01,
	QW_TCP_SYN = 0x02,
	QW_TCP_RST = 0x04,
	QW_TCP_PSH = 0x08,
	QW_TCP_ACK = 0x10,
	QW_TCP_URG = 0x20,
	QW_TCP_ECE = 0x40,
	QW_TCP_CWR = 0x80,
};

enum {
	QW_PROTO_ICMP = 1,
	QW_PROTO_IPIP = 4,
	QW_PROTO_TCP = 6,
	QW_PROTO_UDP = 17,
	QW_PROTO_IPV6 = 41,
	QW_PROTO_GRE = 47,
	QW_PROTO_ICMPV6 = 58,
	QW_PROTO_SCTP = 132,
};

struct qw_packet {
	const uint8_t *mac;       /* Ethernet header of this layer: destination, source; or NULL */
	const uint8_t *net;       /* IP header, or NULL */
	const uint8_t *transport; /* or NULL */
	const uint8_t *payload;   /* after the transport header; after the network's where there is none */
	uint32_t net_len;         /* bytes of the IP packet that are there, padding left out */
	uint32_t net_header_len;  /* IPv4 with options; IPv6 with extension headers */
	uint32_t transport_len;   /* bytes of the transport header */
	uint32_t payload_len;
	uint32_t wire_len;        /* of the frame */
	uint32_t flags;           /* enum qw_packet_flag */
	struct qw_time time;
	struct qw_address src, dst;
	uint16_t sport, dport;    /* TCP, UDP, SCTP; else 0 */
	uint16_t ether_type;      /* of this layer; 0: raw IP */
	uint8_t version;          /* 4, 6; 0: not IP */
	uint8_t proto;            /* after IPv6 extension headers */
	uint8_t ttl;              /* or hop limit */
	uint8_t tcp_flags;
	uint8_t icmp_type, icmp_code;
	uint32_t tcp_seq, tcp_ack;
	uint16_t tcp_window;
	uint16_t interface;
	uint16_t vlan[QW_VLAN_MAX]; /* identifiers, the outermost first */
	uint8_t vlan_count;         /* at most QW_VLAN_MAX are kept */
	uint8_t layer;              /* 0: outermost */
	/* of a fragment */
	uint32_t fragment_id;
	uint16_t fragment_offset; /* bytes */
	bool fragment_more;
	uint8_t fragment_proto;   /* what the reassembled packet carries */
};

_Static_assert(sizeof(struct qw_packet) <= 192, "a packet view is three cache lines");

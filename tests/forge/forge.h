/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forge - traffic written from a description, for tests.
 *
 *	struct forge_packet p;
 *	forge_begin(&p);
 *	forge_ethernet(&p);
 *	forge_vlan(&p, 100);
 *	forge_ipv4(&p, "10.0.0.1", "10.0.0.2");
 *	forge_udp(&p, 1000, 4789);
 *	forge_vxlan(&p, 42);
 *	forge_ethernet(&p);
 *	forge_ipv6(&p, "2001:db8::1", "2001:db8::2");
 *	forge_tcp(&p, 1234, 80, 1, 1, FORGE_PSH | FORGE_ACK);
 *	forge_text(&p, "GET / HTTP/1.0\r\n\r\n");
 *	forge_end(&p);
 *
 *	struct forge_capture c;
 *	forge_capture_init(&c, (struct forge_format){.link = 1});
 *	forge_capture_add(&c, &p);
 *	forge_capture_save(&c, "/…/vxlan.pcap");
 *	forge_capture_fini(&c);
 *
 * Layers are added from the outside in; forge_end() fills in what depends on
 * what follows: types, lengths, checksums.  What is to be wrong is changed in
 * p.data before that (and is summed) or after it (and is not), or spoiled.  A
 * mistake of the caller aborts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FORGE_PACKET_MAX = 70000, FORGE_LAYERS_MAX = 64 };

enum { FORGE_FIN = 1, FORGE_SYN = 2, FORGE_RST = 4, FORGE_PSH = 8, FORGE_ACK = 16, FORGE_URG = 32 };

enum forge_kind {
	FORGE_ETHERNET,
	FORGE_VLAN,
	FORGE_SERVICE_VLAN, /* 802.1ad */
	FORGE_MPLS,
	FORGE_PPPOE,
	FORGE_PPP,
	FORGE_NSH,
	FORGE_SLL,
	FORGE_SLL2,
	FORGE_NULL,
	FORGE_SNAP,
	FORGE_ARP,
	FORGE_IPV4,
	FORGE_IPV6,
	FORGE_EXTENSION,
	FORGE_TCP,
	FORGE_UDP,
	FORGE_ICMP,
	FORGE_ICMPV6,
	FORGE_SCTP,
	FORGE_GRE,
	FORGE_ERSPAN_2,
	FORGE_ERSPAN_3,
	FORGE_VXLAN,
	FORGE_GENEVE,
	FORGE_GTPU,
	FORGE_DATA,
	FORGE_KINDS
};

struct forge_layer {
	enum forge_kind kind;
	uint8_t number;  /* of an extension header */
	bool spoiled;    /* its checksum is to be wrong */
	bool unsummed;   /* its checksum is to be left as it is */
	bool fixed_type; /* its type field is to be left as it is */
	bool fixed_len;  /* its length field is to be left as it is */
	uint32_t at;
};

struct forge_packet {
	uint8_t data[FORGE_PACKET_MAX];
	size_t len;
	struct forge_layer layer[FORGE_LAYERS_MAX];
	unsigned layers;
};

void forge_begin(struct forge_packet *packet);
void forge_end(struct forge_packet *packet);

/* len zero bytes of a new layer. */
uint8_t *forge_add(struct forge_packet *packet, enum forge_kind kind, size_t len);

/* The layer added last. */
struct forge_layer *forge_last(struct forge_packet *packet);

/* ---- links */
void forge_ethernet(struct forge_packet *packet);
void forge_vlan(struct forge_packet *packet, uint16_t id);
void forge_service_vlan(struct forge_packet *packet, uint16_t id);
void forge_mpls(struct forge_packet *packet, uint32_t label, bool bottom);
void forge_pppoe(struct forge_packet *packet); /* and the PPP protocol number */
void forge_ppp(struct forge_packet *packet);   /* with address and control */
void forge_nsh(struct forge_packet *packet);
void forge_sll(struct forge_packet *packet);
void forge_sll2(struct forge_packet *packet);
void forge_null(struct forge_packet *packet); /* big-endian */
void forge_snap(struct forge_packet *packet);
void forge_arp(struct forge_packet *packet);
/* Ethernet with this type, and what follows: protocols without IP. */
void forge_link(struct forge_packet *packet, uint16_t ether_type, const void *data, size_t len);

/* ---- IP */
void forge_ipv4(struct forge_packet *packet, const char *src, const char *dst);
/* With options, padded to four bytes. */
void forge_ipv4_options(struct forge_packet *packet, const char *src, const char *dst, const void *options, size_t len);
void forge_ipv6(struct forge_packet *packet, const char *src, const char *dst);
/* len counts the whole header, a multiple of 8; data fills it from its third byte on. */
void forge_extension(struct forge_packet *packet, uint8_t number, const void *data, size_t len);

/* ---- transport */
void forge_tcp(struct forge_packet *packet, uint16_t sport, uint16_t dport, uint32_t seq, uint32_t ack, uint8_t flags);
void forge_tcp_options(struct forge_packet *packet, uint16_t sport, uint16_t dport, uint32_t seq, uint32_t ack,
		       uint8_t flags, const void *options, size_t len);
void forge_udp(struct forge_packet *packet, uint16_t sport, uint16_t dport);
void forge_icmp(struct forge_packet *packet, uint8_t type, uint8_t code);
void forge_icmpv6(struct forge_packet *packet, uint8_t type, uint8_t code);
void forge_sctp(struct forge_packet *packet, uint16_t sport, uint16_t dport);

/* ---- tunnels */
enum { FORGE_GRE_SUM = 0x8000, FORGE_GRE_KEY = 0x2000, FORGE_GRE_SEQUENCE = 0x1000, FORGE_GRE_PPTP = 0x0001 };
void forge_gre(struct forge_packet *packet, uint16_t flags);
void forge_erspan_1(struct forge_packet *packet); /* a GRE header, no more */
void forge_erspan_2(struct forge_packet *packet, uint16_t vlan);
void forge_erspan_3(struct forge_packet *packet, uint16_t vlan, bool subheader);
void forge_vxlan(struct forge_packet *packet, uint32_t network);
void forge_geneve(struct forge_packet *packet, uint32_t network, size_t option_bytes); /* a multiple of 4 */
void forge_gtpu(struct forge_packet *packet, uint32_t tunnel, bool extension);

/*
 * Begins a packet: Ethernet, then what the words name, from the outside in
 * ("vlan 88a8 vxlan"; way.c lists them).  What follows is an IP packet.
 */
void forge_way(struct forge_packet *packet, const char *way);

/* ---- data */
void forge_data(struct forge_packet *packet, const void *data, size_t len);
void forge_text(struct forge_packet *packet, const char *text);
/* After forge_end(): bytes that no length counts. */
void forge_pad(struct forge_packet *packet, size_t len);

/*
 * One fragment of the outermost IP packet of a finished packet: len bytes of
 * what its header (IPv6: and extensions so far) is followed by, from offset on.
 * More fragments follow unless it ends the packet.
 */
void forge_fragment(struct forge_packet *out, const struct forge_packet *whole, size_t offset, size_t len, uint32_t id);
size_t forge_fragment_total(const struct forge_packet *whole);

/* Like forge_fragment(), of the IP packet `depth` (0: the outermost), and as the caller says: `more` follow or not. */
void forge_fragment_at(struct forge_packet *out, const struct forge_packet *whole, unsigned depth, size_t offset,
		       size_t len, uint32_t id, bool more);
size_t forge_fragment_total_at(const struct forge_packet *whole, unsigned depth);
/* How many IP packets stand in one another. */
unsigned forge_depth(const struct forge_packet *whole);

/* ---- captures */
struct forge_format {
	bool pcapng;
	bool big_endian;
	bool nano;
	uint16_t link;
	uint32_t snap; /* 0: frames are not cut */
};

struct forge_capture {
	struct forge_format format;
	uint8_t *data;
	size_t len, room;
	uint64_t ns;      /* time of the next packet */
	uint64_t step_ns; /* between packets, 1 ms */
	unsigned packets;
};

void forge_capture_init(struct forge_capture *capture, struct forge_format format);
void forge_capture_add(struct forge_capture *capture, const struct forge_packet *packet);
void forge_capture_frame(struct forge_capture *capture, const void *data, size_t len, size_t wire_len);
/* pcapng: one more interface, and a block of any type. */
void forge_capture_interface(struct forge_capture *capture, uint16_t link, uint8_t resolution, int64_t offset_s);
void forge_capture_block(struct forge_capture *capture, uint32_t type, const void *body, size_t len);
void forge_capture_save(const struct forge_capture *capture, const char *path);
void forge_capture_fini(struct forge_capture *capture);

/* ---- a TCP conversation over Ethernet */
enum forge_side { FORGE_CLIENT, FORGE_SERVER };

struct forge_talk {
	struct forge_capture *capture;
	const char *address[2]; /* by enum forge_side */
	uint16_t port[2];
	uint32_t next[2]; /* sequence number of the next byte */
	uint16_t vlan;    /* 0: none */
};

void forge_talk_init(struct forge_talk *talk, struct forge_capture *capture, const char *client, uint16_t client_port,
		     const char *server, uint16_t server_port);
void forge_talk_open(struct forge_talk *talk);
/* Data in segments of at most `segment` bytes (0: 1400), each acknowledged. */
void forge_talk_say(struct forge_talk *talk, enum forge_side side, const void *data, size_t len, size_t segment);
void forge_talk_text(struct forge_talk *talk, enum forge_side side, const char *text);
/* One segment `ahead` bytes from the next one (negative: a retransmission); nothing moves. */
void forge_talk_at(struct forge_talk *talk, enum forge_side side, int32_t ahead, const void *data, size_t len);
void forge_talk_skip(struct forge_talk *talk, enum forge_side side, uint32_t len);
void forge_talk_flags(struct forge_talk *talk, enum forge_side side, uint8_t flags);
void forge_talk_close(struct forge_talk *talk);

/* One UDP datagram over Ethernet. */
void forge_datagram(struct forge_capture *capture, const char *src, uint16_t sport, const char *dst, uint16_t dport,
		    const void *data, size_t len);

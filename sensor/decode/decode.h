/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decode - from a frame to views of the packets in it.
 *
 * Every frame is either inspected or counted under exactly one drop reason:
 * received = inspected + the sum of drops.  What is odd but readable is an
 * anomaly: counted, and inspected all the same.  A broken inner packet of a
 * tunnel is an anomaly of its frame, whose outer packet was inspected.
 *
 * No allocation, no state; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/frame.h"
#include "quaywatch/packet.h"
#include "quaywatch/rule_event.h"

enum qw_drop {
	QW_DROP_NONE,
	QW_DROP_LINK_UNKNOWN,    /* a link type that is not decoded */
	QW_DROP_LINK_SHORT,      /* ends inside the link header */
	QW_DROP_NET_SHORT,       /* ends inside the IP header or its extensions */
	QW_DROP_NET_BAD,         /* IP version or lengths contradict themselves */
	QW_DROP_NET_CHECKSUM,    /* strict only */
	QW_DROP_TRANSPORT_SHORT, /* ends inside the transport header */
	QW_DROP_TRANSPORT_BAD,   /* TCP or UDP lengths contradict themselves */
	QW_DROP_TRANSPORT_CHECKSUM,
	QW_DROP_FRAGMENT_BAD,   /* overlaps, or is longer than 65 535 */
	QW_DROP_FRAGMENT_LIMIT, /* no room to wait for the rest */
	QW_DROP_FRAGMENT_TIMEOUT,
	QW_DROP_DUPLICATE, /* the mirror port sent it twice */
	QW_DROP_CAPTURE,   /* the kernel's ring was full */
	QW_DROP_FILTER,    /* left out by the filter, reading files */
	QW_DROP_COUNT
};

/*
 * True where the packet itself is broken, not the link, our means or a
 * checksum: its endpoint would throw it away, but it was there.  view[0] then
 * holds what could be read (count stays 0); whoever keeps the accounts may
 * inspect that, and count an anomaly of this name instead of a drop.
 */
static inline bool qw_drop_is_malformed(enum qw_drop drop)
{
	return (drop >= QW_DROP_NET_SHORT && drop <= QW_DROP_NET_BAD) ||
	       (drop >= QW_DROP_TRANSPORT_SHORT && drop <= QW_DROP_TRANSPORT_BAD) || drop == QW_DROP_FRAGMENT_BAD;
}

/* "link_unknown", "net_short" …: the key in --stats. */
const char *qw_drop_name(enum qw_drop drop);

enum qw_anomaly {
	QW_ANOMALY_VLAN_DEPTH,  /* more tags than are kept; all are passed over */
	QW_ANOMALY_LAYER_DEPTH, /* nested deeper than QW_LAYERS_MAX */
	QW_ANOMALY_CAPTURE_CUT, /* the capture's snap length cut it */
	QW_ANOMALY_IPV4_OPTIONS_BAD,
	QW_ANOMALY_IPV4_RESERVED, /* the reserved flag is set */
	QW_ANOMALY_IPV4_TINY_FRAGMENT,
	QW_ANOMALY_IPV6_EXTENSION_ORDER,
	QW_ANOMALY_IPV6_EXTENSION_REPEATED,
	QW_ANOMALY_IPV6_ROUTING_0,
	QW_ANOMALY_IPV6_ATOMIC_FRAGMENT,
	QW_ANOMALY_IPV6_JUMBO,
	QW_ANOMALY_TCP_OPTIONS_BAD,
	QW_ANOMALY_TCP_FLAGS_BAD, /* SYN with FIN or RST, or none at all */
	QW_ANOMALY_UDP_LENGTH,    /* shorter than the IP payload: padding */
	QW_ANOMALY_TUNNEL_BAD,    /* a tunnel header that does not parse */
	QW_ANOMALY_INNER_BAD,     /* the packet inside a tunnel was not decodable */
	QW_ANOMALY_ETHER_LENGTH,  /* 802.3 length beyond the frame */
	QW_ANOMALY_NOT_IP,        /* a network protocol that has no decoder here */
	QW_ANOMALY_NET_CHECKSUM,  /* wrong, and inspected all the same */
	QW_ANOMALY_TRANSPORT_CHECKSUM,
	QW_ANOMALY_COUNT
};

const char *qw_anomaly_name(enum qw_anomaly anomaly);

struct qw_decode_options {
	/*
	 * As Suricata does: TCP segments that fail are dropped, for no receiver
	 * takes their data; IPv4 headers, UDP and ICMP that fail are inspected
	 * and an anomaly.  What the capture cut or a fragment holds cannot fail.
	 */
	bool verify_checksums;
	bool strict_checksums;  /* with verify: all that fails is dropped */
	bool partial_checksums; /* on a host's own interface: what it left to its network card to sum does not fail */
};

struct qw_decoded {
	enum qw_drop drop;
	uint32_t anomalies; /* bit 1 << enum qw_anomaly */
	uint32_t count;     /* views; at least 1 unless dropped */
	uint32_t eventful;  /* bit i: events[i] says something of view[i] */
	struct qw_packet view[QW_LAYERS_MAX];
	struct qw_packet_events events[QW_LAYERS_MAX]; /* those not named by eventful are not written */
};

_Static_assert(QW_ANOMALY_COUNT <= 32, "anomalies are bits of 32");

/*
 * Fills *out from a frame (only what `count` covers is written).  A frame whose
 * outermost IP packet cannot be read is dropped; ARP and other network
 * protocols are views without QW_PACKET_IP, inspected.
 */
void qw_decode(struct qw_decoded *out, const struct qw_frame *frame, const struct qw_decode_options *options);

/*
 * Decodes an IP packet that fragments made (`data` starts at its IP header),
 * for whatever tunnel or transport is inside.  like: the fragment that
 * completed it, for times, tags and addresses of the link.  The checksum of an
 * IPv4 header that was made is not looked at.
 */
void qw_decode_reassembled(struct qw_decoded *out, const uint8_t *data, uint32_t len, const struct qw_packet *like,
			   const struct qw_decode_options *options);

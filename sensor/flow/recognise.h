/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recognise - protocols that a port and the first bytes tell, without nDPI.
 *
 * One row each; a row stands only where nDPI 4.2 says the same of what the row
 * accepts, so that a flow has one name whoever named it.  Any thread.
 */
#pragma once

#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/packet.h"

/* classify.c gives them nDPI's numbers. */
enum qw_known {
	QW_KNOWN_NOT,     /* ask nDPI */
	QW_KNOWN_UNNAMED, /* well known, but nDPI has no name for it */
	QW_KNOWN_HTTP,
	QW_KNOWN_TLS,
	QW_KNOWN_DNS,
	QW_KNOWN_MDNS,
	QW_KNOWN_LLMNR,
	QW_KNOWN_NETBIOS,
	QW_KNOWN_SSDP,
	QW_KNOWN_NTP,
	QW_KNOWN_DHCP,
	QW_KNOWN_SSH,
	QW_KNOWN_MODBUS,
	QW_KNOWN_DNP3,
	QW_KNOWN_S7COMM,
	QW_KNOWN_ENIP,
	QW_KNOWN_IEC104,
	QW_KNOWN_ICMP,
	QW_KNOWN_ICMPV6,
	QW_KNOWN_IGMP,
	QW_KNOWN_GRE,
	QW_KNOWN_IPSEC,
	QW_KNOWN_OSPF,
	QW_KNOWN_SCTP,
	QW_KNOWN_VRRP,
	QW_KNOWN_COUNT
};

/*
 * What a packet with payload is, or QW_KNOWN_NOT.  *host: the name it asks for
 * (SNI, Host, question), pointing into the packet; of DNS as labels with their
 * lengths; len 0 where there is none.
 */
enum qw_known qw_recognise(const struct qw_packet *packet, struct qw_slice *host);

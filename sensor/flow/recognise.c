/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/flow/recognise.h"

#include <stddef.h>

static const struct {
	uint8_t proto;
	uint8_t known;
} by_proto[] = {
	{QW_PROTO_ICMP, QW_KNOWN_ICMP}, {QW_PROTO_ICMPV6, QW_KNOWN_ICMPV6}, {2, QW_KNOWN_IGMP},
	{QW_PROTO_GRE, QW_KNOWN_GRE},   {50, QW_KNOWN_IPSEC},               {51, QW_KNOWN_IPSEC},
	{89, QW_KNOWN_OSPF},            {QW_PROTO_SCTP, QW_KNOWN_SCTP},     {112, QW_KNOWN_VRRP},
};

enum qw_known qw_recognise(const struct qw_packet *packet)
{
	for (size_t row = 0; row < sizeof(by_proto) / sizeof(by_proto[0]); row++)
		if (by_proto[row].proto == packet->proto)
			return (enum qw_known)by_proto[row].known;
	return QW_KNOWN_NOT;
}

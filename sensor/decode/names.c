/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/decode/decode.h"

static const char *const drop_names[QW_DROP_COUNT] = {
    [QW_DROP_NONE] = "none",
    [QW_DROP_LINK_UNKNOWN] = "link_unknown",
    [QW_DROP_LINK_SHORT] = "link_short",
    [QW_DROP_NET_SHORT] = "net_short",
    [QW_DROP_NET_BAD] = "net_bad",
    [QW_DROP_NET_CHECKSUM] = "net_checksum",
    [QW_DROP_TRANSPORT_SHORT] = "transport_short",
    [QW_DROP_TRANSPORT_BAD] = "transport_bad",
    [QW_DROP_TRANSPORT_CHECKSUM] = "transport_checksum",
    [QW_DROP_FRAGMENT_BAD] = "fragment_bad",
    [QW_DROP_FRAGMENT_LIMIT] = "fragment_limit",
    [QW_DROP_FRAGMENT_TIMEOUT] = "fragment_timeout",
    [QW_DROP_DUPLICATE] = "duplicate",
    [QW_DROP_CAPTURE] = "capture",
    [QW_DROP_FILTER] = "filter",
};

static const char *const anomaly_names[QW_ANOMALY_COUNT] = {
    [QW_ANOMALY_VLAN_DEPTH] = "vlan_depth",
    [QW_ANOMALY_LAYER_DEPTH] = "layer_depth",
    [QW_ANOMALY_CAPTURE_CUT] = "capture_cut",
    [QW_ANOMALY_IPV4_OPTIONS_BAD] = "ipv4_options_bad",
    [QW_ANOMALY_IPV4_RESERVED] = "ipv4_reserved",
    [QW_ANOMALY_IPV4_TINY_FRAGMENT] = "ipv4_tiny_fragment",
    [QW_ANOMALY_IPV6_EXTENSION_ORDER] = "ipv6_extension_order",
    [QW_ANOMALY_IPV6_EXTENSION_REPEATED] = "ipv6_extension_repeated",
    [QW_ANOMALY_IPV6_ROUTING_0] = "ipv6_routing_0",
    [QW_ANOMALY_IPV6_ATOMIC_FRAGMENT] = "ipv6_atomic_fragment",
    [QW_ANOMALY_IPV6_JUMBO] = "ipv6_jumbo",
    [QW_ANOMALY_TCP_OPTIONS_BAD] = "tcp_options_bad",
    [QW_ANOMALY_TCP_FLAGS_BAD] = "tcp_flags_bad",
    [QW_ANOMALY_UDP_LENGTH] = "udp_length",
    [QW_ANOMALY_TUNNEL_BAD] = "tunnel_bad",
    [QW_ANOMALY_INNER_BAD] = "inner_bad",
    [QW_ANOMALY_ETHER_LENGTH] = "ether_length",
    [QW_ANOMALY_NOT_IP] = "not_ip",
    [QW_ANOMALY_NET_CHECKSUM] = "net_checksum",
    [QW_ANOMALY_TRANSPORT_CHECKSUM] = "transport_checksum",
};

const char *qw_drop_name(enum qw_drop drop)
{
	return drop_names[drop];
}

const char *qw_anomaly_name(enum qw_anomaly anomaly)
{
	return anomaly_names[anomaly];
}

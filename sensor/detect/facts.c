/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/facts.h"

#include <string.h>

enum { LINK_HEADER = 14 };

static void put_apps(struct qw_facts *facts, const struct qw_flow *flow)
{
	facts->app = (enum qw_app)flow->app;
	facts->side_apps[QW_TO_SERVER] = (uint8_t)qw_flow_side_app(flow, QW_TO_SERVER);
	facts->side_apps[QW_TO_CLIENT] = (uint8_t)qw_flow_side_app(flow, QW_TO_CLIENT);
	facts->app_original = flow->app_original ? flow->app_original : flow->app;
}

static uint32_t flow_flags(const struct qw_flow *flow, enum qw_direction direction)
{
	uint32_t flags = QW_FACT_FLOW;

	flags |= direction == QW_TO_SERVER ? QW_FACT_TO_SERVER : QW_FACT_TO_CLIENT;
	if (flow->flags & QW_FLOW_ESTABLISHED)
		flags |= QW_FACT_ESTABLISHED;
	if (flow->packets[direction] == 1)
		flags |= QW_FACT_FIRST;
	return flags;
}

static enum qw_app app_without_flow(const struct qw_packet *packet)
{
	return packet->flags & QW_PACKET_IP ? QW_APP_UNKNOWN : qw_app_of_ether_type(packet->ether_type);
}

void qw_facts_of_packet(struct qw_facts *facts, const struct qw_flow *flow, enum qw_direction direction,
			const struct qw_packet *packet)
{
	uint32_t flags = QW_FACT_PACKET | (flow ? flow_flags(flow, direction) : QW_FACT_FIRST);

	if (packet->flags & QW_PACKET_FRAGMENT)
		flags |= QW_FACT_FRAGMENT;
	/* Not one compound value: it would be made beside, and copied, for every packet. */
	memset(facts, 0, sizeof(*facts));
	facts->src = packet->src;
	facts->dst = packet->dst;
	facts->sport = packet->sport;
	facts->dport = packet->dport;
	facts->proto = packet->proto;
	facts->tcp_flags = packet->tcp_flags;
	facts->ttl = packet->ttl;
	facts->icmp_type = packet->icmp_type;
	facts->icmp_code = packet->icmp_code;
	facts->vlan_count = packet->vlan_count;
	facts->tcp_window = packet->tcp_window;
	facts->ether_type = packet->ether_type;
	facts->tcp_seq = packet->tcp_seq;
	facts->tcp_ack = packet->tcp_ack;
	facts->payload_len = packet->payload_len;
	facts->flags = flags;
	facts->app = flow ? (enum qw_app)flow->app : app_without_flow(packet);
	facts->time = packet->time;
	facts->flow = flow;
	if (flow)
		put_apps(facts, flow);
	for (unsigned i = 0; i < 3 && i < packet->vlan_count; i++)
		facts->vlan[i] = packet->vlan[i];
	if (packet->mac)
		facts->link_header = qw_slice(packet->mac, LINK_HEADER);
	if (packet->net)
		facts->network_header = qw_slice(packet->net, packet->net_header_len);
	if (packet->version == 4 && packet->net)
		facts->ip_id = (uint16_t)(packet->net[4] << 8 | packet->net[5]);
	if (packet->transport)
		facts->transport_header = qw_slice(packet->transport, packet->transport_len);
}

void qw_facts_of_flow(struct qw_facts *facts, const struct qw_flow *flow, enum qw_direction direction)
{
	bool up = direction == QW_TO_SERVER;

	*facts = (struct qw_facts){
		.src = up ? *qw_flow_client(flow) : *qw_flow_server(flow),
		.dst = up ? *qw_flow_server(flow) : *qw_flow_client(flow),
		.sport = up ? qw_flow_client_port(flow) : qw_flow_server_port(flow),
		.dport = up ? qw_flow_server_port(flow) : qw_flow_client_port(flow),
		.proto = flow->key.proto,
		.flags = flow_flags(flow, direction) & ~(uint32_t)QW_FACT_FIRST,
		.app = (enum qw_app)flow->app,
		.time = flow->last,
		.flow = flow,
	};
	put_apps(facts, flow);
}

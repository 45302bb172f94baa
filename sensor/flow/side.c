/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/flow/side.h"

#include <stddef.h>

#include "sensor/flow/segments.h"

enum { WELL_KNOWN = 1024, ECHO_REPLY = 0, ECHO_REPLY_V6 = 129 };

enum rank { RANK_NONE, RANK_LOW, RANK_SERVICE };

/*
 * Ports that a port's hosts serve on, in order.  Control systems keep their
 * connections for months; and clients of old take ports below 1024 themselves.
 */
static const uint16_t services[] = {
    20,   21,   22,   23,   25,   53,   80,   88,   102,  110,  111,  135,  139,   143,   161,   162,
    389,  443,  445,  465,  502,  515,  554,  587,  631,  636,  993,  995,  1433,  1521,  1883,  1911,
    2049, 2404, 3306, 3389, 4840, 4911, 5094, 5432, 8080, 8443, 8883, 9600, 18245, 20000, 44818, 48898,
};

static enum rank rank_of(uint16_t port)
{
	size_t from = 0, to = sizeof(services) / sizeof(services[0]);
	while (from < to) {
		size_t at = from + (to - from) / 2;
		if (services[at] == port)
			return RANK_SERVICE;
		if (services[at] < port)
			from = at + 1;
		else
			to = at;
	}
	return port < WELL_KNOWN ? RANK_LOW : RANK_NONE;
}

/*
 * TCP in the middle of a connection: the side whose port is more of a server's
 * is the server.  Where they are alike, data comes from the client, as in
 * Suricata, if both may serve; else the higher port is the client's.
 */
static bool sender_is_client_midway(const struct qw_packet *packet)
{
	enum rank from = rank_of(packet->sport), to = rank_of(packet->dport);
	if (from != to)
		return from < to;
	return (from != RANK_NONE && packet->payload_len > 0) || packet->sport >= packet->dport;
}

bool qw_side_sender_is_client(const struct qw_packet *packet, bool *guess)
{
	*guess = packet->proto == QW_PROTO_UDP;
	switch (packet->proto) {
	case QW_PROTO_TCP: break;
	case QW_PROTO_ICMP: return packet->icmp_type != ECHO_REPLY;
	case QW_PROTO_ICMPV6: return packet->icmp_type != ECHO_REPLY_V6;
	default: return true; /* whoever speaks first */
	}
	if (packet->tcp_flags & QW_TCP_SYN)
		return (packet->tcp_flags & QW_TCP_ACK) == 0;
	*guess = true;
	return sender_is_client_midway(packet);
}

bool qw_side_sender_serves(const struct qw_flow *flow, enum qw_direction direction)
{
	enum rank client = rank_of(qw_flow_client_port(flow)), server = rank_of(qw_flow_server_port(flow));
	return direction == QW_TO_SERVER ? client > server : server > client;
}

bool qw_side_is_sure(const struct qw_flow *flow)
{
	return qw_flow_server_port(flow) < WELL_KNOWN && qw_flow_client_port(flow) >= WELL_KNOWN;
}

static uint32_t swap_bits(uint32_t value, uint32_t one, uint32_t other)
{
	bool was_one = value & one, was_other = value & other;
	return (value & ~(one | other)) | (was_one ? other : 0) | (was_other ? one : 0);
}

#define SWAP(type, pair)               \
	do {                           \
		type kept = (pair)[0]; \
		(pair)[0] = (pair)[1]; \
		(pair)[1] = kept;      \
	} while (0)

void qw_side_turn(struct qw_flow *flow)
{
	flow->flags ^= QW_FLOW_CLIENT_IS_LOW;
	flow->flags &= ~(uint32_t)(QW_FLOW_WATCHED | QW_FLOW_TOLD); /* it is another conversation now */
	flow->flags = swap_bits(flow->flags, QW_FLOW_SEEN_TO_SERVER, QW_FLOW_SEEN_TO_CLIENT);
	flow->flags = swap_bits(flow->flags, QW_FLOW_GUESS, QW_FLOW_GUESS << QW_TO_CLIENT);
	flow->side_looked = (uint8_t)swap_bits(flow->side_looked, QW_LOOK_DONE, QW_LOOK_DONE << QW_TO_CLIENT);
	flow->side_looked = (uint8_t)swap_bits(flow->side_looked, QW_LOOK_NEWS, QW_LOOK_NEWS << QW_TO_CLIENT);
	SWAP(uint8_t, flow->side_app);
	SWAP(struct qw_tcp_end, flow->tcp);
	SWAP(uint32_t, flow->packets);
	SWAP(uint64_t, flow->bytes);
	SWAP(struct qw_segments *, flow->segments);
	for (int direction = QW_TO_SERVER; direction <= QW_TO_CLIENT; direction++)
		if (flow->segments[direction])
			flow->segments[direction]->direction = (uint8_t)direction;
}

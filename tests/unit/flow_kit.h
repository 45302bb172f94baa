/* SPDX-License-Identifier: Apache-2.0 */
/* flow_kit - packets of two hosts, for tests of the flow folder. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "quaywatch/packet.h"
#include "sensor/flow/table.h"

enum { KIT_CLIENT = 1, KIT_SERVER = 2, KIT_CLIENT_PORT = 40000, KIT_SERVER_PORT = 502 };

static inline struct qw_address kit_host(uint8_t number)
{
	return qw_address_v4((const uint8_t[]){10, 0, 0, number});
}

static inline struct qw_packet kit_packet(uint8_t proto, bool from_client, int64_t seconds)
{
	return (struct qw_packet){
	    .flags = QW_PACKET_IP | QW_PACKET_TRANSPORT,
	    .time = qw_time_seconds(seconds),
	    .src = kit_host(from_client ? KIT_CLIENT : KIT_SERVER),
	    .dst = kit_host(from_client ? KIT_SERVER : KIT_CLIENT),
	    .sport = from_client ? KIT_CLIENT_PORT : KIT_SERVER_PORT,
	    .dport = from_client ? KIT_SERVER_PORT : KIT_CLIENT_PORT,
	    .wire_len = 100,
	    .version = 4,
	    .proto = proto,
	};
}

static inline struct qw_packet kit_tcp(bool from_client, uint8_t flags, uint32_t seq, uint32_t ack, const char *payload)
{
	struct qw_packet packet = kit_packet(QW_PROTO_TCP, from_client, 1000);
	packet.tcp_flags = flags;
	packet.tcp_seq = seq;
	packet.tcp_ack = ack;
	packet.tcp_window = 8192;
	packet.transport_len = 20;
	packet.payload = (const uint8_t *)payload;
	packet.payload_len = (uint32_t)strlen(payload);
	return packet;
}

static inline struct qw_packet kit_icmp(bool from_client, const uint8_t header[8])
{
	struct qw_packet packet = kit_packet(QW_PROTO_ICMP, from_client, 1000);
	packet.sport = packet.dport = 0;
	packet.transport = header;
	packet.transport_len = 8;
	packet.icmp_type = header[0];
	packet.icmp_code = header[1];
	return packet;
}

static inline struct qw_flow_table_options kit_table_options(size_t flows, bool midstream)
{
	return (struct qw_flow_table_options){
	    .flows = flows,
	    .midstream = midstream,
	    .timeouts = {.fresh = qw_time_seconds(30),
			 .established = qw_time_seconds(300),
			 .closed = qw_time_seconds(10),
			 .datagram = qw_time_seconds(60),
			 .icmp = qw_time_seconds(20)},
	};
}

static inline struct qw_flow *kit_find(struct qw_flow_table *table, const struct qw_packet *packet,
				       enum qw_direction *direction)
{
	struct qw_flow_key key;
	uint64_t hash = qw_flow_hash(table, packet, &key);
	return qw_flow_find(table, packet, hash, &key, direction);
}

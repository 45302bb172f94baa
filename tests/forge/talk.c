/* SPDX-License-Identifier: Apache-2.0 */
/* talk - a TCP conversation, segment by segment. */
#include <string.h>

#include "tests/forge/bytes.h"
#include "tests/forge/forge.h"

enum { SEGMENT = 1400, CLIENT_FIRST = 1000, SERVER_FIRST = 5000 };

static void lower_layers(struct forge_packet *packet, const char *src, const char *dst, uint16_t vlan)
{
	forge_begin(packet);
	forge_ethernet(packet);
	if (vlan)
		forge_vlan(packet, vlan);
	if (strchr(src, ':'))
		forge_ipv6(packet, src, dst);
	else
		forge_ipv4(packet, src, dst);
}

static void segment(struct forge_talk *talk, enum forge_side side, uint32_t seq, uint8_t flags, const void *data,
		    size_t len)
{
	enum forge_side other = side == FORGE_CLIENT ? FORGE_SERVER : FORGE_CLIENT;
	uint32_t ack = flags & FORGE_ACK ? talk->next[other] : 0;
	struct forge_packet packet;

	lower_layers(&packet, talk->address[side], talk->address[other], talk->vlan);
	forge_tcp(&packet, talk->port[side], talk->port[other], seq, ack, flags);
	if (len)
		forge_data(&packet, data, len);
	forge_end(&packet);
	forge_capture_add(talk->capture, &packet);
}

void forge_talk_init(struct forge_talk *talk, struct forge_capture *capture, const char *client, uint16_t client_port,
		     const char *server, uint16_t server_port)
{
	*talk = (struct forge_talk){
	    .capture = capture,
	    .address = {client, server},
	    .port = {client_port, server_port},
	    .next = {CLIENT_FIRST, SERVER_FIRST},
	};
}

void forge_talk_flags(struct forge_talk *talk, enum forge_side side, uint8_t flags)
{
	segment(talk, side, talk->next[side], flags, NULL, 0);
	if (flags & (FORGE_SYN | FORGE_FIN))
		talk->next[side]++;
}

void forge_talk_open(struct forge_talk *talk)
{
	forge_talk_flags(talk, FORGE_CLIENT, FORGE_SYN);
	forge_talk_flags(talk, FORGE_SERVER, FORGE_SYN | FORGE_ACK);
	forge_talk_flags(talk, FORGE_CLIENT, FORGE_ACK);
}

void forge_talk_at(struct forge_talk *talk, enum forge_side side, int32_t ahead, const void *data, size_t len)
{
	segment(talk, side, talk->next[side] + (uint32_t)ahead, FORGE_PSH | FORGE_ACK, data, len);
}

void forge_talk_skip(struct forge_talk *talk, enum forge_side side, uint32_t len)
{
	talk->next[side] += len;
}

void forge_talk_say(struct forge_talk *talk, enum forge_side side, const void *data, size_t len, size_t size)
{
	enum forge_side other = side == FORGE_CLIENT ? FORGE_SERVER : FORGE_CLIENT;
	const uint8_t *at = data;

	while (len) {
		size_t part = size ? size : SEGMENT;
		part = part < len ? part : len;
		forge_talk_at(talk, side, 0, at, part);
		forge_talk_skip(talk, side, (uint32_t)part);
		forge_talk_flags(talk, other, FORGE_ACK);
		at += part;
		len -= part;
	}
}

void forge_talk_text(struct forge_talk *talk, enum forge_side side, const char *text)
{
	forge_talk_say(talk, side, text, strlen(text), 0);
}

void forge_talk_close(struct forge_talk *talk)
{
	forge_talk_flags(talk, FORGE_CLIENT, FORGE_FIN | FORGE_ACK);
	forge_talk_flags(talk, FORGE_SERVER, FORGE_FIN | FORGE_ACK);
	forge_talk_flags(talk, FORGE_CLIENT, FORGE_ACK);
}

void forge_datagram(struct forge_capture *capture, const char *src, uint16_t sport, const char *dst, uint16_t dport,
		    const void *data, size_t len)
{
	struct forge_packet packet;

	lower_layers(&packet, src, dst, 0);
	forge_udp(&packet, sport, dport);
	forge_data(&packet, data, len);
	forge_end(&packet);
	forge_capture_add(capture, &packet);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* packet - layers, one after the other. */
#include "tests/forge/forge.h"

#include <arpa/inet.h>
#include <string.h>

#include "tests/forge/bytes.h"

void forge_begin(struct forge_packet *packet)
{
	packet->len = 0;
	packet->layers = 0;
}

uint8_t *forge_add(struct forge_packet *packet, enum forge_kind kind, size_t len)
{
	forge_require(packet->layers < FORGE_LAYERS_MAX && len <= FORGE_PACKET_MAX - packet->len);
	packet->layer[packet->layers++] = (struct forge_layer){.kind = kind, .at = (uint32_t)packet->len};
	uint8_t *at = memset(packet->data + packet->len, 0, len);
	packet->len += len;
	return at;
}

struct forge_layer *forge_last(struct forge_packet *packet)
{
	forge_require(packet->layers > 0);
	return &packet->layer[packet->layers - 1];
}

void forge_ethernet(struct forge_packet *packet)
{
	static const uint8_t macs[12] = {0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1};

	memcpy(forge_add(packet, FORGE_ETHERNET, 14), macs, sizeof(macs));
}

void forge_vlan(struct forge_packet *packet, uint16_t id)
{
	forge_put16(forge_add(packet, FORGE_VLAN, 4), id);
}

void forge_service_vlan(struct forge_packet *packet, uint16_t id)
{
	forge_put16(forge_add(packet, FORGE_SERVICE_VLAN, 4), id);
}

void forge_mpls(struct forge_packet *packet, uint32_t label, bool bottom)
{
	forge_put32(forge_add(packet, FORGE_MPLS, 4), label << 12 | (bottom ? 0x100u : 0) | 64);
}

void forge_pppoe(struct forge_packet *packet)
{
	uint8_t *at = forge_add(packet, FORGE_PPPOE, 8);

	at[0] = 0x11;
	forge_put16(at + 2, 1);
}

void forge_ppp(struct forge_packet *packet)
{
	forge_put16(forge_add(packet, FORGE_PPP, 4), 0xff03);
}

void forge_nsh(struct forge_packet *packet)
{
	uint8_t *at = forge_add(packet, FORGE_NSH, 8);

	forge_put16(at, 0x0fc2); /* time to live 63, two words */
	at[2] = 2;
	forge_put32(at + 4, 0x000001ff);
}

void forge_sll(struct forge_packet *packet)
{
	forge_put16(forge_add(packet, FORGE_SLL, 16) + 2, 1);
}

void forge_sll2(struct forge_packet *packet)
{
	forge_put16(forge_add(packet, FORGE_SLL2, 20) + 8, 1);
}

void forge_null(struct forge_packet *packet)
{
	forge_add(packet, FORGE_NULL, 4);
}

void forge_snap(struct forge_packet *packet)
{
	memcpy(forge_add(packet, FORGE_SNAP, 8), "\xaa\xaa\x03", 3);
}

void forge_arp(struct forge_packet *packet)
{
	memcpy(forge_add(packet, FORGE_ARP, 28), "\0\1\10\0\6\4\0\1", 8);
}

void forge_link(struct forge_packet *packet, uint16_t ether_type, const void *data, size_t len)
{
	forge_ethernet(packet);
	forge_put16(packet->data + forge_last(packet)->at + 12, ether_type);
	forge_last(packet)->fixed_type = true;
	forge_data(packet, data, len);
}

void forge_ipv4_options(struct forge_packet *packet, const char *src, const char *dst, const void *options, size_t len)
{
	size_t padded = (len + 3) & ~(size_t)3;
	uint8_t *at = forge_add(packet, FORGE_IPV4, 20 + padded);

	at[0] = (uint8_t)(0x45 + padded / 4);
	forge_put16(at + 4, 0x1234);
	at[8] = 64;
	forge_require(inet_pton(AF_INET, src, at + 12) == 1 && inet_pton(AF_INET, dst, at + 16) == 1);
	if (len)
		memcpy(at + 20, options, len);
}

void forge_ipv4(struct forge_packet *packet, const char *src, const char *dst)
{
	forge_ipv4_options(packet, src, dst, NULL, 0);
}

void forge_ipv6(struct forge_packet *packet, const char *src, const char *dst)
{
	uint8_t *at = forge_add(packet, FORGE_IPV6, 40);

	at[0] = 0x60;
	at[6] = 59; /* no next header, unless one follows */
	at[7] = 64;
	forge_require(inet_pton(AF_INET6, src, at + 8) == 1 && inet_pton(AF_INET6, dst, at + 24) == 1);
}

void forge_extension(struct forge_packet *packet, uint8_t number, const void *data, size_t len)
{
	forge_require(len >= 8 && len % 8 == 0);
	uint8_t *at = forge_add(packet, FORGE_EXTENSION, len);

	at[0] = 59;
	at[1] = (uint8_t)(len / 8 - 1);
	if (number == 51) /* authentication counts in words */
		at[1] = (uint8_t)(len / 4 - 2);
	if (number == 44) /* fragment: its second byte is reserved */
		at[1] = 0;
	if (data)
		memcpy(at + 2, data, len - 2);
	forge_last(packet)->number = number;
}

void forge_tcp_options(struct forge_packet *packet, uint16_t sport, uint16_t dport, uint32_t seq, uint32_t ack,
		       uint8_t flags, const void *options, size_t len)
{
	size_t padded = (len + 3) & ~(size_t)3;
	uint8_t *at = forge_add(packet, FORGE_TCP, 20 + padded);

	forge_put16(at, sport);
	forge_put16(at + 2, dport);
	forge_put32(at + 4, seq);
	forge_put32(at + 8, ack);
	at[12] = (uint8_t)((20 + padded) / 4 << 4);
	at[13] = flags;
	forge_put16(at + 14, 65535);
	if (len)
		memcpy(at + 20, options, len);
}

void forge_tcp(struct forge_packet *packet, uint16_t sport, uint16_t dport, uint32_t seq, uint32_t ack, uint8_t flags)
{
	forge_tcp_options(packet, sport, dport, seq, ack, flags, NULL, 0);
}

void forge_udp(struct forge_packet *packet, uint16_t sport, uint16_t dport)
{
	uint8_t *at = forge_add(packet, FORGE_UDP, 8);

	forge_put16(at, sport);
	forge_put16(at + 2, dport);
}

void forge_icmp(struct forge_packet *packet, uint8_t type, uint8_t code)
{
	uint8_t *at = forge_add(packet, FORGE_ICMP, 8);

	at[0] = type;
	at[1] = code;
}

void forge_icmpv6(struct forge_packet *packet, uint8_t type, uint8_t code)
{
	uint8_t *at = forge_add(packet, FORGE_ICMPV6, 8);

	at[0] = type;
	at[1] = code;
}

void forge_sctp(struct forge_packet *packet, uint16_t sport, uint16_t dport)
{
	uint8_t *at = forge_add(packet, FORGE_SCTP, 12);

	forge_put16(at, sport);
	forge_put16(at + 2, dport);
}

void forge_data(struct forge_packet *packet, const void *data, size_t len)
{
	uint8_t *at = forge_add(packet, FORGE_DATA, len);

	if (len)
		memcpy(at, data, len);
}

void forge_text(struct forge_packet *packet, const char *text)
{
	forge_data(packet, text, strlen(text));
}

void forge_pad(struct forge_packet *packet, size_t len)
{
	forge_add(packet, FORGE_DATA, len);
}

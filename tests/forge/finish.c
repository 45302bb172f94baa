/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finish - fills in what a header says of what follows it.
 *
 * Sums are made here in the plainest way, on purpose not with the sensor's
 * code, which these packets are to test.
 */
#include "tests/forge/bytes.h"
#include "tests/forge/forge.h"

/* The numbers by which each kind of layer is announced; 0: none. */
static const struct {
	uint16_t ether;
	uint16_t ppp;
	uint8_t proto;
	uint8_t nsh;
	uint8_t family; /* of a NULL link */
} numbers[FORGE_KINDS] = {
    [FORGE_ETHERNET] = {.ether = 0x6558, .proto = 143, .nsh = 3},
    [FORGE_VLAN] = {.ether = 0x8100},
    [FORGE_SERVICE_VLAN] = {.ether = 0x88a8},
    [FORGE_MPLS] = {.ether = 0x8847, .ppp = 0x0281, .proto = 137, .nsh = 5},
    [FORGE_PPPOE] = {.ether = 0x8864},
    [FORGE_PPP] = {.ether = 0x880b},
    [FORGE_NSH] = {.ether = 0x894f, .nsh = 4},
    [FORGE_ARP] = {.ether = 0x0806},
    [FORGE_IPV4] = {.ether = 0x0800, .ppp = 0x0021, .proto = 4, .nsh = 1, .family = 2},
    [FORGE_IPV6] = {.ether = 0x86dd, .ppp = 0x0057, .proto = 41, .nsh = 2, .family = 30},
    [FORGE_TCP] = {.proto = 6},
    [FORGE_UDP] = {.proto = 17},
    [FORGE_ICMP] = {.proto = 1},
    [FORGE_ICMPV6] = {.proto = 58},
    [FORGE_SCTP] = {.proto = 132},
    [FORGE_GRE] = {.proto = 47},
};

static void put_type(struct forge_packet *packet, const struct forge_layer *layer, const struct forge_layer *next)
{
	uint8_t *at = packet->data + layer->at;
	uint8_t proto = next->kind == FORGE_EXTENSION ? next->number : numbers[next->kind].proto;
	uint16_t ether = numbers[next->kind].ether;

	switch (layer->kind) {
	case FORGE_ETHERNET: forge_put16(at + 12, next->kind == FORGE_SNAP ? packet->len - next->at : ether); break;
	case FORGE_VLAN:
	case FORGE_SERVICE_VLAN: forge_put16(at + 2, next->kind == FORGE_SNAP ? packet->len - next->at : ether); break;
	case FORGE_GRE:
	case FORGE_GENEVE: forge_put16(at + 2, ether); break;
	case FORGE_SLL: forge_put16(at + 14, ether); break;
	case FORGE_SLL2: forge_put16(at, ether); break;
	case FORGE_SNAP: forge_put16(at + 6, ether); break;
	case FORGE_PPPOE: forge_put16(at + 6, numbers[next->kind].ppp); break;
	case FORGE_PPP: forge_put16(at + 2, numbers[next->kind].ppp); break;
	case FORGE_NSH: at[3] = numbers[next->kind].nsh; break;
	case FORGE_NULL: at[3] = numbers[next->kind].family; break;
	case FORGE_IPV4: at[9] = proto; break;
	case FORGE_IPV6: at[6] = proto; break;
	case FORGE_EXTENSION: at[0] = proto; break;
	default: break;
	}
}

static void put_len(struct forge_packet *packet, const struct forge_layer *layer)
{
	uint8_t *at = packet->data + layer->at;
	size_t len = packet->len - layer->at;

	switch (layer->kind) {
	case FORGE_IPV4: forge_put16(at + 2, (uint32_t)len); break;
	case FORGE_IPV6: forge_put16(at + 4, (uint32_t)len - 40); break;
	case FORGE_UDP: forge_put16(at + 4, (uint32_t)len); break;
	case FORGE_PPPOE: forge_put16(at + 4, (uint32_t)len - 6); break;
	case FORGE_GTPU: forge_put16(at + 2, (uint32_t)len - 8); break;
	case FORGE_GRE:
		if (at[1] & FORGE_GRE_PPTP)
			forge_put16(at + 4, (uint32_t)(len - 8 - (at[0] & FORGE_GRE_SEQUENCE >> 8 ? 4 : 0)));
		break;
	default: break;
	}
}

static uint32_t sum_of(const uint8_t *at, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* The pseudo-header of the nearest IP layer outside. */
static uint32_t pseudo_sum(const struct forge_packet *packet, const struct forge_layer *layer, uint8_t proto)
{
	const struct forge_layer *ip = layer;

	while (ip > packet->layer && ip->kind != FORGE_IPV4 && ip->kind != FORGE_IPV6)
		ip--;
	const uint8_t *at = packet->data + ip->at;
	uint32_t sum = proto + (uint32_t)(packet->len - layer->at);
	return ip->kind == FORGE_IPV4 ? sum_of(at + 12, 8, sum) : sum_of(at + 8, 32, sum);
}

/* Where in its layer a checksum stands; 0: there is none. */
static size_t sum_place(const struct forge_packet *packet, const struct forge_layer *layer)
{
	switch (layer->kind) {
	case FORGE_IPV4: return 10;
	case FORGE_TCP: return 16;
	case FORGE_UDP: return 6;
	case FORGE_ICMP:
	case FORGE_ICMPV6: return 2;
	case FORGE_GRE: return packet->data[layer->at] & FORGE_GRE_SUM >> 8 ? 4 : 0;
	default: return 0;
	}
}

static void put_sum(struct forge_packet *packet, const struct forge_layer *layer)
{
	uint8_t *at = packet->data + layer->at;
	size_t place = sum_place(packet, layer), len = packet->len - layer->at;
	uint32_t sum = 0;

	if (!place || layer->unsummed)
		return;
	forge_put16(at + place, 0);
	if (layer->kind == FORGE_IPV4)
		len = (at[0] & 15u) * 4;
	if (layer->kind == FORGE_TCP || layer->kind == FORGE_UDP || layer->kind == FORGE_ICMPV6)
		sum = pseudo_sum(packet, layer, numbers[layer->kind].proto);
	uint16_t value = folded(sum_of(at, len, sum));
	if (layer->kind == FORGE_UDP && value == 0)
		value = 0xffff;
	forge_put16(at + place, layer->spoiled ? (uint32_t)value ^ 0x5555 : value);
}

void forge_end(struct forge_packet *packet)
{
	/* From the inside out: outer sums cover inner headers. */
	for (unsigned i = packet->layers; i-- > 0;) {
		const struct forge_layer *layer = &packet->layer[i];
		if (i + 1 < packet->layers && !layer->fixed_type && layer[1].kind != FORGE_DATA)
			put_type(packet, layer, &layer[1]);
		if (!layer->fixed_len)
			put_len(packet, layer);
	}
	for (unsigned i = packet->layers; i-- > 0;)
		put_sum(packet, &packet->layer[i]);
}

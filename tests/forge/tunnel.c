/* SPDX-License-Identifier: Apache-2.0 */
/* tunnel - headers that carry packets in packets. */
#include "tests/forge/bytes.h"
#include "tests/forge/forge.h"

void forge_gre(struct forge_packet *packet, uint16_t flags)
{
	size_t len = 4u + (flags & FORGE_GRE_SUM ? 4 : 0) + (flags & FORGE_GRE_KEY ? 4 : 0) +
		     (flags & FORGE_GRE_SEQUENCE ? 4 : 0);

	forge_put16(forge_add(packet, FORGE_GRE, len), flags);
}

static void mirror(struct forge_packet *packet, uint16_t flags, uint16_t type)
{
	forge_gre(packet, flags);
	forge_last(packet)->fixed_type = true;
	forge_put16(packet->data + forge_last(packet)->at + 2, type);
}

void forge_erspan_1(struct forge_packet *packet)
{
	mirror(packet, 0, 0x88be);
}

void forge_erspan_2(struct forge_packet *packet, uint16_t vlan)
{
	mirror(packet, FORGE_GRE_SEQUENCE, 0x88be);
	forge_put16(forge_add(packet, FORGE_ERSPAN_2, 8), 0x1000 | vlan);
}

void forge_erspan_3(struct forge_packet *packet, uint16_t vlan, bool subheader)
{
	mirror(packet, FORGE_GRE_SEQUENCE, 0x22eb);
	uint8_t *at = forge_add(packet, FORGE_ERSPAN_3, subheader ? 20 : 12);
	forge_put16(at, 0x2000 | vlan);
	at[11] = subheader;
}

void forge_vxlan(struct forge_packet *packet, uint32_t network)
{
	uint8_t *at = forge_add(packet, FORGE_VXLAN, 8);

	at[0] = 0x08;
	forge_put32(at + 4, network << 8);
}

void forge_geneve(struct forge_packet *packet, uint32_t network, size_t option_bytes)
{
	uint8_t *at = forge_add(packet, FORGE_GENEVE, 8 + option_bytes);

	at[0] = (uint8_t)(option_bytes / 4);
	forge_put32(at + 4, network << 8);
	if (option_bytes)
		at[11] = (uint8_t)(option_bytes / 4 - 1);
}

void forge_gtpu(struct forge_packet *packet, uint32_t tunnel, bool extension)
{
	uint8_t *at = forge_add(packet, FORGE_GTPU, extension ? 16 : 8);

	at[0] = extension ? 0x34 : 0x30;
	at[1] = 255;
	forge_put32(at + 4, tunnel);
	if (extension) {
		at[11] = 0x85; /* a PDU session container of one word, none after it */
		at[12] = 1;
	}
}

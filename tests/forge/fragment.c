/* SPDX-License-Identifier: Apache-2.0 */
/* fragment - parts of a finished packet, in whatever order and overlap a test wants. */
#include <string.h>

#include "tests/forge/bytes.h"
#include "tests/forge/forge.h"

static bool is_ip(const struct forge_layer *layer)
{
	return layer->kind == FORGE_IPV4 || layer->kind == FORGE_IPV6;
}

static unsigned ip_at(const struct forge_packet *whole, unsigned depth)
{
	unsigned i = 0;

	while (!is_ip(&whole->layer[i]) || depth-- > 0) {
		i++;
		forge_require(i < whole->layers);
	}
	return i;
}

unsigned forge_depth(const struct forge_packet *whole)
{
	unsigned depth = 0;

	for (unsigned i = 0; i < whole->layers; i++)
		depth += is_ip(&whole->layer[i]);
	return depth;
}

/* Where what is fragmented begins: after the IP header, before IPv6 extensions. */
static size_t part_begin(const struct forge_packet *whole, unsigned ip)
{
	const uint8_t *at = whole->data + whole->layer[ip].at;

	return whole->layer[ip].at + (whole->layer[ip].kind == FORGE_IPV6 ? 40 : (at[0] & 15u) * 4);
}

size_t forge_fragment_total_at(const struct forge_packet *whole, unsigned depth)
{
	return whole->len - part_begin(whole, ip_at(whole, depth));
}

size_t forge_fragment_total(const struct forge_packet *whole)
{
	return forge_fragment_total_at(whole, 0);
}

static void copy_layers(struct forge_packet *out, const struct forge_packet *whole, unsigned count, size_t len)
{
	forge_begin(out);
	memcpy(out->data, whole->data, len);
	memcpy(out->layer, whole->layer, count * sizeof(out->layer[0]));
	out->layers = count;
	out->len = len;
	for (unsigned i = 0; i < count; i++)
		out->layer[i].fixed_type = true;
}

void forge_fragment(struct forge_packet *out, const struct forge_packet *whole, size_t offset, size_t len, uint32_t id)
{
	size_t total = forge_fragment_total(whole);

	forge_require(offset < total);
	forge_fragment_at(out, whole, 0, offset, len, id, offset + len < total);
}

void forge_fragment_at(struct forge_packet *out, const struct forge_packet *whole, unsigned depth, size_t offset,
		       size_t len, uint32_t id, bool more)
{
	unsigned ip = ip_at(whole, depth);
	size_t begin = part_begin(whole, ip), total = whole->len - begin;

	forge_require(offset % 8 == 0 && offset < total);
	if (len > total - offset)
		len = total - offset;
	copy_layers(out, whole, ip + 1, begin);
	if (whole->layer[ip].kind == FORGE_IPV4) {
		uint8_t *at = out->data + whole->layer[ip].at;
		forge_put16(at + 4, id);
		forge_put16(at + 6, (more ? 0x2000u : 0) | (uint32_t)(offset / 8));
	} else {
		uint8_t *next = out->data + whole->layer[ip].at + 6, field[6];
		forge_put16(field, (uint32_t)offset | more);
		forge_put32(field + 2, id);
		forge_extension(out, 44, field, 8);
		forge_last(out)->fixed_type = true;
		out->data[forge_last(out)->at] = *next;
		*next = 44;
	}
	forge_data(out, whole->data + begin + offset, len);
	forge_end(out);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/flow/fragment.h"

#include "quaywatch/bytes.h"

enum {
	IPV4_LEAST = 20,
	IPV6_NEXT_AT = 6,
	FRAGMENT_LEN = 8,
	UNIT = 8, /* offsets count in these */
	NEXT_HOP_BY_HOP = 0,
	NEXT_ROUTING = 43,
	NEXT_FRAGMENT = 44,
	NEXT_AUTHENTICATION = 51,
	NEXT_OPTIONS = 60,
	NEXT_MOBILITY = 135,
};

static bool may_stand_before_fragment(uint8_t next)
{
	return next == NEXT_HOP_BY_HOP || next == NEXT_ROUTING || next == NEXT_AUTHENTICATION || next == NEXT_OPTIONS ||
	       next == NEXT_MOBILITY;
}

/* IPv6: the Fragment header, behind the headers that every fragment repeats. */
static bool find_fragment_header(const struct qw_packet *packet, struct qw_fragment *fragment)
{
	struct qw_bytes in = qw_bytes(packet->net, packet->net_len);
	uint8_t next = packet->net_len > IPV6_NEXT_AT ? packet->net[IPV6_NEXT_AT] : NEXT_FRAGMENT;
	fragment->next_at = IPV6_NEXT_AT;
	if (!qw_bytes_skip(&in, QW_IPV6_LEN))
		return false;
	while (may_stand_before_fragment(next)) {
		uint8_t type = next, units;
		fragment->next_at = (uint32_t)(in.at - packet->net);
		if (!qw_bytes_u8(&in, &next) || !qw_bytes_u8(&in, &units))
			return false;
		if (!qw_bytes_skip(&in, type == NEXT_AUTHENTICATION ? 6 + units * 4u : 6 + units * 8u))
			return false;
	}
	fragment->header_len = (uint32_t)(in.at - packet->net);
	if (next != NEXT_FRAGMENT || !qw_bytes_skip(&in, FRAGMENT_LEN))
		return false;
	fragment->next = in.at[-FRAGMENT_LEN];
	fragment->data = in.at;
	fragment->len = (uint32_t)in.left;
	return true;
}

bool qw_fragment_read(const struct qw_packet *packet, struct qw_fragment *fragment)
{
	*fragment = (struct qw_fragment){.at = packet->fragment_offset, .more = packet->fragment_more};
	if (packet->version == 4) {
		fragment->header_len = packet->net_len ? (packet->net[0] & 0x0fu) * 4u : 0;
		if (fragment->header_len < IPV4_LEAST || fragment->header_len > packet->net_len)
			return false;
		fragment->data = packet->net + fragment->header_len;
		fragment->len = packet->net_len - fragment->header_len;
	} else if (!find_fragment_header(packet, fragment)) {
		return false;
	}
	/* What a snap length cut off cannot be known; the rest keeps to units. */
	if (fragment->more && (packet->flags & QW_PACKET_CUT))
		fragment->len -= fragment->len % UNIT;
	bool in_units = !fragment->more || fragment->len % UNIT == 0;
	uint32_t most =
	    packet->version == 4 ? QW_DATAGRAM_MOST - fragment->header_len : QW_DATAGRAM_MOST - (fragment->header_len - QW_IPV6_LEN);
	return fragment->len > 0 && in_units && fragment->at + fragment->len <= most && fragment->header_len <= QW_FRAGMENT_HEADER_MOST;
}

void qw_fragment_whole_v4(uint8_t *header, uint32_t header_len, uint32_t len)
{
	header[2] = (uint8_t)(len >> 8);
	header[3] = (uint8_t)len;
	header[6] = header[7] = 0; /* flags and offset */
	header[10] = header[11] = 0;
	uint32_t sum = 0;
	for (uint32_t at = 0; at < header_len; at += 2)
		sum += qw_be16(header + at);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16)) & 0xffff;
	header[10] = (uint8_t)(sum >> 8);
	header[11] = (uint8_t)sum;
}

void qw_fragment_whole_v6(uint8_t *header, uint32_t len)
{
	header[4] = (uint8_t)((len - QW_IPV6_LEN) >> 8);
	header[5] = (uint8_t)(len - QW_IPV6_LEN);
}

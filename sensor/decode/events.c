/* SPDX-License-Identifier: Apache-2.0 */
/* events - what is odd in ICMP, ARP and SCTP, which are otherwise read no further than their headers. */
#include "sensor/decode/walk.h"

enum { QUOTE_V4 = 20, QUOTE_V6 = 40 };

/* The packet that an error message quotes. */
static void note_quote(struct qw_walk *walk, const struct qw_packet *view, uint8_t version)
{
	bool four = version == 4;

	if (view->payload_len == 0 && four)
		return;
	if (view->payload_len < (four ? QUOTE_V4 : QUOTE_V6))
		qw_walk_event(walk, four ? QW_PE_ICMPV4_IPV4_TRUNC_PKT : QW_PE_ICMPV6_IPV6_TRUNC_PKT);
	else if (view->payload[0] >> 4 != version)
		qw_walk_event(walk, four ? QW_PE_ICMPV4_IPV4_UNKNOWN_VER : QW_PE_ICMPV6_IPV6_UNKNOWN_VERSION);
}

/* Types that are assigned, and their last code (IANA, ICMP parameters). */
struct type {
	uint8_t first, last;
	uint8_t code; /* the last that is assigned */
	bool quotes;
};

static const struct type types_v4[] = {
    {0, 0, 0, false},   {3, 3, 15, true},   {4, 4, 0, true},    {5, 5, 3, true},  {8, 8, 0, false},
    {9, 9, 16, false},  {10, 10, 0, false}, {11, 11, 1, true},  {12, 12, 2, true}, {13, 18, 0, false},
};

static const struct type types_v6[] = {
    {1, 1, 8, true},      {2, 2, 0, true},      {3, 3, 1, true},      {4, 4, 10, true},     {128, 137, 0, false},
    {138, 138, 255, false}, {139, 140, 2, false}, {141, 153, 0, false}, {154, 154, 255, false}, {155, 155, 255, false},
    {156, 159, 255, false},
};

static const struct type *type_of(const struct type *types, size_t count, uint8_t type)
{
	for (size_t i = 0; i < count; i++)
		if (type >= types[i].first && type <= types[i].last)
			return &types[i];
	return NULL;
}

static void note_v4(struct qw_walk *walk, const struct qw_packet *view)
{
	const struct type *type = type_of(types_v4, sizeof(types_v4) / sizeof(types_v4[0]), view->icmp_type);

	if (!type)
		qw_walk_event(walk, QW_PE_ICMPV4_UNKNOWN_TYPE);
	else if (view->icmp_code > type->code)
		qw_walk_event(walk, QW_PE_ICMPV4_UNKNOWN_CODE);
	else if (type->quotes)
		note_quote(walk, view, 4);
}

/* RFC 4443, 2.1: 100, 101, 200 and 201 are for experiments. */
static void note_unassigned(struct qw_walk *walk, uint8_t type)
{
	if (type == 100 || type == 101 || type == 200 || type == 201)
		qw_walk_event(walk, QW_PE_ICMPV6_EXPERIMENTATION_TYPE);
	else if (type != 0 && type != 127 && type != 255)
		qw_walk_event(walk, QW_PE_ICMPV6_UNASSIGNED_TYPE);
	else
		qw_walk_event(walk, QW_PE_ICMPV6_UNKNOWN_TYPE);
}

static bool is_listener(uint8_t type)
{
	return (type >= 130 && type <= 132) || type == 143;
}

static void note_v6(struct qw_walk *walk, const struct qw_packet *view)
{
	const struct type *type = type_of(types_v6, sizeof(types_v6) / sizeof(types_v6[0]), view->icmp_type);

	if (!type)
		note_unassigned(walk, view->icmp_type);
	else if (view->icmp_code > type->code)
		qw_walk_event(walk, QW_PE_ICMPV6_UNKNOWN_CODE);
	else if (type->quotes)
		note_quote(walk, view, 6);
	if (is_listener(view->icmp_type) && view->ttl != 1)
		qw_walk_event(walk, QW_PE_ICMPV6_MLD_MESSAGE_WITH_INVALID_HL);
}

void qw_walk_icmp_events(struct qw_walk *walk, const struct qw_packet *view)
{
	if (view->version == 4)
		note_v4(walk, view);
	else
		note_v6(walk, view);
}

/* RFC 826 over Ethernet, for IPv4.  The first thing that is wrong is told. */
void qw_walk_arp_events(struct qw_walk *walk)
{
	enum { FIXED = 8, WHOLE = 28, ETHERNET = 1, OPERATIONS = 4 };
	const uint8_t *at = walk->in.at;
	const struct {
		bool odd;
		enum qw_packet_event event;
	} checks[] = {
	    {walk->in.left >= FIXED && qw_be16(at) != ETHERNET, QW_PE_ARP_UNSUPPORTED_HARDWARE},
	    {walk->in.left >= FIXED && qw_be16(at + 2) != QW_ETHER_IPV4, QW_PE_ARP_UNSUPPORTED_PROTOCOL},
	    {walk->in.left >= FIXED && walk->in.left < WHOLE, QW_PE_ARP_INVALID_PKT},
	    {walk->in.left >= WHOLE && at[4] != 6, QW_PE_ARP_INVALID_HARDWARE_SIZE},
	    {walk->in.left >= WHOLE && at[5] != 4, QW_PE_ARP_INVALID_PROTOCOL_SIZE},
	    {walk->in.left >= WHOLE && (qw_be16(at + 6) == 0 || qw_be16(at + 6) > OPERATIONS), QW_PE_ARP_UNSUPPORTED_OPCODE},
	};

	if (walk->in.left < FIXED)
		qw_walk_event(walk, QW_PE_ARP_PKT_TOO_SMALL);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (!checks[i].odd)
			continue;
		qw_walk_event(walk, checks[i].event);
		return;
	}
}

/* RFC 9260, 3: chunks of type, flags and length, each padded to four bytes. */
void qw_walk_sctp_events(struct qw_walk *walk, const struct qw_packet *view)
{
	enum { CHUNK = 4, TAG_AT = 4, DATA = 0, INIT = 1 };
	struct qw_bytes in = qw_bytes(view->payload, view->payload_len), chunk;
	bool tagged = qw_be32(view->transport + TAG_AT) != 0, init = false;
	unsigned count = 0;

	for (; in.left; count++) {
		if (in.left < CHUNK) {
			qw_walk_event(walk, QW_PE_SCTP_CHUNK_TOO_SMALL);
			return;
		}
		uint8_t type = in.at[0];
		size_t len = qw_be16(in.at + 2), padding = (4 - len % 4) % 4;
		if (len < CHUNK || !qw_bytes_take(&in, len, &chunk)) {
			qw_walk_event(walk, QW_PE_SCTP_CHUNK_LEN_INVALID);
			return;
		}
		(void)qw_bytes_skip(&in, padding < in.left ? padding : in.left);
		init |= type == INIT;
		if (type == INIT && tagged)
			qw_walk_event(walk, QW_PE_SCTP_INIT_WITH_NON_ZERO_VTAG);
		if (type == DATA && !tagged)
			qw_walk_event(walk, QW_PE_SCTP_DATA_WITH_ZERO_VTAG);
	}
	if (init && count > 1)
		qw_walk_event(walk, QW_PE_SCTP_INIT_CHUNK_NOT_ALONE);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* gre - RFC 2784, 2890, 2637 (PPTP), and what mirrors and caches put into it: ERSPAN, WCCP, EtherIP beside it. */
#include "sensor/decode/checksum.h"
#include "sensor/decode/walk.h"

enum {
	GRE_SUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_STRICT = 0x0800,
	GRE_RECURSION = 0x0700,
	GRE_ACK = 0x0080,
	GRE_RESERVED = 0x0078, /* version 1; version 0 reserves GRE_ACK too */
	GRE_VERSION = 7
};

enum { TYPE_WCCP = 0x883e, TYPE_ERSPAN_2 = 0x88be, TYPE_ERSPAN_3 = 0x22eb, TYPE_MAX_LENGTH = 1500 };

/* Source routes (RFC 1701) end with an entry of length 0. */
static bool skip_routes(struct qw_bytes *in)
{
	struct qw_bytes entry;

	do {
		if (!qw_bytes_take(in, 4, &entry) || !qw_bytes_skip(in, entry.at[3]))
			return false;
	} while (entry.at[3] != 0);
	return true;
}

static bool skip_fields(struct qw_bytes *in, uint16_t flags)
{
	if ((flags & (GRE_SUM | GRE_ROUTING)) && !qw_bytes_skip(in, 4))
		return false;
	if ((flags & GRE_KEY) && !qw_bytes_skip(in, 4))
		return false;
	return !(flags & GRE_SEQUENCE) || qw_bytes_skip(in, 4);
}

static bool sum_right(const struct qw_walk *walk, struct qw_bytes whole, uint16_t flags)
{
	if (!(flags & GRE_SUM) || !walk->options->verify_checksums || walk->cut)
		return true;
	return qw_sum_fold(qw_sum_add(0, whole.at, whole.left)) == 0xffff;
}

static enum qw_step step_of_protocol(struct qw_walk *walk, uint16_t flags, uint16_t type)
{
	walk->ether_type = type;
	switch (type) {
	case TYPE_ERSPAN_2:
		return flags & GRE_SEQUENCE ? QW_STEP_ERSPAN_2 : QW_STEP_ETHERNET; /* type I has no header */
	case TYPE_ERSPAN_3: return QW_STEP_ERSPAN_3;
	case TYPE_WCCP: return QW_STEP_WCCP;
	case 0: return QW_STEP_DONE; /* a keep-alive */
	default: return type > TYPE_MAX_LENGTH ? QW_STEP_TYPE : QW_STEP_OTHER;
	}
}

/* Bits that stand where none should. */
static void note_flags(struct qw_walk *walk, uint16_t flags)
{
	static const struct {
		uint16_t bits;
		uint8_t event;
	} rows[2][5] = {
	    {{GRE_RECURSION, QW_PE_GRE_VERSION0_RECUR}, {GRE_RESERVED | GRE_ACK, QW_PE_GRE_VERSION0_FLAGS}},
	    {{GRE_SUM, QW_PE_GRE_VERSION1_CHKSUM},
	     {GRE_ROUTING, QW_PE_GRE_VERSION1_ROUTE},
	     {GRE_STRICT, QW_PE_GRE_VERSION1_SSR},
	     {GRE_RECURSION, QW_PE_GRE_VERSION1_RECUR},
	     {GRE_RESERVED, QW_PE_GRE_VERSION1_FLAGS}},
	};

	for (size_t i = 0; i < 5; i++)
		if (flags & rows[flags & GRE_VERSION][i].bits)
			qw_walk_carrier_event(walk, (enum qw_packet_event)rows[flags & GRE_VERSION][i].event);
}

/* Version 1 carries PPP only, has a key always, and its key's first half is the payload's length. */
static enum qw_step pptp(struct qw_walk *walk, struct qw_bytes in, uint16_t flags, uint16_t type)
{
	uint16_t len, call;

	if (type != QW_ETHER_PPP)
		return qw_walk_tunnel_event(walk, QW_PE_GRE_VERSION1_WRONG_PROTOCOL);
	if (!(flags & GRE_KEY))
		return qw_walk_tunnel_event(walk, QW_PE_GRE_VERSION1_NO_KEY);
	if (flags & (GRE_SUM | GRE_ROUTING))
		return qw_walk_tunnel_bad(walk);
	if (!qw_bytes_be16(&in, &len) || !qw_bytes_be16(&in, &call) ||
	    ((flags & GRE_SEQUENCE) && !qw_bytes_skip(&in, 4)) || ((flags & GRE_ACK) && !qw_bytes_skip(&in, 4)))
		return qw_walk_tunnel_event(walk, QW_PE_GRE_VERSION1_HDR_TOO_BIG);
	walk->in = in;
	if (!qw_walk_limit(walk, len))
		return qw_walk_tunnel_bad(walk);
	if (!(flags & GRE_SEQUENCE) || len == 0) /* an acknowledgement alone */
		return QW_STEP_DONE;
	walk->ether_type = type;
	return QW_STEP_PPP;
}

enum qw_step qw_walk_gre(struct qw_walk *walk)
{
	struct qw_bytes in = walk->in;
	uint16_t flags, type;

	if (!qw_bytes_be16(&in, &flags) || !qw_bytes_be16(&in, &type))
		return qw_walk_tunnel_event(walk, QW_PE_GRE_PKT_TOO_SMALL);
	if ((flags & GRE_VERSION) > 1)
		return qw_walk_tunnel_event(walk, QW_PE_GRE_WRONG_VERSION);
	note_flags(walk, flags);
	if ((flags & GRE_VERSION) == 1)
		return pptp(walk, in, flags, type);
	if (!skip_fields(&in, flags))
		return qw_walk_tunnel_event(walk, QW_PE_GRE_VERSION0_HDR_TOO_BIG);
	if ((flags & GRE_ROUTING) && !skip_routes(&in))
		return qw_walk_tunnel_event(walk, QW_PE_GRE_VERSION0_MALFORMED_SRE_HDR);
	if (!sum_right(walk, walk->in, flags))
		return qw_walk_tunnel_bad(walk);
	walk->in = in;
	return step_of_protocol(walk, flags, type);
}

/* A mirrored frame's tag stands in the ERSPAN header (draft-foschiano-erspan-03), the frame follows without it. */
static enum qw_step mirrored(struct qw_walk *walk, uint16_t vlan)
{
	enum qw_step step = qw_walk_ethernet(walk);

	if (step == QW_STEP_FAILED || vlan == 0)
		return step;
	qw_walk_add_vlan(walk, vlan);
	return step;
}

enum qw_step qw_walk_erspan_2(struct qw_walk *walk)
{
	struct qw_bytes header;

	if (!qw_bytes_take(&walk->in, 8, &header))
		return qw_walk_tunnel_event(walk, QW_PE_ERSPAN_HEADER_TOO_SMALL);
	if (header.at[0] >> 4 != 1)
		return qw_walk_tunnel_event(walk, QW_PE_ERSPAN_UNSUPPORTED_VERSION);
	return mirrored(walk, qw_be16(header.at) & 0x0fff);
}

enum qw_step qw_walk_erspan_3(struct qw_walk *walk)
{
	struct qw_bytes header;

	if (!qw_bytes_take(&walk->in, 12, &header))
		return qw_walk_tunnel_event(walk, QW_PE_ERSPAN_HEADER_TOO_SMALL);
	if (header.at[0] >> 4 != 2)
		return qw_walk_tunnel_event(walk, QW_PE_ERSPAN_UNSUPPORTED_VERSION);
	bool subheader = header.at[11] & 1;
	bool frame = !(header.at[10] & 0x80) || (header.at[10] & 0x7c) == 0; /* P: Ethernet; else FT says */
	if (subheader && !qw_bytes_skip(&walk->in, 8))
		return qw_walk_tunnel_bad(walk);
	if (!frame)
		return (header.at[10] & 0x7c) == 0x08 ? QW_STEP_IP : QW_STEP_OTHER;
	return mirrored(walk, qw_be16(header.at) & 0x0fff);
}

/* WCCP version 2 puts four bytes before the packet, version 1 none. */
enum qw_step qw_walk_wccp(struct qw_walk *walk)
{
	if (walk->in.left && walk->in.at[0] >> 4 != 4 && !qw_bytes_skip(&walk->in, 4))
		return qw_walk_tunnel_bad(walk);
	return QW_STEP_IPV4;
}

/* RFC 3378: version 3 and twelve bits of nothing. */
enum qw_step qw_walk_etherip(struct qw_walk *walk)
{
	uint16_t version;

	if (!qw_bytes_be16(&walk->in, &version) || version >> 12 != 3)
		return qw_walk_tunnel_bad(walk);
	return QW_STEP_ETHERNET;
}

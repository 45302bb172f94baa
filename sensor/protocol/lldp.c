/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lldp - what a device says of itself to its neighbour (IEEE 802.1AB), for the inventory.
 *
 * Told when it is heard first, and when something of it has changed.
 */
#include "quaywatch/address.h"
#include "quaywatch/hash.h"
#include "sensor/protocol/link.h"
#include "sensor/protocol/links.h"
#include "sensor/protocol/ot_text.h"

enum { CONVERSATIONS = 1024, TEXT_MAX = 96, ID_MAX = 64, UNITS_MAX = 128, MAC = 6 };

enum { END, CHASSIS, PORT, LIFETIME, PORT_DESCRIPTION, NAME, DESCRIPTION, CAPABILITIES, MANAGEMENT, SPECIFIC = 127 };

enum { ODD_MALFORMED = 1 };
static const struct qw_link_odd odds[] = {{"malformed", QW_AE_LLDP_MALFORMED}, {NULL, QW_AE_NONE}};

struct lldp {
	struct qw_slice chassis, port, mac;
	struct qw_slice port_description, name, description;
	struct qw_address address;
	bool has_address, malformed, lives;
	uint8_t chassis_kind, port_kind;
	uint16_t lifetime_s, capabilities; /* those that are in use */
	uint64_t digest; /* of all that is told */
};

struct neighbour {
	uint64_t digest;
};
_Static_assert(sizeof(struct neighbour) <= QW_LINK_STATE, "kept in a conversation");

/* ---- reading */

static bool read_id(struct qw_bytes in, uint8_t *kind, struct qw_slice *out)
{
	if (!qw_bytes_u8(&in, kind) || in.left == 0)
		return false;
	*out = qw_slice(in.at, in.left);
	return true;
}

/* Address family (IANA) and bytes. */
static bool read_address(struct lldp *lldp, struct qw_bytes in)
{
	enum { FOUR = 1, SIX = 2, EVERYTHING = 6 };
	uint8_t len, family;
	struct qw_bytes body;
	if (!qw_bytes_u8(&in, &len) || !qw_bytes_take(&in, len, &body) || !qw_bytes_u8(&body, &family))
		return false;
	if (lldp->has_address)
		return true;
	if (family == FOUR && body.left == 4)
		lldp->address = qw_address_v4(body.at);
	else if (family == SIX && body.left == 16)
		lldp->address = qw_address_v6(body.at);
	else if (family == EVERYTHING && body.left == MAC && !lldp->mac.len)
		lldp->mac = qw_slice(body.at, MAC);
	lldp->has_address = (family == FOUR && body.left == 4) || (family == SIX && body.left == 16);
	return true;
}

/* PROFINET's own (IEC 61784-2): the device's address. */
static void read_specific(struct lldp *lldp, struct qw_bytes in)
{
	enum { PROFINET = 0x000ecf, CHASSIS_MAC = 5 };
	uint32_t organisation;
	uint8_t kind;
	if (qw_bytes_be24(&in, &organisation) && qw_bytes_u8(&in, &kind) && organisation == PROFINET &&
	    kind == CHASSIS_MAC && in.left == MAC)
		lldp->mac = qw_slice(in.at, MAC);
}

static bool read_unit(struct lldp *lldp, unsigned type, struct qw_bytes in)
{
	struct qw_bytes enabled = in;
	struct qw_slice text = qw_slice(in.at, in.left);
	switch (type) {
	case CHASSIS: return read_id(in, &lldp->chassis_kind, &lldp->chassis);
	case PORT: return read_id(in, &lldp->port_kind, &lldp->port);
	case LIFETIME: lldp->lives = true; return qw_bytes_be16(&in, &lldp->lifetime_s);
	case PORT_DESCRIPTION: lldp->port_description = text; return true;
	case NAME: lldp->name = text; return true;
	case DESCRIPTION: lldp->description = text; return true;
	case CAPABILITIES: return qw_bytes_skip(&enabled, 2) && qw_bytes_be16(&enabled, &lldp->capabilities);
	case MANAGEMENT: return read_address(lldp, in);
	case SPECIFIC: read_specific(lldp, in); return true;
	default: return true;
	}
}

/* What measures (delays, of PROFINET) is left out: it changes all the time. */
static uint64_t mixed(uint64_t digest, unsigned type, struct qw_bytes in)
{
	static const struct qw_hash_key key = {0};
	return type == SPECIFIC || type == LIFETIME ? digest : qw_mix64(digest + type) ^ qw_siphash(key, in.at, in.left);
}

static void read_lldp(struct lldp *out, struct qw_bytes in)
{
	uint16_t head;
	struct qw_bytes body;
	*out = (struct lldp){0};
	for (unsigned i = 0; i < UNITS_MAX && qw_bytes_be16(&in, &head) && head >> 9 != END; i++) {
		if (!qw_bytes_take(&in, head & 0x1ff, &body)) {
			out->malformed = true;
			break;
		}
		out->digest = mixed(out->digest, head >> 9, body);
		out->malformed |= !read_unit(out, head >> 9, body);
	}
	out->malformed |= !out->chassis.len || !out->port.len || !out->lives;
}

/* ---- what events say */

static void put_bytes(struct qw_text *text, struct qw_slice bytes)
{
	for (size_t i = 0; i < bytes.len && i < MAC; i++) {
		if (i)
			qw_text_char(text, ':');
		qw_text_hex(text, bytes.data + i, 1);
	}
}

/* Addresses as such, names as they are. */
static struct qw_slice id_text(char memory[ID_MAX], struct qw_slice id, bool is_mac, bool is_address)
{
	struct qw_text text;
	qw_text_init(&text, memory, ID_MAX);
	if (is_mac && id.len == MAC) {
		put_bytes(&text, id);
	} else if (is_address && id.len == 5) {
		struct qw_address address = qw_address_v4(id.data + 1);
		qw_text_address(&text, &address);
	} else {
		return id;
	}
	return qw_ot_text_slice(&text);
}

static void put_capabilities(struct qw_text *text, const struct lldp *lldp)
{
	static const char *const names[] = {"other",  "repeater",  "bridge",      "access_point",
					    "router", "telephone", "cable_modem", "station"};
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (lldp->capabilities >> i & 1)
			qw_ot_put_word(text, names[i]);
	qw_link_put_odds(text, odds, lldp->malformed ? ODD_MALFORMED : 0);
}

static void tell(const struct qw_link_call *call, struct qw_link_talk *talk, const struct lldp *lldp, const char *kind)
{
	enum { CHASSIS_MAC = 4, CHASSIS_ADDRESS = 5, PORT_MAC = 3, PORT_ADDRESS = 4 };
	char chassis[ID_MAX], port[ID_MAX], flags_memory[TEXT_MAX];
	struct qw_ot_detail detail;
	struct qw_text flags;
	struct qw_slice mac = lldp->chassis_kind == CHASSIS_MAC && lldp->chassis.len == MAC ? lldp->chassis : lldp->mac;
	qw_text_init(&flags, flags_memory, sizeof(flags_memory));
	put_capabilities(&flags, lldp);
	qw_ot_begin(&detail, "lldp", QW_OT_NO_NUMBER, NULL, false);
	detail.kind = kind;
	qw_ot_number(&detail, QW_KEY_OT_LIFETIME, lldp->lifetime_s * UINT64_C(1000));
	if (lldp->has_address)
		qw_ot_text(&detail, QW_KEY_OT_IP, qw_slice(&lldp->address, sizeof(lldp->address)));
	qw_ot_text(&detail, QW_KEY_OT_MAC, mac);
	qw_ot_text(&detail, QW_KEY_OT_CHASSIS,
		   id_text(chassis, lldp->chassis, lldp->chassis_kind == CHASSIS_MAC, lldp->chassis_kind == CHASSIS_ADDRESS));
	qw_ot_text(&detail, QW_KEY_OT_PORT,
		   id_text(port, lldp->port, lldp->port_kind == PORT_MAC, lldp->port_kind == PORT_ADDRESS));
	qw_ot_text(&detail, QW_KEY_OT_PORT_DESCRIPTION, lldp->port_description);
	qw_ot_text(&detail, QW_KEY_OT_INDICATIONS, qw_ot_text_slice(&flags));
	qw_ot_text(&detail, QW_KEY_OT_DEVICE_NAME, lldp->name);
	qw_ot_text(&detail, QW_KEY_OT_DESCRIPTION, lldp->description);
	qw_link_tell(call, talk, &detail, odds, lldp->malformed ? ODD_MALFORMED : 0);
}

static void feed(const struct qw_link_call *call, struct qw_bytes in)
{
	struct lldp lldp;
	read_lldp(&lldp, in);
	struct qw_link_talk *talk = qw_link_find(call, 0);
	struct neighbour *neighbour = (struct neighbour *)(void *)talk->state;
	bool leaves = lldp.lives && lldp.lifetime_s == 0, is_new = qw_link_is_new(talk);
	if (!is_new && !leaves && neighbour->digest == lldp.digest)
		return;
	neighbour->digest = leaves ? 0 : lldp.digest;
	tell(call, talk, &lldp, leaves ? "leaves" : is_new ? "neighbour" : "changed");
}

const struct qw_link_ops qw_link_lldp = {
    .app = QW_APP_LLDP,
    .ether_type = 0x88cc,
    .conversations = CONVERSATIONS,
    .feed = feed,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arp - who has which IPv4 address (RFC 826), for the inventory.
 *
 * A pair of sender and target is told once; that an address is another's now,
 * each time, though at most once a second for one address.
 */
#include "quaywatch/address.h"
#include "sensor/protocol/link.h"
#include "sensor/protocol/links.h"

enum { CONVERSATIONS = 4096, ETHERNET = 1, IPV4 = 0x0800, REQUEST = 1, REPLY = 2, BODY = 20, MAC = 6, ADDRESS = 4 };

enum odd { ODD_MALFORMED = 1 << 0, ODD_CONFLICT = 1 << 1 };

static const struct qw_link_odd odds[] = {
	{"malformed", QW_AE_ARP_MALFORMED}, {"address_conflict", QW_AE_ARP_ADDRESS_CONFLICT}, {NULL, QW_AE_NONE}};

struct arp {
	uint16_t operation;
	const uint8_t *sender_mac, *sender, *target_mac, *target;
};

/* Whose an address is. */
struct owner {
	struct qw_time told; /* that it was another's */
	uint8_t mac[MAC];
};
_Static_assert(sizeof(struct owner) <= QW_LINK_STATE, "kept in a conversation");

static bool read_arp(struct arp *out, struct qw_bytes in)
{
	uint16_t hardware, protocol;
	uint8_t mac_len, address_len;
	struct qw_bytes body;
	if (!qw_bytes_be16(&in, &hardware) || !qw_bytes_be16(&in, &protocol) || !qw_bytes_u8(&in, &mac_len) ||
	    !qw_bytes_u8(&in, &address_len) || !qw_bytes_be16(&in, &out->operation) || !qw_bytes_take(&in, BODY, &body) ||
	    hardware != ETHERNET || protocol != IPV4 || mac_len != MAC || address_len != ADDRESS)
		return false;
	out->sender_mac = body.at;
	out->sender = body.at + MAC;
	out->target_mac = out->sender + ADDRESS;
	out->target = out->target_mac + MAC;
	return out->operation == REQUEST || out->operation == REPLY;
}

static const char *kind_of(const struct arp *arp)
{
	if (qw_be32(arp->sender) == 0)
		return "probe"; /* RFC 5227: is the address free? */
	if (qw_be32(arp->sender) == qw_be32(arp->target))
		return "gratuitous";
	return arp->operation == REPLY ? "reply" : "request";
}

/* Is the sender's address another's?  before: whose. */
static bool is_taken(const struct qw_link_call *call, const struct arp *arp, uint8_t before[MAC])
{
	if (qw_be32(arp->sender) == 0)
		return false;
	struct qw_link_talk *talk = qw_link_find_common(call, qw_be32(arp->sender));
	struct owner *owner = (struct owner *)(void *)talk->state;
	bool taken = !qw_link_is_new(talk) && memcmp(owner->mac, arp->sender_mac, MAC) != 0;
	memcpy(before, owner->mac, MAC);
	memcpy(owner->mac, arp->sender_mac, MAC);
	if (!taken || (owner->told.ns && talk->last.ns - owner->told.ns < QW_NS_PER_S))
		return false;
	owner->told = talk->last;
	return true;
}

/* before: whose the address was; NULL: nobody else's. */
static void tell(const struct qw_link_call *call, struct qw_link_talk *talk, const struct arp *arp,
		 const uint8_t *before)
{
	const struct qw_address sender = qw_address_v4(arp->sender), target = qw_address_v4(arp->target);
	struct qw_ot_detail detail;
	qw_ot_begin(&detail, "arp", QW_OT_NO_NUMBER, NULL, arp->operation == REPLY);
	detail.kind = kind_of(arp);
	qw_ot_text(&detail, QW_KEY_OT_IP, qw_slice(&sender, sizeof(sender)));
	qw_ot_text(&detail, QW_KEY_OT_MAC, qw_slice(arp->sender_mac, MAC));
	qw_ot_text(&detail, QW_KEY_OT_TARGET_IP, qw_slice(&target, sizeof(target)));
	if (arp->operation == REPLY)
		qw_ot_text(&detail, QW_KEY_OT_TARGET_MAC, qw_slice(arp->target_mac, MAC));
	if (before) {
		qw_ot_text(&detail, QW_KEY_OT_BEFORE_MAC, qw_slice(before, MAC));
		qw_ot_text(&detail, QW_KEY_OT_INDICATIONS, qw_slice_text("address_conflict"));
	}
	qw_link_tell(call, talk, &detail, odds, before ? ODD_CONFLICT : 0);
}

static void tell_malformed(const struct qw_link_call *call)
{
	struct qw_link_talk *talk = qw_link_find(call, UINT64_MAX);
	struct qw_ot_detail detail;
	if (!qw_link_is_new(talk))
		return;
	qw_ot_begin(&detail, "arp", QW_OT_NO_NUMBER, NULL, false);
	detail.kind = "malformed";
	qw_link_tell(call, talk, &detail, odds, ODD_MALFORMED);
}

static void feed(const struct qw_link_call *call, struct qw_bytes in)
{
	uint8_t before[MAC];
	struct arp arp;
	if (!read_arp(&arp, in)) {
		tell_malformed(call);
		return;
	}
	bool taken = is_taken(call, &arp, before);
	uint64_t pair = (uint64_t)qw_be32(arp.sender) << 32 | qw_be32(arp.target);
	struct qw_link_talk *talk = qw_link_find(call, arp.operation == REPLY ? ~pair : pair);
	if (taken || qw_link_is_new(talk))
		tell(call, talk, &arp, taken ? before : NULL);
}

const struct qw_link_ops qw_link_arp = {
    .app = QW_APP_ARP,
    .ether_type = 0x0806,
    .conversations = CONVERSATIONS,
    .feed = feed,
};

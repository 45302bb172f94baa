/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bacnet_link - BACnet right above 802.2: its own service access point, and MS/TP as a bridge to it shows it.
 *
 * Source: ANSI/ASHRAE 135, clauses 7 and 9.  Segments are told one by one: what
 * they make together is only put together where there is a flow (bacnet.c).
 */
#include <string.h>

#include "quaywatch/hash.h"
#include "sensor/protocol/bacnet_scene.h"
#include "sensor/protocol/links.h"
#include "sensor/protocol/parser.h"

enum {
	FRAME_802_2 = 0x0004, /* ether_type of what has a length instead */
	CONVERSATIONS = 1024,
	MAC = 6,
	PAIRS = 7,
	BACNET_SAP = 0x828203,
	SNAP = 0xaaaa03,
	CIMETRICS = 0x001090,
	CIMETRICS_MSTP = 1,
	CIMETRICS_HEAD = 3, /* times */
	MSTP_EXPECTS_REPLY = 5,
	MSTP_NO_REPLY = 6,
};

/* What two stations last asked each other. */
struct asked {
	struct {
		uint32_t key; /* 0: none */
		uint32_t object;
	} pair[PAIRS];
	uint8_t next;
};
_Static_assert(sizeof(struct asked) <= QW_LINK_STATE, "kept in a conversation");

/* ---- frames */

/* Frame type, destination, source, length and a checksum of these; data of other types is not BACnet's. */
static bool read_mstp(struct qw_bytes *in)
{
	uint8_t type, checksum;
	uint16_t stations, len;
	if (!qw_bytes_skip(in, CIMETRICS_HEAD) || !qw_bytes_u8(in, &type) || !qw_bytes_be16(in, &stations) ||
	    !qw_bytes_be16(in, &len) || !qw_bytes_u8(in, &checksum))
		return false;
	qw_bytes_limit(in, len);
	return len > 0 && (type == MSTP_EXPECTS_REPLY || type == MSTP_NO_REPLY);
}

/* Leaves the network layer's message.  False: it is another protocol's. */
static bool read_head(struct qw_bytes *in)
{
	uint32_t service, organisation;
	uint16_t protocol;
	if (!qw_bytes_be24(in, &service))
		return false;
	if (service == BACNET_SAP)
		return true;
	return service == SNAP && qw_bytes_be24(in, &organisation) && organisation == CIMETRICS &&
	       qw_bytes_be16(in, &protocol) && protocol == CIMETRICS_MSTP && read_mstp(in);
}

/* ---- conversations */

/* The same for both directions. */
static struct qw_link_talk *talk_of(const struct qw_link_call *call)
{
	static const uint8_t nobody[2 * MAC];
	const uint8_t *header = call->packet->mac ? call->packet->mac : nobody;
	bool ordered = memcmp(header, header + MAC, MAC) < 0;
	uint8_t stations[2 * MAC];
	memcpy(stations, header + (ordered ? 0 : MAC), MAC);
	memcpy(stations + MAC, header + (ordered ? MAC : 0), MAC);
	return qw_link_find_common(call, qw_link_id(call, qw_slice(stations, sizeof(stations)), 0));
}

static uint32_t key_of(const struct qw_link_call *call, const struct qw_bacnet_scene *scene, bool asks)
{
	const uint8_t *asker = call->packet->mac ? call->packet->mac + (asks ? MAC : 0) : NULL;
	uint64_t key = qw_bacnet_scene_key(scene);
	if (asker)
		key ^= (uint64_t)qw_be32(asker + 2) << 32 ^ qw_be16(asker);
	return (uint32_t)(qw_mix64(key) >> 32) | 1;
}

/* The request that this answers, in *out; NULL: it is none, or nobody asked. */
static const struct qw_ot_pair *pair(const struct qw_link_call *call, struct qw_link_talk *talk,
				     const struct qw_bacnet_scene *scene, struct qw_ot_pair *out)
{
	struct asked *asked = (struct asked *)(void *)talk->state;
	bool asks = qw_bacnet_scene_asks(scene);
	if (!asks && !qw_bacnet_scene_answers(scene))
		return NULL;
	uint32_t key = key_of(call, scene, asks);
	for (unsigned i = 0; i < PAIRS && !asks; i++)
		if (asked->pair[i].key == key) {
			*out = (struct qw_ot_pair){.key = key, .object = asked->pair[i].object};
			asked->pair[i].key = 0;
			return out;
		}
	if (asks) {
		asked->pair[asked->next].key = key;
		asked->pair[asked->next].object = qw_bacnet_scene_object(scene);
		asked->next = (uint8_t)((asked->next + 1) % PAIRS);
	}
	return NULL;
}

/* ---- messages */

static void feed(const struct qw_link_call *call, struct qw_bytes in)
{
	struct qw_bacnet_scene scene;
	struct qw_message message;
	struct qw_ot_pair memory;
	uint32_t wants = qw_link_wants(call);
	if (!read_head(&in))
		return;
	qw_bacnet_parse_network(&scene.message, in);
	scene.read = scene.message.service >= 0 && !scene.message.malformed && !scene.message.segmented;
	scene.too_large = false;
	if (scene.read)
		qw_bacnet_service_parse(&scene.service, scene.message.type, (uint8_t)scene.message.service,
					qw_bytes(scene.message.body.data, scene.message.body.len));
	struct qw_link_talk *talk = talk_of(call);
	qw_bacnet_scene_fill(&scene, pair(call, talk, &scene, &memory), wants & QW_OT_WANT_VALUES);
	qw_link_begin(call, talk, &scene.detail, &message);
	if (wants & QW_OT_WANT_FIELDS)
		qw_bacnet_scene_fields(&scene, &message);
	qw_link_publish(call, &message);
}

const struct qw_link_ops qw_link_bacnet = {
    .app = QW_APP_BACNET,
    .ether_type = FRAME_802_2,
    .conversations = CONVERSATIONS,
    .feed = feed,
};

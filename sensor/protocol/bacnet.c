/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bacnet - BACnet/IP: each datagram is a transaction of its own.
 *
 * What is sent in segments is told segment by segment, and what it is about
 * with the last of them.  Answers are paired with requests by invoke id and
 * the address behind routers, if there are any.
 */
#include "sensor/protocol/bacnet_scene.h"

#include "quaywatch/hash.h"
#include "sensor/protocol/ot_pairs.h"
#include "sensor/protocol/parsers.h"
#include "sensor/protocol/store.h"

enum {
	PORT = 47808,
	SLOTS = 2, /* messages of one direction that are put together at once */
	MESSAGE_MAX = 64 << 10,
};

/* A message that comes in segments. */
struct slot {
	struct qw_store body;
	uint64_t key;
	uint8_t next; /* segment */
	bool open;
};

struct bacnet {
	uint64_t transactions;
	struct qw_ot_pairs pairs;
	struct slot slot[2][SLOTS];
	uint8_t turn[2]; /* slot that is taken next */
	bool idle;
};

struct call {
	struct bacnet *bacnet;
	struct qw_flow *flow;
	enum qw_direction direction;
	const struct qw_message_sink *sink;
};

/* ---- pairs and segments */

/* Who asks, or is answered, behind which router; the same for both. */
static uint64_t key_of(const struct qw_bacnet_message *message)
{
	bool asks = qw_bacnet_asks(message);
	const struct qw_bacnet_address *address = asks ? &message->destination : &message->source;
	bool routed = asks ? message->routed_to : message->routed_from;
	uint64_t key = (uint64_t)(uint16_t)message->invoke;
	if (!routed)
		return key;
	for (size_t i = 0; i < address->octets.len; i++)
		key = qw_mix64(key ^ address->octets.data[i]);
	return qw_mix64(key ^ (uint64_t)address->network << 32) | UINT64_C(1) << 63;
}

static uint32_t object_of(const struct qw_bacnet_scene *scene)
{
	const struct qw_bacnet_item *item = &scene->service.item[0];
	if (!scene->read || scene->service.items == 0 || !(item->has & QW_BACNET_HAS_OBJECT))
		return 0;
	return ((uint32_t)item->object << QW_BACNET_INSTANCE_BITS | item->instance) + 1;
}

static const struct qw_ot_pair *pair(const struct call *call, const struct qw_bacnet_scene *scene)
{
	const struct qw_bacnet_message *message = &scene->message;
	if (message->invoke < 0 || message->type == QW_BACNET_SEGMENT_ACK)
		return NULL;
	if (!qw_bacnet_asks(message))
		return qw_ot_pairs_answer(&call->bacnet->pairs, key_of(message));
	if (!message->segmented || message->segment == 0)
		qw_ot_pairs_ask(call->bacnet, &call->bacnet->pairs, key_of(message), object_of(scene), 0);
	return NULL;
}

static void close_slot(struct bacnet *bacnet, struct slot *slot)
{
	qw_store_free(bacnet, &slot->body);
	slot->open = false;
}

/* The first segment takes the slot that was taken longest ago. */
static struct slot *slot_of(const struct call *call, const struct qw_bacnet_message *message)
{
	struct bacnet *bacnet = call->bacnet;
	struct slot *slots = bacnet->slot[call->direction], *slot;
	uint64_t key = key_of(message) ^ (uint64_t)message->type << 56;
	for (slot = slots; slot < slots + SLOTS; slot++)
		if (slot->open && slot->key == key && message->segment)
			return slot;
	if (message->segment)
		return NULL;
	slot = &slots[bacnet->turn[call->direction]++ % SLOTS];
	close_slot(bacnet, slot);
	*slot = (struct slot){.key = key, .open = true};
	return slot;
}

/* True: it was the last one, and the body is whole.  A segment that comes again is passed over. */
static bool put_segmented(const struct call *call, struct qw_bacnet_scene *scene, struct slot *slot)
{
	const struct qw_bacnet_message *message = &scene->message;
	if (message->segment != slot->next) {
		if ((uint8_t)(slot->next - message->segment) > SLOTS * 8)
			close_slot(call->bacnet, slot);
		return false;
	}
	slot->next++;
	if (qw_store_put(call->bacnet, &slot->body, message->body.data, message->body.len, MESSAGE_MAX))
		return !message->more;
	scene->too_large = true;
	close_slot(call->bacnet, slot);
	return false;
}

/* ---- messages */

static void publish(const struct call *call, struct qw_bacnet_scene *scene)
{
	struct qw_message message;
	uint32_t wants = qw_parser_ot_wants(call->bacnet);
	const struct qw_ot_pair *asked = scene->message.apdu ? pair(call, scene) : NULL;
	qw_message_begin(&message, QW_APP_BACNET, call->direction, ++call->bacnet->transactions);
	message.last = message.alone = true;
	qw_bacnet_scene_fill(scene, asked, wants & QW_OT_WANT_VALUES);
	if (wants & QW_OT_WANT_FIELDS)
		qw_bacnet_scene_fields(scene, &message);
	message.detail = &scene->detail;
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

static void read_service(const struct call *call, struct qw_bacnet_scene *scene)
{
	const struct qw_bacnet_message *message = &scene->message;
	qw_bacnet_service_parse(&scene->service, message->type, (uint8_t)message->service,
				qw_bytes(message->body.data, message->body.len));
	scene->read = true;
	if (scene->service.cut)
		qw_parser_cut(call->bacnet);
}

static void read_datagram(const struct call *call, struct qw_bytes in)
{
	struct qw_bacnet_scene scene;
	struct slot *slot = NULL;
	qw_bacnet_parse(&scene.message, in);
	scene.read = scene.too_large = false;
	struct qw_bacnet_message *message = &scene.message;
	bool whole = message->service >= 0 && !message->malformed;
	if (whole && message->segmented) {
		slot = slot_of(call, message);
		whole = slot && put_segmented(call, &scene, slot);
		if (whole)
			message->body = qw_store_slice(&slot->body);
	}
	if (whole)
		read_service(call, &scene);
	publish(call, &scene);
	if (slot && whole)
		close_slot(call->bacnet, slot);
}

/* ---- the parser */

static void lose(struct bacnet *bacnet)
{
	for (unsigned i = 0; i < 2 * SLOTS; i++)
		close_slot(bacnet, &bacnet->slot[i / SLOTS][i % SLOTS]);
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct bacnet *bacnet = state;
	const struct call call = {bacnet, flow, direction, sink};
	struct qw_bytes in = qw_bytes(data, len);
	bool wanted = qw_parser_ot_wants(bacnet);
	if (wanted && bacnet->idle)
		lose(bacnet);
	bacnet->idle = !wanted;
	if (wanted && qw_bacnet_length(in) > 0)
		read_datagram(&call, in);
	return QW_PARSE_MORE;
}

static void fini(void *state)
{
	struct bacnet *bacnet = state;
	qw_ot_pairs_end(bacnet, &bacnet->pairs);
	lose(bacnet);
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len);
	bool ported = qw_flow_client_port(flow) == PORT || qw_flow_server_port(flow) == PORT;
	return ported ? qw_bacnet_length(in) > 0 : qw_bacnet_is_plausible(in);
}

const struct qw_parser_ops qw_parser_bacnet = {
    .app = QW_APP_BACNET,
    .datagram = true,
    .industrial = true,
    .starts = {1, {{0x81, 0x81}}},
    .probe = probe,
    .state_bytes = sizeof(struct bacnet),
    .feed = feed,
    .fini = fini,
};

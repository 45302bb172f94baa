/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bacnet - BACnet/IP: each datagram is a transaction of its own.
 *
 * What is sent in segments is told segment by segment, and what it is about
 * with the last of them.  Answers are paired with requests by invoke id and
 * the address behind routers, if there are any.
 */
#include "sensor/protocol/bacnet_scene.h"

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

static const struct qw_ot_pair *pair(const struct call *call, const struct qw_bacnet_scene *scene)
{
	struct qw_ot_pairs *pairs = &call->bacnet->pairs;
	if (qw_bacnet_scene_answers(scene))
		return qw_ot_pairs_answer(pairs, qw_bacnet_scene_key(scene));
	if (qw_bacnet_scene_asks(scene))
		qw_ot_pairs_ask(call->bacnet, pairs, qw_bacnet_scene_key(scene), qw_bacnet_scene_object(scene), 0);
	return NULL;
}

static void close_slot(struct bacnet *bacnet, struct slot *slot)
{
	qw_store_free(bacnet, &slot->body);
	slot->open = false;
}

/* The first segment takes the slot that was taken longest ago. */
static struct slot *slot_of(const struct call *call, const struct qw_bacnet_scene *scene)
{
	const struct qw_bacnet_message *message = &scene->message;
	struct bacnet *bacnet = call->bacnet;
	struct slot *slots = bacnet->slot[call->direction], *slot;
	uint64_t key = qw_bacnet_scene_key(scene) ^ (uint64_t)message->type << 56;
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
		slot = slot_of(call, &scene);
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
    .starts = {1, {{0x81, 0x82}}},
    .probe = probe,
    .state_bytes = sizeof(struct bacnet),
    .feed = feed,
    .fini = fini,
};

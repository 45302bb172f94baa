/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/link.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/hash.h"
#include "sensor/protocol/links.h"
#include "sensor/protocol/ot_text.h"

enum {
	WAYS = 4,
	ROUND = 64, /* steps in which all conversations are looked at */
};

static const int64_t STEP_NS = QW_NS_PER_S / ROUND;

struct table {
	const struct qw_link_ops *ops;
	struct qw_link_talk *talks; /* sets of WAYS */
	size_t begun; /* nothing is there to be looked at while it is 0 */
};

struct qw_links {
	struct qw_hash_key key;
	uint32_t wants;
	unsigned step;
	struct qw_time stepped;
	struct qw_links_counters counters;
	struct table table[QW_LINK_PROTOCOLS];
};

const struct qw_link_ops *const qw_link_protocols[QW_LINK_PROTOCOLS] = {
	&qw_link_goose, &qw_link_sv, &qw_link_profinet, &qw_link_arp, &qw_link_lldp, &qw_link_bacnet,
};

/* ---- tables */

void qw_links_free(struct qw_links *links)
{
	if (!links)
		return;
	for (size_t i = 0; i < QW_LINK_PROTOCOLS; i++)
		free(links->table[i].talks);
	free(links);
}

enum qw_err qw_links_new(struct qw_links **out)
{
	struct qw_links *links = calloc(1, sizeof(*links));
	if (!links)
		return QW_ENOMEM;
	links->key = qw_hash_key_random();
	for (size_t i = 0; i < QW_LINK_PROTOCOLS; i++) {
		struct table *table = &links->table[i];
		table->ops = qw_link_protocols[i];
		table->talks = calloc(table->ops->conversations, sizeof(*table->talks));
		if (!table->talks) {
			qw_links_free(links);
			return QW_ENOMEM;
		}
	}
	*out = links;
	return QW_OK;
}

void qw_links_want(struct qw_links *links, uint32_t wants)
{
	if (wants && !links->wants)
		for (size_t i = 0; i < QW_LINK_PROTOCOLS; i++) {
			struct table *table = &links->table[i];
			if (table->begun)
				memset(table->talks, 0, table->ops->conversations * sizeof(*table->talks));
			table->begun = 0;
		}
	links->wants = wants;
}

static struct table *table_of(const struct qw_link_call *call)
{
	struct table *table = call->links->table;
	while (table->ops != call->ops)
		table++;
	return table;
}

/* Its place, or the one it takes: a free one or that of who was silent longest. */
static struct qw_link_talk *place_of(struct qw_link_talk *set, const struct qw_link_key *key)
{
	struct qw_link_talk *place = set;
	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].last.ns && memcmp(&set[i].key, key, sizeof(*key)) == 0)
			return &set[i];
		if (qw_time_before(set[i].last, place->last))
			place = &set[i];
	}
	return place;
}

static struct qw_link_talk *find(const struct qw_link_call *call, const struct qw_link_key *key)
{
	struct table *table = table_of(call);
	uint64_t hash = qw_siphash(call->links->key, key, sizeof(*key));
	struct qw_link_talk *set = table->talks + (hash & (table->ops->conversations / WAYS - 1)) * WAYS;
	struct qw_link_talk *talk = place_of(set, key);
	struct qw_time now = call->packet->time;
	bool known = talk->last.ns && memcmp(&talk->key, key, sizeof(*key)) == 0;
	if (!known) {
		call->links->counters.begun++;
		call->links->counters.evicted += talk->last.ns != 0;
		table->begun++;
		*talk = (struct qw_link_talk){.key = *key};
	}
	talk->before = talk->last;
	talk->last = now.ns ? now : qw_time_ns(1);
	talk->interface = call->packet->interface;
	return talk;
}

static void put_type(struct qw_link_key *key, uint16_t type)
{
	key->header[QW_LINK_HEADER - 2] = (uint8_t)(type >> 8);
	key->header[QW_LINK_HEADER - 1] = (uint8_t)type;
}

struct qw_link_talk *qw_link_find(const struct qw_link_call *call, uint64_t id)
{
	const struct qw_packet *packet = call->packet;
	struct qw_link_key key = {.id = id, .vlan_count = packet->vlan_count};
	if (packet->mac)
		memcpy(key.header, packet->mac, QW_LINK_HEADER - 2);
	put_type(&key, packet->ether_type);
	memcpy(key.vlan, packet->vlan, sizeof(key.vlan));
	return find(call, &key);
}

struct qw_link_talk *qw_link_find_common(const struct qw_link_call *call, uint64_t id)
{
	struct qw_link_key key = {.id = id, .vlan_count = call->packet->vlan_count};
	memcpy(key.vlan, call->packet->vlan, sizeof(key.vlan));
	return find(call, &key);
}

struct qw_links_counters qw_links_counters(const struct qw_links *links)
{
	return links->counters;
}

/* ---- frames and silence */

void qw_links_feed(struct qw_links *links, const struct qw_packet *packet, const struct qw_link_sink *sink)
{
	for (size_t i = 0; i < QW_LINK_PROTOCOLS; i++) {
		const struct qw_link_ops *ops = links->table[i].ops;
		if (ops->ether_type != packet->ether_type)
			continue;
		const struct qw_link_call call = {links, ops, packet, sink};
		ops->feed(&call, qw_bytes(packet->payload, packet->payload_len));
		return;
	}
}

static void look(struct qw_links *links, const struct table *table, struct qw_link_talk *talk, struct qw_time now,
		 const struct qw_link_sink *sink)
{
	struct qw_packet packet = {
	    .mac = talk->key.header,
	    .flags = QW_PACKET_ETHERNET,
	    .time = now,
	    .ether_type = table->ops->ether_type,
	    .interface = talk->interface,
	    .vlan_count = talk->key.vlan_count < QW_LINK_VLANS ? talk->key.vlan_count : QW_LINK_VLANS,
	};
	const struct qw_link_call call = {links, table->ops, &packet, sink};
	memcpy(packet.vlan, talk->key.vlan, sizeof(talk->key.vlan));
	table->ops->look(&call, talk);
}

static void look_at_part(struct qw_links *links, const struct table *table, struct qw_time now,
			 const struct qw_link_sink *sink)
{
	size_t share = table->ops->conversations / ROUND;
	struct qw_link_talk *talks = table->talks + links->step * share;
	for (size_t i = 0; i < share; i++)
		if (talks[i].last.ns && talks[i].key.header[QW_LINK_HEADER - 2])
			look(links, table, &talks[i], now, sink);
}

void qw_links_tick(struct qw_links *links, struct qw_time now, const struct qw_link_sink *sink)
{
	int64_t steps = (now.ns - links->stepped.ns) / STEP_NS;
	if (steps == 0 || !links->wants)
		return;
	links->stepped = now;
	if (steps > ROUND)
		steps = ROUND;
	for (; steps > 0; steps--) {
		links->step = (links->step + 1) % ROUND;
		for (size_t i = 0; i < QW_LINK_PROTOCOLS; i++)
			if (links->table[i].ops->look && links->table[i].begun)
				look_at_part(links, &links->table[i], now, sink);
	}
}

/* ---- for parsers */

uint64_t qw_link_id(const struct qw_link_call *call, struct qw_slice text, uint32_t number)
{
	return qw_siphash(call->links->key, text.data, text.len) ^ qw_mix64(number);
}

void qw_link_unread(const struct qw_link_call *call)
{
	call->links->counters.unread++;
}

void qw_link_put_odds(struct qw_text *text, const struct qw_link_odd *odds, uint32_t odd)
{
	for (; odds->word; odds++, odd >>= 1)
		if (odd & 1)
			qw_ot_put_word(text, odds->word);
}

void qw_link_begin(const struct qw_link_call *call, struct qw_link_talk *talk, const struct qw_ot_detail *detail,
		   struct qw_message *message)
{
	qw_message_begin(message, call->ops->app, detail->response ? QW_TO_CLIENT : QW_TO_SERVER, ++talk->transactions);
	message->last = message->alone = true;
	message->detail = detail;
}

void qw_link_publish(const struct qw_link_call *call, const struct qw_message *message)
{
	call->sink->publish(call->sink->ctx, call->packet, message);
}

uint32_t qw_link_wants(const struct qw_link_call *call)
{
	return call->links->wants;
}

void qw_link_tell(const struct qw_link_call *call, struct qw_link_talk *talk, const struct qw_ot_detail *detail,
		  const struct qw_link_odd *odds, uint32_t odd)
{
	struct qw_message message;
	qw_link_begin(call, talk, detail, &message);
	for (; odd; odds++, odd >>= 1)
		if (odd & 1)
			qw_message_number(&message, QW_BUFFER_APP_EVENT, odds->event, true);
	qw_link_publish(call, &message);
}

const uint8_t *qw_link_sender(const struct qw_link_call *call)
{
	static const uint8_t nobody[6];
	return call->packet->mac ? call->packet->mac + 6 : nobody;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/evasion/stage.h"

#include <stdio.h>
#include <stdlib.h>

#include "quaywatch/hash.h"

enum { PORT_CLIENT = 40000, CLIENT_FIRST = 1001, SERVER_FIRST = 5001, DECOY_MAX = 2048, GID_INDICATOR = 2, GID_ENGINE = 4 };

/* ---- what alerts */

static uint32_t number_of(const struct qw_address *address)
{
	if (qw_address_is_v4(address))
		return address->bytes[12] == 10 ? (uint32_t)address->bytes[13] << 16 | forge_get16(&address->bytes[14]) : 0;
	return address->bytes[4] == 0xe0 ? (uint32_t)address->bytes[13] << 16 | forge_get16(&address->bytes[14]) : 0;
}

static void on_event(void *ctx, const struct qw_event *event, size_t size)
{
	struct stage *stage = ctx;
	struct qw_event_reader reader;
	enum qw_event_key key;
	const uint8_t *data;
	uint64_t gid = 0, sid = 0;
	uint32_t number = 0;
	size_t len;

	assert_int_equal(qw_event_open(&reader, event, size, &event), QW_OK);
	while (qw_event_next(&reader, &key, &data, &len)) {
		if (key == QW_KEY_ALERT_GID)
			memcpy(&gid, data, sizeof(gid));
		if (key == QW_KEY_ALERT_SIGNATURE_ID)
			memcpy(&sid, data, sizeof(sid));
		if (key == QW_KEY_SRC_IP || key == QW_KEY_DEST_IP) {
			struct qw_address address;
			memcpy(&address, data, sizeof(address));
			number = number_of(&address) ? number_of(&address) : number;
		}
	}
	assert_true(event->type == QW_EVENT_ALERT && number < stage->said_max);
	if (gid == GID_INDICATOR)
		sid = stage->indicated + 1u;
	stage->said[number] |= gid == GID_ENGINE ? STAGE_ALARM : 1u << (sid - 1);
}

/* ---- life */

void stage_raise(struct stage *stage, const char *const *settings, uint32_t cases)
{
	memset(stage, 0, sizeof(*stage));
	stage->said_max = cases + 1;
	stage->said = calloc(stage->said_max, sizeof(*stage->said));
	assert_non_null(stage->said);
	stage->ns = UINT64_C(1700000000) * 1000000000;
	room_prepare(&stage->room, goods_rules);
	room_indicate(&stage->room, QW_OBS_DOMAIN, "bad.crane.example");
	for (; *settings; settings++)
		room_set(&stage->room, *settings);
	room_compile(&stage->room);
	struct qw_engine_options options = {
	    .config = stage->room.config, .interface = room_interface, .emit = on_event, .emit_ctx = stage};
	assert_int_equal(qw_engine_new(&stage->engine, &options), QW_OK);
	qw_engine_adopt(stage->engine, &stage->room.ruleset);
}

void stage_end(struct stage *stage)
{
	qw_engine_finish(stage->engine);
	qw_engine_stats(stage->engine, &stage->room.stats);
	assert_int_equal(stage->room.stats.packets, stage->packets);
	assert_int_equal(stage->room.stats.packets, stage->room.stats.inspected + room_dropped(&stage->room));
}

void stage_strike(struct stage *stage)
{
	qw_engine_free(stage->engine);
	room_close(&stage->room);
	free(stage->said);
}

void stage_begin(struct stage *stage, const struct setting *setting, enum goods_kind kind, uint32_t number)
{
	stage->setting = *setting;
	stage->kind = kind;
	stage->indicated = kind == GOODS_DNS ? GOODS_DNS : GOODS_INDICATOR;
	stage->number = number;
	stage->digest = 0;
	stage->first[FORGE_CLIENT] = CLIENT_FIRST;
	stage->first[FORGE_SERVER] = SERVER_FIRST;
	stage->client_port = PORT_CLIENT;
	if (setting->ipv6) {
		snprintf(stage->address[0], sizeof(stage->address[0]), "2001:db8:e000::%x:%x", number >> 16, number & 0xffff);
		snprintf(stage->address[1], sizeof(stage->address[1]), "2001:db8:5::1");
	} else {
		snprintf(stage->address[0], sizeof(stage->address[0]), "10.%u.%u.%u", number >> 16, number >> 8 & 255,
			 number & 255);
		snprintf(stage->address[1], sizeof(stage->address[1]), "172.16.0.9");
	}
}

/* ---- packets */

void stage_fold(struct stage *stage, const void *data, size_t len)
{
	const uint8_t *at = data;

	for (size_t i = 0; i < len; i++)
		stage->digest = (stage->digest ^ at[i]) * UINT64_C(0x100000001b3);
	stage->digest = qw_mix64(stage->digest ^ len);
}

static void fold_number(struct stage *stage, uint64_t number)
{
	stage_fold(stage, &number, sizeof(number));
}

void stage_way(struct stage *stage, const char *way)
{
	stage->setting.way = way;
	stage_fold(stage, way, strlen(way));
}

void stage_wait(struct stage *stage, double seconds)
{
	stage->ns += (uint64_t)(seconds * 1e9);
	fold_number(stage, (uint64_t)(seconds * 1e9));
}

static void feed(struct stage *stage, const struct forge_packet *packet)
{
	struct qw_frame frame = {.data = packet->data,
				 .len = (uint32_t)packet->len,
				 .wire_len = (uint32_t)packet->len,
				 .time = {(int64_t)stage->ns},
				 .link = LINK_ETHERNET};

	stage->ns += 1000000;
	if (!stage->engine)
		return;
	stage->packets++;
	qw_engine_frames(stage->engine, &frame, 1);
}

static void network(struct stage *stage, struct forge_packet *out, enum forge_side side)
{
	forge_way(out, stage->setting.way);
	(stage->setting.ipv6 ? forge_ipv6 : forge_ipv4)(out, stage->address[side], stage->address[!side]);
}

/* Addresses, and with them checksums, differ from case to case: what lies behind them is what makes the case. */
static void fold_segment(struct stage *stage, const struct segment *segment)
{
	const int64_t numbers[] = {segment->side,    segment->at,   segment->ack, segment->flags,   segment->urgent,
				   segment->window,  segment->ttl,  segment->spoiled, segment->spoiled_ip,
				   stage->first[0],  stage->first[1], stage->client_port};

	stage_fold(stage, numbers, sizeof(numbers));
	stage_fold(stage, segment->data, segment->len);
	stage_fold(stage, segment->options, segment->options_len);
}

void stage_segment(struct stage *stage, const struct segment *segment)
{
	struct forge_packet *out = &stage->packet;
	const enum forge_side other = segment->side == FORGE_CLIENT ? FORGE_SERVER : FORGE_CLIENT;
	const uint16_t port[2] = {stage->client_port, goods_port(stage->kind)};
	uint32_t seq = stage->first[segment->side] + (uint32_t)segment->at;
	uint32_t ack = segment->flags & FORGE_ACK ? stage->first[other] + (uint32_t)segment->ack : 0;

	network(stage, out, segment->side);
	uint8_t *ip = out->data + forge_last(out)->at;
	if (segment->ttl)
		ip[stage->setting.ipv6 ? 7 : 8] = segment->ttl;
	forge_last(out)->spoiled = segment->spoiled_ip;
	forge_tcp_options(out, port[segment->side], port[other], seq, ack, segment->flags, segment->options,
			  segment->options_len);
	uint8_t *tcp = out->data + forge_last(out)->at;
	if (segment->window)
		forge_put16(tcp + 14, segment->window == NO_WINDOW ? 0 : segment->window);
	forge_put16(tcp + 18, segment->urgent);
	forge_last(out)->spoiled = segment->spoiled;
	if (segment->len)
		forge_data(out, segment->data, segment->len);
	forge_end(out);
	fold_segment(stage, segment);
	feed(stage, out);
}

void stage_flags(struct stage *stage, enum forge_side side, int64_t at, int64_t ack, uint8_t flags)
{
	stage_segment(stage, &(struct segment){.side = side, .at = at, .ack = ack, .flags = flags});
}

void stage_open(struct stage *stage)
{
	stage_flags(stage, FORGE_CLIENT, -1, 0, FORGE_SYN);
	stage_flags(stage, FORGE_SERVER, -1, 0, FORGE_SYN | FORGE_ACK);
	stage_flags(stage, FORGE_CLIENT, 0, 0, FORGE_ACK);
}

void stage_data(struct stage *stage, int64_t at, const void *data, size_t len)
{
	stage_segment(stage, &(struct segment){.at = at, .flags = FORGE_PSH | FORGE_ACK, .data = data, .len = len});
}

void stage_say(struct stage *stage, const struct goods *goods, uint32_t at, uint32_t until)
{
	if (at < until)
		stage_data(stage, at, goods->bytes + at, until - at);
}

void stage_before(struct stage *stage, const struct goods *goods)
{
	stage_say(stage, goods, 0, goods->from);
}

void stage_behind(struct stage *stage, const struct goods *goods)
{
	stage_say(stage, goods, goods->until, goods->len);
}

void stage_ack(struct stage *stage, int64_t upto)
{
	stage_flags(stage, FORGE_SERVER, 0, upto, FORGE_ACK);
}

void stage_datagram(struct stage *stage, struct forge_packet *out, const struct goods *goods)
{
	network(stage, out, FORGE_CLIENT);
	forge_udp(out, stage->client_port, goods_port(stage->kind));
	forge_data(out, goods->bytes, goods->len);
	forge_end(out);
}

void stage_whole_segment(struct stage *stage, struct forge_packet *out, const struct goods *goods)
{
	network(stage, out, FORGE_CLIENT);
	forge_tcp(out, stage->client_port, goods_port(stage->kind), stage->first[FORGE_CLIENT],
		  stage->first[FORGE_SERVER], FORGE_PSH | FORGE_ACK);
	forge_data(out, goods->bytes, goods->len);
	forge_end(out);
}

/* What follows the innermost IP header's addresses; its length and flags are folded in with it. */
void stage_send(struct stage *stage, const struct forge_packet *packet)
{
	const struct forge_layer *ip = NULL;

	for (unsigned i = 0; i < packet->layers; i++)
		if (packet->layer[i].kind == FORGE_IPV4 || packet->layer[i].kind == FORGE_IPV6)
			ip = &packet->layer[i];
	const uint8_t *at = packet->data + ip->at;
	size_t header = ip->kind == FORGE_IPV4 ? 20 : 40;
	stage_fold(stage, at, ip->kind == FORGE_IPV4 ? 10 : 8); /* up to checksum and addresses */
	stage_fold(stage, at + header, packet->len - ip->at - header);
	feed(stage, packet);
}

void stage_part(struct stage *stage, const struct forge_packet *whole, size_t offset, size_t len, uint32_t id, bool more)
{
	forge_fragment_at(&stage->fragment, whole, forge_depth(whole) - 1, offset, len, id, more);
	stage_send(stage, &stage->fragment);
}

void stage_decoy(void *out, const void *truth, size_t len)
{
	const uint8_t *in = truth;
	uint8_t *to = out;

	for (size_t i = 0; i < len; i++)
		to[i] = in[i] == 'z' ? 'y' : 'z';
}

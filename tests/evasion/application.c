/* SPDX-License-Identifier: Apache-2.0 */
/* application - HTTP, TLS and DNS as their endpoints read them: what a rule looks for is there once that is undone. */
#include "tests/evasion/cells.h"

#include <stdio.h>

#include "tests/evasion/script.h"

/* ---- the manner in which a script is played */

enum { WHOLE, HALVES, BYTES, BACKWARDS, MANNERS, SEGMENT_MAX = 1400 };

/* Bytes [from, until) of what a side says, the other side's being acknowledged up to `ack`. */
static void say_part(struct stage *stage, enum forge_side side, int64_t ack, const struct text *text, uint32_t from,
		     uint32_t until)
{
	stage_segment(stage, &(struct segment){.side = side,
					       .at = from,
					       .ack = ack,
					       .flags = FORGE_PSH | FORGE_ACK,
					       .data = text->at + from,
					       .len = until - from});
}

static void say_all(struct stage *stage, enum forge_side side, int64_t ack, const struct text *text, uint32_t begin,
		    uint32_t end, unsigned manner)
{
	static const uint32_t steps[MANNERS] = {SEGMENT_MAX, 0, 1, 7};
	uint32_t len = end - begin, half = len / 2 + 1 < SEGMENT_MAX ? len / 2 + 1 : SEGMENT_MAX;
	uint32_t step = steps[manner] ? steps[manner] : half, count = (len + step - 1) / step;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t part = manner == BACKWARDS ? count - 1 - i : i, from = begin + part * step;
		uint32_t until = from + step < end ? from + step : end;
		say_part(stage, side, ack, text, from, until);
	}
}

/* The end of that turn; the last one's is the text's. */
static uint32_t end_of(const struct text *text, uint32_t turn)
{
	return turn < text->turns ? text->until[turn] : text->len;
}

static void play_script(struct stage *stage, const struct script *script, unsigned manner)
{
	uint32_t client = 0, server = 0;

	stage_open(stage);
	for (uint32_t turn = 0; client < script->client.len || server < script->server.len; turn++) {
		uint32_t to = end_of(&script->client, turn), back = end_of(&script->server, turn);
		say_all(stage, FORGE_CLIENT, server, &script->client, client, to, manner);
		client = to;
		stage_flags(stage, FORGE_SERVER, server, client, FORGE_ACK);
		say_all(stage, FORGE_SERVER, client, &script->server, server, back, manner);
		server = back;
	}
	stage_flags(stage, FORGE_CLIENT, client, server, FORGE_FIN | FORGE_ACK);
	stage_flags(stage, FORGE_SERVER, server, client + 1, FORGE_FIN | FORGE_ACK);
	stage_flags(stage, FORGE_CLIENT, client + 1, server + 1, FORGE_ACK);
}

static void played(struct stage *stage, const struct goods *goods, unsigned variant)
{
	static struct script script;

	if (script_write(&script, goods, variant / MANNERS))
		play_script(stage, &script, variant % MANNERS);
}

/* ---- DNS over UDP: pointers of every kind before and in the name that is asked for */

static void dns_pointers(struct stage *stage, const struct goods *goods, unsigned variant)
{
	static struct script script;
	static struct forge_packet packet;
	struct goods datagram = *goods;

	if (!script_write_dns(&script, goods, variant))
		return;
	datagram.len = script.client.len;
	memcpy(datagram.bytes, script.client.at, script.client.len);
	stage_datagram(stage, &packet, &datagram);
	stage_send(stage, &packet);
}

static const struct cell cells[] = {
    {"HTTP as written by an attacker", played, SCRIPT_FORMS *MANNERS,
     1 << GOODS_HTTP | 1 << GOODS_INDICATOR | 1 << GOODS_HEADER | 1 << GOODS_REQUEST | 1 << GOODS_RESPONSE, CELL_TUNNELS},
    {"a path written otherwise", played, SCRIPT_FORMS *MANNERS,
     1 << GOODS_PATH | 1 << GOODS_PATH_TWICE | 1 << GOODS_PATH_RAW | 1 << GOODS_QUERY, CELL_TUNNELS},
    {"files over SMB", played, SCRIPT_FORMS *MANNERS, 1 << GOODS_SMB, 0},
    {"calls through pipes", played, SCRIPT_FORMS *MANNERS, 1 << GOODS_PIPE, 0},
    {"calls in fragments", played, SCRIPT_FORMS *MANNERS, 1 << GOODS_DCERPC, 0},
    {"TLS over many records", played, SCRIPT_FORMS *MANNERS, 1 << GOODS_SNI, CELL_TUNNELS},
    {"DNS over TCP", played, SCRIPT_FORMS *MANNERS, 1 << GOODS_DNS_TCP, CELL_TUNNELS},
    {"DNS pointers", dns_pointers, SCRIPT_FORMS, 1 << GOODS_DNS, 0},
};

const struct cells application_cells = {cells, sizeof(cells) / sizeof(cells[0])};

/* SPDX-License-Identifier: Apache-2.0 */
/* application - HTTP, TLS and DNS as their endpoints read them: what a rule looks for is there once that is undone. */
#include "tests/evasion/cells.h"

#include <stdio.h>

#include "tests/evasion/script.h"

/* ---- the manner in which a script is played */

enum { WHOLE, HALVES, BYTES, BACKWARDS, MANNERS };

static void client_says(struct stage *stage, int64_t at, const struct text *text, uint32_t from, uint32_t until)
{
	stage_segment(stage, &(struct segment){
				 .at = at + from, .flags = FORGE_PSH | FORGE_ACK, .data = text->at + from, .len = until - from});
}

static void server_says(struct stage *stage, int64_t ack, const struct text *text, uint32_t from, uint32_t until)
{
	stage_segment(stage, &(struct segment){.side = FORGE_SERVER,
					       .at = from,
					       .ack = ack,
					       .flags = FORGE_PSH | FORGE_ACK,
					       .data = text->at + from,
					       .len = until - from});
}

static void say_all(struct stage *stage, enum forge_side side, int64_t ack, const struct text *text, unsigned manner)
{
	static const uint32_t steps[MANNERS] = {TEXT_MAX, 0, 1, 7};
	uint32_t step = steps[manner] ? steps[manner] : text->len / 2 + 1, count = (text->len + step - 1) / step;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t part = manner == BACKWARDS ? count - 1 - i : i, from = part * step;
		uint32_t until = from + step < text->len ? from + step : text->len;
		if (side == FORGE_CLIENT)
			client_says(stage, 0, text, from, until);
		else
			server_says(stage, ack, text, from, until);
	}
}

static void play_script(struct stage *stage, const struct script *script, unsigned manner)
{
	const int64_t client = script->client.len, server = script->server.len;

	stage_open(stage);
	say_all(stage, FORGE_CLIENT, 0, &script->client, manner);
	stage_ack(stage, client);
	say_all(stage, FORGE_SERVER, client, &script->server, manner);
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
    {"TLS over many records", played, SCRIPT_FORMS *MANNERS, 1 << GOODS_SNI, CELL_TUNNELS},
    {"DNS over TCP", played, SCRIPT_FORMS *MANNERS, 1 << GOODS_DNS_TCP, CELL_TUNNELS},
    {"DNS pointers", dns_pointers, SCRIPT_FORMS, 1 << GOODS_DNS, 0},
};

const struct cells application_cells = {cells, sizeof(cells) / sizeof(cells[0])};

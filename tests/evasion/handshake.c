/* SPDX-License-Identifier: Apache-2.0 */
/* handshake - how connections begin, end and begin again. */
#include "tests/evasion/cells.h"

enum { SYN = FORGE_SYN, ACK = FORGE_ACK, FIN = FORGE_FIN, RST = FORGE_RST, PSH = FORGE_PSH };

static void halves(struct stage *stage, const struct goods *goods, uint32_t cut)
{
	stage_say(stage, goods, 0, cut);
	stage_say(stage, goods, cut, goods->len);
	stage_ack(stage, goods->len);
}

static uint32_t middle_of(const struct goods *goods)
{
	return (goods->from + goods->until) / 2;
}

/* RFC 7413: data in the SYN, as much as the variant says; the rest after it. */
static void data_in_syn(struct stage *stage, const struct goods *goods, unsigned variant)
{
	const uint32_t cuts[] = {goods->len, middle_of(goods), goods->from + 1, goods->until - 1};
	uint32_t cut = cuts[variant & 3];
	bool acked = variant & 4; /* the server took it */

	stage_segment(stage, &(struct segment){.at = -1, .flags = SYN, .data = goods->bytes, .len = cut});
	stage_flags(stage, FORGE_SERVER, -1, acked ? cut : 0, SYN | ACK);
	stage_flags(stage, FORGE_CLIENT, acked ? cut : 0, 0, ACK);
	if (!acked) /* it did not: all is said again */
		stage_say(stage, goods, 0, cut);
	stage_say(stage, goods, cut, goods->len);
	stage_ack(stage, goods->len);
}

/* The SYN's data is a lie that the server does not take. */
static void lie_in_syn(struct stage *stage, const struct goods *goods, unsigned variant)
{
	uint8_t lie[GOODS_MAX];
	uint32_t cut = variant & 1 ? middle_of(goods) : goods->len;

	stage_decoy(lie, goods->bytes, goods->len);
	stage_segment(stage, &(struct segment){.at = -1, .flags = SYN, .data = lie, .len = cut});
	stage_flags(stage, FORGE_SERVER, -1, 0, SYN | ACK);
	stage_flags(stage, FORGE_CLIENT, 0, 0, ACK);
	halves(stage, goods, variant & 2 ? middle_of(goods) : goods->from);
}

/* Both call at once (RFC 9293, 3.5). */
static void simultaneous(struct stage *stage, const struct goods *goods, unsigned variant)
{
	stage_flags(stage, FORGE_CLIENT, -1, 0, SYN);
	stage_flags(stage, FORGE_SERVER, -1, 0, SYN);
	if (variant & 1)
		stage_flags(stage, FORGE_SERVER, -1, 0, SYN | ACK);
	stage_flags(stage, FORGE_CLIENT, -1, 0, SYN | ACK);
	if (!(variant & 1))
		stage_flags(stage, FORGE_SERVER, -1, 0, SYN | ACK);
	if (variant & 2)
		stage_flags(stage, FORGE_SERVER, 0, 0, ACK);
	halves(stage, goods, middle_of(goods));
}

/* Split handshakes: the server acknowledges the SYN, calls by itself, and the client answers. */
static void split_handshake(struct stage *stage, const struct goods *goods, unsigned variant)
{
	stage_flags(stage, FORGE_CLIENT, -1, 0, SYN);
	if (variant & 1)
		stage_flags(stage, FORGE_SERVER, -1, 0, ACK);
	stage_flags(stage, FORGE_SERVER, -1, 0, SYN);
	stage_flags(stage, FORGE_CLIENT, -1, 0, variant & 2 ? SYN | ACK : ACK);
	stage_flags(stage, FORGE_SERVER, 0, 0, ACK);
	if (variant & 4)
		stage_flags(stage, FORGE_CLIENT, 0, 0, ACK);
	halves(stage, goods, middle_of(goods));
}

/* Packets of the handshake are lost to the capture, repeated, or come late. */
static void odd_handshake(struct stage *stage, const struct goods *goods, unsigned variant)
{
	if (variant != 6)
		stage_flags(stage, FORGE_CLIENT, -1, 0, SYN);
	if (variant == 1)
		stage_flags(stage, FORGE_CLIENT, -1, 0, SYN);
	if (variant == 2)
		stage_wait(stage, 20);
	if (variant != 3)
		stage_flags(stage, FORGE_SERVER, -1, 0, SYN | ACK);
	if (variant == 4)
		stage_flags(stage, FORGE_SERVER, -1, 0, SYN | ACK);
	if (variant != 5 && variant != 7)
		stage_flags(stage, FORGE_CLIENT, 0, 0, ACK);
	if (variant == 6)
		stage_flags(stage, FORGE_CLIENT, -1, 0, SYN);
	if (variant == 7)
		stage_say(stage, goods, goods->from + 2, goods->len);
	halves(stage, goods, middle_of(goods));
}

/* SYNs and their answers that are not of this connection, before, in and after the handshake. */
static void false_syn(struct stage *stage, const struct goods *goods, unsigned variant)
{
	const enum forge_side side = variant & 1 ? FORGE_SERVER : FORGE_CLIENT;
	const uint8_t flags = variant & 2 ? SYN | ACK : SYN;
	static const int64_t at[] = {7000, -70000, 0, 20};
	unsigned when = variant >> 4 & 3;

	if (when == 0)
		stage_flags(stage, FORGE_CLIENT, 7000, 0, SYN);
	stage_flags(stage, FORGE_CLIENT, -1, 0, SYN);
	if (when == 1)
		stage_flags(stage, FORGE_SERVER, at[variant >> 2 & 3], 6000, SYN | ACK);
	stage_flags(stage, FORGE_SERVER, -1, 0, SYN | ACK);
	stage_flags(stage, FORGE_CLIENT, 0, 0, ACK);
	if (when == 2)
		stage_flags(stage, side, at[variant >> 2 & 3], 0, flags);
	stage_say(stage, goods, 0, middle_of(goods));
	if (when == 3)
		stage_flags(stage, side, at[variant >> 2 & 3], 0, flags);
	stage_say(stage, goods, middle_of(goods), goods->len);
	stage_ack(stage, goods->len);
}

/* An honest end, or a broken one, and then the same ports again. */
static void reuse(struct stage *stage, const struct goods *goods, unsigned variant)
{
	static const uint32_t steps[] = {50000, 0u - 50000, 1u << 31, 0u - 100};
	static const double waits[] = {0, 5, 700};

	stage_open(stage);
	stage_data(stage, 0, "hello", 5);
	stage_ack(stage, 5);
	switch (variant & 3) {
	case 0:
		stage_flags(stage, FORGE_CLIENT, 5, 0, FIN | ACK);
		stage_flags(stage, FORGE_SERVER, 0, 6, FIN | ACK);
		stage_flags(stage, FORGE_CLIENT, 6, 1, ACK);
		break;
	case 1: stage_flags(stage, FORGE_CLIENT, 5, 0, RST | ACK); break;
	case 2: stage_flags(stage, FORGE_SERVER, 0, 5, RST | ACK); break;
	default: stage_flags(stage, FORGE_CLIENT, 5, 0, FIN | ACK); break; /* half closed, then given up */
	}
	stage_wait(stage, waits[variant >> 4 & 3]);
	stage->first[FORGE_CLIENT] += steps[variant >> 2 & 3];
	stage->first[FORGE_SERVER] += steps[variant >> 2 & 3] / 2 + 7;
	stage_open(stage);
	halves(stage, goods, middle_of(goods));
}

/* The first connection was never seen to end: its hosts forgot it, and call again. */
static void reuse_of_living(struct stage *stage, const struct goods *goods, unsigned variant)
{
	static const uint32_t steps[] = {50000, 0u - 50000, 1u << 31, 300};

	stage_open(stage);
	stage_data(stage, 0, "hello", 5);
	if (variant & 1)
		stage_ack(stage, 5);
	if (variant & 2)
		stage_wait(stage, 200);
	stage->first[FORGE_CLIENT] += steps[variant >> 2 & 3];
	stage->first[FORGE_SERVER] += 90000;
	stage_open(stage);
	halves(stage, goods, middle_of(goods));
}

/* Refused, unreachable or unanswered at first. */
static void second_try(struct stage *stage, const struct goods *goods, unsigned variant)
{
	stage_flags(stage, FORGE_CLIENT, -1, 0, SYN);
	if (variant & 1)
		stage_flags(stage, FORGE_SERVER, 0, 0, RST | ACK);
	stage->first[FORGE_CLIENT] += variant & 2 ? 5000 : 0;
	if (variant & 4)
		stage_wait(stage, 3);
	stage_open(stage);
	halves(stage, goods, middle_of(goods));
}

/* Data behind an end that one side, or neither, believed. */
static void after_close(struct stage *stage, const struct goods *goods, unsigned variant)
{
	stage_open(stage);
	stage_say(stage, goods, 0, goods->from + 1);
	if (variant & 1)
		stage_ack(stage, goods->from + 1);
	if (variant & 2) { /* the server closed its side: the client may go on */
		stage_flags(stage, FORGE_SERVER, 0, goods->from + 1, FIN | ACK);
		stage_flags(stage, FORGE_CLIENT, goods->from + 1, 1, ACK);
	}
	if (variant & 4)
		stage_flags(stage, FORGE_CLIENT, goods->from + 1, 0, FIN | ACK);
	if (variant & 8)
		stage_flags(stage, FORGE_SERVER, (variant & 2) != 0, goods->from + 1, RST);
	stage_say(stage, goods, goods->from + 1, middle_of(goods));
	stage_say(stage, goods, middle_of(goods), goods->len);
}

static const struct cell cells[] = {
    {"data in the SYN", data_in_syn, 8, GOODS_OF_TCP, 0},
    {"a lie in the SYN", lie_in_syn, 4, GOODS_OF_TCP, CELL_AMBIGUOUS},
    {"simultaneous open", simultaneous, 4, GOODS_OF_TCP, 0},
    {"split handshake", split_handshake, 8, GOODS_OF_TCP, 0},
    {"odd handshake", odd_handshake, 8, GOODS_OF_TCP, 0},
    {"false SYN", false_syn, 64, GOODS_OF_TCP, 0},
    {"ports used again", reuse, 48, GOODS_OF_TCP, 0},
    {"ports of a living connection used again", reuse_of_living, 16, GOODS_OF_TCP, 0},
    {"a second try", second_try, 8, GOODS_OF_TCP, 0},
    {"data after the end", after_close, 16, GOODS_OF_TCP, CELL_AMBIGUOUS},
};

const struct cells handshake_cells = {cells, sizeof(cells) / sizeof(cells[0])};

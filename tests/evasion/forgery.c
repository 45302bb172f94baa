/* SPDX-License-Identifier: Apache-2.0 */
/* forgery - segments that their receiver throws away, or reads otherwise, amid those that it takes. */
#include "tests/evasion/cells.h"

enum { SYN = FORGE_SYN, ACK = FORGE_ACK, FIN = FORGE_FIN, RST = FORGE_RST, PSH = FORGE_PSH, URG = FORGE_URG };

static uint32_t middle_of(const struct goods *goods)
{
	return (goods->from + goods->until) / 2;
}

/* The manner in which the rest is said after the forgery: in one, in two, out of order, repeated. */
static void rest(struct stage *stage, const struct goods *goods, uint32_t at, unsigned manner)
{
	uint32_t cut = (at + goods->until) / 2;

	switch (manner & 3) {
	case 0: stage_say(stage, goods, at, goods->len); break;
	case 1:
		stage_say(stage, goods, at, cut);
		stage_say(stage, goods, cut, goods->len);
		break;
	case 2:
		stage_say(stage, goods, cut, goods->len);
		stage_say(stage, goods, at, cut);
		break;
	default:
		stage_say(stage, goods, at - 1, cut);
		stage_say(stage, goods, cut - 1, goods->len);
		break;
	}
	stage_ack(stage, goods->len);
}

/* ---- ends that are not believed: RFC 5961's in-window ones, blind ones, broken ones */

struct ending {
	enum forge_side side;
	int64_t ahead; /* of the next byte */
	int64_t ack_ahead;
	uint8_t flags, ttl;
	bool spoiled;
};

static const struct ending endings[] = {
    {FORGE_CLIENT, 0, 0, RST, 1, false},
    {FORGE_CLIENT, 0, 0, RST | ACK, 1, false},
    {FORGE_CLIENT, 5, 0, RST, 0, false},
    {FORGE_CLIENT, 1000, 0, RST | ACK, 0, false},
    {FORGE_CLIENT, 200000, 0, RST, 0, false},
    {FORGE_CLIENT, -200000, 0, RST | ACK, 0, false},
    {FORGE_CLIENT, 0, 0, RST | ACK, 0, true},
    {FORGE_CLIENT, -3, 0, RST, 0, false},
    {FORGE_SERVER, 0, 0, RST, 1, false},
    {FORGE_SERVER, 0, 0, RST | ACK, 1, false},
    {FORGE_SERVER, 200000, 0, RST | ACK, 0, false},
    {FORGE_SERVER, 0, 100000, RST | ACK, 0, true},
    {FORGE_SERVER, 9, 0, RST, 0, false},
    {FORGE_CLIENT, 0, 0, FIN | ACK, 1, false},
    {FORGE_CLIENT, 0, 0, FIN | ACK, 0, true},
    {FORGE_CLIENT, 0, 0, FIN, 0, false},
    {FORGE_CLIENT, 300, 0, FIN | ACK, 1, false},
    {FORGE_CLIENT, 200000, 0, FIN | ACK, 0, false},
    {FORGE_CLIENT, -200000, 0, FIN | ACK, 0, false},
    {FORGE_SERVER, 0, 0, FIN | ACK, 1, false},
    {FORGE_CLIENT, 0, 0, FIN | RST | ACK, 1, false},
    {FORGE_CLIENT, 0, 0, SYN | FIN, 1, false},
    {FORGE_CLIENT, 0, 0, SYN | RST, 1, false},
    {FORGE_CLIENT, 0, 0, 0, 0, false},
    {FORGE_CLIENT, 0, 0, FIN | PSH | URG, 0, false},
};

enum { ENDINGS = sizeof(endings) / sizeof(endings[0]), MANNERS = 4 };

static void false_end(struct stage *stage, const struct goods *goods, unsigned variant)
{
	const struct ending *end = &endings[variant / MANNERS % ENDINGS];
	uint32_t middle = middle_of(goods);
	int64_t at[2] = {middle, 0};
	struct segment forged = {.side = end->side,
				 .at = at[end->side] + end->ahead,
				 .ack = at[!end->side] + end->ack_ahead,
				 .flags = end->flags,
				 .ttl = end->ttl,
				 .spoiled = end->spoiled};

	stage_open(stage);
	stage_say(stage, goods, 0, middle);
	if (variant / MANNERS / ENDINGS)
		stage_ack(stage, middle);
	stage_segment(stage, &forged);
	rest(stage, goods, middle, variant % MANNERS);
}

/* An acknowledgement of what was never sent, as if the capture had lost it: what follows out of order is no gap. */
static void false_ack(struct stage *stage, const struct goods *goods, unsigned variant)
{
	static const int64_t ahead[] = {140000, 1 << 20, 1 << 30};
	uint32_t middle = middle_of(goods);

	stage_open(stage);
	stage_say(stage, goods, 0, middle);
	stage_flags(stage, FORGE_SERVER, 0, middle + ahead[variant / MANNERS], ACK);
	rest(stage, goods, middle, variant % MANNERS);
}

/* ---- data that is not believed, in place of the middle, before and after the truth */

static const uint8_t stamp_new[] = {1, 1, 8, 10, 0, 0, 0x20, 0, 0, 0, 0, 1};
static const uint8_t stamp_old[] = {1, 1, 8, 10, 0, 0, 0x10, 0, 0, 0, 0, 1};
static const uint8_t stamp_broken[] = {1, 1, 8, 3, 0, 0, 0x20, 0, 0, 0, 0, 1};
static const uint8_t signature[] = {19, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 1};
static const uint8_t of_no_length[] = {5, 0, 1, 1};
static const uint8_t beyond[] = {254, 60, 1, 1};

struct lie {
	const uint8_t *options;
	uint8_t options_len, ttl, flags;
	bool spoiled, spoiled_ip, stamped; /* the connection has timestamps */
	int32_t ahead;
};

static const struct lie lies[] = {
    {.ttl = 1, .flags = PSH | ACK},
    {.ttl = 3, .flags = ACK},
    {.flags = PSH | ACK, .stamped = true, .options = stamp_old, .options_len = 12},
    {.flags = PSH | ACK, .stamped = true},
    {.flags = PSH | ACK, .stamped = true, .options = stamp_broken, .options_len = 12},
    {.flags = PSH | ACK, .options = signature, .options_len = 20},
    {.flags = PSH | ACK, .options = of_no_length, .options_len = 4},
    {.flags = PSH | ACK, .options = beyond, .options_len = 4},
    {.flags = PSH | ACK, .spoiled = true},
    {.flags = PSH | ACK, .spoiled_ip = true},
    {.flags = PSH},
    {.flags = 0},
    {.flags = PSH | ACK | SYN, .ttl = 1},
    {.flags = PSH | ACK | RST, .ttl = 1},
    {.flags = PSH | ACK | FIN, .ttl = 1},
    {.flags = PSH | ACK, .ahead = 200000},
    {.flags = PSH | ACK, .ahead = -200000},
    {.flags = PSH | ACK, .ahead = 66000},
};

enum { LIES = sizeof(lies) / sizeof(lies[0]) };

static void stamped(struct stage *stage, const struct lie *lie, int64_t at, const void *data, size_t len)
{
	stage_segment(stage, &(struct segment){.at = at,
					       .flags = PSH | ACK,
					       .data = data,
					       .len = len,
					       .options = lie->stamped ? stamp_new : NULL,
					       .options_len = lie->stamped ? 12 : 0});
}

static void open_for(struct stage *stage, const struct lie *lie)
{
	const struct segment shake[] = {{.side = FORGE_CLIENT, .at = -1, .flags = SYN},
					{.side = FORGE_SERVER, .at = -1, .flags = SYN | ACK},
					{.side = FORGE_CLIENT, .at = 0, .flags = ACK}};

	for (unsigned i = 0; i < 3; i++) {
		struct segment segment = shake[i];
		segment.options = lie->stamped ? stamp_new : NULL;
		segment.options_len = lie->stamped ? 12 : 0;
		stage_segment(stage, &segment);
	}
}

/* Bits of the variant: the lie comes after the truth; the truth waits for what is before it; the lie is longer. */
static void lied(struct stage *stage, const struct goods *goods, unsigned variant)
{
	const struct lie *lie = &lies[variant / 8 % LIES];
	uint32_t from = goods->from + 2, until = goods->until - 2;
	bool after = variant & 1, held = variant & 2;
	uint8_t bytes[GOODS_MAX];
	struct segment forged = {.at = (int64_t)from + lie->ahead,
				 .flags = lie->flags,
				 .data = bytes + from,
				 .len = until - from + (variant & 4 ? 1 : 0),
				 .options = lie->options,
				 .options_len = lie->options_len,
				 .ttl = lie->ttl,
				 .spoiled = lie->spoiled,
				 .spoiled_ip = lie->spoiled_ip};

	stage_decoy(bytes, goods->bytes, goods->len);
	open_for(stage, lie);
	if (!held)
		stamped(stage, lie, 0, goods->bytes, from);
	if (!after)
		stage_segment(stage, &forged);
	stamped(stage, lie, from, goods->bytes + from, until - from);
	if (after)
		stage_segment(stage, &forged);
	if (held)
		stamped(stage, lie, 0, goods->bytes, from);
	stamped(stage, lie, until, goods->bytes + until, goods->len - until);
	stage_ack(stage, goods->len);
}

/* A lie whose sum is wrong, and that no receiver takes: there is nothing ambiguous about it. */
static void badly_lied(struct stage *stage, const struct goods *goods, unsigned variant)
{
	unsigned row = 0;

	while (!lies[row].spoiled)
		row++;
	lied(stage, goods, row * 8 + variant);
}

/* ---- urgent data: of the text with one byte too many a receiver takes that byte out of line, or does not */

static void urgent_out(struct stage *stage, const struct goods *goods, unsigned variant)
{
	uint32_t at = goods->from + 1 + variant % (goods->until - goods->from - 1);
	bool apart = variant & 1; /* the urgent segment ends with the byte */
	uint8_t bytes[GOODS_MAX + 1];

	memcpy(bytes, goods->bytes, at);
	bytes[at] = 'z';
	memcpy(bytes + at + 1, goods->bytes + at, goods->len - at);
	stage_open(stage);
	stage_segment(stage, &(struct segment){.flags = PSH | ACK | URG,
					       .data = bytes,
					       .len = apart ? at + 1 : goods->len + 1,
					       .urgent = (uint16_t)(at + 1)});
	if (apart)
		stage_data(stage, at + 1, bytes + at + 1, goods->len - at);
	stage_ack(stage, goods->len + 1);
}

static void urgent_in(struct stage *stage, const struct goods *goods, unsigned variant)
{
	uint32_t at = goods->from + variant % (goods->until - goods->from);

	stage_open(stage);
	stage_segment(stage, &(struct segment){.flags = PSH | ACK | URG,
					       .data = goods->bytes,
					       .len = goods->len,
					       .urgent = (uint16_t)(at + 1)});
	stage_ack(stage, goods->len);
}

/* ---- odd, and taken all the same */

static const struct {
	const uint8_t *options;
	uint8_t options_len, flags, ttl;
	uint16_t urgent;
} oddities[] = {
    {of_no_length, 4, PSH | ACK, 0, 0},   {beyond, 4, PSH | ACK, 0, 0},  {signature, 20, PSH | ACK, 0, 0},
    {stamp_broken, 12, PSH | ACK, 0, 0},  {stamp_old, 12, ACK, 0, 0},    {NULL, 0, ACK, 1, 0},
    {NULL, 0, ACK | URG, 0, 0},           {NULL, 0, PSH | ACK | 0xc0, 0, 0}, {NULL, 0, ACK | PSH, 255, 900},
};

enum { ODDITIES = sizeof(oddities) / sizeof(oddities[0]) };

static void odd(struct stage *stage, const struct goods *goods, unsigned variant)
{
	unsigned which = variant % ODDITIES;
	uint32_t cut = variant / ODDITIES ? goods->from + 3 : goods->len;

	stage_open(stage);
	for (uint32_t at = 0; at < goods->len; at = cut, cut = goods->len)
		stage_segment(stage, &(struct segment){.at = at,
						       .flags = oddities[which].flags,
						       .data = goods->bytes + at,
						       .len = cut - at,
						       .options = oddities[which].options,
						       .options_len = oddities[which].options_len,
						       .ttl = oddities[which].ttl,
						       .urgent = oddities[which].urgent});
	stage_ack(stage, goods->len);
}

/* The server's window is closed, small, or scaled; what it does not take yet is said again. */
static void window(struct stage *stage, const struct goods *goods, unsigned variant)
{
	static const uint16_t windows[] = {NO_WINDOW, 2, 10, 30};
	uint32_t middle = middle_of(goods);

	stage_open(stage);
	stage_say(stage, goods, 0, middle);
	stage_segment(stage, &(struct segment){.side = FORGE_SERVER, .ack = middle, .flags = ACK, .window = windows[variant & 3]});
	stage_say(stage, goods, middle, variant & 4 ? middle + 1 : goods->len);
	stage_segment(stage, &(struct segment){.side = FORGE_SERVER, .ack = middle, .flags = ACK, .window = 3000});
	stage_say(stage, goods, middle, goods->len);
	stage_ack(stage, goods->len);
}

static const struct cell cells[] = {
    {"false end", false_end, ENDINGS *MANNERS * 2, GOODS_OF_TCP, 0},
    {"false acknowledgement", false_ack, MANNERS * 3, GOODS_OF_TCP, 0},
    {"lies before and after the truth", lied, LIES * 8, GOODS_OF_TCP, CELL_AMBIGUOUS},
    {"lies, sums not looked at", lied, LIES * 8, GOODS_ONE | 1 << GOODS_HTTP, CELL_AMBIGUOUS | CELL_UNCHECKED},
    {"lies with a wrong sum", badly_lied, 8, GOODS_OF_TCP, CELL_TUNNELS},
    {"urgent byte out of line", urgent_out, 26, GOODS_OF_TCP, CELL_AMBIGUOUS},
    {"urgent byte in line", urgent_in, 13, GOODS_OF_TCP, CELL_AMBIGUOUS},
    {"odd segments", odd, ODDITIES * 2, GOODS_OF_TCP, 0},
    {"narrow windows", window, 8, GOODS_OF_TCP, 0},
};

const struct cells forgery_cells = {cells, sizeof(cells) / sizeof(cells[0])};

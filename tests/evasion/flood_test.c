/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flood - what was under way before a flood is seen through it, and nothing grows with it.
 *
 * Victims are open before the flood, and have said half of what a rule or an
 * indicator looks for; they say a byte now and then, and the rest at the end.
 */
#include "tests/evasion/stage.h"

#include <malloc.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { FLOOD = 60000 };
#else
enum { FLOOD = 1000000 };
#endif

enum {
	VICTIMS = 40,       /* of each kind */
	VICTIM_KINDS = 4,
	STEP_NS = 100000,   /* between packets of a flood of connections */
	BREATH = 50,        /* waves between two signs of life of victims; each lives on through fewer flows than fit */
	FLOWS = 16384,
	GROWTH_MAX = 48 << 20, /* of the heap, whatever the flood: pools are made before it */
	ETHERNET = 14,
	IP_SRC = ETHERNET + 12,
	IP_ID = ETHERNET + 4,
	TCP_AT = ETHERNET + 20,
};

static const char *const settings[] = {
    "flow.count=16384", "capture.checksums=\"ignore\"", "stream.mb=4", "defrag.mb=2", "protocol.mb=16", "stream.windows=4096", NULL,
};

struct flood {
	struct stage stage;
	struct forge_packet packet[4];
	uint32_t turn;
};

/* ---- victims */

static const enum goods_kind victim_kinds[VICTIM_KINDS] = {GOODS_SINGLE, GOODS_PCRE, GOODS_HTTP, GOODS_INDICATOR};

static uint32_t number_of(unsigned kind, unsigned victim)
{
	return 1 + kind * VICTIMS + victim;
}

static void begin_victim(struct stage *stage, unsigned kind, unsigned victim, struct goods *goods)
{
	stage_begin(stage, &(struct setting){"", false}, victim_kinds[kind], number_of(kind, victim));
	goods_make(goods, victim_kinds[kind], true);
}

static void open_victims(struct stage *stage)
{
	struct goods goods;

	for (unsigned kind = 0; kind < VICTIM_KINDS; kind++)
		for (unsigned victim = 0; victim < VICTIMS; victim++) {
			begin_victim(stage, kind, victim, &goods);
			stage_open(stage);
			stage_say(stage, &goods, 0, goods.from + 4);
			stage_ack(stage, goods.from + 4);
		}
}

/* A keep-alive. */
static void breathe(struct stage *stage, uint32_t turn)
{
	unsigned kind = turn % VICTIM_KINDS, victim = turn / VICTIM_KINDS % VICTIMS;
	struct goods goods;

	begin_victim(stage, kind, victim, &goods);
	stage_ack(stage, goods.from + 4);
}

/* The last bytes, the very last first: they must still be able to wait. */
static void close_victims(struct stage *stage)
{
	struct goods goods;

	for (unsigned kind = 0; kind < VICTIM_KINDS; kind++)
		for (unsigned victim = 0; victim < VICTIMS; victim++) {
			begin_victim(stage, kind, victim, &goods);
			stage_say(stage, &goods, goods.from + 6, goods.len);
			stage_say(stage, &goods, goods.from + 4, goods.from + 6);
			stage_ack(stage, goods.len);
		}
}

/* ---- floods */

static void feed(struct flood *flood, unsigned which, uint32_t step_ns)
{
	const struct forge_packet *packet = &flood->packet[which];
	struct qw_frame frame = {.data = packet->data,
				 .len = (uint32_t)packet->len,
				 .wire_len = (uint32_t)packet->len,
				 .time = {(int64_t)flood->stage.ns},
				 .link = LINK_ETHERNET};

	flood->stage.ns += step_ns;
	flood->stage.packets++;
	qw_engine_frames(flood->stage.engine, &frame, 1);
}

static void build(struct flood *flood, unsigned which, uint32_t seq, uint8_t flags, const char *data)
{
	struct forge_packet *packet = &flood->packet[which];
	bool answer = flags == (FORGE_SYN | FORGE_ACK);

	forge_way(packet, "");
	forge_ipv4(packet, answer ? "172.16.0.9" : "1.1.1.1", answer ? "1.1.1.1" : "172.16.0.9");
	forge_tcp(packet, answer ? 80 : 7777, answer ? 7777 : 80, seq, flags & FORGE_ACK ? (answer ? 1001 : 5001) : 0, flags);
	if (*data)
		forge_text(packet, data);
	forge_end(packet);
}

/* Another host each time. */
static void readdress(struct flood *flood, unsigned which, uint32_t number, bool answer)
{
	forge_put32(flood->packet[which].data + IP_SRC + (answer ? 4 : 0), 0x20000000u + number * 2654435761u % 0x40000000u);
}

static void calls(struct flood *flood, uint32_t number)
{
	readdress(flood, 0, number, false);
	feed(flood, 0, 1000);
}

static void answered_calls(struct flood *flood, uint32_t number)
{
	calls(flood, number);
	readdress(flood, 1, number, true);
	feed(flood, 1, 1000);
}

/* A connection whose data lies behind a hole, or never ends a request. */
static void connections(struct flood *flood, uint32_t number)
{
	const bool answers[] = {false, true, false, false};

	for (unsigned i = 0; i < 4; i++) {
		readdress(flood, i, number, answers[i]);
		feed(flood, i, STEP_NS);
	}
}

static void fragments(struct flood *flood, uint32_t number)
{
	readdress(flood, 0, number / 16, false);
	forge_put16(flood->packet[0].data + IP_ID, number & 0xffff);
	feed(flood, 0, 1000);
}

static void build_connections(struct flood *flood, uint32_t seq, const char *data)
{
	build(flood, 0, 1000, FORGE_SYN, "");
	build(flood, 1, 5000, FORGE_SYN | FORGE_ACK, "");
	build(flood, 2, 1001, FORGE_ACK, "");
	build(flood, 3, seq, FORGE_PSH | FORGE_ACK, data);
}

static void build_fragments(struct flood *flood)
{
	struct forge_packet whole;
	char text[1401];

	memset(text, '.', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	forge_way(&whole, "");
	forge_ipv4(&whole, "1.1.1.1", "172.16.0.9");
	forge_udp(&whole, 7, 9);
	forge_text(&whole, text);
	forge_end(&whole);
	forge_fragment_at(&flood->packet[0], &whole, 0, 0, 1392, 1, true);
}

/* ---- what is measured */

static size_t heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void check(struct flood *flood, size_t heap_before)
{
	const struct qw_engine_stats *stats = &flood->stage.room.stats;
	size_t heap = heap_bytes();

	for (unsigned kind = 0; kind < VICTIM_KINDS; kind++)
		for (unsigned victim = 0; victim < VICTIMS; victim++)
			if (!(flood->stage.said[number_of(kind, victim)] & 1u << victim_kinds[kind]))
				fail_msg("victim %u of kind %u was not seen", victim, kind);
	if (heap > heap_before + GROWTH_MAX)
		fail_msg("the heap grew by %zu bytes", heap - heap_before);
	assert_true(stats->flow_bytes <= (FLOWS + 1) * 192 + FLOWS * 4 * 8 + 4096);
}

/* packets: of one wave. */
static void flooded(struct flood *flood, void (*wave)(struct flood *flood, uint32_t number), uint32_t packets)
{
	stage_raise(&flood->stage, settings, VICTIMS * VICTIM_KINDS + 1);
	open_victims(&flood->stage);
	size_t heap_before = heap_bytes();
	for (uint32_t number = 0; number < FLOOD / packets; number++) {
		wave(flood, number);
		if (number % BREATH == 0)
			breathe(&flood->stage, flood->turn++);
	}
	close_victims(&flood->stage);
	qw_engine_stats(flood->stage.engine, &flood->stage.room.stats);
	long long grown = (long long)heap_bytes() - (long long)heap_before;
	check(flood, heap_before);
	stage_end(&flood->stage);
	print_message("%d packets: %llu flows, %llu evicted, the heap grew by %lld\n", FLOOD,
		      (unsigned long long)flood->stage.room.stats.flows,
		      (unsigned long long)flood->stage.room.stats.flows_evicted, grown);
	stage_strike(&flood->stage);
	free(flood);
}

static struct flood *flood_new(void)
{
	struct flood *flood = calloc(1, sizeof(*flood));

	assert_non_null(flood);
	return flood;
}

static void a_million_calls_hide_nothing(void **state)
{
	struct flood *flood = flood_new();
	build_connections(flood, 0, "");
	flooded(flood, calls, 1);
}

static void half_open_connections_hide_nothing(void **state)
{
	struct flood *flood = flood_new();
	build_connections(flood, 0, "");
	flooded(flood, answered_calls, 2);
}

static void data_behind_holes_hides_nothing(void **state)
{
	struct flood *flood = flood_new();
	build_connections(flood, 2000, "behind a hole");
	flooded(flood, connections, 4);
}

static void requests_without_end_hide_nothing(void **state)
{
	struct flood *flood = flood_new();
	build_connections(flood, 1001, "POST /yard HTTP/1.1\r\nHost: tos.example\r\nContent-Length: 99999\r\n\r\nbegun");
	flooded(flood, connections, 4);
}

static void fragments_without_end_hide_nothing(void **state)
{
	struct flood *flood = flood_new();
	build_fragments(flood);
	flooded(flood, fragments, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_million_calls_hide_nothing),
	    cmocka_unit_test(half_open_connections_hide_nothing),
	    cmocka_unit_test(data_behind_holes_hides_nothing),
	    cmocka_unit_test(requests_without_end_hide_nothing),
	    cmocka_unit_test(fragments_without_end_hide_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/flow/table.h"

#include <stdalign.h>
#include <stdlib.h>

#include "quaywatch/bytes.h"
#include "quaywatch/pages.h"
#include "sensor/flow/key.h"
#include "sensor/flow/side.h"

enum timeout_class { CLASS_FRESH, CLASS_ESTABLISHED, CLASS_CLOSED, CLASS_DATAGRAM, CLASS_ICMP, CLASS_COUNT };

enum { NONE = 0, FLOWS_MAX = 1 << 28, FLOW_ID_BITS = 53 };

/*
 * One flow is three cache lines, and a packet without payload touches the first
 * two: key, chain and lists in one, times, TCP ends and counters in the other.
 */
struct entry {
	alignas(64) struct qw_flow flow;
};

_Static_assert(offsetof(struct qw_flow, last) == 64, "what every packet reads is one line, what it writes the next");
_Static_assert(sizeof(struct entry) == 192, "three lines a flow");

/* Flows of one time-out class, by the second of their last packet. */
struct list {
	uint32_t oldest, newest;
	int64_t timeout_ns;
};

/*
 * Linear probing: a slot holds the low half of the hash beside the entry's
 * number, so that a lookup knows its entry, and can prefetch it, without
 * reading strangers on the way.
 *
 *	slot[hash & mask …] = hash 32 │ index 32 ─► entry[index]
 *	list[class].oldest ─newer─► … ─newer─► list[class].newest
 *
 * A flow's `chain` is its hash half; of an unused entry, the next unused one.
 * Entry 0 is nobody: it ends lists, and empty slots name it.  Entries beyond
 * `fresh` were never used, and their memory was never touched.
 */
struct qw_flow_table {
	struct entry *entry;
	uint64_t *slot;
	uint32_t mask;
	struct qw_flow_secret secret;
	struct list list[CLASS_COUNT];
	uint32_t capacity, fresh, unused;
	bool vlan_in_key, midstream;
	void (*ended)(void *ctx, struct qw_flow *flow, enum qw_flow_end why);
	void *ctx;
	struct qw_flow_table_counters counters;
	size_t entry_bytes, slot_bytes;
};

static size_t power_of_two(size_t at_least)
{
	size_t power = 1;
	while (power < at_least)
		power *= 2;
	return power;
}

static void set_timeouts(struct qw_flow_table *table, const struct qw_flow_timeouts *timeouts)
{
	const int64_t ns[CLASS_COUNT] = {
	    [CLASS_FRESH] = timeouts->fresh.ns,   [CLASS_ESTABLISHED] = timeouts->established.ns,
	    [CLASS_CLOSED] = timeouts->closed.ns, [CLASS_DATAGRAM] = timeouts->datagram.ns,
	    [CLASS_ICMP] = timeouts->icmp.ns,
	};
	for (int class = 0; class < CLASS_COUNT; class ++)
		table->list[class].timeout_ns = ns[class];
}

enum qw_err qw_flow_table_new(struct qw_flow_table **out, const struct qw_flow_table_options *options)
{
	if (options->flows == 0 || options->flows >= FLOWS_MAX)
		return QW_EINVAL;
	struct qw_flow_table *table = calloc(1, sizeof(*table));
	if (!table)
		return QW_ENOMEM;
	size_t slots = power_of_two(options->flows * 2);
	table->mask = (uint32_t)(slots - 1);
	table->slot_bytes = slots * sizeof(*table->slot);
	table->entry_bytes = (options->flows + 1) * sizeof(*table->entry);
	table->slot = qw_pages_new(table->slot_bytes);
	table->entry = qw_pages_new(table->entry_bytes);
	if (!table->slot || !table->entry) {
		qw_flow_table_free(table);
		return QW_ENOMEM;
	}
	for (size_t i = 0; i < sizeof(table->secret.word) / sizeof(table->secret.word[0]); i++)
		table->secret.word[i] = qw_hash_key_random().k0;
	table->capacity = (uint32_t)options->flows;
	table->fresh = 1;
	table->vlan_in_key = options->vlan_in_key;
	table->midstream = options->midstream;
	table->ended = options->ended;
	table->ctx = options->ctx;
	set_timeouts(table, &options->timeouts);
	*out = table;
	return QW_OK;
}

static inline struct qw_flow *flow_at(const struct qw_flow_table *table, uint32_t index)
{
	return &table->entry[index].flow;
}

static inline uint32_t index_of(const struct qw_flow_table *table, const struct qw_flow *flow)
{
	return (uint32_t)((const struct entry *)(const void *)flow - table->entry);
}

static void list_remove(struct qw_flow_table *table, uint32_t index)
{
	struct qw_flow *flow = flow_at(table, index);
	struct list *list = &table->list[flow->timeout_class];
	if (flow->older)
		flow_at(table, flow->older)->newer = flow->newer;
	else
		list->oldest = flow->newer;
	if (flow->newer)
		flow_at(table, flow->newer)->older = flow->older;
	else
		list->newest = flow->older;
}

static void list_append(struct qw_flow_table *table, uint32_t index, enum timeout_class class)
{
	struct qw_flow *flow = flow_at(table, index);
	struct list *list = &table->list[class];
	flow->timeout_class = (uint8_t) class;
	flow->older = list->newest;
	flow->newer = NONE;
	if (list->newest)
		flow_at(table, list->newest)->newer = index;
	else
		list->oldest = index;
	list->newest = index;
}

static enum timeout_class class_of(const struct qw_flow *flow)
{
	if (flow->key.proto == QW_PROTO_TCP) {
		if (flow->flags & QW_FLOW_CLOSED)
			return CLASS_CLOSED;
		return flow->flags & QW_FLOW_ESTABLISHED ? CLASS_ESTABLISHED : CLASS_FRESH;
	}
	if (flow->key.proto == QW_PROTO_ICMP || flow->key.proto == QW_PROTO_ICMPV6)
		return CLASS_ICMP;
	return flow->flags & QW_FLOW_ESTABLISHED ? CLASS_DATAGRAM : CLASS_FRESH;
}

static inline uint32_t slot_index(uint64_t slot)
{
	return (uint32_t)slot;
}

static inline uint32_t slot_tag(uint64_t slot)
{
	return (uint32_t)(slot >> 32);
}

/* The slots after the freed one move back, as far as their hash lets them: no slot is ever "deleted". */
static void slot_remove(struct qw_flow_table *table, uint32_t tag, uint32_t index)
{
	uint32_t mask = table->mask, hole = tag & mask;
	while (slot_index(table->slot[hole]) != index)
		hole = (hole + 1) & mask;
	for (uint32_t at = (hole + 1) & mask; table->slot[at]; at = (at + 1) & mask) {
		uint32_t home = slot_tag(table->slot[at]) & mask;
		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		table->slot[hole] = table->slot[at];
		hole = at;
	}
	table->slot[hole] = 0;
}

static void slot_put(struct qw_flow_table *table, uint32_t tag, uint32_t index)
{
	uint32_t at = tag & table->mask;
	while (table->slot[at])
		at = (at + 1) & table->mask;
	table->slot[at] = (uint64_t)tag << 32 | index;
}

static void count_end(struct qw_flow_table *table, enum qw_flow_end why)
{
	table->counters.in_use--;
	table->counters.evicted += why == QW_FLOW_END_EVICTED;
	table->counters.timed_out += why == QW_FLOW_END_TIMEOUT;
}

void qw_flow_end(struct qw_flow_table *table, struct qw_flow *flow, enum qw_flow_end why)
{
	uint32_t index = index_of(table, flow);
	if (table->ended)
		table->ended(table->ctx, flow, why);
	list_remove(table, index);
	slot_remove(table, flow->chain, index);
	flow->chain = table->unused;
	table->unused = index;
	count_end(table, why);
}

void qw_flow_table_each(struct qw_flow_table *table, void (*look)(struct qw_flow *flow))
{
	for (int class = 0; class < CLASS_COUNT; class ++)
		for (uint32_t at = table->list[class].oldest; at; at = flow_at(table, at)->newer)
			look(flow_at(table, at));
}

void qw_flow_table_clear(struct qw_flow_table *table)
{
	for (int class = 0; class < CLASS_COUNT; class ++)
		while (table->list[class].oldest)
			qw_flow_end(table, flow_at(table, table->list[class].oldest), QW_FLOW_END_SHUTDOWN);
}

void qw_flow_table_free(struct qw_flow_table *table)
{
	if (!table)
		return;
	qw_flow_table_clear(table);
	qw_pages_free(table->entry, table->entry_bytes);
	qw_pages_free(table->slot, table->slot_bytes);
	free(table);
}

uint64_t qw_flow_hash(const struct qw_flow_table *table, const struct qw_packet *packet, struct qw_flow_key *key)
{
	qw_flow_key_of(packet, table->vlan_in_key, key);
	return qw_flow_key_place(&table->secret, key);
}

void qw_flow_prefetch(const struct qw_flow_table *table, uint64_t hash)
{
	__builtin_prefetch(&table->slot[hash & table->mask]);
}

/* The first slot of the hash's run with its tag; 0: none. */
static inline uint32_t first_of(const struct qw_flow_table *table, uint32_t tag, uint32_t *at)
{
	for (*at = tag & table->mask; table->slot[*at]; *at = (*at + 1) & table->mask)
		if (slot_tag(table->slot[*at]) == tag)
			return slot_index(table->slot[*at]);
	return NONE;
}

size_t qw_flow_prefetch_entry(const struct qw_flow_table *table, uint64_t hash)
{
	uint32_t at, index = first_of(table, (uint32_t)hash, &at);
	const char *entry = (const char *)flow_at(table, index);
	__builtin_prefetch(entry);
	__builtin_prefetch(entry + 64, 1);
	return (size_t)index - 1;
}

/* Silent for longer than its class allows; a clock that leapt back further than that is another capture. */
static bool is_due(const struct qw_flow_table *table, const struct qw_flow *flow, struct qw_time now)
{
	int64_t silent = now.ns - flow->last.ns;
	int64_t timeout = table->list[flow->timeout_class].timeout_ns;
	return silent > timeout || silent < -timeout;
}

static void evict(struct qw_flow_table *table)
{
	uint32_t victim = table->list[CLASS_FRESH].oldest;
	if (!victim)
		victim = table->list[CLASS_CLOSED].oldest;
	if (!victim) {
		for (int class = 0; class < CLASS_COUNT; class ++) {
			uint32_t oldest = table->list[class].oldest;
			if (oldest &&
			    (!victim || qw_time_before(flow_at(table, oldest)->last, flow_at(table, victim)->last)))
				victim = oldest;
		}
	}
	qw_flow_end(table, flow_at(table, victim), QW_FLOW_END_EVICTED);
}

static uint32_t take_entry(struct qw_flow_table *table)
{
	if (!table->unused && table->fresh > table->capacity)
		evict(table);
	uint32_t index = table->unused;
	if (index)
		table->unused = flow_at(table, index)->chain;
	else
		index = table->fresh++;
	table->counters.created++;
	if (++table->counters.in_use > table->counters.peak)
		table->counters.peak = table->counters.in_use;
	return index;
}

static void begin(struct qw_flow_table *table, struct qw_flow *flow, const struct qw_packet *packet, bool from_low)
{
	bool guess, from_client = qw_side_sender_is_client(packet, &guess);
	flow->flags = from_low == from_client ? QW_FLOW_CLIENT_IS_LOW : 0;
	flow->first = flow->last = packet->time;
	flow->icmp_type = packet->icmp_type;
	flow->icmp_code = packet->icmp_code;
	if (packet->proto != QW_PROTO_TCP) {
		flow->flags |= guess ? QW_FLOW_GUESS : 0;
		return;
	}
	if ((packet->tcp_flags & (QW_TCP_SYN | QW_TCP_ACK)) == QW_TCP_SYN)
		return;
	flow->flags |= table->midstream ? QW_FLOW_MIDSTREAM : QW_FLOW_STREAM_OFF;
	flow->flags |= guess && table->midstream ? QW_FLOW_GUESSES : 0;
}

static uint32_t create(struct qw_flow_table *table, const struct qw_packet *packet, uint64_t hash,
		       const struct qw_flow_key *key, bool from_low)
{
	uint32_t index = take_entry(table);
	struct qw_flow *flow = flow_at(table, index);
	*flow = (struct qw_flow){.key = *key, .chain = (uint32_t)hash};
	slot_put(table, (uint32_t)hash, index);
	begin(table, flow, packet, from_low);
	list_append(table, index, class_of(flow));
	return index;
}

static uint32_t lookup(const struct qw_flow_table *table, uint64_t hash, const struct qw_flow_key *key)
{
	uint32_t at, index = first_of(table, (uint32_t)hash, &at);
	while (__builtin_expect(index && !qw_flow_key_equal(&flow_at(table, index)->key, key), 0)) {
		/* Another flow with the same 32 bits. */
		at = (at + 1) & table->mask;
		index = slot_index(table->slot[at]);
	}
	return index;
}

static void count(struct qw_flow *flow, const struct qw_packet *packet, enum qw_direction direction)
{
	flow->packets[direction] += flow->packets[direction] != UINT32_MAX;
	flow->bytes[direction] += packet->wire_len;
	flow->flags |= direction == QW_TO_SERVER ? QW_FLOW_SEEN_TO_SERVER : QW_FLOW_SEEN_TO_CLIENT;
	const uint32_t both = QW_FLOW_SEEN_TO_SERVER | QW_FLOW_SEEN_TO_CLIENT;
	if (flow->key.proto != QW_PROTO_TCP && (flow->flags & both) == both)
		flow->flags |= QW_FLOW_ESTABLISHED;
}

/*
 * A move writes to two strangers' cache lines, so it is made once in about a
 * second per flow: the lists are sorted by `last` to that grain.
 */
static void move_clock(struct qw_flow_table *table, struct qw_flow *flow, struct qw_time now)
{
	const int grain = 30; /* 2^30 ns */
	bool stale = flow->last.ns >> grain != now.ns >> grain;
	flow->last = now;
	enum timeout_class class = class_of(flow);
	if (!stale && class == flow->timeout_class)
		return;
	uint32_t index = index_of(table, flow);
	list_remove(table, index);
	list_append(table, index, class);
}

struct qw_flow *qw_flow_find(struct qw_flow_table *table, const struct qw_packet *packet, uint64_t hash,
			     const struct qw_flow_key *key, enum qw_direction *direction)
{
	bool from_low = qw_flow_key_sender_is_low(packet, key);
	uint32_t index = lookup(table, hash, key);
	if (index && is_due(table, flow_at(table, index), packet->time)) {
		qw_flow_end(table, flow_at(table, index), QW_FLOW_END_TIMEOUT);
		index = NONE;
	}
	if (!index)
		index = create(table, packet, hash, key, from_low);
	struct qw_flow *flow = flow_at(table, index);
	*direction = qw_flow_client_is(flow, from_low) ? QW_TO_SERVER : QW_TO_CLIENT;
	count(flow, packet, *direction);
	move_clock(table, flow, packet->time);
	return flow;
}

void qw_flow_settle(struct qw_flow_table *table, struct qw_flow *flow)
{
	enum timeout_class class = class_of(flow);
	if (class == flow->timeout_class)
		return;
	uint32_t index = index_of(table, flow);
	list_remove(table, index);
	list_append(table, index, class);
}

void qw_flow_expire(struct qw_flow_table *table, struct qw_time now, size_t max)
{
	for (int class = 0; class < CLASS_COUNT; class ++) {
		struct list *list = &table->list[class];
		for (; max && list->oldest && is_due(table, flow_at(table, list->oldest), now); max--)
			qw_flow_end(table, flow_at(table, list->oldest), QW_FLOW_END_TIMEOUT);
	}
}

size_t qw_flow_place(const struct qw_flow_table *table, const struct qw_flow *flow)
{
	return (size_t)((const struct entry *)(const void *)flow - table->entry) - 1; /* entry 0 is nobody */
}

size_t qw_flow_table_capacity(const struct qw_flow_table *table)
{
	return table->capacity;
}

uint64_t qw_flow_id(const struct qw_flow_table *table, const struct qw_flow *flow)
{
	/* Not the table's secret key: the same capture gives the same numbers.  53 bits: JSON readers keep them whole.
	 */
	uint64_t first = (uint64_t)flow->first.ns;
	uint64_t id = qw_mix64(qw_flow_key_hash((struct qw_hash_key){0, 0}, &flow->key) ^ first);
	return id >> (64 - FLOW_ID_BITS);
}

void qw_flow_table_counters(const struct qw_flow_table *table, struct qw_flow_table_counters *out)
{
	*out = table->counters;
}

size_t qw_flow_table_bytes(const struct qw_flow_table *table)
{
	return (table->fresh * sizeof(struct entry)) + table->slot_bytes + sizeof(*table);
}

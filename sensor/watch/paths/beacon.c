/* SPDX-License-Identifier: Apache-2.0 */
/* beacon - a host of ours that calls one server outside by the clock: as malware asks for its orders. */
#include "sensor/watch/paths/nets.h"
#include "sensor/watch/paths/paths.h"
#include "sensor/watch/shelf.h"

#include <stdlib.h>

enum { CALLS_MAX = 16384, SPANS_MAX = 32, SHORTEST_S = 2, LONGEST_S = 86400 };

enum { BEACON, FINDINGS };

static const struct qw_finding_row findings[FINDINGS] = {
	[BEACON] = {QW_FINDING_BEACON, "A host calls a server outside by the clock", "Command and control", 2, "T0869", "W06"},
};

struct call_key {
	uint8_t client[16], server[16];
	uint16_t port;
	uint8_t proto, unused;
};

struct call {
	struct call_key key;
	struct qw_time last;
	uint32_t count;           /* spans so far; the latest SPANS_MAX are kept */
	int64_t span[SPANS_MAX];  /* nanoseconds */
};

struct beacon {
	struct qw_world *world;
	struct qw_shelf *calls;
	uint32_t least;  /* spans */
	int64_t percent; /* that they may differ by */
	struct qw_nets allow;
};

static void beacon_free(void *ctx)
{
	struct beacon *state = ctx;

	qw_shelf_free(state->calls);
	free(state);
}

static enum qw_err beacon_make(void **out, struct qw_world *world)
{
	static const struct qw_shelf_options calls = {sizeof(struct call_key), sizeof(struct call), CALLS_MAX, NULL};
	struct beacon *state = calloc(1, sizeof(*state));

	if (!state)
		return QW_ENOMEM;
	state->world = world;
	state->least = (uint32_t)qw_world_int(world, QW_WATCH_BEACON_COUNT);
	state->percent = qw_world_int(world, QW_WATCH_BEACON_JITTER);
	enum qw_err err = qw_nets_read(&state->allow, world, QW_WATCH_BEACON_ALLOW);
	if (err == QW_OK)
		err = qw_shelf_new(&state->calls, &calls);
	if (err != QW_OK) {
		beacon_free(state);
		return err;
	}
	*out = state;
	return QW_OK;
}

/* ---- the clock */

static int compare(const void *a, const void *b)
{
	int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

	return (one > other) - (one < other);
}

/*
 * The median of the latest spans; 0: they are not alike.  One in eight may be
 * anything: a call is missed, or one comes between.
 */
static int64_t period_of(const struct beacon *state, const struct call *call)
{
	int64_t sorted[SPANS_MAX];
	uint32_t count = state->least, alike = 0;

	for (uint32_t i = 0; i < count; i++)
		sorted[i] = call->span[(call->count - 1 - i) % SPANS_MAX];
	qsort(sorted, count, sizeof(sorted[0]), compare);
	int64_t median = sorted[count / 2];
	for (uint32_t i = 0; i < count; i++) {
		int64_t off = sorted[i] - median;
		alike += (off < 0 ? -off : off) * 100 <= median * state->percent;
	}
	bool in_range = median >= SHORTEST_S * QW_NS_PER_S && median <= LONGEST_S * QW_NS_PER_S;
	return in_range && alike >= count - count / 8 ? median : 0;
}

static void tell(struct beacon *state, const struct qw_seen *seen, int64_t period, uint64_t count)
{
	struct qw_finding finding = {.row = &findings[BEACON], .seen = seen, .what = qw_seen_server(seen)->port};
	char memory[320];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_text_host_of(&text, qw_seen_client(seen));
	qw_text_format(&text, " connected %llu times to ", (unsigned long long)count);
	qw_text_end(&text, qw_seen_server(seen));
	qw_text_literal(&text, ", each ");
	qw_text_span(&text, qw_time_ns(period));
	qw_text_literal(&text, " after the one before");
	finding.detail = qw_text_string(&text);
	qw_world_tell(state->world, &finding);
}

static void add_span(struct beacon *state, struct call *call, const struct qw_seen *seen, int64_t span)
{
	call->span[call->count++ % SPANS_MAX] = span;
	if (call->count < state->least)
		return;
	int64_t period = period_of(state, call);
	if (period)
		tell(state, seen, period, call->count + UINT64_C(1));
}

/* Of calls that come more than once a minute only one a minute is told: with how many there were, and how far apart. */
static void add_repeats(struct beacon *state, struct call *call, const struct qw_seen *seen)
{
	int64_t spread = seen->longest.ns - seen->shortest.ns, middle = seen->shortest.ns + spread / 2;

	if (seen->repeats == 1) {
		add_span(state, call, seen, middle);
		return;
	}
	bool alike = spread * 100 <= middle * state->percent * 2 && middle >= SHORTEST_S * QW_NS_PER_S;
	call->count = alike ? call->count + (uint32_t)(seen->repeats < SPANS_MAX ? seen->repeats : SPANS_MAX) : 0;
	for (unsigned i = 0; alike && i < SPANS_MAX; i++)
		call->span[i] = middle;
	if (alike && call->count >= state->least)
		tell(state, seen, middle, call->count);
}

/* ---- calls */

static bool is_app_of_clocks(const struct qw_seen *seen)
{
	return qw_path_is_app(seen, "ntp") || qw_path_is_app(seen, "dns") || qw_path_is_app(seen, "dhcp");
}

static bool is_call(const struct beacon *state, const struct qw_seen *seen)
{
	const struct qw_seen_end *client = qw_seen_client(seen), *server = qw_seen_server(seen);

	return seen->flow.begins && client->known && server->known && server->port && qw_world_is_home(state->world, &client->address) &&
	       !qw_world_is_home(state->world, &server->address) && !qw_path_is_group(&server->address) &&
	       !qw_nets_hold(&state->allow, &server->address) && !is_app_of_clocks(seen);
}

static struct call *call_of(struct beacon *state, const struct qw_seen *seen)
{
	struct call_key key = {.port = qw_seen_server(seen)->port, .proto = seen->proto};
	bool pushed;

	memcpy(key.client, qw_seen_client(seen)->address.bytes, 16);
	memcpy(key.server, qw_seen_server(seen)->address.bytes, 16);
	struct call *call = qw_shelf_get(state->calls, &key, &pushed);
	if (!call || pushed)
		qw_world_no_room(state->world);
	return call;
}

static void beacon_seen(void *ctx, const struct qw_seen *seen)
{
	struct beacon *state = ctx;

	if (!is_call(state, seen))
		return;
	struct call *call = call_of(state, seen);
	if (!call)
		return;
	struct qw_time start = seen->flow.start.ns ? seen->flow.start : seen->time;
	int64_t span = start.ns - call->last.ns;
	bool first = call->last.ns == 0;
	call->last = start;
	if (seen->repeats)
		add_repeats(state, call, seen);
	else if (!first && span > 0)
		add_span(state, call, seen, span);
}

const struct qw_watcher_ops qw_beacon = {
	.name = "beacon",
	.findings = findings,
	.finding_count = FINDINGS,
	.make = beacon_make,
	.free = beacon_free,
	.seen = beacon_seen,
};

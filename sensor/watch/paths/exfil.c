/* SPDX-License-Identifier: Apache-2.0 */
/* exfil - a host of ours that sends much more to one host outside than it ever sent: data that leaves. */
#include "sensor/watch/paths/nets.h"
#include "sensor/watch/paths/paths.h"
#include "sensor/watch/shelf.h"

#include <stdlib.h>

enum { HOSTS_MAX = 16384, PAIRS_MAX = 32768, HOUR_S = 3600, FADE = 128 /* what is highest loses one part in so many an hour */ };

enum { MUCH, FINDINGS };

static const struct qw_finding_row findings[FINDINGS] = {
	[MUCH] = {QW_FINDING_EXFIL, "A host sends much more out of the terminal than it used to", "Data theft", 2, "T0882", "W07"},
};

/* What a host sends out of the terminal, by the hour. */
struct host {
	uint8_t address[16];
	int64_t hour;
	uint64_t bytes;   /* in this hour */
	uint64_t highest; /* of any hour before, fading */
};

struct pair {
	uint8_t ends[2][16]; /* ours, the other */
	int64_t hour;
	uint64_t bytes;
};

struct exfil {
	struct qw_world *world;
	struct qw_shelf *hosts, *pairs;
	uint64_t much, times;
	struct qw_nets allow;
};

static void exfil_free(void *ctx)
{
	struct exfil *state = ctx;

	qw_shelf_free(state->hosts);
	qw_shelf_free(state->pairs);
	free(state);
}

static enum qw_err exfil_make(void **out, struct qw_world *world)
{
	static const struct qw_shelf_options hosts = {sizeof(uint8_t[16]), sizeof(struct host), HOSTS_MAX, NULL};
	static const struct qw_shelf_options pairs = {sizeof(uint8_t[2][16]), sizeof(struct pair), PAIRS_MAX, NULL};
	struct exfil *state = calloc(1, sizeof(*state));

	if (!state)
		return QW_ENOMEM;
	state->world = world;
	state->much = (uint64_t)qw_world_int(world, QW_WATCH_EXFIL_MEGABYTES) * 1000000;
	state->times = (uint64_t)qw_world_int(world, QW_WATCH_EXFIL_TIMES);
	enum qw_err err = qw_nets_read(&state->allow, world, QW_WATCH_EXFIL_ALLOW);
	if (err == QW_OK)
		err = qw_shelf_new(&state->hosts, &hosts);
	if (err == QW_OK)
		err = qw_shelf_new(&state->pairs, &pairs);
	if (err != QW_OK) {
		exfil_free(state);
		return err;
	}
	*out = state;
	return QW_OK;
}

/* ---- by the hour */

static void *row_of(struct exfil *state, struct qw_shelf *shelf, const void *key)
{
	bool pushed;
	void *row = qw_shelf_get(shelf, key, &pushed);

	if (!row || pushed)
		qw_world_no_room(state->world);
	return row;
}

static void turn_hour(struct host *host, int64_t hour)
{
	if (host->hour == hour)
		return;
	host->highest -= host->highest / FADE;
	if (host->bytes > host->highest)
		host->highest = host->bytes;
	host->hour = hour;
	host->bytes = 0;
}

static uint64_t add(uint64_t sum, uint64_t more)
{
	return sum + more < sum ? UINT64_MAX : sum + more;
}

static void tell(struct exfil *state, const struct qw_seen *seen, const struct pair *pair, const struct host *host)
{
	struct qw_finding finding = {.row = &findings[MUCH], .seen = seen};
	char memory[320];
	struct qw_text text;
	const struct qw_seen_end *client = qw_seen_client(seen), *server = qw_seen_server(seen);
	bool ours_asks = qw_world_is_home(state->world, &client->address);

	qw_text_init(&text, memory, sizeof(memory));
	qw_text_host_of(&text, ours_asks ? client : server);
	qw_text_literal(&text, " sent ");
	qw_text_bytes(&text, pair->bytes);
	qw_text_literal(&text, " to ");
	qw_text_host_of(&text, ours_asks ? server : client);
	qw_text_literal(&text, " within an hour; the most it sent out in any hour before was ");
	qw_text_bytes(&text, host->highest);
	finding.detail = qw_text_string(&text);
	qw_world_tell(state->world, &finding);
}

static void sent(struct exfil *state, const struct qw_seen *seen, const struct qw_seen_end *ours, const struct qw_seen_end *other,
		 uint64_t bytes)
{
	int64_t hour = seen->time.ns / QW_NS_PER_S / HOUR_S;
	uint8_t ends[2][16];

	memcpy(ends[0], ours->address.bytes, 16);
	memcpy(ends[1], other->address.bytes, 16);
	struct host *host = row_of(state, state->hosts, ends[0]);
	struct pair *pair = row_of(state, state->pairs, ends);
	if (!host || !pair)
		return;
	turn_hour(host, hour);
	if (pair->hour != hour)
		pair->bytes = 0;
	pair->hour = hour;
	host->bytes = add(host->bytes, bytes);
	pair->bytes = add(pair->bytes, bytes);
	if (pair->bytes >= state->much && pair->bytes / state->times >= host->highest)
		tell(state, seen, pair, host);
}

static void exfil_seen(void *ctx, const struct qw_seen *seen)
{
	struct exfil *state = ctx;
	const struct qw_seen_end *client = qw_seen_client(seen), *server = qw_seen_server(seen);

	if (!seen->flow.ends || !client->known || !server->known || !seen->flow.packets[1])
		return;
	bool ours_asks = qw_world_is_home(state->world, &client->address);
	if (ours_asks == qw_world_is_home(state->world, &server->address))
		return;
	const struct qw_seen_end *ours = ours_asks ? client : server, *other = ours_asks ? server : client;
	if (!qw_path_is_group(&other->address) && !qw_nets_hold(&state->allow, &other->address))
		sent(state, seen, ours, other, seen->flow.bytes[ours_asks ? 0 : 1]);
}

const struct qw_watcher_ops qw_exfil = {
	.name = "exfil",
	.findings = findings,
	.finding_count = FINDINGS,
	.make = exfil_make,
	.free = exfil_free,
	.seen = exfil_seen,
};

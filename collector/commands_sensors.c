/* SPDX-License-Identifier: Apache-2.0 */
/* commands_sensors - how far the sensors are: all of them in one sentence, and each on a line. */
#include "collector/commands_of.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LATE_NAMED = 3, AWAY_S = 600 };

/* What is known of one sensor without its own row: its newest connection, or what its last receipt said. */
struct known {
	struct qw_identity who;
	const struct qw_peer *peer; /* NULL: not connected */
	struct qw_order order;      /* 0.0: it never gave a receipt */
	struct qw_time received;    /* of that receipt */
};

struct roll {
	struct known *row;
	size_t count, room;
};

/* One that lacks something. */
struct late {
	struct known known;
	bool never; /* heard of */
	struct qw_time since; /* when what it lacks first was made; 0: so long ago that nobody knows */
};

struct listing {
	struct qw_collector *collector;
	struct qw_reply *reply;
	bool json;
	struct qw_time now, wall; /* monotonic; of the day */
	struct qw_order newest;   /* of the community's channel */
	struct roll roll;
	size_t all, level, away, late_count;
	struct late late[LATE_NAMED]; /* those that are so for longest */
};

/* ---- who is known */

static enum qw_err add_known(struct roll *roll, const struct known *known)
{
	if (roll->count == roll->room) {
		size_t room = roll->room ? 2 * roll->room : 64;
		struct known *grown = realloc(roll->row, room * sizeof(*grown));
		if (!grown)
			return QW_ENOMEM;
		roll->row = grown;
		roll->room = room;
	}
	roll->row[roll->count++] = *known;
	return QW_OK;
}

static enum qw_err see_receipt(void *ctx, const struct qw_receipt_row *row)
{
	struct known known = {.order = row->order, .received = row->received};

	if (strcmp(row->channel, QW_COMMUNITY) != 0)
		return QW_OK;
	snprintf(known.who.tenant, sizeof(known.who.tenant), "%s", row->tenant);
	snprintf(known.who.sensor, sizeof(known.who.sensor), "%s", row->sensor);
	return add_known(ctx, &known);
}

static int compare_names(const struct qw_identity *a, const struct qw_identity *b)
{
	int tenant = strcmp(a->tenant, b->tenant);

	return tenant ? tenant : strcmp(a->sensor, b->sensor);
}

/* By name; of one name the connection that was heard of last stands first. */
static int compare_known(const void *left, const void *right)
{
	const struct known *a = left, *b = right;
	int names = compare_names(&a->who, &b->who);
	int64_t seen_a = a->peer ? a->peer->seen.ns : -1, seen_b = b->peer ? b->peer->seen.ns : -1;

	return names ? names : (seen_a < seen_b) - (seen_a > seen_b);
}

/* What a connection said itself goes before what the store has of earlier ones. */
static void join(struct roll *roll)
{
	size_t count = 0;

	for (size_t i = 0; i < roll->count; i++) {
		struct known *last = count ? &roll->row[count - 1] : NULL, *known = &roll->row[i];
		if (!last || compare_names(&last->who, &known->who) != 0) {
			roll->row[count++] = *known;
		} else if (last->order.sequence == 0) {
			last->order = known->order;
			last->received = known->received;
		}
	}
	roll->count = count;
}

static enum qw_err call_roll(struct listing *listing)
{
	const struct qw_peers *peers = listing->collector->peers;
	enum qw_err err = qw_store_each_receipt(listing->collector->store, see_receipt, &listing->roll);

	for (size_t i = 0; i < qw_peers_count(peers) && err == QW_OK; i++) {
		const struct qw_peer *peer = qw_peers_at(peers, i);
		struct known known = {peer->entrant->who, peer, peer->channel[QW_PEER_COMMUNITY].receipt, {0}};
		err = add_known(&listing->roll, &known);
	}
	if (listing->roll.count)
		qsort(listing->roll.row, listing->roll.count, sizeof(*listing->roll.row), compare_known);
	join(&listing->roll);
	return err;
}

static struct known known_of(const struct listing *listing, const struct qw_sensor_row *row)
{
	struct known wanted = {0};
	size_t low = 0, high = listing->roll.count;

	snprintf(wanted.who.tenant, sizeof(wanted.who.tenant), "%s", row->tenant);
	snprintf(wanted.who.sensor, sizeof(wanted.who.sensor), "%s", row->name);
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = compare_names(&listing->roll.row[middle].who, &wanted.who);
		if (order == 0)
			return listing->roll.row[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return wanted;
}

/* ---- all of them in one sentence */

static bool is_later(const struct late *a, const struct late *b)
{
	return a->never == b->never ? a->since.ns < b->since.ns : a->never;
}

static enum qw_err note_late(struct listing *listing, const struct known *known)
{
	struct late late = {.known = *known, .never = known->order.sequence == 0};
	enum qw_err err = qw_store_made_after(listing->collector->store, QW_COMMUNITY, known->order, &late.since);
	size_t at = listing->late_count < LATE_NAMED ? listing->late_count : LATE_NAMED;

	if (err != QW_OK && err != QW_ENOENT)
		return err;
	listing->late_count++;
	for (; at > 0 && is_later(&late, &listing->late[at - 1]); at--)
		if (at < LATE_NAMED)
			listing->late[at] = listing->late[at - 1];
	if (at < LATE_NAMED)
		listing->late[at] = late;
	return QW_OK;
}

static enum qw_err count_sensor(void *ctx, const struct qw_sensor_row *row)
{
	struct listing *listing = ctx;

	if (row->revoked.ns)
		return QW_OK;
	struct known known = known_of(listing, row);
	listing->all++;
	listing->away += !known.peer;
	if (listing->newest.sequence == 0 || !qw_order_before(known.order, listing->newest)) {
		listing->level++;
		return QW_OK;
	}
	return note_late(listing, &known);
}

/* "40 s", "3 min", "2 h", "5 days" */
static void put_span(struct qw_text *text, struct qw_time span)
{
	static const struct {
		int64_t seconds, below;
		const char *unit;
	} units[] = {{1, 120, "s"}, {60, 7200, "min"}, {3600, 172800, "h"}, {86400, INT64_MAX, "days"}};
	int64_t seconds = span.ns > 0 ? span.ns / QW_NS_PER_S : 0;
	size_t i = 0;

	while (seconds >= units[i].below)
		i++;
	qw_text_format(text, "%lld %s", (long long)(seconds / units[i].seconds), units[i].unit);
}

static const char *what_it_does(const struct listing *listing, const struct late *late)
{
	if (late->known.peer)
		return "catching up";
	if (late->never)
		return "never connected";
	return listing->wall.ns - late->known.received.ns < AWAY_S * QW_NS_PER_S ? "reconnecting" : "away";
}

static void put_late(struct qw_text *text, const struct listing *listing, const struct late *late)
{
	qw_text_format(text, "; %s/%s ", late->known.who.tenant, late->known.who.sensor);
	if (late->never) {
		qw_text_format(text, "has nothing yet (%s)", what_it_does(listing, late));
		return;
	}
	if (late->since.ns)
		put_span(text, qw_time_sub(listing->wall, late->since));
	else
		qw_text_format(text, "long");
	qw_text_format(text, " behind (%s)", what_it_does(listing, late));
}

static void tell_all(const struct listing *listing)
{
	char memory[LATE_NAMED * (2 * QW_NAME_MAX + 64) + 128];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_text_format(&text, "%zu of %zu at %llu.%llu", listing->level, listing->all,
		       (unsigned long long)listing->newest.term, (unsigned long long)listing->newest.sequence);
	for (size_t i = 0; i < listing->late_count && i < LATE_NAMED; i++)
		put_late(&text, listing, &listing->late[i]);
	if (listing->late_count > LATE_NAMED)
		qw_text_format(&text, "; and %zu more", listing->late_count - LATE_NAMED);
	if (!listing->json) {
		qw_reply_line(listing->reply, "%s", qw_text_string(&text));
		return;
	}
	struct qw_json json = qw_reply_begin(listing->reply);
	qw_json_text(&json, "summary", qw_text_string(&text));
	qw_json_u64(&json, "sensors", listing->all);
	qw_json_u64(&json, "level", listing->level);
	qw_json_u64(&json, "not_connected", listing->away);
	qw_json_u64(&json, "community_term", listing->newest.term);
	qw_json_u64(&json, "community_sequence", listing->newest.sequence);
	qw_reply_end(listing->reply, &json);
}

/* ---- each on a line */

/* How far the peer is behind the channel, in deltas. */
static uint64_t behind(const struct listing *listing, const struct qw_follower *follower)
{
	uint64_t newest = listing->newest.sequence;

	return newest > follower->receipt.sequence ? newest - follower->receipt.sequence : 0;
}

static void sensor_json(const struct listing *listing, const struct qw_sensor_row *row, const struct qw_peer *peer,
			const char *state)
{
	struct qw_json json = qw_reply_begin(listing->reply);

	qw_json_text(&json, "tenant", row->tenant);
	qw_json_text(&json, "sensor", row->name);
	qw_json_text(&json, "state", state);
	qw_json_text(&json, "key", row->key);
	if (peer) {
		const struct qw_follower *community = &peer->channel[QW_PEER_COMMUNITY];
		qw_json_text(&json, "software", peer->software);
		qw_json_u64(&json, "seen_ms", (uint64_t)(listing->now.ns - peer->seen.ns) / (uint64_t)QW_NS_PER_MS);
		qw_json_u64(&json, "community_sequence", community->receipt.sequence);
		qw_json_u64(&json, "community_behind", behind(listing, community));
		qw_json_bool(&json, "community_proven", community->proven);
		qw_json_u64(&json, "tenant_sequence", peer->channel[QW_PEER_TENANT].receipt.sequence);
		qw_json_u64(&json, "alerts", peer->alerts);
		qw_json_u64(&json, "packets", peer->health.packets);
		qw_json_u64(&json, "drops", peer->health.drops);
		qw_json_u64(&json, "flows", peer->health.flows);
		qw_json_u64(&json, "ring_lag_us", peer->health.ring_lag_us);
		qw_json_u64(&json, "spool_alerts", peer->health.spool_alerts);
		qw_json_u64(&json, "spool_shed", peer->health.spool_shed);
		qw_json_u64(&json, "restarts", peer->health.restarts);
		qw_json_u64(&json, "unbacked", peer->unbacked);
	}
	qw_reply_end(listing->reply, &json);
}

static void sensor_text(const struct listing *listing, const struct qw_sensor_row *row, const struct qw_peer *peer,
			const char *state)
{
	char name[2 * QW_NAME_MAX + 2], rest[256] = "";

	snprintf(name, sizeof(name), "%s/%s", row->tenant, row->name);
	if (peer) {
		const struct qw_follower *community = &peer->channel[QW_PEER_COMMUNITY];
		snprintf(rest, sizeof(rest),
			 "community %llu.%llu%s, %llu behind; %llu alerts, %llu spooled, %llu drops; %s",
			 (unsigned long long)community->receipt.term, (unsigned long long)community->receipt.sequence,
			 community->proven ? " proven" : "",
			 (unsigned long long)behind(listing, community),
			 (unsigned long long)peer->alerts, (unsigned long long)peer->health.spool_alerts,
			 (unsigned long long)peer->health.drops, peer->software);
	}
	qw_reply_line(listing->reply, "%-32s %-10s %s", name, state, rest);
}

static enum qw_err list_sensor(void *ctx, const struct qw_sensor_row *row)
{
	const struct listing *listing = ctx;
	struct known known = known_of(listing, row);
	const struct qw_peer *peer = row->revoked.ns ? NULL : known.peer;
	const char *state = row->revoked.ns ? "revoked" : peer ? "connected" : "away";

	if (listing->json)
		sensor_json(listing, row, peer, state);
	else
		sensor_text(listing, row, peer, state);
	return QW_OK;
}

static enum qw_err list_all(struct listing *listing)
{
	struct qw_store *store = listing->collector->store;
	struct qw_channel *community;
	enum qw_err err = qw_channels_get(&community, listing->collector->channels, QW_COMMUNITY);

	if (err != QW_OK)
		return err;
	listing->newest = qw_channel_order(community);
	err = call_roll(listing);
	if (err == QW_OK)
		err = qw_store_each_sensor(store, count_sensor, listing);
	if (err == QW_OK && listing->all)
		tell_all(listing);
	return err == QW_OK ? qw_store_each_sensor(store, list_sensor, listing) : err;
}

QW_COMMAND(sensors)
{
	struct listing listing = {.collector = collector, .reply = reply, .json = request->json,
				  .now = qw_time_monotonic(), .wall = qw_time_wall()};
	enum qw_err err = list_all(&listing);

	free(listing.roll.row);
	if (err != QW_OK)
		return qw_command_failed(collector, reply, err, "sensors");
	if (reply->len == 0 && !request->json)
		qw_reply_line(reply, "no sensor yet; enrol one with: quaywatchctl enrol TENANT SENSOR -o FILE");
	return QW_EXIT_OK;
}

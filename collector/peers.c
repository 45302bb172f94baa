/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/peers.h"

#include <stdlib.h>
#include <string.h>

#include "collector/channels.h"
#include "quaywatch/hash.h"

/* A dense array for walks, and open addressing into it by routing id; a slot holds index + 1, 0: free. */
struct qw_peers {
	struct qw_hash_key hash;
	struct qw_peer **peer;
	size_t count, room;
	uint32_t *slot;
	size_t mask;
};

enum { ROOM_START = 64, TELL_S = 60 };

enum qw_err qw_peers_new(struct qw_peers **out)
{
	struct qw_peers *peers = calloc(1, sizeof(*peers));

	if (!peers)
		return QW_ENOMEM;
	peers->hash = qw_hash_key_random();
	peers->room = ROOM_START;
	peers->mask = 2 * ROOM_START - 1;
	peers->peer = calloc(peers->room, sizeof(struct qw_peer *));
	peers->slot = calloc(peers->mask + 1, sizeof(*peers->slot));
	if (!peers->peer || !peers->slot) {
		qw_peers_free(peers);
		return QW_ENOMEM;
	}
	*out = peers;
	return QW_OK;
}

void qw_peers_free(struct qw_peers *peers)
{
	if (!peers)
		return;
	for (size_t i = 0; i < peers->count; i++)
		free(peers->peer[i]);
	free(peers->peer);
	free(peers->slot);
	free(peers);
}

static bool is_routing(const struct qw_routing *a, const struct qw_routing *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static size_t place_of(const struct qw_peers *peers, const struct qw_routing *routing)
{
	size_t at = (size_t)qw_siphash(peers->hash, routing->bytes, routing->len) & peers->mask;

	while (peers->slot[at] && !is_routing(&peers->peer[peers->slot[at] - 1]->routing, routing))
		at = (at + 1) & peers->mask;
	return at;
}

static void rebuild(struct qw_peers *peers)
{
	memset(peers->slot, 0, (peers->mask + 1) * sizeof(*peers->slot));
	for (size_t i = 0; i < peers->count; i++)
		peers->slot[place_of(peers, &peers->peer[i]->routing)] = (uint32_t)i + 1;
}

struct qw_peer *qw_peers_find(const struct qw_peers *peers, const struct qw_routing *routing)
{
	uint32_t slot = peers->slot[place_of(peers, routing)];

	return slot ? peers->peer[slot - 1] : NULL;
}

static enum qw_err grow(struct qw_peers *peers)
{
	size_t room = peers->room * 2;
	struct qw_peer **peer = realloc(peers->peer, room * sizeof(struct qw_peer *));

	if (!peer)
		return QW_ENOMEM;
	peers->peer = peer;
	uint32_t *slot = realloc(peers->slot, 2 * room * sizeof(*slot));
	if (!slot)
		return QW_ENOMEM;
	peers->slot = slot;
	peers->room = room;
	peers->mask = 2 * room - 1;
	rebuild(peers);
	return QW_OK;
}

static void drop_at(struct qw_peers *peers, size_t index)
{
	free(peers->peer[index]);
	peers->peer[index] = peers->peer[--peers->count];
}

void qw_peers_drop(struct qw_peers *peers, struct qw_peer *peer)
{
	uint32_t slot = peers->slot[place_of(peers, &peer->routing)];

	drop_at(peers, slot - 1);
	rebuild(peers);
}

/* The sensor's oldest connection goes if it has as many as it may. */
static void push_out(struct qw_peers *peers, const struct qw_entrant *entrant)
{
	struct qw_peer *oldest = NULL;
	size_t mine = 0;

	for (size_t i = 0; i < peers->count; i++) {
		struct qw_peer *peer = peers->peer[i];
		if (peer->entrant != entrant)
			continue;
		mine++;
		if (!oldest || peer->seen.ns < oldest->seen.ns)
			oldest = peer;
	}
	if (mine >= QW_PEERS_PER_SENSOR)
		qw_peers_drop(peers, oldest);
}

enum qw_err qw_peers_add(struct qw_peer **out, struct qw_peers *peers, const struct qw_routing *routing,
			 const struct qw_entrant *entrant, struct qw_time now)
{
	if (qw_peers_find(peers, routing))
		return QW_EEXIST;
	push_out(peers, entrant);
	if (peers->count == peers->room) {
		enum qw_err err = grow(peers);
		if (err != QW_OK)
			return err;
	}
	struct qw_peer *peer = calloc(1, sizeof(*peer));
	if (!peer)
		return QW_ENOMEM;
	peer->routing = *routing;
	peer->entrant = entrant;
	peer->since = peer->seen = now;
	size_t place = place_of(peers, routing);
	peers->peer[peers->count++] = peer;
	peers->slot[place] = (uint32_t)peers->count;
	*out = peer;
	return QW_OK;
}

const char *qw_peer_channel_name(const struct qw_peer *peer, unsigned index)
{
	return index == QW_PEER_COMMUNITY ? QW_COMMUNITY : peer->entrant->who.tenant;
}

unsigned qw_peer_channel_find(const struct qw_peer *peer, const char *name)
{
	for (unsigned i = 0; i < QW_PEER_CHANNELS; i++)
		if (strcmp(qw_peer_channel_name(peer, i), name) == 0)
			return i;
	return QW_PEER_CHANNELS;
}

bool qw_peer_may_tell(struct qw_peer *peer, struct qw_time now)
{
	if (peer->told.ns != 0 && now.ns - peer->told.ns < TELL_S * QW_NS_PER_S)
		return false;
	peer->told = now;
	return true;
}

size_t qw_peers_sweep(struct qw_peers *peers, struct qw_time before)
{
	size_t dropped = 0;

	for (size_t i = peers->count; i-- > 0;) {
		const struct qw_peer *peer = peers->peer[i];
		if (peer->seen.ns >= before.ns && peer->entrant->admitted)
			continue;
		drop_at(peers, i);
		dropped++;
	}
	if (dropped > 0)
		rebuild(peers);
	return dropped;
}

size_t qw_peers_count(const struct qw_peers *peers)
{
	return peers->count;
}

struct qw_peer *qw_peers_at(const struct qw_peers *peers, size_t index)
{
	return peers->peer[index];
}

/* SPDX-License-Identifier: Apache-2.0 */
/* restoration_peers - whom to ask for what was lost. */
#include "collector/restoration_parts.h"

/* Bytes of deltas in an answer: some hundred changes, a moment's work. */
enum { RECALL_BYTES = 128 * 1024 };

struct qw_claim *qw_restoring_claim(struct qw_peer *peer, const char *channel, struct qw_order ours)
{
	unsigned index = peer->hello ? qw_peer_channel_find(peer, channel) : QW_PEER_CHANNELS;

	if (index == QW_PEER_CHANNELS || !qw_order_before(ours, peer->claim[index].order))
		return NULL;
	return &peer->claim[index];
}

static bool is_better(const struct qw_claim *a, const struct qw_claim *b)
{
	if (a->silent != b->silent)
		return a->silent < b->silent;
	return a->asked < b->asked || (a->asked == b->asked && qw_order_before(b->order, a->order));
}

struct qw_peer *qw_restoring_choose(const struct qw_restoration *restoration, const char *channel, struct qw_order ours)
{
	const struct qw_claim *best = NULL;
	struct qw_peer *chosen = NULL;

	for (size_t i = 0; i < qw_peers_count(restoration->parts.peers); i++) {
		struct qw_peer *peer = qw_peers_at(restoration->parts.peers, i);
		const struct qw_claim *claim = qw_restoring_claim(peer, channel, ours);
		if (!claim || claim->spent || !peer->recalls || (best && !is_better(claim, best)))
			continue;
		best = claim;
		chosen = peer;
	}
	return chosen;
}

struct qw_peer *qw_restoring_highest(const struct qw_restoration *restoration, const char *channel,
				     struct qw_order ours)
{
	struct qw_order highest = ours;
	struct qw_peer *found = NULL;

	for (size_t i = 0; i < qw_peers_count(restoration->parts.peers); i++) {
		struct qw_peer *peer = qw_peers_at(restoration->parts.peers, i);
		const struct qw_claim *claim = qw_restoring_claim(peer, channel, highest);
		if (!claim)
			continue;
		highest = claim->order;
		found = peer;
	}
	return found;
}

enum qw_err qw_restoring_ask(struct qw_restoration *restoration, struct qw_restoring *restoring, struct qw_peer *peer,
			     struct qw_order ours, struct qw_time now)
{
	Quaywatch__Wire__Recall recall = QUAYWATCH__WIRE__RECALL__INIT;
	Quaywatch__Wire__Order after = QUAYWATCH__WIRE__ORDER__INIT;
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;

	after.term = ours.term;
	after.sequence = ours.sequence;
	recall.channel = restoring->channel;
	recall.after = &after;
	recall.bytes = RECALL_BYTES;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_RECALL;
	frame.recall = &recall;
	enum qw_err err = qw_post_frame(&restoration->parts.post, &peer->routing, &frame);
	if (err != QW_OK)
		return err;
	restoration->stats.recalls++;
	qw_restoring_claim(peer, restoring->channel, ours)->asked++;
	restoring->waiting = true;
	restoring->asked = peer->routing;
	restoring->after = ours;
	restoring->asked_at = now;
	return QW_OK;
}

static bool is_first_of_its_sensor(const struct qw_peers *peers, size_t index)
{
	const struct qw_entrant *entrant = qw_peers_at(peers, index)->entrant;

	for (size_t i = 0; i < index; i++)
		if (qw_peers_at(peers, i)->entrant == entrant && qw_peers_at(peers, i)->hello)
			return false;
	return qw_peers_at(peers, index)->hello != 0;
}

bool qw_restoring_all_there(const struct qw_restoration *restoration)
{
	const struct qw_peers *peers = restoration->parts.peers;
	size_t count = qw_peers_count(peers), there = 0;

	if (!restoration->parts.expected)
		return false;
	size_t expected = restoration->parts.expected(restoration->parts.ctx);
	if (count < expected)
		return false;
	for (size_t i = 0; i < count; i++)
		there += is_first_of_its_sensor(peers, i);
	return there >= expected;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fanout.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fanout_parts.h"
#include "quaywatch/log.h"
#include "quaywatch/version.h"

enum qw_err qw_fanout_new(struct qw_fanout **out, const struct qw_fanout_parts *parts)
{
	struct qw_fanout *fanout = calloc(1, sizeof(*fanout));

	if (!fanout)
		return QW_ENOMEM;
	fanout->parts = *parts;
	enum qw_err err = qw_frozen_new(&fanout->frozen, parts->signer);
	if (err != QW_OK) {
		free(fanout);
		return err;
	}
	*out = fanout;
	return QW_OK;
}

void qw_fanout_free(struct qw_fanout *fanout)
{
	if (!fanout)
		return;
	qw_frozen_free(fanout->frozen);
	free(fanout);
}

struct qw_fanout_stats qw_fanout_stats(const struct qw_fanout *fanout)
{
	return fanout->stats;
}

/* ---- which channels a peer has */

/* NULL: not this peer's to have. */
static struct qw_follower *follower_of(struct qw_peer *peer, const char *channel)
{
	unsigned index = qw_peer_channel_find(peer, channel);

	return index < QW_PEER_CHANNELS ? &peer->channel[index] : NULL;
}

static struct qw_order order_of(const Quaywatch__Wire__Order *order)
{
	return order ? (struct qw_order){order->term, order->sequence} : (struct qw_order){0, 0};
}

/* ---- deltas */

static enum qw_err send_delta(struct qw_fanout *fanout, const struct qw_peer *peer, const uint8_t *delta, size_t len)
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;

	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_DELTA;
	frame.delta.data = (uint8_t *)(uintptr_t)delta;
	frame.delta.len = len;
	enum qw_err err = qw_post_frame(&fanout->parts.post, &peer->routing, &frame);
	if (err == QW_OK) {
		fanout->stats.deltas++;
		fanout->stats.bytes += len;
	}
	return err;
}

static bool window_is_open(const struct qw_follower *follower)
{
	return follower->sent.sequence < follower->receipt.sequence + QW_FANOUT_WINDOW;
}

/* A sensor takes no delta whose delegation has ended: it gets what differs, under the present one. */
static bool is_good_now(const uint8_t *delta, size_t len)
{
	struct qw_delta_head head;

	return qw_delta_head(&head, delta, len) == QW_OK && qw_time_before(qw_time_wall(), head.good_until);
}

enum qw_err qw_fanout_replay(struct qw_fanout *fanout, struct qw_peer *peer, struct qw_follower *follower,
			     const struct qw_channel *channel)
{
	struct qw_order newest = qw_channel_order(channel);
	uint8_t *delta;
	size_t len;

	while (qw_order_before(follower->sent, newest) && window_is_open(follower)) {
		struct qw_order next = {newest.term, follower->sent.sequence + 1};
		enum qw_err err = qw_store_get_delta(fanout->parts.store, qw_channel_name(channel), next, &delta, &len);
		if (err == QW_ENOENT)
			return qw_fanout_level(fanout, peer, follower, channel);
		if (err != QW_OK)
			return err;
		if (!is_good_now(delta, len)) {
			free(delta);
			/* Where the present one has ended, too, all waits until it is renewed. */
			return qw_time_before(qw_time_wall(), fanout->parts.signer->terms.not_after)
				   ? qw_fanout_level(fanout, peer, follower, channel)
				   : QW_OK;
		}
		err = send_delta(fanout, peer, delta, len);
		free(delta);
		if (err != QW_OK)
			return err == QW_EAGAIN || err == QW_ENOENT ? QW_OK : err;
		follower->sent = next;
	}
	return QW_OK;
}

void qw_fanout_publish(struct qw_fanout *fanout, const char *channel, const uint8_t *delta, size_t len)
{
	struct qw_delta_head head;

	if (qw_delta_head(&head, delta, len) != QW_OK)
		return;
	for (size_t i = 0; i < qw_peers_count(fanout->parts.peers); i++) {
		struct qw_peer *peer = qw_peers_at(fanout->parts.peers, i);
		struct qw_follower *follower = follower_of(peer, channel);
		if (!follower || follower->follow != QW_FOLLOW_DELTAS || !window_is_open(follower))
			continue;
		if (follower->sent.term != head.order.term || follower->sent.sequence + 1 != head.order.sequence)
			continue; /* behind: the pump gets it there */
		if (send_delta(fanout, peer, delta, len) == QW_OK)
			follower->sent = head.order;
	}
}

/* ---- hello */

static void write_state(const struct qw_channel *channel, Quaywatch__Wire__ChannelState *state,
			Quaywatch__Wire__Order *order, struct qw_digest *digest)
{
	struct qw_order at = qw_channel_order(channel);

	quaywatch__wire__channel_state__init(state);
	quaywatch__wire__order__init(order);
	order->term = at.term;
	order->sequence = at.sequence;
	*digest = qw_channel_digest(channel);
	state->channel = (char *)(uintptr_t)qw_channel_name(channel);
	state->order = order;
	state->digest.data = digest->bytes;
	state->digest.len = sizeof(digest->bytes);
}

static enum qw_err send_welcome(struct qw_fanout *fanout, struct qw_peer *peer,
				struct qw_channel *const channel[QW_PEER_CHANNELS])
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	Quaywatch__Wire__Welcome welcome;
	Quaywatch__Wire__ChannelState state[QW_PEER_CHANNELS], *states[QW_PEER_CHANNELS];
	Quaywatch__Wire__Order order[QW_PEER_CHANNELS];
	struct qw_digest digest[QW_PEER_CHANNELS];
	char software[] = "quaywatch-collector " QW_VERSION;

	for (unsigned i = 0; i < QW_PEER_CHANNELS; i++) {
		write_state(channel[i], &state[i], &order[i], &digest[i]);
		states[i] = &state[i];
	}
	quaywatch__wire__welcome__init(&welcome);
	welcome.software = software;
	welcome.time_ns = qw_time_wall().ns;
	welcome.credit = QW_FANOUT_CREDIT;
	welcome.nonce.data = peer->nonce;
	welcome.nonce.len = sizeof(peer->nonce);
	welcome.channels = states;
	welcome.n_channels = QW_PEER_CHANNELS;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_WELCOME;
	frame.welcome = &welcome;
	return qw_post_frame(&fanout->parts.post, &peer->routing, &frame);
}

static const Quaywatch__Wire__ChannelState *find_state(const Quaywatch__Wire__Hello *hello, const char *channel)
{
	for (size_t i = 0; i < hello->n_channels; i++)
		if (strcmp(hello->channels[i]->channel, channel) == 0)
			return hello->channels[i];
	return NULL;
}

/* It holds another set under our order: what differs is sent anew. */
enum qw_err qw_fanout_mend(struct qw_fanout *fanout, struct qw_peer *peer, struct qw_follower *follower,
			   const struct qw_channel *channel, const ProtobufCBinaryData *digest)
{
	if (digest && digest->len == QW_DIGEST_BYTES && !qw_fanout_is_digest(digest, qw_channel_digest(channel)))
		qw_channels_forked(fanout->parts.channels, qw_channel_name(channel), follower->receipt,
				   &peer->entrant->who);
	fanout->stats.unproven++;
	if (qw_peer_may_tell(peer, qw_time_monotonic()))
		qw_log(QW_LOG_WARNING, "RECEIPT-DIFFERS", "%s/%s: its %s is not ours at the same sequence; sending what differs",
		       peer->entrant->who.tenant, peer->entrant->who.sensor, qw_channel_name(channel));
	return qw_fanout_level(fanout, peer, follower, channel);
}

/* Decides what the peer gets for this channel, and sends the first of it. */
static enum qw_err bring_level(struct qw_fanout *fanout, struct qw_peer *peer, struct qw_follower *follower,
			       const struct qw_channel *channel, const Quaywatch__Wire__ChannelState *state)
{
	struct qw_order theirs = order_of(state ? state->order : NULL), ours = qw_channel_order(channel);

	*follower = (struct qw_follower){.follow = QW_FOLLOW_DELTAS, .sent = theirs, .receipt = theirs};
	if (qw_order_before(ours, theirs)) {
		qw_fanout_ahead(fanout, peer, follower, channel);
		return QW_OK;
	}
	/* A channel that has nothing yet stands at sequence 0 of any term. */
	if (theirs.sequence == 0)
		follower->sent.term = follower->receipt.term = ours.term;
	if (ours.sequence == 0)
		return QW_OK;
	if (!state || theirs.sequence == 0)
		return qw_fanout_replay(fanout, peer, follower, channel);
	return qw_fanout_join(fanout, peer, follower, channel, &state->digest);
}

enum qw_err qw_fanout_hello(struct qw_fanout *fanout, struct qw_peer *peer, const Quaywatch__Wire__Hello *hello,
			    struct qw_time now)
{
	struct qw_channel *channel[QW_PEER_CHANNELS];
	enum qw_err err = QW_OK;

	peer->hello = ++fanout->hellos;
	peer->seen = now;
	snprintf(peer->software, sizeof(peer->software), "%s", hello->software);
	peer->repairs = hello->repairs;
	peer->recalls = hello->recalls;
	randombytes_buf(peer->nonce, sizeof(peer->nonce));
	for (unsigned i = 0; i < QW_PEER_CHANNELS; i++)
		peer->claim[i].receipted = false; /* to another nonce */
	for (unsigned i = 0; i < QW_PEER_CHANNELS && err == QW_OK; i++)
		err = qw_channels_get(&channel[i], fanout->parts.channels, qw_peer_channel_name(peer, i));
	if (err == QW_OK)
		err = send_welcome(fanout, peer, channel);
	if (err != QW_OK)
		return err == QW_EAGAIN || err == QW_ENOENT ? QW_OK : err;
	for (unsigned i = 0; i < QW_PEER_CHANNELS && err == QW_OK; i++)
		err = bring_level(fanout, peer, &peer->channel[i], channel[i],
				  find_state(hello, qw_peer_channel_name(peer, i)));
	for (size_t i = 0; i < hello->n_channels && err == QW_OK; i++)
		err = qw_fanout_hear(fanout, peer, hello->channels[i]);
	return err;
}

/* ---- receipts */

/* Only for the order we stand at can the answer be computed. */
static bool is_proof(const struct qw_peer *peer, const struct qw_channel *channel,
		     const Quaywatch__Wire__Receipt *receipt)
{
	return qw_fanout_is_fresh(peer, receipt) &&
	       qw_fanout_is_digest(&receipt->answer, qw_channel_answer(channel, peer->nonce));
}

enum qw_err qw_fanout_record(struct qw_fanout *fanout, const struct qw_peer *peer, const char *channel,
			     const struct qw_follower *follower, const struct qw_receipt_row *said)
{
	struct qw_receipt_row row = {
	    .tenant = peer->entrant->who.tenant,
	    .sensor = peer->entrant->who.sensor,
	    .channel = channel,
	    .order = follower->receipt,
	    .applied = said->applied,
	    .received = qw_time_wall(),
	    .entries = said->entries,
	    .apply_us = said->apply_us,
	    .proven = follower->proven,
	};

	fanout->stats.receipts++;
	return qw_store_put_receipt(fanout->parts.store, &row);
}

enum qw_err qw_fanout_receipt(struct qw_fanout *fanout, struct qw_peer *peer, const Quaywatch__Wire__Receipt *receipt,
			      struct qw_time now)
{
	struct qw_channel *channel;
	struct qw_follower *follower = receipt->state ? follower_of(peer, receipt->state->channel) : NULL;

	if (!follower || follower->follow == QW_FOLLOW_NOT) {
		qw_post_refusal(&fanout->parts.post, &peer->routing, "receipt",
				"not a channel of yours, or no hello yet");
		return QW_OK;
	}
	enum qw_err err = qw_channels_get(&channel, fanout->parts.channels, receipt->state->channel);
	if (err != QW_OK)
		return err;
	struct qw_order at = order_of(receipt->state->order), ours = qw_channel_order(channel);
	if (qw_order_before(ours, at) || at.sequence == 0) {
		err = qw_fanout_hear(fanout, peer, receipt->state);
		qw_fanout_claim(peer, receipt);
		return err; /* to be recorded when we come there */
	}
	bool level = qw_order_equal(at, ours);
	follower->receipt = at;
	follower->proven = level && is_proof(peer, channel, receipt);
	struct qw_receipt_row said = {
	    .applied = qw_time_ns(receipt->applied_ns), .entries = receipt->entries, .apply_us = receipt->apply_us};
	err = qw_fanout_record(fanout, peer, qw_channel_name(channel), follower, &said);
	if (err != QW_OK)
		return err;
	if (level && !follower->proven)
		return qw_fanout_mend(fanout, peer, follower, channel, &receipt->state->digest);
	if (follower->follow == QW_FOLLOW_SNAPSHOT) {
		follower->follow = QW_FOLLOW_DELTAS;
		follower->sent = at;
	}
	return qw_fanout_replay(fanout, peer, follower, channel);
}

/* ---- fetch */

enum qw_err qw_fanout_fetch(struct qw_fanout *fanout, struct qw_peer *peer, const Quaywatch__Wire__Fetch *fetch,
			    struct qw_time now)
{
	struct qw_channel *channel;
	struct qw_follower *follower = follower_of(peer, fetch->channel);

	if (!follower || follower->follow == QW_FOLLOW_NOT) {
		qw_post_refusal(&fanout->parts.post, &peer->routing, "fetch",
				"not a channel of yours, or no hello yet");
		return QW_OK;
	}
	enum qw_err err = qw_channels_get(&channel, fanout->parts.channels, fetch->channel);
	if (err != QW_OK)
		return err;
	struct qw_buckets buckets = {{0}};
	bool some = fetch->buckets.len == sizeof(buckets.bits);
	if (some)
		memcpy(buckets.bits, fetch->buckets.data, sizeof(buckets.bits));
	if (fetch->snapshot && !fetch->snapshot_order)
		return qw_fanout_snapshot(fanout, peer, follower, channel, some ? &buckets : NULL);
	if (fetch->snapshot)
		return qw_fanout_part(fanout, peer, channel, some ? &buckets : NULL, order_of(fetch->snapshot_order), fetch->part);
	struct qw_order after = order_of(fetch->after), ours = qw_channel_order(channel);
	if (qw_order_before(ours, after))
		return QW_OK;
	*follower = (struct qw_follower){.follow = QW_FOLLOW_DELTAS, .sent = after, .receipt = after};
	if (after.sequence == 0)
		follower->sent.term = ours.term;
	if (follower->sent.term != ours.term)
		return qw_fanout_level(fanout, peer, follower, channel);
	return qw_fanout_replay(fanout, peer, follower, channel);
}

void qw_fanout_pump(struct qw_fanout *fanout)
{
	qw_frozen_sweep(fanout->frozen);
	for (size_t i = 0; i < qw_peers_count(fanout->parts.peers); i++) {
		struct qw_peer *peer = qw_peers_at(fanout->parts.peers, i);
		for (unsigned c = 0; c < QW_PEER_CHANNELS; c++) {
			struct qw_channel *channel;
			struct qw_follower *follower = &peer->channel[c];
			if (follower->follow != QW_FOLLOW_DELTAS && follower->follow != QW_FOLLOW_AHEAD)
				continue;
			if (qw_channels_get(&channel, fanout->parts.channels, qw_peer_channel_name(peer, c)) != QW_OK ||
			    (follower->follow == QW_FOLLOW_AHEAD
				 ? qw_fanout_rejoin(fanout, peer, c, channel)
				 : qw_fanout_replay(fanout, peer, follower, channel)) != QW_OK)
				qw_log(QW_LOG_WARNING, "FANOUT-FAILED",
				       "%s/%s: could not read the deltas it lacks; trying again",
				       peer->entrant->who.tenant, peer->entrant->who.sensor);
		}
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* fanout_ahead - sensors that hold more than we do, and how they join once we have come there. */
#include <stdlib.h>
#include <string.h>

#include "collector/fanout_parts.h"
#include "quaywatch/log.h"

static struct qw_order order_of(const Quaywatch__Wire__Order *order)
{
	return order ? (struct qw_order){order->term, order->sequence} : (struct qw_order){0, 0};
}

bool qw_fanout_is_digest(const ProtobufCBinaryData *said, struct qw_digest digest)
{
	return said->len == sizeof(digest.bytes) && memcmp(said->data, digest.bytes, sizeof(digest.bytes)) == 0;
}

bool qw_fanout_is_fresh(const struct qw_peer *peer, const Quaywatch__Wire__Receipt *receipt)
{
	return receipt->nonce.len == sizeof(peer->nonce) &&
	       memcmp(receipt->nonce.data, peer->nonce, sizeof(peer->nonce)) == 0;
}

/* ---- joining */

/* Whether our change after the follower's order begins with its set; where it cannot be seen, yes. */
static enum qw_err is_of_our_branch(const struct qw_fanout *fanout, const struct qw_follower *follower,
				    const struct qw_channel *channel, const ProtobufCBinaryData *digest, bool *out)
{
	struct qw_order next = {follower->sent.term, follower->sent.sequence + 1};
	struct qw_delta_head head;
	uint8_t *delta;
	size_t len;
	enum qw_err err = qw_store_get_delta(fanout->parts.store, qw_channel_name(channel), next, &delta, &len);

	*out = true;
	if (err != QW_OK)
		return err == QW_ENOENT ? QW_OK : err;
	if (qw_delta_head(&head, delta, len) == QW_OK)
		*out = qw_fanout_is_digest(digest, head.before);
	free(delta);
	return QW_OK;
}

enum qw_err qw_fanout_join(struct qw_fanout *fanout, struct qw_peer *peer, struct qw_follower *follower,
			   const struct qw_channel *channel, const ProtobufCBinaryData *digest)
{
	struct qw_order ours = qw_channel_order(channel);
	bool fits = true;

	if (qw_order_equal(follower->sent, ours)) {
		if (!digest || qw_fanout_is_digest(digest, qw_channel_digest(channel)))
			return QW_OK;
		return qw_fanout_mend(fanout, peer, follower, channel, digest);
	}
	if (follower->sent.term != ours.term)
		return qw_fanout_level(fanout, peer, follower, channel);
	bool said = digest && digest->len == QW_DIGEST_BYTES;
	enum qw_err err = said ? is_of_our_branch(fanout, follower, channel, digest, &fits) : QW_OK;
	if (err != QW_OK)
		return err;
	return fits ? qw_fanout_replay(fanout, peer, follower, channel)
		    : qw_fanout_mend(fanout, peer, follower, channel, digest);
}

/* ---- what we do not hold */

void qw_fanout_ahead(struct qw_fanout *fanout, struct qw_peer *peer, struct qw_follower *follower,
		     const struct qw_channel *channel)
{
	struct qw_order theirs = follower->receipt, ours = qw_channel_order(channel);

	follower->follow = QW_FOLLOW_AHEAD;
	bool first = fanout->stats.ahead++ == 0;
	if (peer->recalls || (!first && !qw_peer_may_tell(peer, qw_time_monotonic())))
		return; /* one that recalls is asked for it */
	qw_log(QW_LOG_ERROR, "SENSOR-AHEAD",
	       "%s/%s holds %s %llu.%llu, we hold %llu.%llu, and it cannot say what lies between: was the collector "
	       "restored from a "
	       "backup?",
	       peer->entrant->who.tenant, peer->entrant->who.sensor, qw_channel_name(channel),
	       (unsigned long long)theirs.term, (unsigned long long)theirs.sequence, (unsigned long long)ours.term,
	       (unsigned long long)ours.sequence);
}

enum qw_err qw_fanout_hear(struct qw_fanout *fanout, struct qw_peer *peer, const Quaywatch__Wire__ChannelState *state)
{
	struct qw_channel *channel;
	unsigned index = qw_peer_channel_find(peer, state->channel);
	struct qw_order theirs = order_of(state->order);

	if (index == QW_PEER_CHANNELS)
		return QW_OK;
	enum qw_err err = qw_channels_get(&channel, fanout->parts.channels, state->channel);
	struct qw_claim *claim = &peer->claim[index];
	if (err != QW_OK || !qw_order_before(qw_channel_order(channel), theirs) || qw_order_equal(claim->order, theirs))
		return err;
	claim->order = theirs;
	claim->receipted = false;
	claim->digested = state->digest.len == sizeof(claim->digest.bytes);
	if (claim->digested)
		memcpy(claim->digest.bytes, state->digest.data, sizeof(claim->digest.bytes));
	return QW_OK;
}

void qw_fanout_claim(struct qw_peer *peer, const Quaywatch__Wire__Receipt *receipt)
{
	struct qw_claim *claim = &peer->claim[qw_peer_channel_find(peer, receipt->state->channel)];

	if (!qw_order_equal(claim->order, order_of(receipt->state->order)) || !qw_fanout_is_fresh(peer, receipt) ||
	    receipt->answer.len != sizeof(claim->answer.bytes))
		return;
	claim->receipted = true;
	memcpy(claim->answer.bytes, receipt->answer.data, sizeof(claim->answer.bytes));
	claim->applied = qw_time_ns(receipt->applied_ns);
	claim->entries = receipt->entries;
	claim->apply_us = receipt->apply_us;
}

/* What it proved of the very order that we have come to. */
static enum qw_err take_receipt(struct qw_fanout *fanout, struct qw_peer *peer, struct qw_follower *follower,
				const struct qw_claim *claim, const struct qw_channel *channel)
{
	struct qw_receipt_row said = {
	    .applied = claim->applied, .entries = claim->entries, .apply_us = claim->apply_us};
	struct qw_digest answer = qw_channel_answer(channel, peer->nonce);

	follower->proven = memcmp(&claim->answer, &answer, sizeof(answer)) == 0;
	return qw_fanout_record(fanout, peer, qw_channel_name(channel), follower, &said);
}

enum qw_err qw_fanout_rejoin(struct qw_fanout *fanout, struct qw_peer *peer, unsigned index,
			     const struct qw_channel *channel)
{
	struct qw_follower *follower = &peer->channel[index];
	struct qw_claim *claim = &peer->claim[index];
	struct qw_order ours = qw_channel_order(channel);
	ProtobufCBinaryData digest = {sizeof(claim->digest.bytes), claim->digest.bytes};
	enum qw_err err = QW_OK;

	if (qw_order_before(ours, follower->receipt))
		return QW_OK;
	bool known = qw_order_equal(claim->order, follower->receipt);
	if (known && claim->receipted && qw_order_equal(ours, follower->receipt))
		err = take_receipt(fanout, peer, follower, claim, channel);
	if (err != QW_OK)
		return err; /* tried again */
	follower->follow = QW_FOLLOW_DELTAS;
	follower->sent = follower->receipt;
	if (known && claim->receipted && qw_order_equal(ours, follower->receipt) && !follower->proven)
		return qw_fanout_mend(fanout, peer, follower, channel, claim->digested ? &digest : NULL);
	return qw_fanout_join(fanout, peer, follower, channel, known && claim->digested ? &digest : NULL);
}

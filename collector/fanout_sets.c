/* SPDX-License-Identifier: Apache-2.0 */
/* fanout_sets - what a sensor gets for which deltas will not do: a snapshot, or the buckets that differ. */
#include "collector/fanout_parts.h"

enum { MEND_S = 10 };

static enum qw_err send_part(struct qw_fanout *fanout, const struct qw_peer *peer, const uint8_t *data, size_t len)
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;

	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_SNAPSHOT_PART;
	frame.snapshot_part.data = (uint8_t *)(uintptr_t)data;
	frame.snapshot_part.len = len;
	enum qw_err err = qw_post_frame(&fanout->parts.post, &peer->routing, &frame);
	fanout->stats.parts += err == QW_OK;
	return err == QW_EAGAIN || err == QW_ENOENT ? QW_OK : err; /* it asks again */
}

enum qw_err qw_fanout_snapshot(struct qw_fanout *fanout, struct qw_peer *peer, struct qw_follower *follower,
			       const struct qw_channel *channel, const struct qw_buckets *buckets)
{
	const uint8_t *data;
	size_t len;

	follower->follow = QW_FOLLOW_SNAPSHOT;
	enum qw_err err = qw_frozen_begin(fanout->frozen, channel, buckets, follower->receipt, &data, &len);
	return err == QW_OK ? send_part(fanout, peer, data, len) : err;
}

static enum qw_err send_sums(struct qw_fanout *fanout, const struct qw_peer *peer, const struct qw_channel *channel)
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	Quaywatch__Wire__BucketSums sums = QUAYWATCH__WIRE__BUCKET_SUMS__INIT;
	Quaywatch__Wire__Order order = QUAYWATCH__WIRE__ORDER__INIT;
	struct qw_order at = qw_channel_order(channel);
	uint8_t bytes[QW_SUMS_BYTES];

	qw_channel_sums(channel, bytes);
	order.term = at.term;
	order.sequence = at.sequence;
	sums.channel = (char *)(uintptr_t)qw_channel_name(channel);
	sums.order = &order;
	sums.sums = (ProtobufCBinaryData){sizeof(bytes), bytes};
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_SUMS;
	frame.sums = &sums;
	enum qw_err err = qw_post_frame(&fanout->parts.post, &peer->routing, &frame);
	fanout->stats.sums += err == QW_OK;
	return err == QW_EAGAIN || err == QW_ENOENT ? QW_OK : err; /* its next hello comes to the same */
}

enum qw_err qw_fanout_level(struct qw_fanout *fanout, struct qw_peer *peer, struct qw_follower *follower,
			    const struct qw_channel *channel)
{
	struct qw_time now = qw_time_monotonic();

	if (follower->mended.ns != 0 && now.ns - follower->mended.ns < MEND_S * QW_NS_PER_S) {
		follower->follow = QW_FOLLOW_SNAPSHOT; /* what it says now crossed what we sent */
		return QW_OK;
	}
	follower->mended = now;
	if (!peer->repairs || follower->receipt.sequence == 0)
		return qw_fanout_snapshot(fanout, peer, follower, channel, NULL);
	follower->follow = QW_FOLLOW_SNAPSHOT;
	return send_sums(fanout, peer, channel);
}

enum qw_err qw_fanout_part(struct qw_fanout *fanout, struct qw_peer *peer, const struct qw_channel *channel,
			   const struct qw_buckets *buckets, struct qw_order order, uint32_t part)
{
	const uint8_t *data;
	size_t len;
	enum qw_err err = qw_frozen_part(fanout->frozen, channel, buckets, order, part, &data, &len);

	if (err == QW_ENOENT) {
		qw_post_refusal(&fanout->parts.post, &peer->routing, "fetch", "no such snapshot or part; begin anew");
		return QW_OK;
	}
	return err == QW_OK ? send_part(fanout, peer, data, len) : err;
}

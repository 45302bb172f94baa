/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/flow/assemble.h"

#include <string.h>

#include "sensor/flow/sequence.h"

/* Holes of a side whose acknowledgements are not seen can only fill, so little is worth waiting for. */
enum { ONE_SIDED_BLOCKS = 8 };

/* Bytes so far; an end that was found again before its first byte begins there. */
static uint32_t reached(const struct qw_tcp_end *end)
{
	uint32_t done = end->next - end->first - 1;
	return done >> 31 ? 0 : done;
}

static void reach_depth(const struct qw_stream_push *push, enum qw_direction direction)
{
	struct qw_flow *flow = push->flow;
	const struct qw_tcp_end *end = &flow->tcp[direction];
	if (end->deep || push->streams->depth == 0 || reached(end) < push->streams->depth)
		return;
	flow->tcp[direction].deep = 1;
	push->streams->counters.depth_reached++;
	qw_stream_event(push->streams, QW_PE_STREAM_REASSEMBLY_DEPTH_REACHED);
	if (flow->tcp[qw_direction_other(direction)].deep)
		flow->flags |= QW_FLOW_STREAM_OFF;
}

/* The part of the next len bytes that lies within the depth. */
static uint32_t within_depth(const struct qw_stream_push *push, const struct qw_tcp_end *end, uint32_t len)
{
	uint64_t depth = push->streams->depth;
	if (end->deep)
		return 0;
	uint32_t done = reached(end);
	return depth == 0 || done + (uint64_t)len <= depth ? len : (uint32_t)(depth - done);
}

static void hand(const struct qw_stream_push *push, enum qw_direction direction, const uint8_t *data, uint32_t len,
		 bool in_packet)
{
	struct qw_tcp_end *end = &push->flow->tcp[direction];
	uint32_t wanted = within_depth(push, end, len);
	end->next += len;
	if (wanted)
		push->sink->data(push->sink->ctx, push->flow, direction, data, wanted, in_packet);
	reach_depth(push, direction);
}

void qw_assemble_lose(const struct qw_stream_push *push, enum qw_direction direction, uint32_t until)
{
	struct qw_tcp_end *end = &push->flow->tcp[direction];
	uint32_t missing = until - end->next;
	bool deep = end->deep;
	end->gap = 1;
	end->next = until;
	if (deep)
		return;
	push->streams->counters.gaps++;
	qw_stream_event(push->streams, QW_PE_STREAM_REASSEMBLY_SEQ_GAP);
	push->streams->counters.gap_bytes += missing;
	push->sink->gap(push->sink->ctx, push->flow, direction, missing);
	reach_depth(push, direction);
}

void qw_assemble_close(const struct qw_stream_push *push, enum qw_direction direction)
{
	struct qw_tcp_end *end = &push->flow->tcp[direction];
	if (end->told || !end->known)
		return;
	end->told = 1;
	push->sink->closed(push->sink->ctx, push->flow, direction);
}

/* A FIN that never reached the other end is no end: it is believed once it is acknowledged. */
void qw_assemble_believe_fin(const struct qw_stream_push *push, enum qw_direction direction)
{
	const struct qw_tcp_end *end = &push->flow->tcp[direction];
	if (end->fin && !end->told && (!qw_stream_both_seen(push->flow) || !qw_seq_before(end->acked, end->next)))
		qw_assemble_close(push, direction);
}

static void finish(const struct qw_stream_push *push, enum qw_direction direction)
{
	struct qw_flow *flow = push->flow;
	flow->tcp[direction].fin = 1;
	flow->tcp[direction].next++;
	bool both = flow->tcp[qw_direction_other(direction)].fin;
	flow->tcp_state = both ? QW_TCP_FIN_BOTH : QW_TCP_FIN_ONE;
	flow->flags |= both ? QW_FLOW_CLOSED : 0;
	qw_assemble_believe_fin(push, direction);
}

/* The first held block: what is new of it goes on, and its memory is given back. */
static void pass_block(const struct qw_stream_push *push, enum qw_direction direction)
{
	struct qw_segments **held = &push->flow->segments[direction];
	struct qw_tcp_end *end = &push->flow->tcp[direction];
	const struct qw_segment *block = (*held)->first;
	uint32_t old = end->next - block->seq;
	if (old < block->len)
		hand(push, direction, block->data + old, block->len - old, false);
	bool ends = block->fin && end->next == block->seq + block->len && !end->fin;
	qw_segments_drop_first(push->streams->pool, held);
	if (ends)
		finish(push, direction);
}

void qw_assemble_drain(const struct qw_stream_push *push, enum qw_direction direction)
{
	struct qw_segments **held = &push->flow->segments[direction];
	struct qw_tcp_end *end = &push->flow->tcp[direction];
	while (*held) {
		uint32_t seq = (*held)->first->seq;
		if (qw_seq_before(end->next, seq)) {
			if (!end->deep && qw_seq_before(end->acked, seq))
				return;
			qw_assemble_lose(push, direction, seq);
		}
		pass_block(push, direction);
	}
}

void qw_assemble_flush(const struct qw_stream_push *push, enum qw_direction direction)
{
	struct qw_segments **held = &push->flow->segments[direction];
	while (*held) {
		uint32_t seq = (*held)->first->seq;
		if (qw_seq_before(push->flow->tcp[direction].next, seq))
			qw_assemble_lose(push, direction, seq);
		pass_block(push, direction);
	}
}

static void tell_differs(void *ctx, const struct qw_conflict *conflict)
{
	const struct qw_stream_push *push = ctx;
	push->streams->counters.overlaps_differ++;
	qw_stream_event(push->streams, QW_PE_STREAM_REASSEMBLY_OVERLAP_DIFFERENT_DATA);
	if (push->sink->differs)
		push->sink->differs(push->sink->ctx, push->flow, push->direction, conflict);
}

/* The packet begins before what is held, so it wins; the held bytes that say otherwise are told. */
static void compare_held(const struct qw_stream_push *push, uint32_t seq, const uint8_t *data, uint32_t len)
{
	const struct qw_segments *held = push->flow->segments[push->direction];
	for (const struct qw_segment *block = held->first; block && qw_seq_before(block->seq, seq + len);
	     block = block->next) {
		uint32_t at = block->seq - seq;
		uint32_t skip = 0;
		if (qw_seq_before(block->seq, seq))
			skip = seq - block->seq, at = 0;
		if (skip >= block->len)
			continue;
		uint32_t both = block->len - skip < len - at ? block->len - skip : len - at;
		struct qw_conflict conflict = {.taken = data + at,
					       .other = block->data + skip,
					       .len = both,
					       .piece = block->data,
					       .piece_len = block->len};
		if (memcmp(conflict.taken, conflict.other, both) != 0)
			tell_differs((void *)(uintptr_t)push, &conflict);
	}
}

static enum qw_stream_result take_in_order(const struct qw_stream_push *push, uint32_t seq)
{
	const struct qw_packet *packet = push->packet;
	struct qw_tcp_end *end = &push->flow->tcp[push->direction];
	uint32_t len = packet->payload_len, old = end->next - seq;
	bool fin = (packet->tcp_flags & QW_TCP_FIN) != 0;
	if (old > len || (old == len && !fin)) {
		push->streams->counters.retransmitted += len != 0;
		return QW_STREAM_OLD;
	}
	if (old < len) {
		push->streams->counters.retransmitted += old != 0;
		if (__builtin_expect(push->flow->segments[push->direction] != NULL, 0))
			compare_held(push, end->next, packet->payload + old, len - old);
		hand(push, push->direction, packet->payload + old, len - old, old == 0);
	}
	if (fin && !end->fin)
		finish(push, push->direction);
	if (push->flow->segments[push->direction])
		qw_assemble_drain(push, push->direction);
	return QW_STREAM_TAKEN;
}

/* The first hole is given up, and what waited behind it goes on. */
static void give_up_hole(const struct qw_stream_push *push, enum qw_direction direction)
{
	const struct qw_segments *held = push->flow->segments[direction];
	if (qw_seq_before(push->flow->tcp[direction].next, held->first->seq))
		qw_assemble_lose(push, direction, held->first->seq);
	else
		pass_block(push, direction);
	qw_assemble_drain(push, direction);
}

/*
 * No room: this direction gives up its first hole if it holds all that one may;
 * else whoever waits longest does, so that many holes do not keep others from
 * waiting.  False: nobody holds anything.
 */
static bool make_room(const struct qw_stream_push *push, uint32_t max)
{
	struct qw_segments *held = push->flow->segments[push->direction];
	if (!held || held->count < max)
		held = qw_segments_oldest(push->streams->pool);
	if (!held)
		return false;
	struct qw_stream_push other = *push;
	enum qw_direction direction = push->direction;
	if (held != push->flow->segments[push->direction]) {
		other.flow = held->owner;
		direction = (enum qw_direction)held->direction;
	}
	give_up_hole(&other, direction);
	return true;
}

static enum qw_stream_result hold(const struct qw_stream_push *push, uint32_t seq)
{
	const struct qw_packet *packet = push->packet;
	struct qw_streams *streams = push->streams;
	struct qw_tcp_end *end = &push->flow->tcp[push->direction];
	struct qw_segments **held = &push->flow->segments[push->direction];
	if (!*held && !qw_seq_before(end->acked, seq)) {
		qw_assemble_lose(push, push->direction, seq);
		return take_in_order(push, seq);
	}
	uint32_t max = streams->flow_blocks;
	if (!qw_stream_both_seen(push->flow) && max > ONE_SIDED_BLOCKS)
		max = ONE_SIDED_BLOCKS;
	struct qw_segment_differs differs = {(void *)(uintptr_t)push, tell_differs};
	bool fin = (packet->tcp_flags & QW_TCP_FIN) != 0;
	streams->counters.reordered++;
	while (qw_segments_add(streams->pool, held, max, seq, packet->payload, packet->payload_len, fin, &differs)) {
		streams->counters.no_room++;
		if (!make_room(push, max))
			qw_assemble_lose(push, push->direction, seq);
		if (!qw_seq_before(end->next, seq))
			return take_in_order(push, seq);
	}
	if (*held) {
		(*held)->owner = push->flow;
		(*held)->direction = (uint8_t)push->direction;
	}
	size_t now = qw_segment_pool_held(streams->pool);
	if (now > streams->counters.held_peak)
		streams->counters.held_peak = now;
	qw_assemble_drain(push, push->direction);
	return QW_STREAM_TAKEN;
}

/* Beyond the depth only the end of the direction matters. */
static enum qw_stream_result pass_over(const struct qw_stream_push *push, uint32_t seq)
{
	struct qw_tcp_end *end = &push->flow->tcp[push->direction];
	uint32_t after = seq + push->packet->payload_len;
	if (qw_seq_before(end->next, after))
		end->next = after;
	if ((push->packet->tcp_flags & QW_TCP_FIN) && end->next == after && !end->fin)
		finish(push, push->direction);
	return QW_STREAM_TAKEN;
}

/*
 * More data after a FIN: its receiver does not believe it, unless the FIN
 * never reached it; then the data begins where the FIN stood.
 */
static bool reopen(const struct qw_stream_push *push, uint32_t seq)
{
	struct qw_flow *flow = push->flow;
	struct qw_tcp_end *end = &flow->tcp[push->direction];
	bool acked = qw_stream_both_seen(flow) && !qw_seq_before(end->acked, end->next);
	/* One byte there is a keep-alive. */
	if (acked && (seq != end->next - 1 || push->packet->payload_len <= 1))
		return false;
	if (!qw_seq_before(end->next - 1, seq + push->packet->payload_len))
		return false;
	end->next--;
	end->fin = 0;
	flow->flags &= ~(uint32_t)QW_FLOW_CLOSED;
	flow->tcp_state = flow->tcp[qw_direction_other(push->direction)].fin ? QW_TCP_FIN_ONE : QW_TCP_ESTABLISHED;
	return true;
}

enum qw_stream_result qw_assemble_packet(const struct qw_stream_push *push, uint32_t seq)
{
	const struct qw_packet *packet = push->packet;
	struct qw_tcp_end *end = &push->flow->tcp[push->direction];
	if (packet->payload_len == 0 && !(packet->tcp_flags & QW_TCP_FIN))
		return QW_STREAM_TAKEN;
	if (end->fin && qw_seq_before(end->next, seq + packet->payload_len + 1) && !reopen(push, seq))
		return seq + packet->payload_len == end->next - 1 ? QW_STREAM_OLD : QW_STREAM_INVALID;
	if (end->deep)
		return pass_over(push, seq);
	return qw_seq_before(end->next, seq) ? hold(push, seq) : take_in_order(push, seq);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/flow/stream.h"

#include <stdlib.h>

#include "quaywatch/bytes.h"
#include "quaywatch/hash.h"
#include "sensor/flow/assemble.h"
#include "sensor/flow/sequence.h"
#include "sensor/flow/stream_event.h"

enum {
	SCALE_MAX = 14,  /* RFC 7323, 2.3; also assumed where the handshake was not seen */
	SCALE_NONE = 15, /* until the answer: the SYN did not offer it */
	WINDOW_LEAST = 65535,
	WINDOW_MOST = 1 << 30,
	ASTRAY_RESYNC = 4, /* packets outside the window, both ways, after which the loss is ours */
	ASTRAY_MAX = 7,
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_SCALE = 3,
	OPTION_STAMPS = 8,
	STAMP_SPAN = 300000, /* milliseconds mostly: SYNs are not repeated longer */
	HEADER_LEAST = 20,
};

enum qw_err qw_streams_new(struct qw_streams **out, const struct qw_stream_options *options)
{
	struct qw_streams *streams = calloc(1, sizeof(*streams));
	if (!streams)
		return QW_ENOMEM;
	enum qw_err err = qw_segment_pool_new(&streams->pool, options->bytes);
	if (err) {
		free(streams);
		return err;
	}
	streams->flow_blocks = options->flow_bytes / QW_SEGMENT_BLOCK + (options->flow_bytes < QW_SEGMENT_BLOCK);
	/* Positions are differences of sequence numbers: a deeper depth is none. */
	streams->depth = options->depth < WINDOW_MOST ? options->depth : 0;
	*out = streams;
	return QW_OK;
}

void qw_streams_free(struct qw_streams *streams)
{
	if (!streams)
		return;
	qw_segment_pool_free(streams->pool);
	free(streams);
}

static struct qw_tcp_end *sender(const struct qw_stream_push *push)
{
	return &push->flow->tcp[push->direction];
}

static struct qw_tcp_end *receiver(const struct qw_stream_push *push)
{
	return &push->flow->tcp[qw_direction_other(push->direction)];
}

static uint32_t window_of(const struct qw_tcp_end *end)
{
	return (uint32_t)end->window << (end->scale > SCALE_MAX ? 0 : end->scale);
}

/* The body of an option that is `bytes` long with its kind and length. */
static bool option_of(const struct qw_packet *packet, uint8_t wanted, uint8_t bytes, struct qw_bytes *body)
{
	if (packet->transport_len <= HEADER_LEAST)
		return false;
	struct qw_bytes in = qw_bytes(packet->transport + HEADER_LEAST, packet->transport_len - HEADER_LEAST);
	uint8_t kind, len;
	while (qw_bytes_u8(&in, &kind) && kind != OPTION_END) {
		if (kind == OPTION_NOP)
			continue;
		if (!qw_bytes_u8(&in, &len) || len < 2 || !qw_bytes_take(&in, len - 2u, body))
			return false;
		if (kind == wanted && len == bytes)
			return true;
	}
	return false;
}

static uint8_t offered_scale(const struct qw_packet *packet)
{
	struct qw_bytes body;
	if (!option_of(packet, OPTION_SCALE, 3, &body))
		return SCALE_NONE;
	return body.at[0] < SCALE_MAX ? body.at[0] : SCALE_MAX;
}

/* The first SYN's timestamp; 0: it has none. */
static uint32_t own_stamp(const struct qw_packet *packet)
{
	struct qw_bytes body;
	return option_of(packet, OPTION_STAMPS, 10, &body) ? qw_be32(body.at) : 0;
}

/*
 * An answer to a SYN that echoes another timestamp than the SYN's (RFC 7323, 3.2, 5.3):
 * its receiver throws it away.  Repeated SYNs have later ones.
 */
static bool echoes_another(const struct qw_packet *packet, uint32_t stamp)
{
	struct qw_bytes body;
	if (stamp == 0 || !option_of(packet, OPTION_STAMPS, 10, &body))
		return false;
	uint32_t echo = qw_be32(body.at + 4);
	return echo != 0 && echo - stamp > STAMP_SPAN;
}

/* An end of which a sequence number is learnt: `next` is that of its next byte. */
static void learn(struct qw_tcp_end *end, uint32_t next)
{
	*end = (struct qw_tcp_end){
	    .first = next - 1, .next = next, .acked = next, .window = end->window, .scale = SCALE_MAX, .known = 1};
}

static void learn_syn(const struct qw_stream_push *push)
{
	struct qw_tcp_end *end = sender(push);
	uint32_t stamp = end->stamp;
	learn(end, push->packet->tcp_seq + 1);
	end->window = push->packet->tcp_window;
	end->scale = offered_scale(push->packet);
	end->stamp = stamp ? stamp : own_stamp(push->packet);
}

static void establish(struct qw_flow *flow)
{
	flow->tcp_state = QW_TCP_ESTABLISHED;
	flow->flags |= QW_FLOW_ESTABLISHED;
}

/*
 * Whether the other end believed it, the next packets tell.  What waits goes on
 * waiting, and the sink learns of the end when the flow ends, seconds from now.
 */
static void mark_reset(const struct qw_stream_push *push)
{
	push->flow->tcp_state = QW_TCP_RESET;
	push->flow->flags |= QW_FLOW_CLOSED;
}

/* A SYN's data (RFC 7413) begins behind the SYN. */
static enum qw_stream_result send_syn(const struct qw_stream_push *push)
{
	push->flow->tcp_state = QW_TCP_SYN_SENT;
	learn_syn(push);
	return qw_assemble_packet(push, push->packet->tcp_seq + 1);
}

static enum qw_stream_result pick_up(const struct qw_stream_push *push);

static enum qw_stream_result begin(const struct qw_stream_push *push)
{
	struct qw_flow *flow = push->flow;
	uint8_t flags = push->packet->tcp_flags;
	if ((flags & (QW_TCP_SYN | QW_TCP_ACK | QW_TCP_RST)) == QW_TCP_SYN) {
		/* A flow without reassembly took its server for the client. */
		if (push->direction == QW_TO_CLIENT)
			return QW_STREAM_AGAIN;
		flow->flags &= ~(uint32_t)(QW_FLOW_STREAM_OFF | QW_FLOW_MIDSTREAM);
		return send_syn(push);
	}
	if (push->answered) {
		flow->flags &= ~(uint32_t)QW_FLOW_STREAM_OFF;
		return pick_up(push);
	}
	if (!(flow->flags & QW_FLOW_MIDSTREAM))
		return QW_STREAM_TAKEN;
	if (flags & QW_TCP_RST) {
		mark_reset(push);
		return QW_STREAM_TAKEN;
	}
	return flags & QW_TCP_ACK ? pick_up(push) : QW_STREAM_INVALID;
}

static bool ack_is_of_syn(const struct qw_tcp_end *client, uint32_t ack)
{
	return qw_seq_before(client->first, ack) && qw_seq_at_most(ack, client->next);
}

static enum qw_stream_result answer_syn(const struct qw_stream_push *push)
{
	struct qw_tcp_end *server = sender(push), *client = receiver(push);
	if (push->direction != QW_TO_CLIENT || !ack_is_of_syn(client, push->packet->tcp_ack))
		return QW_STREAM_INVALID;
	learn_syn(push);
	client->acked = push->packet->tcp_ack;
	if (server->scale == SCALE_NONE || client->scale == SCALE_NONE)
		server->scale = client->scale = 0;
	push->flow->tcp_state = QW_TCP_SYN_RECEIVED;
	return qw_assemble_packet(push, push->packet->tcp_seq + 1);
}

/* The server answers a SYN that was taken back: it did not believe the reset, or never saw it. */
static enum qw_stream_result revive(const struct qw_stream_push *push)
{
	enum qw_stream_result result = answer_syn(push);
	if (result != QW_STREAM_INVALID)
		push->flow->flags &= ~(uint32_t)QW_FLOW_CLOSED;
	return result;
}

static struct qw_stream_call *call_of(const struct qw_stream_push *push)
{
	return &push->streams->call[qw_mix64((uintptr_t)push->flow) % QW_STREAM_CALLS];
}

/* Not believed, unless it is answered. */
static enum qw_stream_result call_anew(const struct qw_stream_push *push)
{
	*call_of(push) = (struct qw_stream_call){push->flow, push->packet->tcp_seq};
	return QW_STREAM_INVALID;
}

static enum qw_stream_result answer_call(const struct qw_stream_push *push)
{
	struct qw_stream_call *call = call_of(push);
	if (call->flow != push->flow || call->seq + 1 != push->packet->tcp_ack)
		return QW_STREAM_INVALID;
	call->flow = NULL;
	push->streams->answered = true;
	return QW_STREAM_AGAIN;
}

/* The same SYN once more; after a refusal it is another attempt. */
static enum qw_stream_result same_syn(const struct qw_stream_push *push)
{
	const struct qw_tcp_end *end = sender(push);
	bool refused = push->flow->tcp_state == QW_TCP_RESET && end->next == end->first + 1;
	return refused && !(push->packet->tcp_flags & QW_TCP_ACK) ? QW_STREAM_AGAIN : QW_STREAM_OLD;
}

/*
 * A SYN where a connection stands already.  One that lives does not believe
 * it: only what has closed, or was not seen to begin or to be answered, ends.
 */
static enum qw_stream_result repeat_syn(const struct qw_stream_push *push)
{
	struct qw_flow *flow = push->flow;
	bool answer = (push->packet->tcp_flags & QW_TCP_ACK) != 0;
	if (sender(push)->known && push->packet->tcp_seq == sender(push)->first)
		return same_syn(push);
	switch ((enum qw_tcp_state)flow->tcp_state) {
	case QW_TCP_SYN_SENT:
		if (answer)
			return answer_syn(push);
		if (push->direction == QW_TO_SERVER)
			return send_syn(push);
		learn_syn(push); /* both call at once */
		flow->tcp_state = QW_TCP_SYN_RECEIVED;
		return QW_STREAM_TAKEN;
	case QW_TCP_RESET:
		if (answer && !sender(push)->known)
			return revive(push);
		return answer ? QW_STREAM_INVALID : QW_STREAM_AGAIN;
	case QW_TCP_FIN_BOTH: return answer ? QW_STREAM_INVALID : QW_STREAM_AGAIN;
	default: break;
	}
	if (answer)
		return answer_call(push);
	bool doubtful = (flow->flags & QW_FLOW_MIDSTREAM) || !qw_stream_both_seen(flow);
	return doubtful ? QW_STREAM_AGAIN : call_anew(push);
}

static enum qw_stream_result reset(const struct qw_stream_push *push)
{
	const struct qw_tcp_end *end = sender(push);
	uint32_t seq = push->packet->tcp_seq;
	if (push->flow->tcp_state == QW_TCP_RESET)
		return QW_STREAM_OLD;
	bool believed;
	if (push->flow->tcp_state == QW_TCP_SYN_SENT && push->direction == QW_TO_CLIENT)
		believed =
		    (push->packet->tcp_flags & QW_TCP_ACK) && ack_is_of_syn(receiver(push), push->packet->tcp_ack);
	else
		believed = !end->known || (qw_seq_at_most(end->acked, seq) && qw_seq_at_most(seq, end->next));
	const struct qw_segments *held = push->flow->segments[push->direction];
	if (!believed && held)
		believed = seq == held->last->seq + held->last->len;
	if (!believed)
		return QW_STREAM_INVALID;
	mark_reset(push);
	return QW_STREAM_TAKEN;
}

/* Nothing that the other end would take: beyond its window, or far behind. */
static bool seq_astray(const struct qw_stream_push *push)
{
	const struct qw_tcp_end *end = sender(push);
	uint32_t after = push->packet->tcp_seq + push->packet->payload_len;
	uint32_t limit = end->next + WINDOW_MOST;
	if (qw_stream_both_seen(push->flow)) {
		uint32_t window = window_of(receiver(push));
		limit = end->acked + (window ? window : 1); /* a closed window is probed with a byte */
	}
	return qw_seq_before(limit, after) || qw_seq_before(after + 1, end->next - WINDOW_MOST);
}

/* An acknowledgement of what cannot have been sent. */
static bool ack_astray(const struct qw_stream_push *push)
{
	const struct qw_tcp_end *end = sender(push), *other = receiver(push);
	if (!other->known || !qw_stream_both_seen(push->flow))
		return false;
	uint32_t sent = qw_seq_before(other->next, other->acked) ? other->acked : other->next;
	uint32_t window = window_of(end);
	uint32_t limit = sent + (window > WINDOW_LEAST ? window : WINDOW_LEAST);
	return qw_seq_before(limit, push->packet->tcp_ack);
}

/* Both ends have gone on where the capture lost too much to follow. */
static void resync(const struct qw_stream_push *push)
{
	struct qw_tcp_end *end = sender(push), *other = receiver(push);
	qw_assemble_flush(push, push->direction);
	if (qw_seq_before(end->next, push->packet->tcp_seq))
		qw_assemble_lose(push, push->direction, push->packet->tcp_seq);
	end->next = end->acked = push->packet->tcp_seq;
	other->acked = push->packet->tcp_ack;
	end->astray = other->astray = 0;
}

static bool is_astray(const struct qw_stream_push *push)
{
	struct qw_tcp_end *end = sender(push);
	if (!seq_astray(push) && !ack_astray(push)) {
		end->astray = 0;
		return false;
	}
	if (end->astray < ASTRAY_MAX)
		end->astray++;
	bool other_too = receiver(push)->astray >= ASTRAY_RESYNC || !qw_stream_both_seen(push->flow);
	if (end->astray < ASTRAY_RESYNC || !other_too)
		return true;
	resync(push);
	return false;
}

/* What the packet says of the other direction: holes that it acknowledges are the capture's. */
static void take_ack(const struct qw_stream_push *push)
{
	struct qw_tcp_end *end = sender(push), *other = receiver(push);
	uint32_t ack = push->packet->tcp_ack;
	if (!other->known)
		learn(other, ack);
	if (qw_seq_before(ack, other->acked))
		return;
	other->acked = ack;
	end->window = push->packet->tcp_window;
	enum qw_direction acked = qw_direction_other(push->direction);
	if (push->flow->segments[acked])
		qw_assemble_drain(push, acked);
	if (other->fin)
		qw_assemble_believe_fin(push, acked);
}

/* The packet stands in a connection that lives. */
static enum qw_stream_result carry_on(const struct qw_stream_push *push)
{
	if (is_astray(push))
		return QW_STREAM_INVALID;
	take_ack(push);
	return qw_assemble_packet(push, push->packet->tcp_seq);
}

/* Without the handshake: numbers are what this packet says. */
static enum qw_stream_result pick_up(const struct qw_stream_push *push)
{
	bool answer = (push->packet->tcp_flags & QW_TCP_SYN) != 0;
	learn(sender(push), push->packet->tcp_seq + answer);
	learn(receiver(push), push->packet->tcp_ack);
	sender(push)->window = push->packet->tcp_window;
	establish(push->flow);
	if (answer)
		push->flow->tcp_state = QW_TCP_SYN_RECEIVED;
	return qw_assemble_packet(push, push->packet->tcp_seq + answer);
}

/* The handshake's third packet, or what stands for it where packets were not seen. */
static bool shake_hands(const struct qw_stream_push *push)
{
	struct qw_flow *flow = push->flow;
	if (flow->tcp_state == QW_TCP_SYN_SENT && push->direction == QW_TO_CLIENT) {
		if (!ack_is_of_syn(receiver(push), push->packet->tcp_ack))
			return false;
		learn(sender(push), push->packet->tcp_seq);
		receiver(push)->scale = SCALE_MAX;
	} else if (flow->tcp_state == QW_TCP_SYN_SENT) {
		if (receiver(push)->known)
			return false;
		learn(receiver(push), push->packet->tcp_ack);
		receiver(push)->window = WINDOW_LEAST;
	}
	establish(flow);
	return true;
}

/* The sender's first data; of the receiver nothing may be known either. */
static void learn_both(const struct qw_stream_push *push)
{
	learn(sender(push), push->packet->tcp_seq);
	if (receiver(push)->known)
		return;
	learn(receiver(push), push->packet->tcp_ack);
	receiver(push)->window = WINDOW_LEAST;
}

static enum qw_stream_result follow(const struct qw_stream_push *push)
{
	struct qw_flow *flow = push->flow;
	/* Every segment after the SYN carries ACK (RFC 9293, 3.10.7.4): receivers drop others. */
	if (!(push->packet->tcp_flags & QW_TCP_ACK))
		return QW_STREAM_INVALID;
	if (flow->tcp_state == QW_TCP_RESET) {
		/* Not believed: data goes on where it was, or begins here if nothing was seen before the reset. */
		if (!sender(push)->known && push->packet->payload_len)
			learn_both(push);
		if (push->packet->payload_len == 0 || seq_astray(push))
			return QW_STREAM_OLD;
		flow->flags &= ~(uint32_t)QW_FLOW_CLOSED;
		establish(flow);
	} else if (flow->tcp_state < QW_TCP_ESTABLISHED && !shake_hands(push)) {
		return QW_STREAM_INVALID;
	}
	return carry_on(push);
}

static enum qw_stream_result dispatch(const struct qw_stream_push *push)
{
	if (push->flow->tcp_state == QW_TCP_NONE)
		return begin(push);
	if (push->flow->tcp_state == QW_TCP_SYN_SENT && push->direction == QW_TO_CLIENT &&
	    echoes_another(push->packet, receiver(push)->stamp)) {
		qw_stream_event(push->streams, QW_PE_STREAM_PKT_INVALID_TIMESTAMP);
		return QW_STREAM_INVALID;
	}
	if (__builtin_expect(push->packet->tcp_flags & (QW_TCP_SYN | QW_TCP_RST), 0))
		return push->packet->tcp_flags & QW_TCP_RST ? reset(push) : repeat_syn(push);
	return follow(push);
}

enum qw_stream_result qw_stream_push(struct qw_streams *streams, struct qw_flow *flow, enum qw_direction direction,
				     const struct qw_packet *packet, const struct qw_stream_sink *sink)
{
	const struct qw_stream_push push = {streams, flow, sink, packet, direction, streams->answered};
	uint8_t before = flow->tcp_state;
	streams->answered = streams->eventful = false;
	enum qw_stream_result result = dispatch(&push);
	if (!qw_stream_is_plain(&push, before, result))
		qw_stream_note(&push, before, result);
	streams->counters.invalid += result == QW_STREAM_INVALID;
	return result;
}

const struct qw_packet_events *qw_stream_events(const struct qw_streams *streams)
{
	return streams->eventful ? &streams->events : NULL;
}

void qw_stream_end(struct qw_streams *streams, struct qw_flow *flow, const struct qw_stream_sink *sink)
{
	for (int direction = QW_TO_SERVER; direction <= QW_TO_CLIENT; direction++) {
		const struct qw_stream_push push = {
		    .streams = streams, .flow = flow, .sink = sink, .direction = (enum qw_direction)direction};
		qw_assemble_flush(&push, (enum qw_direction)direction);
		qw_assemble_close(&push, (enum qw_direction)direction);
	}
}

void qw_stream_counters(const struct qw_streams *streams, struct qw_stream_counters *out)
{
	*out = streams->counters;
	out->held_bytes = qw_segment_pool_held(streams->pool);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * versions - where a receiver may have read something else than the stream took.
 *
 * What a stream said last is kept in its window.  Data said again is compared
 * with it; what differs is scanned in its place, between what came before and
 * after it, and the ambiguity alerts by itself: parsers followed one version
 * only, and a receiver may mix them.
 *
 *	window  [ before | what was said | after ]      scanned: before, what is said again, after
 */
#include "sensor/detect/inspection.h"

#include <string.h>

#include "sensor/detect/alarm.h"

enum { URGENT_AT = 18, TCP_HEADER = 20 };

static void alarm_at(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_direction direction,
		     enum qw_alarm alarm, struct qw_slice taken, struct qw_slice other)
{
	struct qw_scene scene = qw_inspection_scene(inspector);

	if (!qw_inspection_is_of_packet(inspector, flow, direction))
		scene.packet = NULL;
	scene.flow = flow;
	scene.direction = direction;
	qw_alarm(inspector->options.reporter, &scene, alarm, taken, other);
}

void qw_inspect_differs(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_direction direction,
			const struct qw_conflict *conflict)
{
	struct qw_current *current = &inspector->current;
	const struct qw_packet *packet = current->packet;
	const uint8_t *piece = conflict->piece;

	if (!inspector->want_history || flow->flags & (QW_FLOW_PASS | QW_FLOW_ENCRYPTED))
		return;
	alarm_at(inspector, flow, direction, QW_ALARM_STREAM_OVERLAP, qw_slice(conflict->taken, conflict->len),
		 qw_slice(conflict->other, conflict->len));
	if (packet && piece >= packet->payload && piece < packet->payload + packet->payload_len)
		current->contradicts = true; /* then all of it is looked at, at its end */
	else
		qw_inspection_scan_version(inspector, flow, direction, qw_slice(piece, conflict->piece_len));
}

/* A stretch of a direction's stream, in whose place something else is said. */
struct stretch {
	const struct qw_window *window; /* NULL: nothing is kept */
	uint32_t back;                  /* from its begin to the stream's end */
	uint32_t len;                   /* as far as it went through */
};

static bool is_kept(const struct qw_inspector *inspector, const struct stretch *stretch)
{
	return stretch->window && stretch->back <= qw_window_kept(inspector->windows, stretch->window);
}

/* Some of the stream from `back` bytes before its end; returns how much. */
static size_t recall(const struct qw_inspector *inspector, const struct stretch *stretch, size_t back, uint8_t *out, size_t len)
{
	if (len)
		qw_window_recall(inspector->windows, stretch->window, back, out, len);
	return len;
}

static size_t at_most_a_window(size_t len)
{
	return len < QW_WINDOW_BYTES ? len : QW_WINDOW_BYTES;
}

/* What is said, between what the stream said before and after the stretch, as far as that is kept. */
static void scan_replaced(struct qw_inspector *inspector, const struct qw_current *current, const struct stretch *stretch,
			  struct qw_slice said, struct qw_slice said_too)
{
	uint8_t *at = inspector->version;
	bool kept = is_kept(inspector, stretch);

	if (kept) {
		size_t before = at_most_a_window(qw_window_kept(inspector->windows, stretch->window) - stretch->back);
		at += recall(inspector, stretch, stretch->back + before, at, before);
	}
	memcpy(at, said.data, said.len);
	at += said.len;
	if (said_too.len)
		memcpy(at, said_too.data, said_too.len);
	at += said_too.len;
	if (kept) {
		size_t after = stretch->back - stretch->len;
		at += recall(inspector, stretch, after, at, at_most_a_window(after));
	}
	qw_inspection_scan_version(inspector, current->flow, current->direction,
				   qw_slice(inspector->version, (size_t)(at - inspector->version)));
}

/* From the packet's begin to the end of what went through; 0: the packet is ahead, or nothing is known. */
static uint32_t way_back(const struct qw_current *current)
{
	const struct qw_tcp_end *end = &current->flow->tcp[current->direction];
	uint32_t back = end->next - end->fin - current->packet->tcp_seq;

	return !end->known || end->deep || back > INT32_MAX ? 0 : back;
}

static struct stretch stretch_of(const struct qw_inspector *inspector, const struct qw_current *current)
{
	uint32_t back = way_back(current), len = current->packet->payload_len;

	return (struct stretch){
	    .window = qw_inspection_window(inspector, current->flow, current->direction),
	    .back = back,
	    .len = back < len ? back : len,
	};
}

/* The first byte that is said otherwise; len: none. */
static size_t first_difference(const uint8_t *a, const uint8_t *b, size_t len)
{
	size_t at = 0;

	while (at < len && a[at] == b[at])
		at++;
	return at;
}

/* Bytes that the receiver acknowledged are settled: a keep-alive may say there what it likes. */
static bool is_settled(const struct qw_current *current, uint32_t len)
{
	return (int32_t)(current->flow->tcp[current->direction].acked - (current->packet->tcp_seq + len)) >= 0;
}

/* A retransmission, in whole or in part.  What is kept may be too little to compare. */
static void look_at_retransmission(struct qw_inspector *inspector, const struct qw_current *current)
{
	const struct qw_packet *packet = current->packet;
	struct stretch stretch = stretch_of(inspector, current);
	uint8_t *taken = inspector->joined;

	if (stretch.back == 0)
		return;
	if (is_kept(inspector, &stretch)) {
		recall(inspector, &stretch, stretch.back, taken, stretch.len);
		size_t at = first_difference(taken, packet->payload, stretch.len);
		if (at == stretch.len)
			return;
		inspector->counters.rewritten++;
		if (!is_settled(current, stretch.len))
			alarm_at(inspector, current->flow, current->direction, QW_ALARM_STREAM_OVERLAP,
				 qw_slice(taken + at, stretch.len - at),
				 qw_slice(packet->payload + at, stretch.len - at));
	} else if (!is_settled(current, stretch.len)) {
		inspector->counters.uncompared++;
	}
	scan_replaced(inspector, current, &stretch, qw_slice(packet->payload, packet->payload_len), qw_slice(NULL, 0));
}

/* Where the urgent pointer points behind a byte of the payload; 0: nowhere. */
static uint32_t urgent_of(const struct qw_packet *packet)
{
	if (!(packet->tcp_flags & QW_TCP_URG) || packet->transport_len < TCP_HEADER)
		return 0;
	uint32_t pointer = qw_be16(packet->transport + URGENT_AT);
	return pointer <= packet->payload_len ? pointer : 0;
}

/* Most stacks take the byte before the pointer out of the stream. */
static void look_without_urgent(struct qw_inspector *inspector, const struct qw_current *current, uint32_t urgent)
{
	const struct qw_packet *packet = current->packet;
	struct qw_slice before = qw_slice(packet->payload, urgent - 1);
	struct qw_slice after = qw_slice(packet->payload + urgent, packet->payload_len - urgent);
	struct stretch stretch = stretch_of(inspector, current);

	if (stretch.back < packet->payload_len) /* not all of it went through: it stands alone */
		stretch.window = NULL;
	inspector->counters.urgent++;
	alarm_at(inspector, current->flow, current->direction, QW_ALARM_URGENT,
		 qw_slice(packet->payload, packet->payload_len), qw_slice(packet->payload + urgent - 1, 1));
	scan_replaced(inspector, current, &stretch, before, after);
}

void qw_inspection_versions(struct qw_inspector *inspector, bool streamed)
{
	const struct qw_current *current = &inspector->current;
	const struct qw_packet *packet = current->packet;

	if (!current->flow || packet->proto != QW_PROTO_TCP)
		return;
	uint32_t urgent = urgent_of(packet);
	if (__builtin_expect(urgent != 0, 0))
		look_without_urgent(inspector, current, urgent);
	if (current->delivered || !streamed)
		return;
	if (current->contradicts)
		qw_inspection_scan_version(inspector, current->flow, current->direction,
					   qw_slice(packet->payload, packet->payload_len));
	else
		look_at_retransmission(inspector, current);
}

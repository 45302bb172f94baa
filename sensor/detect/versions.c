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

	if (inspector->current.direction != direction)
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

/* A stretch of a direction's stream, and what may stand in its place. */
struct version {
	struct qw_slice recent; /* the last of the stream, as far as it is kept */
	uint32_t back;          /* from the stretch's begin to the end of that */
	uint32_t len;           /* of the stretch, as far as it went through */
	struct qw_slice said;   /* in its place; may be longer, if nothing follows */
};

static bool is_kept(const struct version *version)
{
	return version->back <= version->recent.len;
}

/* Before, what is said in its place, after. */
static void scan_replaced(struct qw_inspector *inspector, const struct qw_current *current, const struct version *version)
{
	size_t before = is_kept(version) ? version->recent.len - version->back : 0;
	size_t after = is_kept(version) ? version->back - version->len : 0;
	uint8_t *at = inspector->joined;

	if (before + version->said.len + after > QW_JOINED_MAX)
		before = after = 0;
	if (before)
		memcpy(at, version->recent.data, before);
	memcpy(at + before, version->said.data, version->said.len);
	if (after)
		memcpy(at + before + version->said.len, version->recent.data + version->recent.len - after, after);
	qw_inspection_scan_version(inspector, current->flow, current->direction,
				   qw_slice(at, before + version->said.len + after));
}

static struct qw_slice recent_of(const struct qw_inspector *inspector, const struct qw_current *current)
{
	const struct qw_window *window = qw_window_find(inspector->windows, current->flow, current->direction);

	return window ? qw_slice(window->data, window->len) : qw_slice(NULL, 0);
}

/* From the packet's begin to the end of what went through; 0: the packet is ahead, or nothing is known. */
static uint32_t way_back(const struct qw_current *current)
{
	const struct qw_tcp_end *end = &current->flow->tcp[current->direction];
	uint32_t back = end->next - end->fin - current->packet->tcp_seq;

	return !end->known || end->deep || back > INT32_MAX ? 0 : back;
}

/* The first byte that is said otherwise; len: none. */
static size_t first_difference(const uint8_t *a, const uint8_t *b, size_t len)
{
	size_t at = 0;

	while (at < len && a[at] == b[at])
		at++;
	return at;
}

/*
 * Bytes that the receiver acknowledged are settled: a keep-alive may say there
 * what it likes.
 */
static void alarm_rewritten(struct qw_inspector *inspector, const struct qw_current *current, const struct version *version)
{
	const uint8_t *taken = version->recent.data + version->recent.len - version->back;
	size_t at = first_difference(taken, version->said.data, version->len);
	uint32_t end = current->packet->tcp_seq + version->len;

	if ((int32_t)(current->flow->tcp[current->direction].acked - end) < 0)
		alarm_at(inspector, current->flow, current->direction, QW_ALARM_STREAM_OVERLAP,
			 qw_slice(taken + at, version->len - at), qw_slice(version->said.data + at, version->len - at));
}

/* A retransmission, in whole or in part.  What is kept may be too little to compare. */
static void look_at_retransmission(struct qw_inspector *inspector, const struct qw_current *current)
{
	const struct qw_packet *packet = current->packet;
	struct version version = {.recent = recent_of(inspector, current),
				  .back = way_back(current),
				  .said = qw_slice(packet->payload, packet->payload_len)};

	if (version.back == 0)
		return;
	version.len = version.back < packet->payload_len ? version.back : packet->payload_len;
	if (is_kept(&version)) {
		const uint8_t *taken = version.recent.data + version.recent.len - version.back;
		if (memcmp(taken, packet->payload, version.len) == 0)
			return;
		inspector->counters.rewritten++;
		alarm_rewritten(inspector, current, &version);
	}
	scan_replaced(inspector, current, &version);
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
	uint8_t *rest = inspector->rest;
	struct version version = {
	    .recent = recent_of(inspector, current), .back = way_back(current), .len = packet->payload_len};

	inspector->counters.urgent++;
	memcpy(rest, packet->payload, urgent - 1);
	memcpy(rest + urgent - 1, packet->payload + urgent, packet->payload_len - urgent);
	version.said = qw_slice(rest, packet->payload_len - 1);
	if (version.back < version.len) /* not all of it went through: it stands alone */
		version.back = UINT32_MAX;
	alarm_at(inspector, current->flow, current->direction, QW_ALARM_URGENT,
		 qw_slice(packet->payload, packet->payload_len), version.said);
	scan_replaced(inspector, current, &version);
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

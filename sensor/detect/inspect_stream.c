/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_stream - rules on reassembled data: tail and new bytes, then the window. */
#include "sensor/detect/inspection.h"

#include <string.h>

#include "quaywatch/hash.h"
#include "sensor/detect/facts.h"

struct qw_tail *qw_inspection_tail(const struct qw_inspector *inspector, const struct qw_flow *flow, enum qw_direction direction)
{
	return &inspector->tails[qw_flow_place(inspector->options.table, flow)][direction];
}

struct qw_ends *qw_inspection_ends(const struct qw_inspector *inspector, const struct qw_flow *flow, enum qw_direction direction)
{
	struct qw_tail *tail = qw_inspection_tail(inspector, flow, direction);

	if (flow->key.proto != QW_PROTO_TCP && flow->key.proto != QW_PROTO_UDP) /* ports of ICMP's flows are none */
		return NULL;
	if (tail->ends_age != inspector->age) {
		tail->ends_age = inspector->age;
		tail->ends = (struct qw_ends){0, 0};
	}
	return &tail->ends;
}

struct qw_window *qw_inspection_window(const struct qw_inspector *inspector, const struct qw_flow *flow,
				       enum qw_direction direction)
{
	return qw_window_find(inspector->windows, &qw_inspection_tail(inspector, flow, direction)->window);
}

/*
 * The tail of what was scanned before, and the new bytes behind it, in one
 * piece: as a rule they stand so in the window (NULL: there is none).
 */
static const uint8_t *join(struct qw_inspector *inspector, const struct qw_tail *tail, const struct qw_window *window,
			   const uint8_t *data, uint32_t *len, size_t *old)
{
	*old = tail->len;
	if (tail->len == 0 || *len + tail->len > QW_JOINED_MAX) {
		*old = 0;
		return data;
	}
	if (window && window->len >= *len + tail->len) {
		*len += tail->len;
		return window->data + window->len - *len;
	}
	memcpy(inspector->joined, tail->byte, tail->len);
	memcpy(inspector->joined + tail->len, data, *len);
	*len += tail->len;
	return inspector->joined;
}

/* As much as any rules may need: they may change before the next bytes come, and short contents are found in it. */
static void keep_tail(struct qw_tail *tail, const uint8_t *joined, uint32_t len)
{
	if (__builtin_expect(len >= QW_PREFILTER_TAIL_MAX, 1)) { /* of a known length: no call */
		memcpy(tail->byte, joined + len - QW_PREFILTER_TAIL_MAX, QW_PREFILTER_TAIL_MAX);
		tail->len = QW_PREFILTER_TAIL_MAX;
		return;
	}
	memcpy(tail->byte, joined, len);
	tail->len = (uint8_t)len;
}

struct stream_scan {
	struct qw_flow *flow;
	enum qw_direction direction;
	struct qw_slice data;      /* tail and new bytes */
	struct qw_window *window;  /* with the new bytes; made when it is first needed */
	bool in_packet;
	bool won;   /* it is what the stream has, not another version of it */
	bool again; /* it may have gone through before */
	struct qw_inspector *inspector;
	bool has_facts;
	struct qw_facts facts;
};

/*
 * Facts of the data: of the packet that brought it, or, where it came out of
 * waiting, of its flow.  They stand in the scan until the next call.
 */
static const struct qw_facts *stream_facts(void *ctx)
{
	struct stream_scan *scan = ctx;

	if (scan->has_facts)
		return &scan->facts;
	scan->has_facts = true;
	if (qw_inspection_is_of_packet(scan->inspector, scan->flow, scan->direction))
		scan->facts = *qw_inspection_facts(scan->inspector);
	else
		qw_facts_of_flow(&scan->facts, scan->flow, scan->direction);
	scan->facts.ends = qw_inspection_ends(scan->inspector, scan->flow, scan->direction);
	scan->facts.flags &= ~(uint32_t)(QW_FACT_PACKET | QW_FACT_STREAM);
	scan->facts.flags |= scan->won ? QW_FACT_STREAM : 0; /* who asks for the stream alone asks for what won */
	scan->facts.app = (enum qw_app)scan->flow->app;
	return &scan->facts;
}

/* What rules on the stream are confirmed against: a large segment's beginning is not in the window. */
static struct qw_slice viewed(const struct stream_scan *scan)
{
	const struct qw_window *window = scan->window;

	return window && window->len >= scan->data.len ? qw_slice(window->data, window->len) : scan->data;
}

/* On stream data first, then on the packet that brought it (which fires by itself). */
static bool try_stream(struct qw_inspector *inspector, uint32_t rule, struct stream_scan *scan, struct qw_scene *scene)
{
	uint16_t wants = qw_signatures_wants(inspector->ruleset.signatures, rule);

	if (wants & QW_WANTS_PROVED)
		return true;
	struct qw_view view = {.facts = stream_facts(scan), .has_payload = true, .payload = viewed(scan)};
	if (wants & QW_WANTS_STREAM && qw_view_confirm(inspector, rule, &view)) {
		scene->payload = view.payload;
		return true;
	}
	if (wants & QW_WANTS_STREAM && !(wants & QW_WANTS_ASKED) && scan->window &&
	    qw_view_may_wait(inspector, rule, &view))
		(void)qw_window_wait(inspector->windows, scan->window, rule); /* what is missing may come yet */
	if (wants & QW_WANTS_PACKET && scan->in_packet)
		qw_inspection_try_packet(inspector, rule);
	return false;
}

/* What fired on a stream does not fire once more on a retransmission, or after a change of rules. */
static void fire(struct qw_inspector *inspector, uint32_t rule, const struct qw_scene *scene, bool again)
{
	uint64_t flow = qw_flow_id(inspector->options.table, scene->flow);
	struct qw_signature signature;

	qw_signatures_info(inspector->ruleset.signatures, rule, &signature);
	uint64_t identity = qw_mix64((uint64_t)signature.gid << 32 | signature.sid);
	uint64_t what = qw_mix64(flow ^ identity ^ (uint64_t)scene->direction << 31);
	uint64_t *place = &inspector->remembered[what & (QW_REMEMBERED - 1)];

	if (again && *place == what)
		return;
	*place = what;
	qw_inspection_fire(inspector, rule, scene);
}

static struct qw_scene scene_of(const struct stream_scan *scan)
{
	struct qw_scene scene = qw_inspection_scene(scan->inspector);

	if (!qw_inspection_is_of_packet(scan->inspector, scan->flow, scan->direction))
		scene.packet = NULL;
	scene.flow = scan->flow;
	scene.direction = scan->direction;
	scene.payload = scan->data;
	return scene;
}

static void try_candidates(struct qw_inspector *inspector, struct stream_scan *scan, size_t count)
{
	struct qw_scene scene = scene_of(scan);

	inspector->counters.candidates += count;
	for (size_t i = 0; i < count; i++) {
		uint32_t rule = inspector->candidate[i];
		if (try_stream(inspector, rule, scan, &scene))
			fire(inspector, rule, &scene, scan->again);
	}
}

static void scan_stream(struct qw_inspector *inspector, struct stream_scan *scan, size_t old)
{
	size_t from = old > inspector->tail_max ? old - inspector->tail_max : 0;

	const struct qw_packet *packet = scan->in_packet ? inspector->current.packet : NULL;
	struct qw_scan_source source = {.facts = stream_facts, .ctx = scan};

	if (scan->data.len == 0)
		return;
	scan->has_facts = false;
	source.head[0] = viewed(scan).data[0];
	source.head[1] = packet && packet->payload_len ? packet->payload[0] : source.head[0];
	size_t count = qw_signatures_scan_for(inspector->ruleset.signatures, QW_BUFFER_PAYLOAD, source,
					      scan->data.data + from, scan->data.len - from, old - from,
					      inspector->candidate, QW_CANDIDATES_MAX);
	if (count)
		try_candidates(inspector, scan, count);
}

/* Rules whose pattern came earlier, now that there is more. */
static void retry_waiting(struct qw_inspector *inspector, struct stream_scan *scan)
{
	struct qw_window *window = scan->window;
	unsigned kept = 0;

	if (!window || window->waiting_count == 0)
		return;
	scan->has_facts = false;
	const struct qw_facts *facts = stream_facts(scan);
	struct qw_scene scene = qw_inspection_scene(inspector);
	scene.flow = scan->flow;
	scene.direction = scan->direction;
	scene.payload = qw_slice(window->data, window->len);
	for (unsigned i = 0; i < window->waiting_count; i++) {
		struct qw_view view = {.facts = facts, .has_payload = true, .payload = scene.payload};
		if (qw_view_confirm(inspector, window->waiting[i], &view))
			fire(inspector, window->waiting[i], &scene, false);
		else
			window->waiting[kept++] = window->waiting[i];
	}
	window->waiting_count = (uint8_t)kept;
}

/* The rules have changed: those whose pattern came before that are held against all that is kept. */
static void scan_anew(struct qw_inspector *inspector, struct stream_scan *scan, size_t fresh)
{
	if (!scan->window || scan->window->len <= fresh)
		return;
	scan->data = qw_slice(scan->window->data, scan->window->len);
	scan->again = scan->won = true;
	scan_stream(inspector, scan, 0);
}

void qw_inspect_data(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_direction direction,
		     const uint8_t *data, uint32_t len, bool in_packet)
{
	size_t old;

	struct qw_window *window = NULL;

	if (in_packet)
		inspector->current.delivered = true;
	if (len == 0 || flow->flags & QW_FLOW_PASS)
		return;
	if (flow->flags & QW_FLOW_ENCRYPTED) {
		inspector->counters.encrypted += inspector->want_payload;
		return;
	}
	struct qw_tail *tail = qw_inspection_tail(inspector, flow, direction);
	if (inspector->want_history)
		window = qw_window_append(inspector->windows, &tail->window, &flow->tcp[direction], data, len);
	if (!inspector->want_payload)
		return;
	struct stream_scan scan;
	scan.inspector = inspector;
	scan.flow = flow;
	scan.direction = direction;
	scan.in_packet = in_packet;
	scan.won = true;
	scan.again = false;
	scan.window = inspector->need_window ? window : NULL;
	inspector->counters.scanned_bytes += len;
	const uint8_t *joined = join(inspector, tail, window, data, &len, &old);
	scan.data = qw_slice(joined, len);
	retry_waiting(inspector, &scan);
	scan_stream(inspector, &scan, old);
	if (tail->stream_age != inspector->age) {
		tail->stream_age = inspector->age;
		scan_anew(inspector, &scan, len - old);
	}
	keep_tail(tail, joined, len);
}

void qw_inspect_gap(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_direction direction, uint32_t missing)
{
	struct qw_tail *tail = qw_inspection_tail(inspector, flow, direction);

	tail->len = 0;
	qw_window_gap(inspector->windows, &tail->window, missing);
}

/* Data that no stream has: as if it were the next of one. */
void qw_inspection_scan_version(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_direction direction,
				struct qw_slice data)
{
	struct stream_scan scan;

	if (!inspector->want_payload)
		return;
	scan.inspector = inspector;
	scan.flow = flow;
	scan.direction = direction;
	scan.data = data;
	scan.window = NULL;
	scan.in_packet = scan.won = false;
	scan.again = true;
	inspector->counters.scanned_bytes += data.len;
	scan_stream(inspector, &scan, 0);
}

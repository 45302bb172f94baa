/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/inspector.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/hash.h"
#include "sensor/detect/facts.h"
#include "sensor/detect/sight.h"
#include "sensor/detect/tail.h"
#include "sensor/detect/view.h"
#include "sensor/detect/waiting.h"
#include "sensor/detect/window.h"

enum {
	CANDIDATES_MAX = 256,
	JOINED_MAX = QW_PREFILTER_TAIL_MAX + 65536, /* tail and one piece of stream */
	FIRED_MAX = 64,
	REMEMBERED = 4096, /* a power of two */
};

/* The packet between begin and end. */
struct current {
	const struct qw_packet *packet; /* NULL: none */
	struct qw_flow *flow;
	enum qw_direction direction;
	bool facts_made;
	bool was_established; /* before this packet */
	bool delivered; /* its payload went through qw_inspect_data */
	bool contradicts; /* what waits in the stream in its payload's place */
	bool passed;    /* a pass rule matched: no alerts from this packet */
	uint32_t fired[FIRED_MAX]; /* rules that alerted on this packet already */
	unsigned fired_count;
	struct qw_facts facts;
};

struct qw_inspector {
	struct qw_inspector_options options;
	struct qw_ruleset ruleset;
	bool want_payload; /* some rule looks into payload */
	bool want_packets; /* some rule is tried on every packet */
	bool need_window;
	size_t tail_max;
	struct qw_tail (*tails)[2]; /* by place of the flow and direction */
	struct qw_windows *windows;
	struct qw_waiting *waiting;
	struct qw_inspector_counters counters;
	struct current current;
	uint64_t remembered[REMEMBERED]; /* that a rule fired on a stream; a later one takes the place */
	uint32_t candidate[CANDIDATES_MAX];
	uint8_t joined[JOINED_MAX];
};

enum qw_err qw_inspector_new(struct qw_inspector **out, const struct qw_inspector_options *options)
{
	struct qw_inspector *inspector = calloc(1, sizeof(*inspector));
	enum qw_err err;

	if (!inspector)
		return QW_ENOMEM;
	inspector->options = *options;
	inspector->tails = calloc(qw_flow_table_capacity(options->table), sizeof(*inspector->tails));
	err = inspector->tails ? qw_windows_new(&inspector->windows, options->windows) : QW_ENOMEM;
	if (err == QW_OK)
		err = qw_waiting_new(&inspector->waiting);
	if (err != QW_OK) {
		qw_inspector_free(inspector);
		return err;
	}
	*out = inspector;
	return QW_OK;
}

void qw_inspector_free(struct qw_inspector *inspector)
{
	if (!inspector)
		return;
	qw_windows_free(inspector->windows);
	qw_waiting_free(inspector->waiting);
	free(inspector->tails);
	free(inspector);
}

void qw_inspector_adopt(struct qw_inspector *inspector, const struct qw_ruleset *ruleset)
{
	inspector->ruleset = *ruleset;
	memset(inspector->remembered, 0, sizeof(inspector->remembered)); /* rules have new numbers */
	inspector->want_payload = ruleset->signatures && qw_signatures_want(ruleset->signatures, QW_BUFFER_PAYLOAD);
	inspector->want_packets = ruleset->signatures && qw_signatures_want_packets(ruleset->signatures);
	inspector->need_window = ruleset->signatures && qw_signatures_need_window(ruleset->signatures);
	inspector->tail_max = ruleset->signatures ? qw_signatures_tail(ruleset->signatures) : 0;
}

static struct qw_moment moment(const struct qw_inspector *inspector, struct qw_time packet_time)
{
	struct qw_time now = inspector->options.now ? inspector->options.now(inspector->options.now_ctx) : packet_time;

	return (struct qw_moment){now, inspector->options.clock};
}

/* ---- a rule has matched */

static bool confirm(struct qw_inspector *inspector, uint32_t rule, struct qw_view *view)
{
	struct qw_subject subject = {.facts = view->facts, .buffer = qw_view_buffer, .ctx = view};

	return qw_signatures_confirm(inspector->ruleset.signatures, rule, &subject);
}

static bool has_fired(const struct current *current, uint32_t rule)
{
	for (unsigned i = 0; i < current->fired_count; i++)
		if (current->fired[i] == rule)
			return true;
	return false;
}

static void fire(struct qw_inspector *inspector, uint32_t rule, const struct qw_scene *scene)
{
	struct current *current = &inspector->current;
	struct qw_signature signature;

	/* A packet fires a rule once, whether as a packet or as stream data; transactions keep their own account. */
	if (current->packet && !scene->message) {
		if (has_fired(current, rule))
			return;
		if (current->fired_count < FIRED_MAX)
			current->fired[current->fired_count++] = rule;
	}
	inspector->counters.matches++;
	qw_signatures_info(inspector->ruleset.signatures, rule, &signature);
	if (signature.action == QW_ACTION_PASS) {
		current->passed = true;
		if (scene->flow && (signature.wants & (QW_WANTS_APP | QW_WANTS_STREAM)))
			((struct qw_flow *)(uintptr_t)scene->flow)->flags |= QW_FLOW_PASS;
		return;
	}
	if (current->passed || (scene->flow && scene->flow->flags & QW_FLOW_PASS) || signature.wants & QW_WANTS_SILENCE)
		return;
	qw_report_signature(inspector->options.reporter, scene, &signature);
}

/* ---- packets */

static const struct qw_facts *facts_of_packet(struct qw_inspector *inspector)
{
	struct current *current = &inspector->current;

	if (!current->facts_made) {
		qw_facts_of_packet(&current->facts, current->flow, current->direction, current->packet);
		/* As in Suricata: the bare acknowledgement that ends a handshake is not of the established connection. */
		if (!current->was_established && current->packet->payload_len == 0)
			current->facts.flags &= ~(uint32_t)QW_FACT_ESTABLISHED;
		current->facts_made = true;
	}
	return &current->facts;
}

static struct qw_scene scene_of(const struct qw_inspector *inspector)
{
	const struct current *current = &inspector->current;

	return (struct qw_scene){.packet = current->packet, .flow = current->flow, .direction = current->direction};
}

void qw_inspect_begin(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_direction direction,
		      const struct qw_packet *packet)
{
	struct current *current = &inspector->current;

	current->packet = packet;
	current->flow = flow;
	current->direction = direction;
	current->facts_made = false;
	current->was_established = flow && flow->flags & QW_FLOW_ESTABLISHED;
	current->delivered = current->contradicts = false;
	current->passed = false;
	current->fired_count = 0;
	if (!inspector->ruleset.indicators)
		return;
	if (flow && flow->generation == inspector->ruleset.generation)
		return;
	if (flow)
		flow->generation = inspector->ruleset.generation;
	struct qw_scene scene = scene_of(inspector);
	qw_sight_packet(inspector->ruleset.indicators, moment(inspector, packet->time), inspector->options.reporter, &scene);
}

/* Rules on a packet's own header and payload. */
static void try_packet(struct qw_inspector *inspector, uint32_t rule)
{
	const struct qw_packet *packet = inspector->current.packet;
	struct qw_view view = {
		.facts = facts_of_packet(inspector),
		.payload = qw_slice(packet->payload, packet->payload_len),
		.has_payload = packet->payload_len > 0,
	};
	struct qw_scene scene = scene_of(inspector);

	scene.payload = view.payload;
	if (confirm(inspector, rule, &view))
		fire(inspector, rule, &scene);
}

/*
 * Payload that no stream takes, or takes later or never (retransmitted, out of
 * order): rules on packets see it now; rules on streams only if no stream will.
 */
static void scan_packet(struct qw_inspector *inspector, const struct qw_facts *facts, bool streamed)
{
	struct qw_signatures *signatures = inspector->ruleset.signatures;
	const struct qw_packet *packet = inspector->current.packet;
	struct qw_signature signature;
	size_t count = qw_signatures_scan(signatures, QW_BUFFER_PAYLOAD, facts, packet->payload, packet->payload_len, 0,
					  inspector->candidate, CANDIDATES_MAX);

	inspector->counters.scanned_bytes += packet->payload_len;
	inspector->counters.candidates += count;
	for (size_t i = 0; i < count; i++) {
		qw_signatures_info(signatures, inspector->candidate[i], &signature);
		if (!streamed || signature.wants & QW_WANTS_PACKET)
			try_packet(inspector, inspector->candidate[i]);
	}
}

/* ---- streams */

static struct qw_tail *tail_of(const struct qw_inspector *inspector, const struct qw_flow *flow, enum qw_direction direction)
{
	return &inspector->tails[qw_flow_place(inspector->options.table, flow)][direction];
}

struct stream_scan {
	struct qw_flow *flow;
	enum qw_direction direction;
	struct qw_slice data;      /* tail and new bytes */
	struct qw_window *window;  /* with the new bytes; made when it is first needed */
	bool in_packet;
	bool again; /* another version of what went through: it may be the same */
	struct qw_facts facts;
};

/*
 * Facts of the data: of the packet that brought it, or, where it came out of
 * waiting, of its flow.  They stand in the scan until the next call.
 */
static const struct qw_facts *stream_facts(struct qw_inspector *inspector, struct stream_scan *scan)
{
	if (inspector->current.packet && inspector->current.direction == scan->direction)
		scan->facts = *facts_of_packet(inspector);
	else
		qw_facts_of_flow(&scan->facts, scan->flow, scan->direction);
	scan->facts.flags &= ~(uint32_t)(QW_FACT_PACKET | QW_FACT_STREAM);
	scan->facts.flags |= scan->again ? 0 : QW_FACT_STREAM; /* who asks for the stream alone asks for what won */
	scan->facts.app = (enum qw_app)scan->flow->app;
	return &scan->facts;
}

/* On stream data first, then on the packet that brought it (which fires by itself). */
static bool try_stream(struct qw_inspector *inspector, uint32_t rule, const struct stream_scan *scan,
		       const struct qw_facts *facts, struct qw_scene *scene)
{
	struct qw_signature signature;

	qw_signatures_info(inspector->ruleset.signatures, rule, &signature);
	if (signature.wants & QW_WANTS_PROVED)
		return true;
	struct qw_view view = {.facts = facts, .has_payload = true, .payload = scan->data};
	if (scan->window)
		view.payload = qw_slice(scan->window->data, scan->window->len);
	if (signature.wants & QW_WANTS_STREAM && confirm(inspector, rule, &view)) {
		scene->payload = view.payload;
		return true;
	}
	if (signature.wants & QW_WANTS_STREAM && scan->window)
		(void)qw_window_wait(inspector->windows, scan->window, rule); /* what is missing may come yet */
	if (signature.wants & QW_WANTS_PACKET && scan->in_packet)
		try_packet(inspector, rule);
	return false;
}

/* What fired on a stream does not fire once more on a retransmission. */
static void fire_stream(struct qw_inspector *inspector, uint32_t rule, const struct qw_scene *scene, bool again)
{
	uint64_t flow = qw_flow_id(inspector->options.table, scene->flow);
	uint64_t what = qw_mix64(flow ^ (uint64_t)rule << 32 ^ (uint64_t)scene->direction << 31);
	uint64_t *place = &inspector->remembered[what & (REMEMBERED - 1)];

	if (again && *place == what)
		return;
	*place = what;
	fire(inspector, rule, scene);
}

static void scan_stream(struct qw_inspector *inspector, struct stream_scan *scan, size_t old)
{
	const struct qw_facts *facts = stream_facts(inspector, scan);
	struct qw_scene scene = scene_of(inspector);
	size_t count;

	if (scene.packet && inspector->current.direction != scan->direction)
		scene.packet = NULL;
	scene.flow = scan->flow;
	scene.direction = scan->direction;
	scene.payload = scan->data;
	count = qw_signatures_scan(inspector->ruleset.signatures, QW_BUFFER_PAYLOAD, facts, scan->data.data, scan->data.len,
				   old, inspector->candidate, CANDIDATES_MAX);
	inspector->counters.candidates += count;
	for (size_t i = 0; i < count; i++) {
		uint32_t rule = inspector->candidate[i];
		if (try_stream(inspector, rule, scan, facts, &scene))
			fire_stream(inspector, rule, &scene, scan->again);
	}
}

/* Rules whose pattern came earlier, now that there is more. */
static void retry_waiting(struct qw_inspector *inspector, struct stream_scan *scan)
{
	struct qw_window *window = scan->window;
	unsigned kept = 0;

	if (!window || window->waiting_count == 0)
		return;
	const struct qw_facts *facts = stream_facts(inspector, scan);
	struct qw_scene scene = scene_of(inspector);
	scene.flow = scan->flow;
	scene.direction = scan->direction;
	scene.payload = qw_slice(window->data, window->len);
	for (unsigned i = 0; i < window->waiting_count; i++) {
		struct qw_view view = {.facts = facts, .has_payload = true, .payload = scene.payload};
		if (confirm(inspector, window->waiting[i], &view))
			fire_stream(inspector, window->waiting[i], &scene, false);
		else
			window->waiting[kept++] = window->waiting[i];
	}
	window->waiting_count = (uint8_t)kept;
}

void qw_inspect_data(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_direction direction,
		     const uint8_t *data, uint32_t len, bool in_packet)
{
	size_t old;

	if (in_packet)
		inspector->current.delivered = true;
	if (!inspector->want_payload || len == 0 || flow->flags & QW_FLOW_PASS)
		return;
	if (flow->flags & QW_FLOW_ENCRYPTED) {
		inspector->counters.encrypted++;
		return;
	}
	struct stream_scan scan;
	scan.flow = flow;
	scan.direction = direction;
	scan.in_packet = in_packet;
	scan.again = false;
	scan.window = NULL;
	if (inspector->need_window)
		scan.window = qw_window_append(inspector->windows, flow, direction, data, len);
	inspector->counters.scanned_bytes += len;
	struct qw_tail *tail = tail_of(inspector, flow, direction);
	const uint8_t *joined = qw_tail_join(tail, inspector->joined, JOINED_MAX, data, &len, &old);
	scan.data = qw_slice(joined, len);
	retry_waiting(inspector, &scan);
	scan_stream(inspector, &scan, old);
	qw_tail_keep(tail, inspector->tail_max, joined, len);
}

void qw_inspect_gap(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_direction direction, uint32_t missing)
{
	tail_of(inspector, flow, direction)->len = 0;
	qw_window_gap(inspector->windows, flow, direction, missing);
}

/* Data that no stream has: as if it were the next of one. */
static void scan_version(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_direction direction,
			 struct qw_slice data, size_t old)
{
	struct stream_scan scan;

	scan.flow = flow;
	scan.direction = direction;
	scan.data = data;
	scan.window = NULL;
	scan.in_packet = false;
	scan.again = true;
	inspector->counters.scanned_bytes += data.len - old;
	scan_stream(inspector, &scan, old);
}

void qw_inspect_differs(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_direction direction,
			const uint8_t *data, uint32_t len)
{
	struct current *current = &inspector->current;
	const struct qw_packet *packet = current->packet;

	if (packet && data >= packet->payload && data < packet->payload + packet->payload_len)
		current->contradicts = true; /* then all of it is looked at, at its end */
	else if (inspector->want_payload && !(flow->flags & (QW_FLOW_PASS | QW_FLOW_ENCRYPTED)))
		scan_version(inspector, flow, direction, qw_slice(data, len), 0);
}

/* ---- the end of a packet */

/* The last bytes of a direction that went through, as far as they are kept. */
static struct qw_slice recent_of(const struct qw_inspector *inspector, const struct current *current)
{
	const struct qw_tail *tail = tail_of(inspector, current->flow, current->direction);
	const struct qw_window *window = qw_window_find(inspector->windows, current->flow, current->direction);

	return window ? qw_slice(window->data, window->len) : qw_slice(tail->byte, tail->len);
}

/*
 * A retransmission, in whole or in part.  If it says otherwise than what went
 * through, its receiver may believe it: the stream is looked at as if it had
 * come instead, behind as much of its beginning as is kept.  What is kept may
 * be too little to compare.
 */
static void scan_retransmission(struct qw_inspector *inspector, const struct current *current)
{
	const struct qw_packet *packet = current->packet;
	const struct qw_tcp_end *end = &current->flow->tcp[current->direction];
	struct qw_slice recent = recent_of(inspector, current);
	uint32_t back = end->next - end->fin - packet->tcp_seq; /* from the packet's begin to the end of what is kept */
	size_t before = 0;

	if (!end->known || end->deep || back == 0 || back > INT32_MAX)
		return;
	if (back <= recent.len) {
		before = recent.len - back;
		size_t both = back < packet->payload_len ? back : packet->payload_len;
		if (memcmp(recent.data + before, packet->payload, both) == 0)
			return;
		inspector->counters.rewritten++;
	}
	if (before + packet->payload_len > JOINED_MAX)
		before = 0;
	memcpy(inspector->joined, recent.data, before);
	memcpy(inspector->joined + before, packet->payload, packet->payload_len);
	scan_version(inspector, current->flow, current->direction,
		     qw_slice(inspector->joined, before + packet->payload_len), before);
}

/* Payload that did not go through a stream, or not as it stands in the packet. */
static void scan_undelivered(struct qw_inspector *inspector, bool streamed)
{
	const struct current *current = &inspector->current;
	const struct qw_packet *packet = current->packet;

	scan_packet(inspector, facts_of_packet(inspector), streamed);
	if (!streamed || !current->flow || packet->proto != QW_PROTO_TCP)
		return;
	if (current->contradicts)
		scan_version(inspector, current->flow, current->direction, qw_slice(packet->payload, packet->payload_len), 0);
	else
		scan_retransmission(inspector, current);
}

void qw_inspect_end(struct qw_inspector *inspector, bool streamed)
{
	struct qw_signatures *signatures = inspector->ruleset.signatures;
	struct current *current = &inspector->current;

	if (signatures && !(current->flow && current->flow->flags & QW_FLOW_PASS)) {
		if (inspector->want_packets) {
			size_t count = qw_signatures_of_packet(signatures, facts_of_packet(inspector), inspector->candidate,
							       CANDIDATES_MAX);
			for (size_t i = 0; i < count; i++)
				try_packet(inspector, inspector->candidate[i]);
		}
		bool encrypted = current->flow && current->flow->flags & QW_FLOW_ENCRYPTED;
		if (inspector->want_payload && current->packet->payload_len && !current->delivered && !encrypted)
			scan_undelivered(inspector, streamed);
	}
	current->packet = NULL;
}

/* ---- messages */

static void try_message(struct qw_inspector *inspector, uint32_t rule, uint64_t flow_id, struct qw_view *view,
			const struct qw_scene *scene)
{
	struct qw_waiting_place *place;
	unsigned at = qw_waiting_add(inspector->waiting, &place, flow_id, view->message->transaction, rule);

	if (at < QW_WAITING_RULES && place->fired & 1u << at)
		return;
	if (!confirm(inspector, rule, view))
		return;
	if (at < QW_WAITING_RULES)
		place->fired = (uint16_t)(place->fired | 1u << at);
	fire(inspector, rule, scene);
}

static void retry_message(struct qw_inspector *inspector, uint64_t flow_id, struct qw_view *view, const struct qw_scene *scene)
{
	struct qw_waiting_place *place = qw_waiting_find(inspector->waiting, flow_id, view->message->transaction);

	if (!place)
		return;
	for (unsigned i = 0; i < place->count; i++) {
		if (place->fired & 1u << i || !confirm(inspector, place->rule[i], view))
			continue;
		place->fired = (uint16_t)(place->fired | 1u << i);
		fire(inspector, place->rule[i], scene);
	}
}

static void scan_field(struct qw_inspector *inspector, const struct qw_field *field, uint64_t flow_id, struct qw_view *view,
		       const struct qw_scene *scene)
{
	size_t from = field->old > inspector->tail_max ? field->old - inspector->tail_max : 0;
	size_t count = qw_signatures_scan(inspector->ruleset.signatures, (enum qw_buffer)field->buffer, view->facts,
					  field->value.data + from, field->value.len - from, field->old - from,
					  inspector->candidate, CANDIDATES_MAX);

	inspector->counters.scanned_bytes += field->value.len - field->old;
	inspector->counters.candidates += count;
	for (size_t i = 0; i < count; i++)
		try_message(inspector, inspector->candidate[i], flow_id, view, scene);
}

static void scan_message(struct qw_inspector *inspector, const struct qw_scene *scene)
{
	const struct qw_message *message = scene->message;
	uint64_t flow_id = qw_flow_id(inspector->options.table, scene->flow);
	struct qw_facts facts;

	if (scene->packet)
		qw_facts_of_packet(&facts, scene->flow, scene->direction, scene->packet);
	else
		qw_facts_of_flow(&facts, scene->flow, scene->direction);
	facts.app = message->app;
	struct qw_window *window = qw_window_find(inspector->windows, scene->flow, scene->direction);
	struct qw_view view = {.facts = &facts, .message = message};
	if (window)
		view.payload = qw_slice(window->data, window->len), view.has_payload = true;
	else if (scene->packet)
		view.payload = qw_slice(scene->packet->payload, scene->packet->payload_len), view.has_payload = true;
	for (unsigned i = 0; i < message->count; i++) {
		const struct qw_field *field = &message->field[i];
		if (field->fresh && field->buffer < QW_BUFFER_COUNT &&
		    qw_signatures_want(inspector->ruleset.signatures, (enum qw_buffer)field->buffer))
			scan_field(inspector, field, flow_id, &view, scene);
	}
	retry_message(inspector, flow_id, &view, scene);
}

void qw_inspect_message(struct qw_inspector *inspector, struct qw_flow *flow, const struct qw_message *message)
{
	struct qw_scene scene = {.flow = flow, .direction = message->direction, .message = message};

	if (inspector->current.packet && inspector->current.direction == message->direction)
		scene.packet = inspector->current.packet;
	if (inspector->ruleset.indicators)
		qw_sight_message(inspector->ruleset.indicators, moment(inspector, scene.packet ? scene.packet->time : flow->last),
				 inspector->options.reporter, &scene);
	if (inspector->ruleset.signatures && !(flow->flags & QW_FLOW_PASS))
		scan_message(inspector, &scene);
	qw_report_message(inspector->options.reporter, &scene);
}

void qw_inspect_forget(struct qw_inspector *inspector, struct qw_flow *flow)
{
	if (inspector->want_payload) {
		tail_of(inspector, flow, QW_TO_SERVER)->len = 0;
		tail_of(inspector, flow, QW_TO_CLIENT)->len = 0;
	}
	qw_window_forget(inspector->windows, flow);
}

void qw_inspector_counters(const struct qw_inspector *inspector, struct qw_inspector_counters *out)
{
	struct qw_window_counters windows = qw_windows_counters(inspector->windows);
	struct qw_waiting_counters waiting = qw_waiting_counters(inspector->waiting);

	*out = inspector->counters;
	if (inspector->ruleset.signatures)
		out->candidates_shed = qw_signatures_counters(inspector->ruleset.signatures)->candidates_shed;
	out->windows_taken = windows.taken_away;
	out->waiting_full = windows.waiting_full + waiting.full;
	out->transactions_taken = waiting.taken_away;
}

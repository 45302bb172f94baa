/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_message - indicators and rules on what parsers found. */
#include "sensor/detect/inspection.h"

#include "sensor/detect/facts.h"
#include "sensor/detect/sight.h"

/* held: what of a rule on both sides was true of earlier messages of the transaction. */
static bool holds(struct qw_inspector *inspector, uint32_t rule, struct qw_view *view, uint16_t *held)
{
	struct qw_signature signature;

	qw_signatures_info(inspector->ruleset.signatures, rule, &signature);
	if (signature.wants & QW_WANTS_BOTH)
		return qw_view_confirm_rest(inspector, rule, view, held);
	return qw_view_confirm(inspector, rule, view);
}

/* A transaction of one message remembers nothing. */
static void try_alone(struct qw_inspector *inspector, uint32_t rule, struct qw_view *view, const struct qw_scene *scene)
{
	uint16_t held = 0;

	if (qw_view_may_wait(inspector, rule, view) && holds(inspector, rule, view, &held))
		qw_inspection_fire(inspector, rule, scene);
}

static void try_message(struct qw_inspector *inspector, uint32_t rule, uint64_t flow_id, struct qw_view *view,
			const struct qw_scene *scene)
{
	struct qw_waiting_place *place;

	if (!qw_view_may_wait(inspector, rule, view))
		return;
	unsigned at = qw_waiting_add(inspector->waiting, &place, flow_id, view->message->transaction, rule);

	if (at < QW_WAITING_RULES && place->fired >> at & 1)
		return;
	uint16_t alone = 0; /* without a place, the message must say it all */
	if (!holds(inspector, rule, view, at < QW_WAITING_RULES ? &place->held[at] : &alone))
		return;
	if (at < QW_WAITING_RULES)
		place->fired |= UINT64_C(1) << at;
	qw_inspection_fire(inspector, rule, scene);
}

/* Rules that wait in the transaction are candidates again. */
static size_t add_waiting(struct qw_inspector *inspector, uint64_t flow_id, uint64_t transaction)
{
	const struct qw_waiting_place *place = qw_waiting_find(inspector->waiting, flow_id, transaction);
	size_t count = 0;

	for (unsigned i = 0; place && i < place->count; i++)
		if (!(place->fired >> i & 1))
			inspector->candidate[count++] = place->rule[i];
	return count;
}

/* One message, held against the rules. */
struct message_scan {
	struct qw_inspector *inspector;
	const struct qw_scene *scene;
	bool has_facts;
	struct qw_facts facts;
};

/* Most messages have no candidate, and nobody asks for these. */
static const struct qw_facts *message_facts(void *ctx)
{
	struct message_scan *scan = ctx;
	const struct qw_scene *scene = scan->scene;
	bool fragment = scene->packet && scene->packet->flags & QW_PACKET_FRAGMENT;

	if (scan->has_facts)
		return &scan->facts;
	if (scene->packet)
		qw_facts_of_packet(&scan->facts, scene->flow, scene->direction, scene->packet);
	else
		qw_facts_of_flow(&scan->facts, scene->flow, scene->direction);
	scan->facts.app = scene->message->app;
	if (scene->flow && !fragment)
		scan->facts.ends = qw_inspection_ends(scan->inspector, scene->flow, scene->direction);
	scan->has_facts = true;
	return &scan->facts;
}

/* Adds a field's candidates to `count` others.  old: bytes of it that these rules saw already. */
static size_t scan_field(struct message_scan *scan, const struct qw_field *field, size_t old, size_t count)
{
	struct qw_inspector *inspector = scan->inspector;
	size_t from = old > inspector->tail_max ? old - inspector->tail_max : 0;
	uint16_t head = field->value.len ? field->value.data[0] : QW_HEAD_ANY;
	size_t more = qw_signatures_scan_for(inspector->ruleset.signatures, (enum qw_buffer)field->buffer,
					     (struct qw_scan_source){message_facts, scan, {head, head}}, field->value.data + from,
					     field->value.len - from, old - from, inspector->candidate + count,
					     QW_CANDIDATES_MAX - count);

	inspector->counters.scanned_bytes += field->value.len - old;
	inspector->counters.candidates += more;
	return count + more;
}

static bool is_wanted(const struct qw_inspector *inspector, const struct qw_field *field)
{
	return field->buffer < QW_BUFFER_COUNT && inspector->naming[field->buffer] &&
	       qw_signatures_may_name(inspector->ruleset.signatures, (enum qw_buffer)field->buffer, field->value);
}

static bool any_wanted(const struct qw_inspector *inspector, const struct qw_message *message)
{
	for (unsigned i = 0; i < message->count; i++)
		if (is_wanted(inspector, &message->field[i]))
			return true;
	return false;
}

/* What rules on payload as well are confirmed against. */
static struct qw_view view_of(struct message_scan *scan)
{
	const struct qw_scene *scene = scan->scene;
	const struct qw_window *window =
	    scene->flow ? qw_inspection_window(scan->inspector, scene->flow, scene->direction) : NULL;
	struct qw_view view = {.facts = message_facts(scan), .message = scene->message};

	if (window)
		view.payload = qw_slice(window->data, window->len), view.has_payload = true;
	else if (scene->packet && (scene->flow || scene->packet->payload))
		view.payload = qw_slice(scene->packet->payload, scene->packet->payload_len), view.has_payload = true;
	return view;
}

/* One after another whatever field they came from: what one sets, the next may test. */
static void try_candidates(struct message_scan *scan, uint64_t flow_id, size_t count)
{
	struct qw_inspector *inspector = scan->inspector;
	struct qw_view view = view_of(scan);

	count = qw_signatures_sort(inspector->candidate, count);
	for (size_t i = 0; i < count; i++) {
		if (scan->scene->message->alone)
			try_alone(inspector, inspector->candidate[i], &view, scan->scene);
		else
			try_message(inspector, inspector->candidate[i], flow_id, &view, scan->scene);
	}
}

/* anew: these rules have seen nothing of the direction yet. */
static size_t scan_fields(struct message_scan *scan, bool anew, size_t count)
{
	const struct qw_message *message = scan->scene->message;

	for (unsigned i = 0; i < message->count; i++) {
		const struct qw_field *field = &message->field[i];
		if ((field->fresh || anew) && is_wanted(scan->inspector, field))
			count = scan_field(scan, field, anew ? 0 : field->old, count);
	}
	return count;
}

/* How many rules it brought up. */
static size_t scan_message(struct qw_inspector *inspector, const struct qw_scene *scene)
{
	const struct qw_message *message = scene->message;
	struct message_scan scan;
	uint64_t flow_id = 0;
	size_t count = 0;

	if (message->alone && !any_wanted(inspector, message))
		return 0;
	scan.inspector = inspector;
	scan.scene = scene;
	scan.has_facts = false;
	struct qw_tail *tail = qw_inspection_tail(inspector, scene->flow, scene->direction);
	bool anew = tail->message_age != inspector->age;
	tail->message_age = inspector->age;
	if (!message->alone) {
		flow_id = qw_flow_id(inspector->options.table, scene->flow);
		count = add_waiting(inspector, flow_id, message->transaction);
	}
	count = scan_fields(&scan, anew, count);
	if (count)
		try_candidates(&scan, flow_id, count);
	return count;
}

struct qw_outcome qw_inspect_message(struct qw_inspector *inspector, struct qw_flow *flow, const struct qw_message *message)
{
	struct qw_scene scene = {.flow = flow, .direction = message->direction, .message = message};
	struct qw_outcome outcome = {0};
	size_t candidates = 0;

	inspector->limited = (struct qw_limited){0};
	if (qw_inspection_is_of_packet(inspector, flow, message->direction))
		scene.packet = inspector->current.packet;
	if (inspector->ruleset.indicators && message->sights)
		qw_sight_message(inspector->ruleset.indicators, qw_inspection_moment(inspector, scene.packet ? scene.packet->time : flow->last),
				 inspector->options.reporter, &scene);
	if (inspector->ruleset.signatures && message->count && !(flow->flags & QW_FLOW_PASS))
		candidates = scan_message(inspector, &scene);
	bool quiet = qw_report_message(inspector->options.reporter, &scene, &outcome.print);
	outcome.quiet = quiet && message->alone && !message->sights && candidates == inspector->limited.count;
	outcome.until = inspector->limited.until;
	return outcome;
}

/* ---- without a flow */

static void scan_link_message(struct qw_inspector *inspector, const struct qw_scene *scene)
{
	struct message_scan scan;

	scan.inspector = inspector;
	scan.scene = scene;
	scan.has_facts = false;
	size_t count = scan_fields(&scan, true, 0);
	if (count)
		try_candidates(&scan, 0, count);
}

void qw_inspect_link_message(struct qw_inspector *inspector, const struct qw_packet *packet, const struct qw_message *message)
{
	struct qw_scene scene = {.packet = packet, .direction = message->direction, .message = message};
	uint64_t print;

	if (inspector->ruleset.signatures && any_wanted(inspector, message))
		scan_link_message(inspector, &scene);
	(void)qw_report_message(inspector->options.reporter, &scene, &print);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_message - indicators and rules on what parsers found. */
#include "sensor/detect/inspection.h"

#include "sensor/detect/facts.h"
#include "sensor/detect/sight.h"

static void try_message(struct qw_inspector *inspector, uint32_t rule, uint64_t flow_id, struct qw_view *view,
			const struct qw_scene *scene)
{
	struct qw_waiting_place *place;
	unsigned at = qw_waiting_add(inspector->waiting, &place, flow_id, view->message->transaction, rule);

	if (at < QW_WAITING_RULES && place->fired & 1u << at)
		return;
	if (!qw_view_confirm(inspector, rule, view))
		return;
	if (at < QW_WAITING_RULES)
		place->fired = (uint16_t)(place->fired | 1u << at);
	qw_inspection_fire(inspector, rule, scene);
}

static void retry_message(struct qw_inspector *inspector, uint64_t flow_id, struct qw_view *view, const struct qw_scene *scene)
{
	struct qw_waiting_place *place = qw_waiting_find(inspector->waiting, flow_id, view->message->transaction);

	if (!place)
		return;
	for (unsigned i = 0; i < place->count; i++) {
		if (place->fired & 1u << i || !qw_view_confirm(inspector, place->rule[i], view))
			continue;
		place->fired = (uint16_t)(place->fired | 1u << i);
		qw_inspection_fire(inspector, place->rule[i], scene);
	}
}

/* old: bytes of it that these rules saw already. */
static void scan_field(struct qw_inspector *inspector, const struct qw_field *field, size_t old, uint64_t flow_id,
		       struct qw_view *view, const struct qw_scene *scene)
{
	size_t from = old > inspector->tail_max ? old - inspector->tail_max : 0;
	size_t count = qw_signatures_scan(inspector->ruleset.signatures, (enum qw_buffer)field->buffer, view->facts,
					  field->value.data + from, field->value.len - from, old - from,
					  inspector->candidate, QW_CANDIDATES_MAX);

	inspector->counters.scanned_bytes += field->value.len - old;
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
	struct qw_tail *tail = qw_inspection_tail(inspector, scene->flow, scene->direction);
	bool anew = tail->message_age != inspector->age; /* these rules have seen nothing of it yet */
	tail->message_age = inspector->age;
	for (unsigned i = 0; i < message->count; i++) {
		const struct qw_field *field = &message->field[i];
		if ((field->fresh || anew) && field->buffer < QW_BUFFER_COUNT &&
		    qw_signatures_want(inspector->ruleset.signatures, (enum qw_buffer)field->buffer))
			scan_field(inspector, field, anew ? 0 : field->old, flow_id, &view, scene);
	}
	retry_message(inspector, flow_id, &view, scene);
}

void qw_inspect_message(struct qw_inspector *inspector, struct qw_flow *flow, const struct qw_message *message)
{
	struct qw_scene scene = {.flow = flow, .direction = message->direction, .message = message};

	if (inspector->current.packet && inspector->current.direction == message->direction)
		scene.packet = inspector->current.packet;
	if (inspector->ruleset.indicators)
		qw_sight_message(inspector->ruleset.indicators, qw_inspection_moment(inspector, scene.packet ? scene.packet->time : flow->last),
				 inspector->options.reporter, &scene);
	if (inspector->ruleset.signatures && !(flow->flags & QW_FLOW_PASS))
		scan_message(inspector, &scene);
	qw_report_message(inspector->options.reporter, &scene);
}

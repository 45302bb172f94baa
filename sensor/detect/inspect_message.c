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

/* Adds a field's candidates to `count` others.  old: bytes of it that these rules saw already. */
static size_t scan_field(struct qw_inspector *inspector, const struct qw_field *field, size_t old, const struct qw_view *view,
			 size_t count)
{
	size_t from = old > inspector->tail_max ? old - inspector->tail_max : 0;
	size_t more = qw_signatures_scan(inspector->ruleset.signatures, (enum qw_buffer)field->buffer, view->facts,
					 field->value.data + from, field->value.len - from, old - from,
					 inspector->candidate + count, QW_CANDIDATES_MAX - count);

	inspector->counters.scanned_bytes += field->value.len - old;
	inspector->counters.candidates += more;
	return count + more;
}

static bool is_wanted(const struct qw_inspector *inspector, const struct qw_field *field)
{
	return field->buffer < QW_BUFFER_COUNT &&
	       qw_signatures_want(inspector->ruleset.signatures, (enum qw_buffer)field->buffer);
}

static bool any_wanted(const struct qw_inspector *inspector, const struct qw_message *message)
{
	for (unsigned i = 0; i < message->count; i++)
		if (is_wanted(inspector, &message->field[i]))
			return true;
	return false;
}

static void scan_message(struct qw_inspector *inspector, const struct qw_scene *scene)
{
	const struct qw_message *message = scene->message;
	if (message->alone && !any_wanted(inspector, message))
		return;
	uint64_t flow_id = qw_flow_id(inspector->options.table, scene->flow);
	struct qw_facts facts;

	if (scene->packet)
		qw_facts_of_packet(&facts, scene->flow, scene->direction, scene->packet);
	else
		qw_facts_of_flow(&facts, scene->flow, scene->direction);
	facts.app = message->app;
	if (!scene->packet || !(scene->packet->flags & QW_PACKET_FRAGMENT))
		facts.ends = qw_inspection_ends(inspector, scene->flow, scene->direction);
	struct qw_window *window = qw_inspection_window(inspector, scene->flow, scene->direction);
	struct qw_view view = {.facts = &facts, .message = message};
	if (window)
		view.payload = qw_slice(window->data, window->len), view.has_payload = true;
	else if (scene->packet)
		view.payload = qw_slice(scene->packet->payload, scene->packet->payload_len), view.has_payload = true;
	struct qw_tail *tail = qw_inspection_tail(inspector, scene->flow, scene->direction);
	bool anew = tail->message_age != inspector->age; /* these rules have seen nothing of it yet */
	tail->message_age = inspector->age;
	size_t count = message->alone ? 0 : add_waiting(inspector, flow_id, message->transaction);
	for (unsigned i = 0; i < message->count; i++) {
		const struct qw_field *field = &message->field[i];
		if ((field->fresh || anew) && is_wanted(inspector, field))
			count = scan_field(inspector, field, anew ? 0 : field->old, &view, count);
	}
	/* One after another whatever field they came from: what one sets, the next may test. */
	count = qw_signatures_sort(inspector->candidate, count);
	for (size_t i = 0; i < count; i++) {
		if (message->alone)
			try_alone(inspector, inspector->candidate[i], &view, scene);
		else
			try_message(inspector, inspector->candidate[i], flow_id, &view, scene);
	}
}

void qw_inspect_message(struct qw_inspector *inspector, struct qw_flow *flow, const struct qw_message *message)
{
	struct qw_scene scene = {.flow = flow, .direction = message->direction, .message = message};

	if (qw_inspection_is_of_packet(inspector, flow, message->direction))
		scene.packet = inspector->current.packet;
	if (inspector->ruleset.indicators)
		qw_sight_message(inspector->ruleset.indicators, qw_inspection_moment(inspector, scene.packet ? scene.packet->time : flow->last),
				 inspector->options.reporter, &scene);
	if (inspector->ruleset.signatures && message->count && !(flow->flags & QW_FLOW_PASS))
		scan_message(inspector, &scene);
	qw_report_message(inspector->options.reporter, &scene);
}

/* ---- without a flow */

static void scan_link_message(struct qw_inspector *inspector, const struct qw_scene *scene)
{
	const struct qw_message *message = scene->message;
	struct qw_facts facts;
	size_t count = 0;

	qw_facts_of_packet(&facts, NULL, scene->direction, scene->packet);
	facts.app = message->app;
	struct qw_view view = {.facts = &facts, .message = message};
	view.payload = qw_slice(scene->packet->payload, scene->packet->payload_len);
	view.has_payload = scene->packet->payload != NULL;
	for (unsigned i = 0; i < message->count; i++)
		if (is_wanted(inspector, &message->field[i]))
			count = scan_field(inspector, &message->field[i], 0, &view, count);
	count = qw_signatures_sort(inspector->candidate, count);
	for (size_t i = 0; i < count; i++)
		try_alone(inspector, inspector->candidate[i], &view, scene);
}

void qw_inspect_link_message(struct qw_inspector *inspector, const struct qw_packet *packet, const struct qw_message *message)
{
	struct qw_scene scene = {.packet = packet, .direction = message->direction, .message = message};

	if (inspector->ruleset.signatures && any_wanted(inspector, message))
		scan_link_message(inspector, &scene);
	qw_report_message(inspector->options.reporter, &scene);
}

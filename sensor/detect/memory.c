/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/memory.h"

#include "sensor/detect/facts.h"

static void tell_counts(const struct qw_flow *flow, const struct qw_facts *facts, struct qw_recall *out)
{
	int64_t age = facts->time.ns - flow->first.ns;

	out->age_s = age > 0 ? (uint32_t)(age / QW_NS_PER_S) : 0;
	out->has_stream = flow->tcp_state != QW_TCP_NONE;
	for (int direction = QW_TO_SERVER; direction <= QW_TO_CLIENT; direction++) {
		out->packets[direction] = flow->packets[direction];
		out->bytes[direction] = flow->bytes[direction];
		out->stream[direction] = flow->tcp[direction].next - flow->tcp[direction].first;
	}
}

void qw_memory_test_recall(const struct qw_inspector *inspector, const struct qw_facts *facts,
			   const struct qw_message *message, struct qw_recall *out)
{
	const struct qw_packet *packet = inspector->current.packet;

	*out = (struct qw_recall){
		.flows = inspector->options.flow_states,
		.shared = inspector->options.shared_states,
		.transaction = message ? message->transaction : 0,
		.packet_bytes = packet ? packet->wire_len : 0,
	};
	if (!facts->flow)
		return;
	out->has_flow = true;
	out->remembered = facts->flow->flags & QW_FLOW_REMEMBERED;
	if (out->remembered)
		out->flow = qw_flow_id(inspector->options.table, facts->flow);
	tell_counts(facts->flow, facts, out);
}

static void recall(const struct qw_inspector *inspector, const struct qw_facts *facts, const struct qw_message *message,
		   struct qw_recall *out)
{
	qw_memory_test_recall(inspector, facts, message, out);
	if (facts->flow && !out->remembered)
		out->flow = qw_flow_id(inspector->options.table, facts->flow);
}

/* ---- after a match */

struct aftermath {
	struct qw_facts facts;
	struct qw_recall recall;
	struct qw_subject subject;
};

static void look_back(const struct qw_inspector *inspector, const struct qw_scene *scene, struct aftermath *out)
{
	if (scene->packet)
		qw_facts_of_packet(&out->facts, scene->flow, scene->direction, scene->packet);
	else
		qw_facts_of_flow(&out->facts, scene->flow, scene->direction);
	recall(inspector, &out->facts, scene->message, &out->recall);
	out->subject = (struct qw_subject){.facts = &out->facts, .recall = &out->recall};
}

/* Scenes are shown flows as they are; what rules remember of them is noted in them all the same. */
static void mark(const struct qw_scene *scene, uint32_t flags)
{
	struct qw_flow *flow = (struct qw_flow *)(uintptr_t)scene->flow;

	if (flow)
		flow->flags |= flags;
}

void qw_memory_effects(struct qw_inspector *inspector, uint32_t rule, const struct qw_scene *scene)
{
	struct aftermath after;

	look_back(inspector, scene, &after);
	if (qw_signatures_effects(inspector->ruleset.signatures, rule, &after.subject))
		mark(scene, QW_FLOW_REMEMBERED);
}

bool qw_memory_alerts(struct qw_inspector *inspector, uint32_t rule, const struct qw_scene *scene, struct qw_time *until)
{
	struct aftermath after;

	look_back(inspector, scene, &after);
	enum qw_verdict verdict = qw_signatures_limit(inspector->ruleset.signatures, rule, &after.subject, until);
	mark(scene, QW_FLOW_REMEMBERED); /* counted by flow, perhaps */
	inspector->counters.limited += verdict == QW_VERDICT_LIMITED;
	inspector->counters.suppressed += verdict == QW_VERDICT_SUPPRESSED;
	return verdict == QW_VERDICT_ALERT;
}

void qw_memory_tag(struct qw_inspector *inspector, uint32_t rule, const struct qw_scene *scene)
{
	struct aftermath after;

	look_back(inspector, scene, &after);
	if (qw_signatures_tag(inspector->ruleset.signatures, rule, &after.subject))
		mark(scene, QW_FLOW_REMEMBERED | QW_FLOW_TAGGED);
}

/* Not the packet's own facts: those are made when its stream has been told of it. */
static __attribute__((noinline)) bool is_watched(const struct qw_inspector *inspector, bool of_flow)
{
	const struct qw_current *current = &inspector->current;
	struct qw_facts facts;
	struct qw_recall memory;

	qw_facts_of_packet(&facts, current->flow, current->direction, current->packet);
	recall(inspector, &facts, NULL, &memory);
	return qw_tagged(&facts, &memory, of_flow);
}

bool qw_memory_tagged(struct qw_inspector *inspector)
{
	const struct qw_current *current = &inspector->current;
	const struct qw_states *shared = inspector->options.shared_states;
	uint32_t until = shared ? qw_states_watched_until(shared) : 0; /* mostly 0, and then no time is divided */
	bool of_flow = current->flow && current->flow->flags & QW_FLOW_TAGGED;
	bool of_host = until && until >= current->packet->time.ns / QW_NS_PER_S;

	return (of_flow || of_host) && is_watched(inspector, of_flow);
}

size_t qw_inspect_marks(const struct qw_inspector *inspector, const struct qw_flow *flow, struct qw_mark *out, size_t max)
{
	if (!inspector->ruleset.signatures || !(flow->flags & QW_FLOW_REMEMBERED))
		return 0;
	return qw_signatures_marks(inspector->ruleset.signatures, inspector->options.flow_states,
				   qw_flow_id(inspector->options.table, flow), flow->last, out, max);
}

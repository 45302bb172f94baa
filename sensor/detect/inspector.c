/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/inspector.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/pages.h"
#include "sensor/detect/facts.h"
#include "sensor/detect/inspection.h"
#include "sensor/detect/memory.h"
#include "sensor/detect/sight.h"

enum qw_err qw_inspector_new(struct qw_inspector **out, const struct qw_inspector_options *options)
{
	struct qw_inspector *inspector = calloc(1, sizeof(*inspector));
	enum qw_err err;

	if (!inspector)
		return QW_ENOMEM;
	inspector->options = *options;
	inspector->tails_bytes = qw_flow_table_capacity(options->table) * sizeof(*inspector->tails);
	inspector->tails = qw_pages_new(inspector->tails_bytes);
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
	qw_pages_free(inspector->tails, inspector->tails_bytes);
	free(inspector);
}

void qw_inspector_prefetch(const struct qw_inspector *inspector, size_t place)
{
	if (!inspector->has_history)
		return;
	__builtin_prefetch(&inspector->tails[place][QW_TO_SERVER], 1);
	__builtin_prefetch(&inspector->tails[place][QW_TO_CLIENT], 1);
}

struct change {
	const struct qw_signatures *from, *to; /* either may be NULL */
};

static bool renumber(void *ctx, uint32_t *rule)
{
	const struct change *change = ctx;
	struct qw_signature signature;

	if (!change->from || !change->to)
		return false;
	qw_signatures_info(change->from, *rule, &signature);
	return qw_signatures_find(change->to, signature.gid, signature.sid, rule);
}

static void count_up_age(struct qw_inspector *inspector)
{
	size_t count = inspector->tails_bytes / sizeof(*inspector->tails);

	if (++inspector->age)
		return;
	/* It began anew: what was of an age is older than all. */
	inspector->age = 1;
	for (size_t i = 0; i < count; i++)
		for (int direction = QW_TO_SERVER; direction <= QW_TO_CLIENT; direction++) {
			struct qw_tail *tail = &inspector->tails[i][direction];
			tail->stream_age = tail->message_age = tail->ends_age = 0;
		}
}

/*
 * A match that is under way while the rules change is found: each direction is
 * held once against the new rules with all that is kept of it (see the ages in
 * struct qw_tail).  What fired in a transaction is known by its new number.
 */
static void change_signatures(struct qw_inspector *inspector, struct qw_signatures *to)
{
	struct change change = {inspector->ruleset.signatures, to};

	qw_windows_forget_rules(inspector->windows);
	qw_waiting_renumber(inspector->waiting, renumber, &change);
	count_up_age(inspector);
}

bool qw_inspector_adopt(struct qw_inspector *inspector, const struct qw_ruleset *ruleset)
{
	bool changed = inspector->ruleset.signatures != ruleset->signatures;

	if (changed)
		change_signatures(inspector, ruleset->signatures);
	inspector->ruleset = *ruleset;
	inspector->want_payload = ruleset->signatures && qw_signatures_want(ruleset->signatures, QW_BUFFER_PAYLOAD);
	inspector->naming = ruleset->signatures ? qw_signatures_naming(ruleset->signatures) : NULL;
	inspector->want_packets = ruleset->signatures && qw_signatures_want_packets(ruleset->signatures);
	if (ruleset->signatures)
		qw_signatures_packet_wants(ruleset->signatures, &inspector->packet_wants);
	inspector->may_pass = ruleset->signatures && qw_signatures_may_pass(ruleset->signatures);
	inspector->need_window = ruleset->signatures && qw_signatures_need_window(ruleset->signatures);
	inspector->want_segments = ruleset->signatures && qw_signatures_want_segments(ruleset->signatures);
	qw_windows_want(inspector->windows, inspector->need_window);
	inspector->want_history = ruleset->signatures || ruleset->indicators;
	inspector->has_history = inspector->has_history || inspector->want_history;
	inspector->tail_max = ruleset->signatures ? qw_signatures_tail(ruleset->signatures) : 0;
	return changed;
}

struct qw_moment qw_inspection_moment(const struct qw_inspector *inspector, struct qw_time packet_time)
{
	struct qw_time now = inspector->options.now ? inspector->options.now(inspector->options.now_ctx) : packet_time;

	return (struct qw_moment){now, inspector->options.clock};
}

/* ---- a rule has matched */

static bool has_fired(const struct qw_current *current, uint32_t rule)
{
	for (unsigned i = 0; i < current->fired_count; i++)
		if (current->fired[i] == rule)
			return true;
	return false;
}

static void note_limited(struct qw_limited *limited, struct qw_time until)
{
	bool sooner = limited->count == 0 || qw_time_before(until, limited->until);

	limited->count++;
	if (sooner)
		limited->until = until;
}

static bool is_limited(struct qw_inspector *inspector, uint32_t rule, const struct qw_signature *signature,
		       const struct qw_scene *scene)
{
	struct qw_time until;

	if (qw_memory_alerts(inspector, rule, scene, &until))
		return false;
	if (until.ns && !(signature->wants & QW_WANTS_EFFECTS))
		note_limited(&inspector->limited, until);
	return true;
}

void qw_inspection_fire(struct qw_inspector *inspector, uint32_t rule, const struct qw_scene *scene)
{
	struct qw_current *current = &inspector->current;
	struct qw_signature signature;

	/* A packet fires a rule once, whether as a packet or as stream data; transactions keep their own account. */
	if (current->packet && current->flow == scene->flow && !scene->message) {
		if (has_fired(current, rule))
			return;
		if (current->fired_count < QW_FIRED_MAX)
			current->fired[current->fired_count++] = rule;
	}
	inspector->counters.matches++;
	qw_signatures_info(inspector->ruleset.signatures, rule, &signature);
	if (signature.wants & QW_WANTS_EFFECTS)
		qw_memory_effects(inspector, rule, scene);
	if (signature.action == QW_ACTION_PASS) {
		current->passed = current->passed || current->flow == scene->flow;
		if (scene->flow && signature.whole_flow)
			((struct qw_flow *)(uintptr_t)scene->flow)->flags |= QW_FLOW_PASS;
		return;
	}
	bool passed = current->passed && current->flow == scene->flow;
	if (passed || (scene->flow && scene->flow->flags & QW_FLOW_PASS) || signature.wants & QW_WANTS_SILENCE)
		return;
	if (signature.wants & QW_WANTS_LIMITS && is_limited(inspector, rule, &signature, scene))
		return;
	if (signature.wants & QW_WANTS_TAG)
		qw_memory_tag(inspector, rule, scene);
	qw_report_signature(inspector->options.reporter, scene, &signature);
}

/* ---- packets */

const struct qw_facts *qw_inspection_facts(struct qw_inspector *inspector)
{
	struct qw_current *current = &inspector->current;

	if (!current->facts_made) {
		qw_facts_of_packet(&current->facts, current->flow, current->direction, current->packet);
		/* As in Suricata: the bare acknowledgement that ends a handshake is not of the established connection. */
		if (!current->was_established && current->packet->payload_len == 0)
			current->facts.flags &= ~(uint32_t)QW_FACT_ESTABLISHED;
		if (current->flow && !(current->packet->flags & QW_PACKET_FRAGMENT))
			current->facts.ends = qw_inspection_ends(inspector, current->flow, current->direction);
		current->facts_made = true;
	}
	return &current->facts;
}

struct qw_scene qw_inspection_scene(const struct qw_inspector *inspector)
{
	const struct qw_current *current = &inspector->current;

	return (struct qw_scene){.packet = current->packet, .flow = current->flow, .direction = current->direction};
}

void qw_inspect_begin(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_app known, enum qw_direction direction,
		      const struct qw_packet *packet)
{
	struct qw_current *current = &inspector->current;

	current->packet = packet;
	current->flow = flow;
	current->direction = direction;
	current->facts_made = false;
	current->was_established = flow && flow->flags & QW_FLOW_ESTABLISHED;
	current->known = known;
	current->delivered = current->contradicts = false;
	current->passed = false;
	current->fired_count = 0;
	current->eventful = current->settled = false;
	current->tagged = qw_memory_tagged(inspector);
	if (inspector->may_pass)
		qw_report_hold(inspector->options.reporter);
	if (!inspector->ruleset.indicators)
		return;
	if (flow && flow->generation == inspector->ruleset.generation)
		return;
	if (flow)
		flow->generation = inspector->ruleset.generation;
	struct qw_scene scene = qw_inspection_scene(inspector);
	qw_sight_packet(inspector->ruleset.indicators, qw_inspection_moment(inspector, packet->time), inspector->options.reporter, &scene);
}

/* Rules on a packet's own header and payload. */
void qw_inspection_try_packet(struct qw_inspector *inspector, uint32_t rule)
{
	const struct qw_packet *packet = inspector->current.packet;
	struct qw_view view = {
		.facts = qw_inspection_facts(inspector),
		.payload = qw_slice(packet->payload, packet->payload_len),
		.has_payload = packet->payload_len > 0,
	};
	struct qw_scene scene = qw_inspection_scene(inspector);

	scene.payload = view.payload;
	if (qw_view_confirm(inspector, rule, &view))
		qw_inspection_fire(inspector, rule, &scene);
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
					  inspector->candidate, QW_CANDIDATES_MAX);

	inspector->counters.scanned_bytes += packet->payload_len;
	inspector->counters.candidates += count;
	for (size_t i = 0; i < count; i++) {
		qw_signatures_info(signatures, inspector->candidate[i], &signature);
		if (!streamed || signature.wants & QW_WANTS_PACKET)
			qw_inspection_try_packet(inspector, inspector->candidate[i]);
	}
}

/* TCP: the next packet of a direction whose protocol is settled; datagrams: the one that settled it. */
static bool brings_news(const struct qw_current *current)
{
	struct qw_flow *flow = current->flow;
	uint8_t bit = (uint8_t)(QW_LOOK_NEWS << current->direction);

	if (!flow || !(flow->side_looked & bit) || (current->settled && current->packet->proto == QW_PROTO_TCP))
		return false;
	flow->side_looked &= (uint8_t)~bit;
	return true;
}

/*
 * Rules without a pattern.  As in Suricata, those on a protocol over TCP see
 * the packets after the one by which it was known, of an established connection.
 */
static void try_packets(struct qw_inspector *inspector)
{
	struct qw_current *current = &inspector->current;
	const struct qw_packet *packet = current->packet;
	bool news = brings_news(current);
	enum qw_app known = current->was_established ? current->known : QW_APP_UNKNOWN;

	if (packet->proto == QW_PROTO_TCP &&
	    !qw_signatures_want_packet(&inspector->packet_wants, packet->tcp_flags, known))
		return;
	const struct qw_facts *facts = qw_inspection_facts(inspector);
	enum qw_app app = facts->app;

	if (packet->proto == QW_PROTO_TCP)
		current->facts.app = known;
	current->facts.flags |= news ? QW_FACT_DETECTED : 0;
	size_t count = qw_signatures_of_packet(inspector->ruleset.signatures, facts, inspector->candidate, QW_CANDIDATES_MAX);
	for (size_t i = 0; i < count; i++)
		qw_inspection_try_packet(inspector, inspector->candidate[i]);
	current->facts.app = app;
}

void qw_inspect_settled(struct qw_inspector *inspector)
{
	inspector->current.settled = true;
}

void qw_inspect_events(struct qw_inspector *inspector, const struct qw_packet_events *events)
{
	struct qw_current *current = &inspector->current;

	if (current->eventful)
		qw_packet_events_join(&current->events, events);
	else
		current->events = *events;
	current->eventful = true;
}

/* Rules on what was odd about the packet. */
static void try_events(struct qw_inspector *inspector)
{
	struct qw_current *current = &inspector->current;
	const struct qw_facts *facts = qw_inspection_facts(inspector);

	current->facts.events = &current->events;
	size_t count = qw_signatures_of_events(inspector->ruleset.signatures, facts, inspector->candidate, QW_CANDIDATES_MAX);
	for (size_t i = 0; i < count; i++)
		qw_inspection_try_packet(inspector, inspector->candidate[i]);
}

void qw_inspect_packet(struct qw_inspector *inspector, bool streamed)
{
	struct qw_current *current = &inspector->current;

	if (!inspector->ruleset.signatures || (current->flow && current->flow->flags & QW_FLOW_PASS))
		return;
	if (inspector->want_packets)
		try_packets(inspector);
	if (__builtin_expect(current->eventful, 0))
		try_events(inspector);
	if (current->packet->payload_len == 0 || (current->flow && current->flow->flags & QW_FLOW_ENCRYPTED))
		return;
	if (inspector->want_payload && !current->delivered && (!streamed || inspector->want_segments))
		scan_packet(inspector, qw_inspection_facts(inspector), streamed);
	if (inspector->want_history)
		qw_inspection_versions(inspector, streamed);
}

void qw_inspect_end(struct qw_inspector *inspector)
{
	struct qw_current *current = &inspector->current;

	if (inspector->may_pass)
		qw_report_release(inspector->options.reporter, current->passed);
	if (current->tagged) {
		struct qw_scene scene = qw_inspection_scene(inspector);
		qw_report_packet(inspector->options.reporter, &scene);
	}
	current->packet = NULL;
}

void qw_inspect_turn(struct qw_inspector *inspector, const struct qw_flow *flow)
{
	struct qw_tail *tail[] = {qw_inspection_tail(inspector, flow, QW_TO_SERVER), qw_inspection_tail(inspector, flow, QW_TO_CLIENT)};
	struct qw_tail kept = *tail[0];

	*tail[0] = *tail[1];
	*tail[1] = kept;
	tail[0]->ends_age = tail[1]->ends_age = 0;
	qw_window_moved(inspector->windows, &tail[0]->window);
	qw_window_moved(inspector->windows, &tail[1]->window);
}

void qw_inspect_forget(struct qw_inspector *inspector, struct qw_flow *flow)
{
	for (int direction = QW_TO_SERVER; direction <= QW_TO_CLIENT && inspector->has_history; direction++) {
		struct qw_tail *tail = qw_inspection_tail(inspector, flow, (enum qw_direction)direction);
		tail->len = 0;
		tail->ends_age = 0;
		qw_window_forget(inspector->windows, &tail->window);
	}
	if (flow->flags & QW_FLOW_REMEMBERED)
		qw_forget_flow(inspector->options.flow_states, qw_flow_id(inspector->options.table, flow));
}

void qw_inspector_counters(const struct qw_inspector *inspector, struct qw_inspector_counters *out)
{
	struct qw_window_counters windows = qw_windows_counters(inspector->windows);
	struct qw_waiting_counters waiting = qw_waiting_counters(inspector->waiting);

	*out = inspector->counters;
	if (inspector->ruleset.signatures)
		out->candidates_shed = qw_signatures_counters(inspector->ruleset.signatures)->candidates_shed;
	out->windows_taken = windows.taken_away;
	out->history_taken = windows.history_taken;
	out->waiting_full = windows.waiting_full + waiting.full;
	out->transactions_taken = waiting.taken_away;
}

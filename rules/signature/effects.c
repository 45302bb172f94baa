/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/effects.h"

#include <string.h>

#include "quaywatch/hash.h"
#include "rules/signature/words.h"

/* FNV-1a, finished; rules choose names, and nobody else does. */
uint64_t qw_state_name(const char *name, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)name[i]) * UINT64_C(0x100000001b3);
	return qw_mix64(hash);
}

uint64_t qw_state_item(enum qw_state_kind kind, uint64_t name)
{
	return qw_mix64(name + (uint64_t)kind + 1);
}

uint32_t qw_state_now(const struct qw_facts *facts)
{
	int64_t seconds = facts->time.ns / QW_NS_PER_S;

	return seconds < 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

/* ---- whose */

static uint64_t flow_owner(const struct qw_states *flows, uint64_t flow)
{
	return qw_states_owner(flows, &flow, sizeof(flow));
}

static uint64_t pair_owner(const struct qw_states *states, const struct qw_facts *facts)
{
	struct qw_address ends[2] = {facts->src, facts->dst};

	if (memcmp(&ends[0], &ends[1], sizeof(ends[0])) > 0) {
		ends[0] = facts->dst;
		ends[1] = facts->src;
	}
	return qw_states_owner(states, ends, sizeof(ends));
}

static bool is_of_flow(enum qw_track track)
{
	return track == QW_TRACK_FLOW || track == QW_TRACK_TRANSACTION;
}

bool qw_state_owner(const struct qw_subject *subject, enum qw_track track, struct qw_states **states, uint64_t *owner)
{
	const struct qw_recall *recall = subject->recall;
	const struct qw_facts *facts = subject->facts;

	if (!recall)
		return false;
	*states = is_of_flow(track) ? recall->flows : recall->shared;
	if (!*states)
		return false;
	switch (track) {
	case QW_TRACK_FLOW: *owner = flow_owner(*states, recall->flow); return recall->flow != 0;
	case QW_TRACK_TRANSACTION: *owner = flow_owner(*states, recall->flow); return recall->transaction != 0;
	case QW_TRACK_SRC: *owner = qw_states_owner(*states, &facts->src, sizeof(facts->src)); return facts->proto != 0;
	case QW_TRACK_DST: *owner = qw_states_owner(*states, &facts->dst, sizeof(facts->dst)); return facts->proto != 0;
	case QW_TRACK_BOTH: *owner = pair_owner(*states, facts); return facts->proto != 0;
	case QW_TRACK_RULE: *owner = qw_states_owner(*states, "", 0); return true;
	default: return false;
	}
}

static uint64_t item_of(const struct qw_op *op, uint64_t name, const struct qw_recall *recall)
{
	uint64_t item = qw_state_item((enum qw_state_kind)op->state.kind, name);

	return op->state.track == QW_TRACK_TRANSACTION ? qw_mix64(item ^ qw_mix64(recall->transaction)) : item;
}

/* ---- tests */

/* The value under a name; false: there is none. */
static bool value_of(const struct qw_op *op, uint64_t name, const struct qw_subject *subject, uint64_t *value)
{
	struct qw_states *states;
	struct qw_state state;
	uint64_t owner;

	if (is_of_flow((enum qw_track)op->state.track) && !subject->recall->remembered)
		return false;
	if (!qw_state_owner(subject, (enum qw_track)op->state.track, &states, &owner))
		return false;
	struct qw_state_key key = {owner, item_of(op, name, subject->recall)};
	if (!qw_states_get(states, key, qw_state_now(subject->facts), &state))
		return false;
	*value = state.value;
	return true;
}

/* A constant, or what is under another name: 0 where nothing is. */
static uint64_t operand(const struct qw_op *op, const struct qw_subject *subject)
{
	uint64_t value = 0;

	if (!(op->flags & QW_OP_OF_NAME))
		return op->state.value;
	(void)value_of(op, op->state.value, subject, &value);
	return value;
}

/* Where there is no flow, host or transaction, nothing is set, and nothing is not set either. */
static bool has_owner(const struct qw_op *op, const struct qw_subject *subject)
{
	const struct qw_recall *recall = subject->recall;

	switch ((enum qw_track)op->state.track) {
	case QW_TRACK_FLOW: return recall && recall->has_flow;
	case QW_TRACK_TRANSACTION: return recall && recall->transaction;
	default: return recall && subject->facts->proto;
	}
}

bool qw_state_test(const struct qw_op *op, const struct qw_subject *subject)
{
	uint64_t value;

	if (!has_owner(op, subject))
		return false;
	bool set = value_of(op, op->state.name, subject, &value);
	switch ((enum qw_state_verb)op->state.verb) {
	case QW_STATE_ISSET: return set;
	case QW_STATE_ISNOTSET: return !set;
	case QW_STATE_COMPARE: return set && qw_compare(op->compare, value, operand(op, subject), 0);
	default: return false;
	}
}

/* ---- counts of the flow */

static bool compare_sides(const struct qw_op *op, uint64_t up, uint64_t down)
{
	bool server = qw_compare(op->compare, up, op->number.a, op->number.b);
	bool client = qw_compare(op->compare, down, op->number.a, op->number.b);

	switch ((enum qw_side)op->number.layer) {
	case QW_SIDE_TO_SERVER: return server;
	case QW_SIDE_TO_CLIENT: return client;
	case QW_SIDE_BOTH: return server && client;
	case QW_SIDE_EITHER: return server || client;
	}
	return false;
}

bool qw_count_test(const struct qw_op *op, const struct qw_subject *subject)
{
	const struct qw_recall *recall = subject->recall;

	if (!recall || !recall->has_flow)
		return false;
	switch ((enum qw_count)op->number.field) {
	case QW_COUNT_AGE: return compare_sides(op, recall->age_s, recall->age_s);
	case QW_COUNT_PACKETS: return compare_sides(op, recall->packets[0], recall->packets[1]);
	case QW_COUNT_BYTES: return compare_sides(op, recall->bytes[0], recall->bytes[1]);
	case QW_COUNT_STREAM: return recall->has_stream && compare_sides(op, recall->stream[0], recall->stream[1]);
	}
	return false;
}

/* ---- changes */

struct change {
	const struct qw_op *op;
	uint64_t operand;
	uint32_t now_s;
};

static uint64_t add(uint64_t value, uint64_t more)
{
	return value + more > UINT32_MAX ? UINT32_MAX : value + more;
}

static void change_state(void *ctx, struct qw_state *state)
{
	const struct change *change = ctx;
	const struct qw_op *op = change->op;
	bool was = state->set;

	state->set = true;
	switch ((enum qw_state_verb)op->state.verb) {
	case QW_STATE_SET: state->value = change->operand; break;
	case QW_STATE_ADD: state->value = add(was ? state->value : 0, change->operand); break;
	case QW_STATE_SUBTRACT:
		state->set = was; /* as in Suricata, nothing is taken from what is not there */
		state->value = state->value > change->operand ? state->value - change->operand : 0;
		break;
	case QW_STATE_TOGGLE: state->set = !was; break;
	default: state->set = false; break;
	}
	if (op->state.expire)
		state->expires = change->now_s < UINT32_MAX - op->state.expire ? change->now_s + op->state.expire : UINT32_MAX;
}

/* True: the flow has entries from now on. */
static bool carry_out(const struct qw_op *op, const struct qw_subject *subject)
{
	struct change change = {op, operand(op, subject), qw_state_now(subject->facts)};
	struct qw_states *states;
	uint64_t owner;

	if (!qw_state_owner(subject, (enum qw_track)op->state.track, &states, &owner))
		return false;
	struct qw_state_key key = {owner, item_of(op, op->state.name, subject->recall)};
	return qw_states_change(states, key, change.now_s, change_state, &change) && states == subject->recall->flows;
}

bool qw_signatures_effects(struct qw_signatures *set, uint32_t number, const struct qw_subject *subject)
{
	const struct qw_sig *sig = &set->sigs[number];
	bool of_flow = false;

	for (uint32_t i = 0; i < sig->effects.count; i++) {
		const struct qw_op *op = &set->ops[sig->effects.first + i];
		if (op->kind == QW_OP_STATE && carry_out(op, subject))
			of_flow = true;
	}
	return of_flow;
}

bool qw_signatures_recalls(const struct qw_signatures *set, uint32_t number)
{
	return set->sigs[number].flags & QW_SIG_RECALLS;
}

void qw_forget_flow(struct qw_states *flows, uint64_t flow)
{
	qw_states_forget(flows, flow_owner(flows, flow));
}

/* ---- what a flow's entries are called */

struct marks {
	const struct qw_signatures *set;
	struct qw_mark *out;
	size_t count, max;
};

static const struct qw_name_row *find_name(const struct qw_signatures *set, uint64_t item)
{
	size_t low = 0, high = set->name_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (set->names[middle].item < item)
			low = middle + 1;
		else
			high = middle;
	}
	return low < set->name_count && set->names[low].item == item ? &set->names[low] : NULL;
}

static void visit(void *ctx, uint64_t item, const struct qw_state *state)
{
	struct marks *marks = ctx;
	const struct qw_name_row *name = find_name(marks->set, item);

	if (!name || marks->count == marks->max)
		return;
	marks->out[marks->count++] = (struct qw_mark){.name = (const char *)marks->set->blob + name->text,
						      .is_number = name->kind == QW_STATE_FLOWINT,
						      .number = (uint32_t)state->value};
}

size_t qw_signatures_marks(const struct qw_signatures *set, struct qw_states *flows, uint64_t flow, struct qw_time now,
			   struct qw_mark *out, size_t max)
{
	struct qw_facts facts = {.time = now};
	struct marks marks = {set, out, 0, max};

	qw_states_each(flows, flow_owner(flows, flow), qw_state_now(&facts), visit, &marks);
	return marks.count;
}

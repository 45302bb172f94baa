/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits - which matches alert: threshold, detection_filter, suppress; and tags.
 *
 * A count's entry holds the number of matches and when its window began.  A
 * window is over when more than `seconds` have gone by: the next match begins
 * a new one.  Semantics of Suricata's user guide, "Thresholding Keywords".
 */
#include "quaywatch/hash.h"
#include "rules/signature/effects.h"
#include "rules/signature/ranges.h"

enum { TAG_IDLE_S = 3600 }; /* a tag that counts packets or bytes does not outlive an hour without any */

/* Apart from the names of bits. */
static uint64_t limit_item(const struct qw_sig *sig, const struct qw_op *op)
{
	uint64_t kind = (uint64_t)QW_STATE_KINDS + op->limit.type;

	return qw_mix64(qw_mix64((uint64_t)sig->gid << 32 | sig->sid) + (kind << 8 | op->limit.track));
}

static uint32_t later(uint32_t now_s, uint32_t span_s)
{
	return now_s < UINT32_MAX - span_s ? now_s + span_s : UINT32_MAX;
}

/* ---- counting */

struct count {
	const struct qw_op *op;
	int64_t now_ns;
	uint32_t now_s;
	bool fresh;  /* a port that was not seen in this window: counts */
	bool alerts;
	int64_t window; /* when it began */
	int64_t until_ns; /* nothing alerts before; 0: it may */
};

/* A fresh window where there is none, or where it is over. */
static bool begin_window(struct count *count, struct qw_state *state)
{
	int64_t span = (int64_t)count->op->limit.seconds * QW_NS_PER_S;

	if (state->set && count->now_ns <= state->since_ns + span)
		return false;
	*state = (struct qw_state){.since_ns = count->now_ns,
				   .expires = later(count->now_s, count->op->limit.seconds + 1),
				   .set = true};
	return true;
}

/* Enough alerted in this window: the rest of it is quiet, whatever comes. */
static void note_quiet(struct count *count, const struct qw_state *state)
{
	if (state->value > count->op->limit.count)
		count->until_ns = state->since_ns + (int64_t)count->op->limit.seconds * QW_NS_PER_S;
}

static void count_match(void *ctx, struct qw_state *state)
{
	struct count *count = ctx;
	uint64_t most = count->op->limit.count;

	(void)begin_window(count, state);
	state->value++;
	switch ((enum qw_limit)count->op->limit.type) {
	case QW_LIMIT_LIMIT: count->alerts = state->value <= most; note_quiet(count, state); break;
	case QW_LIMIT_BOTH: count->alerts = state->value == most; note_quiet(count, state); break;
	case QW_LIMIT_DETECTION: count->alerts = state->value > most; break;
	case QW_LIMIT_THRESHOLD:
		count->alerts = state->value >= most;
		state->value = count->alerts ? 0 : state->value; /* counts on in the same window */
		break;
	default: break;
	}
}

/* The count's low half is of matches, the high half the one that alerts next. */
static void count_backoff(void *ctx, struct qw_state *state)
{
	struct count *count = ctx;
	uint64_t seen = (uint32_t)state->value, next = state->value >> 32;

	if (!state->set)
		seen = 0, next = count->op->limit.count;
	seen += seen < UINT32_MAX;
	count->alerts = seen == next;
	if (count->alerts)
		next = next * count->op->limit.multiplier > UINT32_MAX ? UINT32_MAX : next * count->op->limit.multiplier;
	*state = (struct qw_state){.value = next << 32 | seen, .since_ns = count->now_ns, .set = true};
}

/* ---- distinct ports */

static void find_window(void *ctx, struct qw_state *state)
{
	struct count *count = ctx;

	(void)begin_window(count, state);
	count->window = state->since_ns;
}

/* A port counts once in a window: its entry says in which it did last. */
static void note_port(void *ctx, struct qw_state *state)
{
	struct count *count = ctx;

	count->fresh = !state->set || state->since_ns != count->window;
	*state = (struct qw_state){.since_ns = count->window,
				   .expires = later(count->now_s, count->op->limit.seconds + 1),
				   .set = true};
}

static void count_port(void *ctx, struct qw_state *state)
{
	struct count *count = ctx;

	if (begin_window(count, state))
		count->fresh = true;
	state->value += count->fresh;
	count->alerts = state->value > count->op->limit.count;
}

static void count_unique(struct qw_states *states, struct qw_state_key key, uint16_t port, struct count *count)
{
	struct qw_state_key of_port = {key.owner, qw_mix64(key.item ^ (port + UINT64_C(1)))};

	(void)qw_states_change(states, key, count->now_s, find_window, count);
	(void)qw_states_change(states, of_port, count->now_s, note_port, count);
	(void)qw_states_change(states, key, count->now_s, count_port, count);
}

/* Where there is nobody to count for (no flow, not IP) nothing alerts, as in Suricata. */
static bool limit_alerts(const struct qw_sig *sig, const struct qw_op *op, const struct qw_subject *subject,
			 struct qw_time *until)
{
	const struct qw_facts *facts = subject->facts;
	struct count count = {.op = op, .now_ns = facts->time.ns, .now_s = qw_state_now(facts)};
	struct qw_states *states;
	uint64_t owner;

	if (!qw_state_owner(subject, (enum qw_track)op->limit.track, &states, &owner))
		return false;
	struct qw_state_key key = {owner, limit_item(sig, op)};
	if (op->limit.type == QW_LIMIT_BACKOFF)
		(void)qw_states_change(states, key, count.now_s, count_backoff, &count);
	else if (op->limit.unique)
		count_unique(states, key, op->limit.unique == QW_UNIQUE_SRC_PORT ? facts->sport : facts->dport, &count);
	else
		(void)qw_states_change(states, key, count.now_s, count_match, &count);
	until->ns = count.until_ns;
	return count.alerts;
}

/* ---- suppressions */

static bool in_set(const struct qw_signatures *set, uint32_t number, const struct qw_address *address)
{
	if (number == QW_NONE)
		return true;
	const struct qw_run *run = &set->sets[number];
	return qw_ranges_hold(set->ranges + run->first, run->count, qw_range_address(address));
}

static bool suppresses(const struct qw_signatures *set, const struct qw_op *op, const struct qw_facts *facts)
{
	if (op->limit.track == QW_TRACK_ALL)
		return true;
	if (facts->proto == 0)
		return false;
	bool src = op->limit.track != QW_TRACK_DST && in_set(set, op->limit.set, &facts->src);
	bool dst = op->limit.track != QW_TRACK_SRC && in_set(set, op->limit.set, &facts->dst);
	return src || dst;
}

/* Suppressions first: what is suppressed is not counted.  *limit: the first limit of the run, if there is none yet. */
static bool run_suppresses(const struct qw_signatures *set, struct qw_run run, const struct qw_sig *sig,
			   const struct qw_facts *facts, const struct qw_op **limit)
{
	for (uint32_t i = 0; i < run.count; i++) {
		const struct qw_op *op = &set->ops[run.first + i];
		if (op->limit.gid && op->limit.gid != sig->gid)
			continue;
		if (op->kind == QW_OP_SUPPRESS && suppresses(set, op, facts))
			return true;
		if (op->kind == QW_OP_LIMIT && !*limit)
			*limit = op;
	}
	return false;
}

enum qw_verdict qw_signatures_limit(struct qw_signatures *set, uint32_t number, const struct qw_subject *subject,
				    struct qw_time *until)
{
	const struct qw_sig *sig = &set->sigs[number];
	const struct qw_op *limit = NULL; /* the rule's own, else a general one */

	*until = (struct qw_time){0};
	if (run_suppresses(set, sig->limits, sig, subject->facts, &limit) ||
	    run_suppresses(set, set->info->general, sig, subject->facts, &limit))
		return QW_VERDICT_SUPPRESSED;
	return !limit || limit_alerts(sig, limit, subject, until) ? QW_VERDICT_ALERT : QW_VERDICT_LIMITED;
}

/* ---- tags */

static struct qw_state_key tag_key(uint64_t owner, enum qw_metric metric)
{
	return (struct qw_state_key){owner, qw_mix64((uint64_t)QW_STATE_KINDS << 32 | metric)};
}

struct tag {
	const struct qw_op *op;
	enum qw_metric metric;
	uint32_t now_s, bytes;
	int64_t now_ns;
	bool holds;
};

/* What a packet takes of a tag. */
static uint64_t cost_of(const struct tag *tag)
{
	return tag->metric == QW_METRIC_BYTES ? tag->bytes : 1;
}

/*
 * What is left of it: packets and bytes in value, the packet that alerted
 * being the first; seconds from since_ns on.  Of two tags the longer stays.
 */
static void put_tag(void *ctx, struct qw_state *state)
{
	const struct tag *tag = ctx;
	uint64_t count = tag->op->tag.count, first = tag->metric == QW_METRIC_SECONDS ? 0 : cost_of(tag);

	count -= first < count ? first : count;
	if (!state->set || state->value < count)
		state->value = count;
	state->since_ns = tag->now_ns;
	uint32_t span = tag->metric == QW_METRIC_SECONDS ? (uint32_t)state->value : TAG_IDLE_S;
	state->expires = later(tag->now_s, span);
	state->set = true;
}

bool qw_signatures_tag(struct qw_signatures *set, uint32_t number, const struct qw_subject *subject)
{
	const struct qw_sig *sig = &set->sigs[number];
	bool of_flow = false;

	for (uint32_t i = 0; i < sig->effects.count; i++) {
		const struct qw_op *op = &set->ops[sig->effects.first + i];
		struct tag tag = {.op = op, .now_s = qw_state_now(subject->facts), .now_ns = subject->facts->time.ns};
		tag.bytes = subject->recall ? subject->recall->packet_bytes : 0;
		struct qw_states *states;
		uint64_t owner;
		if (op->kind != QW_OP_TAG ||
		    !qw_state_owner(subject, (enum qw_track)op->tag.track, &states, &owner))
			continue;
		tag.metric = (enum qw_metric)op->tag.metric;
		(void)qw_states_change(states, tag_key(owner, tag.metric), tag.now_s, put_tag, &tag);
		if (states == subject->recall->flows)
			of_flow = true;
		else
			qw_states_watch_until(states, later(tag.now_s, tag.metric == QW_METRIC_SECONDS ? op->tag.count : TAG_IDLE_S));
	}
	return of_flow;
}

static void use_tag(void *ctx, struct qw_state *state)
{
	struct tag *tag = ctx;
	uint64_t cost = cost_of(tag);

	if (!state->set)
		return;
	if (tag->metric == QW_METRIC_SECONDS) {
		state->set = tag->now_ns <= state->since_ns + (int64_t)state->value * QW_NS_PER_S;
	} else {
		state->set = state->value >= cost;
		state->value -= state->set ? cost : 0;
		state->expires = later(tag->now_s, TAG_IDLE_S);
	}
	tag->holds |= state->set;
}

static bool use_tags(struct qw_states *states, uint64_t owner, struct tag *tag)
{
	struct qw_state seen;

	for (int metric = 0; metric < QW_METRICS; metric++) {
		tag->metric = (enum qw_metric)metric;
		if (qw_states_get(states, tag_key(owner, tag->metric), tag->now_s, &seen))
			(void)qw_states_change(states, tag_key(owner, tag->metric), tag->now_s, use_tag, tag);
	}
	return tag->holds;
}

bool qw_tagged(const struct qw_facts *facts, const struct qw_recall *recall, bool flow_tagged)
{
	static const enum qw_track ends[] = {QW_TRACK_SRC, QW_TRACK_DST};
	struct tag tag = {.now_s = qw_state_now(facts), .now_ns = facts->time.ns, .bytes = recall->packet_bytes};
	struct qw_subject subject = {.facts = facts, .recall = recall};
	struct qw_states *states;
	uint64_t owner;

	if (flow_tagged && qw_state_owner(&subject, QW_TRACK_FLOW, &states, &owner))
		(void)use_tags(states, owner, &tag);
	if (!recall->shared || qw_states_watched_until(recall->shared) < tag.now_s)
		return tag.holds;
	for (int i = 0; i < 2; i++)
		if (qw_state_owner(&subject, ends[i], &states, &owner))
			(void)use_tags(states, owner, &tag);
	return tag.holds;
}

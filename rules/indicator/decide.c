/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/decide.h"

#include <ctype.h>

#include "quaywatch/text.h"
#include "rules/indicator/key.h"

static bool fits(const struct qw_probe *probe, const struct qw_record *record)
{
	size_t head = probe->head.len, len = record->key_len;
	const uint8_t *rest = record->key + head;

	if (len < head || (head && memcmp(record->key, probe->head.data, head) != 0))
		return false;
	len -= head;
	if (probe->tail.len == 0)
		return len == 0;
	if (head && len && *rest == ':')
		for (len--, rest++; len && isdigit(*rest); len--)
			rest++;
	return len == probe->tail.len && memcmp(rest, probe->tail.data, len) == 0;
}

static bool is_live(const struct qw_tuple *tuple, struct qw_moment at)
{
	if (at.now.ns < 0)
		return true;
	if (tuple->until && at.now.ns >= (int64_t)tuple->until * QW_NS_PER_S)
		return false;
	return at.mode == QW_CLOCK_OFFLINE || at.now.ns >= (int64_t)tuple->from * QW_NS_PER_S;
}

/* The overlay holds the same entry, anew or as removed. */
static bool is_shadowed(const struct qw_indicators *set, const struct qw_probe *probe, const struct qw_record *record,
			const struct qw_tuple *tuple)
{
	return set->layered &&
	       qw_table_exact(&set->overlay, probe->group, qw_slice(record->key, record->key_len),
			      tuple->type, tuple->flags & QW_TUPLE_ALLOW);
}

static enum qw_verdict decide_side(const struct qw_indicators *set, enum qw_side side, struct qw_moment at,
				   const struct qw_probe *probe, struct qw_decision *out)
{
	const struct qw_table *table = side == QW_SIDE_BASE ? qw_probe_base(set, probe) : &set->overlay;
	const struct qw_shelf *shelf = &table->shelf[probe->group];
	enum qw_verdict verdict = QW_VERDICT_NONE;

	if (shelf->buckets == 0)
		return QW_VERDICT_NONE;
	struct qw_walk walk = qw_shelf_walk(shelf, probe->group, probe->hash[side]);
	for (struct qw_record record; qw_walk_next(&walk, &record);) {
		if (!fits(probe, &record))
			continue;
		const struct qw_tuple *tuple = qw_table_tuple(table, &record);
		if (tuple->type != probe->type || tuple->flags & QW_TUPLE_REMOVED || !is_live(tuple, at))
			continue;
		if (side == QW_SIDE_BASE && is_shadowed(set, probe, &record, tuple))
			continue;
		if (tuple->flags & QW_TUPLE_ALLOW)
			return QW_VERDICT_ALLOWED;
		if (verdict == QW_VERDICT_NONE)
			*out = (struct qw_decision){table, record};
		verdict = QW_VERDICT_BLOCKED;
	}
	return verdict;
}

enum qw_verdict qw_decide(const struct qw_indicators *set, struct qw_moment at, const struct qw_probe *probe,
			  struct qw_decision *out)
{
	enum qw_verdict base = decide_side(set, QW_SIDE_BASE, at, probe, out);
	if (!set->layered || base == QW_VERDICT_ALLOWED)
		return base;
	struct qw_decision fresh;
	enum qw_verdict overlay = decide_side(set, QW_SIDE_OVERLAY, at, probe, &fresh);
	if (overlay == QW_VERDICT_NONE)
		return base;
	if (overlay == QW_VERDICT_BLOCKED)
		*out = fresh;
	return overlay;
}

static bool is_text(enum qw_group group)
{
	return group == QW_GROUP_NAME || group == QW_GROUP_URL || group == QW_GROUP_JA4 || group == QW_GROUP_USER_AGENT;
}

void qw_hit_fill(struct qw_hit *out, const struct qw_decision *decision)
{
	const struct qw_record *record = &decision->record;
	const struct qw_tuple *tuple = qw_table_tuple(decision->table, record);

	out->type = (enum qw_observable_type)tuple->type;
	out->source = qw_table_source(decision->table, tuple);
	out->id = qw_record_id(record->at);
	out->confidence = tuple->confidence;
	out->tlp = (enum qw_tlp)tuple->tlp;
	out->seen = (enum qw_prevalence)tuple->seen;
	if (is_text(qw_group_of(out->type))) {
		out->value = (const char *)record->key;
	} else {
		struct qw_text text;
		qw_text_init(&text, out->memory, sizeof(out->memory));
		qw_key_text(&text, out->type, record->key, record->key_len);
		out->value = qw_text_string(&text);
	}
}

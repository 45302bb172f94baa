/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names: one pass from the right hashes each parent on the way to the whole
 * name; only depths that some entry has are looked for.
 */
#include "rules/indicator/decide.h"
#include "rules/indicator/name.h"

enum { LABELS_MAX = QW_NAME_MAX / 2 + 2, SLACK = 8 /* qw_mix_label reads on */ };

struct name {
	uint8_t text[QW_NAME_MAX + 2 + SLACK];
	size_t len;
	unsigned labels;
	uint8_t start[LABELS_MAX]; /* of the parent with i + 1 labels */
	uint64_t hash[QW_SIDES][LABELS_MAX];
};

/* Lower case, without the final dot; of what is too long for a name the last whole labels. */
static void set_text(struct name *name, const char *text, size_t len)
{
	if (len && text[len - 1] == '.')
		len--;
	if (len > QW_NAME_MAX) {
		text += len - QW_NAME_MAX;
		len = QW_NAME_MAX;
		const char *dot = memchr(text, '.', len);
		size_t cut = dot ? (size_t)(dot - text) + 1 : len;
		text += cut;
		len -= cut;
	}
	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)text[i];
		name->text[i] = (uint8_t)(c + ((uint8_t)(c - 'A') < 26 ? 32 : 0));
	}
	memset(name->text + len, 0, SLACK);
	name->len = len;
}

static void hash_labels(struct name *name, const struct qw_indicators *set)
{
	const struct qw_seed *seed = set->seed;
	uint64_t base = seed[QW_SIDE_BASE].word[0], overlay = seed[QW_SIDE_OVERLAY].word[0];
	size_t end = name->len;

	name->labels = 0;
	for (size_t at = name->len; at-- > 0 && name->labels < LABELS_MAX;) {
		if (at && name->text[at - 1] != '.')
			continue;
		base = qw_mix_label(&seed[QW_SIDE_BASE], base, name->text + at, end - at);
		name->hash[QW_SIDE_BASE][name->labels] = base;
		if (set->layered) {
			overlay = qw_mix_label(&seed[QW_SIDE_OVERLAY], overlay, name->text + at, end - at);
			name->hash[QW_SIDE_OVERLAY][name->labels] = overlay;
		}
		name->start[name->labels++] = (uint8_t)at;
		end = at ? at - 1 : 0;
	}
}

static struct qw_probe probe_of(const struct qw_indicators *set, const struct name *name, unsigned depth)
{
	struct qw_probe probe = {
		.group = QW_GROUP_NAME,
		.head = qw_slice(name->text + name->start[depth], name->len - name->start[depth]),
		.hash = {name->hash[QW_SIDE_BASE][depth], name->hash[QW_SIDE_OVERLAY][depth]},
	};
	qw_probe_place(&probe, set);
	return probe;
}

static enum qw_verdict decide_as(const struct qw_indicators *set, struct qw_moment at, struct qw_probe *probe,
				 enum qw_observable_type type, struct qw_decision *out)
{
	probe->type = type;
	return qw_decide(set, at, probe, out);
}

enum qw_verdict qw_decide_name(const struct qw_indicators *set, struct qw_moment at, const char *text, size_t len,
			       struct qw_decision *out)
{
	struct name name;
	enum qw_verdict verdict = QW_VERDICT_NONE;

	set_text(&name, text, len);
	if (name.len == 0)
		return verdict;
	hash_labels(&name, set);
	unsigned whole = name.labels - 1;
	for (unsigned depth = whole + 1; depth-- > 0 && verdict == QW_VERDICT_NONE;) {
		bool used = set->depths >> (depth + 1 < QW_DEPTHS ? depth + 1 : QW_DEPTHS - 1) & 1;
		if (!used && depth != whole)
			continue;
		struct qw_probe probe = probe_of(set, &name, depth);
		if (!qw_probe_maybe(set, &probe))
			continue;
		if (depth == whole)
			verdict = decide_as(set, at, &probe, QW_OBS_HOST, out);
		if (verdict == QW_VERDICT_NONE)
			verdict = decide_as(set, at, &probe, QW_OBS_DOMAIN, out);
	}
	return verdict;
}

bool qw_indicators_name(const struct qw_indicators *set, struct qw_moment at, const char *name, size_t len,
			struct qw_hit *out)
{
	struct qw_decision decision;
	if (qw_decide_name(set, at, name, len, &decision) != QW_VERDICT_BLOCKED)
		return false;
	qw_hit_fill(out, &decision);
	return true;
}

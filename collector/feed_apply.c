/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/feed_apply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/retire.h"

/* Rows that a step looks at; most of them are as they were. */
enum { ROWS_PER_STEP = 20000 };

const char *qw_feed_channel(const struct qw_feed_spec *spec)
{
	return spec->tenant[0] ? spec->tenant : QW_COMMUNITY;
}

/* ---- what of several feeds counts */

struct best {
	const struct qw_feed_spec *spec; /* NULL: no feed has it */
	struct qw_entry entry;
	struct qw_indicator indicator; /* of a signature: not set */
};

/* The surer one, then the one that lasts longer, then the name: the same whatever order they come in. */
static bool is_better(const struct best *a, const struct best *b)
{
	int64_t a_end = a->indicator.valid_until.ns ? a->indicator.valid_until.ns : INT64_MAX,
		b_end = b->indicator.valid_until.ns ? b->indicator.valid_until.ns : INT64_MAX;

	if (a->indicator.confidence != b->indicator.confidence)
		return a->indicator.confidence > b->indicator.confidence;
	if (a_end != b_end)
		return a_end > b_end;
	return strcmp(a->spec->name, b->spec->name) < 0;
}

static void consider(struct best *best, const struct qw_feed_spec *spec, const struct qw_entry *entry)
{
	struct best one = {.spec = spec, .entry = *entry};

	if (entry->kind != QW_ENTRY_SIGNATURE && qw_entry_indicator(entry, &one.indicator) != QW_OK)
		return;
	if (!best->spec || is_better(&one, best))
		*best = one;
}

static void find_best(const struct qw_feed_apply *apply, const struct qw_feed_row *row, bool listed, struct best *best)
{
	struct qw_feed_row found;

	best->spec = NULL;
	if (listed)
		consider(best, apply->parts.spec, &row->entry);
	for (size_t i = 0; i < apply->parts.others; i++)
		if (qw_feed_set_find(apply->parts.other[i].set, &row->entry, &found))
			consider(best, apply->parts.other[i].spec, &found.entry);
}

/* ---- what the channel and its rows say */

struct standing {
	bool present, feeds; /* in the channel; a feed brought it */
	struct qw_entry entry;
};

struct row_words {
	bool allow, found, feeds;
};

static enum qw_err see_row(void *ctx, const struct qw_indicator_row *row)
{
	struct row_words *words = ctx;

	if (row->indicator.allow != words->allow || row->revoked.ns != 0)
		return QW_OK;
	words->found = true;
	words->feeds = strncmp(row->who, QW_FEED_WHO, sizeof(QW_FEED_WHO) - 1) == 0;
	return QW_OK;
}

static enum qw_err look(const struct qw_feed_apply *apply, const struct qw_feed_row *row, struct standing *out)
{
	const struct qw_publication *publication = apply->parts.publication;
	const char *name = qw_feed_channel(apply->parts.spec);
	struct qw_indicator indicator;
	struct qw_channel *channel;
	char key[QW_ENTRY_KEY_MAX];
	size_t len;
	enum qw_err err = qw_channels_get(&channel, publication->channels, name);

	if (err == QW_OK)
		err = qw_entry_key(&row->entry, key, &len);
	if (err != QW_OK)
		return err;
	out->present = qw_channel_find(channel, row->entry.kind, key, len, &out->entry);
	out->feeds = true;
	if (!out->present || row->entry.kind == QW_ENTRY_SIGNATURE)
		return QW_OK;
	err = qw_entry_indicator(&row->entry, &indicator);
	struct row_words words = {.allow = indicator.allow};
	if (err == QW_OK)
		err = qw_store_each_indicator(publication->store, name, &indicator.observable, 2, see_row, &words);
	out->feeds = words.feeds;
	return err;
}

static bool is_same(const struct qw_entry *a, const struct qw_entry *b)
{
	return a->body_len == b->body_len && memcmp(a->body, b->body, a->body_len) == 0;
}

/* What others learnt of it stays; then there may be nothing to change. */
static enum qw_err carry_over(const struct standing *standing, struct best *best, bool *same)
{
	struct qw_indicator old;
	struct qw_entry entry;
	uint8_t *body;
	enum qw_err err = qw_entry_indicator(&standing->entry, &old);

	if (err != QW_OK)
		return err;
	best->indicator.seen = old.seen;
	best->indicator.seen_at = old.seen_at;
	err = qw_entry_of_indicator(&entry, &body, &best->indicator);
	if (err != QW_OK)
		return err;
	*same = is_same(&entry, &standing->entry);
	free(body);
	return QW_OK;
}

/* ---- may it come in? */

static enum qw_err judge(struct qw_feed_apply *apply, const struct best *best, bool present, enum qw_admission *out)
{
	const struct qw_feed_apply_parts *parts = &apply->parts;
	const char *channel = qw_feed_channel(parts->spec);
	struct qw_admission_rules rules = {.policy = parts->policy,
					   .tenant = parts->spec->tenant[0] ? parts->spec->tenant : NULL};
	char owner[QW_NAME_MAX + 1] = "", name[QW_NAME_MAX + 16];
	const struct qw_leak_place place = {.name = name, .channel = channel};
	bool withdrawn = false;
	enum qw_err err = qw_exceptions_get(&rules.exceptions, &apply->exceptions, parts->publication);

	if (err != QW_OK)
		return err;
	snprintf(name, sizeof(name), "the feed %s", best->spec->name);
	*out = qw_admission_judge(&rules, &best->indicator, NULL);
	if (!qw_is_admitted(*out) || best->indicator.allow || present)
		return QW_OK;
	err = qw_promotion_leak(parts->promotion, &best->indicator.observable, &place, owner);
	if (err == QW_OK)
		err = qw_promotion_was_withdrawn(parts->promotion, channel, &best->indicator.observable, &withdrawn);
	if (owner[0])
		*out = QW_REFUSED_CANARY;
	else if (withdrawn)
		*out = QW_REFUSED_WITHDRAWN;
	return err;
}

/* ---- one delta's worth */

static enum qw_err publish(struct qw_feed_apply *apply)
{
	struct qw_reason reason = {apply->who, apply->leaving ? QW_STORE_LEFT : apply->parts.spec->place};

	if (apply->changes == 0)
		return QW_OK;
	enum qw_err err = qw_publish_changes(apply->parts.publication, qw_feed_channel(apply->parts.spec), apply->change,
					     apply->changes, &reason, qw_time_wall());
	if (err != QW_OK)
		return err;
	*(apply->leaving ? &apply->withdrawn : &apply->published) += apply->changes;
	apply->changes = apply->bytes = 0;
	return QW_OK;
}

static enum qw_err add(struct qw_feed_apply *apply, const struct qw_indicator *indicator, const struct qw_feed_spec *spec,
		       bool leaving)
{
	char who[sizeof(apply->who)];
	enum qw_err err = QW_OK;

	snprintf(who, sizeof(who), QW_FEED_WHO "%s", spec->name);
	if (apply->changes == QW_PUBLICATION_ENTRIES || apply->bytes >= QW_PUBLICATION_BYTES || apply->leaving != leaving ||
	    strcmp(who, apply->who) != 0)
		err = publish(apply);
	if (err != QW_OK)
		return err;
	memcpy(apply->who, who, sizeof(who));
	apply->leaving = leaving;
	apply->change[apply->changes++] = (struct qw_publication_change){*indicator, leaving};
	apply->bytes += indicator->observable.len + sizeof(indicator->source) + strlen(indicator->description);
	apply->allows |= indicator->allow && !leaving;
	return QW_OK;
}

static enum qw_err come(struct qw_feed_apply *apply, const struct standing *standing, struct best *best)
{
	enum qw_admission admission;
	bool same = false;
	enum qw_err err = standing->present ? carry_over(standing, best, &same) : QW_OK;

	if (err != QW_OK || same)
		return err;
	err = judge(apply, best, standing->present, &admission);
	if (err != QW_OK)
		return err;
	if (qw_is_admitted(admission))
		return add(apply, &best->indicator, best->spec, false);
	apply->refused[admission]++;
	return QW_OK;
}

static enum qw_err go(struct qw_feed_apply *apply, const struct qw_feed_row *row)
{
	struct qw_indicator indicator;
	enum qw_err err = qw_entry_indicator(&row->entry, &indicator);

	return err == QW_OK ? add(apply, &indicator, apply->parts.spec, true) : err;
}

/* ---- signatures */

static enum qw_err publish_signatures(struct qw_feed_apply *apply)
{
	const struct qw_publication *publication = apply->parts.publication;

	if (apply->signatures == 0)
		return QW_OK;
	enum qw_err err = qw_store_commit(publication->store);
	if (err == QW_OK)
		err = qw_publish_entries(publication, qw_feed_channel(apply->parts.spec), apply->signature,
					 apply->signatures, qw_time_wall());
	if (err != QW_OK)
		return err;
	for (size_t i = 0; i < apply->signatures; i++)
		*(apply->signature[i].removed ? &apply->withdrawn : &apply->published) += 1;
	apply->signatures = apply->signature_bytes = 0;
	return QW_OK;
}

static enum qw_err add_signature(struct qw_feed_apply *apply, const struct qw_entry *entry)
{
	bool full = apply->signatures == QW_PUBLICATION_ENTRIES || apply->signature_bytes >= QW_PUBLICATION_BYTES;
	enum qw_err err = full ? publish_signatures(apply) : QW_OK;

	if (err != QW_OK)
		return err;
	apply->signature[apply->signatures++] = *entry;
	apply->signature_bytes += entry->body_len;
	return QW_OK;
}

/* They have no rows: what is not as this feed had it is somebody else's. */
static enum qw_err change_signature(struct qw_feed_apply *apply, const struct standing *standing, const struct best *best,
				    const struct qw_feed_row *row)
{
	struct qw_feed_row old;
	bool ours = !standing->present || (apply->parts.before && qw_feed_set_find(apply->parts.before, &row->entry, &old) &&
					   is_same(&old.entry, &standing->entry));
	struct qw_entry entry = best->spec ? best->entry : row->entry;

	entry.removed = !best->spec;
	if (standing->present ? !entry.removed && is_same(&standing->entry, &entry) : entry.removed)
		return QW_OK;
	if (ours)
		return add_signature(apply, &entry);
	apply->held++;
	return QW_OK;
}

/* ---- one row */

static enum qw_err change_one(struct qw_feed_apply *apply, const struct qw_feed_row *row, bool listed)
{
	struct standing standing;
	struct best best;
	enum qw_err err = look(apply, row, &standing);

	if (err != QW_OK)
		return err;
	find_best(apply, row, listed, &best);
	if (row->entry.kind == QW_ENTRY_SIGNATURE)
		return change_signature(apply, &standing, &best, row);
	if (standing.present && !standing.feeds) {
		apply->held++;
		return QW_OK;
	}
	if (best.spec)
		return come(apply, &standing, &best);
	return standing.present ? go(apply, row) : QW_OK;
}

/* ---- all of it */

enum qw_err qw_feed_apply_begin(struct qw_feed_apply *apply, const struct qw_feed_apply_parts *parts)
{
	memset(apply, 0, sizeof(*apply));
	apply->change = calloc(QW_PUBLICATION_ENTRIES, sizeof(*apply->change));
	apply->signature = calloc(QW_PUBLICATION_ENTRIES, sizeof(*apply->signature));
	if (!apply->change || !apply->signature) {
		qw_feed_apply_fini(apply);
		return QW_ENOMEM;
	}
	apply->parts = *parts;
	/* Two sets in another order cannot be walked side by side: then all of the new one is looked at. */
	bool paired = parts->before && parts->after && memcmp(&parts->before->key, &parts->after->key, sizeof(parts->after->key)) == 0;
	static const struct qw_feed_set nothing;
	apply->diff.before = paired || !parts->after ? parts->before : NULL;
	apply->diff.after = parts->after ? parts->after : &nothing;
	return QW_OK;
}

/* Allow entries among what came reach back: what they cover leaves the channels. */
static enum qw_err retire_covered(struct qw_feed_apply *apply)
{
	static const struct qw_guard_list list = {QW_GUARD_ALLOW, "a feed's allow entries", NULL};
	const struct qw_feed_spec *spec = apply->parts.spec;
	struct qw_feed_row row;
	struct qw_indicator indicator;
	struct qw_guard *guard = NULL;
	uint64_t retired;
	enum qw_err err = qw_guard_new(&guard);

	for (size_t i = 0; err == QW_OK && i < apply->parts.after->count; i++)
		if (qw_feed_set_at(apply->parts.after, i, &row) && row.entry.kind == QW_ENTRY_ALLOW &&
		    qw_entry_indicator(&row.entry, &indicator) == QW_OK)
			err = qw_guard_add(guard, &list, &indicator.observable);
	if (err == QW_OK) {
		qw_guard_finish(guard);
		err = qw_retire(apply->parts.publication, spec->tenant[0] ? spec->tenant : NULL, guard, 1u << QW_GUARD_ALLOW,
				qw_time_wall(), &retired);
	}
	qw_guard_free(guard);
	return err;
}

static enum qw_err finish(struct qw_feed_apply *apply, bool *done)
{
	enum qw_err err = publish(apply);

	if (err == QW_OK)
		err = publish_signatures(apply);
	if (err == QW_OK && apply->allows)
		err = retire_covered(apply);
	*done = err == QW_OK;
	return err;
}

enum qw_err qw_feed_apply_step(struct qw_feed_apply *apply, bool *done)
{
	uint64_t before = apply->published + apply->withdrawn;
	struct qw_feed_row row;

	*done = false;
	for (unsigned i = 0; i < ROWS_PER_STEP && apply->published + apply->withdrawn == before; i++) {
		struct qw_feed_diff back = apply->diff;
		enum qw_feed_step step = qw_feed_diff_next(&apply->diff, &row);
		if (step == QW_FEED_SAME)
			continue;
		enum qw_err err =
		    step == QW_FEED_END ? finish(apply, done) : change_one(apply, &row, step != QW_FEED_REMOVED);
		if (err != QW_OK) {
			apply->diff = back; /* it is looked at again */
			return err;
		}
		if (step == QW_FEED_END)
			return QW_OK;
	}
	return QW_OK;
}

uint64_t qw_feed_apply_refused(const struct qw_feed_apply *apply)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < QW_ADMISSIONS; i++)
		sum += apply->refused[i];
	return sum;
}

void qw_feed_apply_fini(struct qw_feed_apply *apply)
{
	qw_exceptions_fini(&apply->exceptions);
	free(apply->change);
	free(apply->signature);
	apply->change = NULL;
	apply->signature = NULL;
}

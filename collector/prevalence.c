/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/prevalence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/label.h"
#include "collector/sightings.h"

/* Beside the texts, of a packed entry. */
enum { ENTRY_ROOM = 160, RENEWALS_PER_LIFETIME = 4 };

struct mark {
	int64_t bucket;
	uint64_t id;
};

/* What one turn looks at, and what it has to say. */
struct batch {
	size_t marks, changes, bytes;
	struct mark mark[QW_PREVALENCE_PER_TURN];
	struct qw_indicator change[QW_PREVALENCE_PER_TURN];
};

static enum qw_err see_mark(void *ctx, int64_t bucket, uint64_t id)
{
	struct batch *batch = ctx;

	batch->mark[batch->marks++] = (struct mark){bucket, id};
	return QW_OK;
}

/* ---- who met it */

/* Distinct tenants; more than make "3+" need not be told apart. */
struct crowd {
	const struct qw_registry *registry;
	struct qw_time since, before; /* before: of the bucket's end */
	bool sighted;                 /* not only brought */
	size_t count;
	char name[QW_PREVALENCE_MANY_FROM][QW_NAME_MAX + 1];
};

static bool is_in(const struct crowd *crowd, const char *tenant)
{
	for (size_t i = 0; i < crowd->count; i++)
		if (strcmp(crowd->name[i], tenant) == 0)
			return true;
	return false;
}

/* False: it is no member now. */
static bool join(struct crowd *crowd, const char *tenant)
{
	if (!qw_registry_has_tenant(crowd->registry, tenant))
		return false;
	if (crowd->count < QW_PREVALENCE_MANY_FROM && !is_in(crowd, tenant))
		snprintf(crowd->name[crowd->count++], sizeof(crowd->name[0]), "%s", tenant);
	return true;
}

static enum qw_err see_sighting(void *ctx, const struct qw_sighting_row *row)
{
	struct crowd *crowd = ctx;

	if (row->last.ns >= crowd->since.ns && row->first.ns < crowd->before.ns && join(crowd, row->tenant))
		crowd->sighted = true;
	return QW_OK;
}

static enum qw_err see_evidence(void *ctx, const struct qw_evidence *evidence)
{
	struct crowd *crowd = ctx;

	if (evidence->tenant[0] && evidence->first.ns < crowd->before.ns)
		(void)join(crowd, evidence->tenant);
	return QW_OK;
}

static enum qw_err gather(const struct qw_prevalences *prevalences, const struct qw_indicator_row *row, uint64_t id,
			  struct crowd *crowd)
{
	enum qw_err err = qw_store_each_sighting(prevalences->publication->store, id, see_sighting, crowd);

	if (err == QW_OK)
		err = qw_candidates_each_evidence(prevalences->candidates, &row->indicator.observable, see_evidence,
						  crowd);
	return err;
}

/* ---- what follows */

static enum qw_prevalence class_of(size_t tenants)
{
	return tenants >= QW_PREVALENCE_MANY_FROM ? QW_PREVALENCE_MANY
	       : tenants > 0			  ? QW_PREVALENCE_FEW
						  : QW_PREVALENCE_UNTOLD;
}

/* The end that it has now, or a later one.  No time of a sighting goes in. */
static struct qw_time end_of(const struct qw_prevalences *prevalences, const struct qw_indicator_row *row,
			     struct qw_time bucket_end)
{
	struct qw_time until = row->indicator.valid_until;
	struct qw_time most = qw_policy_rule_of(prevalences->policy, row->indicator.observable.type)->max_age;

	if (until.ns == 0 || row->renew.ns == 0 || most.ns == 0)
		return until;
	struct qw_time last = qw_time_add(row->born, most), next = qw_time_add(bucket_end, row->renew);
	next = next.ns < last.ns ? next : last;
	return next.ns - until.ns >= row->renew.ns / RENEWALS_PER_LIFETIME ? next : until;
}

static enum qw_err look(struct qw_prevalences *prevalences, struct batch *batch, const struct mark *mark,
			const struct qw_indicator_row *row)
{
	struct qw_time length = prevalences->publication->bucket;
	struct qw_time end = qw_time_ns((mark->bucket + 1) * length.ns);
	struct crowd crowd = {.registry = prevalences->registry, .since = row->born, .before = end};
	struct qw_indicator *change = &batch->change[batch->changes];
	enum qw_err err = gather(prevalences, row, mark->id, &crowd);

	if (err != QW_OK)
		return err;
	*change = row->indicator;
	if (!qw_label_permits(change->tlp, QW_PLACE_COMMUNITY))
		return QW_OK; /* from before labels were held to: it would hold up all others */
	enum qw_prevalence class = class_of(crowd.count);
	bool risen = class > change->seen;
	change->valid_until = crowd.sighted ? end_of(prevalences, row, end) : change->valid_until;
	bool prolonged = change->valid_until.ns != row->indicator.valid_until.ns;
	if (!risen && !prolonged)
		return QW_OK;
	change->seen = risen ? class : change->seen;
	change->seen_at = qw_time_sub(end, length);
	batch->bytes += ENTRY_ROOM + change->observable.len + strlen(change->source) + strlen(change->description);
	batch->changes++;
	prevalences->stats.told += risen;
	prevalences->stats.prolonged += prolonged;
	return QW_OK;
}

struct found {
	bool is_one;
	struct qw_indicator_row row;
};

static enum qw_err see_row(void *ctx, const struct qw_indicator_row *row)
{
	struct found *found = ctx;

	found->is_one = true;
	found->row = *row;
	found->row.channel = found->row.who = found->row.why = "";
	return QW_OK;
}

static enum qw_err look_at(struct qw_prevalences *prevalences, struct batch *batch, const struct mark *mark)
{
	struct found found = {.is_one = false};
	enum qw_err err =
	    qw_store_find_indicator(prevalences->publication->store, mark->id, QW_COMMUNITY, see_row, &found);

	return err == QW_OK && found.is_one ? look(prevalences, batch, mark, &found.row) : err;
}

static enum qw_err tell(struct qw_prevalences *prevalences, struct batch *batch, struct qw_time now)
{
	const struct qw_publication *publication = prevalences->publication;
	struct qw_prevalence_stats before = prevalences->stats;
	enum qw_err err = QW_OK;
	size_t looked = 0;

	while (looked < batch->marks && batch->bytes < QW_PUBLICATION_BYTES && err == QW_OK)
		err = look_at(prevalences, batch, &batch->mark[looked++]);
	if (err == QW_OK && batch->changes > 0)
		err = qw_publish_prevalence(publication, QW_COMMUNITY, batch->change, batch->changes, now);
	if (err != QW_OK) {
		prevalences->stats = before;
		return err;
	}
	prevalences->stats.put_off += looked < batch->marks || looked == QW_PREVALENCE_PER_TURN;
	for (size_t i = 0; i < looked && err == QW_OK; i++)
		err = qw_store_unmark_sighted(publication->store, batch->mark[i].bucket, batch->mark[i].id);
	return err;
}

enum qw_err qw_prevalence_turn(struct qw_prevalences *prevalences, struct qw_time now)
{
	const struct qw_publication *publication = prevalences->publication;
	struct batch *batch = calloc(1, sizeof(*batch));

	if (!batch)
		return QW_ENOMEM;
	enum qw_err err = qw_store_each_sighted(publication->store, qw_bucket_of(now, publication->bucket),
						QW_PREVALENCE_PER_TURN, see_mark, batch);
	if (err == QW_OK && batch->marks > 0)
		err = tell(prevalences, batch, now);
	free(batch);
	return err;
}

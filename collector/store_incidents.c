/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store_incidents.h"

#include <stdio.h>
#include <string.h>

#include "collector/store_rows.h"

enum qw_err qw_store_put_incident(struct qw_store *store, const struct qw_incident *incident)
{
	return qw_database_change(store->database, QW_SQL_INCIDENT_PUT, "iiitii", (int64_t)incident->number,
				  incident->opened.ns, (int64_t)incident->state, incident->reason, incident->uid,
				  incident->changed.ns);
}

enum qw_err qw_store_drop_incident(struct qw_store *store, uint64_t number)
{
	return qw_database_change(store->database, QW_SQL_INCIDENT_DROP, "i", (int64_t)number);
}

struct walk {
	qw_incident_visit *incident;
	qw_strand_visit *strand;
	qw_part_visit *part;
	void *ctx;
};

static enum qw_err see_incident(void *ctx, struct qw_row *row)
{
	const struct walk *walk = ctx;
	struct qw_incident incident = {.number = (uint64_t)qw_row_i64(row, 0),
				       .opened = qw_row_time(row, 1),
				       .state = (enum qw_incident_state)qw_row_i64(row, 2),
				       .uid = qw_row_i64(row, 4),
				       .changed = qw_row_time(row, 5)};

	snprintf(incident.reason, sizeof(incident.reason), "%s", qw_row_text(row, 3));
	if ((unsigned)incident.state >= QW_INCIDENT_STATES)
		return QW_EFORMAT;
	return walk->incident(walk->ctx, &incident);
}

enum qw_err qw_store_each_incident(struct qw_store *store, qw_incident_visit *visit, void *ctx)
{
	struct walk walk = {.incident = visit, .ctx = ctx};

	return qw_database_each(store->database, QW_SQL_INCIDENT_EACH, see_incident, &walk, "");
}

/* ---- strands */

static enum qw_err put_part(struct qw_store *store, const struct qw_strand *strand, const struct qw_strand_part *part)
{
	return qw_database_change(store->database, QW_SQL_PART_PUT,
				  "iitt"
				  "iiib",
				  (int64_t)strand->kind, (int64_t)strand->key, part->tenant, part->sample, part->first.ns,
				  part->last.ns, (int64_t)part->count, (const void *)part->actor, sizeof(part->actor));
}

enum qw_err qw_store_put_strand(struct qw_store *store, const struct qw_strand *strand)
{
	enum qw_err err =
	    qw_database_change(store->database, QW_SQL_STRAND_PUT,
			       "iiitt"
			       "iiii",
			       (int64_t)strand->kind, (int64_t)strand->key, (int64_t)strand->incident, strand->value,
			       strand->text, (int64_t)strand->severity, (int64_t)strand->confidence, (int64_t)strand->ot,
			       strand->last.ns);

	for (size_t i = 0; i < strand->parts && err == QW_OK; i++)
		err = put_part(store, strand, &strand->part[i]);
	return err;
}

enum qw_err qw_store_drop_strand(struct qw_store *store, const struct qw_strand *strand)
{
	enum qw_err err =
	    qw_database_change(store->database, QW_SQL_STRAND_DROP, "ii", (int64_t)strand->kind, (int64_t)strand->key);

	return err == QW_OK
		   ? qw_database_change(store->database, QW_SQL_PART_DROP, "ii", (int64_t)strand->kind, (int64_t)strand->key)
		   : err;
}

static enum qw_err see_strand(void *ctx, struct qw_row *row)
{
	const struct walk *walk = ctx;
	struct qw_strand strand = {.kind = (enum qw_trait_kind)qw_row_i64(row, 0),
				   .key = (uint64_t)qw_row_i64(row, 1),
				   .incident = (uint64_t)qw_row_i64(row, 2),
				   .severity = (unsigned)qw_row_i64(row, 5),
				   .confidence = (unsigned)qw_row_i64(row, 6),
				   .ot = qw_row_i64(row, 7) != 0,
				   .last = qw_row_time(row, 8)};

	snprintf(strand.value, sizeof(strand.value), "%s", qw_row_text(row, 3));
	snprintf(strand.text, sizeof(strand.text), "%s", qw_row_text(row, 4));
	return (unsigned)strand.kind < QW_TRAIT_KINDS ? walk->strand(walk->ctx, &strand) : QW_OK;
}

static enum qw_err see_part(void *ctx, struct qw_row *row)
{
	const struct walk *walk = ctx;
	struct qw_strand_part part = {.first = qw_row_time(row, 4), .last = qw_row_time(row, 5), .count = (uint64_t)qw_row_i64(row, 6)};
	size_t len;
	const void *actors = qw_row_blob(row, 7, &len);

	snprintf(part.tenant, sizeof(part.tenant), "%s", qw_row_text(row, 2));
	snprintf(part.sample, sizeof(part.sample), "%s", qw_row_text(row, 3));
	if (len == sizeof(part.actor))
		memcpy(part.actor, actors, len);
	return walk->part(walk->ctx, (enum qw_trait_kind)qw_row_i64(row, 0), (uint64_t)qw_row_i64(row, 1), &part);
}

enum qw_err qw_store_each_strand(struct qw_store *store, qw_strand_visit *strand, qw_part_visit *part, void *ctx)
{
	struct walk walk = {.strand = strand, .part = part, .ctx = ctx};
	enum qw_err err = qw_database_each(store->database, QW_SQL_STRAND_EACH, see_strand, &walk, "");

	return err == QW_OK ? qw_database_each(store->database, QW_SQL_PART_EACH, see_part, &walk, "") : err;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/incidents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/incidents_parts.h"
#include "collector/store_incidents.h"

/* Searches for kin in a second; WRITTEN: strands that one write takes. */
enum { JOINS_PER_S = 50, WRITTEN = 2000, FORGOTTEN_AFTER = 4 /* windows */ };

static const char *const states[QW_INCIDENT_STATES] = {"new", "acknowledged", "closed"};

const char *qw_incident_state_name(enum qw_incident_state state)
{
	return states[state];
}

/* ---- incidents by number */

static struct held_incident *find(const struct qw_incidents *incidents, uint64_t number)
{
	for (size_t i = 0; i < incidents->count; i++)
		if (incidents->held[i].incident.number == number)
			return &incidents->held[i];
	return NULL;
}

const struct held_incident *qw_incidents_held(const struct qw_incidents *incidents, uint64_t number)
{
	return find(incidents, number);
}

static enum qw_err hang_on(struct held_incident *held, struct qw_strand *strand)
{
	if (held->strands == held->room) {
		size_t room = held->room ? held->room * 2 : 4;
		struct qw_strand **grown = realloc(held->strand, room * sizeof(struct qw_strand *));
		if (!grown)
			return QW_ENOMEM;
		held->strand = grown;
		held->room = room;
	}
	held->strand[held->strands++] = strand;
	strand->incident = held->incident.number;
	strand->dirty = true;
	return QW_OK;
}

static struct held_incident *put(struct qw_incidents *incidents, const struct qw_incident *incident)
{
	if (incidents->count == QW_INCIDENTS_MAX) {
		incidents->stats.crowded++;
		return NULL;
	}
	struct held_incident *grown = realloc(incidents->held, (incidents->count + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	incidents->held = grown;
	struct held_incident *held = &grown[incidents->count++];
	*held = (struct held_incident){.incident = *incident};
	if (incident->number >= incidents->next)
		incidents->next = incident->number + 1;
	return held;
}

/* ---- where a strand belongs */

static bool is_grave(const struct qw_incidents *incidents, const struct qw_strand *strand)
{
	return strand->kind == QW_TRAIT_INDICATOR || (strand->severity != 0 && strand->severity <= incidents->parts.severity);
}

/* A fingerprint that half of the world has joins others, and brings nobody together. */
static bool joins_others(enum qw_trait_kind kind)
{
	return kind == QW_TRAIT_INDICATOR || kind == QW_TRAIT_SIGNATURE || kind == QW_TRAIT_PAYLOAD;
}

static struct held_incident *of_same_alert(const struct qw_incidents *incidents, const struct qw_traits *traits)
{
	for (size_t i = 0; i < traits->traits; i++) {
		const struct qw_strand *strand = qw_strand_find(incidents, traits->trait[i].kind, traits->trait[i].key);
		if (strand && strand->incident != 0 && joins_others(strand->kind))
			return find(incidents, strand->incident);
	}
	return NULL;
}

static struct held_incident *of_same_hosts(struct qw_incidents *incidents, const struct qw_strand *strand)
{
	int64_t since = strand->last.ns - incidents->parts.window.ns;

	for (size_t i = incidents->count; i-- > 0;) {
		struct held_incident *held = &incidents->held[i];
		for (size_t k = 0; k < held->strands; k++)
			if (joins_others(held->strand[k]->kind) && held->strand[k]->last.ns >= since &&
			    qw_strands_are_kin(strand, held->strand[k]))
				return held;
	}
	return NULL;
}

/* Whoever lets thousands of strands reach a second tenant does not take all our time: others wait for their next alert. */
static bool may_search(struct qw_incidents *incidents, struct qw_time wall)
{
	if (wall.ns - incidents->budget_at.ns >= QW_NS_PER_S || wall.ns < incidents->budget_at.ns) {
		incidents->budget_at = wall;
		incidents->joins = 0;
	}
	return incidents->joins++ < JOINS_PER_S;
}

static struct held_incident *open_one(struct qw_incidents *incidents, struct qw_time wall)
{
	struct qw_incident incident = {.number = incidents->next, .uid = -1, .opened = wall, .changed = wall};
	struct held_incident *held = put(incidents, &incident);

	if (!held)
		return NULL;
	if (qw_store_put_incident(incidents->parts.store, &incident) != QW_OK)
		incidents->stats.crowded++; /* it is written with its next change of state */
	return held;
}

static void place(struct qw_incidents *incidents, struct qw_strand *strand, const struct qw_traits *traits, struct qw_time wall)
{
	struct held_incident *held = of_same_alert(incidents, traits);

	if (!held && !may_search(incidents, wall))
		return;
	if (!held)
		held = of_same_hosts(incidents, strand);
	if (!held)
		held = open_one(incidents, wall);
	if (held && hang_on(held, strand) != QW_OK)
		incidents->stats.crowded++;
}

/* A tenant that was not in it before.  Told later: who sees an alert is in the middle of a line of the log. */
static void mark(struct qw_incidents *incidents, struct held_incident *held)
{
	held->due = incidents->due = true;
}

/* ---- an alert */

static void add_actor(struct qw_strand_part *part, uint64_t actor)
{
	for (size_t i = 0; i < QW_STRAND_ACTORS && actor != 0; i++) {
		if (part->actor[i] == actor)
			return;
		if (part->actor[i] == 0) {
			part->actor[i] = actor;
			return;
		}
	}
}

/* True: a tenant that the strand had not. */
static bool spin(struct qw_incidents *incidents, struct qw_strand *strand, const struct qw_traits *traits)
{
	bool fresh;
	struct qw_strand_part *part = qw_strand_part_of(strand, traits->who.tenant, &fresh);

	if (!part) {
		incidents->stats.crowded++;
		return false;
	}
	if (fresh || qw_time_before(traits->at, part->first)) {
		part->first = traits->at;
		memcpy(part->sample, traits->sample, sizeof(part->sample));
	}
	if (fresh || qw_time_before(part->last, traits->at))
		part->last = traits->at;
	part->count += traits->count ? traits->count : 1;
	add_actor(part, traits->actor[0]);
	add_actor(part, traits->actor[1]);
	if (traits->severity != 0 && (strand->severity == 0 || traits->severity < strand->severity))
		strand->severity = traits->severity;
	if (traits->confidence > strand->confidence)
		strand->confidence = traits->confidence;
	if (!strand->text[0])
		memcpy(strand->text, traits->text, sizeof(strand->text));
	strand->ot |= traits->ot;
	if (qw_time_before(strand->last, traits->at))
		strand->last = traits->at;
	strand->dirty = true;
	return fresh;
}

void qw_incidents_see(struct qw_incidents *incidents, const char *line, size_t len, struct qw_time wall)
{
	struct qw_traits traits;
	struct qw_strand *strand[QW_TRAIT_KINDS];
	bool news[QW_TRAIT_KINDS] = {false}, fresh;

	if (!qw_traits_of_line(&traits, line, len))
		return;
	incidents->stats.seen++;
	/* A packet's time that lies ahead of all clocks would never be forgotten. */
	if (qw_time_before(wall, traits.at))
		traits.at = wall;
	for (size_t i = 0; i < traits.traits; i++) {
		strand[i] = qw_strand_get(incidents, traits.trait[i].kind, traits.trait[i].key, &fresh);
		if (!strand[i])
			continue;
		if (fresh)
			memcpy(strand[i]->value, traits.trait[i].value, sizeof(strand[i]->value));
		news[i] = spin(incidents, strand[i], &traits);
	}
	for (size_t i = 0; i < traits.traits; i++) {
		/* One may have had to go for the next: it is looked for again. */
		strand[i] = qw_strand_find(incidents, traits.trait[i].kind, traits.trait[i].key);
		bool homeless = strand[i] && strand[i]->incident == 0 && strand[i]->parts >= 2 && is_grave(incidents, strand[i]);
		if (homeless)
			place(incidents, strand[i], &traits, wall);
		if (strand[i] && strand[i]->incident != 0 && (homeless || news[i]))
			mark(incidents, find(incidents, strand[i]->incident));
	}
}

/* ---- telling */

/* What was closed as something real is news again when another tenant meets it; a false alarm is not. */
static void tell(struct qw_incidents *incidents, struct held_incident *held, struct qw_time wall)
{
	struct qw_incident_sum sum;

	qw_incidents_sum(incidents, held->incident.number, &sum);
	if (sum.tenants <= held->told)
		return;
	held->told = sum.tenants;
	if (held->incident.state == QW_INCIDENT_CLOSED && strncmp(held->incident.reason, "false", 5) != 0) {
		held->incident.state = QW_INCIDENT_NEW;
		held->incident.changed = wall;
		if (qw_store_put_incident(incidents->parts.store, &held->incident) != QW_OK)
			incidents->stats.crowded++;
	}
	if (incidents->parts.tell)
		incidents->parts.tell(incidents->parts.ctx, &held->incident, &sum);
}

void qw_incidents_tell(struct qw_incidents *incidents, struct qw_time wall)
{
	for (size_t i = 0; incidents->due && i < incidents->count; i++) {
		if (!incidents->held[i].due)
			continue;
		incidents->held[i].due = false;
		tell(incidents, &incidents->held[i], wall);
	}
	incidents->due = false;
}

/* ---- the store */

static enum qw_err load_incident(void *ctx, const struct qw_incident *incident)
{
	return put(ctx, incident) ? QW_OK : QW_ELIMIT;
}

static enum qw_err load_strand(void *ctx, const struct qw_strand *row)
{
	struct qw_incidents *incidents = ctx;
	bool fresh;
	struct qw_strand *strand = qw_strand_get(incidents, row->kind, row->key, &fresh);

	if (!strand || !fresh)
		return strand ? QW_OK : QW_ENOMEM;
	struct qw_strand *next = strand->next;
	*strand = *row;
	strand->next = next;
	strand->written = true;
	struct held_incident *held = row->incident ? find(incidents, row->incident) : NULL;
	strand->incident = 0;
	enum qw_err err = held ? hang_on(held, strand) : QW_OK;
	strand->dirty = false;
	return err;
}

static enum qw_err load_part(void *ctx, enum qw_trait_kind kind, uint64_t key, const struct qw_strand_part *row)
{
	struct qw_strand *strand = qw_strand_find(ctx, kind, key);
	bool fresh;
	struct qw_strand_part *part = strand ? qw_strand_part_of(strand, row->tenant, &fresh) : NULL;

	if (part)
		*part = *row;
	return QW_OK;
}

enum qw_err qw_incidents_open(struct qw_incidents **out, const struct qw_incidents_parts *parts, struct qw_time now)
{
	struct qw_incidents *incidents = calloc(1, sizeof(*incidents));
	struct qw_incident_sum sum;

	if (!incidents)
		return QW_ENOMEM;
	incidents->parts = *parts;
	incidents->next = 1;
	enum qw_err err = qw_store_each_incident(parts->store, load_incident, incidents);
	if (err == QW_OK)
		err = qw_store_each_strand(parts->store, load_strand, load_part, incidents);
	if (err != QW_OK) {
		qw_incidents_free(incidents);
		return err;
	}
	incidents->budget_at = now;
	for (size_t i = 0; i < incidents->count; i++) {
		qw_incidents_sum(incidents, incidents->held[i].incident.number, &sum);
		incidents->held[i].told = sum.tenants;
	}
	*out = incidents;
	return QW_OK;
}

void qw_incidents_free(struct qw_incidents *incidents)
{
	if (!incidents)
		return;
	qw_strands_free(incidents);
	for (size_t i = 0; i < incidents->count; i++)
		free(incidents->held[i].strand);
	free(incidents->held);
	free(incidents);
}

enum qw_err qw_incidents_write(struct qw_incidents *incidents)
{
	size_t written = 0;

	for (size_t i = 0; i < QW_STRAND_SLOTS && written < WRITTEN; i++) {
		for (struct qw_strand *strand = incidents->slot[incidents->cursor]; strand; strand = strand->next) {
			if (!strand->dirty)
				continue;
			enum qw_err err = qw_store_put_strand(incidents->parts.store, strand);
			if (err != QW_OK)
				return err;
			strand->dirty = false;
			strand->written = true;
			written++;
		}
		incidents->cursor = (incidents->cursor + 1) % QW_STRAND_SLOTS;
	}
	return QW_OK;
}

static enum qw_err forget_incident(struct qw_incidents *incidents, size_t index)
{
	struct held_incident held = incidents->held[index];
	enum qw_err err = qw_store_drop_incident(incidents->parts.store, held.incident.number);

	incidents->held[index] = incidents->held[--incidents->count];
	for (size_t i = 0; i < held.strands; i++) {
		enum qw_err dropped = qw_strand_drop(incidents, held.strand[i]);
		err = err == QW_OK ? dropped : err;
	}
	free(held.strand);
	return err;
}

static enum qw_err forget_strands(struct qw_incidents *incidents, struct qw_time before)
{
	enum qw_err err = QW_OK;

	for (size_t i = 0; i < QW_STRAND_SLOTS && err == QW_OK; i++)
		for (struct qw_strand *strand = incidents->slot[i], *next; strand && err == QW_OK; strand = next) {
			next = strand->next;
			if (strand->incident == 0 && qw_time_before(strand->last, before))
				err = qw_strand_drop(incidents, strand);
		}
	return err;
}

enum qw_err qw_incidents_forget(struct qw_incidents *incidents, struct qw_time now)
{
	struct qw_time before = qw_time_sub(now, incidents->parts.window),
		       long_before = qw_time_ns(now.ns - incidents->parts.window.ns * FORGOTTEN_AFTER);
	enum qw_err err = forget_strands(incidents, before);
	struct qw_incident_sum sum;

	for (size_t i = incidents->count; i-- > 0 && err == QW_OK;) {
		qw_incidents_sum(incidents, incidents->held[i].incident.number, &sum);
		if (qw_time_before(sum.last, long_before))
			err = forget_incident(incidents, i);
	}
	return err;
}

/* ---- asking */

size_t qw_incidents_count(const struct qw_incidents *incidents)
{
	return incidents->count;
}

const struct qw_incident *qw_incidents_at(const struct qw_incidents *incidents, size_t index)
{
	return &incidents->held[index].incident;
}

const struct qw_incident *qw_incidents_find(const struct qw_incidents *incidents, uint64_t number)
{
	const struct held_incident *held = find(incidents, number);

	return held ? &held->incident : NULL;
}

void qw_incidents_each_strand(const struct qw_incidents *incidents, uint64_t number,
			      void (*visit)(void *ctx, const struct qw_strand *strand), void *ctx)
{
	const struct held_incident *held = find(incidents, number);

	for (size_t i = 0; held && i < held->strands; i++)
		visit(ctx, held->strand[i]);
}

enum qw_err qw_incidents_set(struct qw_incidents *incidents, uint64_t number, enum qw_incident_state state,
			     const char *reason, int64_t uid, struct qw_time now)
{
	struct held_incident *held = find(incidents, number);

	if (!held)
		return QW_ENOENT;
	struct qw_incident changed = held->incident;
	changed.state = state;
	changed.uid = uid;
	changed.changed = now;
	snprintf(changed.reason, sizeof(changed.reason), "%s", reason);
	enum qw_err err = qw_store_put_incident(incidents->parts.store, &changed);
	if (err == QW_OK)
		held->incident = changed;
	return err;
}

struct qw_incidents_stats qw_incidents_stats(const struct qw_incidents *incidents)
{
	return incidents->stats;
}

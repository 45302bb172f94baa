/* SPDX-License-Identifier: Apache-2.0 */
/* incidents_parts - what incidents.c, strands.c and incident_score.c share. */
#pragma once

#include "collector/incidents.h"

enum { QW_STRAND_SLOTS = 131072 };

struct held_incident {
	struct qw_incident incident;
	struct qw_strand **strand;
	size_t strands, room;
	size_t told; /* tenants that were told of */
	bool due;    /* to be looked at: there may be one more */
};

struct qw_incidents {
	struct qw_incidents_parts parts;
	struct qw_strand *slot[QW_STRAND_SLOTS];
	size_t strands, cursor, sweep; /* cursor: of what is written; sweep: of what is evicted */
	struct held_incident *held;
	size_t count;
	uint64_t next;
	bool due; /* of some incident */
	struct qw_time budget_at; /* the second that `joins` are of */
	unsigned joins;
	struct qw_incidents_stats stats;
};

const struct held_incident *qw_incidents_held(const struct qw_incidents *incidents, uint64_t number);

/* strands.c */

/* Finds it, or makes it; NULL: memory. */
struct qw_strand *qw_strand_get(struct qw_incidents *incidents, enum qw_trait_kind kind, uint64_t key, bool *fresh);
struct qw_strand *qw_strand_find(const struct qw_incidents *incidents, enum qw_trait_kind kind, uint64_t key);
/* The tenant's part, made if need be; NULL: no more fit. */
struct qw_strand_part *qw_strand_part_of(struct qw_strand *strand, const char *tenant, bool *fresh);
/* The same hosts at two tenants at least. */
bool qw_strands_are_kin(const struct qw_strand *a, const struct qw_strand *b);
void qw_strands_free(struct qw_incidents *incidents);
/* Out of the table and, if it was written, out of the store. */
enum qw_err qw_strand_drop(struct qw_incidents *incidents, struct qw_strand *strand) QW_MUSTCHECK;

/* SPDX-License-Identifier: Apache-2.0 */
/* strands - the table of strands: found by trait, bounded, the oldest that is one tenant's alone goes first. */
#include <stdlib.h>
#include <string.h>

#include "collector/incidents_parts.h"
#include "collector/store_incidents.h"
#include "quaywatch/hash.h"

enum { EVICT_LOOKED_AT = 32 };

static struct qw_strand **slot_of(struct qw_incidents *incidents, uint64_t key)
{
	return &incidents->slot[qw_mix64(key) % QW_STRAND_SLOTS];
}

struct qw_strand *qw_strand_find(const struct qw_incidents *incidents, enum qw_trait_kind kind, uint64_t key)
{
	struct qw_strand *strand = incidents->slot[qw_mix64(key) % QW_STRAND_SLOTS];

	while (strand && (strand->key != key || strand->kind != kind))
		strand = strand->next;
	return strand;
}

static void free_strand(struct qw_strand *strand)
{
	free(strand->part);
	free(strand);
}

enum qw_err qw_strand_drop(struct qw_incidents *incidents, struct qw_strand *strand)
{
	struct qw_strand **at = slot_of(incidents, strand->key);
	enum qw_err err = strand->written ? qw_store_drop_strand(incidents->parts.store, strand) : QW_OK;

	while (*at != strand)
		at = &(*at)->next;
	*at = strand->next;
	incidents->strands--;
	free_strand(strand);
	return err;
}

/* Of some, round about, the one that was silent for longest; what several tenants have stays as long as may be. */
static void evict(struct qw_incidents *incidents)
{
	struct qw_strand *oldest = NULL;
	unsigned looked = 0;

	for (size_t i = 0; i < QW_STRAND_SLOTS && (looked < EVICT_LOOKED_AT || !oldest); i++) {
		struct qw_strand *strand = incidents->slot[incidents->sweep];
		incidents->sweep = (incidents->sweep + 1) % QW_STRAND_SLOTS;
		for (; strand; strand = strand->next, looked++)
			if (strand->incident == 0 && (!oldest || strand->parts < oldest->parts ||
						      (strand->parts == oldest->parts && strand->last.ns < oldest->last.ns)))
				oldest = strand;
	}
	incidents->stats.evicted++;
	/* A row that the store could not drop is read again at the next start, and goes then. */
	enum qw_err err = oldest ? qw_strand_drop(incidents, oldest) : QW_OK;
	(void)err;
}

struct qw_strand *qw_strand_get(struct qw_incidents *incidents, enum qw_trait_kind kind, uint64_t key, bool *fresh)
{
	struct qw_strand *strand = qw_strand_find(incidents, kind, key);

	*fresh = !strand;
	if (strand)
		return strand;
	if (incidents->strands >= QW_STRANDS_MAX)
		evict(incidents);
	strand = incidents->strands < QW_STRANDS_MAX ? calloc(1, sizeof(*strand)) : NULL;
	if (!strand)
		return NULL;
	strand->kind = kind;
	strand->key = key;
	struct qw_strand **slot = slot_of(incidents, key);
	strand->next = *slot;
	*slot = strand;
	incidents->strands++;
	return strand;
}

struct qw_strand_part *qw_strand_part_of(struct qw_strand *strand, const char *tenant, bool *fresh)
{
	*fresh = false;
	for (size_t i = 0; i < strand->parts; i++)
		if (strcmp(strand->part[i].tenant, tenant) == 0)
			return &strand->part[i];
	if (strand->parts == QW_STRAND_TENANTS)
		return NULL;
	struct qw_strand_part *grown = realloc(strand->part, (strand->parts + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	strand->part = grown;
	struct qw_strand_part *part = &grown[strand->parts++];
	memset(part, 0, sizeof(*part));
	memcpy(part->tenant, tenant, strlen(tenant) + 1);
	*fresh = true;
	return part;
}

static bool share_actor(const struct qw_strand_part *a, const struct qw_strand_part *b)
{
	for (size_t i = 0; i < QW_STRAND_ACTORS && a->actor[i] != 0; i++)
		for (size_t k = 0; k < QW_STRAND_ACTORS && b->actor[k] != 0; k++)
			if (a->actor[i] == b->actor[k])
				return true;
	return false;
}

bool qw_strands_are_kin(const struct qw_strand *a, const struct qw_strand *b)
{
	unsigned tenants = 0;

	for (size_t i = 0; i < a->parts; i++)
		for (size_t k = 0; k < b->parts; k++)
			tenants += strcmp(a->part[i].tenant, b->part[k].tenant) == 0 && share_actor(&a->part[i], &b->part[k]);
	return tenants >= 2;
}

void qw_strands_free(struct qw_incidents *incidents)
{
	for (size_t i = 0; i < QW_STRAND_SLOTS; i++)
		for (struct qw_strand *strand = incidents->slot[i], *next; strand; strand = next) {
			next = strand->next;
			free_strand(strand);
		}
}

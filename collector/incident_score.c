/* SPDX-License-Identifier: Apache-2.0 */
/* incident_score - what an incident amounts to: order of tenants, spread, priority. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/incidents_parts.h"

static void add_part(struct qw_incident_sum *out, const struct qw_strand_part *part)
{
	size_t i = 0;

	while (i < out->tenants && strcmp(out->tenant[i].tenant, part->tenant) != 0)
		i++;
	if (i == QW_STRAND_TENANTS)
		return;
	struct qw_incident_tenant *tenant = &out->tenant[i];
	if (i == out->tenants) {
		out->tenants++;
		*tenant = (struct qw_incident_tenant){.first = part->first, .last = part->last};
		memcpy(tenant->tenant, part->tenant, sizeof(tenant->tenant));
	}
	if (qw_time_before(part->first, tenant->first))
		tenant->first = part->first;
	if (qw_time_before(tenant->last, part->last))
		tenant->last = part->last;
	tenant->count += part->count;
}

static int by_first(const void *a, const void *b)
{
	const struct qw_incident_tenant *one = a, *two = b;

	if (one->first.ns != two->first.ns)
		return one->first.ns < two->first.ns ? -1 : 1;
	return strcmp(one->tenant, two->tenant);
}

static unsigned speed_of(const struct qw_incident_sum *sum)
{
	int64_t gap = sum->tenants > 1 ? sum->tenant[1].first.ns - sum->tenant[0].first.ns : INT64_MAX;

	return gap <= 3600 * QW_NS_PER_S ? 15 : gap <= 86400 * QW_NS_PER_S ? 8 : 0;
}

static unsigned score(const struct qw_incident_sum *sum, unsigned confidence, bool ot)
{
	static const unsigned of_severity[] = {0, 40, 27, 13};
	unsigned severity = sum->severity < 4 ? of_severity[sum->severity] : 0;
	unsigned spread = sum->tenants > 0 ? (unsigned)(30 - 30 / sum->tenants) : 0;

	return severity + spread + speed_of(sum) + confidence / 10 + (ot ? 5 : 0);
}

/* The gravest signature's text names it; else what its first strand is. */
static bool is_better_title(const struct qw_strand *strand, unsigned best)
{
	return strand->text[0] && strand->severity != 0 && (best == 0 || strand->severity < best);
}

void qw_incidents_sum(const struct qw_incidents *incidents, uint64_t number, struct qw_incident_sum *out)
{
	const struct held_incident *held = qw_incidents_held(incidents, number);
	unsigned confidence = 0;
	bool ot = false;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; held && i < held->strands; i++) {
		const struct qw_strand *strand = held->strand[i];
		if (is_better_title(strand, out->severity)) {
			out->severity = strand->severity;
			memcpy(out->title, strand->text, sizeof(out->title));
		}
		confidence = strand->confidence > confidence ? strand->confidence : confidence;
		ot |= strand->ot;
		for (size_t k = 0; k < strand->parts; k++)
			add_part(out, &strand->part[k]);
	}
	out->strands = held ? held->strands : 0;
	qsort(out->tenant, out->tenants, sizeof(out->tenant[0]), by_first);
	for (size_t i = 0; i < out->tenants; i++) {
		if (i == 0 || qw_time_before(out->last, out->tenant[i].last))
			out->last = out->tenant[i].last;
		out->count += out->tenant[i].count;
	}
	out->first = out->tenant[0].first;
	out->priority = score(out, confidence, ot);
	if (!out->title[0] && out->strands > 0)
		snprintf(out->title, sizeof(out->title), "%s %s", qw_trait_kind_name(held->strand[0]->kind), held->strand[0]->value);
}

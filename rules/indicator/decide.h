/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decide - what the entries of one key say, both images and the time considered.
 *
 * Queries walk their keys from the longest match to the shortest and stop at
 * the first verdict.  Any number of threads.
 */
#pragma once

#include "quaywatch/indicators.h"
#include "rules/indicator/set.h"

enum qw_verdict {
	QW_VERDICT_NONE,
	QW_VERDICT_ALLOWED,
	QW_VERDICT_BLOCKED,
};

/*
 * A key to look up.  A record fits if it is head, then tail; where tail is
 * there, a ":port" may stand between the two.
 */
struct qw_probe {
	enum qw_group group;
	enum qw_observable_type type;
	struct qw_slice head, tail;
	unsigned part; /* of the big layer, where it stands */
	uint64_t hash[QW_SIDES];
};

struct qw_decision {
	const struct qw_table *table;
	struct qw_record record;
};

/* The big layer's table that a probe looks into. */
static inline const struct qw_table *qw_probe_base(const struct qw_indicators *set, const struct qw_probe *probe)
{
	return &set->base->table[probe->part];
}

/* What stands where its hash says: not for prefixes and ports. */
static inline void qw_probe_place(struct qw_probe *probe, const struct qw_indicators *set)
{
	probe->part = qw_base_part(set, probe->hash[QW_SIDE_BASE]);
}

/* False: the filters know that neither layer has it. */
static inline bool qw_probe_maybe(const struct qw_indicators *set, const struct qw_probe *probe)
{
	if (qw_filter_holds(&qw_probe_base(set, probe)->shelf[probe->group].filter, probe->hash[QW_SIDE_BASE]))
		return true;
	return set->layered && qw_filter_holds(&set->overlay.shelf[probe->group].filter, probe->hash[QW_SIDE_OVERLAY]);
}

/* BLOCKED: *out says by which record. */
enum qw_verdict qw_decide(const struct qw_indicators *set, struct qw_moment at, const struct qw_probe *probe,
			  struct qw_decision *out);

/* Describes the record that decided. */
void qw_hit_fill(struct qw_hit *out, const struct qw_decision *decision);

/* The verdict on an address with all that holds it, and on a name with its parents. */
enum qw_verdict qw_decide_address(const struct qw_indicators *set, struct qw_moment at,
				  const struct qw_address *address, uint16_t port, struct qw_decision *out);
enum qw_verdict qw_decide_name(const struct qw_indicators *set, struct qw_moment at, const char *name, size_t len,
			       struct qw_decision *out);

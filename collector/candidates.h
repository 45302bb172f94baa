/* SPDX-License-Identifier: Apache-2.0 */
/*
 * candidates - what was said of values that may become indicators, and how far who said it is believed.
 *
 * A candidate is a value; its evidence is who (tenant, sensor) said it, when,
 * how sure, and how it came.  One SQLite file of its own (candidates.db): no
 * evidence ever lies beside what goes to other tenants.
 *
 * Bounded per sensor, per tenant and in all: one sensor that fills what it may
 * leaves its tenant as much.  What is over is refused and counted.  What is
 * old goes.  Writes stay open until qw_candidates_commit.  One thread; texts
 * handed to a visitor are valid during the call only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/credit.h"
#include "collector/name.h"
#include "quaywatch/err.h"
#include "quaywatch/indicator.h"

enum {
	QW_CANDIDATES_MAX = 200000,
	QW_CANDIDATES_PER_TENANT = 20000,
	QW_CANDIDATES_PER_SENSOR = QW_CANDIDATES_PER_TENANT / 2,
	QW_EVIDENCE_TEXT_MAX = 256
};

enum qw_evidence_kind { QW_EVIDENCE_OPERATOR, QW_EVIDENCE_FEED, QW_EVIDENCE_PROPOSAL, QW_EVIDENCE_ALERT, QW_EVIDENCE_KINDS };
const char *qw_evidence_kind_name(enum qw_evidence_kind kind);

struct qw_evidence {
	const char *tenant, *sensor; /* "" of an operator or a feed */
	enum qw_evidence_kind kind;
	uint8_t confidence;
	enum qw_tlp tlp;
	uint32_t gid, sid; /* the signature that asked for it */
	const char *reason;
	struct qw_time first, last;
};

struct qw_candidates_stats {
	uint64_t held;                  /* rows of evidence */
	uint64_t over_sensor, over_tenant, over_all; /* refused: a bound is reached */
	uint64_t expired;
};

struct qw_candidates;

/* QW_EVERSION, QW_EFORMAT: as of qw_store_open. */
enum qw_err qw_candidates_open(struct qw_candidates **out, const char *path) QW_MUSTCHECK;
void qw_candidates_close(struct qw_candidates *candidates); /* commits; NULL is fine */
enum qw_err qw_candidates_commit(struct qw_candidates *candidates) QW_MUSTCHECK;
const char *qw_candidates_message(const struct qw_candidates *candidates);
struct qw_candidates_stats qw_candidates_stats(const struct qw_candidates *candidates);

/* Adds, or renews what the same sensor said before (`first` and a stricter label stay).  QW_ELIMIT: no room. */
enum qw_err qw_candidates_put(struct qw_candidates *candidates, const struct qw_observable *observable,
			      const struct qw_evidence *evidence, struct qw_time now) QW_MUSTCHECK;

/* What the tenant's sensors said of the value is under this label from now on, if theirs is more open. */
enum qw_err qw_candidates_bind(struct qw_candidates *candidates, const struct qw_observable *observable,
			       const char *tenant, enum qw_tlp tlp) QW_MUSTCHECK;

/* All that was said of a value, tenant by tenant. */
typedef enum qw_err qw_evidence_visit(void *ctx, const struct qw_evidence *evidence);
enum qw_err qw_candidates_each_evidence(struct qw_candidates *candidates, const struct qw_observable *observable,
					qw_evidence_visit *visit, void *ctx) QW_MUSTCHECK;

/* What became of it, as a word and a sentence; kept as long as the evidence. */
enum qw_err qw_candidates_judge(struct qw_candidates *candidates, const struct qw_observable *observable,
				const char *verdict, const char *why, struct qw_time now) QW_MUSTCHECK;

struct qw_candidate {
	struct qw_observable observable;
	const char *verdict, *why;
	uint64_t tenants; /* distinct, believed or not */
	struct qw_time first, last;
};
typedef enum qw_err qw_candidate_visit(void *ctx, const struct qw_candidate *candidate);
/* Newest first.  observable NULL: all. */
enum qw_err qw_candidates_each(struct qw_candidates *candidates, const struct qw_observable *observable, size_t limit,
			       qw_candidate_visit *visit, void *ctx) QW_MUSTCHECK;

/* The verdict of a candidate that has its tenants together and is being tried dry. */
#define QW_CANDIDATE_TRYING "trying"

/* Those that were said to be tried before then, and nothing more was said: the oldest first. */
typedef enum qw_err qw_trying_visit(void *ctx, const struct qw_observable *observable);
enum qw_err qw_candidates_each_trying(struct qw_candidates *candidates, struct qw_time before, size_t limit,
				      qw_trying_visit *visit, void *ctx) QW_MUSTCHECK;

/* Forgets evidence that was not renewed since. */
enum qw_err qw_candidates_expire(struct qw_candidates *candidates, struct qw_time before) QW_MUSTCHECK;

/* ---- credit, of a tenant (sensor "") and of each of its sensors */

enum qw_err qw_candidates_put_credit(struct qw_candidates *candidates, const struct qw_identity *who,
				     const struct qw_credit *credit) QW_MUSTCHECK;
typedef enum qw_err qw_credit_visit(void *ctx, const struct qw_identity *who, const struct qw_credit *credit);
enum qw_err qw_candidates_each_credit(struct qw_candidates *candidates, qw_credit_visit *visit, void *ctx) QW_MUSTCHECK;

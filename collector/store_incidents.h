/* SPDX-License-Identifier: Apache-2.0 */
/* store_incidents - incidents and their strands in collector.db. */
#pragma once

#include "collector/incidents.h"
#include "collector/store.h"

enum qw_err qw_store_put_incident(struct qw_store *store, const struct qw_incident *incident) QW_MUSTCHECK;
enum qw_err qw_store_drop_incident(struct qw_store *store, uint64_t number) QW_MUSTCHECK;
typedef enum qw_err qw_incident_visit(void *ctx, const struct qw_incident *incident);
enum qw_err qw_store_each_incident(struct qw_store *store, qw_incident_visit *visit, void *ctx) QW_MUSTCHECK;

/* With its parts. */
enum qw_err qw_store_put_strand(struct qw_store *store, const struct qw_strand *strand) QW_MUSTCHECK;
enum qw_err qw_store_drop_strand(struct qw_store *store, const struct qw_strand *strand) QW_MUSTCHECK;
typedef enum qw_err qw_strand_visit(void *ctx, const struct qw_strand *strand); /* without parts */
typedef enum qw_err qw_part_visit(void *ctx, enum qw_trait_kind kind, uint64_t key, const struct qw_strand_part *part);
enum qw_err qw_store_each_strand(struct qw_store *store, qw_strand_visit *strand, qw_part_visit *part, void *ctx) QW_MUSTCHECK;

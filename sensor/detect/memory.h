/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory - what rules are told of the past, and what they leave for the future.
 *
 * Internal to detect/.  One worker.  Rules that neither ask nor leave anything
 * never come here, but for one look at a packet's flow and at the clock of tags.
 */
#pragma once

#include "sensor/detect/inspection.h"

/* For a confirmation: what is enough for tests, not for changes.  message NULL: none. */
void qw_memory_test_recall(const struct qw_inspector *inspector, const struct qw_facts *facts,
			   const struct qw_message *message, struct qw_recall *out);

/* A rule has matched: carries out what it wants remembered. */
void qw_memory_effects(struct qw_inspector *inspector, uint32_t rule, const struct qw_scene *scene);

/* Does the match alert?  Counted where it does not; *until: as qw_signatures_limit says. */
bool qw_memory_alerts(struct qw_inspector *inspector, uint32_t rule, const struct qw_scene *scene, struct qw_time *until);

/* A rule alerts: tags what it wants tagged. */
void qw_memory_tag(struct qw_inspector *inspector, uint32_t rule, const struct qw_scene *scene);

/* Is the current packet to be reported because of an earlier alert?  Asked once for each packet: it counts. */
bool qw_memory_tagged(struct qw_inspector *inspector);

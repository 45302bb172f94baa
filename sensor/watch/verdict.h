/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict - whether somebody answered: a flow's begin may be told before its answer came, so it is said when that is known.
 *
 * Bounded: of flows that began and nobody knows, so many are remembered.
 */
#pragma once

#include "quaywatch/err.h"
#include "sensor/watch/seen.h"

struct qw_verdicts;

enum qw_err qw_verdicts_new(struct qw_verdicts **out) QW_MUSTCHECK;
void qw_verdicts_free(struct qw_verdicts *verdicts);

/* Of the flow that was seen, QW_SEEN_ANSWERED or QW_SEEN_SILENT exactly once.  *pushed: another flow had to go, and will have none. */
enum qw_seen_verdict qw_verdicts_say(struct qw_verdicts *verdicts, const struct qw_seen *seen, bool *pushed);

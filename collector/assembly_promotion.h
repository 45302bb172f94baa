/* SPDX-License-Identifier: Apache-2.0 */
/* assembly_promotion - the collector's policy, candidates, credit, dry runs and promotion. */
#pragma once

#include "collector/collector.h"
#include "quaywatch/diag.h"

/* After the channels are open.  Complaints about the configuration are added.  qw_collector_close ends it, opened
 * wholly or not. */
enum qw_err qw_collector_open_promotion(struct qw_collector *collector, struct qw_diags *diags) QW_MUSTCHECK;

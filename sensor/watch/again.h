/* SPDX-License-Identifier: Apache-2.0 */
/*
 * again - what was told already: one finding of one pair of hosts is one alert in a while.
 *
 * A bounded table; where it is full, what was told longest ago goes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "sensor/watch/finding.h"

struct qw_again;

/* `span` 0: everything is told. */
enum qw_err qw_again_new(struct qw_again **out, struct qw_time span) QW_MUSTCHECK;
void qw_again_free(struct qw_again *again);

/*
 * How many findings an alert stands for that is told now: this one, and those
 * that were kept back before; 0: it is kept back.  *pushed: something that is
 * not over yet had to go for it.
 */
uint64_t qw_again_count(struct qw_again *again, const struct qw_finding_key *key, struct qw_time now, bool *pushed);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern - the observables that a STIX pattern compares with (STIX 2.1, section 9).
 *
 * Comparisons joined by AND, OR and FOLLOWEDBY are taken one by one; '=', IN
 * and ISSUBSET are followed, what is negated, ordered or a wildcard is not.
 * Within one observation an address and a port of network-traffic become one
 * "ip:port".  One thread, no allocation.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"
#include "quaywatch/observable.h"

struct qw_pattern_value {
	enum qw_observable_type type; /* QW_OBS_COUNT: none that traffic shows */
	const char *text;
	size_t len;
};

typedef enum qw_err qw_pattern_sink(void *ctx, const struct qw_pattern_value *value);

/* QW_EFORMAT: it does not parse; *why says so.  Values before the mistake were handed on.  Other errors are the sink's.
 */
enum qw_err qw_pattern_read(struct qw_slice pattern, qw_pattern_sink *sink, void *ctx, const char **why) QW_MUSTCHECK;

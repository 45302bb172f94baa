/* SPDX-License-Identifier: Apache-2.0 */
/* hours - weekly spans of time in UTC: "06:00-18:00", "mon-fri 06:00-18:00"; one that ends before it begins runs past midnight. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/time.h"

struct qw_hours {
	uint8_t days; /* on which it begins; Sunday is bit 0 */
	uint32_t from, to; /* seconds of the day */
};

/* QW_EFORMAT: it is written otherwise. */
enum qw_err qw_hours_parse(struct qw_hours *out, const char *text, size_t len) QW_MUSTCHECK;
bool qw_hours_hold(const struct qw_hours *hours, struct qw_time time);

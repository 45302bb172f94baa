/* SPDX-License-Identifier: Apache-2.0 */
/* nmea_number - numbers and times of sentences, in whole numbers only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"

/*
 * "-12.5" with 3 decimals is -12500; digits beyond are dropped.  False: empty,
 * not a number, or of more than twelve digits before the point; *out stands.
 */
bool qw_nmea_fixed(struct qw_slice text, unsigned decimals, int64_t *out);

/* The same, within 0 and max. */
bool qw_nmea_natural(struct qw_slice text, unsigned decimals, uint32_t max, uint32_t *out);

/* "5157.1", "N": degrees and minutes, in 1e-7 degrees; the letter is one of `ways`, the second of which is negative. */
bool qw_nmea_degrees(struct qw_slice text, struct qw_slice way, const char *ways, int32_t most, int32_t *out);

/* "120000.50": milliseconds since midnight. */
bool qw_nmea_time(struct qw_slice text, uint32_t *out);

/* "231126": 20261123. */
bool qw_nmea_date(struct qw_slice text, uint32_t *out);

/* 20261123 of these; false: there is no such day. */
bool qw_nmea_day(uint32_t year, uint32_t month, uint32_t day, uint32_t *out);

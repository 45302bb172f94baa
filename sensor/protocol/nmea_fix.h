/* SPDX-License-Identifier: Apache-2.0 */
/* nmea_fix - what sentences say of place, time and motion, as a position. */
#pragma once

#include "quaywatch/position.h"
#include "sensor/protocol/nmea_sentence.h"

/* Fields that say nothing, or nonsense, are left out; has 0: the sentence says none of it. */
void qw_nmea_fix(struct qw_position *position, const struct qw_nmea_sentence *sentence);

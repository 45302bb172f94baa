/* SPDX-License-Identifier: Apache-2.0 */
/* sight - holds addresses and fields against the indicators in force. */
#pragma once

#include <stdint.h>

#include "quaywatch/indicators.h"
#include "sensor/detect/report.h"

/* Both ends of the scene's packet (MAC addresses with them); reports what is listed. */
void qw_sight_packet(const struct qw_indicators *set, struct qw_moment at, struct qw_reporter *reporter,
		     const struct qw_scene *scene);

/* Every fresh field of the scene's message. */
void qw_sight_message(const struct qw_indicators *set, struct qw_moment at, struct qw_reporter *reporter,
		      const struct qw_scene *scene);

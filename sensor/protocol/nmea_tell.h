/* SPDX-License-Identifier: Apache-2.0 */
/* nmea_tell - sentences, positions and AIS as `ot` events. */
#pragma once

#include "quaywatch/ot.h"
#include "sensor/protocol/ais_order.h"
#include "sensor/protocol/nmea_sentence.h"

/* What stands in memory while a sentence is published. */
struct qw_nmea_scene {
	struct qw_nmea_sentence sentence;
	struct qw_position position;
	struct qw_ais ais;  /* type 0: the sentence completes none */
	bool odd_ais;       /* what it carries is none */
	uint16_t missing;   /* lines before this one */
	struct qw_ot_detail detail;
	char time[16], date[16], kind[8], indications[96], dimensions[32], eta[16], vendor[4], order[QW_AIS_ORDER_TEXT_MAX];
};

/* Fills the detail from all of the rest. */
void qw_nmea_tell(struct qw_nmea_scene *scene);

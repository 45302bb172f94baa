/* SPDX-License-Identifier: Apache-2.0 */
/* ais_order - what a shore station makes others do, in words. */
#pragma once

#include "quaywatch/text.h"
#include "sensor/protocol/ais.h"

enum { QW_AIS_ORDER_TEXT_MAX = 224 };

/*
 * "channels 2087 and 2088, sent on both, low power, within 51.9000 4.5000 and
 * 51.7000 4.1000".  Nothing for messages that order nothing.
 */
void qw_ais_put_order(struct qw_text *text, const struct qw_ais *ais);

/* SPDX-License-Identifier: Apache-2.0 */
/* event_types - the words of --events and alerts.events as a set of bits. */
#pragma once

#include <stdint.h>

#include "quaywatch/config.h"
#include "sensor/run/options.h"

/* Bits 1 << enum qw_event_type; words that name no type were complained about before (qw_event_types_check). */
uint32_t qw_event_types_of(const struct qw_options *options, const struct qw_config *config);

/* False: a word is no event type; one line on standard error says which are. */
bool qw_event_types_check(const struct qw_options *options, const struct qw_config *config);

/* SPDX-License-Identifier: Apache-2.0 */
/* facts - what a packet and its flow say of themselves, for rule headers. */
#pragma once

#include "quaywatch/flow.h"
#include "quaywatch/packet.h"
#include "quaywatch/signatures.h"

/* flow may be NULL. */
void qw_facts_of_packet(struct qw_facts *facts, const struct qw_flow *flow, enum qw_direction direction,
			const struct qw_packet *packet);

/* Of a direction of a flow, with no packet at hand. */
void qw_facts_of_flow(struct qw_facts *facts, const struct qw_flow *flow, enum qw_direction direction);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * side - which of two ends is the client, where no handshake tells.
 *
 * Ports give a first guess.  The first data of either direction may tell
 * better (qw_parser_speaker); then all that a flow keeps by direction
 * changes places.  One worker.
 */
#pragma once

#include <stdbool.h>

#include "quaywatch/flow.h"
#include "quaywatch/packet.h"

/* Of a flow's first packet: is its sender the client?  *guess: nothing but ports, or who came first, says so. */
bool qw_side_sender_is_client(const struct qw_packet *packet, bool *guess);

/* Does the port of the flow's `direction`'s sender look more like a service's than the other end's? */
bool qw_side_sender_serves(const struct qw_flow *flow, enum qw_direction direction);

/* Are the ports so clear that no data should say otherwise? */
bool qw_side_is_sure(const struct qw_flow *flow);

/* Client and server change places. */
void qw_side_turn(struct qw_flow *flow);

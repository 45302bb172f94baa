/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream_event - what was odd about a TCP packet, given what its connection made of it.
 *
 * Names are Suricata's, which follow the states of its own engine: CLOSE_WAIT
 * is a client that has closed, FIN_WAIT a server.
 */
#pragma once

#include "sensor/flow/assemble.h"

/* Is there anything to look for?  Not with plain segments of an established connection that were taken. */
static inline bool qw_stream_is_plain(const struct qw_stream_push *push, uint8_t before, enum qw_stream_result result)
{
	const uint8_t odd = QW_TCP_SYN | QW_TCP_FIN | QW_TCP_RST;
	return result == QW_STREAM_TAKEN && before == QW_TCP_ESTABLISHED &&
	       (push->packet->tcp_flags & (odd | QW_TCP_ACK)) == QW_TCP_ACK;
}

/* before: the connection's state when the packet came.  Events go into the streams' set. */
void qw_stream_note(const struct qw_stream_push *push, uint8_t before, enum qw_stream_result result);

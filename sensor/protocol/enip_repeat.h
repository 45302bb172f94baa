/* SPDX-License-Identifier: Apache-2.0 */
/* enip_repeat - which frames of EtherNet/IP say what earlier ones did (repeat.h). */
#pragma once

#include "quaywatch/hash.h"
#include "sensor/protocol/cip.h"
#include "sensor/protocol/enip_message.h"
#include "sensor/protocol/repeat.h"

/* Of a request and its answer; number: the sequence number of a connection, else the sender's context. */
static inline uint64_t qw_enip_pair_key(uint16_t command, bool connected, uint64_t number)
{
	return qw_mix64(number) ^ (uint64_t)command << 8 ^ connected;
}

/* As qw_repeat_is; fills which way it goes, what tells it, and its key. */
bool qw_enip_is_repeated(struct qw_repeat *repeat, struct qw_repeat_frame *frame);

/* What may differ in it. */
void qw_enip_note_varying(struct qw_repeat *repeat, const struct qw_enip_message *message, const struct qw_cip *cip,
			  struct qw_bytes frame);

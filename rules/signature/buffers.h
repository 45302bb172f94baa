/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buffers - what the engine must know of each buffer beside its name.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/buffer.h"

enum qw_way { QW_EITHER_WAY, QW_UPWARD, QW_DOWNWARD }; /* to the server, to the client */

struct qw_buffer_trait {
	uint8_t way;
	bool many;   /* several values in one message: each mention asks for one of its own */
	bool header; /* of a packet; taken from its facts */
	bool lasting; /* … and known where there is no packet, too: of the flow */
	bool coarse; /* most messages have it, with few values: rules are better found by another of theirs */
	bool lower;  /* always lower case: a pattern in upper case can never match */
};

const struct qw_buffer_trait *qw_buffer_trait(enum qw_buffer buffer);

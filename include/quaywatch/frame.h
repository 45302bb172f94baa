/* SPDX-License-Identifier: Apache-2.0 */
/* frame - one captured frame, as the source of packets hands it on. */
#pragma once

#include <stdint.h>

#include "quaywatch/time.h"

struct qw_frame {
	const uint8_t *data; /* the source's; valid until its release() */
	uint32_t len;        /* bytes captured */
	uint32_t wire_len;   /* bytes there were */
	struct qw_time time;
	uint16_t link;       /* LINKTYPE_ value (tcpdump.org/linktypes.html) */
	uint16_t interface;  /* number of the source's interface, from 0 */
};

/* SPDX-License-Identifier: Apache-2.0 */
/* profinet - the kinds of PROFINET frames right above Ethernet; each is told in a file of its own. */
#pragma once

#include "sensor/protocol/link.h"

enum { QW_PROFINET_MALFORMED = 1 };

/* What is odd of all of them. */
extern const struct qw_link_odd qw_profinet_odds[];

/* Discovery and configuration: frame ids 0xfefc to 0xfeff. */
void qw_profinet_dcp(const struct qw_link_call *call, uint16_t frame_id, struct qw_bytes in);

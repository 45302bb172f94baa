/* SPDX-License-Identifier: Apache-2.0 */
/* tls_plc - TLS where controllers listen: since their newer firmware, engineering stations talk S7comm-plus in it. */
#pragma once

#include "sensor/protocol/parser.h"

/*
 * A client says hello: at the port of controllers, while somebody looks at
 * industrial protocols, this is an event of theirs.  state: of the TLS parser.
 */
void qw_tls_plc_hello(void *state, struct qw_flow *flow, enum qw_direction direction,
		      const struct qw_message_sink *sink);

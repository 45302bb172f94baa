/* SPDX-License-Identifier: Apache-2.0 */
/* quic_google - the client hello of Google's QUIC, before there was TLS in it. */
#pragma once

#include <stdbool.h>

#include "quaywatch/bytes.h"

struct qw_quic_google_hello {
	struct qw_slice server_name, user_agent;
};

/* Finds "CHLO" with its table of tags.  False: there is none. */
bool qw_quic_google_find(struct qw_bytes in, struct qw_quic_google_hello *out);

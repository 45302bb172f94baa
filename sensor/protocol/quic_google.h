/* SPDX-License-Identifier: Apache-2.0 */
/* quic_google - the client hello of Google's QUIC, before there was TLS in it. */
#pragma once

#include <stdbool.h>

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

struct qw_quic_google_hello {
	struct qw_slice server_name, user_agent;
	struct qw_slice tags; /* rows of 8 bytes: name, end of its value */
};

/* Finds "CHLO" with its table of tags.  False: there is none. */
bool qw_quic_google_find(struct qw_bytes in, struct qw_quic_google_hello *out);

/* The fingerprint "CYU": "46,PAD-SNI-VER-…", from the version ("Q046" as a number) and the tags' names. */
void qw_quic_google_cyu(struct qw_text *out, uint32_t version, const struct qw_quic_google_hello *hello);

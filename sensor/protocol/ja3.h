/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ja3 - JA3 and JA3S, the texts whose MD5 names a TLS client or server.
 *
 * As published by Salesforce: decimal numbers in the order of the wire,
 * GREASE left out.  Any thread.
 */
#pragma once

#include "quaywatch/text.h"
#include "sensor/protocol/tls_hello.h"

enum { QW_JA3_TEXT_MAX = 4096 }; /* enough for 300 ciphers and 300 extensions */

/* "version,ciphers,extensions,groups,formats" */
void qw_ja3_client(struct qw_text *out, const struct qw_tls_hello *hello);

/* "version,cipher,extensions" */
void qw_ja3_server(struct qw_text *out, const struct qw_tls_hello *hello);

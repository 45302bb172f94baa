/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ja4 - the JA4 fingerprint of a TLS client (FoxIO's technical description).
 *
 * "t13d1516h2_8daaf6152771_e5627efa2ab1": transport, version, whether a
 * server is named, numbers of ciphers and extensions, first and last letter
 * of the first ALPN; then the sorted ciphers and the sorted extensions with
 * the signature algorithms, each as the start of a SHA-256.  Any thread.
 */
#pragma once

#include "sensor/protocol/tls_hello.h"

enum { QW_JA4_LEN = 36 };

/* transport: 't' TCP, 'q' QUIC.  QW_ELIMIT: more ciphers or extensions than are sorted. */
enum qw_err qw_ja4(char out[QW_JA4_LEN], const struct qw_tls_hello *hello, char transport) QW_MUSTCHECK;

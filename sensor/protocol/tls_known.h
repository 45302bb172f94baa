/* SPDX-License-Identifier: Apache-2.0 */
/* tls_known - the fields that a TLS handshake gives, over TCP and QUIC. */
#pragma once

#include "quaywatch/time.h"
#include "sensor/protocol/known.h"
#include "sensor/protocol/tls_hello.h"

/* The buffers that differ between TLS and QUIC; QW_BUFFER_COUNT: none. */
struct qw_tls_buffers {
	enum qw_buffer server_name, alpn, version, random;
	char transport; /* JA4's letter */
};

void qw_tls_known_client(void *state, struct qw_known *known, const struct qw_tls_hello *hello,
			 const struct qw_tls_buffers *buffers);
void qw_tls_known_server(void *state, struct qw_known *known, const struct qw_tls_hello *hello,
			 const struct qw_tls_buffers *buffers);

/* The certificate that a side shows as its own.  Returns its alternative names (sensor/protocol/certificate.h). */
struct qw_bytes qw_tls_known_certificate(void *state, struct qw_known *known, struct qw_bytes der, struct qw_time now);

/* What an event says, as far as it is known; by enum qw_direction. */
void qw_tls_detail(struct qw_tls_detail *out, const struct qw_known known[2]);

/* SPDX-License-Identifier: Apache-2.0 */
/* tls_facts - the fields that a TLS handshake gives, over TCP and QUIC. */
#pragma once

#include "sensor/protocol/facts.h"
#include "sensor/protocol/tls_hello.h"

/* The buffers that differ between TLS and QUIC; QW_BUFFER_COUNT: none. */
struct qw_tls_buffers {
	enum qw_buffer server_name, alpn, version, random;
	char transport; /* JA4's letter */
};

void qw_tls_facts_client(void *state, struct qw_facts *facts, const struct qw_tls_hello *hello,
			 const struct qw_tls_buffers *buffers);
void qw_tls_facts_server(void *state, struct qw_facts *facts, const struct qw_tls_hello *hello,
			 const struct qw_tls_buffers *buffers);

/* The certificate that a side shows as its own. */
void qw_tls_facts_certificate(void *state, struct qw_facts *facts, struct qw_bytes der);

/* What an event says, as far as it is known. */
void qw_tls_detail(struct qw_tls_detail *out, const struct qw_facts *facts);

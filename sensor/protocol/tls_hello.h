/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_hello - ClientHello and ServerHello taken apart, for TLS and QUIC alike.
 *
 * Slices point into the handshake message.  No allocation, no state; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"

enum qw_tls_version {
	QW_SSL_3 = 0x0300,
	QW_TLS_10 = 0x0301,
	QW_TLS_11 = 0x0302,
	QW_TLS_12 = 0x0303,
	QW_TLS_13 = 0x0304,
};

enum qw_tls_extension {
	QW_TLS_EXT_SERVER_NAME = 0,
	QW_TLS_EXT_GROUPS = 10,
	QW_TLS_EXT_POINT_FORMATS = 11,
	QW_TLS_EXT_SIGNATURES = 13,
	QW_TLS_EXT_ALPN = 16,
	QW_TLS_EXT_VERSIONS = 43,
};

/* What is wrong with the extension that names the server, one bit each. */
enum qw_tls_name_flaw {
	QW_TLS_NAME_TWICE = 1 << 0,
	QW_TLS_NAME_TYPE = 1 << 1,
	QW_TLS_NAME_LENGTH = 1 << 2,
};

/* Lists are the bytes of their elements, without the length before them. */
struct qw_tls_hello {
	uint16_t version;  /* of the field; newer ones are in `versions` */
	uint16_t cipher;   /* ServerHello: the one chosen */
	bool names_server; /* the extension is there, whatever is in it */
	bool retry;        /* a HelloRetryRequest */
	uint8_t name_flaws; /* enum qw_tls_name_flaw */
	struct qw_slice random, session;
	struct qw_slice ciphers;    /* 16 bits each */
	struct qw_slice extensions; /* type, length, body each */
	struct qw_slice server_name;
	struct qw_slice alpn;       /* length, name each */
	struct qw_slice groups, signatures, versions; /* 16 bits each */
	struct qw_slice point_formats;                /* 8 bits each */
};

/* body: of the handshake message, behind its length.  QW_ETRUNC: it ends early. */
enum qw_err qw_tls_client_hello(struct qw_tls_hello *out, struct qw_bytes body) QW_MUSTCHECK;
enum qw_err qw_tls_server_hello(struct qw_tls_hello *out, struct qw_bytes body) QW_MUSTCHECK;

/* The highest version that it offers, or the one it chose. */
uint16_t qw_tls_hello_version(const struct qw_tls_hello *hello);

/* "TLS 1.2"; "UNDETERMINED" where there is no name for it.  Suricata's spelling. */
const char *qw_tls_version_name(uint16_t version);

/* RFC 8701: values that say nothing. */
static inline bool qw_tls_is_grease(uint16_t value)
{
	return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/* The next extension of hello->extensions. */
static inline bool qw_tls_extension_next(struct qw_bytes *in, uint16_t *type, struct qw_bytes *body)
{
	uint16_t len;
	return qw_bytes_be16(in, type) && qw_bytes_be16(in, &len) && qw_bytes_take(in, len, body);
}

/* The next name of hello->alpn. */
static inline bool qw_tls_alpn_next(struct qw_bytes *in, struct qw_bytes *name)
{
	uint8_t len;
	return qw_bytes_u8(in, &len) && qw_bytes_take(in, len, name);
}

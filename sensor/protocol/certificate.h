/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate - what an X.509 certificate says of itself, for people and signatures.
 *
 * Only what names it and its time is read; nothing is verified.  Any thread.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"
#include "quaywatch/text.h"

enum { QW_CERTIFICATE_NAME_MAX = 2048 };

struct qw_certificate {
	struct qw_slice serial; /* as encoded: a leading zero byte is part of it */
	struct qw_bytes issuer, subject; /* the inside of the name's sequence */
	int64_t not_before, not_after;   /* seconds since 1970; 0: does not read */
	struct qw_bytes alternatives;    /* the inside of subjectAltName; empty: none */
};

enum { QW_CERTIFICATE_ALTERNATIVE_MAX = 64 }; /* text of those that are no text themselves */

/* Slices point into der.  QW_EFORMAT: it is no certificate. */
enum qw_err qw_certificate_parse(struct qw_certificate *out, struct qw_bytes der) QW_MUSTCHECK;

/* "C=US, O=Example, CN=example.com": order of the certificate, Suricata's spelling. */
void qw_certificate_name(struct qw_text *out, struct qw_bytes name);

/*
 * Cuts the next name off certificate.alternatives: hosts, mail addresses and
 * URIs as they are, IP addresses as text in `memory`.  False: no more.
 */
bool qw_certificate_alternative(struct qw_bytes *in, char memory[QW_CERTIFICATE_ALTERNATIVE_MAX], struct qw_slice *out);

/* "00:A1:…" or "00:a1:…" */
void qw_text_colon_hex(struct qw_text *out, struct qw_slice bytes, bool upper);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value - one maker of canonical text per kind of observable.
 *
 * A maker appends to out->text and sets out->type, which may be narrower than
 * what was asked: an address given as a name is an address.  Any thread.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/observable.h"
#include "quaywatch/text.h"

struct qw_value {
	enum qw_observable_type type; /* in: what was asked; out: what it is */
	struct qw_text *text;
	const char *why; /* set on errors */
};

typedef enum qw_err qw_value_maker(struct qw_value *out, struct qw_slice in);

qw_value_maker qw_value_address; /* ip, ip:port, cidr */
qw_value_maker qw_value_name;    /* domain, host */
qw_value_maker qw_value_url;
qw_value_maker qw_value_digest; /* md5 … cert-sha1, by the length that out->type asks for */
qw_value_maker qw_value_ja4;
qw_value_maker qw_value_text;
qw_value_maker qw_value_mac;

/* The number of bytes of a digest type; 0: it is none. */
size_t qw_digest_bytes(enum qw_observable_type type);

/* Cuts ":port" off the end.  False: there is none; port is 0 and the host unchanged. */
bool qw_value_split_port(struct qw_slice *host, uint16_t *port);

/* Cuts "scheme://" off the front; the scheme, empty where there is none. */
struct qw_slice qw_value_split_scheme(struct qw_slice *in);

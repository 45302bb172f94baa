/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observable - a typed value that traffic may show.
 *
 * A value has one canonical text per type, made by qw_observable_parse from
 * whatever people write: defanged ("hxxp://", "[.]", "(dot)"), mixed case,
 * trailing dots, ports, internationalised names as punycode.  Everything that
 * is stored, signed, digested or compared is the canonical text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"

enum qw_observable_type {
	QW_OBS_IP,         /* "192.0.2.1", "2001:db8::1" */
	QW_OBS_IP_PORT,    /* "192.0.2.1:443", "[2001:db8::1]:443" */
	QW_OBS_CIDR,       /* "192.0.2.0/24" */
	QW_OBS_DOMAIN,     /* the name and every name below it; lower case */
	QW_OBS_HOST,       /* this name alone */
	QW_OBS_URL,        /* "host/path?query": scheme and default port gone, host in lower case; or "/path" for any host */
	QW_OBS_MD5,        /* lower-case hexadecimal, of a file */
	QW_OBS_SHA1,
	QW_OBS_SHA256,
	QW_OBS_JA3,        /* 32 lower-case hexadecimal digits; JA3 or JA3S */
	QW_OBS_JA4,        /* "t13d1516h2_8daaf6152771_e5627efa2ab1" */
	QW_OBS_CERT_SHA1,  /* SHA-1 of the certificate's DER, hexadecimal */
	QW_OBS_USER_AGENT, /* the whole header value, as sent */
	QW_OBS_MAC,        /* "00:1b:1b:12:34:56"; three bytes: every address of that maker (OUI) */
	QW_OBS_COUNT
};

enum { QW_OBSERVABLE_TEXT_MAX = 2048 };

/* "ip", "ip:port", "cidr", "domain", "host", "url", "md5", …: as in files, events and options. */
const char *qw_observable_type_name(enum qw_observable_type type);

/* Also reads what others call them: "ipv4-addr", "hostname", "ip-dst", "ja3-fingerprint-md5" … ; QW_OBS_COUNT: none. */
enum qw_observable_type qw_observable_type_parse(const char *name, size_t len);

struct qw_observable {
	enum qw_observable_type type;
	uint16_t len;
	char text[QW_OBSERVABLE_TEXT_MAX + 1]; /* canonical, NUL-terminated */
};

/*
 * Makes the canonical form of what somebody wrote.  type QW_OBS_COUNT: it is
 * inferred (a digest by its length, then address, block, URL, name).
 * QW_EFORMAT: it is no value of that type (or of any).  QW_ELIMIT: too long.
 * why, if not NULL, is set to a static sentence on errors.
 *
 * The type may come out narrower than it was asked for: an address given as a
 * name is an address, a block of one address is that address, a name with a
 * path is a URL.  "domain:port" is the domain, for names are seen where ports
 * are not.  In a URL ports 80 and 443 go whatever the scheme.
 */
enum qw_err qw_observable_parse(struct qw_observable *out, enum qw_observable_type type, const char *text, size_t len,
				const char **why) QW_MUSTCHECK;

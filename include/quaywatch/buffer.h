/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buffer - the pieces of traffic that signatures look into.
 *
 * Parsers fill them, signatures name them, and both mean the same by this
 * list.  Suricata's "sticky buffers" are the model; names are theirs.  A row
 * whose parser does not exist yet is simply never filled: the keyword table
 * (rules/keyword.c) decides what a signature may use.
 */
#pragma once

#include <stddef.h>

enum qw_buffer {
	QW_BUFFER_PAYLOAD, /* of the packet, or the reassembled stream */
	QW_BUFFER_IPV4_HDR,
	QW_BUFFER_IPV6_HDR,
	QW_BUFFER_TCP_HDR,
	QW_BUFFER_UDP_HDR,
	QW_BUFFER_ICMPV4_HDR,
	QW_BUFFER_ICMPV6_HDR,
	QW_BUFFER_HTTP_METHOD,
	QW_BUFFER_HTTP_URI,     /* normalised, with the query */
	QW_BUFFER_HTTP_URI_RAW, /* as on the wire */
	QW_BUFFER_HTTP_HOST,    /* lower case, without port */
	QW_BUFFER_HTTP_HOST_RAW,
	QW_BUFFER_HTTP_USER_AGENT,
	QW_BUFFER_HTTP_REFERER,
	QW_BUFFER_HTTP_COOKIE,
	QW_BUFFER_HTTP_HEADER, /* all headers "Name: value\r\n", cookies left out */
	QW_BUFFER_HTTP_HEADER_RAW,
	QW_BUFFER_HTTP_HEADER_NAMES, /* "\r\nName\r\nName\r\n\r\n" */
	QW_BUFFER_HTTP_REQUEST_HEADER, /* one at a time, "Name: value" */
	QW_BUFFER_HTTP_RESPONSE_HEADER,
	QW_BUFFER_HTTP_ACCEPT,
	QW_BUFFER_HTTP_ACCEPT_ENC,
	QW_BUFFER_HTTP_ACCEPT_LANG,
	QW_BUFFER_HTTP_CONNECTION,
	QW_BUFFER_HTTP_CONTENT_LEN,
	QW_BUFFER_HTTP_CONTENT_TYPE,
	QW_BUFFER_HTTP_START, /* first line and headers */
	QW_BUFFER_HTTP_REQUEST_LINE,
	QW_BUFFER_HTTP_RESPONSE_LINE,
	QW_BUFFER_HTTP_PROTOCOL,
	QW_BUFFER_HTTP_STAT_CODE,
	QW_BUFFER_HTTP_STAT_MSG,
	QW_BUFFER_HTTP_SERVER,
	QW_BUFFER_HTTP_LOCATION,
	QW_BUFFER_HTTP_REQUEST_BODY,  /* de-chunked */
	QW_BUFFER_HTTP_RESPONSE_BODY, /* de-chunked, decompressed */
	QW_BUFFER_FILE_DATA,          /* a file's content, whatever carried it */
	QW_BUFFER_FILE_NAME,
	QW_BUFFER_DNS_QUERY, /* one name at a time, lower case kept as sent */
	QW_BUFFER_DNS_ANSWER_NAME,
	QW_BUFFER_TLS_SNI,
	QW_BUFFER_TLS_ALPN,
	QW_BUFFER_TLS_CERTS, /* DER, one at a time, the server's first */
	QW_BUFFER_TLS_CERT_SUBJECT,
	QW_BUFFER_TLS_CERT_ISSUER,
	QW_BUFFER_TLS_CERT_SERIAL,
	QW_BUFFER_TLS_CERT_FINGERPRINT, /* "aa:bb:…", SHA-1 of the DER */
	QW_BUFFER_TLS_VERSION,
	QW_BUFFER_TLS_RANDOM, /* 32 bytes */
	QW_BUFFER_JA3_HASH,   /* 32 hexadecimal digits */
	QW_BUFFER_JA3_STRING,
	QW_BUFFER_JA3S_HASH,
	QW_BUFFER_JA3S_STRING,
	QW_BUFFER_JA4_HASH,
	QW_BUFFER_QUIC_SNI,
	QW_BUFFER_QUIC_UA,
	QW_BUFFER_QUIC_VERSION,
	QW_BUFFER_SSH_PROTO,
	QW_BUFFER_SSH_SOFTWARE,
	QW_BUFFER_SSH_HASSH,
	QW_BUFFER_SSH_HASSH_STRING,
	QW_BUFFER_SSH_HASSH_SERVER,
	QW_BUFFER_SSH_HASSH_SERVER_STRING,
	QW_BUFFER_SMTP_HELO,
	QW_BUFFER_SMTP_MAIL_FROM,
	QW_BUFFER_SMTP_RCPT_TO,
	QW_BUFFER_FTP_COMMAND,
	QW_BUFFER_FTP_COMMAND_DATA,
	QW_BUFFER_FTP_REPLY,
	QW_BUFFER_COUNT
};

/* The canonical keyword ("http.uri"); never NULL. */
const char *qw_buffer_name(enum qw_buffer buffer);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * goods - what a case smuggles past: a text, and where in it stands what a rule looks for.
 *
 * Each kind has its rule; a control carries the same with one letter changed,
 * so that no rule is met.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum goods_kind {
	GOODS_SINGLE,    /* one content */
	GOODS_PAIR,      /* two contents at a distance: needs a window */
	GOODS_PCRE,
	GOODS_HTTP,      /* a content in an HTTP buffer */
	GOODS_INDICATOR, /* a domain in HTTP's Host */
	GOODS_DATAGRAM,  /* the same over UDP from here on */
	GOODS_DATAGRAM_PAIR,
	GOODS_DATAGRAM_PCRE,
	GOODS_DNS,       /* a domain in a DNS query */
	/* what only its own cells can say, in a script of both sides */
	GOODS_HEADER,    /* in an HTTP header */
	GOODS_REQUEST,   /* in the body of an HTTP request */
	GOODS_RESPONSE,  /* … of a response */
	GOODS_SNI,       /* a domain in a TLS ClientHello */
	GOODS_DNS_TCP,
	GOODS_PATH,       /* all of a decoded path */
	GOODS_PATH_TWICE, /* all of a path that was encoded twice: decoded once */
	GOODS_PATH_RAW,   /* in a path as it was sent */
	GOODS_QUERY,      /* in a decoded query */
	GOODS_SMB,        /* in a file that SMB carries */
	GOODS_PIPE,       /* in a call's stub data, through a pipe of SMB */
	GOODS_DCERPC,     /* … over TCP */
	GOODS_KINDS
};

enum {
	GOODS_OF_TCP = (1 << GOODS_DATAGRAM) - 1,
	GOODS_OF_UDP = (1 << GOODS_HEADER) - (1 << GOODS_DATAGRAM),
	GOODS_ONE = 1 << GOODS_SINGLE,
	GOODS_MAX = 512,
};

struct goods {
	enum goods_kind kind;
	bool planted;
	uint32_t len;
	uint32_t from, until; /* what a rule needs to see */
	uint8_t bytes[GOODS_MAX];
};

/* Rules of all kinds: sid is the kind's number and one. */
extern const char goods_rules[];

void goods_make(struct goods *goods, enum goods_kind kind, bool planted);

static inline bool goods_is_datagram(enum goods_kind kind)
{
	return kind >= GOODS_DATAGRAM && kind <= GOODS_DNS;
}

static inline uint16_t goods_port(enum goods_kind kind)
{
	switch (kind) {
	case GOODS_HTTP:
	case GOODS_INDICATOR:
	case GOODS_HEADER:
	case GOODS_PATH:
	case GOODS_PATH_TWICE:
	case GOODS_PATH_RAW:
	case GOODS_QUERY:
	case GOODS_REQUEST:
	case GOODS_RESPONSE: return 80;
	case GOODS_SNI: return 443;
	case GOODS_SMB:
	case GOODS_PIPE: return 445;
	case GOODS_DCERPC: return 135;
	case GOODS_DNS:
	case GOODS_DNS_TCP: return 53;
	default: return 9000;
	}
}

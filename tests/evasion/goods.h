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
	GOODS_KINDS
};

enum {
	GOODS_OF_TCP = (1 << GOODS_DATAGRAM) - 1,
	GOODS_OF_UDP = (1 << GOODS_KINDS) - (1 << GOODS_DATAGRAM),
	GOODS_ONE = 1 << GOODS_SINGLE,
	GOODS_MAX = 512,
};

struct goods {
	enum goods_kind kind;
	uint32_t len;
	uint32_t from, until; /* what a rule needs to see */
	uint8_t bytes[GOODS_MAX];
};

/* Rules of all kinds: sid is the kind's number and one. */
extern const char goods_rules[];

void goods_make(struct goods *goods, enum goods_kind kind, bool planted);

static inline bool goods_is_datagram(enum goods_kind kind)
{
	return kind >= GOODS_DATAGRAM;
}

static inline uint16_t goods_port(enum goods_kind kind)
{
	if (kind == GOODS_HTTP || kind == GOODS_INDICATOR)
		return 80;
	return kind == GOODS_DNS ? 53 : 9000;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow - what is remembered of one conversation, both directions in one entry.
 *
 * "Client" is who spoke first, as far as was seen; for TCP picked up in the
 * middle, the side whose port looks like a client's, unless its first data
 * tells otherwise.  An entry belongs to one
 * worker and lives in its table (sensor/flow/table.h); the parts that are
 * there only while they are needed hang off it: nDPI's structure, the parser,
 * out-of-order data.
 *
 *	hot:   key, chain, times, tcp ends, flags      (every packet)
 *	warm:  counters                                (every packet)
 *	cold:  pointers                                (while needed)
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/app.h"
#include "quaywatch/time.h"

enum qw_direction { QW_TO_SERVER, QW_TO_CLIENT };

static inline enum qw_direction qw_direction_other(enum qw_direction direction)
{
	return direction == QW_TO_SERVER ? QW_TO_CLIENT : QW_TO_SERVER;
}

/* Ends in ascending order, so that both directions make the same key. */
struct qw_flow_key {
	struct qw_address low, high;
	uint16_t low_port, high_port; /* ICMP: identifier and 0, so that requests and answers meet */
	uint16_t vlan;                /* outermost; 0 where it is not part of the key */
	uint8_t proto;
	uint8_t layer;                /* tunnelled packets do not meet plain ones: 0 plain, 1 tunnelled */
};

enum qw_flow_flag {
	QW_FLOW_CLIENT_IS_LOW = 1 << 0, /* the client is the key's low end */
	QW_FLOW_SEEN_TO_SERVER = 1 << 1,
	QW_FLOW_SEEN_TO_CLIENT = 1 << 2,
	QW_FLOW_ESTABLISHED = 1 << 3,   /* TCP: handshake done, or picked up; others: both sides seen */
	QW_FLOW_MIDSTREAM = 1 << 4,     /* TCP picked up without its handshake */
	QW_FLOW_CLOSED = 1 << 5,        /* FIN both ways, or RST */
	QW_FLOW_CLASSIFIED = 1 << 6,    /* nDPI is done with it */
	QW_FLOW_STREAM_OFF = 1 << 7,    /* no reassembly: depth reached both ways, or TCP that began before the capture */
	QW_FLOW_PASS = 1 << 9,          /* a pass rule took it out of inspection */
	QW_FLOW_ENCRYPTED = 1 << 10,    /* handshake over: payload is not scanned */
	QW_FLOW_NO_PARSER = 1 << 11,    /* no parser fits, do not try again */
	QW_FLOW_REMEMBERED = 1 << 12,   /* rules remember something of it */
	QW_FLOW_TAGGED = 1 << 13,       /* … and told to report its packets */
	QW_FLOW_GUESS = 1 << 14,        /* << direction: who is the client is a guess, and its first data, still to come, may tell */
	QW_FLOW_GUESSES = 3 << 14,
	QW_FLOW_WATCHED = 1 << 16,      /* it was settled whether the watch is told of it … */
	QW_FLOW_TOLD = 1 << 17,         /* … and it was */
};

enum qw_tcp_state {
	QW_TCP_NONE,
	QW_TCP_SYN_SENT,
	QW_TCP_SYN_RECEIVED,
	QW_TCP_ESTABLISHED,
	QW_TCP_FIN_ONE,  /* one side closed */
	QW_TCP_FIN_BOTH,
	QW_TCP_RESET,
};

/* One direction of a TCP connection. */
struct qw_tcp_end {
	uint32_t first;  /* initial sequence number: of the SYN, or before the first byte seen */
	uint32_t next;   /* sequence number of the next byte in order */
	uint32_t stamp;  /* timestamp of its first SYN; 0: none */
	uint32_t acked;  /* highest acknowledgement of this end's data by the other end */
	uint16_t window; /* as last announced */
	uint8_t scale;
	uint8_t fin : 1;    /* its FIN came in order */
	uint8_t known : 1;  /* first and next are set */
	uint8_t gap : 1;    /* something of it was lost */
	uint8_t deep : 1;   /* the depth is reached: not looked at any more */
	uint8_t told : 1;   /* the sink was told that it is closed */
	uint8_t astray : 3; /* packets in a row that lay outside the window */
};

struct qw_parser;
struct qw_segments;
struct ndpi_flow_struct;

struct qw_flow {
	struct qw_flow_key key;
	uint32_t chain;           /* the table's: part of the hash, or the next unused entry */
	uint32_t older, newer;    /* list by time of last packet */
	uint32_t flags;           /* enum qw_flow_flag */
	struct qw_time first, last;
	struct qw_tcp_end tcp[2]; /* by enum qw_direction: the sender's end */
	uint32_t packets[2];      /* by enum qw_direction; stops at its maximum */
	uint64_t bytes[2];        /* of frames */
	uint8_t tcp_state;        /* enum qw_tcp_state */
	uint8_t app;              /* enum qw_app */
	uint8_t timeout_class;    /* which list it stands in */
	uint8_t given;            /* packets that nDPI was given */
	uint16_t ndpi_master, ndpi_app;
	uint8_t icmp_type, icmp_code; /* of the first packet */
	uint8_t side_app[2];      /* enum qw_app: what each direction's own first data looks like */
	uint8_t side_looked;      /* enum qw_look */
	uint8_t app_original;     /* enum qw_app: before the protocol changed (STARTTLS, CONNECT); unknown: it did not */
	uint32_t generation;      /* of the ruleset that address lookups were made with */
	struct ndpi_flow_struct *ndpi; /* while it is being classified */
	struct qw_parser *parser;
	struct qw_segments *segments[2]; /* while data waits for a gap */
};

_Static_assert(sizeof(struct qw_flow) <= 320, "an established flow is small");

/* Bits of side_looked; those of a direction are shifted by it. */
enum qw_look {
	QW_LOOK_DONE = 1 << 0,
	QW_LOOK_TRY = 1 << 2,  /* tries in vain are counted in these */
	QW_LOOK_NEWS = 1 << 6, /* settled, and no packet of the direction came since */
};

/* What a direction of its own looks like.  Where neither tells, what the flow is known as. */
static inline enum qw_app qw_flow_side_app(const struct qw_flow *flow, enum qw_direction direction)
{
	bool told = flow->side_app[0] > QW_APP_FAILED || flow->side_app[1] > QW_APP_FAILED;
	bool looked = flow->side_looked & QW_LOOK_DONE << direction;
	return (enum qw_app)(looked && !told ? flow->app : flow->side_app[direction]);
}

/* Nothing knows what it carries; both directions are settled. */
static inline void qw_flow_fail(struct qw_flow *flow)
{
	flow->app = QW_APP_FAILED;
	flow->side_looked |= (QW_LOOK_DONE | QW_LOOK_NEWS) | (QW_LOOK_DONE | QW_LOOK_NEWS) << 1;
}

static inline bool qw_flow_client_is(const struct qw_flow *flow, bool low)
{
	return ((flow->flags & QW_FLOW_CLIENT_IS_LOW) != 0) == low;
}

static inline const struct qw_address *qw_flow_client(const struct qw_flow *flow)
{
	return flow->flags & QW_FLOW_CLIENT_IS_LOW ? &flow->key.low : &flow->key.high;
}

static inline const struct qw_address *qw_flow_server(const struct qw_flow *flow)
{
	return flow->flags & QW_FLOW_CLIENT_IS_LOW ? &flow->key.high : &flow->key.low;
}

static inline uint16_t qw_flow_client_port(const struct qw_flow *flow)
{
	return flow->flags & QW_FLOW_CLIENT_IS_LOW ? flow->key.low_port : flow->key.high_port;
}

static inline uint16_t qw_flow_server_port(const struct qw_flow *flow)
{
	return flow->flags & QW_FLOW_CLIENT_IS_LOW ? flow->key.high_port : flow->key.low_port;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bacnet_message - one message of BACnet taken apart: BACnet/IP's virtual link, network layer, application head.
 *
 * Source: ANSI/ASHRAE 135, annexes J and U (over IPv6: its functions are
 * numbered anew, and told as those they are like), clauses 6 and 20.1.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"

enum { QW_BACNET_HEADER_BYTES = 4 };

/* Of the virtual link: those that are told apart. */
enum qw_bacnet_function {
	QW_BACNET_RESULT = 0,
	QW_BACNET_READ_TABLE_ACK = 3,
	QW_BACNET_FORWARDED = 4,
	QW_BACNET_REGISTER_FOREIGN = 5,
	QW_BACNET_READ_FOREIGN_ACK = 7,
	QW_BACNET_DELETE_FOREIGN = 8,
	QW_BACNET_DISTRIBUTE = 9,
	QW_BACNET_UNICAST = 10,
	QW_BACNET_BROADCAST = 11,
	QW_BACNET_FUNCTION_LAST = 12,
};

enum qw_bacnet_type {
	QW_BACNET_CONFIRMED,
	QW_BACNET_UNCONFIRMED,
	QW_BACNET_SIMPLE_ACK,
	QW_BACNET_COMPLEX_ACK,
	QW_BACNET_SEGMENT_ACK,
	QW_BACNET_ERROR,
	QW_BACNET_REJECT,
	QW_BACNET_ABORT,
	QW_BACNET_TYPES
};

/* An address behind a router: network 0 is the one that this is. */
struct qw_bacnet_address {
	uint16_t network;
	struct qw_slice octets;
};

struct qw_bacnet_message {
	int16_t function;         /* enum qw_bacnet_function, or another; -1: it came over another link, or resolves an address of IPv6's */
	bool six;                 /* over IPv6: results are other numbers */
	bool malformed;
	bool clipped;             /* it says that it is longer than its datagram */
	int32_t number;           /* of the link: a result, or seconds that a foreign device stays; -1: none */
	bool has_origin;
	uint32_t origin;          /* of what was forwarded: IPv4 address and port */
	uint16_t origin_port;
	bool routed_to, routed_from;
	struct qw_bacnet_address destination, source;
	uint8_t hops;             /* that are left; where routed_to */
	int16_t network_message;  /* its type; -1: it is not one */
	int32_t network;          /* that a network message names first; -1: none */
	bool apdu;                /* what follows is there */
	uint8_t type;             /* enum qw_bacnet_type, or a reserved one */
	bool segmented, more;
	uint8_t segment, window;
	int16_t invoke;           /* -1: the type has none */
	int16_t service;          /* likewise */
	int16_t reason;           /* of reject and abort; -1 */
	struct qw_slice body;     /* behind the service */
};

/* in: a whole datagram, for which qw_bacnet_length() is positive. */
void qw_bacnet_parse(struct qw_bacnet_message *message, struct qw_bytes in);

/* in: what stands behind the head of another link than BACnet/IP's. */
void qw_bacnet_parse_network(struct qw_bacnet_message *message, struct qw_bytes in);

/* Bytes that the message says it has; -1: none begins so. */
int32_t qw_bacnet_length(struct qw_bytes in);

/* Is it one that nothing but this protocol looks like? */
bool qw_bacnet_is_plausible(struct qw_bytes in);

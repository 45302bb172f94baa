/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seen - one event, read once, as the watchers want it.
 *
 * Texts point into the event and are not terminated.  What an event does not
 * say is empty, 0 or the value named.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/bytes.h"
#include "quaywatch/err.h"
#include "quaywatch/event.h"
#include "quaywatch/time.h"

struct qw_seen_end {
	bool known;                 /* there is an address */
	struct qw_address address;
	uint16_t port;
	bool has_mac;
	uint8_t mac[6];
};

struct qw_seen_ot {
	struct qw_slice protocol;   /* "modbus"; empty: the event is of no OT message */
	int64_t function;           /* -1: it has a kind */
	struct qw_slice kind, name;
	bool response, failed;
	uint64_t unit;              /* unit, slot or common address */
	bool has_unit;
	uint64_t address, quantity; /* of registers, points or objects */
	bool has_address;
	struct qw_slice objects;    /* as the protocol writes them */
	/* what a device says of itself */
	struct qw_slice vendor, product, revision, serial, device_name;
	/* a position report: degrees in 1e-7, knots in 0.1, degrees in 0.1, HDOP in 0.01 */
	bool has_position;
	int32_t latitude, longitude;
	int32_t speed, course;      /* -1: not said */
	int32_t quality, satellites, hdop; /* -1: not said */
	uint64_t mmsi;              /* 0: none */
	struct qw_slice talker;
};

struct qw_seen_flow {
	bool begins, ends;          /* else the event is not of a flow */
	struct qw_time start;
	uint64_t packets[2], bytes[2]; /* [0] to the server */
	struct qw_slice state;      /* "new", "established", "closed" */
};

struct qw_seen {
	enum qw_event_type type;
	struct qw_time time;
	struct qw_seen_end src, dst;    /* of the event, as it travelled */
	bool to_server;                 /* src is the client */
	uint16_t vlan;
	uint8_t proto;                  /* IANA number; 0: not IP */
	uint64_t flow_id;
	struct qw_slice app;            /* "modbus", "rdp" … */
	struct qw_slice dns_name;
	struct qw_slice tls_sni, tls_ja4;
	struct qw_seen_ot ot;
	struct qw_seen_flow flow;
	uint32_t gid, sid;              /* of alerts */
	struct qw_slice signature;
};

/* QW_EFORMAT: it is damaged. */
enum qw_err qw_seen_read(struct qw_seen *out, const void *event, size_t size) QW_MUSTCHECK;

/* Client and server of the conversation. */
static inline const struct qw_seen_end *qw_seen_client(const struct qw_seen *seen)
{
	return seen->to_server ? &seen->src : &seen->dst;
}

static inline const struct qw_seen_end *qw_seen_server(const struct qw_seen *seen)
{
	return seen->to_server ? &seen->dst : &seen->src;
}

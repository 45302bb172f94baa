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

enum { QW_SEEN_NO_NUMBER = -1 };

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
	int64_t service;            /* where the function is a kind of message; -1: none */
	struct qw_slice service_name;
	struct qw_slice objects;    /* as the protocol writes them */
	struct qw_slice indications; /* words: what is odd about it, "bad_checksum malformed" */
	/* what a device says of itself */
	struct qw_slice vendor, product, revision, serial, device_name, description;
	uint64_t serial_value;      /* where it is a number; 0: none */
	/* of whom it tells: ARP, LLDP, DCP, DHCP */
	bool has_ip, has_mac, has_gateway, has_target_ip, has_before_mac;
	struct qw_address ip, gateway, target_ip;
	uint8_t mac[6], before_mac[6];
	/* a position report: degrees in 1e-7, knots in 0.1, degrees in 0.1, HDOP in 0.01 */
	bool has_position;
	int32_t latitude, longitude;
	int32_t speed, course, heading;    /* -1: not said */
	int32_t quality, satellites, hdop; /* -1: not said */
	uint64_t mmsi;              /* 0: none */
	struct qw_slice talker, formatter; /* "GP", "RMC" */
	struct qw_slice sender, receiver;  /* as the sentence's own head names them: "GP0001" */
	struct qw_slice clock, date;       /* "13:07:59.250", "2026-11-23": as the report says */
	int64_t message_type;       /* of AIS, of RTCM; -1: none */
};

/*
 * A flow that begins is told when it is known what it carries, and told again
 * when it ends; a short one both at once.  Of the same client, server, port and
 * protocol only one a minute is, and ends whose bytes are many: `repeats` says
 * for how many flows before it this one stands, and the end's packets and
 * bytes are those of flows that were not told, too.
 */
enum qw_seen_verdict {
	QW_SEEN_UNDECIDED, /* not known yet, or said already */
	QW_SEEN_ANSWERED,
	QW_SEEN_SILENT,    /* nothing came back, or a connection was refused */
};

struct qw_seen_flow {
	bool begins, ends;          /* else the event is not of a flow */
	struct qw_time start;
	uint64_t packets[2], bytes[2]; /* [0] to the server */
	struct qw_slice state;      /* "new", "established", "closed" */
	enum qw_seen_verdict verdict; /* said once of each flow, as soon as it is known (verdict.h); not in the event */
};

struct qw_seen {
	enum qw_event_type type;
	bool watch_only;                /* nobody asked for such events */
	struct qw_time time;
	struct qw_seen_end src, dst;    /* of the event, as it travelled */
	bool to_server;                 /* src is the client */
	uint16_t vlan;
	uint8_t proto;                  /* IANA number; 0: not IP */
	bool has_icmp;                  /* type of a flow's first message */
	uint8_t icmp_type;
	uint64_t flow_id;
	/*
	 * What repeats is told when it is new, and then once a minute: `repeats`
	 * says how often it came since it was told last, this time included, and
	 * shortest and longest are between two of them, and since is how long ago
	 * it was told last, to a second or so.  0: for the first time.
	 * What was told is known by its print from then on, to one worker: another,
	 * that sees the same on another connection, has another for it.  An event
	 * without (0) is no telling: people want each, or it is a position, which
	 * always comes.
	 */
	uint64_t print, repeats;
	struct qw_time shortest, longest, since;
	/*
	 * Not 0: what was told under this print came steadily (four times a minute
	 * or more), and did not come for so long: ten times its longest distance,
	 * 5 s at least.  The event has no ends and says nothing else.
	 */
	struct qw_time silent;
	struct qw_slice app;            /* "modbus", "rdp" … */
	struct qw_slice dns_name;
	bool dns_answer;
	struct qw_slice tls_sni, tls_ja3, tls_ja4;
	struct qw_slice tls_fingerprint; /* SHA-1 of the certificate, "20:a7:…" */
	struct qw_slice http_host, http_url, http_user_agent;
	struct qw_seen_ot ot;
	struct qw_seen_flow flow;
	uint32_t gid, sid;              /* of alerts */
	struct qw_slice signature;
};

/* Nothing seen yet: numbers that are not said have their value for that. */
void qw_seen_init(struct qw_seen *seen);

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

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signatures - Suricata-language rules: read, compiled into an image, matched.
 *
 * The way of a rule:   text ─► parse ─► compile ─► image (shared, sealed)
 *                                                     │ opened by each worker
 *   packet or field ─► prefilter (one literal a rule, Hyperscan) ─► candidates
 *                                                     └─► confirm, in full
 *
 * This floor knows no packets and no flows: what is matched is described by a
 * qw_subject, which answers "give me this buffer".  Opening allocates (compiles
 * PCRE2, makes scratch); scanning and confirming allocate nothing.
 *
 * Sources: Suricata 7 user guide, "Rules"; Snort 2.9 manual, chapter 3.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/app.h"
#include "quaywatch/buffer.h"
#include "quaywatch/bytes.h"
#include "quaywatch/diag.h"
#include "quaywatch/err.h"
#include "quaywatch/time.h"

/* ---- building */

struct qw_signature_options {
	/* Value of $NAME ("HOME_NET"), or NULL where it is not defined. */
	const char *(*variable)(void *ctx, const char *name);
	void *ctx;
	const char *cache;          /* folder of compiled databases; NULL or "": none */
	const char *folder;         /* where files lie that distributed rules name; NULL: they may name none */
	const char *classification; /* Suricata's classification.config; NULL: the built-in classes */
};

struct qw_signature_counts {
	uint64_t accepted;
	uint64_t rejected;
	uint64_t replaced; /* a later revision of the same gid:sid was read */
};

struct qw_signature_builder;

/* options and what it points to must outlive the builder. */
enum qw_err qw_signature_builder_new(struct qw_signature_builder **out, const struct qw_signature_options *options) QW_MUSTCHECK;
void qw_signature_builder_free(struct qw_signature_builder *builder);

/*
 * Reads every rule of a text (comments, blank lines and lines continued by a
 * backslash as in Suricata).  A rule that is not understood is refused alone:
 * one complaint with path:line:column and the keyword's name, and a count.
 * Errors returned are not the text's fault (QW_ENOMEM …).
 */
enum qw_err qw_signature_builder_read(struct qw_signature_builder *builder, const char *path, const char *text, size_t len,
				      struct qw_diags *diags) QW_MUSTCHECK;

/* The same for rules that were sent here: the files they name are confined to the options' folder. */
enum qw_err qw_signature_builder_receive(struct qw_signature_builder *builder, const char *channel, const char *text,
					 size_t len, struct qw_diags *diags) QW_MUSTCHECK;

const struct qw_signature_counts *qw_signature_builder_counts(const struct qw_signature_builder *builder);

/* Leaves out gid:sid (a tenant's local disable list).  False: there is no such rule. */
bool qw_signature_builder_disable(struct qw_signature_builder *builder, uint32_t gid, uint32_t sid);

/* Compiles (Hyperscan; from the cache where it can).  The descriptor is the caller's.  No rules: an empty image. */
enum qw_err qw_signature_builder_finish(struct qw_signature_builder *builder, int *fd, struct qw_diags *diags) QW_MUSTCHECK;

/* ---- what is asked */

enum qw_fact_flag {
	QW_FACT_TO_SERVER = 1 << 0,
	QW_FACT_TO_CLIENT = 1 << 1,
	QW_FACT_ESTABLISHED = 1 << 2, /* the flow: both sides seen, or the handshake done */
	QW_FACT_FLOW = 1 << 3,        /* there is a flow at all */
	QW_FACT_STREAM = 1 << 4,      /* the payload is reassembled data, not one packet's */
	QW_FACT_PACKET = 1 << 5,      /* a packet's own header and payload are there */
	QW_FACT_FRAGMENT = 1 << 6,
	QW_FACT_FIRST = 1 << 7,       /* first packet of its direction of the flow */
};

/* What a packet and its flow say of themselves.  Host order, except where bytes are given. */
struct qw_facts {
	struct qw_address src, dst;
	uint16_t sport, dport;
	uint8_t proto; /* IANA protocol number; 0: not IP */
	uint8_t tcp_flags;
	uint8_t ttl;
	uint8_t icmp_type, icmp_code;
	uint8_t vlan_count;
	uint16_t vlan[3];
	uint16_t tcp_window;
	uint16_t ip_id;
	uint16_t ether_type;
	uint32_t tcp_seq, tcp_ack;
	uint32_t payload_len; /* of the packet: dsize */
	uint32_t flags;       /* enum qw_fact_flag */
	enum qw_app app;
	struct qw_slice network_header;   /* IPv4 or IPv6 with its options or extensions; empty: none */
	struct qw_slice transport_header; /* TCP, UDP, ICMP */
	struct qw_time time;              /* of the packet */
};

/*
 * What a signature is confirmed against.  buffer: the index-th value of one
 * buffer (most have one); false where there is none.  What it returns stays
 * valid until the confirmation is over.
 */
struct qw_subject {
	const struct qw_facts *facts;
	bool (*buffer)(void *ctx, enum qw_buffer buffer, unsigned index, struct qw_slice *out);
	void *ctx;
};

/* ---- asking */

struct qw_signatures; /* an opened image; with its scratch it belongs to one thread */

enum qw_err qw_signatures_open(struct qw_signatures **out, int fd) QW_MUSTCHECK;
void qw_signatures_close(struct qw_signatures *set);

size_t qw_signatures_count(const struct qw_signatures *set);

/* True where some rule looks into this buffer. */
bool qw_signatures_want(const struct qw_signatures *set, enum qw_buffer buffer);

/*
 * Bytes of earlier data that a scan of new stream data must begin with, at most
 * QW_PREFILTER_TAIL_MAX.  Who scans with one set and then with another keeps
 * the maximum: the next set may need more.
 */
enum { QW_PREFILTER_TAIL_MAX = 47 };
size_t qw_signatures_tail(const struct qw_signatures *set);

/* True where some stream rule needs more than its pattern: then the caller keeps a window of each stream. */
bool qw_signatures_need_window(const struct qw_signatures *set);

/* True where some rule is tried on every packet (qw_signatures_of_packet has something to say). */
bool qw_signatures_want_packets(const struct qw_signatures *set);

/*
 * Candidates of one packet without looking at content: rules that have no
 * usable pattern and whose header fits.  Called for every packet; when
 * nothing can apply it costs a few instructions.  Returns how many numbers
 * were written; more than max are counted in qw_signatures_shed.
 */
size_t qw_signatures_of_packet(struct qw_signatures *set, const struct qw_facts *facts, uint32_t *out, size_t max);

/*
 * Candidates whose pattern occurs in `data` of this buffer and ends after the
 * first `old` bytes (those are the tail of what was scanned before), plus
 * rules on this buffer without a pattern; the header fits in all of them.
 * Each number at most once, pass rules before all others.
 */
size_t qw_signatures_scan(struct qw_signatures *set, enum qw_buffer buffer, const struct qw_facts *facts,
			  const uint8_t *data, size_t len, size_t old, uint32_t *out, size_t max);

/*
 * All options in their order, in full.  For rules on raw payload the subject's
 * QW_BUFFER_PAYLOAD is either the packet's (QW_FACT_PACKET in its facts) or
 * stream data (QW_FACT_STREAM), and `wants` of qw_signature says which of the
 * two a rule can use.
 */
bool qw_signatures_confirm(struct qw_signatures *set, uint32_t number, const struct qw_subject *subject);

enum qw_signature_action { QW_ACTION_ALERT, QW_ACTION_PASS, QW_ACTION_DROP, QW_ACTION_REJECT };

enum qw_signature_wants {
	QW_WANTS_PACKET = 1 << 0, /* may match on a packet's own payload or header */
	QW_WANTS_STREAM = 1 << 1, /* may match on reassembled data */
	QW_WANTS_APP = 1 << 2,    /* looks into buffers that parsers fill */
	QW_WANTS_PROVED = 1 << 3, /* the pattern's hit is the whole proof: no confirmation needed */
	QW_WANTS_SILENCE = 1 << 4, /* noalert: matches have effects, but no alert */
};

/* What a tenant offers to share when the rule fires (metadata: quaywatch_share …), one bit each. */
enum qw_share { QW_SHARE_SRC_IP = 1, QW_SHARE_DEST_IP = 2, QW_SHARE_DOMAIN = 4, QW_SHARE_JA3 = 8 };

struct qw_signature {
	uint32_t gid, sid, rev;
	uint8_t priority; /* 1 is the worst */
	uint8_t wants;    /* enum qw_signature_wants */
	uint8_t share;    /* enum qw_share */
	enum qw_signature_action action;
	const char *msg;        /* never NULL; texts live as long as the set */
	const char *category;   /* the class's description, "" without one */
	const char *metadata;   /* "key value, key value", "" without any */
	const char *references; /* "url,example.test/x" and so on, one a line, "" without any */
};

void qw_signatures_info(const struct qw_signatures *set, uint32_t number, struct qw_signature *out);

/* The rule of this identity; false: the set has none. */
bool qw_signatures_find(const struct qw_signatures *set, uint32_t gid, uint32_t sid, uint32_t *number);

struct qw_signature_counters {
	uint64_t scanned_bytes;
	uint64_t candidates;    /* that a prefilter named */
	uint64_t confirmed;
	uint64_t candidates_shed; /* beyond what the caller had room for */
	uint64_t pcre_limit;      /* PCRE2 gave up at its match limit */
	uint64_t inspect_limit;   /* too many occurrences to try them all */
	uint64_t transform_cut;   /* a buffer larger than transforms can see */
};

const struct qw_signature_counters *qw_signatures_counters(const struct qw_signatures *set);

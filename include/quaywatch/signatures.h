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
#include "quaywatch/rule_event.h"
#include "quaywatch/states.h"
#include "quaywatch/time.h"

/* ---- building */

struct qw_signature_options {
	/* Value of $NAME ("HOME_NET"), or NULL where it is not defined. */
	const char *(*variable)(void *ctx, const char *name);
	void *ctx;
	const char *cache;          /* folder of compiled databases; NULL or "": none */
	const char *folder;         /* where files lie that distributed rules name; NULL: they may name none */
	const char *categories;     /* Suricata's iprep files: of categories, and, comma separated, of addresses */
	const char *reputation;     /* … NULL or "": none */
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

/*
 * Reads suppressions and thresholds for rules that were read (Suricata's
 * threshold.config, Snort's event filters); what is not understood is one
 * complaint each, with path:line.  After the last rule, before finish.
 */
enum qw_err qw_signature_builder_thresholds(struct qw_signature_builder *builder, const char *path, const char *text,
					    size_t len, struct qw_diags *diags) QW_MUSTCHECK;
/* The same for rules that were sent here: the files they name are confined to the options' folder. */
enum qw_err qw_signature_builder_receive(struct qw_signature_builder *builder, const char *channel, const char *text,
					 size_t len, struct qw_diags *diags) QW_MUSTCHECK;

/*
 * Declares a set for all rules, before they are read: name, and options as a
 * rule has them ("type string, load names.lst").  QW_EFORMAT: refused, and
 * said so with `origin`, which also says from where files are looked for.
 */
enum qw_err qw_signature_builder_declare(struct qw_signature_builder *builder, const char *origin, const char *name,
					 const char *options, struct qw_diags *diags) QW_MUSTCHECK;

const struct qw_signature_counts *qw_signature_builder_counts(const struct qw_signature_builder *builder);

/* Leaves out gid:sid (a tenant's local disable list).  False: there is no such rule. */
bool qw_signature_builder_disable(struct qw_signature_builder *builder, uint32_t gid, uint32_t sid);

/* Compiles (Hyperscan; from the cache where it can).  The descriptor is the caller's.  No rules: an empty image. */
enum qw_err qw_signature_builder_finish(struct qw_signature_builder *builder, int *fd, struct qw_diags *diags) QW_MUSTCHECK;

/* ---- how often each rule is asked, for who writes rules */

/* By what a rule without a literal is found; of those with several properties, the first that it has from below. */
enum qw_found_by {
	QW_BY_NOTHING, /* every packet, or piece of what it looks into */
	QW_BY_PROTO,   /* … of its IP protocols */
	QW_BY_HEAD,    /* the payload's first byte; a field's goes before the application */
	QW_BY_APP,     /* … of its applications */
	QW_BY_ICMP,    /* an ICMP type */
	QW_BY_FLAGS,   /* TCP flags */
	QW_BY_PORT,    /* few destination ports */
	QW_BY_SOURCE_PORT,
	QW_BY_EVENT,   /* a packet's event */
	QW_BY_ADDRESS, /* addresses alone: once a direction of a flow */
	QW_BY_NUMBER,  /* few values of a field that is a number */
};

/* Why no literal stands for it in the prefilter: what came nearest to one. */
enum qw_no_literal {
	QW_LITERAL,            /* there is one */
	QW_NO_LITERAL_HEADER,  /* it looks at headers and flows only */
	QW_NO_LITERAL_TESTS,   /* at numbers, sizes and bytes, by value */
	QW_NO_LITERAL_PCRE,    /* nothing but expressions */
	QW_NO_LITERAL_NEGATED, /* nothing but contents that must not be there */
	QW_NO_LITERAL_PACKET,  /* contents in packet headers, which the prefilter does not see */
	QW_NO_LITERAL_OTHER,   /* on the payload of a rule that asks for fields, too, or on what may be absent */
	QW_NO_LITERAL_CODED,   /* contents behind transforms or base64_decode, which change what they would be found by */
	QW_NO_LITERAL_ZEROES,  /* contents of zeroes, which are everywhere, but for one byte at most */
	QW_NO_LITERAL_SHORT,   /* contents of too few bytes */
};

struct qw_signature_cost {
	const char *path; /* where the rule stands */
	uint32_t line, gid, sid;
	enum qw_no_literal why;
	enum qw_found_by by;    /* without a literal */
	enum qw_buffer buffer;  /* the literal's; without one: whose values it is tried on, QW_BUFFER_COUNT: packets */
	uint64_t apps;          /* bit per enum qw_app; 0: any */
	uint8_t protos[2];      /* IANA numbers; 0: any */
	uint8_t least;          /* bytes that a content needs to be a literal there */
};

/* Shows each rule that was not left out, in the order of reading.  Any time before free. */
void qw_signature_builder_costs(const struct qw_signature_builder *builder,
				void (*visit)(void *ctx, const struct qw_signature_cost *cost), void *ctx);

/* ---- what is asked */

enum qw_fact_flag {
	QW_FACT_TO_SERVER = 1 << 0,
	QW_FACT_TO_CLIENT = 1 << 1,
	QW_FACT_ESTABLISHED = 1 << 2, /* the flow: both sides seen, or the handshake done */
	QW_FACT_FLOW = 1 << 3,        /* there is a flow at all */
	QW_FACT_STREAM = 1 << 4,      /* the payload is reassembled data, not one packet's */
	QW_FACT_PACKET = 1 << 5,      /* a packet's own header and payload are there */
	QW_FACT_FRAGMENT = 1 << 6,
	QW_FACT_DETECTED = 1 << 8,    /* the first packet of its direction since that one's protocol was settled */
	QW_FACT_FIRST = 1 << 7,       /* first packet of its direction of the flow */
};

struct qw_flow;

/* What a packet and its flow say of themselves.  Host order, except where bytes are given. */
/*
 * What the addresses and ports of one direction of a flow said to the ends of
 * rules' headers that most rules share: asked once a flow.  Zeroed by who keeps
 * it, at first and whenever the set changes.
 */
struct qw_ends {
	uint32_t known, fit; /* bit per kind of ends */
};

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
	uint8_t side_apps[2]; /* enum qw_app, by direction (to the server, to the client) */
	uint8_t app_original; /* enum qw_app: before the protocol changed, else app */
	struct qw_slice link_header;      /* Ethernet's 14 bytes; empty: none */
	struct qw_slice network_header;   /* IPv4 or IPv6 with its options or extensions; empty: none */
	struct qw_slice transport_header; /* TCP, UDP, ICMP */
	struct qw_time time;              /* of the packet */
	const struct qw_packet_events *events; /* NULL: none */
	const struct qw_flow *flow;       /* for who made the facts; not looked into here.  NULL: none */
	struct qw_ends *ends;             /* kept for the flow's direction, which addresses and ports are of; NULL: not kept */
};

/*
 * What rules that remember are told beside the facts: where to, and of whom.
 * Directions by enum qw_direction: [0] to the server.
 */
struct qw_recall {
	struct qw_states *flows;  /* of this worker alone, by owner: bits and counts of flows */
	struct qw_states *shared; /* of all workers: of hosts, pairs and rules */
	uint64_t flow;            /* the flow's number; 0: there is none, or nothing is remembered of it and only tests follow */
	bool has_flow;
	uint64_t transaction;     /* within the flow, from 1; 0: none */
	bool remembered;          /* the flow may have entries in `flows`: else nobody looks */
	uint32_t age_s;           /* of the flow, and what went through it so far, this packet included */
	uint32_t packets[2];
	uint64_t bytes[2];
	uint32_t stream[2];       /* by sequence numbers, the SYN's own included */
	bool has_stream;          /* TCP whose numbers are known */
	uint32_t packet_bytes;    /* of this packet's frame; 0: none at hand */
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
	const struct qw_recall *recall; /* needed where qw_signatures_recalls; NULL: nothing is remembered */
};

/* ---- asking */

struct qw_signatures; /* an opened image; with its scratch it belongs to one thread */

enum qw_err qw_signatures_open(struct qw_signatures **out, int fd) QW_MUSTCHECK;
void qw_signatures_close(struct qw_signatures *set);

size_t qw_signatures_count(const struct qw_signatures *set);

/* True where some rule looks into this buffer. */
bool qw_signatures_want(const struct qw_signatures *set, enum qw_buffer buffer);

/*
 * Bytes of earlier data that a scan of new stream data must begin with, less
 * than QW_PREFILTER_TAIL_MAX.  That many are to be kept and shown to a
 * confirmation: a short content is found without a window then.
 */
enum { QW_PREFILTER_TAIL_MAX = 47 };
size_t qw_signatures_tail(const struct qw_signatures *set);

/* True where some stream rule needs more than its pattern: then the caller keeps a window of each stream. */
bool qw_signatures_need_window(const struct qw_signatures *set);

/* True where some rule is tried on the payload of a TCP segment by itself, which went into its stream. */
bool qw_signatures_want_segments(const struct qw_signatures *set);

/* True where some rule lets traffic pass. */
bool qw_signatures_may_pass(const struct qw_signatures *set);

/* By buffer: 0 where no field of it names a rule.  Valid as long as the set. */
const uint8_t *qw_signatures_naming(const struct qw_signatures *set);

/* May this field of a message name a rule at all?  Cheap, and mostly no. */
bool qw_signatures_may_name(const struct qw_signatures *set, enum qw_buffer buffer, struct qw_slice value);

/* True where some rule is tried on every packet (qw_signatures_of_packet has something to say). */
bool qw_signatures_want_packets(const struct qw_signatures *set);

/* Which packets over TCP may name such a rule; copied out, for it is asked of each. */
struct qw_packet_wants {
	bool all;
	bool flags[256]; /* by the flags of the packet */
	uint64_t apps;   /* bit per enum qw_app, of its flow */
};
void qw_signatures_packet_wants(const struct qw_signatures *set, struct qw_packet_wants *out);

static inline bool qw_signatures_want_packet(const struct qw_packet_wants *wants, uint8_t tcp_flags, unsigned app)
{
	return wants->all || wants->flags[tcp_flags] || wants->apps >> app & 1;
}

/*
 * Candidates of one packet without looking at content: rules that have no
 * usable pattern and whose header fits.  Called for every packet; when
 * nothing can apply it costs a few instructions.  Returns how many numbers
 * were written, in ascending order; more than max are counted in candidates_shed.
 */
size_t qw_signatures_of_packet(struct qw_signatures *set, const struct qw_facts *facts, uint32_t *out, size_t max);

/* Likewise rules on what the packet's events say; asked only for packets that have any. */
size_t qw_signatures_of_events(struct qw_signatures *set, const struct qw_facts *facts, uint32_t *out, size_t max);

/*
 * Candidates whose pattern occurs in `data` of this buffer and ends after the
 * first `old` bytes (those are the tail of what was scanned before), plus
 * rules on this buffer without a pattern; the header fits in all of them.
 * Each number at most once, in ascending order: rules are numbered in the
 * order in which they are to be tried (pass first, what sets state before what
 * tests it, then by priority).
 */
size_t qw_signatures_scan(struct qw_signatures *set, enum qw_buffer buffer, const struct qw_facts *facts,
			  const uint8_t *data, size_t len, size_t old, uint32_t *out, size_t max);

/* The same of data whose facts are made when they are first asked for: most data names no rule at all. */
enum { QW_HEAD_ANY = 256 /* it is not known */ };

struct qw_scan_source {
	const struct qw_facts *(*facts)(void *ctx); /* what it returns holds until the scan is over */
	void *ctx;
	uint16_t head[2]; /* first bytes of what candidates will be confirmed against: the field; of payload the stream's, the packet's */
};
size_t qw_signatures_scan_for(struct qw_signatures *set, enum qw_buffer buffer, struct qw_scan_source source,
			      const uint8_t *data, size_t len, size_t old, uint32_t *out, size_t max);

/* Puts numbers of several scans in their order, each once.  Returns how many are left. */
size_t qw_signatures_sort(uint32_t *numbers, size_t count);

/*
 * All options in their order, in full.  For rules on raw payload the subject's
 * QW_BUFFER_PAYLOAD is either the packet's (QW_FACT_PACKET in its facts) or
 * stream data (QW_FACT_STREAM), and `wants` of qw_signature says which of the
 * two a rule can use.
 */
bool qw_signatures_confirm(struct qw_signatures *set, uint32_t number, const struct qw_subject *subject);

/*
 * For a rule that wants both sides (=>): what of it holds in this message is
 * kept in *held, a bit a buffer's list, between the messages of a transaction.
 * True: all of it has held.
 */
enum { QW_BOTH_LISTS_MAX = 16 };
bool qw_signatures_confirm_rest(struct qw_signatures *set, uint32_t number, const struct qw_subject *subject, uint16_t *held);

enum qw_signature_action { QW_ACTION_ALERT, QW_ACTION_PASS, QW_ACTION_DROP, QW_ACTION_REJECT };

enum qw_signature_wants {
	QW_WANTS_PACKET = 1 << 0, /* may match on a packet's own payload or header */
	QW_WANTS_STREAM = 1 << 1, /* may match on reassembled data */
	QW_WANTS_APP = 1 << 2,    /* looks into buffers that parsers fill */
	QW_WANTS_PROVED = 1 << 3, /* the pattern's hit is the whole proof: no confirmation needed */
	QW_WANTS_NEAR = 1 << 8,   /* the pattern ends it: all of it lies within the tail and the new data, no window is needed */
	QW_WANTS_BOTH = 1 << 9, /* both sides of a transaction: qw_signatures_confirm_rest */
	QW_WANTS_SILENCE = 1 << 4, /* noalert: matches have effects, but no alert */
	QW_WANTS_EFFECTS = 1 << 5, /* a match changes what is remembered: qw_signatures_effects */
	QW_WANTS_LIMITS = 1 << 6,  /* not every match alerts: qw_signatures_limit */
	QW_WANTS_TAG = 1 << 7,     /* an alert tags what comes after: qw_signatures_tag */
	QW_WANTS_ASKED = 1 << 10,  /* no pattern names it: every scan of its buffer does, so it need not wait for more */
};

/* The part of a confirmation that looks at no data: header, facts, and what is remembered. */
bool qw_signatures_applies(const struct qw_signatures *set, uint32_t number, const struct qw_subject *subject);

/* Needs the rule a recall to be confirmed? */
bool qw_signatures_recalls(const struct qw_signatures *set, uint32_t number);

/* enum qw_signature_wants, or-ed: what qw_signatures_info tells, for who needs no more. */
uint16_t qw_signatures_wants(const struct qw_signatures *set, uint32_t number);

/*
 * A first look: may the rule hold on a payload that begins so?  Says no only
 * where confirming would; of what is longer than QW_HEAD_BYTES, for good.
 */
enum { QW_HEAD_BYTES = 8 };
bool qw_signatures_begins(const struct qw_signatures *set, uint32_t number, struct qw_slice payload);

/* ---- after a match; all need the subject's facts and recall, none its buffers */

/* Bits, counts and so on that the rule sets.  True: the flow has entries from now on. */
bool qw_signatures_effects(struct qw_signatures *set, uint32_t number, const struct qw_subject *subject);

enum qw_verdict {
	QW_VERDICT_ALERT,
	QW_VERDICT_LIMITED,    /* by threshold or detection_filter */
	QW_VERDICT_SUPPRESSED, /* by a suppression of this sensor */
};

/*
 * Does this match alert?  Counts it.  Like effects, it may leave entries of the
 * flow.  *until: up to when further matches of such a subject will be limited,
 * counted or not; 0: nobody knows.
 */
enum qw_verdict qw_signatures_limit(struct qw_signatures *set, uint32_t number, const struct qw_subject *subject,
				    struct qw_time *until);

/* Tags flow or hosts, of an alert.  True: the flow is tagged. */
bool qw_signatures_tag(struct qw_signatures *set, uint32_t number, const struct qw_subject *subject);

/* Is a packet tagged, because of its flow (flow_tagged: it may be) or one of its hosts?  Counts it. */
bool qw_tagged(const struct qw_facts *facts, const struct qw_recall *recall, bool flow_tagged);

/* Forgets all entries of a flow. */
void qw_forget_flow(struct qw_states *flows, uint64_t flow);

/* What a flow remembers, by name: flow bits, and numbers of flowint. */
enum { QW_MARKS_MAX = 16 };
struct qw_mark {
	const char *name; /* lives as long as the set */
	bool is_number;
	uint32_t number;
};
size_t qw_signatures_marks(const struct qw_signatures *set, struct qw_states *flows, uint64_t flow, struct qw_time now,
			   struct qw_mark *out, size_t max);

/* What a tenant offers to share when the rule fires (metadata: quaywatch_share …), one bit each. */
enum qw_share { QW_SHARE_SRC_IP = 1, QW_SHARE_DEST_IP = 2, QW_SHARE_DOMAIN = 4, QW_SHARE_JA3 = 8 };

/* What stands in a set beside the member that a rule met: a JSON object, and what to call it. */
enum {
	QW_CONTEXTS_MAX = 8,
	QW_CONTEXT_KEY_MAX = 63,  /* letters of a key */
	QW_CONTEXT_JSON_MAX = 4096, /* bytes of an object */
};
struct qw_context {
	const char *key, *json;
};

/* Which end the rule says is attacked. */
enum qw_signature_target { QW_TARGET_UNSAID, QW_TARGET_SRC, QW_TARGET_DEST };

struct qw_signature {
	uint32_t gid, sid, rev;
	uint8_t priority; /* 1 is the worst */
	uint16_t wants;   /* enum qw_signature_wants */
	uint8_t share;    /* enum qw_share */
	enum qw_signature_action action;
	enum qw_signature_target target;
	bool whole_flow; /* pass: not this packet alone, but its flow from now on */
	const char *msg;        /* never NULL; texts live as long as the set */
	const char *category;   /* the class's description, "" without one */
	const char *metadata;   /* "key value, key value", "" without any */
	const char *references; /* "url,example.test/x" and so on, one a line, "" without any */
	const struct qw_context *contexts; /* of the latest confirmation, if it was this rule's; until the next one */
	uint32_t context_count;
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

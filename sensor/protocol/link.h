/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link - the contract of parsers of what stands right above Ethernet, and the conversations they remember.
 *
 * There is no flow.  A parser gets each frame's payload and publishes messages
 * as others do (quaywatch/message.h, detail is struct qw_ot_detail); what it
 * keeps from one frame to the next lies in a conversation: who sent to whom, in
 * which VLAN, and a number of the protocol's own.
 *
 *	frame ─► qw_links_feed ─► ops->feed ─► qw_link_find ─► qw_link_tell ─► sink
 *	time  ─► qw_links_tick ─► ops->look, for each conversation ─► …
 *
 * One worker.  Each protocol has a table of fixed size, so that a flood of one
 * takes nothing from another; where a set of it is full, the conversation that
 * was silent longest gives its place up (counted).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"
#include "quaywatch/message.h"
#include "quaywatch/ot.h"
#include "quaywatch/packet.h"
#include "quaywatch/rule_event.h"
#include "quaywatch/text.h"

enum { QW_LINK_HEADER = 14, QW_LINK_VLANS = 2, QW_LINK_STATE = 64 };

/* Who receives what is found.  packet: the frame, or of a silence what the last one's head was. */
struct qw_link_sink {
	void *ctx;
	void (*publish)(void *ctx, const struct qw_packet *packet, const struct qw_message *message);
};

/* Zeroed when it begins. */
struct qw_link_talk {
	struct qw_link_key {
		uint64_t id;                    /* the protocol's own */
		uint8_t header[QW_LINK_HEADER]; /* Ethernet: destination, source, type */
		uint16_t vlan[QW_LINK_VLANS];   /* the outermost */
		uint8_t vlan_count;
		uint8_t zero[5];
	} key;
	struct qw_time last;   /* when it was found last; 0: a free place */
	struct qw_time before; /* … and the time before that; 0: it is new */
	uint64_t transactions;
	uint16_t interface;
	uint16_t zero[3];
	_Alignas(8) uint8_t state[QW_LINK_STATE]; /* the parser's */
};

_Static_assert(sizeof(struct qw_link_talk) == 128, "a conversation is two cache lines");

struct qw_links;
struct qw_link_ops;

struct qw_link_call {
	struct qw_links *links;
	const struct qw_link_ops *ops;
	const struct qw_packet *packet;
	const struct qw_link_sink *sink;
};

struct qw_link_ops {
	enum qw_app app;
	uint16_t ether_type;
	uint16_t conversations; /* that are remembered, a power of two */
	void (*feed)(const struct qw_link_call *call, struct qw_bytes payload);
	/* About once a second for each conversation, whether it spoke or not; call->packet is made from it.  May be NULL. */
	void (*look)(const struct qw_link_call *call, struct qw_link_talk *talk);
};

/* All of them, each in a file of its name. */
enum { QW_LINK_PROTOCOLS = 6 };
extern const struct qw_link_ops *const qw_link_protocols[QW_LINK_PROTOCOLS];

/* ---- for the engine */

enum qw_err qw_links_new(struct qw_links **out) QW_MUSTCHECK;
void qw_links_free(struct qw_links *links);

/* Who looks (enum qw_ot_want, or-ed); nobody at first.  What was remembered before a time of nobody is forgotten. */
void qw_links_want(struct qw_links *links, uint32_t wants);

/* A packet without IP; of what is none of these nothing comes.  Not to be called while nobody looks. */
void qw_links_feed(struct qw_links *links, const struct qw_packet *packet, const struct qw_link_sink *sink);

/* Packet time went on: who fell silent is noticed. */
void qw_links_tick(struct qw_links *links, struct qw_time now, const struct qw_link_sink *sink);

struct qw_links_counters {
	uint64_t begun, evicted;
	uint64_t unread; /* frames that were too short or broken to tell anything of */
};
struct qw_links_counters qw_links_counters(const struct qw_links *links);

/* ---- for parsers */

/* The packet's conversation of this id. */
struct qw_link_talk *qw_link_find(const struct qw_link_call *call, uint64_t id);

/* As above, whoever sends and receives: for what is said of the id by all. */
struct qw_link_talk *qw_link_find_common(const struct qw_link_call *call, uint64_t id);

static inline bool qw_link_is_new(const struct qw_link_talk *talk)
{
	return talk->before.ns == 0;
}

/* An id of a text, and of a number beside it; nobody else can find texts of the same one. */
uint64_t qw_link_id(const struct qw_link_call *call, struct qw_slice text, uint32_t number);

/* The frame told nothing. */
void qw_link_unread(const struct qw_link_call *call);

/* What may be odd of a protocol's messages: bit i of `odd` is row i, the last row's word is NULL. */
struct qw_link_odd {
	const char *word;
	enum qw_app_event event;
};
void qw_link_put_odds(struct qw_text *text, const struct qw_link_odd *odds, uint32_t odd);

/* Publishes a message of the conversation.  odds may be NULL where odd is 0. */
void qw_link_tell(const struct qw_link_call *call, struct qw_link_talk *talk, const struct qw_ot_detail *detail,
		  const struct qw_link_odd *odds, uint32_t odd);

/* As above in two steps, for messages with fields: detail outlives the second; fields are added between. */
void qw_link_begin(const struct qw_link_call *call, struct qw_link_talk *talk, const struct qw_ot_detail *detail,
		   struct qw_message *message);
void qw_link_publish(const struct qw_link_call *call, const struct qw_message *message);

/* Who looks (enum qw_ot_want, or-ed). */
uint32_t qw_link_wants(const struct qw_link_call *call);

/* The packet's sender; zeros where the link has no addresses. */
const uint8_t *qw_link_sender(const struct qw_link_call *call);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stage - one engine on which many cases play, each between hosts of its own.
 *
 * A case describes what one client sends to one server; the stage puts the
 * tunnels of its way around it, feeds the engine, and knows by the addresses
 * of an alert whose it is.  Offsets are those of the client's (or server's)
 * stream: the first byte is 0, its SYN stands at -1.
 *
 *	stage_open(stage);                          three packets
 *	stage_say(stage, goods, 10, 20);            the goods' bytes 10 to 19
 *	stage_say(stage, goods, 0, 10);
 */
#pragma once

#include "tests/unit/engine_kit.h"

#include "tests/evasion/goods.h"

#define STAGE_ALARM (UINT32_C(1) << 31)

/* What a case is played with. */
struct setting {
	const char *way; /* forge_way() */
	bool ipv6;       /* the hosts' */
};

struct stage {
	struct room room;
	struct qw_engine *engine; /* NULL: a rehearsal, only the digest is made */
	struct setting setting;
	enum goods_kind kind;
	enum goods_kind indicated; /* whose an indicator's alert is */
	uint32_t number;   /* of the case playing */
	uint64_t digest;   /* of what it sent, addresses left out */
	uint64_t ns;       /* packet time */
	uint64_t packets;
	uint32_t first[2]; /* sequence number of each side's first byte */
	uint16_t client_port;
	char address[2][48]; /* by enum forge_side */
	uint32_t *said;      /* by number: bits of the sids that alerted, STAGE_ALARM */
	uint32_t said_max;
	struct forge_packet packet, fragment;
};

void stage_raise(struct stage *stage, const char *const *settings, uint32_t cases);
/* The capture is over: what still waits comes out. */
void stage_end(struct stage *stage);
void stage_strike(struct stage *stage);

/* The next case begins; rehearse: nothing is fed, but the digest is made. */
void stage_begin(struct stage *stage, const struct setting *setting, enum goods_kind kind, uint32_t number);

/* This case comes another way than its setting's. */
void stage_way(struct stage *stage, const char *way);

/* What makes the case, and does not show in what stands behind the last IP header. */
void stage_fold(struct stage *stage, const void *data, size_t len);

/* Time goes on. */
void stage_wait(struct stage *stage, double seconds);

/* ---- TCP */
struct segment {
	enum forge_side side;
	int64_t at; /* offset of the first byte */
	int64_t ack; /* offset in the other side's stream */
	uint8_t flags;
	const void *data;
	size_t len;
	const void *options;
	size_t options_len;
	uint16_t urgent, window; /* window 0: 65 535; NO_WINDOW: 0 */
	uint8_t ttl;             /* 0: 64 */
	bool spoiled;            /* its checksum is wrong */
	bool spoiled_ip;
};

enum { NO_WINDOW = 1 };

void stage_segment(struct stage *stage, const struct segment *segment);
void stage_open(struct stage *stage);
/* Client data with PSH and ACK. */
void stage_data(struct stage *stage, int64_t at, const void *data, size_t len);
/* Some of the goods, where it belongs. */
void stage_say(struct stage *stage, const struct goods *goods, uint32_t at, uint32_t until);
/* All of the goods before and behind what matters. */
void stage_before(struct stage *stage, const struct goods *goods);
void stage_behind(struct stage *stage, const struct goods *goods);
/* The server acknowledges. */
void stage_ack(struct stage *stage, int64_t upto);
/* A segment without data. */
void stage_flags(struct stage *stage, enum forge_side side, int64_t at, int64_t ack, uint8_t flags);

/* ---- datagrams: built, then sent whole or in parts */
void stage_datagram(struct stage *stage, struct forge_packet *out, const struct goods *goods);
/* The client's first segment with all of the goods. */
void stage_whole_segment(struct stage *stage, struct forge_packet *out, const struct goods *goods);
void stage_send(struct stage *stage, const struct forge_packet *packet);
/* A fragment of the innermost IP packet. */
void stage_part(struct stage *stage, const struct forge_packet *whole, size_t offset, size_t len, uint32_t id, bool more);

/* What a receiver would not believe, or not alone: letters of no meaning. */
void stage_decoy(void *out, const void *truth, size_t len);

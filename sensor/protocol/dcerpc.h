/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dcerpc - DCE/RPC over a connection, whatever carries it: TCP or a named pipe.
 *
 * Follows what is bound (bind and alter context, several contexts, what the
 * server accepted) and tells each call when its last fragment came: interface,
 * operation number and stub data, the request and the response apart.
 *
 *	bind ─► contexts ◄─ bind ack        request … last ─► told ─► call ─► response … last ─► told
 *
 * One connection's bytes in order, in pieces of any size.  Bounded: CONTEXTS
 * and CALLS below, stubs of QW_DCERPC_STUB_MAX bytes; reaching a bound is
 * counted with the parser's (qw_parser_cut).
 */
#pragma once

#include "quaywatch/flow.h"
#include "quaywatch/message.h"
#include "sensor/protocol/frames.h"
#include "sensor/protocol/speaker.h"

enum {
	QW_DCERPC_HEAD = 16,
	QW_DCERPC_UUID = 16,
	QW_DCERPC_CONTEXTS = 32,
	QW_DCERPC_CALLS = 16, /* that wait for fragments, or for their answer */
	QW_DCERPC_STUB_MAX = 64 * 1024,
};

enum qw_dcerpc_answer { QW_DCERPC_UNANSWERED, QW_DCERPC_ACCEPTED, QW_DCERPC_REFUSED };

/*
 * The value of QW_BUFFER_DCE_IFACE: 20 bytes, as keyword/dcerpc.c tests them.
 * `first`: the call began with a first fragment, as it should.
 */
struct qw_dcerpc_iface {
	uint8_t uuid[QW_DCERPC_UUID]; /* in the order of its text */
	uint8_t version[2];           /* major, big end first */
	uint8_t first;                /* 0 or 1 */
	uint8_t answer;               /* enum qw_dcerpc_answer */
};

_Static_assert(sizeof(struct qw_dcerpc_iface) == 20, "a record without holes");

struct qw_dcerpc_context {
	struct qw_dcerpc_iface iface;
	uint32_t bind; /* call id of the bind that proposed it */
	uint16_t id;
	uint8_t place; /* in that bind */
};

struct qw_dcerpc_call {
	uint32_t id;
	uint16_t opnum, context;
	bool used;
	bool asked, told; /* its request was seen; and is told */
	bool first;       /* … and began with a first fragment */
	bool full;        /* the stub is at its bound and was told */
	bool little;
	struct qw_store stub[2]; /* of the request, of the response */
};

/* All zero: nothing bound. */
struct qw_dcerpc {
	struct qw_frames frames[2]; /* PDUs, by direction */
	uint8_t contexts, calls;    /* calls: where the next is put */
	uint8_t next_context;       /* to be replaced when all places are taken */
	struct qw_dcerpc_context context[QW_DCERPC_CONTEXTS];
	struct qw_dcerpc_call call[QW_DCERPC_CALLS];
};

struct qw_dcerpc_found {
	bool request;
	bool little; /* byte order of the PDU */
	bool known;  /* a response's call was seen: opnum is right */
	uint16_t opnum;
	bool bound;  /* its bind was seen: iface is right */
	struct qw_dcerpc_iface iface;
	struct qw_slice stub;
};

struct qw_dcerpc_listener {
	void *ctx;
	void (*found)(void *ctx, const struct qw_dcerpc_found *found);
};

/* A UUID in the order of its text, from 16 bytes as they are sent. */
void qw_dcerpc_uuid(const uint8_t *at, bool little, uint8_t out[QW_DCERPC_UUID]);

/* Do these bytes begin a PDU?  1 yes, 0 no, -1 not enough to tell. */
int qw_dcerpc_probe(const uint8_t *data, size_t len);

/* Who says the PDU that begins here? */
enum qw_speaker qw_dcerpc_speaker(const uint8_t *data, size_t len);

/*
 * The next bytes of a direction.  False: they are none of this protocol; what
 * is left of them is given up, and the next piece may begin anew.
 * state: the parser's, whose memory is used.
 */
bool qw_dcerpc_feed(void *state, struct qw_dcerpc *rpc, enum qw_direction direction, struct qw_bytes in,
		    const struct qw_dcerpc_listener *listener);

/* Bytes are missing: what is half there of a PDU is given up. */
void qw_dcerpc_lose(void *state, struct qw_dcerpc *rpc, enum qw_direction direction);

/* No more comes of requests, or of responses: what is half there is told. */
void qw_dcerpc_close(void *state, struct qw_dcerpc *rpc, bool requests, const struct qw_dcerpc_listener *listener);

void qw_dcerpc_free(void *state, struct qw_dcerpc *rpc);

/* Adds a call's fields to a message; they live as long as `found`. */
void qw_dcerpc_add(struct qw_message *message, const struct qw_dcerpc_found *found);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parser - the contract of every application protocol parser.
 *
 * A parser is fed the bytes of both directions in order, in pieces of any
 * size, and publishes messages (quaywatch/message.h).  It holds what it needs
 * between pieces, bounded; it never trusts a length; a piece that cannot be
 * of its protocol ends it (QW_PARSE_STOP), and the flow goes on without.
 *
 * One worker.  Parsers take their memory from a pool of bounded size (a flow
 * that gets none goes on without a parser, counted).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/app.h"
#include "quaywatch/err.h"
#include "quaywatch/flow.h"
#include "quaywatch/message.h"
#include "quaywatch/rule_event.h"
#include "sensor/protocol/speaker.h"

struct qw_repeat;

/* Who receives what parsers find. */
struct qw_message_sink {
	void *ctx;
	void (*publish)(void *ctx, struct qw_flow *flow, const struct qw_message *message);
	struct qw_repeat *repeat; /* frames that need not be read again (repeat.h); NULL: all are read */
};

enum qw_parse {
	QW_PARSE_MORE, /* go on feeding */
	QW_PARSE_STOP, /* it is not (or no longer) this protocol: feed nothing more */
	QW_PARSE_SKIP, /* this direction is of no more interest (encrypted): scan it no further */
	QW_PARSE_OVER, /* this protocol ended and another follows (STARTTLS, CONNECT): look at what comes anew */
};

enum { QW_STARTS_MAX = 7 };

struct qw_parser_ops {
	enum qw_app app;
	bool datagram; /* each feed is one whole datagram */
	bool patient;  /* whoever serves there passes over what it cannot read: while the probe says -1, each datagram is probed */
	bool industrial; /* flows get it only while somebody looks (qw_parser_pool_want_ot) */

	/* First bytes that a direction of it may have, from … to: with others the probe is not asked.  0 ranges: any. */
	struct qw_starts {
		uint8_t count;
		uint8_t range[QW_STARTS_MAX][2];
	} starts;

	/* Enough to take the flow on?  The first bytes of one direction, one at least.  1 yes, 0 no, -1 not yet. */
	int (*probe)(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len);

	/* May what another conversation announced (expect.h) begin so?  NULL: it looks like anything. */
	bool (*announced)(const uint8_t *data, size_t len);

	/*
	 * Who says this, if a message of the protocol begins here?  Asked where
	 * the handshake was not seen, of bytes that may be anything: what is not
	 * certain is QW_SPEAKER_UNKNOWN.  NULL: messages do not tell.
	 */
	enum qw_speaker (*speaker)(const uint8_t *data, size_t len);

	/*
	 * What all flows of a worker share (a library's configuration): made with
	 * the pool, found by qw_parser_shared(), ended with it.  May be NULL, both.
	 */
	enum qw_err (*prepare)(void **shared);
	void (*dispose)(void *shared);

	size_t state_bytes; /* zeroed memory that each flow gets */
	enum qw_parse (*feed)(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			      size_t len, const struct qw_message_sink *sink);
	/* Bytes are missing: give up, or resynchronise.  NULL: QW_PARSE_STOP. */
	enum qw_parse (*gap)(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			     const struct qw_message_sink *sink);
	/* This direction ended: publish what the end completes.  May be NULL. */
	void (*close)(void *state, struct qw_flow *flow, enum qw_direction direction, const struct qw_message_sink *sink);
	/* Frees what the state holds beyond itself.  May be NULL. */
	void (*fini)(void *state);
};

/* All parsers, each in a file of its name; the order is that of probing. */
extern const struct qw_parser_ops *const qw_parsers[];
extern const size_t qw_parser_count;

/* ---- the parsers of one worker */

struct qw_parser_pool;

enum qw_err qw_parser_pool_new(struct qw_parser_pool **out, size_t bytes) QW_MUSTCHECK;
void qw_parser_pool_free(struct qw_parser_pool *pool);

/* The digests of whole files that are worth computing (enum qw_digest_kind, or-ed); none at first. */
void qw_parser_pool_want(struct qw_parser_pool *pool, uint32_t digests);

/*
 * Who looks at messages of industrial protocols.  While nobody does, their
 * flows get no parser (flow->app is set all the same, and QW_FLOW_NO_PARSER);
 * qw_parser_wake, for each flow once somebody comes, makes them look again:
 * they are read from the next message on.
 */
enum qw_ot_want {
	QW_OT_WANT_FIELDS = 1,
	QW_OT_WANT_EVENTS = 2,
	QW_OT_WANT_WATCH = 8,  /* messages as for events, but not those that only carry others */
	QW_OT_WANT_VALUES = 4, /* events may tell what is written */
};
void qw_parser_pool_want_ot(struct qw_parser_pool *pool, uint32_t wants);
void qw_parser_wake(struct qw_flow *flow);

/*
 * Each piece of data is first shown to qw_parser_choose, which chooses the
 * flow's parser where there is none (flow->app names it, or the probes do, by
 * the first bytes of a direction), holds it if none is sure yet, and sets
 * flow->app: rules know the protocol of this very data before it is fed.
 */
void qw_parser_choose(struct qw_parser_pool *pool, struct qw_flow *flow, enum qw_direction direction,
		      const uint8_t *data, size_t len);

/*
 * Then it is fed to the parser, if there is one by now.  Sets
 * QW_FLOW_NO_PARSER or QW_FLOW_ENCRYPTED when that is settled.
 */
void qw_parser_feed(struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len,
		    const struct qw_message_sink *sink);
void qw_parser_gap(struct qw_parser_pool *pool, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
		   const struct qw_message_sink *sink);
void qw_parser_close(struct qw_parser_pool *pool, struct qw_flow *flow, enum qw_direction direction,
		     const struct qw_message_sink *sink);

/* Gives the flow's parser back. */
void qw_parser_end(struct qw_parser_pool *pool, struct qw_flow *flow);

/*
 * Settles what this direction's first data looks like (flow->side_app), by
 * itself and whatever the flow is taken for.  What is odd about the two sides
 * goes into *events; true: it is settled.  To be called for each piece of data
 * while qw_parser_is_looking().
 */
bool qw_parser_look(const struct qw_parser_pool *pool, struct qw_flow *flow, enum qw_direction direction,
		    const uint8_t *data, size_t len, struct qw_packet_events *events);

static inline bool qw_parser_is_looking(const struct qw_flow *flow, enum qw_direction direction)
{
	return !(flow->side_looked & QW_LOOK_DONE << direction);
}

/* Who says this, in any protocol of the flow's transport? */
enum qw_speaker qw_parser_speaker(const struct qw_flow *flow, const uint8_t *data, size_t len);

/*
 * Client and server of the flow change places (sensor/flow/side.h), or it is
 * sure only now that they need not.  What waits for a parser changes with them;
 * a parser that was chosen is given back, and one that was not found is looked
 * for again, from the next data on.
 */
void qw_parser_turn(struct qw_flow *flow, bool turned);

struct qw_parser_counters {
	uint64_t opened, stopped, no_room;
	uint64_t cut; /* a bound was reached: a name, body or message was not kept whole */
	uint64_t unanswered; /* requests of industrial protocols that nothing answered */
	uint64_t in_use, bytes;
};
void qw_parser_counters(const struct qw_parser_pool *pool, struct qw_parser_counters *out);

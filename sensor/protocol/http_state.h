/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_state - what the HTTP parser keeps of a connection, and how it is told.
 *
 * Internal to http.c, http_tell.c, http_ntrip.c and http_watch.c.
 */
#pragma once

#include <htp/htp.h>

#include "sensor/protocol/chunks.h"
#include "sensor/protocol/http_event.h"
#include "sensor/protocol/http_range.h"
#include "sensor/protocol/known.h"
#include "sensor/protocol/mail.h"
#include "sensor/protocol/parser.h"
#include "sensor/protocol/unpack.h"

/* A body of parts (multipart/form-data), those with a name being files. */
struct qw_http_form {
	struct qw_lines lines;
	struct qw_mail mail;
};

/* One side of a transaction. */
struct qw_http_half {
	struct qw_known known;
	struct qw_store raw;
	struct qw_content body;
	union { /* NULL: the body is one, and all of it */
		struct qw_http_form *form;   /* of a request */
		struct qw_http_range *range; /* of a response */
	};
	uint64_t body_bytes;
	struct qw_http_events events;
	bool head, done;
};

struct qw_http_transaction {
	struct qw_http_transaction *next, *previous; /* older first */
	htp_tx_t *tx;
	uint64_t number;
	struct qw_http_half half[2];
};

_Static_assert(sizeof(struct qw_http_transaction) <= 1024, "a transaction takes one block of the pool");

struct qw_http {
	htp_connp_t *connection;
	struct qw_http_transaction *oldest, *newest; /* that wait for their end */
	struct qw_http_partial partial;              /* a file that came in ranges so far */
	struct qw_unpack *unpack;                    /* of the response under way; NULL: it comes as it is */
	struct qw_http_ntrip *ntrip;                 /* NULL: it is no session of NTRIP */
	uint64_t transactions;
	uint32_t live_count, since_begun;
	/* the call that is being served */
	struct qw_flow *flow;
	const struct qw_message_sink *sink;
	const uint8_t *data;
	enum qw_direction direction;
	bool wait; /* some transaction has events that were not told */
	/* the lines between chunks, of each side's body under way */
	struct {
		struct qw_chunks chunks;
		size_t from; /* of the data being served: what is not followed yet */
		bool open;
	} body[2];
	bool response_over; /* the server said its last, the client may not have */
	bool tunnel; /* CONNECT was granted: what comes is not ours */
};

static inline struct qw_http *qw_http_of(const htp_tx_t *tx)
{
	return htp_connp_get_user_data(tx->connp);
}

/* Ours of libhtp's (http.c); NULL: the pool has no room. */
struct qw_http_transaction *qw_http_transaction_of(htp_tx_t *tx);

/* ---- http_tell.c */

/* The head is read: tells it, once, and learns what the body will be. */
void qw_http_tell_head(htp_tx_t *tx, struct qw_http_transaction *transaction, enum qw_direction direction);

/* A piece of the body: into half->body, and its form's parts.  Tells what is due. */
void qw_http_take_body(htp_tx_t *tx, struct qw_http_transaction *transaction, enum qw_direction direction,
		       const void *data, size_t len);

/* This side ends.  whole: as it announced, nothing is missing. */
void qw_http_tell_end(htp_tx_t *tx, struct qw_http_transaction *transaction, enum qw_direction direction, bool whole);

void qw_http_half_free(struct qw_http *http, struct qw_http_half *half, enum qw_direction direction);

/* Events that no other message took with it. */
void qw_http_tell_events(struct qw_http_transaction *transaction);
void qw_http_tell_all_events(struct qw_http *http);

/* ---- http_watch.c: what is wrong with requests and responses */

/* What the head shows. */
void qw_http_head_events(struct qw_http *http, struct qw_http_half *half, const htp_tx_t *tx, enum qw_direction direction);

/* A line of libhtp's log. */
int qw_http_on_log(htp_log_t *log);

/* libhtp keeps what it logs as long as the connection lives; nobody reads it again. */
void qw_http_forget_log(struct qw_http *http);

/* A body begins: are there lines between chunks to be followed? */
void qw_http_open_body(struct qw_http *http, const htp_tx_t *tx, enum qw_direction direction);

/* Follows the lines between chunks as far as libhtp has come, or to `until` of the data being served. */
void qw_http_follow_body(struct qw_http *http, struct qw_http_half *half, enum qw_direction direction);
void qw_http_follow_chunks(struct qw_http *http, struct qw_http_half *half, enum qw_direction direction, size_t until);

/* ---- http_ntrip.c: corrections for satellite positioning */

/* A head is whole. */
void qw_http_ntrip_request(struct qw_http *http, const htp_tx_t *tx);
void qw_http_ntrip_response(struct qw_http *http, const htp_tx_t *tx);

/* A piece of a body; http->ntrip is there. */
void qw_http_ntrip_body(struct qw_http *http, enum qw_direction direction, const void *data, size_t len);

/* A piece of the direction being served; http->ntrip is there.  True: it is none of HTTP's any more. */
bool qw_http_ntrip_takes(struct qw_http *http, struct qw_bytes in);

/* Bytes are missing; http->ntrip is there.  True: they were none of HTTP's. */
bool qw_http_ntrip_lose(struct qw_http *http);

void qw_http_ntrip_free(struct qw_http *http);

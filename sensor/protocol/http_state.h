/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_state - what the HTTP parser keeps of a connection, and how it is told.
 *
 * Internal to http.c, http_tell.c and http_range.c.
 */
#pragma once

#include <htp/htp.h>

#include "sensor/protocol/http_range.h"
#include "sensor/protocol/known.h"
#include "sensor/protocol/mail.h"
#include "sensor/protocol/parser.h"

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
	uint64_t transactions;
	uint32_t live_count, since_begun;
	/* the call that is being served */
	struct qw_flow *flow;
	const struct qw_message_sink *sink;
	bool tunnel; /* CONNECT was granted: what comes is not ours */
};

static inline struct qw_http *qw_http_of(const htp_tx_t *tx)
{
	return htp_connp_get_user_data(tx->connp);
}

/* The head is read: tells it, once, and learns what the body will be. */
void qw_http_tell_head(htp_tx_t *tx, struct qw_http_transaction *transaction, enum qw_direction direction);

/* A piece of the body was taken into half->body, or into its form.  Tells what is due. */
void qw_http_take_body(htp_tx_t *tx, struct qw_http_transaction *transaction, enum qw_direction direction,
		       const void *data, size_t len);

/* This side ends.  whole: as it announced, nothing is missing. */
void qw_http_tell_end(htp_tx_t *tx, struct qw_http_transaction *transaction, enum qw_direction direction, bool whole);

void qw_http_half_free(struct qw_http *http, struct qw_http_half *half, enum qw_direction direction);

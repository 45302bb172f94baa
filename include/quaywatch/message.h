/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message - what a protocol parser found: fields, handed on the moment they are whole.
 *
 * A parser publishes a message each time something complete was read: an HTTP
 * request's head, a piece of its body, a DNS query, a ClientHello.  The fields
 * are what signatures and indicators look at; `detail` is the typed form that
 * events are written from.  All of it is the parser's and valid during the call.
 *
 * Fields of one transaction (`transaction`, counted from 1 within the flow)
 * may come in several messages, in the order of the wire; each message
 * carries all fields of its transaction known so far, the fresh ones marked.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/app.h"
#include "quaywatch/buffer.h"
#include "quaywatch/bytes.h"
#include "quaywatch/flow.h"

/* enum qw_buffer is what signatures see.  These are for indicators alone. */
enum qw_sight {
	QW_SIGHT_NONE,
	QW_SIGHT_NAME,       /* a host name: dns.query, tls.sni, http.host, … */
	QW_SIGHT_ADDRESS,    /* 16 bytes of qw_address: an address inside an answer */
	QW_SIGHT_USER_AGENT,
	QW_SIGHT_JA3,        /* 16 bytes; JA3 or JA3S */
	QW_SIGHT_JA4,        /* text */
	QW_SIGHT_CERT_SHA1,  /* 20 bytes */
	QW_SIGHT_MD5,        /* 16 bytes: of a whole file, whatever carried it */
	QW_SIGHT_SHA1,       /* 20 */
	QW_SIGHT_SHA256,     /* 32 */
	QW_SIGHT_URL,        /* uri; the host is the field of the same message with QW_SIGHT_NAME */
};

enum { QW_FIELDS_MAX = 64, QW_NUMBERS_MAX = 32 };

struct qw_field {
	struct qw_slice value;
	uint8_t buffer; /* enum qw_buffer, or QW_BUFFER_COUNT: for indicators only */
	uint8_t sight;  /* enum qw_sight */
	bool fresh;     /* new, or longer than in the last message of this transaction */
	uint32_t old;   /* bytes of value that the last message had already (a body that grows) */
};

struct qw_message {
	enum qw_app app;
	enum qw_direction direction; /* of the bytes that completed it */
	uint64_t transaction;
	bool last;  /* nothing more will come for this transaction and direction */
	bool alone; /* this message is the whole transaction: no rule waits for another */
	uint16_t count;
	uint16_t numbers;
	uint16_t sights; /* fields that indicators look at */
	struct qw_field field[QW_FIELDS_MAX];
	uint64_t number[QW_NUMBERS_MAX]; /* what fields of numbers point to: a message is never copied */
	/*
	 * All that it says but for sequence numbers, values and times, in two words
	 * that differ where that differs: function, unit, address, quantity,
	 * request or answer, failure.  0, 0: look into the detail.  Some parsers fill
	 * it, while the watch looks (QW_OT_WANT_WATCH).
	 */
	uint64_t gist[2];
	/*
	 * What events are written from: struct qw_dns_detail, qw_tls_detail,
	 * qw_http_detail, qw_ot_detail, by app.  Where nobody may ask for it,
	 * describe() makes it of the scene, which lives as long as the message;
	 * neither: no event.  To be read by qw_message_detail.
	 */
	const void *detail;
	const void *(*describe)(void *scene);
	void *scene;
};

static inline bool qw_message_is_told(const struct qw_message *message)
{
	return message->detail || message->describe;
}

static inline const void *qw_message_detail(const struct qw_message *message)
{
	return message->detail || !message->describe ? message->detail : message->describe(message->scene);
}


/* A message of a transaction, without fields; what stands in its fields need not be cleared. */
static inline void qw_message_begin(struct qw_message *message, enum qw_app app, enum qw_direction direction,
				    uint64_t transaction)
{
	message->app = app;
	message->direction = direction;
	message->transaction = transaction;
	message->last = message->alone = false;
	message->count = message->numbers = message->sights = 0;
	message->gist[0] = message->gist[1] = 0;
	message->detail = NULL;
	message->describe = NULL;
}

/* Adds a field if there is room; an empty slice with data NULL is passed over. */
static inline void qw_message_add(struct qw_message *message, enum qw_buffer buffer, enum qw_sight sight,
				  struct qw_slice value, bool fresh)
{
	if (!value.data || message->count == QW_FIELDS_MAX)
		return;
	message->field[message->count++] = (struct qw_field){value, (uint8_t)buffer, (uint8_t)sight, fresh, 0};
	message->sights += sight != QW_SIGHT_NONE;
}

/* Adds a number (a buffer that quaywatch/buffer.h calls so) if there is room. */
static inline void qw_message_number(struct qw_message *message, enum qw_buffer buffer, uint64_t value, bool fresh)
{
	if (message->numbers == QW_NUMBERS_MAX)
		return;
	uint64_t *place = &message->number[message->numbers++];
	*place = value;
	qw_message_add(message, buffer, QW_SIGHT_NONE, (struct qw_slice){(const uint8_t *)place, sizeof(*place)}, fresh);
}

/* ---- details, what events are written from */

enum { QW_DNS_ANSWERS_MAX = 32 };

struct qw_dns_answer {
	struct qw_slice name;  /* dotted text */
	uint16_t type;
	uint32_t ttl_seconds;
	struct qw_slice data;  /* text of names; rdata otherwise */
	bool is_address;
	struct qw_address address;
};

struct qw_dns_detail {
	bool response;
	uint16_t id, flags;
	uint8_t opcode, rcode;
	struct qw_slice name; /* of the first question, dotted text */
	uint16_t type;
	uint16_t answers;     /* in answer[]; more are counted in `more` */
	uint16_t more;
	struct qw_dns_answer answer[QW_DNS_ANSWERS_MAX];
};

struct qw_tls_detail {
	struct qw_slice sni, alpn, version, ja3, ja3_string, ja3s, ja3s_string, ja4;
	struct qw_slice subject, issuer, serial, fingerprint;
	bool resumed;
};

struct qw_http_detail {
	struct qw_slice host, uri, method, protocol, user_agent, referer, content_type;
	uint16_t port;   /* from the Host header; 0: none */
	uint16_t status; /* 0: no answer seen */
	uint64_t request_bytes, response_bytes; /* bodies */
};

struct qw_line_detail { /* SMTP, FTP, SSH */
	struct qw_slice command, argument, reply;
	struct qw_slice client_software, server_software;
};

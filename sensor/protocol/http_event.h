/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_event - what libhtp found wrong with a request or a response, as app events.
 *
 * libhtp says some of it in flags and numbers of the transaction, the rest
 * only in the texts of its log.
 */
#pragma once

#include <htp/htp.h>

#include "quaywatch/message.h"
#include "quaywatch/rule_event.h"

enum { QW_HTTP_EVENTS_MAX = 12 };

/* Of one side of a transaction; all zero: none. */
struct qw_http_events {
	uint8_t count, told;
	uint8_t event[QW_HTTP_EVENTS_MAX]; /* enum qw_app_event, each once */
};

_Static_assert(QW_AE_COUNT <= 256, "an event is a byte");

/* False: there is no room for it. */
bool qw_http_event_add(struct qw_http_events *events, enum qw_app_event event);

static inline bool qw_http_events_wait(const struct qw_http_events *events)
{
	return events->told < events->count;
}

/* All into the message, those not told before as fresh. */
void qw_http_events_tell(struct qw_http_events *events, struct qw_message *message);

/* What a line of libhtp's log stands for; QW_AE_NONE: nothing.  *direction is left as it is where either side may be meant. */
enum qw_app_event qw_http_event_of_log(const htp_log_t *log, enum qw_direction *direction);

/* What the head of a request or response shows.  False: there was no room for all. */
bool qw_http_events_of_request(struct qw_http_events *events, const htp_tx_t *tx, uint16_t server_port);
bool qw_http_events_of_response(struct qw_http_events *events, const htp_tx_t *tx);

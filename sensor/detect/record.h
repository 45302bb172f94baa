/* SPDX-License-Identifier: Apache-2.0 */
/* record - a message's typed details as event fields: dns, http, tls. */
#pragma once

#include "quaywatch/event.h"
#include "quaywatch/message.h"

/* The event that a message gives; QW_EVENT_COUNT: none. */
enum qw_event_type qw_record_type(const struct qw_message *message);

/* Puts the fields of message->detail, if there is one. */
void qw_record_message(struct qw_event_writer *writer, const struct qw_message *message);

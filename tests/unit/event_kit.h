/* SPDX-License-Identifier: Apache-2.0 */
/* event_kit - events made by hand, and the JSON they come to, for tests of what writes them. */
#pragma once

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quaywatch/event.h"
#include "sensor/export/eve.h"

enum { KIT_TIME_S = 1700000000 };

struct kit_event {
	alignas(8) uint8_t memory[QW_EVENT_MAX];
	struct qw_event_writer writer;
};

static inline void kit_begin(struct kit_event *event, enum qw_event_type type)
{
	qw_event_begin(&event->writer, event->memory, sizeof(event->memory), type, qw_time_seconds(KIT_TIME_S));
}

static inline struct qw_address kit_address(const char *text)
{
	struct qw_address address;

	assert_true(qw_address_parse(text, strlen(text), &address));
	return address;
}

static inline void kit_put_address(struct kit_event *event, enum qw_event_key key, const char *text)
{
	struct qw_address address = kit_address(text);

	qw_event_put(&event->writer, key, &address, sizeof(address));
}

/* The alert that most tests are content with. */
static inline void kit_alert(struct kit_event *event)
{
	kit_begin(event, QW_EVENT_ALERT);
	qw_event_put_u64(&event->writer, QW_KEY_FLOW_ID, 77);
	qw_event_put_text(&event->writer, QW_KEY_IN_IFACE, "m1");
	kit_put_address(event, QW_KEY_SRC_IP, "203.0.113.66");
	qw_event_put_u64(&event->writer, QW_KEY_SRC_PORT, 40000);
	kit_put_address(event, QW_KEY_DEST_IP, "10.77.1.10");
	qw_event_put_u64(&event->writer, QW_KEY_DEST_PORT, 80);
	qw_event_put_u64(&event->writer, QW_KEY_PROTO, 6);
	qw_event_put_text(&event->writer, QW_KEY_ALERT_ACTION, "allowed");
	qw_event_put_u64(&event->writer, QW_KEY_ALERT_GID, 1);
	qw_event_put_u64(&event->writer, QW_KEY_ALERT_SIGNATURE_ID, 2100498);
	qw_event_put_text(&event->writer, QW_KEY_ALERT_SIGNATURE, "a \"quoted\" name");
	qw_event_put(&event->writer, QW_KEY_PAYLOAD, "\x01\x02\x03", 3);
	qw_event_put_text(&event->writer, QW_KEY_ORIGIN, "signature");
	qw_event_put_u64(&event->writer, QW_KEY_COUNT_ADDED, 1);
}

static inline size_t kit_size(const struct kit_event *event)
{
	assert_false(event->writer.cut);
	return qw_event_size(event->writer.event);
}

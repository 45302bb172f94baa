/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link_kit - shows frames to the parsers of what stands right above Ethernet, and writes down what comes of it.
 *
 *	struct link_kit *kit = link_open(0x88cc);
 *	LINK_SEND(kit, "\2\7\4…");
 *	link_pass(kit, 1000);
 *	assert_link_says(kit, "\"kind\":\"neighbour\"");
 *	link_close(kit);
 *
 * Each message becomes a line: '!' and the events of rules that it raises, the
 * fields that rules see, and the object `ot` of its event.  Time goes on by what link_pass says.
 */
#pragma once

#include "sensor/protocol/link.h"
#include "tests/unit/ot_kit.h"

struct link_kit {
	struct qw_links *links;
	struct qw_packet packet;
	uint8_t header[QW_LINK_HEADER];
	unsigned messages;
	struct qw_text log;
	char memory[OT_LOG_MAX];
};

static inline void link_publish(void *ctx, const struct qw_packet *packet, const struct qw_message *message)
{
	struct link_kit *kit = ctx;

	assert_true(message->alone && message->last && message->transaction > 0);
	assert_int_equal(packet->ether_type, kit->packet.ether_type);
	assert_memory_equal(packet->mac, kit->header, 12);
	kit->messages++;
	for (unsigned i = 0; i < message->count; i++) {
		const struct qw_field *field = &message->field[i];
		if (field->buffer == QW_BUFFER_APP_EVENT)
			qw_text_format(&kit->log, "!%u", (unsigned)*(const uint64_t *)(const void *)field->value.data);
		else
			ot_put_field(&kit->log, message, field);
	}
	ot_put_event(&kit->log, message);
	qw_text_char(&kit->log, '\n');
	assert_false(kit->log.cut);
}

static inline struct qw_link_sink link_sink(struct link_kit *kit)
{
	return (struct qw_link_sink){kit, link_publish};
}

static inline struct link_kit *link_open(uint16_t ether_type)
{
	struct link_kit *kit = calloc(1, sizeof(*kit));

	assert_non_null(kit);
	memcpy(kit->header, "\1\2\3\4\5\6\x02\0\0\0\0\x01", 12);
	kit->packet = (struct qw_packet){
	    .mac = kit->header, .flags = QW_PACKET_ETHERNET, .ether_type = ether_type, .time = qw_time_seconds(KIT_TIME_S)};
	qw_text_init(&kit->log, kit->memory, sizeof(kit->memory));
	assert_int_equal(qw_links_new(&kit->links), QW_OK);
	qw_links_want(kit->links, QW_OT_WANT_FIELDS | QW_OT_WANT_EVENTS);
	return kit;
}

static inline void link_close(struct link_kit *kit)
{
	qw_links_free(kit->links);
	free(kit);
}

static inline const char *link_log(struct link_kit *kit)
{
	return qw_text_string(&kit->log);
}

static inline void link_clear(struct link_kit *kit)
{
	kit->messages = 0;
	qw_text_init(&kit->log, kit->memory, sizeof(kit->memory));
}

/* The bytes lie in memory of exactly their size. */
static inline void link_send(struct link_kit *kit, const void *data, size_t len)
{
	const struct qw_link_sink sink = link_sink(kit);
	uint8_t *exact = malloc(len ? len : 1);

	assert_non_null(exact);
	memcpy(exact, data, len);
	kit->packet.payload = exact;
	kit->packet.payload_len = (uint32_t)len;
	qw_links_feed(kit->links, &kit->packet, &sink);
	kit->packet.payload = NULL;
	free(exact);
}

/* Milliseconds go by. */
static inline void link_pass(struct link_kit *kit, int64_t ms)
{
	const struct qw_link_sink sink = link_sink(kit);

	kit->packet.time.ns += ms * QW_NS_PER_MS;
	qw_links_tick(kit->links, kit->packet.time, &sink);
}

/* From another station. */
static inline void link_from(struct link_kit *kit, uint8_t station)
{
	kit->header[11] = station;
}

/* How often was this event raised? */
static inline unsigned link_raised(struct link_kit *kit, enum qw_app_event event)
{
	char text[16];
	unsigned count = 0;

	snprintf(text, sizeof(text), "!%d", (int)event);
	size_t len = strlen(text);
	for (const char *at = link_log(kit); (at = strstr(at, text)); at += len)
		count += at[len] == '!' || at[len] == ' ';
	return count;
}

#define LINK_SEND(kit, bytes) link_send(kit, bytes, sizeof(bytes) - 1)
#define assert_link_says(kit, text) assert_non_null(strstr(link_log(kit), text))
#define assert_link_silent(kit, text) assert_null(strstr(link_log(kit), text))

/* Every beginning of a frame, each in a table of its own: nothing is read beyond its end. */
static inline void link_truncate(uint16_t ether_type, const void *data, size_t len)
{
	for (size_t cut = 0; cut <= len; cut++) {
		struct link_kit *kit = link_open(ether_type);
		link_send(kit, data, cut);
		link_close(kit);
	}
}

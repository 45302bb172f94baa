/* SPDX-License-Identifier: Apache-2.0 */
/*
 * c37118 - IEEE C37.118 synchrophasors over TCP and UDP: each frame is a transaction of its own.
 *
 * Of a frame whose checksum is wrong only the head is told.  Configurations
 * name the stations; measurements are counted, their values are not read.
 */
#include "quaywatch/ot_names.h"
#include "sensor/protocol/ot_talk.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/parsers.h"

enum {
	PORT = 4712,
	PORT_UDP = 4713,
	SYNC = 0xaa,
	HEAD = 4,
	COMMON = 14,
	CHECKSUM = 2,
	FRAME_MAX = UINT16_MAX,
	VERSION_MAX = 2,
	NAME_BYTES = 16,
	STATIONS_MAX = 64, /* that are told */
	STATIONS_TEXT_MAX = 512,
	FLAGS_TEXT_MAX = 96,
};

enum { CONFIG_1 = 2, CONFIG_2 = 3, COMMAND = 4, CONFIG_3 = 5 }; /* types of frames that are read */

struct c37118 {
	uint8_t type, quality;
	uint16_t id;
	bool sound; /* its checksum is right */
	int32_t command;
	uint16_t stations;
	struct qw_slice station; /* the first one's name */
	struct qw_bytes body;
};

struct scene {
	struct c37118 frame;
	struct qw_ot_detail detail;
	char stations[STATIONS_TEXT_MAX], flags[FLAGS_TEXT_MAX];
};

static int32_t length(const uint8_t *head)
{
	uint8_t type = head[1] >> 4, version = head[1] & 0x0f;
	uint16_t len = qw_be16(head + 2);
	bool ours = head[0] == SYNC && type <= CONFIG_3 && version >= 1 && version <= VERSION_MAX && len >= COMMON + CHECKSUM;
	return ours ? len : QW_OT_FRAME_NONE;
}

static const struct qw_ot_framing framing = {.head = HEAD, .start = SYNC, .max = FRAME_MAX, .length = length};

/* CRC-CCITT: x^16 + x^12 + x^5 + 1, from ones, not turned round. */
static bool is_sound(struct qw_bytes frame)
{
	uint16_t crc = 0xffff;
	for (size_t i = 0; i + CHECKSUM < frame.left; i++) {
		uint8_t x = (uint8_t)(crc >> 8 ^ frame.at[i]);
		x ^= x >> 4;
		crc = (uint16_t)(crc << 8 ^ x << 12 ^ x << 5 ^ x);
	}
	return frame.left > CHECKSUM && crc == qw_be16(frame.at + frame.left - CHECKSUM);
}

/* ---- configurations */

static struct qw_slice trimmed(struct qw_bytes in)
{
	while (in.left && (in.at[in.left - 1] == ' ' || in.at[in.left - 1] == 0))
		in.left--;
	return qw_slice(in.at, in.left);
}

/* The next station; skips the rest of it. */
static bool take_station(struct qw_bytes *in, struct qw_slice *name)
{
	enum { SIGNS = 16, PER_PHASOR = 4, BEHIND = 4 };
	struct qw_bytes text;
	uint16_t phasors, analogs, digitals;
	if (!qw_bytes_take(in, NAME_BYTES, &text) || !qw_bytes_skip(in, 4) || !qw_bytes_be16(in, &phasors) ||
	    !qw_bytes_be16(in, &analogs) || !qw_bytes_be16(in, &digitals))
		return false;
	*name = trimmed(text);
	size_t names = (size_t)phasors + analogs + (size_t)SIGNS * digitals;
	size_t units = (size_t)phasors + analogs + digitals;
	return qw_bytes_skip(in, names * NAME_BYTES + units * PER_PHASOR + BEHIND);
}

/* Configuration 3 may be in parts, and has names that say their length. */
static void read_config_3(struct c37118 *frame, struct qw_bytes in)
{
	uint16_t part;
	uint32_t base;
	uint8_t len;
	struct qw_bytes text;
	if (!qw_bytes_be16(&in, &part) || part > 1 || !qw_bytes_be32(&in, &base) || !qw_bytes_be16(&in, &frame->stations))
		return;
	if (qw_bytes_u8(&in, &len) && qw_bytes_take(&in, len, &text))
		frame->station = trimmed(text);
}

static void read_config(struct c37118 *frame)
{
	struct qw_bytes in = frame->body;
	uint32_t base;
	if (!qw_bytes_be32(&in, &base) || !qw_bytes_be16(&in, &frame->stations))
		return;
	frame->body = in;
	(void)take_station(&in, &frame->station);
}

static void read_body(struct c37118 *frame)
{
	uint16_t command;
	struct qw_bytes in = frame->body;
	switch (frame->type) {
	case COMMAND:
		if (qw_bytes_be16(&in, &command))
			frame->command = command;
		break;
	case CONFIG_1:
	case CONFIG_2: read_config(frame); break;
	case CONFIG_3: read_config_3(frame, frame->body); break;
	default: break;
	}
}

static void read_head(struct c37118 *frame, struct qw_bytes in)
{
	*frame = (struct c37118){
	    .type = in.at[1] >> 4, .id = qw_be16(in.at + 4), .quality = in.at[10], .sound = is_sound(in), .command = -1};
	frame->body = qw_bytes(in.at + COMMON, in.left - COMMON - CHECKSUM);
	if (frame->sound)
		read_body(frame);
}

/* ---- what events say */

static void put_stations(struct qw_text *text, const struct c37118 *frame)
{
	struct qw_bytes in = frame->body;
	struct qw_slice name;
	for (unsigned i = 0; i < frame->stations && i < STATIONS_MAX && take_station(&in, &name); i++) {
		qw_ot_put_comma(text);
		qw_text_put(text, (const char *)name.data, name.len);
	}
}

/* What is wrong with the frame or its time. */
static void put_flags(struct qw_text *text, const struct c37118 *frame)
{
	enum { LEAP_PENDING = 0x10, LEAP_OCCURRED = 0x20, UNLOCKED = 0x0f, FAILED = 0x0f };
	if (!frame->sound)
		qw_ot_put_word(text, "bad_checksum");
	if (frame->type == COMMAND)
		return;
	if ((frame->quality & UNLOCKED) == FAILED)
		qw_ot_put_word(text, "clock_failed");
	else if (frame->quality & UNLOCKED)
		qw_ot_put_word(text, "clock_unlocked");
	if (frame->quality & LEAP_PENDING)
		qw_ot_put_word(text, "leap_second_pending");
	if (frame->quality & LEAP_OCCURRED)
		qw_ot_put_word(text, "leap_second_occurred");
}

static const void *describe(void *ctx)
{
	struct scene *scene = ctx;
	const struct c37118 *frame = &scene->frame;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text stations, flags;
	qw_text_init(&stations, scene->stations, sizeof(scene->stations));
	qw_text_init(&flags, scene->flags, sizeof(scene->flags));
	qw_ot_begin(detail, "c37.118", frame->type, qw_ot_names(QW_OT_C37118_FRAMES), frame->type != COMMAND);
	qw_ot_number(detail, QW_KEY_OT_UNIT, frame->id);
	if (frame->command >= 0) {
		const char *name = qw_number_name(qw_ot_names(QW_OT_C37118_COMMANDS), (uint64_t)frame->command);
		qw_ot_number(detail, QW_KEY_OT_SERVICE, (uint64_t)frame->command);
		qw_ot_text(detail, QW_KEY_OT_SERVICE_NAME, qw_slice_text(name));
	}
	if (frame->stations)
		qw_ot_number(detail, QW_KEY_OT_QUANTITY, frame->stations);
	if (frame->stations > 1 && frame->type != CONFIG_3)
		put_stations(&stations, frame);
	qw_ot_text(detail, QW_KEY_OT_OBJECTS, qw_ot_text_slice(&stations));
	put_flags(&flags, frame);
	qw_ot_text(detail, QW_KEY_OT_INDICATIONS, qw_ot_text_slice(&flags));
	qw_ot_text(detail, QW_KEY_OT_DEVICE_NAME, frame->station);
	return detail;
}

/* As the event tells it; names of stations have no room in two words. */
static void fill_gist(const struct c37118 *frame, uint64_t gist[2])
{
	if (frame->stations || frame->station.len)
		return;
	gist[0] = (uint64_t)frame->id | (uint64_t)frame->type << 16 | (uint64_t)(uint16_t)(frame->command + 1) << 24 |
		  (uint64_t)frame->sound << 40 | UINT64_C(1) << 63;
	gist[1] = frame->type == COMMAND ? 0 : frame->quality;
}

static void read_frame(const struct qw_ot_call *call, struct qw_bytes in)
{
	struct scene scene;
	struct qw_message message;
	read_head(&scene.frame, in);
	qw_ot_talk_begin(call, QW_APP_C37_118, NULL, &message);
	message.describe = describe;
	message.scene = &scene;
	if (qw_ot_talk_wants(call, QW_OT_WANT_WATCH))
		fill_gist(&scene.frame, message.gist);
	if (qw_ot_talk_wants(call, QW_OT_WANT_FIELDS)) {
		qw_message_number(&message, QW_BUFFER_C37118_FRAME, scene.frame.type, true);
		if (scene.frame.command >= 0)
			qw_message_number(&message, QW_BUFFER_C37118_COMMAND, (uint64_t)scene.frame.command, true);
	}
	qw_ot_talk_publish(call, &message);
}

/* ---- the parsers */

static enum qw_parse feed_stream(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
				 size_t len, const struct qw_message_sink *sink)
{
	const struct qw_ot_call call = {state, flow, direction, sink};
	return qw_ot_talk_stream(&call, &framing, read_frame, qw_bytes(data, len));
}

static enum qw_parse feed_datagram(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
				   size_t len, const struct qw_message_sink *sink)
{
	const struct qw_ot_call call = {state, flow, direction, sink};
	return qw_ot_talk_datagram(&call, &framing, read_frame, qw_bytes(data, len));
}

/* On other ports the checksum must be right. */
static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	if (data[0] != SYNC)
		return 0;
	if (len < HEAD)
		return -1;
	int32_t frame = length(data);
	if (frame < 0)
		return 0;
	if (qw_ot_talk_is_at(flow, PORT) || qw_ot_talk_is_at(flow, PORT_UDP))
		return 1;
	return len < (size_t)frame ? -1 : is_sound(qw_bytes(data, (size_t)frame));
}

static int probe_datagram(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	return len && probe(flow, direction, data, len) > 0;
}

const struct qw_parser_ops qw_parser_c37118_tcp = {
    .app = QW_APP_C37_118,
    .industrial = true,
    .starts = {1, {{SYNC, SYNC}}},
    .probe = probe,
    .state_bytes = sizeof(struct qw_ot_talk),
    .feed = feed_stream,
    .gap = qw_ot_talk_gap,
    .fini = qw_ot_talk_fini,
};

const struct qw_parser_ops qw_parser_c37118_udp = {
    .app = QW_APP_C37_118,
    .datagram = true,
    .industrial = true,
    .starts = {1, {{SYNC, SYNC}}},
    .probe = probe_datagram,
    .state_bytes = sizeof(struct qw_ot_talk),
    .feed = feed_datagram,
    .fini = qw_ot_talk_fini,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* rtcm_message - a frame of RTCM 10403, as far as it says who sends what. */
#include "quaywatch/ot_names.h"
#include "quaywatch/rule_event.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/rtcm.h"

enum {
	TYPE_BITS = 12,
	LEAST = 2, /* bytes of a message with a type */
	POSITION = 1005,
	POSITION_WITH_HEIGHT = 1006,
	POSITION_BYTES = 19,
};

static int32_t length(const uint8_t *head)
{
	uint16_t len = qw_be16(head + 1);
	return head[0] == QW_RTCM_START && len <= 1023 ? QW_RTCM_HEAD + len + QW_RTCM_CHECK : QW_OT_FRAME_NONE;
}

const struct qw_ot_framing qw_rtcm_framing = {
    .head = QW_RTCM_HEAD,
    .start = QW_RTCM_START,
    .max = QW_RTCM_FRAME_MAX,
    .length = length,
};

bool qw_rtcm_is_sound(struct qw_bytes frame)
{
	enum { POLYNOMIAL = 0x1864cfb, TOP = 1 << 24 };
	uint32_t crc = 0;
	for (size_t i = 0; i < frame.left; i++) {
		crc ^= (uint32_t)frame.at[i] << 16;
		for (unsigned bit = 0; bit < 8; bit++) {
			crc <<= 1;
			if (crc & TOP)
				crc ^= POLYNOMIAL;
		}
	}
	return crc == 0;
}

/* Bits of the message, at most 32; the caller knows that they are there. */
static uint64_t take(const uint8_t *message, unsigned at, unsigned count)
{
	uint64_t value = 0;
	for (unsigned end = at + count; at < end; at++)
		value = value << 1 | (message[at / 8] >> (7 - at % 8) & 1);
	return value;
}

/* 1e-4 metres from the earth's middle. */
static int64_t take_coordinate(const uint8_t *message, unsigned at)
{
	enum { BITS = 38 };
	const int64_t sign = INT64_C(1) << (BITS - 1);
	return ((int64_t)take(message, at, BITS) ^ sign) - sign;
}

static void put_coordinate(struct qw_text *text, int64_t value)
{
	enum { METRE = 10000, DECIMALS = 4 };
	qw_ot_put_comma(text);
	if (value < 0)
		qw_text_char(text, '-');
	uint64_t size = (uint64_t)(value < 0 ? -value : value);
	qw_text_u64(text, size / METRE);
	qw_text_char(text, '.');
	qw_ot_put_padded(text, size % METRE, DECIMALS);
}

/* Where the reference station says it stands: "x, y, z" in metres. */
static void tell_place(struct qw_rtcm_scene *scene, const uint8_t *message)
{
	enum { X = 34, Y = 74, Z = 114 };
	struct qw_text text;
	qw_text_init(&text, scene->values, sizeof(scene->values));
	put_coordinate(&text, take_coordinate(message, X));
	put_coordinate(&text, take_coordinate(message, Y));
	put_coordinate(&text, take_coordinate(message, Z));
	qw_ot_text(&scene->detail, QW_KEY_OT_VALUES, qw_ot_text_slice(&text));
}

/* Does the station's number stand behind the type? */
static bool has_station(int32_t type)
{
	return (type >= 1001 && type <= 1013) || type == 1029 || (type >= 1032 && type <= 1039) ||
	       (type >= 1071 && type <= 1137) || type == 1230;
}

void qw_rtcm_read(struct qw_rtcm_scene *scene, struct qw_bytes frame)
{
	struct qw_ot_detail *detail = &scene->detail;
	const uint8_t *message = frame.at + QW_RTCM_HEAD;
	size_t len = frame.left - QW_RTCM_HEAD - QW_RTCM_CHECK;
	scene->damaged = !qw_rtcm_is_sound(frame);
	scene->type = len >= LEAST && !scene->damaged ? (int32_t)take(message, 0, TYPE_BITS) : -1;
	const char *name = scene->type < 0 ? NULL : qw_number_name(qw_ot_names(QW_OT_RTCM_MESSAGES), (uint64_t)scene->type);
	qw_ot_begin(detail, "rtcm", QW_OT_NO_NUMBER, NULL, true);
	detail->kind = name ? name : scene->type < 0 ? "empty" : "message";
	if (scene->damaged) {
		detail->kind = "damaged";
		qw_ot_fail(detail, QW_OT_NO_NUMBER, NULL);
	}
	qw_ot_number(detail, QW_KEY_OT_QUANTITY, len);
	if ((scene->type == POSITION || scene->type == POSITION_WITH_HEIGHT) && len >= POSITION_BYTES)
		tell_place(scene, message);
	if (scene->damaged)
		qw_ot_text(detail, QW_KEY_OT_INDICATIONS, qw_slice_text("bad_checksum"));
	if (scene->type >= 0)
		qw_ot_number(detail, QW_KEY_OT_MESSAGE_TYPE, (uint64_t)scene->type);
	if (has_station(scene->type) && len >= LEAST + 1)
		qw_ot_number(detail, QW_KEY_OT_STATION, take(message, TYPE_BITS, TYPE_BITS));
}

void qw_rtcm_add_fields(const struct qw_rtcm_scene *scene, struct qw_message *out)
{
	if (scene->type >= 0)
		qw_message_number(out, QW_BUFFER_RTCM_TYPE, (uint64_t)scene->type, true);
	if (scene->damaged)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_RTCM_BAD_CHECKSUM, true);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/mms_value.h"

#include "quaywatch/time.h"
#include "sensor/protocol/ber.h"
#include "sensor/protocol/ot_text.h"

/* Choices of Data, as tags. */
enum {
	END = 0,
	FAILURE = 0x80,
	ARRAY = 0xa1,
	STRUCTURE = 0xa2,
	BOOLEAN = 0x83,
	BIT_STRING = 0x84,
	INTEGER = 0x85,
	UNSIGNED = 0x86,
	FLOATING = 0x87,
	VISIBLE_STRING = 0x8a,
	MMS_STRING = 0x90,
	UTC_TIME = 0x91,
	BITS_MAX = 64,
	HEX_BYTES_MAX = 16,
	TEXT_BYTES_MAX = 64,
};

static void put_integer(struct qw_text *text, struct qw_bytes body, bool has_sign)
{
	uint64_t value = has_sign && body.left && body.at[0] & 0x80 ? UINT64_MAX : 0;
	uint8_t byte;
	while (qw_bytes_u8(&body, &byte))
		value = value << 8 | byte;
	if (has_sign)
		qw_text_i64(text, (int64_t)value);
	else
		qw_text_u64(text, value);
}

/* The width of its exponent, then the number as IEEE 754 has it. */
static bool put_floating(struct qw_text *text, struct qw_bytes body)
{
	enum { SINGLE = 5, DOUBLE = 9 };
	if (body.left == SINGLE) {
		uint32_t bits = qw_be32(body.at + 1);
		float value;
		memcpy(&value, &bits, sizeof(value));
		qw_ot_put_real(text, (double)value);
	} else if (body.left == DOUBLE) {
		uint64_t bits = qw_be64(body.at + 1);
		double value;
		memcpy(&value, &bits, sizeof(value));
		qw_ot_put_real(text, value);
	}
	return body.left == SINGLE || body.left == DOUBLE;
}

/* How many bits of the last byte are none, then the bits: "0110000000000". */
static bool put_bits(struct qw_text *text, struct qw_bytes body)
{
	uint8_t unused;
	if (!qw_bytes_u8(&body, &unused) || unused > 7 || body.left == 0 || body.left * 8 > BITS_MAX)
		return false;
	for (size_t i = 0; i < body.left * 8 - unused; i++)
		qw_text_char(text, body.at[i / 8] >> (7 - i % 8) & 1 ? '1' : '0');
	return true;
}

/* Seconds, a fraction of 2^24, and what is known of the clock. */
static bool put_utc(struct qw_text *text, struct qw_bytes body)
{
	char time[QW_TIME_EVE_LEN + 1];
	uint32_t seconds, fraction;
	uint8_t quality;
	if (!qw_bytes_be32(&body, &seconds) || !qw_bytes_be24(&body, &fraction) || !qw_bytes_u8(&body, &quality) || body.left)
		return false;
	qw_time_eve(qw_time_ns(seconds * QW_NS_PER_S + (int64_t)((uint64_t)fraction * QW_NS_PER_S >> 24)), time);
	qw_text_put(text, time, strlen(time));
	return true;
}

static bool put_plain(struct qw_text *text, const struct qw_ber *value)
{
	switch (value->tag) {
	case BIT_STRING: return put_bits(text, value->body);
	case FLOATING: return put_floating(text, value->body);
	case UTC_TIME: return put_utc(text, value->body);
	default: return false;
	}
}

static void put_value(struct qw_text *text, const struct qw_ber *value)
{
	const struct qw_bytes *body = &value->body;
	bool small = body->left <= sizeof(uint64_t) + 1;
	if (value->tag == BOOLEAN && body->left) {
		const char *word = body->at[0] ? "true" : "false";
		qw_text_put(text, word, strlen(word));
	} else if ((value->tag == INTEGER || value->tag == UNSIGNED) && small) {
		put_integer(text, *body, value->tag == INTEGER);
	} else if (value->tag == VISIBLE_STRING || value->tag == MMS_STRING) {
		qw_text_put(text, body->at, body->left < TEXT_BYTES_MAX ? body->left : TEXT_BYTES_MAX);
	} else if (!put_plain(text, value)) {
		qw_text_hex(text, body->at, body->left < HEX_BYTES_MAX ? body->left : HEX_BYTES_MAX);
	}
}

/* A structure's members stand behind its head: whoever passes over the head alone meets them in order, and its end. */
static bool enter(struct qw_bytes *list, const struct qw_ber *value)
{
	if (value->tag != ARRAY && value->tag != STRUCTURE)
		return false;
	size_t rest = (size_t)(list->at - value->body.at) + list->left;
	*list = qw_bytes(value->body.at, rest);
	return true;
}

void qw_mms_put_values(struct qw_text *text, struct qw_bytes list, unsigned most)
{
	struct qw_ber value;
	for (unsigned i = 0; i < most && !text->cut && qw_ber_open_next(&list, &value);) {
		if (value.tag == END || enter(&list, &value))
			continue;
		qw_ot_put_comma(text);
		if (value.tag == FAILURE)
			qw_text_literal(text, "failed");
		else
			put_value(text, &value);
		i++;
	}
}

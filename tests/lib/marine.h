/* SPDX-License-Identifier: Apache-2.0 */
/*
 * marine - writes sentences of NMEA 0183, messages of AIS and frames of RTCM 3, for tests.
 *
 *	struct marine out = {0};
 *	marine_say(&out, "$GPHDT,16.5,T");            appends "*10\r\n" and what is before it
 *	struct marine_bits bits = {0};
 *	marine_report(&bits, 1, 244670316, 519485001, 41234567);
 *	marine_ais(&out, "AIVDM", 'A', &bits);        in as many sentences as it needs
 *
 * tests/lib/marine.py writes the same for golden cases.
 */
#pragma once

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { MARINE_MAX = 1 << 14, MARINE_SIX_MAX = 240, MARINE_CHARS = 56 /* of one sentence */ };

struct marine {
	char at[MARINE_MAX];
	size_t len;
	unsigned sequence; /* of AIS messages of several sentences */
};

static inline void marine_put(struct marine *out, const void *data, size_t len)
{
	assert(out->len + len <= sizeof(out->at));
	memcpy(out->at + out->len, data, len);
	out->len += len;
}

static inline unsigned marine_sum(const char *text)
{
	unsigned sum = 0;
	while (*text && *text != '*')
		sum ^= (unsigned char)*text++;
	return sum;
}

/* A sentence with its first character; the checksum is right if the caller gave none. */
static inline void marine_say(struct marine *out, const char *sentence)
{
	char end[8] = "\r\n";
	if (!strchr(sentence, '*'))
		snprintf(end, sizeof(end), "*%02X\r\n", marine_sum(sentence + 1));
	marine_put(out, sentence, strlen(sentence));
	marine_put(out, end, strlen(end));
}

/* With a block of tags before it, as IEC 61162-450 has it: "s:GP0001,n:12". */
static inline void marine_say_as(struct marine *out, const char *tags, const char *sentence)
{
	char block[160];
	int len = snprintf(block, sizeof(block), "\\%s*%02X\\", tags, marine_sum(tags));
	marine_put(out, block, (size_t)len);
	marine_say(out, sentence);
}

/* ---- AIS */

struct marine_bits {
	uint8_t six[MARINE_SIX_MAX];
	unsigned count;
};

/* Wider than 63 bits, the value stands at their end. */
static inline void marine_bits(struct marine_bits *bits, unsigned width, int64_t value)
{
	while (width--) {
		assert(bits->count < MARINE_SIX_MAX * 6);
		bits->six[bits->count / 6] |= (uint8_t)((value >> (width < 63 ? width : 63) & 1) << (5 - bits->count % 6));
		bits->count++;
	}
}

/* So many characters of six bits; '@' behind the end. */
static inline void marine_letters(struct marine_bits *bits, unsigned chars, const char *text)
{
	for (unsigned i = 0; i < chars; i++) {
		unsigned c = *text ? (unsigned char)*text++ : '@';
		marine_bits(bits, 6, c >= 64 ? c - 64 : c);
	}
}

/* In 1/10000 minutes, from 1e-7 degrees. */
static inline int64_t marine_minutes(int64_t degrees)
{
	int64_t half = degrees < 0 ? -25 : 25;
	return (degrees * 3 + half) / 50;
}

static inline void marine_head(struct marine_bits *bits, unsigned type, uint32_t mmsi)
{
	marine_bits(bits, 6, type);
	marine_bits(bits, 2, 0);
	marine_bits(bits, 30, mmsi);
}

/* Of class A, under way at 12.3 knots on course 224, heading 215: types 1 to 3.  Places in 1e-7 degrees. */
static inline void marine_report(struct marine_bits *bits, unsigned type, uint32_t mmsi, int64_t latitude, int64_t longitude)
{
	marine_head(bits, type, mmsi);
	marine_bits(bits, 4, 0);
	marine_bits(bits, 8, -128);
	marine_bits(bits, 10, 123);
	marine_bits(bits, 1, 1);
	marine_bits(bits, 28, marine_minutes(longitude));
	marine_bits(bits, 27, marine_minutes(latitude));
	marine_bits(bits, 12, 2240);
	marine_bits(bits, 9, 215);
	marine_bits(bits, 6, 33);
	marine_bits(bits, 25, 0);
}

static inline void marine_armour(const struct marine_bits *bits, char out[MARINE_SIX_MAX + 1])
{
	unsigned chars = (bits->count + 5) / 6;
	for (unsigned i = 0; i < chars; i++)
		out[i] = (char)(bits->six[i] < 40 ? bits->six[i] + 48 : bits->six[i] + 56);
	out[chars] = 0;
}

/* As one message, in one sentence or several. */
static inline void marine_ais(struct marine *out, const char *address, char channel, const struct marine_bits *bits)
{
	char chars[MARINE_SIX_MAX + 1], sentence[128], sequence[8] = "";
	marine_armour(bits, chars);
	unsigned len = (unsigned)strlen(chars), parts = (len + MARINE_CHARS - 1) / MARINE_CHARS;
	if (parts > 1)
		snprintf(sequence, sizeof(sequence), "%u", out->sequence++ % 10);
	for (unsigned part = 1; part <= parts; part++) {
		unsigned fill = part == parts ? len * 6 - bits->count : 0;
		snprintf(sentence, sizeof(sentence), "!%s,%u,%u,%s,%c,%.*s,%u", address, parts, part, sequence, channel,
			 (int)MARINE_CHARS, chars + (size_t)(part - 1) * MARINE_CHARS, fill);
		marine_say(out, sentence);
	}
}

/* ---- RTCM 3 */

static inline uint32_t marine_crc(const uint8_t *at, size_t len)
{
	uint32_t crc = 0;
	for (size_t i = 0; i < len * 8; i++) {
		uint32_t bit = at[i / 8] >> (7 - i % 8) & 1, top = crc >> 23 & 1;
		crc = (crc << 1 & 0xffffff) ^ (bit != top ? 0x864cfb : 0);
	}
	return crc;
}

/* A message of bytes; its type stands in the first 12 bits, most have the station's number in the next. */
static inline void marine_frame(struct marine *out, const void *message, size_t len)
{
	uint8_t frame[3 + 1023 + 3] = {0xd3, (uint8_t)(len >> 8), (uint8_t)len};
	memcpy(frame + 3, message, len);
	uint32_t crc = marine_crc(frame, len + 3);
	frame[len + 3] = (uint8_t)(crc >> 16);
	frame[len + 4] = (uint8_t)(crc >> 8);
	frame[len + 5] = (uint8_t)crc;
	marine_put(out, frame, len + 6);
}

/* So many bytes in all, at least three. */
static inline void marine_correction(struct marine *out, unsigned type, unsigned station, size_t len)
{
	uint8_t message[1023] = {(uint8_t)(type >> 4), (uint8_t)(type << 4 | station >> 8), (uint8_t)station};
	marine_frame(out, message, len);
}

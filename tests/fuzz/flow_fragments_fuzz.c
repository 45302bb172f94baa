/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fragments, six bytes each: of both IP versions, of eight datagrams, in any order, true or a lie, now or later.  What
 * becomes whole is made of bytes that were sent for their places; where truth and lie were both sent of one place, and
 * nothing was given up between, that must have been told.
 */
#include <stdlib.h>
#include <string.h>

#include "quaywatch/bytes.h"
#include "sensor/decode/decode.h"
#include "sensor/flow/defrag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEP = 6, UNIT = 8, UNITS = 64, LEN_MOST = 40 + 64 + UNITS * UNIT, GRAMS = 8, LIE = 0x80 };

struct watch {
	struct qw_defrag *defrag;
	uint64_t told, lost;
	struct qw_time now;
	uint64_t said[2][2][GRAMS]; /* bits by unit: truth, lie; by version and datagram */
};

static volatile uint8_t looked;

static void on_ambiguous(void *ctx, const struct qw_packet *fragment, struct qw_slice taken, struct qw_slice other)
{
	((struct watch *)ctx)->told++;
	for (size_t i = 0; i < taken.len; i++)
		looked ^= taken.data[i];
	for (size_t i = 0; i < other.len; i++)
		looked ^= other.data[i];
}

static uint8_t truth_at(uint32_t at)
{
	return (uint8_t)((at * 5 ^ at >> 3) & 0x7f);
}

/* What was given up on the way may have been all there was to tell. */
static void forget_what_was_lost(struct watch *watch)
{
	struct qw_defrag_counters counters;
	qw_defrag_counters(watch->defrag, &counters);
	uint64_t lost = counters.timed_out + counters.discarded + counters.crowded_out + counters.no_room + counters.bad;
	if (lost != watch->lost)
		memset(watch->said, 0, sizeof(watch->said));
	watch->lost = lost;
}

static void check_whole(const struct watch *watch, const uint8_t *whole, uint32_t len, uint32_t header, unsigned v6,
			unsigned gram)
{
	if (len <= header || len - header > UNITS * UNIT)
		abort();
	for (uint32_t at = 0; at < len - header; at++)
		if ((whole[header + at] & 0x7f) != truth_at(at))
			abort();
	uint64_t within = (len - header + UNIT - 1) / UNIT;
	within = within == 64 ? UINT64_MAX : (UINT64_C(1) << within) - 1;
	if (watch->told == 0 && watch->said[0][v6][gram] & watch->said[1][v6][gram] & within)
		abort();
}

static uint32_t make_v4(uint8_t *out, const uint8_t *step, uint32_t at, uint32_t len, bool more)
{
	uint32_t header = 20 + (step[5] & 3) * 4u;
	memset(out, 1, header); /* options of no operation */
	memcpy(out, "\x45\0\0\0\0\0\0\0\x40\x11\0\0\x0a\0\0\1\x0a\0\0\2", 20);
	out[0] = (uint8_t)(0x40 | header / 4);
	out[2] = (uint8_t)((header + len) >> 8);
	out[3] = (uint8_t)(header + len);
	out[5] = step[1] & 7;
	out[6] = (uint8_t)((more ? 0x20 : 0) | at / UNIT >> 8);
	out[7] = (uint8_t)(at / UNIT);
	return header;
}

/* With as many destination options before the Fragment header as the step says. */
static uint32_t make_v6(uint8_t *out, const uint8_t *step, uint32_t at, uint32_t len, bool more)
{
	uint32_t options = step[5] & 3, header = 48 + options * UNIT;
	memset(out, 0, header);
	out[0] = 0x60;
	out[4] = (uint8_t)((header - 40 + len) >> 8);
	out[5] = (uint8_t)(header - 40 + len);
	out[6] = options ? 60 : 44;
	out[7] = 64;
	out[23] = 1;
	out[39] = 2;
	for (uint32_t i = 0; i < options; i++) {
		out[40 + i * UNIT] = i + 1 < options ? 60 : 44;
		memcpy(out + 40 + i * UNIT + 2, "\1\4", 2);
	}
	uint8_t *fragment = out + header - UNIT;
	fragment[0] = step[5] & 4 ? 6 : 17;
	fragment[2] = (uint8_t)(at >> 8);
	fragment[3] = (uint8_t)((at & 0xf8) | more);
	fragment[7] = step[1] & 7;
	return header;
}

/* step: flags (1 IPv6, 2 more, 4 a lie, 8 time goes on), datagram, offset, length, time, header. */
static void add(struct watch *watch, const uint8_t *step)
{
	static const struct qw_decode_options options = {.verify_checksums = false};
	uint8_t bytes[LEN_MOST];
	struct qw_decoded decoded;
	bool v6 = step[0] & 1, more = step[0] & 2, lie = step[0] & 4;
	uint32_t at = (step[2] % UNITS) * UNIT, len = 1 + step[3] % (UNITS * UNIT - at), gram = step[1] & 7;
	if (more && len > UNIT)
		len -= len % UNIT;
	uint32_t header = (v6 ? make_v6 : make_v4)(bytes, step, at, len, more);
	for (uint32_t i = 0; i < len; i++)
		bytes[header + i] = truth_at(at + i) ^ (lie ? LIE : 0);
	uint8_t *exact = malloc(header + len);
	if (!exact)
		abort();
	memcpy(exact, bytes, header + len);
	if (step[0] & 8) {
		watch->now.ns += step[4] * (QW_NS_PER_S / 8);
		memset(watch->said, 0, sizeof(watch->said));
	}
	const struct qw_frame frame = {
	    .data = exact, .len = header + len, .wire_len = header + len, .link = 101, .time = watch->now};
	qw_decode(&decoded, &frame, &options);
	if (decoded.drop == QW_DROP_NONE && decoded.view[0].flags & QW_PACKET_FRAGMENT) {
		const uint8_t *whole;
		uint32_t whole_len;
		for (uint32_t unit = at / UNIT; unit <= (at + len - 1) / UNIT; unit++)
			watch->said[lie][v6][gram] |= UINT64_C(1) << unit;
		enum qw_defrag_result result = qw_defrag_add(watch->defrag, &decoded.view[0], &whole, &whole_len);
		forget_what_was_lost(watch);
		if (result == QW_DEFRAG_WHOLE) {
			struct qw_decoded again;
			qw_decode_reassembled(&again, whole, whole_len, &decoded.view[0], &options);
			uint32_t whole_header = v6 ? whole_len - (uint32_t)(whole[4] << 8 | whole[5]) : (whole[0] & 15u) * 4u;
			whole_header += v6 ? (uint32_t)(again.count ? again.view[0].net_header_len - 40 : 0) : 0;
			if (again.count && !(again.view[0].flags & QW_PACKET_FRAGMENT))
				check_whole(watch, whole, whole_len, whole_header, v6, gram);
			watch->told = 0;
			for (int i = 0; i < 2; i++)
				watch->said[i][v6][gram] = 0;
		}
	}
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct watch watch = {.now = qw_time_seconds(1000)};
	const struct qw_defrag_options options = {
	    .datagrams = 6, .bytes = 10 * 1536, .wait = {30 * QW_NS_PER_S}, .ambiguous = on_ambiguous, .ctx = &watch};
	struct qw_defrag_counters counters;
	if (qw_defrag_new(&watch.defrag, &options))
		return 0;
	for (; size >= STEP; data += STEP, size -= STEP)
		add(&watch, data);
	qw_defrag_clear(watch.defrag);
	qw_defrag_counters(watch.defrag, &counters);
	if (counters.waiting_fragments)
		abort();
	qw_defrag_free(watch.defrag);
	return 0;
}

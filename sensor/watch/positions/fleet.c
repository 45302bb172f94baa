/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet - what several receivers tell together: jamming and spoofing reach all antennas of an area at once.
 *
 * Three receivers are several, within 60 s.  Two rows are one receiver if they
 * have an address or a sender's name in common, or stood at the same place to
 * the digit: the same sentences by way of two gateways.  Shifts are alike if
 * they differ by 30 m or a tenth at most, or end at one place (30 m) that they
 * did not begin at: one transmitter gives all receivers its own position.
 */
#include "sensor/watch/positions/receivers.h"

#include <string.h>

#include "quaywatch/text.h"

enum { SEVERAL = 3, SEVERAL_MAX = 8, WITHIN_S = 60, ALIKE_M = 30, ALIKE_PART = 10 };

struct crowd {
	const struct qw_receiver *row[SEVERAL_MAX];
	size_t count;
};

static bool is_same(const struct qw_receiver *a, const struct qw_receiver *b)
{
	bool is_named = a->key.sender[0] != 0;
	bool is_named_alike = is_named && memcmp(a->key.sender, b->key.sender, sizeof(a->key.sender)) == 0;
	bool is_there = a->first_time.ns && b->first_time.ns && a->first.latitude == b->first.latitude &&
			a->first.longitude == b->first.longitude;

	return is_named_alike || is_there || memcmp(&a->key.address, &b->key.address, sizeof(a->key.address)) == 0;
}

static void crowd_add(struct crowd *crowd, const struct qw_receiver *row)
{
	for (size_t i = 0; i < crowd->count; i++)
		if (is_same(crowd->row[i], row))
			return;
	if (crowd->count < SEVERAL_MAX)
		crowd->row[crowd->count++] = row;
}

static bool is_recent(struct qw_time time, struct qw_time now)
{
	int64_t since = qw_time_sub(now, time).ns;

	return time.ns && since >= 0 && since <= WITHIN_S * QW_NS_PER_S;
}

static void tell(struct qw_positions *state, enum qw_position_finding which, const struct crowd *crowd, const char *what)
{
	char memory[320];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	for (size_t i = 0; i < crowd->count; i++) {
		if (i)
			qw_text_literal(&text, ", ");
		qw_text_address(&text, &crowd->row[i]->key.address);
	}
	qw_positions_tell(state, which, NULL, 0, "%zu receivers %s within %d s: %s", crowd->count, what, WITHIN_S, qw_text_string(&text));
}

void qw_fleet_collapsed(struct qw_positions *state, struct qw_receiver *row, struct qw_time now)
{
	struct crowd crowd = {.row = {row}, .count = 1};

	for (struct qw_receiver *other = qw_shelf_next(state->receivers, NULL); other; other = qw_shelf_next(state->receivers, other))
		if (is_recent(other->collapsed, now))
			crowd_add(&crowd, other);
	if (crowd.count >= SEVERAL)
		tell(state, QW_POSITION_JAMMING, &crowd, "lost their satellites");
}

static bool is_alike(const struct qw_receiver *a, const struct qw_receiver *b)
{
	struct qw_shift apart = {a->shift.north - b->shift.north, a->shift.east - b->shift.east};
	double most = qw_shift_length(a->shift) / ALIKE_PART;

	return qw_shift_length(apart) <= (most > ALIKE_M ? most : ALIKE_M) ||
	       (qw_fix_distance(&a->track.last, &b->track.last) <= ALIKE_M && qw_fix_distance(&a->first, &b->first) > ALIKE_M);
}

void qw_fleet_shifted(struct qw_positions *state, struct qw_receiver *row, const struct qw_fix *from, const struct qw_fix *to,
		      struct qw_time now)
{
	struct crowd crowd = {.row = {row}, .count = 1};

	row->shift = qw_fix_shift(from, to);
	row->shifted = now;
	for (struct qw_receiver *other = qw_shelf_next(state->receivers, NULL); other; other = qw_shelf_next(state->receivers, other))
		if (is_recent(other->shifted, now) && is_alike(row, other))
			crowd_add(&crowd, other);
	if (crowd.count >= SEVERAL)
		tell(state, QW_POSITION_SPOOFING, &crowd, "were shifted alike");
}

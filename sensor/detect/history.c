/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/history.h"

#include <stdlib.h>
#include <string.h>

struct ring {
	uint32_t turn; /* how often it was given out */
	bool used;
	uint32_t end, len; /* where the next byte goes, and how many are there */
	uint8_t data[QW_HISTORY_BYTES];
};

/* Rings that were never used come last, so that their memory stays untouched. */
struct qw_history {
	struct ring *ring;
	uint32_t count, next;
	uint64_t taken_away;
};

enum qw_err qw_history_new(struct qw_history **out, size_t rings)
{
	if (rings == 0 || rings > UINT32_MAX / 2)
		return QW_EINVAL;
	struct qw_history *history = calloc(1, sizeof(*history));
	if (!history)
		return QW_ENOMEM;
	history->ring = calloc(rings, sizeof(*history->ring));
	if (!history->ring) {
		free(history);
		return QW_ENOMEM;
	}
	history->count = (uint32_t)rings;
	*out = history;
	return QW_OK;
}

void qw_history_free(struct qw_history *history)
{
	if (!history)
		return;
	free(history->ring);
	free(history);
}

static struct ring *ring_of(const struct qw_history *history, struct qw_history_place place)
{
	struct ring *ring = place.number ? &history->ring[place.number - 1] : NULL;

	return ring && ring->turn == place.turn && ring->used ? ring : NULL;
}

/* The first that nobody uses from where the last was given out; else whose turn it is. */
static struct ring *take(struct qw_history *history, struct qw_history_place *place)
{
	enum { LOOKS = 8 };
	struct ring *ring = NULL;

	for (unsigned i = 0; i < LOOKS && (!ring || ring->used); i++) {
		history->next = history->next % history->count + 1;
		ring = &history->ring[history->next - 1];
	}
	history->taken_away += ring->used;
	ring->turn++;
	ring->used = true;
	ring->end = ring->len = 0;
	*place = (struct qw_history_place){history->next, ring->turn};
	return ring;
}

void qw_history_append(struct qw_history *history, struct qw_history_place *place, const uint8_t *data, size_t len)
{
	struct ring *ring = ring_of(history, *place);

	if (!ring)
		ring = take(history, place);
	if (len > QW_HISTORY_BYTES) {
		data += len - QW_HISTORY_BYTES;
		len = QW_HISTORY_BYTES;
	}
	size_t room = QW_HISTORY_BYTES - ring->end, first = len < room ? len : room;
	memcpy(ring->data + ring->end, data, first);
	memcpy(ring->data, data + first, len - first);
	ring->end = (uint32_t)((ring->end + len) % QW_HISTORY_BYTES);
	ring->len = ring->len + len < QW_HISTORY_BYTES ? ring->len + (uint32_t)len : QW_HISTORY_BYTES;
}

void qw_history_drop(struct qw_history *history, struct qw_history_place *place)
{
	struct ring *ring = ring_of(history, *place);

	if (ring)
		ring->used = false;
	place->number = 0;
}

size_t qw_history_kept(const struct qw_history *history, struct qw_history_place place)
{
	const struct ring *ring = ring_of(history, place);

	return ring ? ring->len : 0;
}

void qw_history_copy(const struct qw_history *history, struct qw_history_place place, size_t back, uint8_t *out, size_t len)
{
	const struct ring *ring = ring_of(history, place);
	size_t at = (ring->end + QW_HISTORY_BYTES - back) % QW_HISTORY_BYTES;
	size_t room = QW_HISTORY_BYTES - at, first = len < room ? len : room;

	memcpy(out, ring->data + at, first);
	memcpy(out + first, ring->data, len - first);
}

uint64_t qw_history_taken_away(const struct qw_history *history)
{
	return history->taken_away;
}

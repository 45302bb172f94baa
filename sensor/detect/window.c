/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/window.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/hash.h"

#define NONE UINT32_MAX

struct qw_windows {
	struct qw_history *history;
	struct qw_window *window;
	uint32_t *slot;
	uint32_t mask;           /* of slots */
	uint32_t count, used;
	uint32_t newest, oldest; /* list by time of use */
	struct qw_window_counters counters;
};

enum qw_err qw_windows_new(struct qw_windows **out, size_t count)
{
	struct qw_windows *windows = calloc(1, sizeof(*windows));
	uint32_t slots = 1;

	if (!windows || count == 0 || count > UINT32_MAX / 4) {
		free(windows);
		return windows ? QW_EINVAL : QW_ENOMEM;
	}
	while (slots < count * 2)
		slots *= 2;
	windows->window = calloc(count, sizeof(*windows->window));
	windows->slot = malloc(slots * sizeof(*windows->slot));
	enum qw_err err = qw_history_new(&windows->history, count / QW_WINDOWS_A_HISTORY + 1);
	if (!windows->window || !windows->slot || err != QW_OK) {
		qw_windows_free(windows);
		return QW_ENOMEM;
	}
	memset(windows->slot, 0xff, slots * sizeof(*windows->slot));
	windows->mask = slots - 1;
	windows->count = (uint32_t)count;
	windows->newest = windows->oldest = NONE;
	*out = windows;
	return QW_OK;
}

void qw_windows_free(struct qw_windows *windows)
{
	if (!windows)
		return;
	qw_history_free(windows->history);
	free(windows->window);
	free(windows->slot);
	free(windows);
}

static uint32_t *slot_of(struct qw_windows *windows, const struct qw_flow *flow, uint8_t direction)
{
	return &windows->slot[qw_mix64((uintptr_t)flow + direction) & windows->mask];
}

static struct qw_window *look(struct qw_windows *windows, const struct qw_flow *flow, uint8_t direction)
{
	for (uint32_t i = *slot_of(windows, flow, direction); i != NONE; i = windows->window[i].chain)
		if (windows->window[i].flow == flow && windows->window[i].direction == direction)
			return &windows->window[i];
	return NULL;
}

static void unlink_age(struct qw_windows *windows, struct qw_window *window)
{
	if (window->newer != NONE)
		windows->window[window->newer].older = window->older;
	else
		windows->newest = window->older;
	if (window->older != NONE)
		windows->window[window->older].newer = window->newer;
	else
		windows->oldest = window->newer;
}

static void link_newest(struct qw_windows *windows, struct qw_window *window)
{
	uint32_t index = (uint32_t)(window - windows->window);

	window->newer = NONE;
	window->older = windows->newest;
	if (windows->newest != NONE)
		windows->window[windows->newest].newer = index;
	else
		windows->oldest = index;
	windows->newest = index;
}

static void link_oldest(struct qw_windows *windows, struct qw_window *window)
{
	uint32_t index = (uint32_t)(window - windows->window);

	window->older = NONE;
	window->newer = windows->oldest;
	if (windows->oldest != NONE)
		windows->window[windows->oldest].older = index;
	else
		windows->newest = index;
	windows->oldest = index;
}

static void unlink_slot(struct qw_windows *windows, struct qw_window *window)
{
	uint32_t index = (uint32_t)(window - windows->window);
	uint32_t *at = slot_of(windows, window->flow, window->direction);

	while (*at != index)
		at = &windows->window[*at].chain;
	*at = window->chain;
	window->flow = NULL;
	qw_history_drop(windows->history, &window->history);
}

/* Of the windows longest unused the first in which no rule waits: half a match is worth more than none. */
static struct qw_window *least_worth(struct qw_windows *windows)
{
	enum { LOOKS = 64 };
	struct qw_window *window = &windows->window[windows->oldest];

	for (unsigned i = 0; i < LOOKS && window->flow && window->waiting_count; i++) {
		unlink_age(windows, window);
		link_newest(windows, window);
		window = &windows->window[windows->oldest];
	}
	return window;
}

static struct qw_window *take(struct qw_windows *windows)
{
	struct qw_window *window;

	if (windows->used < windows->count)
		return &windows->window[windows->used++];
	window = least_worth(windows);
	unlink_age(windows, window);
	if (window->flow) {
		windows->counters.taken_away++;
		unlink_slot(windows, window);
	}
	return window;
}

static struct qw_window *make(struct qw_windows *windows, const struct qw_flow *flow, uint8_t direction)
{
	struct qw_window *window = take(windows);
	uint32_t *slot = slot_of(windows, flow, direction);

	window->flow = flow;
	window->direction = direction;
	window->waiting_count = 0;
	window->len = 0;
	window->start = 0;
	window->chain = *slot;
	*slot = (uint32_t)(window - windows->window);
	link_newest(windows, window);
	return window;
}

/* The end of `fallen` bytes that leave the window; `left` bytes of the stream follow them. */
static void let_go(struct qw_windows *windows, struct qw_window *window, const uint8_t *data, size_t fallen, size_t left)
{
	const struct qw_tcp_end *end = &window->flow->tcp[window->direction];
	bool acknowledged = (int32_t)(end->acked - (end->next - (uint32_t)left)) >= 0;

	if (acknowledged)
		qw_history_drop(windows->history, &window->history);
	else
		qw_history_append(windows->history, &window->history, data, fallen);
}

/* Makes room for new bytes: the newer half of what was there stays, if the new ones leave as much room. */
static void slide(struct qw_windows *windows, struct qw_window *window, const uint8_t **data, size_t *len)
{
	size_t beyond = *len > QW_WINDOW_BYTES ? *len - QW_WINDOW_BYTES : 0, room = QW_WINDOW_BYTES - (*len - beyond);
	size_t keep = QW_WINDOW_BYTES / 2 < room ? QW_WINDOW_BYTES / 2 : room;

	if (keep > window->len)
		keep = window->len;
	size_t fallen = window->len - keep;
	if (fallen)
		let_go(windows, window, window->data, fallen, *len + keep);
	memmove(window->data, window->data + fallen, keep);
	window->start += fallen + beyond;
	window->len = (uint32_t)keep;
	if (!beyond)
		return;
	let_go(windows, window, *data, beyond, *len - beyond);
	*data += beyond;
	*len -= beyond;
}

struct qw_window *qw_window_append(struct qw_windows *windows, const struct qw_flow *flow, enum qw_direction direction,
				   const uint8_t *data, size_t len)
{
	struct qw_window *window = look(windows, flow, (uint8_t)direction);

	if (!window) {
		window = make(windows, flow, (uint8_t)direction);
	} else if (windows->newest != (uint32_t)(window - windows->window)) {
		unlink_age(windows, window);
		link_newest(windows, window);
	}
	if (len > QW_WINDOW_BYTES - window->len)
		slide(windows, window, &data, &len);
	memcpy(window->data + window->len, data, len);
	window->len += (uint32_t)len;
	return window;
}

struct qw_window *qw_window_find(struct qw_windows *windows, const struct qw_flow *flow, enum qw_direction direction)
{
	return look(windows, flow, (uint8_t)direction);
}

size_t qw_window_kept(const struct qw_windows *windows, const struct qw_window *window)
{
	return window->len + qw_history_kept(windows->history, window->history);
}

void qw_window_recall(const struct qw_windows *windows, const struct qw_window *window, size_t back, uint8_t *out, size_t len)
{
	size_t before = back > window->len ? back - window->len : 0;

	if (before > len)
		before = len;
	if (before)
		qw_history_copy(windows->history, window->history, back - window->len, out, before);
	memcpy(out + before, window->data + window->len - (back - before), len - before);
}

void qw_window_gap(struct qw_windows *windows, const struct qw_flow *flow, enum qw_direction direction, uint64_t missing)
{
	struct qw_window *window = look(windows, flow, (uint8_t)direction);

	if (!window)
		return;
	window->start += window->len + missing;
	window->len = 0;
	qw_history_drop(windows->history, &window->history);
	window->waiting_count = 0;
}

void qw_window_forget(struct qw_windows *windows, const struct qw_flow *flow)
{
	for (uint8_t direction = 0; direction < 2; direction++) {
		struct qw_window *window = look(windows, flow, direction);
		if (!window)
			continue;
		unlink_slot(windows, window);
		unlink_age(windows, window);
		link_oldest(windows, window);
	}
}

bool qw_window_wait(struct qw_windows *windows, struct qw_window *window, uint32_t rule)
{
	for (unsigned i = 0; i < window->waiting_count; i++)
		if (window->waiting[i] == rule)
			return true;
	if (window->waiting_count == QW_WINDOW_WAITING) {
		windows->counters.waiting_full++;
		return false;
	}
	window->waiting[window->waiting_count++] = rule;
	return true;
}

void qw_windows_forget_rules(struct qw_windows *windows)
{
	for (uint32_t i = 0; i < windows->used; i++)
		windows->window[i].waiting_count = 0;
}

struct qw_window_counters qw_windows_counters(const struct qw_windows *windows)
{
	struct qw_window_counters counters = windows->counters;

	counters.history_taken = qw_history_taken_away(windows->history);
	return counters;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/window.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/hash.h"

#define NONE UINT32_MAX

struct qw_windows {
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
	if (!windows->window || !windows->slot) {
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
}

static struct qw_window *take(struct qw_windows *windows)
{
	struct qw_window *window;

	if (windows->used < windows->count)
		return &windows->window[windows->used++];
	window = &windows->window[windows->oldest];
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
	if (len > QW_WINDOW_BYTES) {
		window->start += window->len + (len - QW_WINDOW_BYTES);
		window->len = 0;
		data += len - QW_WINDOW_BYTES;
		len = QW_WINDOW_BYTES;
	}
	if (len > QW_WINDOW_BYTES - window->len) {
		size_t keep = QW_WINDOW_BYTES / 2 < QW_WINDOW_BYTES - len ? QW_WINDOW_BYTES / 2 : QW_WINDOW_BYTES - len;
		if (keep > window->len)
			keep = window->len;
		memmove(window->data, window->data + window->len - keep, keep);
		window->start += window->len - keep;
		window->len = (uint32_t)keep;
	}
	memcpy(window->data + window->len, data, len);
	window->len += (uint32_t)len;
	return window;
}

struct qw_window *qw_window_find(struct qw_windows *windows, const struct qw_flow *flow, enum qw_direction direction)
{
	return look(windows, flow, (uint8_t)direction);
}

void qw_window_gap(struct qw_windows *windows, const struct qw_flow *flow, enum qw_direction direction, uint64_t missing)
{
	struct qw_window *window = look(windows, flow, (uint8_t)direction);

	if (!window)
		return;
	window->start += window->len + missing;
	window->len = 0;
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
	return windows->counters;
}

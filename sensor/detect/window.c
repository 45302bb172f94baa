/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/window.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/pages.h"

/*
 * Which one gives its place up goes round as a clock's hand does: what was used
 * since the hand came by last is passed over once.  A list in the order of use
 * would cost three strangers' cache lines a packet.
 */
struct qw_windows {
	struct qw_history *history;
	struct qw_window *window;
	uint8_t *data; /* of all */
	uint32_t count, used, hand;
	bool wanted;     /* by rules */
	uint32_t unused; /* list of forgotten ones, numbers; 0 ends it */
	struct qw_window_counters counters;
};

enum qw_err qw_windows_new(struct qw_windows **out, size_t count)
{
	struct qw_windows *windows = calloc(1, sizeof(*windows));

	if (!windows || count == 0 || count > UINT32_MAX / 4) {
		free(windows);
		return windows ? QW_EINVAL : QW_ENOMEM;
	}
	windows->count = (uint32_t)count;
	windows->window = calloc(count, sizeof(*windows->window));
	enum qw_err err = qw_history_new(&windows->history, count / QW_WINDOWS_A_HISTORY + 1);
	windows->data = qw_pages_new(count * QW_WINDOW_BYTES);
	if (!windows->window || !windows->data || err != QW_OK) {
		qw_windows_free(windows);
		return QW_ENOMEM;
	}
	*out = windows;
	return QW_OK;
}

void qw_windows_free(struct qw_windows *windows)
{
	if (!windows)
		return;
	qw_history_free(windows->history);
	free(windows->window);
	qw_pages_free(windows->data, (size_t)windows->count * QW_WINDOW_BYTES);
	free(windows);
}

void qw_windows_want(struct qw_windows *windows, bool wanted)
{
	windows->wanted = wanted;
}

void qw_window_moved(struct qw_windows *windows, struct qw_window_handle *handle)
{
	if (handle->number)
		windows->window[handle->number - 1].owner = handle;
}

struct qw_window *qw_window_find(const struct qw_windows *windows, const struct qw_window_handle *handle)
{
	return handle->number ? &windows->window[handle->number - 1] : NULL;
}

static void part(struct qw_windows *windows, struct qw_window *window)
{
	window->owner->number = 0;
	window->owner = NULL;
	qw_history_drop(windows->history, &window->history);
}

/* Not used since the hand came by last, and, as long as that does not take too long, none in which rules wait. */
static uint32_t least_worth(struct qw_windows *windows)
{
	enum { SPARED_MAX = 64 };
	unsigned spared = 0;

	for (;;) {
		windows->hand = windows->hand % windows->count + 1;
		struct qw_window *window = &windows->window[windows->hand - 1];
		if (window->recent)
			window->recent = false;
		else if (window->waiting_count == 0 || spared++ == SPARED_MAX)
			return windows->hand;
	}
}

static uint32_t take(struct qw_windows *windows)
{
	uint32_t number = windows->unused;

	if (number) {
		windows->unused = windows->window[number - 1].next_unused;
		return number;
	}
	if (windows->used < windows->count)
		return ++windows->used;
	number = least_worth(windows);
	windows->counters.taken_away++;
	part(windows, &windows->window[number - 1]);
	return number;
}

static struct qw_window *make(struct qw_windows *windows, struct qw_window_handle *handle)
{
	handle->number = take(windows);
	struct qw_window *window = qw_window_find(windows, handle);

	window->owner = handle;
	window->data = windows->data + (size_t)(handle->number - 1) * QW_WINDOW_BYTES;
	window->waiting_count = 0;
	window->len = 0;
	window->start = 0;
	return window;
}

/* The end of `fallen` bytes that leave the window; `left` bytes of the stream follow them. */
static void let_go(struct qw_windows *windows, struct qw_window *window, const struct qw_tcp_end *end, const uint8_t *data,
		   size_t fallen, size_t left)
{
	bool acknowledged = (int32_t)(end->acked - (end->next - (uint32_t)left)) >= 0;

	if (acknowledged)
		qw_history_drop(windows->history, &window->history);
	else
		qw_history_append(windows->history, &window->history, data, fallen);
}

/* Makes room for new bytes: the newer half of what was there stays, if the new ones leave as much room. */
static void slide(struct qw_windows *windows, struct qw_window *window, const struct qw_tcp_end *end, const uint8_t **data,
		  size_t *len)
{
	size_t beyond = *len > QW_WINDOW_BYTES ? *len - QW_WINDOW_BYTES : 0, room = QW_WINDOW_BYTES - (*len - beyond);
	size_t keep = QW_WINDOW_BYTES / 2 < room ? QW_WINDOW_BYTES / 2 : room;

	if (keep > window->len)
		keep = window->len;
	size_t fallen = window->len - keep;
	if (fallen)
		let_go(windows, window, end, window->data, fallen, *len + keep);
	memmove(window->data, window->data + fallen, keep);
	window->start += fallen + beyond;
	window->len = (uint32_t)keep;
	if (!beyond)
		return;
	let_go(windows, window, end, *data, beyond, *len - beyond);
	*data += beyond;
	*len -= beyond;
}

/* All before the last len bytes is acknowledged, and nobody asks for it: what a pattern may have begun in stays. */
static void let_settled_go(struct qw_windows *windows, struct qw_window *window, const struct qw_tcp_end *end, size_t len)
{
	if (window->len <= QW_WINDOW_LEAST || (int32_t)(end->acked - (end->next - (uint32_t)len)) < 0)
		return;
	memmove(window->data, window->data + window->len - QW_WINDOW_LEAST, QW_WINDOW_LEAST);
	window->start += window->len - QW_WINDOW_LEAST;
	window->len = QW_WINDOW_LEAST;
	qw_history_drop(windows->history, &window->history);
}

struct qw_window *qw_window_append(struct qw_windows *windows, struct qw_window_handle *handle,
				   const struct qw_tcp_end *end, const uint8_t *data, size_t len)
{
	struct qw_window *window = qw_window_find(windows, handle);

	if (!window)
		window = make(windows, handle);
	window->recent = true;
	if (!windows->wanted)
		let_settled_go(windows, window, end, len);
	if (len > QW_WINDOW_BYTES - window->len)
		slide(windows, window, end, &data, &len);
	memcpy(window->data + window->len, data, len);
	window->len += (uint32_t)len;
	return window;
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

void qw_window_gap(struct qw_windows *windows, const struct qw_window_handle *handle, uint64_t missing)
{
	struct qw_window *window = qw_window_find(windows, handle);

	if (!window)
		return;
	window->start += window->len + missing;
	window->len = 0;
	window->waiting_count = 0;
	qw_history_drop(windows->history, &window->history);
}

void qw_window_forget(struct qw_windows *windows, struct qw_window_handle *handle)
{
	uint32_t number = handle->number;
	struct qw_window *window = qw_window_find(windows, handle);

	if (!window)
		return;
	part(windows, window);
	window->waiting_count = 0;
	window->next_unused = windows->unused;
	windows->unused = number;
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

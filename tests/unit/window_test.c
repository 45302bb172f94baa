/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>


enum { WINDOWS = 4 };

static struct qw_window_handle handles[2 * WINDOWS][2];
static struct qw_tcp_end ends[2];

static struct qw_windows *windows_new(void)
{
	struct qw_windows *windows;

	memset(handles, 0, sizeof(handles));
	assert_int_equal(qw_windows_new(&windows, WINDOWS), QW_OK);
	qw_windows_want(windows, true);
	return windows;
}

static struct qw_window *say(struct qw_windows *windows, unsigned flow, const char *text)
{
	return qw_window_append(windows, &handles[flow][QW_TO_SERVER], &ends[QW_TO_SERVER], (const uint8_t *)text, strlen(text));
}

static void data_is_appended_in_order(void **state)
{
	struct qw_windows *windows = windows_new();

	say(windows, 0, "first ");
	struct qw_window *window = say(windows, 0, "second");
	assert_int_equal(window->len, 12);
	assert_int_equal(window->start, 0);
	assert_memory_equal(window->data, "first second", 12);
	qw_windows_free(windows);
}

static void directions_and_flows_do_not_mix(void **state)
{
	struct qw_windows *windows = windows_new();

	say(windows, 0, "up");
	qw_window_append(windows, &handles[0][QW_TO_CLIENT], &ends[QW_TO_CLIENT], (const uint8_t *)"down", 4);
	say(windows, 1, "other");
	assert_int_equal(qw_window_find(windows, &handles[0][QW_TO_SERVER])->len, 2);
	assert_int_equal(qw_window_find(windows, &handles[0][QW_TO_CLIENT])->len, 4);
	assert_int_equal(qw_window_find(windows, &handles[1][QW_TO_SERVER])->len, 5);
	assert_null(qw_window_find(windows, &handles[1][QW_TO_CLIENT]));
	qw_windows_free(windows);
}

/* Byte n of a long stream. */
static uint8_t byte_at(uint64_t n)
{
	return (uint8_t)(n * 31 + n / 251);
}

static void the_latest_bytes_stay_whatever_the_pieces(void **state)
{
	static const size_t sizes[] = {1, 100, 1460, 4095, 4096, 4097, 9000, 7};
	struct qw_windows *windows = windows_new();
	uint8_t piece[9000];
	uint64_t total = 0;

	for (unsigned i = 0; i < 200; i++) {
		size_t len = sizes[i % 8];
		for (size_t at = 0; at < len; at++)
			piece[at] = byte_at(total + at);
		struct qw_window *window = qw_window_append(windows, &handles[0][QW_TO_SERVER], &ends[QW_TO_SERVER], piece, len);
		total += len;
		assert_int_equal(window->start + window->len, total);
		assert_true(window->len <= QW_WINDOW_BYTES);
		assert_true(window->len >= (len < QW_WINDOW_BYTES ? len : QW_WINDOW_BYTES));
		for (size_t at = 0; at < window->len; at++)
			assert_int_equal(window->data[at], byte_at(window->start + at));
	}
	qw_windows_free(windows);
}

static void what_is_lost_parts_what_was_before_from_what_follows(void **state)
{
	struct qw_windows *windows = windows_new();

	struct qw_window *window = say(windows, 0, "before");
	assert_true(qw_window_wait(windows, window, 5));
	qw_window_gap(windows, &handles[0][QW_TO_SERVER], 100);
	window = say(windows, 0, "after");
	assert_int_equal(window->start, 106);
	assert_int_equal(window->len, 5);
	assert_memory_equal(window->data, "after", 5);
	assert_int_equal(window->waiting_count, 0);
	qw_window_gap(windows, &handles[1][QW_TO_SERVER], 100); /* of a flow that has none: nothing happens */
	assert_null(qw_window_find(windows, &handles[1][QW_TO_SERVER]));
	qw_windows_free(windows);
}

static void one_not_used_for_long_gives_its_place_up(void **state)
{
	struct qw_windows *windows = windows_new();

	for (unsigned i = 0; i < WINDOWS; i++)
		say(windows, i, "x");
	say(windows, WINDOWS, "new"); /* in the place of one of them; the others have been passed over once */
	say(windows, 1, "x");
	say(windows, WINDOWS + 1, "newer");
	assert_int_equal(qw_windows_counters(windows).taken_away, 2);
	assert_non_null(qw_window_find(windows, &handles[1][QW_TO_SERVER]));
	assert_null(qw_window_find(windows, &handles[2][QW_TO_SERVER]));
	assert_int_equal(qw_window_find(windows, &handles[WINDOWS][QW_TO_SERVER])->len, 3);
	qw_windows_free(windows);
}

static void a_handle_that_moved_is_told_when_its_window_is_taken(void **state)
{
	struct qw_windows *windows = windows_new();

	say(windows, 0, "moves");
	handles[0][QW_TO_CLIENT] = handles[0][QW_TO_SERVER];
	handles[0][QW_TO_SERVER].number = 0;
	qw_window_moved(windows, &handles[0][QW_TO_CLIENT]);
	qw_window_moved(windows, &handles[0][QW_TO_SERVER]); /* has none */
	for (unsigned flow = 1; flow <= WINDOWS; flow++)
		say(windows, flow, "another");
	assert_null(qw_window_find(windows, &handles[0][QW_TO_CLIENT]));
	assert_int_equal(handles[0][QW_TO_SERVER].number, 0);
	qw_windows_free(windows);
}

static void the_window_of_a_flow_that_ended_is_used_first(void **state)
{
	struct qw_windows *windows = windows_new();

	for (unsigned i = 0; i < WINDOWS; i++)
		say(windows, i, "x");
	qw_window_forget(windows, &handles[2][QW_TO_SERVER]);
	qw_window_forget(windows, &handles[7][QW_TO_SERVER]);
	say(windows, WINDOWS, "new");
	assert_int_equal(qw_windows_counters(windows).taken_away, 0);
	assert_null(qw_window_find(windows, &handles[2][QW_TO_SERVER]));
	for (unsigned i = 0; i < WINDOWS + 1; i++)
		assert_true(i == 2 || qw_window_find(windows, &handles[i][QW_TO_SERVER]));
	qw_windows_free(windows);
}

static void rules_wait_once_each_and_no_more_than_fit(void **state)
{
	struct qw_windows *windows = windows_new();
	struct qw_window *window = say(windows, 0, "x");

	for (uint32_t rule = 0; rule < QW_WINDOW_WAITING; rule++) {
		assert_true(qw_window_wait(windows, window, rule));
		assert_true(qw_window_wait(windows, window, rule));
	}
	assert_int_equal(window->waiting_count, QW_WINDOW_WAITING);
	assert_false(qw_window_wait(windows, window, 99));
	assert_int_equal(qw_windows_counters(windows).waiting_full, 1);
	qw_windows_free(windows);
}

static void many_flows_in_and_out_stay_apart(void **state)
{
	struct qw_windows *windows = windows_new();

	for (unsigned i = 0; i < 10000; i++) {
		unsigned flow = (i * 7 + i / 3) % (2 * WINDOWS);
		struct qw_window *window = say(windows, flow, "abc");
		assert_ptr_equal(window->owner, &handles[flow][QW_TO_SERVER]);
		if (i % 5 == 0)
			qw_window_forget(windows, &handles[(flow + 3) % (2 * WINDOWS)][QW_TO_SERVER]);
	}
	qw_windows_free(windows);
}

static void a_window_in_which_a_rule_waits_goes_last(void **state)
{
	struct qw_windows *windows = windows_new();

	for (unsigned i = 0; i < WINDOWS; i++)
		say(windows, i, "x");
	assert_true(qw_window_wait(windows, qw_window_find(windows, &handles[1][QW_TO_SERVER]), 7));
	for (unsigned round = 0; round < 20; round++)
		say(windows, WINDOWS + round % WINDOWS, "new");
	assert_non_null(qw_window_find(windows, &handles[1][QW_TO_SERVER]));
	for (unsigned i = 0; i < 2 * WINDOWS; i++) {
		struct qw_window *window = say(windows, i, "x");
		qw_window_wait(windows, window, 7);
	}
	assert_null(qw_window_find(windows, &handles[1][QW_TO_SERVER])); /* where they wait in all, one goes */
	qw_windows_free(windows);
}

static void what_was_not_acknowledged_is_kept_when_it_slides_out(void **state)
{
	static uint8_t data[20000], back[20000];
	struct qw_windows *windows = windows_new();
	struct qw_window *window = NULL;

	ends[0] = (struct qw_tcp_end){.acked = 1000, .next = 1000};
	for (size_t at = 0; at < sizeof(data); at++)
		data[at] = byte_at(at);
	for (size_t at = 0; at < sizeof(data); at += 500) {
		ends[0].next += 500;
		window = qw_window_append(windows, &handles[0][QW_TO_SERVER], &ends[0], data + at, 500);
	}
	assert_int_equal(qw_window_kept(windows, window), sizeof(data));
	for (size_t from = 0; from < sizeof(data); from += 777) {
		qw_window_recall(windows, window, sizeof(data) - from, back, sizeof(data) - from);
		assert_memory_equal(back, data + from, sizeof(data) - from);
	}
	for (size_t at = 0; at < 5000; at += 500) {
		ends[0].acked = ends[0].next; /* all of it: the next that slide out take the rest with them */
		ends[0].next += 500;
		window = qw_window_append(windows, &handles[0][QW_TO_SERVER], &ends[0], data + at, 500);
	}
	assert_int_equal(qw_window_kept(windows, window), window->len);
	ends[0] = (struct qw_tcp_end){0};
	qw_windows_free(windows);
}

static void what_nobody_asks_for_goes_once_it_is_acknowledged(void **state)
{
	struct qw_windows *windows = windows_new();
	uint8_t data[1000] = {0};

	qw_windows_want(windows, false);
	ends[0] = (struct qw_tcp_end){.acked = 0, .next = 1000};
	struct qw_window *window = qw_window_append(windows, &handles[0][QW_TO_SERVER], &ends[0], data, 1000);
	ends[0].next = 2000;
	window = qw_window_append(windows, &handles[0][QW_TO_SERVER], &ends[0], data, 1000);
	assert_int_equal(window->len, 2000);
	ends[0] = (struct qw_tcp_end){.acked = 2000, .next = 3000};
	window = qw_window_append(windows, &handles[0][QW_TO_SERVER], &ends[0], data, 1000);
	assert_int_equal(window->len, QW_WINDOW_LEAST + 1000);
	assert_int_equal(window->start + window->len, 3000);
	ends[0] = (struct qw_tcp_end){0};
	qw_windows_free(windows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_is_appended_in_order),
		cmocka_unit_test(directions_and_flows_do_not_mix),
		cmocka_unit_test(the_latest_bytes_stay_whatever_the_pieces),
		cmocka_unit_test(what_is_lost_parts_what_was_before_from_what_follows),
		cmocka_unit_test(one_not_used_for_long_gives_its_place_up),
		cmocka_unit_test(a_window_in_which_a_rule_waits_goes_last),
		cmocka_unit_test(what_nobody_asks_for_goes_once_it_is_acknowledged),
		cmocka_unit_test(what_was_not_acknowledged_is_kept_when_it_slides_out),
		cmocka_unit_test(a_handle_that_moved_is_told_when_its_window_is_taken),
		cmocka_unit_test(the_window_of_a_flow_that_ended_is_used_first),
		cmocka_unit_test(rules_wait_once_each_and_no_more_than_fit),
		cmocka_unit_test(many_flows_in_and_out_stay_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

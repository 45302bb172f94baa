/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/tickets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sensor/run/changes.h"

static uint32_t add(struct qw_tickets *tickets, uint64_t sequence)
{
	struct qw_receipt receipt = {.state = {.name = "community", .order = {1, sequence}}};

	return qw_tickets_add(tickets, &receipt);
}

static void a_receipt_waits_for_the_builder_and_for_all_workers(void **state)
{
	struct qw_tickets tickets = {0};

	(void)state;
	uint32_t first = add(&tickets, 1), second = add(&tickets, 2);
	assert_null(qw_tickets_due(&tickets, 9));
	qw_tickets_built(&tickets, first, 5);
	assert_null(qw_tickets_due(&tickets, 4));
	assert_int_equal(qw_tickets_due(&tickets, 5)->receipt.state.order.sequence, 1);
	qw_tickets_done(&tickets);
	assert_null(qw_tickets_due(&tickets, 5));
	qw_tickets_built(&tickets, second, 6);
	assert_int_equal(qw_tickets_due(&tickets, 6)->receipt.state.order.sequence, 2);
}

static void what_was_built_keeps_its_generation(void **state)
{
	struct qw_tickets tickets = {0};

	(void)state;
	add(&tickets, 1);
	uint32_t second = add(&tickets, 2);
	qw_tickets_built(&tickets, second - 1, 5);
	qw_tickets_built(&tickets, second, 7);
	assert_int_equal(qw_tickets_due(&tickets, 5)->generation, 5);
}

static void beyond_the_bound_the_last_speaks_for_the_others(void **state)
{
	struct qw_tickets tickets = {0};
	uint32_t last = 0;

	(void)state;
	for (uint64_t i = 1; i <= QW_TICKETS_MAX + 10; i++)
		last = add(&tickets, i);
	assert_int_equal(tickets.count, QW_TICKETS_MAX);
	assert_int_equal(tickets.joined, 10);
	qw_tickets_built(&tickets, last, 3);
	for (int i = 0; i < QW_TICKETS_MAX - 1; i++)
		qw_tickets_done(&tickets);
	assert_int_equal(qw_tickets_due(&tickets, 3)->receipt.state.order.sequence, QW_TICKETS_MAX + 10);
	qw_tickets_done(&tickets);
	assert_null(qw_tickets_due(&tickets, 3));
}

/* ---- what goes to the builder */

static void send_and_compare(size_t entries, bool passes_memory)
{
	uint8_t body[100];
	struct qw_entry entry = {.kind = QW_ENTRY_INDICATOR, .body = body, .body_len = sizeof(body)};
	struct qw_changes changes = {0};
	struct qw_post post;
	int ends[2];
	char *bytes;
	size_t len;

	memset(body, 7, sizeof(body));
	qw_changes_begin(&changes);
	for (size_t i = 0; i < entries; i++)
		qw_changes_add(&changes, &entry);
	assert_false(changes.cut);
	assert_int_equal(changes.len, entries * (sizeof(uint32_t) + sizeof(body)));
	assert_int_equal(qw_post_pair(ends), QW_OK);
	assert_int_equal(qw_changes_post(&changes, ends[0], 42), QW_OK);
	assert_int_equal(qw_post_receive(ends[1], &post), QW_OK);
	assert_int_equal(post.kind, QW_POST_ENTRIES);
	assert_int_equal(post.number, 42);
	assert_int_equal(post.fds[0] >= 0, passes_memory);
	assert_int_equal(qw_changes_receive(&post, &bytes, &len), QW_OK);
	assert_int_equal(len, changes.len);
	assert_memory_equal(bytes, changes.bytes, len);
	free(bytes);
	qw_changes_fini(&changes);
	close(ends[0]);
	close(ends[1]);
}

static void few_entries_go_in_the_post_and_many_in_memory_that_it_passes(void **state)
{
	(void)state;
	send_and_compare(3, false);
	send_and_compare(10000, true);
}

static void signatures_and_whole_sets_are_not_among_the_entries(void **state)
{
	uint8_t body[4] = {0};
	struct qw_entry entry = {.kind = QW_ENTRY_SIGNATURE, .body = body, .body_len = sizeof(body)};
	struct qw_changes changes = {0};

	(void)state;
	qw_changes_add(&changes, &entry);
	assert_true(changes.signatures);
	assert_false(changes.cut);
	assert_int_equal(changes.len, 0);
	qw_changes_begin(&changes);
	assert_false(changes.signatures);
	qw_changes_add(&changes, NULL);
	assert_true(changes.signatures);
	assert_true(changes.cut);
	qw_changes_put(&changes, &entry);
	assert_int_equal(changes.len, sizeof(uint32_t) + sizeof(body));
	qw_changes_fini(&changes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_receipt_waits_for_the_builder_and_for_all_workers),
		cmocka_unit_test(what_was_built_keeps_its_generation),
		cmocka_unit_test(beyond_the_bound_the_last_speaks_for_the_others),
		cmocka_unit_test(few_entries_go_in_the_post_and_many_in_memory_that_it_passes),
		cmocka_unit_test(signatures_and_whole_sets_are_not_among_the_entries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

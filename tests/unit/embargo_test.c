/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/embargo.h"

#include <unistd.h>

#include "tests/unit/event_kit.h"
#include "tests/unit/folder_kit.h"

enum { WAIT_S = 60, BYTES_MAX = 4 << 20, RUN_1 = 11, RUN_2 = 12 };

static char folder[] = "qw-embargo-XXXXXX";

static int enter(void **state)
{
	(void)state;
	return folder_enter(folder, sizeof(folder), "qw-embargo-XXXXXX");
}

static int leave(void **state)
{
	(void)state;
	return folder_leave(folder);
}

static struct qw_embargo *opened(uint64_t epoch, int64_t seconds, struct qw_embargo_name left)
{
	struct qw_embargo_options options = {folder, epoch, BYTES_MAX, seconds, left};
	struct qw_embargo *embargo;

	assert_int_equal(qw_embargo_open(&embargo, &options), QW_OK);
	return embargo;
}

static void put(struct qw_embargo *embargo, int64_t at, uint64_t sid)
{
	static struct kit_event event;

	kit_begin(&event, QW_EVENT_ALERT);
	qw_event_put_u64(&event.writer, QW_KEY_ALERT_SIGNATURE_ID, sid);
	assert_int_equal(qw_embargo_put(embargo, qw_time_seconds(at), event.writer.event, qw_event_size(event.writer.event)), QW_OK);
}

/* The signature of the one whose time has come, which is not done by that; 0: none. */
static uint64_t due(struct qw_embargo *embargo, int64_t now, struct qw_embargo_name left)
{
	const struct qw_event *event;
	struct qw_event_reader reader;
	enum qw_event_key key;
	const uint8_t *data;
	uint64_t sid;
	size_t size, len;

	if (qw_embargo_due(embargo, qw_time_seconds(now), left, &event, &size) != QW_OK)
		return 0;
	assert_int_equal(qw_event_open(&reader, event, size, &event), QW_OK);
	assert_true(qw_event_next(&reader, &key, &data, &len));
	memcpy(&sid, data, sizeof(sid));
	return sid;
}

static const struct qw_embargo_name nothing = {RUN_1, 0};

static void an_alert_leaves_when_its_time_has_come_and_not_before(void **state)
{
	struct qw_embargo *embargo = opened(RUN_1, WAIT_S, nothing);

	(void)state;
	put(embargo, 1000, 7);
	put(embargo, 1010, 8);
	assert_int_equal(due(embargo, 1000 + WAIT_S - 1, nothing), 0);
	assert_int_equal(qw_embargo_stats(embargo).waiting, 2);
	assert_int_equal(due(embargo, 1000 + WAIT_S, nothing), 7);
	assert_int_equal(due(embargo, 1000 + WAIT_S, nothing), 7);
	qw_embargo_done(embargo);
	assert_int_equal(due(embargo, 1010 + WAIT_S - 1, nothing), 0);
	assert_int_equal(due(embargo, 1010 + WAIT_S, nothing), 8);
	qw_embargo_done(embargo);
	assert_int_equal(due(embargo, 9999, nothing), 0);
	assert_int_equal(qw_embargo_stats(embargo).waiting, 0);
	qw_embargo_close(embargo);
}

static void who_waits_waits_on_after_a_restart(void **state)
{
	struct qw_embargo *embargo = opened(RUN_1, WAIT_S, nothing);

	(void)state;
	put(embargo, 1000, 7);
	qw_embargo_close(embargo);
	embargo = opened(RUN_2, WAIT_S, nothing);
	put(embargo, 1001, 8);
	assert_int_equal(qw_embargo_stats(embargo).waiting, 2);
	assert_int_equal(due(embargo, 1000 + WAIT_S - 1, nothing), 0);
	assert_int_equal(due(embargo, 1000 + WAIT_S, nothing), 7);
	qw_embargo_done(embargo);
	assert_int_equal(due(embargo, 1001 + WAIT_S, nothing), 8);
	qw_embargo_close(embargo);
}

static void none_waits_any_more_where_the_embargo_was_lifted(void **state)
{
	struct qw_embargo *embargo = opened(RUN_1, WAIT_S, nothing);

	(void)state;
	put(embargo, 1000, 7);
	qw_embargo_close(embargo);
	embargo = opened(RUN_2, 0, nothing);
	assert_int_equal(due(embargo, 1000, nothing), 7);
	qw_embargo_close(embargo);
}

/* The process dies after the second is due; `left` is what the ledger has then. */
static uint64_t first_after_death(struct qw_embargo_name left)
{
	struct qw_embargo *embargo = opened(RUN_1, WAIT_S, nothing);

	for (uint64_t sid = 7; sid < 10; sid++)
		put(embargo, 1000, sid);
	assert_int_equal(due(embargo, 2000, nothing), 7);
	qw_embargo_done(embargo);
	assert_int_equal(due(embargo, 2000, (struct qw_embargo_name){RUN_1, 1}), 8);
	qw_embargo_close(embargo);
	embargo = opened(RUN_2, WAIT_S, left);
	uint64_t sid = due(embargo, 2000, (struct qw_embargo_name){RUN_2, 0});
	qw_embargo_close(embargo);
	return sid;
}

static void who_was_leaving_when_the_process_died_leaves_again_if_the_ledger_has_it_not(void **state)
{
	(void)state;
	assert_int_equal(first_after_death((struct qw_embargo_name){RUN_1, 1}), 8);
}

static void who_was_leaving_when_the_process_died_does_not_leave_again_if_the_ledger_has_it(void **state)
{
	struct qw_embargo *embargo;

	(void)state;
	assert_int_equal(first_after_death((struct qw_embargo_name){RUN_1, 2}), 9);
	embargo = opened(RUN_2 + 1, WAIT_S, (struct qw_embargo_name){RUN_1, 2}); /* and a third run says the same */
	assert_int_equal(due(embargo, 2000, nothing), 9);
	qw_embargo_close(embargo);
}

static void a_clock_that_was_set_back_holds_nobody_for_ever(void **state)
{
	struct qw_embargo *embargo = opened(RUN_1, WAIT_S, nothing);

	(void)state;
	put(embargo, 1000000, 7);
	assert_int_equal(due(embargo, 1000000 - WAIT_S, nothing), 0);
	assert_int_equal(due(embargo, 1000, nothing), 7);
	qw_embargo_close(embargo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_alert_leaves_when_its_time_has_come_and_not_before, enter, leave),
		cmocka_unit_test_setup_teardown(who_waits_waits_on_after_a_restart, enter, leave),
		cmocka_unit_test_setup_teardown(none_waits_any_more_where_the_embargo_was_lifted, enter, leave),
		cmocka_unit_test_setup_teardown(who_was_leaving_when_the_process_died_leaves_again_if_the_ledger_has_it_not, enter, leave),
		cmocka_unit_test_setup_teardown(who_was_leaving_when_the_process_died_does_not_leave_again_if_the_ledger_has_it, enter, leave),
		cmocka_unit_test_setup_teardown(a_clock_that_was_set_back_holds_nobody_for_ever, enter, leave),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

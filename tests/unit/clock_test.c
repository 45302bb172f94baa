/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/clock_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "quaywatch/file.h"

static struct qw_time ahead_of_wall(int64_t seconds)
{
	return qw_time_add(qw_time_wall(), qw_time_seconds(seconds));
}

static void it_follows_the_wall_clock(void **state)
{
	struct qw_clock clock = {0};

	qw_clock_follow(&clock);
	assert_in_range(qw_clock_now(&clock).ns, ahead_of_wall(-1).ns, ahead_of_wall(1).ns);
}

static void an_earlier_time_does_not_set_it_back(void **state)
{
	struct qw_clock clock = {0};

	qw_clock_raise(&clock, ahead_of_wall(3600));
	qw_clock_follow(&clock);
	qw_clock_raise(&clock, ahead_of_wall(-3600));
	assert_in_range(qw_clock_now(&clock).ns, ahead_of_wall(3599).ns, ahead_of_wall(3601).ns);
}

static void it_goes_on_by_itself(void **state)
{
	struct qw_clock clock = {0};

	qw_clock_raise(&clock, ahead_of_wall(3600));
	struct qw_time before = qw_clock_now(&clock);
	while (qw_time_monotonic().ns == before.ns - atomic_load(&clock.offset_ns))
		;
	assert_true(qw_time_before(before, qw_clock_now(&clock)));
}

static void the_next_run_starts_where_the_last_one_was(void **state)
{
	struct qw_clock clock = {0}, next = {0};
	char path[] = "clock-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	qw_clock_raise(&clock, ahead_of_wall(7200));
	assert_int_equal(qw_clock_save(&clock, path), QW_OK);
	qw_clock_follow(&next);
	assert_int_equal(qw_clock_load(&next, path), QW_OK);
	assert_in_range(qw_clock_now(&next).ns, ahead_of_wall(7199).ns, ahead_of_wall(7201).ns);
	unlink(path);
	assert_int_equal(qw_clock_load(&next, path), QW_ENOENT);
}

static void a_damaged_file_is_no_time(void **state)
{
	static const char *const texts[] = {"", "\n", "12", "12x\n", "-5\n", "9223372036854775807\n"};
	struct qw_clock clock = {0};
	char path[] = "clock-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	qw_clock_follow(&clock);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(qw_file_replace(path, texts[i], strlen(texts[i]), 0600), QW_OK);
		assert_int_equal(qw_clock_load(&clock, path), QW_EFORMAT);
	}
	assert_in_range(qw_clock_now(&clock).ns, ahead_of_wall(-1).ns, ahead_of_wall(1).ns);
	unlink(path);
}

/* ---- from run to run, whether there is a collector or not */

static void make_folder(char path[32], char file[64])
{
	snprintf(path, 32, "clock-folder-XXXXXX");
	assert_non_null(mkdtemp(path));
	snprintf(file, 64, "%s/clock", path);
}

/* The first run's clock is two hours on; for the second the system's clock was set back by as much. */
static void after_a_restart_a_clock_set_back_brings_nothing_to_life(void **state)
{
	struct qw_clock clock = {0}, next = {0};
	struct qw_clock_file keeper;
	char folder[32], path[64];

	make_folder(folder, path);
	qw_clock_raise(&clock, ahead_of_wall(7200));
	qw_clock_file_open(&keeper, &clock, folder);
	qw_clock_file_turn(&keeper);
	qw_clock_follow(&next);
	qw_clock_file_open(&keeper, &next, folder);
	assert_in_range(qw_clock_now(&next).ns, ahead_of_wall(7199).ns, ahead_of_wall(7201).ns);
	qw_clock_file_turn(&keeper);
	assert_in_range(qw_clock_now(&next).ns, ahead_of_wall(7199).ns, ahead_of_wall(7201).ns);
	unlink(path);
	rmdir(folder);
}

static void the_end_of_a_run_is_kept(void **state)
{
	struct qw_clock clock = {0}, next = {0};
	struct qw_clock_file keeper;
	char folder[32], path[64];

	make_folder(folder, path);
	qw_clock_file_open(&keeper, &clock, folder);
	qw_clock_file_turn(&keeper);
	qw_clock_raise(&clock, ahead_of_wall(7200));
	qw_clock_file_turn(&keeper); /* within the minute: not written */
	qw_clock_file_close(&keeper);
	qw_clock_file_close(&keeper);
	assert_int_equal(qw_clock_load(&next, path), QW_OK);
	assert_in_range(qw_clock_now(&next).ns, ahead_of_wall(7199).ns, ahead_of_wall(7201).ns);
	unlink(path);
	rmdir(folder);
}

/* A machine that starts in 1970 and is told the time later. */
static void it_follows_a_clock_that_is_set_later(void **state)
{
	struct qw_clock clock = {0};
	struct qw_clock_file keeper;

	qw_clock_file_open(&keeper, &clock, "");
	assert_true(qw_time_before(qw_clock_now(&clock), ahead_of_wall(-1)));
	qw_clock_file_turn(&keeper);
	assert_in_range(qw_clock_now(&clock).ns, ahead_of_wall(-1).ns, ahead_of_wall(1).ns);
	qw_clock_file_close(&keeper);
}

static void a_folder_that_is_not_there_is_told_once(void **state)
{
	struct qw_clock clock = {0};
	struct qw_clock_file keeper;

	qw_clock_file_open(&keeper, &clock, "no/such/folder");
	qw_clock_file_turn(&keeper);
	assert_true(keeper.told);
	qw_clock_file_close(&keeper);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_follows_the_wall_clock),
		cmocka_unit_test(an_earlier_time_does_not_set_it_back),
		cmocka_unit_test(it_goes_on_by_itself),
		cmocka_unit_test(the_next_run_starts_where_the_last_one_was),
		cmocka_unit_test(a_damaged_file_is_no_time),
		cmocka_unit_test(after_a_restart_a_clock_set_back_brings_nothing_to_life),
		cmocka_unit_test(the_end_of_a_run_is_kept),
		cmocka_unit_test(it_follows_a_clock_that_is_set_later),
		cmocka_unit_test(a_folder_that_is_not_there_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

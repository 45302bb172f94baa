/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "quaywatch/json.h"

/* The summary as it is written. */
static const char *written(const struct qw_summary *summary)
{
	static char text[64 * 1024];
	char path[] = "qw-summary-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(qw_summary_write(summary, path), QW_OK);
	ssize_t len = read(fd, text, sizeof(text) - 1);
	close(fd);
	unlink(path);
	assert_true(len > 0);
	assert_int_equal(text[len - 1], '\n');
	text[len - 1] = 0;
	assert_true(qw_json_is_object(text, strlen(text), 8, NULL));
	return text;
}

static void the_promised_keys_are_there(void **state)
{
	static const char *const keys[] = {"packets", "bytes", "inspected", "seconds", "cpu_seconds", "flows", "alerts", "rules", "decode",
					   "drops", "skipped", "memory"};
	struct qw_summary summary = {.stats = {.packets = 10, .inspected = 7, .drops = {[QW_DROP_CAPTURE] = 3}}, .seconds = 1.5};
	const char *text = written(&summary);
	char quoted[32];

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		snprintf(quoted, sizeof(quoted), "\"%s\":", keys[i]);
		assert_non_null(strstr(text, quoted));
	}
	assert_non_null(strstr(text, "\"packets\":10,"));
	assert_non_null(strstr(text, "\"drops\":{\"capture\":3}"));
	assert_non_null(strstr(text, "\"seconds\":1.500000"));
	assert_null(strstr(text, "\"workers\"")); /* reading files */
}

static void the_largest_numbers_of_the_most_workers_fit(void **state)
{
	static struct qw_worker_account workers[64];
	struct qw_summary summary = {.workers = workers, .worker_count = 64};

	memset(&summary.stats, 0xff, sizeof(summary.stats));
	memset(workers, 0xff, sizeof(workers));
	assert_non_null(strstr(written(&summary), "\"restarts\":4294967294"));
}

static void a_path_that_cannot_be_is_told_with_its_reason(void **state)
{
	struct qw_summary summary = {.seconds = 0};

	assert_int_equal(qw_summary_write(&summary, "no-such-folder/stats"), QW_ENOENT);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(qw_summary_write(&summary, "/dev/full"), QW_ENOSPC);
}

static void statistics_add_up_and_the_later_packet_counts(void **state)
{
	struct qw_engine_stats a = {.packets = 1, .drops = {[QW_DROP_FILTER] = 2}, .waiting_full = 3, .last_packet_ns = 50};
	struct qw_engine_stats b = {.packets = 10, .drops = {[QW_DROP_FILTER] = 20}, .waiting_full = 30, .last_packet_ns = 40};

	qw_engine_stats_add(&a, &b);
	assert_int_equal(a.packets, 11);
	assert_int_equal(a.drops[QW_DROP_FILTER], 22);
	assert_int_equal(a.waiting_full, 33);
	assert_int_equal(a.last_packet_ns, 50);
}

static void the_peak_of_this_process_is_known(void **state)
{
	assert_true(qw_peak_rss() > 100 * 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_promised_keys_are_there),
		cmocka_unit_test(the_largest_numbers_of_the_most_workers_fit),
		cmocka_unit_test(a_path_that_cannot_be_is_told_with_its_reason),
		cmocka_unit_test(statistics_add_up_and_the_later_packet_counts),
		cmocka_unit_test(the_peak_of_this_process_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int saved, ends[2];

static int redirect(void **state)
{
	saved = dup(STDERR_FILENO);
	return saved < 0 || pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0;
}

static int restore(void **state)
{
	close(ends[0]);
	close(ends[1]);
	return dup2(saved, STDERR_FILENO) < 0 || close(saved) != 0;
}

static const char *line(void)
{
	static char memory[8192];
	ssize_t len = read(ends[0], memory, sizeof(memory) - 1);
	assert_true(len > 0);
	memory[len] = 0;
	return memory;
}

static void a_line_has_time_level_id_speaker_and_text(void **state)
{
	qw_log_setup("worker 0", QW_LOG_INFO);
	qw_log(QW_LOG_WARNING, "SPOOL-FULL", "disk is %d %% full", 99);
	const char *at = line();
	assert_int_equal(at[10], 'T');
	assert_string_equal(at + 31, " warning SPOOL-FULL worker 0: disk is 99 % full\n");
}

static void what_is_below_the_level_is_not_written(void **state)
{
	qw_log_setup("", QW_LOG_ERROR);
	qw_log(QW_LOG_WARNING, "NO", "no");
	qw_log(QW_LOG_ERROR, "YES", "yes");
	assert_string_equal(line() + 31, " error YES yes\n");
}

static void control_characters_cannot_begin_a_line(void **state)
{
	qw_log_setup("", QW_LOG_INFO);
	qw_log(QW_LOG_INFO, "X", "a%sb", "\n2026 error\x1b[2J\x7f");
	assert_string_equal(line() + 31, " info X a?2026 error?[2J?b\n");
}

static void a_long_text_is_cut_and_still_one_line(void **state)
{
	char text[6000];
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	qw_log_setup("", QW_LOG_INFO);
	qw_log(QW_LOG_INFO, "X", "%s", text);
	const char *at = line();
	assert_true(strlen(at) > 1000 && strlen(at) < 4096);
	assert_ptr_equal(strchr(at, '\n'), at + strlen(at) - 1);
}

static void errno_is_said_and_kept(void **state)
{
	qw_log_setup("", QW_LOG_INFO);
	errno = ENOSPC;
	qw_log(QW_LOG_INFO, "X", "%m");
	assert_int_equal(errno, ENOSPC);
	assert_string_equal(line() + 31, " info X No space left on device\n");
}

static void the_journal_gets_a_prefix_and_no_time(void **state)
{
	struct stat status;
	char stream[64];
	assert_int_equal(fstat(STDERR_FILENO, &status), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)status.st_dev,
		 (unsigned long long)status.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	qw_log_setup("", QW_LOG_INFO);
	qw_log(QW_LOG_ERROR, "X", "y");
	assert_string_equal(line(), "<3>X y\n");
	setenv("JOURNAL_STREAM", "1:2", 1);
	qw_log_setup("", QW_LOG_INFO);
	qw_log(QW_LOG_ERROR, "X", "y");
	assert_string_equal(line() + 31, " error X y\n");
	unsetenv("JOURNAL_STREAM");
}

#define LOG_TEST(name) cmocka_unit_test_setup_teardown(name, redirect, restore)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOG_TEST(a_line_has_time_level_id_speaker_and_text),
		LOG_TEST(what_is_below_the_level_is_not_written),
		LOG_TEST(control_characters_cannot_begin_a_line),
		LOG_TEST(a_long_text_is_cut_and_still_one_line),
		LOG_TEST(errno_is_said_and_kept),
		LOG_TEST(the_journal_gets_a_prefix_and_no_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

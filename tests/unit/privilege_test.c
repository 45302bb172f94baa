/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/privilege.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The value of a line of this process's status, as text. */
static bool status_says(const char *name, const char *value)
{
	char line[256], wanted[256];
	bool found = false;
	snprintf(wanted, sizeof(wanted), "%s:\t%s\n", name, value);
	FILE *file = fopen("/proc/self/status", "r");
	while (file && fgets(line, sizeof(line), file))
		found = found || strcmp(line, wanted) == 0;
	if (file)
		fclose(file);
	return found;
}

/* What is given up stays given up, so each drop gets a process of its own. */
static int in_child(int (*run)(void))
{
	int status;
	pid_t child = fork();
	if (child == 0)
		_exit(run());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int check_powerless(void)
{
	if (!status_says("CapPrm", "0000000000000000") || !status_says("CapEff", "0000000000000000"))
		return 2;
	if (!status_says("CapInh", "0000000000000000") || !status_says("CapAmb", "0000000000000000"))
		return 3;
	return status_says("NoNewPrivs", "1") ? 0 : 4;
}

static int drop_to_nobody(void)
{
	bool root = geteuid() == 0;
	if (qw_privilege_drop("nobody") != QW_OK)
		return 1;
	if (root && (getuid() == 0 || geteuid() == 0 || getgid() == 0 || setuid(0) == 0))
		return 5;
	if (root && !status_says("CapBnd", "0000000000000000"))
		return 6;
	return check_powerless();
}

static int drop_in_place(void)
{
	uid_t before = getuid();
	if (qw_privilege_drop("") != QW_OK)
		return 1;
	return getuid() == before ? check_powerless() : 7;
}

static int drop_to_nobody_we_know(void)
{
	enum qw_err err = qw_privilege_drop("no-such-user-here");
	return err == (geteuid() == 0 ? QW_ENOENT : QW_OK) ? 0 : 1;
}

static void a_process_that_dropped_has_neither_user_nor_capabilities_left(void **state)
{
	assert_int_equal(in_child(drop_to_nobody), 0);
}

static void without_a_user_only_the_capabilities_go(void **state)
{
	assert_int_equal(in_child(drop_in_place), 0);
}

static void an_unknown_user_is_an_error(void **state)
{
	assert_int_equal(in_child(drop_to_nobody_we_know), 0);
}

static int raise_limit(void)
{
	struct rlimit limit = {.rlim_cur = 64, .rlim_max = 128};
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || qw_raise_file_limit() != 128)
		return 1;
	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 128 ? 0 : 2;
}

static void the_file_limit_rises_to_the_hard_one(void **state)
{
	assert_int_equal(in_child(raise_limit), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_that_dropped_has_neither_user_nor_capabilities_left),
		cmocka_unit_test(without_a_user_only_the_capabilities_go),
		cmocka_unit_test(an_unknown_user_is_an_error),
		cmocka_unit_test(the_file_limit_rises_to_the_hard_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

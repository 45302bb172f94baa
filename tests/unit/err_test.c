/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_code_has_a_text_of_its_own(void **state)
{
	static const enum qw_err codes[] = {QW_OK, QW_ENOENT, QW_EIO, QW_EAGAIN, QW_ENOMEM, QW_EACCES,
					    QW_EEXIST, QW_EINVAL, QW_ENOSPC, QW_ETIMEDOUT, QW_ETRUNC, QW_EFORMAT,
					    QW_EVERSION, QW_ELIMIT, QW_EUNKNOWN, QW_ESIGN, QW_EORDER, QW_EPEER};
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(qw_strerror(codes[i]), qw_strerror(codes[j]));
	}
	assert_string_equal(qw_strerror((enum qw_err) - 7777), "unknown error");
}

static void errno_values_find_their_code(void **state)
{
	assert_int_equal(qw_err_from_errno(ENOENT), QW_ENOENT);
	assert_int_equal(qw_err_from_errno(EPERM), QW_EACCES);
	assert_int_equal(qw_err_from_errno(EDQUOT), QW_ENOSPC);
	assert_int_equal(qw_err_from_errno(ENOTTY), QW_EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_a_text_of_its_own),
		cmocka_unit_test(errno_values_find_their_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

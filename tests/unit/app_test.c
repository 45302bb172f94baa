/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/app.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "quaywatch/buffer.h"

static void every_protocol_is_found_by_its_own_name(void **state)
{
	for (unsigned app = 0; app < QW_APP_COUNT; app++) {
		const char *name = qw_app_name((enum qw_app)app);
		assert_non_null(name);
		assert_int_equal(qw_app_parse(name, strlen(name)), app);
	}
}

static void rules_other_names_are_known_and_strangers_are_not(void **state)
{
	assert_int_equal(qw_app_parse("http1", 5), QW_APP_HTTP);
	assert_int_equal(qw_app_parse("HTTP", 4), QW_APP_HTTP);
	assert_int_equal(qw_app_parse("ssl", 3), QW_APP_TLS);
	assert_int_equal(qw_app_parse("http", 3), QW_APP_COUNT);
	assert_int_equal(qw_app_parse("tcp", 3), QW_APP_COUNT);
	assert_int_equal(qw_app_parse("", 0), QW_APP_COUNT);
}

static void every_buffer_has_a_name_of_its_own(void **state)
{
	for (unsigned i = 0; i < QW_BUFFER_COUNT; i++) {
		assert_non_null(qw_buffer_name((enum qw_buffer)i));
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(qw_buffer_name((enum qw_buffer)i), qw_buffer_name((enum qw_buffer)j));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_protocol_is_found_by_its_own_name),
		cmocka_unit_test(rules_other_names_are_known_and_strangers_are_not),
		cmocka_unit_test(every_buffer_has_a_name_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

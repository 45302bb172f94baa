/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *printed(const struct qw_diags *diags)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	qw_diags_print(diags, out);
	fclose(out);
	return text;
}

static void complaints_are_printed_in_order_with_their_place(void **state)
{
	struct qw_diags diags;
	qw_diags_init(&diags);
	qw_complain(&diags, QW_DIAG_ERROR, "a.rules", 7, 12, "keyword \"%s\" is not known", "contnet");
	qw_complain(&diags, QW_DIAG_WARNING, "a.rules", 9, 0, "odd");
	qw_complain(&diags, QW_DIAG_ERROR, "b.conf", 0, 0, "empty");
	qw_complain(&diags, QW_DIAG_ERROR, NULL, 3, 3, "no file at all");
	char *text = printed(&diags);
	assert_string_equal(text, "a.rules:7:12: keyword \"contnet\" is not known\n"
				  "a.rules:9:1: odd\n"
				  "b.conf: empty\n"
				  "no file at all\n");
	assert_int_equal(diags.errors, 3);
	assert_int_equal(diags.warnings, 1);
	free(text);
	qw_diags_fini(&diags);
	assert_int_equal(diags.count, 0);
}

static void complaints_beyond_the_bound_are_counted_and_said(void **state)
{
	struct qw_diags diags;
	qw_diags_init(&diags);
	for (int i = 0; i < QW_DIAG_MAX + 5; i++)
		qw_complain(&diags, QW_DIAG_ERROR, i % 2 ? "odd" : "even", 1, 1, "%d", i);
	assert_int_equal(diags.count, QW_DIAG_MAX);
	assert_int_equal(diags.errors, QW_DIAG_MAX + 5);
	char *text = printed(&diags);
	assert_non_null(strstr(text, "and 5 more complaints"));
	free(text);
	qw_diags_fini(&diags);
}

static void the_texts_outlive_what_they_were_made_of(void **state)
{
	struct qw_diags diags;
	char file[] = "x.conf", text[] = "first";
	qw_diags_init(&diags);
	qw_complain(&diags, QW_DIAG_ERROR, file, 1, 1, "%s", text);
	memset(file, 'z', sizeof(file) - 1);
	memset(text, 'z', sizeof(text) - 1);
	assert_string_equal(diags.rows[0].file, "x.conf");
	assert_string_equal(diags.rows[0].text, "first");
	qw_diags_fini(&diags);
}

static void no_list_means_nothing_happens(void **state)
{
	qw_complain(NULL, QW_DIAG_ERROR, "x", 1, 1, "y");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complaints_are_printed_in_order_with_their_place),
		cmocka_unit_test(complaints_beyond_the_bound_are_counted_and_said),
		cmocka_unit_test(the_texts_outlive_what_they_were_made_of),
		cmocka_unit_test(no_list_means_nothing_happens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

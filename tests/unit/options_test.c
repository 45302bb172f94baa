/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <getopt.h>

enum { WORDS_MAX = 40 };

/* What the line says; messages of the parser are of no interest here. */
static enum qw_option_result parse(struct qw_options *options, const char *line)
{
	static char memory[512];
	char *words[WORDS_MAX + 1] = {0}, *rest = memory, *word;
	int count = 0;

	snprintf(memory, sizeof(memory), "quaywatch-sensor %s", line);
	while ((word = strsep(&rest, " ")) && count < WORDS_MAX)
		if (*word)
			words[count++] = word;
	optind = 0; /* getopt begins anew */
	return qw_options_parse(options, count, words);
}

static void every_option_is_taken_in_either_form(void **state)
{
	struct qw_options options;

	assert_int_equal(parse(&options, "-c a -S b -S c -o d --events flow --stats e -w 3 -T --strict --set k=v -f tcp --packs -i m1"),
			 QW_OPTIONS_RUN);
	assert_string_equal(options.config, "a");
	assert_int_equal(options.rules.count, 2);
	assert_string_equal(options.rules.item[1], "c");
	assert_string_equal(options.alerts, "d");
	assert_string_equal(options.events, "flow");
	assert_string_equal(options.stats, "e");
	assert_int_equal(options.workers, 3);
	assert_true(options.check && options.strict && options.packs);
	assert_string_equal(options.set.item[0], "k=v");
	assert_string_equal(options.filter, "tcp");
	assert_string_equal(options.interfaces.item[0], "m1");
	assert_int_equal(parse(&options, "--read x --rules y --alerts - --workers 64 --filter udp"), QW_OPTIONS_RUN);
	assert_string_equal(options.captures.item[0], "x");
	assert_string_equal(options.alerts, "-");
	assert_int_equal(options.workers, 64);
}

static void without_options_nothing_is_set(void **state)
{
	struct qw_options options;

	assert_int_equal(parse(&options, "-r x"), QW_OPTIONS_RUN);
	assert_int_equal(options.workers, -1);
	assert_null(options.config);
	assert_null(options.alerts);
	assert_null(options.stats);
	assert_false(options.check || options.strict || options.packs);
}

static void what_cannot_be_meant_is_refused(void **state)
{
	static const char *const lines[] = {"", "-i a -r b", "-r a extra", "-w 0 -r a", "-w 65 -r a", "-w 2x -r a", "-w -r a",
					    "--no-such -r a", "-r"};
	struct qw_options options;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(parse(&options, lines[i]), QW_OPTIONS_WRONG);
}

static void help_and_version_are_all_there_is_to_do(void **state)
{
	struct qw_options options;

	assert_int_equal(parse(&options, "--help"), QW_OPTIONS_DONE);
	assert_int_equal(parse(&options, "--version"), QW_OPTIONS_DONE);
}

static void a_list_that_is_full_takes_no_more(void **state)
{
	static char program[] = "quaywatch-sensor", option[] = "-rx";
	char *words[QW_OPTION_LIST_MAX + 3] = {program};
	struct qw_options options;
	int count = 1;

	while (count <= QW_OPTION_LIST_MAX)
		words[count++] = option;
	optind = 0;
	assert_int_equal(qw_options_parse(&options, count, words), QW_OPTIONS_RUN);
	words[count++] = option;
	optind = 0;
	assert_int_equal(qw_options_parse(&options, count, words), QW_OPTIONS_WRONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_is_taken_in_either_form),
		cmocka_unit_test(without_options_nothing_is_set),
		cmocka_unit_test(what_cannot_be_meant_is_refused),
		cmocka_unit_test(help_and_version_are_all_there_is_to_do),
		cmocka_unit_test(a_list_that_is_full_takes_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

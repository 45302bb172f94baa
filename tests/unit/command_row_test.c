/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/command_row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static enum qw_exit say(void *state, struct qw_request *request, size_t first, struct qw_reply *reply)
{
	qw_reply_line(reply, "%s %s", (const char *)state, request->count > first ? request->word[first] : "-");
	return QW_EXIT_OK;
}

static struct qw_job job_of_a_row;

static enum qw_exit start(void *state, struct qw_request *request, size_t first, struct qw_reply *reply, struct qw_job **job)
{
	*job = &job_of_a_row;
	return QW_EXIT_OK;
}

static const struct qw_command_row some[] = {{.words = "show", .arguments = "[X]", .help = "shows", .run = say},
					     {.words = "take long", .arguments = "", .help = "is a job", .begin = start}};
static const struct qw_command_row others[] = {{.words = "show all", .arguments = "", .help = "shows all", .run = say}};

/* The status, and whether the reply holds the text. */
static enum qw_exit asked(struct qw_request request, const char *text, bool *said, struct qw_job **job)
{
	char own[] = "some", theirs[] = "others";
	const struct qw_command_part parts[] = {{some, 2, own}, {others, 1, theirs}};
	struct qw_reply reply;

	qw_reply_init(&reply);
	enum qw_exit status = qw_command_answer(parts, 2, &request, &reply, job);
	*said = reply.len && memmem(reply.data, reply.len, text, strlen(text));
	qw_reply_fini(&reply);
	return status;
}

static void the_row_with_the_most_words_answers_with_its_own_state(void **state)
{
	struct qw_job *job = NULL;
	bool said;

	assert_int_equal(asked((struct qw_request){.count = 2, .word = {"show", "all"}}, "others -", &said, &job), QW_EXIT_OK);
	assert_true(said);
	assert_int_equal(asked((struct qw_request){.count = 2, .word = {"show", "x"}}, "some x", &said, &job), QW_EXIT_OK);
	assert_true(said);
	assert_null(job);
	assert_int_equal(asked((struct qw_request){.count = 2, .word = {"take", "long"}}, "", &said, &job), QW_EXIT_OK);
	assert_ptr_equal(job, &job_of_a_row);
}

static void what_no_row_begins_with_is_told_and_help_lists_all(void **state)
{
	struct qw_job *job = NULL;
	bool said;

	assert_int_equal(asked((struct qw_request){.count = 1, .word = {"take"}}, "no such command", &said, &job), QW_EXIT_USAGE);
	assert_true(said);
	assert_int_equal(asked((struct qw_request){.count = 0}, "no such command", &said, &job), QW_EXIT_USAGE);
	assert_int_equal(asked((struct qw_request){.count = 1, .word = {"help"}}, "show all", &said, &job), QW_EXIT_OK);
	assert_true(said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_row_with_the_most_words_answers_with_its_own_state),
		cmocka_unit_test(what_no_row_begins_with_is_told_and_help_lists_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

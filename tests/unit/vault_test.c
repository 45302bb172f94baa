/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/vault.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/folder_kit.h"

enum { FILES = 4 };

static char folder[] = "qw-vault-XXXXXX";

static int enter(void **state)
{
	(void)state;
	return folder_enter(folder, sizeof(folder), "qw-vault-XXXXXX");
}

static int leave(void **state)
{
	(void)state;
	return folder_leave(folder);
}

static struct qw_vault *opened(void)
{
	struct qw_vault *vault;

	assert_int_equal(qw_vault_open(&vault, folder, FILES), QW_OK);
	return vault;
}

/* What the command says; its status. */
static enum qw_exit asked(struct qw_vault *vault, struct qw_reply *reply, const char *word)
{
	struct qw_request request = {.count = word ? 2 : 1, .word = {"payload", word}, .fd = -1};
	struct qw_command_part part = qw_vault_commands(vault);
	struct qw_job *job = NULL;

	qw_reply_init(reply);
	enum qw_exit status = qw_command_answer(&part, 1, &request, reply, &job);
	assert_null(job);
	return status;
}

static bool says(const struct qw_reply *reply, const char *what)
{
	return memmem(reply->data, reply->len, what, strlen(what)) != NULL;
}

static void what_is_kept_is_shown_by_its_digest_and_its_beginning(void **state)
{
	char name[QW_VAULT_NAME + 1], other[QW_VAULT_NAME + 1];
	struct qw_vault *vault = opened();
	struct qw_reply reply;

	(void)state;
	assert_int_equal(qw_vault_put(vault, qw_slice_text("GET /secret HTTP"), name), QW_OK);
	assert_int_equal(qw_vault_put(vault, qw_slice_text("GET /secret HTTP"), other), QW_OK);
	assert_string_not_equal(name, other); /* so that nobody can try out what it was */
	assert_int_equal(asked(vault, &reply, name), QW_EXIT_OK);
	assert_true(says(&reply, "GET /secret HTTP") && says(&reply, "47 45 54"));
	qw_reply_fini(&reply);
	name[10] = '\0';
	assert_int_equal(asked(vault, &reply, name), QW_EXIT_OK);
	qw_reply_fini(&reply);
	name[7] = '\0';
	assert_int_equal(asked(vault, &reply, name), QW_EXIT_USAGE);
	qw_reply_fini(&reply);
	assert_int_equal(asked(vault, &reply, "0123456789abcdef"), QW_EXIT_NOINPUT);
	qw_reply_fini(&reply);
	qw_vault_close(vault);
}

static void the_oldest_goes_and_a_new_run_knows_the_others(void **state)
{
	char name[FILES + 1][QW_VAULT_NAME + 1];
	struct qw_vault *vault = opened();
	struct qw_reply reply;

	(void)state;
	for (int i = 0; i <= FILES; i++) {
		assert_int_equal(qw_vault_put(vault, qw_slice_text("some payload"), name[i]), QW_OK);
		usleep(10000); /* a file's time tells who is older */
	}
	assert_int_equal(qw_vault_count(vault), FILES);
	qw_vault_close(vault);
	vault = opened();
	assert_int_equal(qw_vault_count(vault), FILES);
	assert_int_equal(asked(vault, &reply, name[0]), QW_EXIT_NOINPUT);
	qw_reply_fini(&reply);
	assert_int_equal(qw_vault_put(vault, qw_slice_text("one more"), name[0]), QW_OK);
	assert_int_equal(asked(vault, &reply, name[1]), QW_EXIT_NOINPUT);
	qw_reply_fini(&reply);
	assert_int_equal(asked(vault, &reply, NULL), QW_EXIT_OK);
	assert_true(says(&reply, name[0]) && says(&reply, name[2]));
	qw_reply_fini(&reply);
	qw_vault_close(vault);
}

static void a_file_that_was_changed_is_not_shown(void **state)
{
	char name[QW_VAULT_NAME + 1], path[200];
	struct qw_vault *vault = opened();
	struct qw_reply reply;

	(void)state;
	assert_int_equal(qw_vault_put(vault, qw_slice_text("GET /secret HTTP"), name), QW_OK);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	int fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "P", 1, QW_VAULT_SALT), 1);
	close(fd);
	assert_int_equal(asked(vault, &reply, name), QW_EXIT_DATA);
	assert_false(says(&reply, "secret"));
	qw_reply_fini(&reply);
	qw_vault_close(vault);
}

static void where_none_is_kept_it_says_how_to(void **state)
{
	struct qw_reply reply;

	(void)state;
	assert_int_equal(asked(NULL, &reply, NULL), QW_EXIT_NOINPUT);
	assert_true(says(&reply, "release.payload"));
	qw_reply_fini(&reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_kept_is_shown_by_its_digest_and_its_beginning, enter, leave),
		cmocka_unit_test_setup_teardown(the_oldest_goes_and_a_new_run_knows_the_others, enter, leave),
		cmocka_unit_test_setup_teardown(a_file_that_was_changed_is_not_shown, enter, leave),
		cmocka_unit_test(where_none_is_kept_it_says_how_to),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

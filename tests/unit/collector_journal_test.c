/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/collector_kit.h"

#include <poll.h>
#include <sys/wait.h>

#include "collector/journal.h"

struct lines {
	char text[64][128];
	size_t count;
};

static void see(void *ctx, const char *line, size_t len)
{
	struct lines *lines = ctx;

	snprintf(lines->text[lines->count++ % 64], 128, "%.*s", (int)len, line);
}

static struct qw_journal *open_journal(const char *folder, struct qw_journal_place from, struct lines *lines,
				       struct qw_journal_recovery *recovery)
{
	struct qw_journal_options options = {folder, from, lines ? see : NULL, lines};
	struct qw_journal *journal = NULL;

	assert_int_equal(qw_journal_open(&journal, &options, recovery), QW_OK);
	return journal;
}

static void put(struct qw_journal *journal, const char *line)
{
	struct qw_text *text = qw_journal_line(journal, strlen(line) + 1);

	assert_non_null(text);
	qw_text_put(text, line, strlen(line));
	qw_text_char(text, '\n');
	qw_journal_end_line(journal, qw_time_monotonic());
}

static uint64_t commit(struct qw_journal *journal)
{
	struct pollfd wait = {.fd = qw_journal_fd(journal), .events = POLLIN};
	uint64_t group = 0;

	assert_int_equal(qw_journal_start_commit(journal), QW_OK);
	assert_int_equal(poll(&wait, 1, 10000), 1);
	assert_int_equal(qw_journal_end_commit(journal, &group), QW_OK);
	return group;
}

/* Two groups: "one", "two" and "three". */
static void write_two_groups(const char *folder)
{
	struct qw_journal_recovery recovery;
	struct qw_journal *journal = open_journal(folder, (struct qw_journal_place){0}, NULL, &recovery);

	put(journal, "one");
	put(journal, "two");
	assert_int_equal(commit(journal), 1);
	put(journal, "three");
	assert_int_equal(commit(journal), 2);
	qw_journal_close(journal);
}

static void lines_come_back_after_a_restart(void **state)
{
	struct qw_journal_recovery recovery;
	struct lines lines = {.count = 0};

	write_two_groups(*state);
	struct qw_journal *journal = open_journal(*state, (struct qw_journal_place){0}, &lines, &recovery);
	assert_int_equal(recovery.groups, 2);
	assert_int_equal(recovery.torn, 0);
	assert_int_equal(lines.count, 3);
	assert_string_equal(lines.text[2], "three");
	assert_int_equal(qw_journal_place(journal).offset, strlen("one\ntwo\nthree\n"));
	qw_journal_close(journal);
}

static void only_lines_behind_the_place_are_shown(void **state)
{
	struct qw_journal_recovery recovery;
	struct lines lines = {.count = 0};

	write_two_groups(*state);
	struct qw_journal *journal =
	    open_journal(*state, (struct qw_journal_place){1, strlen("one\ntwo\n")}, &lines, &recovery);
	assert_int_equal(lines.count, 1);
	assert_string_equal(lines.text[0], "three");
	qw_journal_close(journal);
}

static void a_tail_without_a_sum_is_moved_away(void **state)
{
	struct qw_journal_recovery recovery;

	write_two_groups(*state);
	kit_write(*state, "alerts.json", -1, "half a li", 9);
	qw_journal_close(open_journal(*state, (struct qw_journal_place){0}, NULL, &recovery));
	char *log = kit_read(*state, "alerts.json", NULL), *torn = kit_read(*state, "alerts.json.torn", NULL);
	assert_string_equal(log, "one\ntwo\nthree\n");
	assert_string_equal(torn, "half a li");
	assert_int_equal(recovery.torn, 9);
	free(log);
	free(torn);
}

static void a_last_group_with_other_bytes_is_torn(void **state)
{
	struct qw_journal_recovery recovery;

	write_two_groups(*state);
	kit_write(*state, "alerts.json", (long)strlen("one\ntwo\nth"), "\0\0", 2);
	qw_journal_close(open_journal(*state, (struct qw_journal_place){0}, NULL, &recovery));
	char *log = kit_read(*state, "alerts.json", NULL);
	assert_string_equal(log, "one\ntwo\n");
	assert_int_equal(recovery.torn, strlen("three\n"));
	assert_int_equal(recovery.damaged, 0);
	free(log);
}

static void damage_before_a_good_group_is_told_and_kept(void **state)
{
	struct qw_journal_recovery recovery;

	write_two_groups(*state);
	kit_write(*state, "alerts.json", 0, "X", 1);
	qw_journal_close(open_journal(*state, (struct qw_journal_place){0}, NULL, &recovery));
	char *log = kit_read(*state, "alerts.json", NULL);
	assert_string_equal(log, "Xne\ntwo\nthree\n");
	assert_int_equal(recovery.damaged, 1);
	assert_int_equal(recovery.torn, 0);
	free(log);
}

/* Every length the two files can be cut to: never an error, never a line that was not written whole. */
static void any_cut_leaves_whole_groups(void **state)
{
	struct qw_journal_recovery recovery;
	size_t data_len = 0, sums_len = 0;
	char path[256];

	write_two_groups(*state);
	char *data = kit_read(*state, "alerts.json", &data_len), *sums = kit_read(*state, "alerts.json.sum", &sums_len);
	for (size_t cut = 0; cut <= data_len + sums_len; cut++) {
		const char *name = cut <= data_len ? "alerts.json" : "alerts.json.sum";
		kit_remove(*state);
		mkdir(*state, 0700);
		kit_write(*state, "alerts.json", 0, data, data_len);
		kit_write(*state, "alerts.json.sum", 0, sums, sums_len);
		kit_path(path, *state, name);
		assert_int_equal(truncate(path, (off_t)(cut <= data_len ? cut : cut - data_len - 1)), 0);
		qw_journal_close(open_journal(*state, (struct qw_journal_place){0}, NULL, &recovery));
		char *log = kit_read(*state, "alerts.json", NULL);
		assert_true(strcmp(log, "") == 0 || strcmp(log, "one\ntwo\n") == 0 ||
			    strcmp(log, "one\ntwo\nthree\n") == 0);
		free(log);
		struct qw_journal *journal = open_journal(*state, (struct qw_journal_place){0}, NULL, &recovery);
		assert_int_equal(recovery.torn, 0); /* what was mended stays whole */
		put(journal, "more");
		commit(journal);
		qw_journal_close(journal);
	}
	free(data);
	free(sums);
}

static void a_log_without_sums_keeps_its_whole_lines(void **state)
{
	struct qw_journal_recovery recovery;
	struct lines lines = {.count = 0};

	kit_write(*state, "alerts.json", 0, "one\ntwo\nhal", 11);
	qw_journal_close(open_journal(*state, (struct qw_journal_place){0}, &lines, &recovery));
	assert_true(recovery.unsummed);
	assert_int_equal(lines.count, 2);
	assert_int_equal(recovery.torn, 3);
}

static void rotation_begins_a_new_segment(void **state)
{
	struct qw_journal_recovery recovery;
	char name[QW_JOURNAL_NAME_MAX];
	struct qw_journal *journal = open_journal(*state, (struct qw_journal_place){0}, NULL, &recovery);

	put(journal, "old");
	commit(journal);
	uint64_t number = qw_journal_place(journal).segment;
	assert_int_equal(qw_journal_rotate(journal, qw_time_seconds(1795357127), name), QW_OK);
	assert_string_equal(name, "alerts-20261122T141847Z-000001.json");
	assert_int_equal(qw_journal_place(journal).segment, number + 1);
	put(journal, "new");
	commit(journal);
	qw_journal_close(journal);
	char *old = kit_read(*state, name, NULL), *fresh = kit_read(*state, "alerts.json", NULL);
	assert_string_equal(old, "old\n");
	assert_string_equal(fresh, "new\n");
	free(old);
	free(fresh);
}

static void lines_go_on_while_a_group_commits(void **state)
{
	struct qw_journal_recovery recovery;
	struct qw_journal *journal = open_journal(*state, (struct qw_journal_place){0}, NULL, &recovery);
	uint64_t group;

	put(journal, "first");
	assert_int_equal(qw_journal_group(journal), 1);
	assert_int_equal(qw_journal_start_commit(journal), QW_OK);
	put(journal, "second");
	assert_int_equal(qw_journal_group(journal), 2);
	while (qw_journal_end_commit(journal, &group) == QW_EAGAIN)
		usleep(100);
	assert_int_equal(group, 1);
	assert_int_equal(qw_journal_pending(journal), 1);
	qw_journal_close(journal);
	char *log = kit_read(*state, "alerts.json", NULL);
	assert_string_equal(log, "first\nsecond\n"); /* closing commits */
	free(log);
}

static void a_full_buffer_gives_no_room(void **state)
{
	struct qw_journal_recovery recovery;
	struct qw_journal *journal = open_journal(*state, (struct qw_journal_place){0}, NULL, &recovery);

	assert_non_null(qw_journal_line(journal, QW_JOURNAL_BUFFER));
	put(journal, "x");
	assert_null(qw_journal_line(journal, QW_JOURNAL_BUFFER));
	commit(journal);
	assert_non_null(qw_journal_line(journal, QW_JOURNAL_BUFFER));
	qw_journal_close(journal);
}

/* A process that dies at any moment loses nothing that it was told is durable. */
static void killed_writers_lose_nothing_acknowledged(void **state)
{
	for (int round = 0; round < 5; round++) {
		struct qw_journal_recovery recovery;
		int told[2];
		char last = 0, digit;
		assert_int_equal(pipe(told), 0);
		pid_t child = fork();
		if (child == 0) {
			struct qw_journal *journal =
			    open_journal(*state, (struct qw_journal_place){0}, NULL, &recovery);
			for (int i = 0;; i++) {
				char line[32];
				snprintf(line, sizeof(line), "round %d line %c", round, 'a' + i % 26);
				put(journal, line);
				commit(journal);
				digit = (char)('a' + i % 26);
				if (write(told[1], &digit, 1) != 1)
					_exit(1);
			}
		}
		close(told[1]);
		for (int i = 0; i < 10 + round; i++)
			assert_int_equal(read(told[0], &last, 1), 1);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		while (read(told[0], &digit, 1) == 1)
			last = digit;
		close(told[0]);
		struct lines lines = {.count = 0};
		qw_journal_close(open_journal(*state, (struct qw_journal_place){0}, &lines, &recovery));
		char wanted[32];
		bool found = false;
		snprintf(wanted, sizeof(wanted), "round %d line %c", round, last);
		for (size_t i = 0; i < 64; i++)
			found |= strcmp(lines.text[i], wanted) == 0;
		assert_true(found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(lines_come_back_after_a_restart, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(only_lines_behind_the_place_are_shown, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_tail_without_a_sum_is_moved_away, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_last_group_with_other_bytes_is_torn, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(damage_before_a_good_group_is_told_and_kept, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(any_cut_leaves_whole_groups, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_log_without_sums_keeps_its_whole_lines, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(rotation_begins_a_new_segment, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(lines_go_on_while_a_group_commits, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_full_buffer_gives_no_room, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(killed_writers_lose_nothing_acknowledged, kit_folder, kit_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a sensor keeps for a collector that loses its changes. */
#include "sensor/export/history.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "sensor/export/history_file.h"
#include "tests/unit/folder_kit.h"

enum { MOST = 64 * 1024, LONG = 1000 };

struct place {
	char folder[32], path[64];
	struct qw_history *history;
	uint8_t delta[LONG];
};

static void open_it(struct place *place, uint64_t most)
{
	assert_int_equal(qw_history_open(&place->history, place->path, most), QW_OK);
}

static int enter(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	if (folder_enter(place->folder, sizeof(place->folder), "history-XXXXXX"))
		return -1;
	snprintf(place->path, sizeof(place->path), "%s/c.history", place->folder);
	open_it(place, MOST);
	*state = place;
	return 0;
}

static int leave(void **state)
{
	struct place *place = *state;
	int failed = folder_leave(place->folder);

	qw_history_close(place->history);
	free(place);
	return failed;
}

static void reopen(struct place *place, uint64_t most)
{
	qw_history_close(place->history);
	open_it(place, most);
}

/* Each delta's bytes tell its sequence. */
static enum qw_err add(struct place *place, uint64_t term, uint64_t sequence, size_t len)
{
	memset(place->delta, (int)(sequence & 0xff), sizeof(place->delta));
	return qw_history_add(place->history, (struct qw_order){term, sequence}, place->delta, len);
}

static void add_all(struct place *place, uint64_t from, uint64_t to, size_t len)
{
	for (; from <= to; from++)
		assert_int_equal(add(place, 1, from, len), QW_OK);
}

/* How many follow, and that they are what they should be. */
static size_t follow(const struct place *place, uint64_t term, uint64_t sequence, size_t bytes)
{
	struct qw_history_run run;
	enum qw_err err = qw_history_read(&run, place->history, (struct qw_order){term, sequence}, bytes);

	if (err == QW_ENOENT)
		return 0;
	assert_int_equal(err, QW_OK);
	size_t count = run.count;
	for (size_t i = 0; i < count; i++)
		assert_int_equal(run.delta[i].data[run.delta[i].len - 1], (int)((sequence + 1 + i) & 0xff));
	qw_history_run_fini(&run);
	return count;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The files, sorted by name; returns how many. */
static size_t files(const struct place *place, char out[128][300])
{
	DIR *names = opendir(place->path);
	size_t count = 0;

	for (struct dirent *entry; (entry = readdir(names));)
		if (entry->d_name[0] != '.')
			snprintf(out[count++], 300, "%s/%.100s", place->path, entry->d_name);
	closedir(names);
	qsort(out, count, 300, by_name);
	return count;
}

static void what_was_added_is_told_in_order(void **state)
{
	struct place *place = *state;

	assert_int_equal(follow(place, 1, 0, MOST), 0);
	add_all(place, 1, 10, 100);
	assert_int_equal(follow(place, 1, 0, MOST), 10);
	assert_int_equal(follow(place, 1, 7, MOST), 3);
	assert_int_equal(follow(place, 1, 10, MOST), 0);
	assert_int_equal(follow(place, 1, 11, MOST), 0);
	assert_int_equal(follow(place, 2, 0, MOST), 0);
	assert_int_equal(qw_history_last(place->history).sequence, 10);
}

static void one_comes_at_least_and_no_more_than_asked_for(void **state)
{
	struct place *place = *state;

	add_all(place, 1, 10, 100);
	assert_int_equal(follow(place, 1, 0, 1), 1);
	assert_int_equal(follow(place, 1, 0, 299), 2);
	assert_int_equal(follow(place, 1, 0, 300), 3);
}

static void it_goes_on_after_a_restart(void **state)
{
	struct place *place = *state;

	add_all(place, 1, 10, 100);
	reopen(place, MOST);
	assert_int_equal(qw_history_stats(place->history).deltas, 10);
	add_all(place, 11, 12, 100);
	reopen(place, MOST);
	assert_int_equal(follow(place, 1, 0, MOST), 12);
	assert_int_equal(qw_history_stats(place->history).torn, 0);
}

static void what_goes_back_is_refused(void **state)
{
	struct place *place = *state;

	add_all(place, 1, 3, 100);
	assert_int_equal(add(place, 1, 3, 100), QW_EEXIST);
	assert_int_equal(add(place, 0, 9, 100), QW_EEXIST);
	assert_int_equal(qw_history_add(place->history, (struct qw_order){1, 4}, place->delta, QW_DELTA_MAX + 1),
			 QW_ELIMIT);
	assert_int_equal(follow(place, 1, 0, MOST), 3);
}

static void nothing_is_told_beyond_a_gap(void **state)
{
	struct place *place = *state;

	add_all(place, 1, 3, 100);
	add_all(place, 5, 6, 100);
	assert_int_equal(follow(place, 1, 0, MOST), 3);
	assert_int_equal(follow(place, 1, 3, MOST), 0);
	assert_int_equal(follow(place, 1, 4, MOST), 2);
}

static void a_new_term_follows_with_its_first(void **state)
{
	struct place *place = *state;

	add_all(place, 1, 3, 100);
	assert_int_equal(add(place, 4, 1, 100), QW_OK);
	assert_int_equal(qw_history_last(place->history).term, 4);
	struct qw_history_run run;
	assert_int_equal(qw_history_read(&run, place->history, (struct qw_order){1, 1}, MOST), QW_OK);
	assert_int_equal(run.count, 3);
	qw_history_run_fini(&run);
	assert_int_equal(add(place, 6, 2, 100), QW_OK); /* 6.1 is missing */
	assert_int_equal(follow(place, 4, 1, MOST), 0);
}

static void the_oldest_file_goes_as_a_whole(void **state)
{
	struct place *place = *state;
	char name[128][300];

	add_all(place, 1, 500, LONG);
	struct qw_history_stats stats = qw_history_stats(place->history);
	assert_true(stats.bytes <= MOST + MOST / 8);
	assert_true(stats.deltas >= QW_HISTORY_LEAST && stats.deltas < 80);
	assert_int_equal(stats.deltas + stats.dropped, 500);
	assert_true(files(place, name) <= 11);
	assert_int_equal(follow(place, 1, 500 - stats.deltas, 1 << 20), stats.deltas);
	assert_int_equal(follow(place, 1, 500 - stats.deltas - 1, 1 << 20), 0);
	uint64_t deltas = stats.deltas;
	reopen(place, MOST);
	assert_int_equal(qw_history_stats(place->history).deltas, deltas);
}

static void the_newest_stay_however_long_they_are(void **state)
{
	struct place *place = *state;

	reopen(place, 1); /* byte: each delta has its own file */
	add_all(place, 1, 200, LONG);
	assert_int_equal(qw_history_stats(place->history).deltas, QW_HISTORY_LEAST);
	assert_int_equal(follow(place, 1, 200 - QW_HISTORY_LEAST, 1 << 20), QW_HISTORY_LEAST);
	reopen(place, 1);
	assert_int_equal(follow(place, 1, 200 - QW_HISTORY_LEAST, 1 << 20), QW_HISTORY_LEAST);
}

static void a_torn_tail_is_cut_wherever_it_was_torn(void **state)
{
	struct place *place = *state;
	char name[128][300];
	enum { RECORD = QW_HISTORY_RECORD_HEAD + 50 };

	add_all(place, 1, 3, 50);
	for (size_t cut = 1; cut < RECORD; cut += 7) {
		assert_int_equal(files(place, name), 1);
		assert_int_equal(truncate(name[0], (off_t)(QW_HISTORY_HEAD + 3 * RECORD - cut)), 0);
		reopen(place, MOST);
		assert_int_equal(follow(place, 1, 0, MOST), 2);
		assert_int_equal(qw_history_stats(place->history).torn, RECORD - cut);
		assert_int_equal(add(place, 1, 3, 50), QW_OK);
		assert_int_equal(follow(place, 1, 0, MOST), 3);
	}
}

static void zeros_behind_the_end_are_cut(void **state)
{
	struct place *place = *state;
	char name[128][300];

	add_all(place, 1, 3, 50);
	files(place, name);
	assert_int_equal(truncate(name[0], 5000), 0);
	reopen(place, MOST);
	assert_int_equal(follow(place, 1, 0, MOST), 3);
	add_all(place, 4, 4, 50);
	assert_int_equal(follow(place, 1, 0, MOST), 4);
}

/* Whatever bit flips in the second of three records, it is not told, nor what stands behind it. */
static void a_flipped_bit_is_never_told(void **state)
{
	struct place *place = *state;
	char name[128][300];
	enum { RECORD = QW_HISTORY_RECORD_HEAD + 50 };

	add_all(place, 1, 3, 50);
	files(place, name);
	int fd = open(name[0], O_RDWR);
	for (unsigned bit = 0; bit < 8 * RECORD; bit++) {
		off_t at = (off_t)(QW_HISTORY_HEAD + RECORD + bit / 8);
		uint8_t byte, wrong;
		assert_int_equal(pread(fd, &byte, 1, at), 1);
		wrong = (uint8_t)(byte ^ 1u << bit % 8);
		assert_int_equal(pwrite(fd, &wrong, 1, at), 1);
		assert_int_equal(follow(place, 1, 0, MOST), 1);
		assert_int_equal(follow(place, 1, 1, MOST), 0);
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	close(fd);
	assert_int_equal(follow(place, 1, 0, MOST), 3);
}

static void damage_in_an_old_file_leaves_the_newer_ones(void **state)
{
	struct place *place = *state;
	char name[128][300];

	add_all(place, 1, 60, LONG);
	assert_true(files(place, name) > 3);
	assert_int_equal(truncate(name[0], 3), 0);
	uint64_t before = qw_history_stats(place->history).deltas;
	reopen(place, MOST);
	uint64_t after = qw_history_stats(place->history).deltas;
	assert_true(after > 0 && after < before);
	assert_int_equal(follow(place, 1, 60 - after, 1 << 20), after);
	assert_int_equal(follow(place, 1, 0, MOST), 0);
}

static void strange_files_are_left_alone_and_no_more_than_ours_are_read(void **state)
{
	struct place *place = *state;
	char path[256];

	for (unsigned i = 0; i < 300; i++) {
		snprintf(path, sizeof(path), "%s/%016x.deltas", place->path, i + 1);
		close(open(path, O_WRONLY | O_CREAT, 0600));
	}
	snprintf(path, sizeof(path), "%s/README", place->path);
	close(open(path, O_WRONLY | O_CREAT, 0600));
	reopen(place, MOST);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(qw_history_stats(place->history).deltas, 0);
	add_all(place, 1, 2, 50);
	assert_int_equal(follow(place, 1, 0, MOST), 2);
}

static void forgotten_is_gone_and_it_begins_anew(void **state)
{
	struct place *place = *state;
	char name[128][300];

	add_all(place, 1, 60, LONG);
	qw_history_forget(place->history);
	assert_int_equal(files(place, name), 0);
	assert_int_equal(follow(place, 1, 0, MOST), 0);
	assert_int_equal(add(place, 1, 1, 50), QW_OK);
	assert_int_equal(follow(place, 1, 0, MOST), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_was_added_is_told_in_order),
	    TEST(one_comes_at_least_and_no_more_than_asked_for),
	    TEST(it_goes_on_after_a_restart),
	    TEST(what_goes_back_is_refused),
	    TEST(nothing_is_told_beyond_a_gap),
	    TEST(a_new_term_follows_with_its_first),
	    TEST(the_oldest_file_goes_as_a_whole),
	    TEST(the_newest_stay_however_long_they_are),
	    TEST(a_torn_tail_is_cut_wherever_it_was_torn),
	    TEST(zeros_behind_the_end_are_cut),
	    TEST(a_flipped_bit_is_never_told),
	    TEST(damage_in_an_old_file_leaves_the_newer_ones),
	    TEST(strange_files_are_left_alone_and_no_more_than_ours_are_read),
	    TEST(forgotten_is_gone_and_it_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

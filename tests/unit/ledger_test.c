/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/ledger.h"

#include <fcntl.h>
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

#include "quaywatch/file.h"
#include "sensor/export/ledger_walk.h"
#include "tests/unit/folder_kit.h"

enum { MANY = 100, SEGMENT = 256 * 1024 };

static char folder[] = "qw-ledger-XXXXXX";

static int enter(void **state)
{
	(void)state;
	return folder_enter(folder, sizeof(folder), "qw-ledger-XXXXXX");
}

static int leave(void **state)
{
	(void)state;
	return folder_leave(folder);
}

static struct qw_ledger *opened(void)
{
	struct qw_ledger_options options = {.folder = folder, .bytes_max = 4 * SEGMENT, .segment_bytes = SEGMENT};
	struct qw_ledger *ledger;

	assert_int_equal(qw_ledger_open(&ledger, &options), QW_OK);
	return ledger;
}

static enum qw_err put(struct qw_ledger *ledger, uint64_t sequence, struct qw_slice data)
{
	struct qw_ledger_record record = {
		.time_ns = (int64_t)sequence, .epoch = 7, .sequence = sequence, .fields = {10, 2, 1}, .data = data};

	return qw_ledger_append(ledger, &record);
}

static void append(struct qw_ledger *ledger, uint64_t from, uint64_t count)
{
	char text[32];

	for (uint64_t i = from; i < from + count; i++) {
		size_t len = (size_t)snprintf(text, sizeof(text), "alert %llu", (unsigned long long)i);
		assert_int_equal(put(ledger, i, qw_slice(text, len)), QW_OK);
	}
}

static char *path_of(unsigned number)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%016x.ledger", folder, number);
	return path;
}

/* Records of a file until the first error, which is *err. */
static uint64_t count(unsigned number, enum qw_err *err)
{
	struct qw_ledger_reader reader;
	struct qw_ledger_record record;
	struct qw_mapping mapping;
	uint64_t records = 0;

	assert_int_equal(qw_mapping_open(&mapping, path_of(number)), QW_OK);
	*err = qw_ledger_reader_init(&reader, qw_bytes(mapping.data, mapping.size));
	while (*err == QW_OK && (*err = qw_ledger_next(&reader, &record)) == QW_OK)
		records++;
	qw_mapping_close(&mapping);
	return records;
}

static void flip(unsigned number, off_t at)
{
	uint8_t byte;
	int fd = open(path_of(number), O_RDWR);

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void what_was_written_is_read_and_a_new_run_goes_on_with_it(void **state)
{
	struct qw_ledger *ledger = opened();
	enum qw_err err;

	(void)state;
	append(ledger, 1, MANY);
	qw_ledger_close(ledger);
	ledger = opened();
	append(ledger, MANY + 1, MANY);
	assert_int_equal(qw_ledger_stats(ledger).torn_bytes, 0);
	qw_ledger_close(ledger);
	assert_int_equal(count(1, &err), 2 * MANY);
	assert_int_equal(err, QW_EAGAIN);
}

static void a_byte_that_was_changed_breaks_the_chain_wherever_it_is(void **state)
{
	struct qw_ledger *ledger = opened();
	struct stat status;
	enum qw_err err;

	(void)state;
	append(ledger, 1, 3);
	qw_ledger_close(ledger);
	assert_int_equal(stat(path_of(1), &status), 0);
	for (off_t at = 0; at < status.st_size; at++) {
		flip(1, at);
		if (count(1, &err) == 3 && err == QW_EAGAIN)
			fail_msg("byte %d was changed, and nothing noticed", (int)at);
		flip(1, at);
	}
	assert_int_equal(count(1, &err), 3);
}

static void a_torn_tail_is_cut_and_the_chain_goes_on(void **state)
{
	struct qw_ledger *ledger = opened();
	struct stat status;
	enum qw_err err;

	(void)state;
	append(ledger, 1, 3);
	qw_ledger_close(ledger);
	assert_int_equal(stat(path_of(1), &status), 0);
	assert_int_equal(truncate(path_of(1), status.st_size - 1), 0);
	ledger = opened();
	assert_int_equal(qw_ledger_stats(ledger).torn_bytes, QW_LEDGER_RECORD_HEAD + strlen("alert 3") - 1);
	append(ledger, 3, 2);
	qw_ledger_close(ledger);
	assert_int_equal(count(1, &err), 4);
	assert_int_equal(err, QW_EAGAIN);
}

static void a_ledger_that_somebody_changed_is_not_gone_on_with(void **state)
{
	struct qw_ledger_options options = {.folder = folder, .bytes_max = 4 * SEGMENT, .segment_bytes = SEGMENT};
	struct qw_ledger *ledger = opened();

	(void)state;
	append(ledger, 1, 3);
	qw_ledger_close(ledger);
	flip(1, QW_LEDGER_HEAD + QW_LEDGER_RECORD_HEAD);
	assert_int_equal(qw_ledger_open(&ledger, &options), QW_EFORMAT);
}

/* Fills it so that files are closed, packed, and the oldest go. */
static struct qw_ledger_stats fill(unsigned records)
{
	static uint8_t large[QW_LEDGER_RECORD_MAX];
	struct qw_ledger *ledger = opened();
	uint32_t noise = 1;

	for (size_t i = 0; i < sizeof(large); i++) /* that cannot be packed */
		large[i] = (uint8_t)((noise = noise * 1103515245 + 12345) >> 16);
	assert_int_equal(put(ledger, 0, (struct qw_slice){large, sizeof(large) + 1}), QW_ELIMIT);
	for (uint64_t i = 1; i <= records; i++)
		assert_int_equal(put(ledger, i, qw_slice(large, sizeof(large))), QW_OK);
	struct qw_ledger_stats stats = qw_ledger_stats(ledger);
	qw_ledger_close(ledger);
	return stats;
}

/* Walks over all of it: how many records hold, and what is wrong behind them (NULL: nothing). */
static uint64_t walked(const char **broken)
{
	struct qw_ledger_record record;
	struct qw_ledger_walk walk;

	assert_int_equal(qw_ledger_walk_init(&walk, folder), QW_OK);
	while (qw_ledger_walk_next(&walk, &record) == QW_OK) {
		assert_int_equal(record.fields.kept, 10);
		assert_int_equal(record.fields.dropped, 2);
		assert_int_equal(record.fields.replaced, 1);
	}
	*broken = walk.broken;
	qw_ledger_walk_fini(&walk);
	return walk.records;
}

static void the_oldest_files_go_and_the_chain_still_holds_from_there(void **state)
{
	struct qw_ledger_stats stats = fill(12);
	const char *broken;

	(void)state;
	assert_true(stats.bytes <= 4 * SEGMENT);
	assert_true(stats.shed > 0);
	assert_int_equal(stats.segments + stats.shed, 12);
	assert_int_not_equal(access(path_of(1), F_OK), 0);
	assert_int_equal(walked(&broken), stats.segments);
	assert_null(broken);
}

static void a_file_that_is_closed_is_packed_and_read_all_the_same(void **state)
{
	struct qw_ledger *ledger = opened();
	char text[1000];
	const char *broken;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (uint64_t i = 1; i <= 2000; i++)
		assert_int_equal(put(ledger, i, qw_slice(text, sizeof(text))), QW_OK);
	struct qw_ledger_stats stats = qw_ledger_stats(ledger);
	qw_ledger_close(ledger);
	assert_true(stats.segments > 4 && stats.shed == 0);
	assert_true(stats.bytes < 2 * SEGMENT);
	assert_int_not_equal(access(path_of(1), F_OK), 0);
	assert_int_equal(walked(&broken), 2000);
	assert_null(broken);
}

static void what_is_taken_away_from_either_end_or_the_middle_is_found(void **state)
{
	struct qw_ledger_stats stats = fill(12);
	char command[200];
	const char *broken;

	(void)state;
	snprintf(command, sizeof(command), "rm %s/%016x.ledger*", folder, (unsigned)stats.shed + 2);
	assert_int_equal(system(command), 0);
	assert_int_equal(walked(&broken), 1);
	assert_string_equal(broken, "the file is missing");
	snprintf(command, sizeof(command), "rm %s/%016x.ledger*", folder, (unsigned)stats.shed + 1);
	assert_int_equal(system(command), 0);
	assert_int_equal(walked(&broken), 0);
	assert_string_equal(broken, "files before it are missing that did not go for want of room");
}

static void a_new_run_knows_the_last_record_though_its_file_is_new(void **state)
{
	uint64_t epoch, sequence;

	(void)state;
	fill(2);
	assert_int_equal(truncate(path_of(2), QW_LEDGER_HEAD), 0);
	struct qw_ledger *ledger = opened();
	qw_ledger_last(ledger, &epoch, &sequence);
	assert_int_equal(epoch, 7);
	assert_int_equal(sequence, 1);
	qw_ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_written_is_read_and_a_new_run_goes_on_with_it, enter, leave),
		cmocka_unit_test_setup_teardown(a_byte_that_was_changed_breaks_the_chain_wherever_it_is, enter, leave),
		cmocka_unit_test_setup_teardown(a_torn_tail_is_cut_and_the_chain_goes_on, enter, leave),
		cmocka_unit_test_setup_teardown(a_ledger_that_somebody_changed_is_not_gone_on_with, enter, leave),
		cmocka_unit_test_setup_teardown(the_oldest_files_go_and_the_chain_still_holds_from_there, enter, leave),
		cmocka_unit_test_setup_teardown(a_file_that_is_closed_is_packed_and_read_all_the_same, enter, leave),
		cmocka_unit_test_setup_teardown(what_is_taken_away_from_either_end_or_the_middle_is_found, enter, leave),
		cmocka_unit_test_setup_teardown(a_new_run_knows_the_last_record_though_its_file_is_new, enter, leave),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

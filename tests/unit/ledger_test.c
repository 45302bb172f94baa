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

enum { MANY = 100, SEGMENT = 256 * 1024 };

static char folder[] = "qw-ledger-XXXXXX";

static int enter(void **state)
{
	(void)state;
	memcpy(folder, "qw-ledger-XXXXXX", sizeof(folder));
	return !mkdtemp(folder);
}

static int leave(void **state)
{
	char command[64];
	(void)state;
	snprintf(command, sizeof(command), "rm -rf ./%s", folder);
	return system(command) != 0;
}

static struct qw_ledger *opened(void)
{
	struct qw_ledger_options options = {.folder = folder, .bytes_max = 4 * SEGMENT, .segment_bytes = SEGMENT};
	struct qw_ledger *ledger;

	assert_int_equal(qw_ledger_open(&ledger, &options), QW_OK);
	return ledger;
}

static void append(struct qw_ledger *ledger, uint64_t from, uint64_t count)
{
	char text[32];

	for (uint64_t i = from; i < from + count; i++) {
		size_t len = (size_t)snprintf(text, sizeof(text), "alert %llu", (unsigned long long)i);
		assert_int_equal(qw_ledger_append(ledger, qw_time_seconds((int64_t)i), 7, i, qw_slice(text, len)), QW_OK);
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
		if (at >= 16 && at < 24)
			continue; /* the file's number, which its name says too */
		flip(1, at);
		if (count(1, &err) == 3 && err == QW_EAGAIN && !(at >= 12 && at < 16))
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

static void files_follow_each_other_by_their_chain_and_the_oldest_go(void **state)
{
	static uint8_t large[QW_LEDGER_RECORD_MAX];
	struct qw_ledger *ledger = opened();
	struct qw_ledger_reader before, after;
	struct qw_ledger_record record;
	struct qw_mapping first, second;

	(void)state;
	assert_int_equal(qw_ledger_append(ledger, qw_time_seconds(1), 7, 0, (struct qw_slice){large, sizeof(large) + 1}), QW_ELIMIT);
	for (uint64_t i = 1; i <= 10; i++)
		assert_int_equal(qw_ledger_append(ledger, qw_time_seconds(1), 7, i, qw_slice(large, sizeof(large))), QW_OK);
	struct qw_ledger_stats stats = qw_ledger_stats(ledger);
	assert_true(stats.bytes <= 4 * SEGMENT);
	assert_int_equal(stats.segments + stats.shed, 10);
	assert_true(stats.shed > 0);
	qw_ledger_close(ledger);
	assert_int_not_equal(access(path_of(1), F_OK), 0);
	assert_int_equal(qw_mapping_open(&first, path_of(9)), QW_OK);
	assert_int_equal(qw_mapping_open(&second, path_of(10)), QW_OK);
	assert_int_equal(qw_ledger_reader_init(&before, qw_bytes(first.data, first.size)), QW_OK);
	assert_int_equal(qw_ledger_reader_init(&after, qw_bytes(second.data, second.size)), QW_OK);
	assert_int_equal(qw_ledger_next(&before, &record), QW_OK);
	assert_int_equal(record.sequence, 9);
	assert_memory_equal(before.chain, after.chain, sizeof(after.chain));
	qw_mapping_close(&first);
	qw_mapping_close(&second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_written_is_read_and_a_new_run_goes_on_with_it, enter, leave),
		cmocka_unit_test_setup_teardown(a_byte_that_was_changed_breaks_the_chain_wherever_it_is, enter, leave),
		cmocka_unit_test_setup_teardown(a_torn_tail_is_cut_and_the_chain_goes_on, enter, leave),
		cmocka_unit_test_setup_teardown(a_ledger_that_somebody_changed_is_not_gone_on_with, enter, leave),
		cmocka_unit_test_setup_teardown(files_follow_each_other_by_their_chain_and_the_oldest_go, enter, leave),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/local.h"

#include <errno.h>
#include <unistd.h>

#include "quaywatch/json.h"
#include "tests/unit/event_kit.h"

/* A path of its own, that nothing stands at yet. */
static char *fresh_path(void)
{
	char *path = strdup("qw-local-XXXXXX");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	return path;
}

static struct qw_local *open_at(const char *path, bool append)
{
	struct qw_local_options options = {.path = path, .tenant = "berth-7", .sensor = "gate", .append = append};
	struct qw_local *local;

	assert_int_equal(qw_local_open(&local, &options), QW_OK);
	return local;
}

static void write_alert(struct qw_local *local)
{
	static struct kit_event event;

	kit_alert(&event);
	assert_int_equal(qw_local_write(local, event.memory, kit_size(&event)), QW_OK);
}

/* Lines at the path; each must be JSON and name the tenant. */
static unsigned lines_at(const char *path)
{
	char line[4096];
	unsigned count = 0;
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		size_t len = strcspn(line, "\n");
		assert_int_equal(line[len], '\n');
		assert_true(qw_json_is_object(line, len, 8, NULL));
		assert_non_null(strstr(line, "\"quaywatch\":{\"origin\":\"signature\",\"tenant\":\"berth-7\",\"sensor\":\"gate\""));
		count++;
	}
	fclose(file);
	return count;
}

static void what_is_written_stands_there_after_a_flush(void **state)
{
	char *path = fresh_path();
	struct qw_local *local = open_at(path, false);

	write_alert(local);
	assert_int_equal(lines_at(path), 0);
	assert_int_equal(qw_local_flush(local), QW_OK);
	assert_int_equal(lines_at(path), 1);
	for (int i = 0; i < 5000; i++) /* more than the buffer */
		write_alert(local);
	assert_int_equal(qw_local_close(local), QW_OK);
	assert_int_equal(lines_at(path), 5001);
	unlink(path);
	free(path);
}

static void live_an_old_file_goes_on_and_else_begins_anew(void **state)
{
	char *path = fresh_path();

	for (unsigned i = 1; i <= 3; i++) {
		struct qw_local *local = open_at(path, true);
		write_alert(local);
		assert_int_equal(qw_local_close(local), QW_OK);
		assert_int_equal(lines_at(path), i);
	}
	struct qw_local *local = open_at(path, false);
	write_alert(local);
	assert_int_equal(qw_local_close(local), QW_OK);
	assert_int_equal(lines_at(path), 1);
	unlink(path);
	free(path);
}

static void after_a_rotation_lines_go_to_the_new_file(void **state)
{
	char *path = fresh_path();
	char old[64];
	struct qw_local *local = open_at(path, true);

	snprintf(old, sizeof(old), "%s.1", path);
	write_alert(local);
	assert_int_equal(rename(path, old), 0);
	write_alert(local);
	assert_int_equal(qw_local_reopen(local), QW_OK);
	write_alert(local);
	assert_int_equal(qw_local_close(local), QW_OK);
	assert_int_equal(lines_at(old), 2);
	assert_int_equal(lines_at(path), 1);
	unlink(path);
	unlink(old);
	free(path);
}

static void a_full_disk_ends_the_file_until_it_is_opened_anew(void **state)
{
	struct qw_local *local = open_at("/dev/full", true);
	static struct kit_event event;

	write_alert(local);
	assert_int_equal(qw_local_flush(local), QW_ENOSPC);
	assert_int_equal(qw_local_flush(local), QW_ENOSPC);
	kit_alert(&event);
	assert_int_equal(qw_local_write(local, event.memory, kit_size(&event)), QW_ENOSPC);
	assert_int_equal(qw_local_close(local), QW_ENOSPC);
}

static void the_disk_that_was_full_is_written_again_after_a_reopen(void **state)
{
	char *path = fresh_path();
	assert_int_equal(symlink("/dev/full", path), 0);
	struct qw_local *local = open_at(path, true);

	write_alert(local);
	assert_int_equal(qw_local_flush(local), QW_ENOSPC);
	unlink(path);
	assert_int_equal(qw_local_reopen(local), QW_OK);
	write_alert(local);
	assert_int_equal(qw_local_close(local), QW_OK);
	assert_int_equal(lines_at(path), 1);
	unlink(path);
	free(path);
}

static void a_torn_last_line_spoils_no_other(void **state)
{
	char *path = fresh_path();
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs("{\"torn", file);
	fclose(file);
	struct qw_local *local = open_at(path, true);
	write_alert(local);
	assert_int_equal(qw_local_close(local), QW_OK);
	file = fopen(path, "r");
	char line[4096];
	assert_non_null(fgets(line, sizeof(line), file));
	assert_string_equal(line, "{\"torn\n");
	assert_non_null(fgets(line, sizeof(line), file));
	assert_true(qw_json_is_object(line, strcspn(line, "\n"), 8, NULL));
	fclose(file);
	unlink(path);
	free(path);
}

static void a_damaged_event_is_left_out_and_the_next_is_written(void **state)
{
	char *path = fresh_path();
	struct qw_local *local = open_at(path, false);
	static struct kit_event event;

	kit_alert(&event);
	assert_int_equal(qw_local_write(local, event.memory, kit_size(&event) - 4), QW_EFORMAT);
	write_alert(local);
	assert_int_equal(qw_local_close(local), QW_OK);
	assert_int_equal(lines_at(path), 1);
	unlink(path);
	free(path);
}

static void a_path_that_cannot_be_is_told_with_its_reason(void **state)
{
	struct qw_local_options options = {.path = "no-such-folder/eve.json", .tenant = "", .sensor = ""};
	struct qw_local *local;

	assert_int_equal(qw_local_open(&local, &options), QW_ENOENT);
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_stands_there_after_a_flush),
		cmocka_unit_test(live_an_old_file_goes_on_and_else_begins_anew),
		cmocka_unit_test(after_a_rotation_lines_go_to_the_new_file),
		cmocka_unit_test(a_full_disk_ends_the_file_until_it_is_opened_anew),
		cmocka_unit_test(the_disk_that_was_full_is_written_again_after_a_reopen),
		cmocka_unit_test(a_torn_last_line_spoils_no_other),
		cmocka_unit_test(a_damaged_event_is_left_out_and_the_next_is_written),
		cmocka_unit_test(a_path_that_cannot_be_is_told_with_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

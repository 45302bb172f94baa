/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/file.h"

#include <dirent.h>
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

/* Each test runs inside a folder of its own, which goes with what is in it. */
static char folder[] = "qw-file-XXXXXX";

static int enter(void **state)
{
	memcpy(folder, "qw-file-XXXXXX", sizeof(folder));
	return !mkdtemp(folder) || chdir(folder) != 0;
}

static int leave(void **state)
{
	char command[64];
	snprintf(command, sizeof(command), "rm -rf ./%s", folder);
	return chdir("..") != 0 || system(command) != 0;
}

static void put(const char *path, const char *text)
{
	assert_int_equal(qw_file_replace(path, text, strlen(text), 0644), QW_OK);
}

static void a_replaced_file_holds_the_new_bytes_and_mode_and_leaves_nothing_beside_it(void **state)
{
	char *data;
	size_t len;
	struct stat status;
	put("a", "old and longer");
	assert_int_equal(qw_file_replace("a", "new\0x", 5, 0600), QW_OK);
	assert_int_equal(qw_file_read("a", 100, &data, &len), QW_OK);
	assert_int_equal(len, 5);
	assert_memory_equal(data, "new\0x", 6);
	free(data);
	assert_int_equal(stat("a", &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	int names = 0;
	DIR *here = opendir(".");
	while (readdir(here))
		names++;
	closedir(here);
	assert_int_equal(names, 3);
}

static void a_created_file_never_takes_the_place_of_another(void **state)
{
	char *data;
	size_t len;
	assert_int_equal(qw_file_create("k", "first", 5, 0600), QW_OK);
	assert_int_equal(qw_file_create("k", "second", 6, 0600), QW_EEXIST);
	assert_int_equal(qw_file_read("k", 100, &data, &len), QW_OK);
	assert_string_equal(data, "first");
	free(data);
	assert_int_equal(qw_file_create("no/k", "x", 1, 0600), QW_ENOENT);
}

static void reading_stops_at_the_bound(void **state)
{
	char *data;
	size_t len;
	put("ten", "0123456789");
	assert_int_equal(qw_file_read("ten", 10, &data, &len), QW_OK);
	assert_int_equal(len, 10);
	assert_string_equal(data, "0123456789");
	free(data);
	assert_int_equal(qw_file_read("ten", 9, &data, &len), QW_ELIMIT);
	assert_int_equal(qw_file_read("none", 9, &data, &len), QW_ENOENT);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(qw_file_read(".", 9, &data, &len), QW_EINVAL);
}

static void a_file_that_does_not_know_its_size_is_read_whole(void **state)
{
	char *data;
	size_t len;
	assert_int_equal(qw_file_read("/proc/self/maps", 1 << 20, &data, &len), QW_OK);
	assert_true(len > 100 && strlen(data) == len);
	free(data);
	assert_int_equal(qw_file_read("/proc/self/maps", 100, &data, &len), QW_ELIMIT);
}

static void a_mapping_shows_the_file_and_an_empty_one_is_not_null(void **state)
{
	struct qw_mapping mapping;
	put("a", "bytes");
	put("empty", "");
	assert_int_equal(qw_mapping_open(&mapping, "a"), QW_OK);
	assert_int_equal(mapping.size, 5);
	assert_memory_equal(mapping.data, "bytes", 5);
	qw_mapping_close(&mapping);
	assert_int_equal(mapping.size, 0);
	assert_int_equal(qw_mapping_open(&mapping, "empty"), QW_OK);
	assert_non_null(mapping.data);
	assert_int_equal(mapping.size, 0);
	qw_mapping_close(&mapping);
	assert_int_equal(qw_mapping_open(&mapping, "."), QW_EINVAL);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_int_equal(qw_mapping_open(&mapping, "pipe"), QW_EINVAL);
	assert_int_equal(qw_mapping_open(&mapping, "none"), QW_ENOENT);
}

static void folders_are_made_with_their_parents(void **state)
{
	struct stat status;
	assert_int_equal(qw_make_folder("x/y//z", 0750), QW_OK);
	assert_int_equal(qw_make_folder("x/y/z/", 0750), QW_OK);
	assert_int_equal(stat("x/y/z", &status), 0);
	assert_int_equal(status.st_mode & 0777, 0750);
	put("x/file", "");
	assert_int_equal(qw_make_folder("x/file/z", 0750), QW_EEXIST);
	assert_int_equal(qw_make_folder("", 0750), QW_ENOENT);
	assert_int_equal(qw_sync_folder("x"), QW_OK);
	assert_int_equal(qw_sync_folder("x/file"), QW_ENOENT);
}

struct seen {
	char text[512];
	const char *stop;
};

static enum qw_err see(void *ctx, const char *file)
{
	struct seen *seen = ctx;
	strcat(seen->text, file);
	strcat(seen->text, " ");
	return seen->stop && strcmp(seen->stop, file) == 0 ? QW_EFORMAT : QW_OK;
}

static void files_are_visited_in_byte_order_and_dot_files_are_not(void **state)
{
	struct seen seen = {.text = ""};
	assert_int_equal(qw_make_folder("r/b", 0755), QW_OK);
	assert_int_equal(qw_make_folder("r/.git", 0755), QW_OK);
	assert_int_equal(mkfifo("r/pipe", 0600), 0);
	assert_int_equal(symlink("..", "r/b/loop"), 0);
	assert_int_equal(symlink("../c", "r/b/link"), 0);
	put("r/c", "");
	put("r/a", "");
	put("r/Z", "");
	put("r/b/2", "");
	put("r/b/10", "");
	put("r/.hidden", "");
	put("r/.git/config", "");
	assert_int_equal(qw_walk_files("r", see, &seen), QW_OK);
	assert_string_equal(seen.text, "r/Z r/a r/b/10 r/b/2 r/b/link r/c ");
}

static void a_walk_over_one_file_visits_it_and_errors_end_a_walk(void **state)
{
	struct seen seen = {.text = ""};
	put("a", "");
	assert_int_equal(qw_walk_files("a", see, &seen), QW_OK);
	assert_string_equal(seen.text, "a ");
	assert_int_equal(qw_walk_files("none", see, &seen), QW_ENOENT);
	put("b", "");
	seen = (struct seen){.text = "", .stop = "./a"};
	assert_int_equal(qw_walk_files("./", see, &seen), QW_EFORMAT);
	assert_string_equal(seen.text, "./a ");
}

static void what_is_set_aside_keeps_its_bytes(void **state)
{
	char *data;
	size_t len;

	put("a.refused", "older");
	put("a", "bad");
	assert_int_equal(qw_file_set_aside("a"), QW_OK);
	assert_int_equal(qw_file_read("a", 10, &data, &len), QW_ENOENT);
	assert_int_equal(qw_file_read("a.refused", 10, &data, &len), QW_OK);
	assert_string_equal(data, "bad");
	free(data);
	assert_int_equal(qw_file_set_aside("a"), QW_ENOENT);
}

static void a_full_device_is_told_apart(void **state)
{
	int fd = open("/dev/full", O_WRONLY);
	if (fd < 0)
		skip();
	assert_int_equal(qw_write_all(fd, "x", 1), QW_ENOSPC);
	assert_int_equal(errno, ENOSPC);
	close(fd);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST(a_replaced_file_holds_the_new_bytes_and_mode_and_leaves_nothing_beside_it),
		FILE_TEST(a_created_file_never_takes_the_place_of_another),
		FILE_TEST(reading_stops_at_the_bound),
		FILE_TEST(a_file_that_does_not_know_its_size_is_read_whole),
		FILE_TEST(a_mapping_shows_the_file_and_an_empty_one_is_not_null),
		FILE_TEST(folders_are_made_with_their_parents),
		FILE_TEST(files_are_visited_in_byte_order_and_dot_files_are_not),
		FILE_TEST(a_walk_over_one_file_visits_it_and_errors_end_a_walk),
		FILE_TEST(what_is_set_aside_keeps_its_bytes),
		FILE_TEST(a_full_device_is_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

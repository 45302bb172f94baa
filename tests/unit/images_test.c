/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/images.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int memory(void)
{
	int fd = memfd_create("images", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static ino_t inode_of(int fd)
{
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	return status.st_ino;
}

static struct qw_ruleset_images whole(unsigned parts)
{
	struct qw_ruleset_images images = qw_ruleset_images_none();

	images.signatures = memory();
	images.indicators.overlay = memory();
	images.indicators.parts = parts;
	for (unsigned part = 0; part < parts; part++)
		images.indicators.part[part] = memory();
	return images;
}

static void what_is_new_takes_the_place_of_what_was(void **state)
{
	struct qw_ruleset_images images = whole(QW_INDICATOR_PARTS), before = images, fresh = qw_ruleset_images_none();

	(void)state;
	fresh.indicators.parts = QW_INDICATOR_PARTS;
	int part = fresh.indicators.part[5] = memory();
	qw_ruleset_images_take(&images, &fresh);
	assert_int_equal(images.indicators.part[5], part);
	assert_int_equal(images.indicators.part[6], before.indicators.part[6]);
	assert_int_equal(images.indicators.overlay, before.indicators.overlay);
	assert_int_equal(images.signatures, before.signatures);
	assert_false(is_open(before.indicators.part[5]));
	assert_int_equal(fresh.indicators.part[5], -1);

	fresh.signatures = memory();
	int signatures = fresh.signatures;
	qw_ruleset_images_take(&images, &fresh);
	assert_int_equal(images.signatures, signatures);
	assert_int_equal(images.indicators.parts, QW_INDICATOR_PARTS); /* it had none: these stay */
	qw_ruleset_images_close(&images);
	assert_false(is_open(part) || is_open(signatures));
	assert_int_equal(images.indicators.parts, 0);
}

static void a_layer_of_another_number_of_parts_leaves_nothing_of_the_old_one(void **state)
{
	struct qw_ruleset_images images = whole(QW_INDICATOR_PARTS), before = images, fresh = whole(1);

	(void)state;
	qw_ruleset_images_take(&images, &fresh);
	assert_int_equal(images.indicators.parts, 1);
	for (unsigned part = 1; part < QW_INDICATOR_PARTS; part++) {
		assert_int_equal(images.indicators.part[part], -1);
		assert_false(is_open(before.indicators.part[part]));
	}
	qw_ruleset_images_close(&images);
}

static void all_of_them_go_through_a_post(void **state)
{
	struct qw_ruleset_images sent = whole(QW_INDICATOR_PARTS), got;
	struct qw_post *post = calloc(1, sizeof(*post));
	int ends[2];

	(void)state;
	assert_non_null(post);
	assert_int_equal(qw_post_pair(ends), QW_OK);
	close(sent.indicators.part[7]);
	sent.indicators.part[7] = -1;
	qw_post_begin(post, QW_POST_RULESET, 12);
	qw_ruleset_images_write(&sent, post);
	assert_int_equal(qw_post_send(ends[0], post), QW_OK);
	assert_int_equal(qw_post_receive(ends[1], post), QW_OK);
	assert_int_equal(qw_ruleset_images_read(&got, post), QW_OK);
	assert_int_equal(post->fds[0], -1);
	assert_int_equal(got.indicators.parts, QW_INDICATOR_PARTS);
	assert_int_equal(inode_of(got.signatures), inode_of(sent.signatures));
	assert_int_equal(inode_of(got.indicators.overlay), inode_of(sent.indicators.overlay));
	for (unsigned part = 0; part < QW_INDICATOR_PARTS; part++) {
		assert_int_equal(got.indicators.part[part] >= 0, part != 7);
		if (part != 7)
			assert_int_equal(inode_of(got.indicators.part[part]), inode_of(sent.indicators.part[part]));
	}
	qw_ruleset_images_close(&sent);
	qw_ruleset_images_close(&got);
	close(ends[0]);
	close(ends[1]);
	free(post);
}

static void a_post_of_something_else_is_closed(void **state)
{
	struct qw_post *post = calloc(1, sizeof(*post));
	struct qw_ruleset_images got;

	(void)state;
	assert_non_null(post);
	static const struct {
		enum qw_post_kind kind;
		uint32_t parts;
	} rows[] = {{QW_POST_ENTRIES, 1}, {QW_POST_RULESET, 2}, {QW_POST_RULESET, QW_INDICATOR_PARTS + 1}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		qw_post_begin(post, rows[i].kind, 1);
		post->second = rows[i].parts;
		int fd = post->fds[3] = memory();
		assert_int_equal(qw_ruleset_images_read(&got, post), QW_EFORMAT);
		assert_false(is_open(fd));
		assert_int_equal(got.signatures, -1);
	}
	free(post);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_new_takes_the_place_of_what_was),
		cmocka_unit_test(a_layer_of_another_number_of_parts_leaves_nothing_of_the_old_one),
		cmocka_unit_test(all_of_them_go_through_a_post),
		cmocka_unit_test(a_post_of_something_else_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

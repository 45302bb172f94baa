/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/post.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>


struct ends {
	int end[2];
	struct qw_post sent, got;
};

static struct ends *connect_ends(void)
{
	struct ends *ends = calloc(1, sizeof(*ends));

	assert_non_null(ends);
	assert_int_equal(qw_post_pair(ends->end), QW_OK);
	for (int i = 0; i < QW_POST_FDS; i++)
		ends->sent.fds[i] = -1;
	return ends;
}

static void disconnect(struct ends *ends)
{
	close(ends->end[0]);
	close(ends->end[1]);
	free(ends);
}

static void a_message_arrives_as_it_was_sent(void **state)
{
	struct ends *ends = connect_ends();

	ends->sent.kind = QW_POST_BUILT;
	ends->sent.number = 7;
	ends->sent.second = 8;
	ends->sent.third = -9;
	ends->sent.len = QW_POST_BYTES;
	memset(ends->sent.bytes, 0xa5, QW_POST_BYTES);
	assert_int_equal(qw_post_send(ends->end[0], &ends->sent), QW_OK);
	assert_int_equal(qw_post_receive(ends->end[1], &ends->got), QW_OK);
	assert_int_equal(ends->got.kind, QW_POST_BUILT);
	assert_int_equal(ends->got.number, 7);
	assert_int_equal(ends->got.second, 8);
	assert_int_equal(ends->got.third, -9);
	assert_int_equal(ends->got.len, QW_POST_BYTES);
	assert_memory_equal(ends->got.bytes, ends->sent.bytes, QW_POST_BYTES);
	for (int i = 0; i < QW_POST_FDS; i++)
		assert_int_equal(ends->got.fds[i], -1);
	disconnect(ends);
}

static ino_t inode_of(int fd)
{
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	return status.st_ino;
}

static void descriptors_keep_their_places(void **state)
{
	struct ends *ends = connect_ends();
	int first = memfd_create("first", MFD_CLOEXEC), last = memfd_create("last", MFD_CLOEXEC);

	ends->sent.kind = QW_POST_RULESET;
	ends->sent.fds[0] = first;
	ends->sent.fds[QW_POST_FDS - 1] = last;
	assert_int_equal(qw_post_send(ends->end[0], &ends->sent), QW_OK);
	assert_int_equal(qw_post_receive(ends->end[1], &ends->got), QW_OK);
	assert_int_equal(inode_of(ends->got.fds[0]), inode_of(first));
	assert_int_equal(ends->got.fds[1], -1);
	assert_int_equal(inode_of(ends->got.fds[QW_POST_FDS - 1]), inode_of(last));
	assert_true(fcntl(ends->got.fds[0], F_GETFD) & FD_CLOEXEC);
	int received = ends->got.fds[0];
	qw_post_close(&ends->got);
	assert_int_equal(ends->got.fds[0], -1);
	assert_int_equal(fcntl(received, F_GETFD), -1);
	close(first);
	close(last);
	disconnect(ends);
}

static void nothing_there_and_nobody_there_are_told_apart(void **state)
{
	struct ends *ends = connect_ends();

	assert_int_equal(qw_post_receive(ends->end[1], &ends->got), QW_EAGAIN);
	ends->sent.kind = QW_POST_REBUILD;
	assert_int_equal(qw_post_send(ends->end[0], &ends->sent), QW_OK);
	close(ends->end[0]);
	assert_int_equal(qw_post_receive(ends->end[1], &ends->got), QW_OK); /* what was sent before the end */
	assert_int_equal(qw_post_receive(ends->end[1], &ends->got), QW_EPEER);
	assert_int_equal(qw_post_send(ends->end[1], &ends->sent), QW_EPEER);
	ends->end[0] = -1;
	disconnect(ends);
}

static void a_reader_that_does_not_read_stops_nobody(void **state)
{
	struct ends *ends = connect_ends();
	enum qw_err err = QW_OK;
	int sent = 0;

	ends->sent.len = QW_POST_BYTES;
	while (err == QW_OK && sent < 100000) {
		err = qw_post_send(ends->end[0], &ends->sent);
		sent += err == QW_OK;
	}
	assert_int_equal(err, QW_EAGAIN);
	assert_true(sent > 0);
	for (int i = 0; i < sent; i++)
		assert_int_equal(qw_post_receive(ends->end[1], &ends->got), QW_OK);
	assert_int_equal(qw_post_receive(ends->end[1], &ends->got), QW_EAGAIN);
	disconnect(ends);
}

static void what_is_no_message_is_refused(void **state)
{
	struct ends *ends = connect_ends();
	struct {
		uint32_t word[5];
		uint8_t fds[QW_POST_FDS];
	} head = {{QW_POST_BUILT, 1, 2, 3, 5}, {1, 1, 1}}; /* three descriptors that do not come, five bytes */

	assert_int_equal(send(ends->end[0], &head, 3, 0), 3);
	assert_int_equal(qw_post_receive(ends->end[1], &ends->got), QW_EFORMAT);
	assert_int_equal(send(ends->end[0], &head, sizeof(head), 0), (ssize_t)sizeof(head));
	assert_int_equal(qw_post_receive(ends->end[1], &ends->got), QW_EFORMAT);
	head.word[4] = 0;
	assert_int_equal(send(ends->end[0], &head, sizeof(head), 0), (ssize_t)sizeof(head));
	assert_int_equal(qw_post_receive(ends->end[1], &ends->got), QW_OK);
	for (int i = 0; i < QW_POST_FDS; i++)
		assert_int_equal(ends->got.fds[i], -1);
	disconnect(ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_arrives_as_it_was_sent),
		cmocka_unit_test(descriptors_keep_their_places),
		cmocka_unit_test(nothing_there_and_nobody_there_are_told_apart),
		cmocka_unit_test(a_reader_that_does_not_read_stops_nobody),
		cmocka_unit_test(what_is_no_message_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

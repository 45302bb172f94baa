/* SPDX-License-Identifier: Apache-2.0 */
/* A message from a hostile process of our own, with two descriptors: none is lost, none is taken twice. */
#include "sensor/run/post.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Hands two descriptors over with the bytes, as far as the socket takes them. */
static void send_with_descriptors(int end, const uint8_t *data, size_t size)
{
	union {
		char bytes[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec part = {(void *)(uintptr_t)data, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message);
	int fds[2] = {end, end};

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(cmsg), fds, sizeof(fds));
	(void)!sendmsg(end, &message, MSG_NOSIGNAL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct qw_post post;
	int ends[2];

	if (size == 0 || size > 2 * QW_POST_BYTES || qw_post_pair(ends) != QW_OK)
		return 0;
	int next = fcntl(ends[0], F_DUPFD_CLOEXEC, 0); /* the lowest that is free now … */
	close(next);
	send_with_descriptors(ends[0], data, size);
	if (qw_post_receive(ends[1], &post) == QW_OK) {
		if (post.len > QW_POST_BYTES)
			abort();
		qw_post_close(&post);
	}
	int after = fcntl(ends[0], F_DUPFD_CLOEXEC, 0); /* … is free again */
	close(after);
	if (next != after)
		abort();
	close(ends[0]);
	close(ends[1]);
	return 0;
}

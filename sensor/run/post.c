/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/post.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What goes over the socket before the bytes. */
struct head {
	uint32_t kind, number, second;
	int32_t third;
	uint32_t len;
	uint8_t fds[QW_POST_FDS]; /* 1: this descriptor is among those passed, in order */
};

void qw_post_begin(struct qw_post *post, enum qw_post_kind kind, uint32_t number)
{
	post->kind = kind;
	post->number = number;
	post->second = 0;
	post->third = 0;
	post->len = 0;
	for (unsigned i = 0; i < QW_POST_FDS; i++)
		post->fds[i] = -1;
}

enum qw_err qw_post_pair(int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
		return qw_err_from_errno(errno);
	for (int i = 0; i < 2; i++) {
		int bytes = 1 << 20;
		(void)setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	}
	return QW_OK;
}

static enum qw_err result_of(int number)
{
	if (number == EAGAIN || number == EWOULDBLOCK || number == ENOBUFS)
		return QW_EAGAIN;
	return number == EPIPE || number == ECONNRESET || number == ENOTCONN ? QW_EPEER : qw_err_from_errno(number);
}

enum qw_err qw_post_send(int end, const struct qw_post *post)
{
	struct head head = {(uint32_t)post->kind, post->number, post->second, post->third, (uint32_t)post->len, {0}};
	struct iovec parts[2] = {{&head, sizeof(head)}, {(void *)(uintptr_t)post->bytes, post->len}};
	union {
		char bytes[CMSG_SPACE(sizeof(int) * QW_POST_FDS)];
		struct cmsghdr align;
	} control = {0};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	int fds[QW_POST_FDS];
	unsigned count = 0;

	for (unsigned i = 0; i < QW_POST_FDS; i++) {
		if (post->fds[i] < 0)
			continue;
		head.fds[i] = 1;
		fds[count++] = post->fds[i];
	}
	if (count) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * count);
	}
	return sendmsg(end, &message, MSG_NOSIGNAL) < 0 ? result_of(errno) : QW_OK;
}

static unsigned take_fds(struct msghdr *message, int fds[QW_POST_FDS])
{
	unsigned count = 0;

	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(message); cmsg; cmsg = CMSG_NXTHDR(message, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		unsigned here = (unsigned)((cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		for (unsigned i = 0; i < here && count < QW_POST_FDS; i++)
			memcpy(&fds[count++], CMSG_DATA(cmsg) + i * sizeof(int), sizeof(int));
	}
	return count;
}

enum qw_err qw_post_receive(int end, struct qw_post *post)
{
	struct head head;
	struct iovec parts[2] = {{&head, sizeof(head)}, {post->bytes, sizeof(post->bytes)}};
	union {
		char bytes[CMSG_SPACE(sizeof(int) * QW_POST_FDS)];
		struct cmsghdr align;
	} control;
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2, .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	ssize_t got = recvmsg(end, &message, MSG_CMSG_CLOEXEC);

	if (got < 0)
		return result_of(errno);
	if (got == 0)
		return QW_EPEER;
	int fds[QW_POST_FDS];
	unsigned count = take_fds(&message, fds), used = 0;
	for (unsigned i = 0; i < QW_POST_FDS; i++)
		post->fds[i] = (size_t)got >= sizeof(head) && head.fds[i] && used < count ? fds[used++] : -1;
	while (used < count)
		close(fds[used++]);
	if ((size_t)got < sizeof(head) || head.len != (size_t)got - sizeof(head)) {
		qw_post_close(post);
		return QW_EFORMAT;
	}
	post->kind = (enum qw_post_kind)head.kind;
	post->number = head.number;
	post->second = head.second;
	post->third = head.third;
	post->len = head.len;
	return QW_OK;
}

void qw_post_close(struct qw_post *post)
{
	for (unsigned i = 0; i < QW_POST_FDS; i++) {
		if (post->fds[i] >= 0)
			close(post->fds[i]);
		post->fds[i] = -1;
	}
}

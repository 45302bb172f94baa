/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "quaywatch/log.h"

enum { BACKLOG = 16, EVENTS = 16, LINE_START = 4096 };

struct client {
	int fd; /* -1: the place is free */
	char *line;
	size_t len, room;
	int file; /* that came beside the line; -1: none */
	bool answering;
	struct qw_request request;
	struct qw_job *job;
	struct qw_reply reply;
	size_t sent, files_sent;
};

struct qw_control {
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int listen, epoll;
	qw_control_run *run;
	void *ctx;
	struct client client[QW_CONTROL_CLIENTS];
};

/* ---- opening */

static enum qw_err make_address(struct sockaddr_un *out, const char *path)
{
	memset(out, 0, sizeof(*out));
	out->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(out->sun_path))
		return QW_ELIMIT;
	strcpy(out->sun_path, path);
	return QW_OK;
}

/* Nobody answers: the file is what a dead process left. */
static enum qw_err clear_path(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return qw_err_from_errno(errno);
	int answered = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	close(fd);
	if (answered == 0)
		return QW_EEXIST;
	if (unlink(address->sun_path) != 0 && errno != ENOENT)
		return qw_err_from_errno(errno);
	return QW_OK;
}

static enum qw_err watch(struct qw_control *control, int fd, uint32_t events, struct client *client, int what)
{
	struct epoll_event event = {.events = events, .data.ptr = client};

	return epoll_ctl(control->epoll, what, fd, &event) == 0 ? QW_OK : qw_err_from_errno(errno);
}

static enum qw_err start_listening(struct qw_control *control)
{
	struct sockaddr_un address;
	enum qw_err err = make_address(&address, control->path);

	if (err == QW_OK)
		err = clear_path(&address);
	if (err != QW_OK)
		return err;
	control->listen = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask = umask(0117);
	bool bound = control->listen >= 0 && bind(control->listen, (struct sockaddr *)&address, sizeof(address)) == 0;
	int number = errno;
	umask(mask);
	if (!bound || listen(control->listen, BACKLOG) != 0)
		return qw_err_from_errno(bound ? errno : number);
	return watch(control, control->listen, EPOLLIN, NULL, EPOLL_CTL_ADD);
}

enum qw_err qw_control_open(struct qw_control **out, const char *path, qw_control_run *run, void *ctx)
{
	struct qw_control *control = calloc(1, sizeof(*control));

	if (!control)
		return QW_ENOMEM;
	control->run = run;
	control->ctx = ctx;
	control->listen = -1;
	for (size_t i = 0; i < QW_CONTROL_CLIENTS; i++)
		control->client[i].fd = control->client[i].file = -1;
	control->epoll = epoll_create1(EPOLL_CLOEXEC);
	enum qw_err err = control->epoll < 0 ? qw_err_from_errno(errno) : QW_OK;
	if (err == QW_OK)
		err = strlen(path) < sizeof(control->path) ? QW_OK : QW_ELIMIT;
	if (err == QW_OK) {
		strcpy(control->path, path);
		err = start_listening(control);
	}
	if (err != QW_OK) {
		control->path[0] = '\0'; /* it is somebody else's */
		qw_control_close(control);
		return err;
	}
	*out = control;
	return QW_OK;
}

static void hang_up(struct client *client)
{
	if (client->job)
		client->job->free(client->job);
	if (client->answering) {
		qw_request_fini(&client->request);
		/* What was sent is the kernel's now; close ours all the same. */
		qw_reply_fini(&client->reply);
	}
	if (client->file >= 0)
		close(client->file);
	close(client->fd);
	free(client->line);
	memset(client, 0, sizeof(*client));
	client->fd = client->file = -1;
}

void qw_control_close(struct qw_control *control)
{
	if (!control)
		return;
	for (size_t i = 0; i < QW_CONTROL_CLIENTS; i++)
		if (control->client[i].fd >= 0)
			hang_up(&control->client[i]);
	if (control->listen >= 0)
		close(control->listen);
	if (control->epoll >= 0)
		close(control->epoll);
	if (control->path[0])
		unlink(control->path);
	free(control);
}

int qw_control_fd(const struct qw_control *control)
{
	return control->epoll;
}

/* ---- clients */

static void greet(struct qw_control *control)
{
	struct client *free_place = NULL;
	int fd = accept4(control->listen, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	for (size_t i = 0; i < QW_CONTROL_CLIENTS && !free_place; i++)
		if (control->client[i].fd < 0)
			free_place = &control->client[i];
	if (!free_place || watch(control, fd, EPOLLIN, free_place, EPOLL_CTL_ADD) != QW_OK) {
		close(fd); /* quaywatchctl says: busy */
		return;
	}
	free_place->fd = fd;
}

static bool grow_line(struct client *client)
{
	size_t room = client->room ? client->room * 2 : LINE_START;

	if (client->len < client->room)
		return true;
	if (room > QW_REQUEST_MAX)
		return false;
	char *line = realloc(client->line, room);
	if (!line)
		return false;
	client->line = line;
	client->room = room;
	return true;
}

static void take_file(struct client *client, struct msghdr *message)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(fd));
			if (client->file < 0)
				client->file = fd;
			else
				close(fd);
		}
	}
}

static ssize_t receive(struct client *client)
{
	union {
		char bytes[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr align;
	} extra;
	struct iovec piece = {client->line + client->len, client->room - client->len};
	struct msghdr message = {
	    .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &extra, .msg_controllen = sizeof(extra)};
	ssize_t got = recvmsg(client->fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (got > 0)
		take_file(client, &message);
	return got;
}

static int64_t uid_of(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 ? (int64_t)who.uid : -1;
}

static void answer(struct qw_control *control, struct client *client, size_t line_len)
{
	enum qw_exit status;

	client->answering = true;
	qw_reply_init(&client->reply);
	enum qw_err err = qw_request_parse(&client->request, client->line, line_len);
	if (err == QW_OK) {
		client->request.fd = client->file;
		client->request.uid = uid_of(client->fd);
		client->request.now = qw_time_wall();
		client->file = -1;
		status = control->run(control->ctx, &client->request, &client->reply, &client->job);
	} else {
		client->request = (struct qw_request){.fd = -1};
		status = qw_reply_error(&client->reply, QW_EXIT_USAGE,
					"not a request: %s; is quaywatchctl of this version?", qw_strerror(err));
	}
	if (!client->job)
		qw_reply_status(&client->reply, status);
}

/* ---- sending */

static ssize_t send_piece(struct client *client, size_t until, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} extra = {.bytes = {0}};
	struct iovec piece = {client->reply.data + client->sent, until - client->sent};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};

	if (fd >= 0) {
		message.msg_control = &extra;
		message.msg_controllen = sizeof(extra);
		extra.align = (struct cmsghdr){
		    .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&extra.align), &fd, sizeof(fd));
	}
	return sendmsg(client->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* A descriptor goes with the first byte of its line, so each such line begins a piece. */
static ssize_t send_next(struct client *client)
{
	const struct qw_reply *reply = &client->reply;
	size_t until = reply->len;
	int fd = -1;

	if (client->files_sent < reply->files) {
		const struct qw_reply_file *file = &reply->file[client->files_sent];
		if (file->at == client->sent) {
			fd = file->fd;
			if (client->files_sent + 1 < reply->files)
				until = reply->file[client->files_sent + 1].at;
		} else {
			until = file->at;
		}
	}
	ssize_t sent = send_piece(client, until, fd);
	if (sent > 0 && fd >= 0)
		client->files_sent++;
	return sent;
}

/* True: all is sent, or nobody listens any more. */
static bool flush(struct client *client)
{
	while (client->sent < client->reply.len) {
		ssize_t sent = send_next(client);
		if (sent < 0)
			return errno != EAGAIN && errno != EINTR;
		client->sent += (size_t)sent;
	}
	return !client->job;
}

static void send_reply(struct qw_control *control, struct client *client)
{
	if (flush(client)) {
		hang_up(client);
		return;
	}
	uint32_t events = client->sent < client->reply.len ? EPOLLOUT : EPOLLRDHUP;
	if (watch(control, client->fd, events, client, EPOLL_CTL_MOD) != QW_OK)
		hang_up(client);
}

static void read_request(struct qw_control *control, struct client *client)
{
	const char *newline = NULL;

	while (!newline) {
		ssize_t got = grow_line(client) ? receive(client) : 0;
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			hang_up(client);
			return;
		}
		newline = memchr(client->line + client->len, '\n', (size_t)got);
		client->len += (size_t)got;
	}
	answer(control, client, (size_t)(newline - client->line));
	send_reply(control, client);
}

void qw_control_serve(struct qw_control *control)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(control->epoll, events, EVENTS, 0);

	for (int i = 0; i < count; i++) {
		struct client *client = events[i].data.ptr;
		if (!client)
			greet(control);
		else if (client->fd < 0)
			continue; /* hung up by an earlier event of this round */
		else if (client->answering && (events[i].events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)))
			hang_up(client);
		else if (client->answering)
			send_reply(control, client);
		else
			read_request(control, client);
	}
}

bool qw_control_work(struct qw_control *control)
{
	bool busy = false;

	for (size_t i = 0; i < QW_CONTROL_CLIENTS; i++) {
		struct client *client = &control->client[i];
		enum qw_exit status = QW_EXIT_OK;
		if (!client->job)
			continue;
		busy |= !client->job->waits;
		if (!client->job->step(client->job, &client->reply, &status))
			continue;
		client->job->free(client->job);
		client->job = NULL;
		qw_reply_status(&client->reply, status);
		send_reply(control, client);
	}
	return busy;
}

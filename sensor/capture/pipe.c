/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipe - a pcap stream from a FIFO or standard input as a source of frames.
 *
 * What another program captures (tcpdump -w -) or replays, as it comes.  The
 * bytes stand in one buffer; what has been read is moved out of the way when
 * the frames are released.  A FIFO without a writer is waited for; the stream
 * ends when the last writer closes it.
 */
#include "sensor/capture/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "quaywatch/time.h"
#include "sensor/capture/filter.h"
#include "sensor/capture/reader.h"

enum { BUFFER_BYTES = 4 << 20 };

struct qw_source {
	const char *name;
	int fd;
	bool opened_fd;  /* ours to close */
	bool begun;      /* bytes came; without a writer from then on it is the end */
	bool started;    /* the header is read */
	bool ended, told;
	struct qw_filter *filter;
	struct qw_diags *diags;
	struct qw_reader reader;
	size_t from, filled; /* unread bytes in the buffer */
	struct qw_source_counters counters;
	uint8_t buffer[BUFFER_BYTES];
};

static void pipe_close(struct qw_source *source)
{
	if (!source)
		return;
	if (source->started)
		qw_reader_fini(&source->reader);
	if (source->opened_fd && source->fd >= 0)
		close(source->fd);
	qw_filter_free(source->filter);
	free(source);
}

static enum qw_err open_fd(struct qw_source *source, const char *path)
{
	if (strcmp(path, "-") == 0) {
		source->name = "stdin";
		source->fd = STDIN_FILENO;
		int flags = fcntl(source->fd, F_GETFL);
		return flags < 0 || fcntl(source->fd, F_SETFL, flags | O_NONBLOCK) < 0 ? qw_err_from_errno(errno) : QW_OK;
	}
	source->name = path;
	source->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	source->opened_fd = true;
	return source->fd < 0 ? qw_err_from_errno(errno) : QW_OK;
}

static enum qw_err pipe_open(struct qw_source **out, const struct qw_source_spec *spec)
{
	struct qw_source *source = calloc(1, sizeof(*source));

	if (!source)
		return QW_ENOMEM;
	source->fd = -1;
	source->diags = spec->diags;
	enum qw_err err = spec->path_count == 1 ? open_fd(source, spec->paths[0]) : QW_EINVAL;
	if (err != QW_OK)
		qw_complain(spec->diags, QW_DIAG_ERROR, spec->path_count ? spec->paths[0] : "", 0, 0, "cannot be read: %s",
			    err == QW_EINVAL ? "a stream is read alone" : strerror(errno));
	if (err == QW_OK && spec->filter && spec->filter[0])
		err = qw_filter_new(&source->filter, spec->filter, spec->diags);
	if (err != QW_OK) {
		pipe_close(source);
		return err;
	}
	*out = source;
	return QW_OK;
}

/* Brings in what is there. */
static enum qw_err fill(struct qw_source *source, struct qw_wait wait)
{
	struct pollfd fds[] = {{source->fd, POLLIN, 0}, {wait.wake, POLLIN, 0}};
	int ready = poll(fds, 2, wait.ms);

	if (ready <= 0 || !fds[0].revents)
		return ready < 0 && errno != EINTR ? qw_err_from_errno(errno) : QW_OK;
	ssize_t got = read(source->fd, source->buffer + source->filled, BUFFER_BYTES - source->filled);
	if (got > 0) {
		source->filled += (size_t)got;
		source->begun = true;
	} else if (got == 0) {
		source->ended = source->begun || !source->opened_fd;
		if (!source->ended) /* no writer yet: poll would return at once for ever */
			poll(&fds[1], 1, wait.ms);
	} else if (errno != EAGAIN && errno != EINTR) {
		return qw_err_from_errno(errno);
	}
	return QW_OK;
}

static enum qw_err start(struct qw_source *source)
{
	if (source->filled < QW_CAPTURE_HEADER_MAX && !source->ended)
		return QW_EAGAIN;
	const struct qw_capture_format *format = qw_reader_recognise(qw_bytes(source->buffer, source->filled));
	if (format != &qw_capture_pcap) {
		qw_complain(source->diags, QW_DIAG_ERROR, source->name, 0, 0, "this stream does not begin as a pcap capture");
		return QW_EFORMAT;
	}
	enum qw_err err = qw_reader_init(&source->reader, source->buffer, source->filled);
	if (err != QW_OK)
		return err;
	source->started = true;
	source->from = source->filled - source->reader.left.left;
	return QW_OK;
}

/* At the end, what is left over is damage; before, it is the part of a record whose rest is on its way. */
static enum qw_err at_end(struct qw_source *source)
{
	if (source->reader.left.left && !source->told) {
		source->told = true;
		source->counters.damaged++;
		qw_complain(source->diags, QW_DIAG_WARNING, source->name, 0, 0, "the stream ended inside a frame; read up to there");
	}
	return QW_ENOENT;
}

static size_t pass_filter(struct qw_source *source, struct qw_frame *frames, size_t count)
{
	source->counters.received += count;
	if (!source->filter)
		return count;
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (qw_filter_passes(source->filter, &frames[i]))
			frames[kept++] = frames[i];
	source->counters.filtered += count - kept;
	return kept;
}

static enum qw_err pipe_receive(struct qw_source *source, struct qw_frame *frames, size_t max, struct qw_wait wait,
				size_t *count)
{
	*count = 0;
	if (!source->ended && source->filled < BUFFER_BYTES) {
		enum qw_err err = fill(source, wait);
		if (err != QW_OK)
			return err;
	}
	if (!source->started) {
		enum qw_err err = source->ended && source->filled == 0 ? QW_ENOENT : start(source);
		if (err != QW_OK)
			return err == QW_EAGAIN ? QW_OK : err;
	}
	source->reader.left = qw_bytes(source->buffer + source->from, source->filled - source->from);
	size_t got = qw_reader_read(&source->reader, frames, max);
	source->from = source->filled - source->reader.left.left;
	if (got == 0 && source->ended)
		return at_end(source);
	if (source->reader.left.left >= QW_CAPTURE_FRAME_MAX + 64 && got == 0) {
		qw_complain(source->diags, QW_DIAG_ERROR, source->name, 0, 0, "%s", source->reader.damage);
		source->counters.damaged++;
		return QW_ENOENT;
	}
	source->reader.damage = NULL;
	*count = pass_filter(source, frames, got);
	return QW_OK;
}

static void pipe_release(struct qw_source *source)
{
	if (source->from < BUFFER_BYTES / 2 && source->from != source->filled)
		return; /* moving is for when it frees much, or is free */
	memmove(source->buffer, source->buffer + source->from, source->filled - source->from);
	source->filled -= source->from;
	source->from = 0;
}

static const char *pipe_interface(const struct qw_source *source, uint16_t number)
{
	(void)number;
	return source->name;
}

static void pipe_counters(const struct qw_source *source, struct qw_source_counters *out)
{
	*out = source->counters;
}

const struct qw_source_ops qw_source_pipe = {
	.name = "pipe",
	.open = pipe_open,
	.receive = pipe_receive,
	.release = pipe_release,
	.interface = pipe_interface,
	.counters = pipe_counters,
	.close = pipe_close,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quaywatch/text.h"
#include "quaywatch/time.h"

enum { LINE_MAX_BYTES = 2048 };

/* The log sink.  Written by qw_log_setup before there are other threads, then only read. */
static struct {
	char who[32];
	enum qw_log_level least;
	bool journal; /* standard error is systemd's journal */
} sink = {.least = QW_LOG_INFO};

/* systemd names the device and inode of its stream, so that a redirected one is told apart. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat status;
	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &status) == 0 &&
	       status.st_dev == device && status.st_ino == inode;
}

void qw_log_setup(const char *who, enum qw_log_level least)
{
	snprintf(sink.who, sizeof(sink.who), "%s", who ? who : "");
	sink.least = least;
	sink.journal = stderr_is_journal();
}

static void put_head(struct qw_text *line, enum qw_log_level level, const char *id)
{
	static const struct {
		const char *name;
		const char *prefix; /* syslog's severity */
	} levels[] = {
		[QW_LOG_ERROR] = {"error", "<3>"},
		[QW_LOG_WARNING] = {"warning", "<4>"},
		[QW_LOG_INFO] = {"info", "<6>"},
		[QW_LOG_DEBUG] = {"debug", "<7>"},
	};
	char now[QW_TIME_EVE_LEN + 1];

	if (sink.journal) {
		qw_text_format(line, "%s%s ", levels[level].prefix, id);
	} else {
		qw_time_eve(qw_time_wall(), now);
		qw_text_format(line, "%s %s %s ", now, levels[level].name, id);
	}
	if (sink.who[0])
		qw_text_format(line, "%s: ", sink.who);
}

/* Names from the network end up in log lines: none may begin a line or drive a terminal. */
static void disarm(struct qw_text *line)
{
	for (size_t i = 0; i < line->len; i++) {
		uint8_t c = (uint8_t)line->at[i];
		if (c < 0x20 || c == 0x7f)
			line->at[i] = '?';
	}
}

void qw_log(enum qw_log_level level, const char *id, const char *format, ...)
{
	int number = errno;
	char memory[LINE_MAX_BYTES];
	struct qw_text line;
	va_list args;

	if (level > sink.least)
		return;
	qw_text_init(&line, memory, sizeof(memory) - 1);
	put_head(&line, level, id);
	errno = number; /* for %m */
	va_start(args, format);
	qw_text_vformat(&line, format, args);
	va_end(args);
	disarm(&line);
	memory[line.len] = '\n';
	/* Nobody is left to tell if this fails. */
	ssize_t written = write(STDERR_FILENO, memory, line.len + 1);
	(void)written;
	errno = number;
}

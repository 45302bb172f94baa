/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/clock_file.h"

#include <limits.h>
#include <stdio.h>

#include "quaywatch/log.h"

enum { BEHIND_TOLD_S = 2, KEEP_S = 60 };

static const char *path_of(const char *folder, char *out, size_t size)
{
	snprintf(out, size, "%s/clock", folder);
	return out;
}

void qw_clock_file_open(struct qw_clock_file *file, struct qw_clock *clock, const char *folder)
{
	char path[PATH_MAX];

	*file = (struct qw_clock_file){.clock = clock, .folder = folder};
	if (*folder == '\0')
		return;
	enum qw_err err = qw_clock_load(clock, path_of(folder, path, sizeof(path)));
	int64_t behind = qw_clock_now(clock).ns - qw_time_wall().ns;
	if (err != QW_OK && err != QW_ENOENT)
		qw_log(QW_LOG_WARNING, "CLOCK-FILE", "%s: %s; indicators end by the system's clock", path, qw_strerror(err));
	if (behind > BEHIND_TOLD_S * QW_NS_PER_S)
		qw_log(QW_LOG_WARNING, "CLOCK-BACK",
		       "the system's clock is %lld s behind what it was; indicators end by the later time; set the clock",
		       (long long)(behind / QW_NS_PER_S));
}

static void keep(struct qw_clock_file *file)
{
	char path[PATH_MAX];
	enum qw_err err = qw_clock_save(file->clock, path_of(file->folder, path, sizeof(path)));

	file->kept = qw_time_monotonic();
	if (err != QW_OK && !file->told)
		qw_log(QW_LOG_WARNING, "CLOCK-FILE",
		       "%s cannot be written: %s; after a restart indicators end by the system's clock", path,
		       qw_strerror(err));
	file->told = err != QW_OK;
}

void qw_clock_file_turn(struct qw_clock_file *file)
{
	qw_clock_follow(file->clock);
	if (*file->folder == '\0')
		return;
	if (file->kept.ns == 0 || qw_time_monotonic().ns - file->kept.ns >= KEEP_S * QW_NS_PER_S)
		keep(file);
}

void qw_clock_file_close(struct qw_clock_file *file)
{
	if (file->clock && *file->folder)
		keep(file);
	file->clock = NULL;
}

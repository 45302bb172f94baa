/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quaywatch/file.h"

/* Not blocking: a pipe without a writer would hold the builder up for ever. */
enum { OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };

/* One step down, or to the file; -1 and errno.  Links are not followed. */
static int step(int folder, struct qw_word name, bool last)
{
	char text[NAME_MAX + 1];
	if (name.len > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(text, name.at, name.len);
	text[name.len] = '\0';
	return openat(folder, text, OPEN_FLAGS | O_NOFOLLOW | (last ? 0 : O_DIRECTORY));
}

/* Below the folder, component by component: what the path means cannot change between check and use. */
static int open_below(const char *folder, struct qw_word path)
{
	struct qw_word name;
	int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	while (at >= 0 && qw_word_cut(&path, '/', &name)) {
		if (name.len == 0 || (name.len == 1 && name.at[0] == '.'))
			continue;
		int next = step(at, name, !path.at);
		int number = errno;
		close(at);
		errno = number;
		at = next;
	}
	return at;
}

/* Any part that is ".."? */
static bool climbs(struct qw_word path)
{
	struct qw_word name;
	while (qw_word_cut(&path, '/', &name))
		if (name.len == 2 && memcmp(name.at, "..", 2) == 0)
			return true;
	return false;
}

/* folder/name, or name alone; false: longer than any path can be. */
static bool join(char out[PATH_MAX], struct qw_word folder, struct qw_word name)
{
	int len = folder.len ? snprintf(out, PATH_MAX, "%.*s/%.*s", (int)folder.len, folder.at, (int)name.len, name.at)
			     : snprintf(out, PATH_MAX, "%.*s", (int)name.len, name.at);
	return len > 0 && len < PATH_MAX;
}

static struct qw_word folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return (struct qw_word){path, !slash ? 0 : slash == path ? 1 : (size_t)(slash - path)};
}

static int open_local(const struct qw_parse *parse, struct qw_word name)
{
	char path[PATH_MAX];
	bool absolute = name.at[0] == '/';
	const char *folder = parse->options->folder;
	if (!join(path, absolute ? (struct qw_word){NULL, 0} : folder_of(parse->path), name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int fd = open(path, OPEN_FLAGS);
	if (fd >= 0 || errno != ENOENT || absolute || !folder)
		return fd;
	if (!join(path, (struct qw_word){folder, strlen(folder)}, name))
		return -1;
	return open(path, OPEN_FLAGS);
}

static enum qw_err open_file(struct qw_parse *parse, struct qw_word name, int *fd)
{
	const char *folder = parse->options->folder;
	if (!parse->distributed) {
		*fd = open_local(parse, name);
		return QW_OK;
	}
	if (!folder)
		return qw_refuse(parse, name.at, "a rule that was sent here may name no file: there is no folder for such files");
	if (name.at[0] == '/' || climbs(name))
		return qw_refuse(parse, name.at, "'%.*s' leads out of the folder %s, and the rule was sent here: its files lie there",
				 (int)name.len, name.at, folder);
	*fd = open_below(folder, name);
	return QW_OK;
}

/* Complains, with errno's reason or that the thing is no file. */
static enum qw_err refuse(struct qw_parse *parse, struct qw_word name, const char *why)
{
	if (parse->distributed)
		return qw_refuse(parse, name.at, "the file '%.*s' cannot be read below %s: %s", (int)name.len, name.at,
				 parse->options->folder, why);
	return qw_refuse(parse, name.at, "the file '%.*s' cannot be read: %s; it is looked for beside the rule file",
			 (int)name.len, name.at, why);
}

static enum qw_err read_open(struct qw_parse *parse, struct qw_word name, int fd, char **text, size_t *len)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return refuse(parse, name, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return refuse(parse, name, "it is not a regular file");
	/* Asked before it is read: a large file costs nothing. */
	enum qw_err err = status.st_size > QW_RULE_FILE_MAX ? QW_ELIMIT : qw_file_read_open(fd, QW_RULE_FILE_MAX, text, len);
	if (err == QW_ELIMIT)
		return qw_refuse(parse, name.at, "the file '%.*s' is larger than %d MB", (int)name.len, name.at,
				 QW_RULE_FILE_MAX >> 20);
	return err && err != QW_ENOMEM ? refuse(parse, name, strerror(errno)) : err;
}

static enum qw_err read_file(struct qw_parse *parse, struct qw_word name, bool needed, char **text, size_t *len)
{
	int fd = -1;
	name = qw_word_trim(name);
	if (name.len == 0)
		return qw_refuse(parse, parse->keyword.at, "a file's name is missing");
	if (memchr(name.at, '\0', name.len))
		return qw_refuse(parse, name.at, "a file's name cannot hold a zero byte");
	enum qw_err err = open_file(parse, name, &fd);
	if (err)
		return err;
	if (fd < 0 && errno == ENOENT && !needed)
		return QW_ENOENT;
	if (fd < 0)
		return refuse(parse, name, strerror(errno));
	err = read_open(parse, name, fd, text, len);
	close(fd);
	return err;
}

enum qw_err qw_rule_file(struct qw_parse *parse, struct qw_word name, char **text, size_t *len)
{
	return read_file(parse, name, true, text, len);
}

enum qw_err qw_rule_file_if_any(struct qw_parse *parse, struct qw_word name, char **text, size_t *len)
{
	return read_file(parse, name, false, text, len);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* files - commands that read or write a file: opened here, with the operator's rights, and handed over; or what came, printed. */
#include "collector/ctl/local.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "quaywatch/request.h"
#include "quaywatch/version.h"

/* The first word that is no option and no option's value. */
static const char *file_of(const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i += 2)
		if (strncmp(words[i], "--", 2) != 0)
			return words[i];
	return NULL;
}

static enum qw_exit hand_over(const struct qw_client *client, const char *first, const char *second,
			      const char *const *words, size_t count)
{
	const char *request[QW_REQUEST_WORDS] = {first, second}, *path = file_of(words, count);

	if (!path || count > QW_REQUEST_WORDS - 2) {
		fprintf(stderr, "usage: quaywatchctl %s %s FILE …; see quaywatchctl --help\n", first, second);
		return QW_EXIT_USAGE;
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return errno == EACCES ? QW_EXIT_PERMISSION : QW_EXIT_NOINPUT;
	}
	memcpy(request + 2, words, count * sizeof(*words));
	enum qw_exit status = qw_client_ask(client, request, count + 2, fd, NULL);
	close(fd);
	return status;
}

enum qw_exit qw_ctl_import(const struct qw_client *client, const char *const *words, size_t count)
{
	return hand_over(client, "indicators", "import", words, count);
}

/* What the collector put together goes to standard output as it is. */
static void copy_out(void *ctx, const char *name, int fd)
{
	enum qw_exit *status = ctx;
	char data[65536];
	ssize_t got;
	off_t at = 0;

	(void)name;
	while ((got = pread(fd, data, sizeof(data), at)) > 0 && fwrite(data, 1, (size_t)got, stdout) == (size_t)got)
		at += got;
	if (got == 0 && fflush(stdout) == 0)
		*status = QW_EXIT_OK;
	close(fd);
}

/* The file that comes back goes to standard output. */
static enum qw_exit take_file(const struct qw_client *client, const char *first, const char *second,
			      const char *const *words, size_t count)
{
	const char *request[QW_REQUEST_WORDS] = {first, second};
	size_t own = second ? 2 : 1;
	enum qw_exit copied = QW_EXIT_IO;
	const struct qw_answer answer = {.file = copy_out, .ctx = &copied};

	if (count > QW_REQUEST_WORDS - own) {
		fprintf(stderr, "too many words; see quaywatchctl export --help\n");
		return QW_EXIT_USAGE;
	}
	if (count > 0)
		memcpy(request + own, words, count * sizeof(*words));
	enum qw_exit status = qw_client_ask(client, request, count + own, -1, &answer);
	if (status == QW_EXIT_OK && copied != QW_EXIT_OK)
		fprintf(stderr, "standard output cannot be written: the list is not whole\n");
	return status == QW_EXIT_OK ? copied : status;
}

enum qw_exit qw_ctl_export(const struct qw_client *client, const char *const *words, size_t count)
{
	return take_file(client, "export", NULL, words, count);
}

enum qw_exit qw_ctl_indicators_export(const struct qw_client *client, const char *const *words, size_t count)
{
	return take_file(client, "indicators", "export", words, count);
}

enum qw_exit qw_ctl_publish(const struct qw_client *client, const char *const *words, size_t count)
{
	return hand_over(client, "rules", "publish", words, count);
}

enum qw_exit qw_ctl_version(const struct qw_client *client, const char *const *words, size_t count)
{
	(void)words;
	(void)count;
	puts(client->json ? "{\"version\":\"" QW_VERSION "\"}" : "quaywatchctl " QW_VERSION);
	return QW_EXIT_OK;
}

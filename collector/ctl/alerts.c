/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alerts - the alert log, read here: the collector hands over its open files
 * and goes on with its work.
 */
#include "collector/ctl/local.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "quaywatch/time.h"

enum { FILES_MAX = 256, CHUNK = 256 * 1024, FOLLOW_MS = 25, ROUNDS_PER_CHECK = 40, LIMIT_MAX = 1000000 };

struct wish {
	const char *tenant, *since;
	struct qw_time since_time;
	size_t limit; /* 0: all */
	bool follow, json;
};

/* One file as it is read; what follows the last newline waits for the rest of its line. */
struct reader {
	int fd;
	off_t at;
	char *data;
	size_t len, room;
};

/* The last `limit` lines, where a limit is asked for. */
struct tail {
	char **line;
	size_t limit, count; /* count of all that came */
};

struct files {
	int fd[FILES_MAX];
	size_t count;
};

static void see_file(void *ctx, const char *name, int fd)
{
	struct files *files = ctx;

	(void)name;
	if (files->count < FILES_MAX)
		files->fd[files->count++] = fd;
	else
		close(fd);
}

static enum qw_exit ask_files(const struct qw_client *client, const char *since, struct files *out)
{
	const char *const request[] = {"alerts", since};
	struct qw_answer answer = {.file = see_file, .ctx = out};

	out->count = 0;
	return qw_client_ask(client, request, 2, -1, &answer);
}

/* ---- one line */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* An address and a port; where there is no IP, the station. */
static void print_end(const json_t *root, const char *address, const char *port, const char *station)
{
	if (json_object_get(root, address))
		printf("%s:%lld", text_of(root, address), json_integer_value(json_object_get(root, port)));
	else
		printf("%s", text_of(json_object_get(root, "ether"), station));
}

static void print_text(const json_t *root)
{
	const json_t *alert = json_object_get(root, "alert"), *ours = json_object_get(root, "quaywatch");
	json_int_t count = json_integer_value(json_object_get(ours, "count"));

	printf("%.19s %s/%s [%lld:%lld] %s  ", text_of(root, "timestamp"), text_of(ours, "tenant"),
	       text_of(ours, "sensor"), json_integer_value(json_object_get(alert, "gid")),
	       json_integer_value(json_object_get(alert, "signature_id")),
	       alert ? text_of(alert, "signature") : text_of(root, "event_type"));
	print_end(root, "src_ip", "src_port", "src_mac");
	printf(" -> ");
	print_end(root, "dest_ip", "dest_port", "dest_mac");
	printf(" %s", text_of(root, json_object_get(root, "proto") ? "proto" : "app_proto"));
	if (count > 1)
		printf(" (%lld times)", count);
	putchar('\n');
	if (*text_of(ours, "text"))
		printf("    %s\n", text_of(ours, "text"));
}

static void print_line(const struct wish *wish, const char *line, size_t len)
{
	if (wish->json) {
		printf("%.*s\n", (int)len, line);
		return;
	}
	json_t *root = json_loadb(line, len, 0, NULL);
	if (root)
		print_text(root);
	json_decref(root);
}

static bool is_of_tenant(const char *line, size_t len, const char *tenant)
{
	char word[128];
	int word_len = snprintf(word, sizeof(word), ",\"tenant\":\"%s\",\"sensor\":", tenant);

	return word_len > 0 && (size_t)word_len < sizeof(word) && memmem(line, len, word, (size_t)word_len) != NULL;
}

/* The record's own time: the first "timestamp", which EVE puts first. */
static bool is_since(const char *line, size_t len, struct qw_time since)
{
	static const char word[] = "\"timestamp\":\"";
	const char *at = memmem(line, len, word, sizeof(word) - 1);
	struct qw_time time;

	if (!at)
		return true;
	at += sizeof(word) - 1;
	const char *end = memchr(at, '"', len - (size_t)(at - line));
	return !end || !qw_time_parse(at, (size_t)(end - at), &time) || time.ns >= since.ns;
}

static void take_line(const struct wish *wish, struct tail *tail, const char *line, size_t len)
{
	if (wish->tenant && !is_of_tenant(line, len, wish->tenant))
		return;
	if (wish->since && !is_since(line, len, wish->since_time))
		return;
	if (tail->limit == 0) {
		print_line(wish, line, len);
		return;
	}
	char **place = &tail->line[tail->count++ % tail->limit];
	free(*place);
	*place = strndup(line, len);
}

static void flush_tail(const struct wish *wish, struct tail *tail)
{
	size_t first = tail->count > tail->limit ? tail->count - tail->limit : 0;

	for (size_t i = first; i < tail->count; i++) {
		const char *line = tail->line[i % tail->limit];
		if (line)
			print_line(wish, line, strlen(line));
	}
	for (size_t i = 0; i < tail->limit; i++)
		free(tail->line[i]);
	free(tail->line);
	*tail = (struct tail){0};
	fflush(stdout);
}

/* ---- one file */

/* All whole lines from where the last call ended.  False: out of memory, or the file cannot be read. */
static bool read_on(struct reader *reader, const struct wish *wish, struct tail *tail)
{
	for (;;) {
		if (reader->room - reader->len < CHUNK) {
			char *grown = realloc(reader->data, reader->room + 2 * CHUNK);
			if (!grown)
				return false;
			reader->data = grown;
			reader->room += 2 * CHUNK;
		}
		ssize_t got = pread(reader->fd, reader->data + reader->len, CHUNK, reader->at);
		if (got <= 0)
			return got == 0;
		reader->at += got;
		reader->len += (size_t)got;
		char *at = reader->data, *end = at + reader->len, *newline;
		for (; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1)
			take_line(wish, tail, at, (size_t)(newline - at));
		reader->len = (size_t)(end - at);
		memmove(reader->data, at, reader->len);
	}
}

static bool same_file(int a, int b)
{
	struct stat first, second;

	return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_ino == second.st_ino &&
	       first.st_dev == second.st_dev;
}

/* The log may have been closed and begun anew meanwhile. */
static enum qw_exit change_file(const struct qw_client *client, const struct wish *wish, struct reader *reader,
				struct tail *tail)
{
	struct files files;
	enum qw_exit status = ask_files(client, "now", &files);

	if (status != QW_EXIT_OK || files.count == 0)
		return status;
	int fresh = files.fd[files.count - 1];
	if (same_file(fresh, reader->fd)) {
		close(fresh);
		return QW_EXIT_OK;
	}
	if (!read_on(reader, wish, tail)) { /* what came before it was closed */
		close(fresh);
		return QW_EXIT_IO;
	}
	close(reader->fd);
	reader->fd = fresh;
	reader->at = 0;
	reader->len = 0;
	return QW_EXIT_OK;
}

static enum qw_exit follow(const struct qw_client *client, const struct wish *wish, struct reader *reader)
{
	const struct timespec pause = {0, FOLLOW_MS * QW_NS_PER_MS};
	struct tail none = {0};

	for (unsigned round = 1;; round++) {
		if (!read_on(reader, wish, &none))
			return QW_EXIT_IO;
		if (fflush(stdout) != 0)
			return QW_EXIT_OK; /* nobody reads us any more */
		nanosleep(&pause, NULL);
		if (round % ROUNDS_PER_CHECK != 0)
			continue;
		enum qw_exit status = change_file(client, wish, reader, &none);
		if (status != QW_EXIT_OK)
			return status;
	}
}

static enum qw_exit read_all(const struct qw_client *client, const struct wish *wish, const struct files *files)
{
	struct tail tail = {.limit = wish->limit};
	struct reader reader = {.fd = -1};
	enum qw_exit status = QW_EXIT_OK;

	tail.line = wish->limit ? calloc(wish->limit, sizeof(char *)) : NULL;
	if (wish->limit && !tail.line)
		return QW_EXIT_INTERNAL;
	for (size_t i = 0; i < files->count; i++) {
		if (reader.fd >= 0)
			close(reader.fd);
		reader.fd = files->fd[i];
		reader.at = 0;
		reader.len = 0;
		if (!read_on(&reader, wish, &tail))
			status = QW_EXIT_IO;
	}
	flush_tail(wish, &tail);
	if (status == QW_EXIT_OK && wish->follow && reader.fd >= 0)
		status = follow(client, wish, &reader);
	if (reader.fd >= 0)
		close(reader.fd);
	free(reader.data);
	return status;
}

static bool read_wish(struct wish *out, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *value = i + 1 < count ? words[i + 1] : NULL;
		if (strcmp(words[i], "--follow") == 0 || strcmp(words[i], "-f") == 0) {
			out->follow = true;
			continue;
		}
		if (!value)
			return false;
		char *end;
		if (strcmp(words[i], "--tenant") == 0) {
			out->tenant = value;
		} else if (strcmp(words[i], "--since") == 0 && qw_time_parse(value, strlen(value), &out->since_time)) {
			out->since = value;
		} else if (strcmp(words[i], "--limit") == 0) {
			out->limit = strtoul(value, &end, 10);
			if (*end || out->limit == 0 || out->limit > LIMIT_MAX)
				return false;
		} else {
			return false;
		}
		i++;
	}
	return true;
}

enum qw_exit qw_ctl_alerts(const struct qw_client *client, const char *const *words, size_t count)
{
	struct wish wish = {.json = client->json};
	struct files files;

	if (!read_wish(&wish, words, count)) {
		fprintf(stderr,
			"usage: quaywatchctl alerts [--follow] [--tenant T] [--since 2026-11-22T14:00:00Z] [--limit "
			"1..%d]\n",
			LIMIT_MAX);
		return QW_EXIT_USAGE;
	}
	/* Following alone begins now, like tail -f: with the last ten. */
	if (wish.follow && !wish.since && wish.limit == 0)
		wish.limit = 10;
	enum qw_exit status = ask_files(client, wish.since ? wish.since : wish.follow ? "now" : "0", &files);
	return status == QW_EXIT_OK ? read_all(client, &wish, &files) : status;
}

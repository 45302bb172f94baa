/* SPDX-License-Identifier: Apache-2.0 */
/* publish - signatures of a file into a channel, one delta a step. */
#include "collector/commands_of.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/rulefile.h"

enum { FILE_MAX = 256 << 20, COMPLAINTS_SHOWN = 20 };

struct publish {
	struct qw_job job;
	struct qw_collector *collector;
	char channel[QW_CHANNEL_NAME_MAX + 1], file[256];
	bool json;
	char *data;
	struct qw_bytes left;
	uint32_t line;
	uint64_t published, rejected;
};

static void reject(struct publish *publish, struct qw_reply *reply, uint32_t line)
{
	if (publish->rejected++ < COMPLAINTS_SHOWN)
		qw_reply_error(reply, QW_EXIT_DATA, "%s:%u:1: no rule with a sid; left out", publish->file, line);
}

struct bundle {
	struct qw_entry entry[QW_PUBLICATION_ENTRIES];
	uint8_t *body[QW_PUBLICATION_ENTRIES];
	size_t count, bytes;
};

/* Fills the bundle with the next rules. */
static enum qw_err gather(struct publish *publish, struct bundle *bundle, struct qw_reply *reply)
{
	struct qw_rule_text rule;

	while (bundle->count < QW_PUBLICATION_ENTRIES && bundle->bytes < QW_PUBLICATION_BYTES) {
		enum qw_err err = qw_rulefile_next(&publish->left, &publish->line, &rule);
		if (err == QW_ENOENT)
			return QW_OK;
		if (err == QW_ENOMEM)
			return err;
		if (err == QW_OK) {
			size_t at = bundle->count;
			err =
			    qw_entry_of_signature(&bundle->entry[at], &bundle->body[at], rule.text, rule.gid, rule.sid);
			free(rule.text);
		}
		if (err != QW_OK) {
			reject(publish, reply, rule.line);
			continue;
		}
		bundle->bytes += bundle->entry[bundle->count++].body_len;
	}
	return QW_OK;
}

static enum qw_err publish_some(struct publish *publish, struct qw_reply *reply)
{
	struct bundle *bundle = calloc(1, sizeof(*bundle));

	if (!bundle)
		return QW_ENOMEM;
	enum qw_err err = gather(publish, bundle, reply);
	if (err == QW_OK && bundle->count > 0)
		err = qw_store_commit(publish->collector->store);
	if (err == QW_OK && bundle->count > 0)
		err = qw_publish_entries(&publish->collector->publication, publish->channel, bundle->entry,
					 bundle->count, qw_time_wall());
	if (err == QW_OK)
		publish->published += bundle->count;
	for (size_t i = 0; i < bundle->count; i++)
		free(bundle->body[i]);
	free(bundle);
	return err;
}

static void tell_end(const struct publish *publish, struct qw_reply *reply)
{
	if (publish->json) {
		struct qw_json json = qw_reply_begin(reply);
		qw_json_text(&json, "file", publish->file);
		qw_json_text(&json, "channel", publish->channel);
		qw_json_u64(&json, "published", publish->published);
		qw_json_u64(&json, "rejected", publish->rejected);
		qw_reply_end(reply, &json);
	} else {
		qw_reply_line(reply, "%s: %llu signatures into %s, %llu lines left out", publish->file,
			      (unsigned long long)publish->published, publish->channel,
			      (unsigned long long)publish->rejected);
	}
}

static bool step(struct qw_job *job, struct qw_reply *reply, enum qw_exit *status)
{
	struct publish *publish = (struct publish *)job;

	if (publish->left.left > 0) {
		enum qw_err err = publish_some(publish, reply);
		if (err == QW_OK)
			return false;
		*status = qw_command_failed(publish->collector, reply, err, publish->file);
		return true;
	}
	tell_end(publish, reply);
	*status = publish->published > 0 ? QW_EXIT_OK : QW_EXIT_DATA;
	return true;
}

static void free_publish(struct qw_job *job)
{
	struct publish *publish = (struct publish *)job;

	free(publish->data);
	free(publish);
}

static enum qw_err read_file(int fd, char **out, size_t *len)
{
	struct stat info;

	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
		return QW_EINVAL;
	if (info.st_size > FILE_MAX)
		return QW_ELIMIT;
	char *data = malloc((size_t)info.st_size + 1);
	if (!data)
		return QW_ENOMEM;
	ssize_t got = pread(fd, data, (size_t)info.st_size, 0);
	if (got < 0) {
		free(data);
		return qw_err_from_errno(errno);
	}
	*out = data;
	*len = (size_t)got;
	return QW_OK;
}

QW_COMMAND(rules_publish)
{
	const char *tenant = NULL, *bad = NULL;
	const struct qw_option options[] = {{"--tenant", &tenant, NULL}};
	size_t rest, len = 0;

	if (qw_request_options(request, first, options, 1, &rest, &bad) != QW_OK || rest != 1 || request->fd < 0)
		return qw_command_usage(reply, request, first, bad);
	const char *channel = qw_command_channel(collector, tenant, reply);
	if (!channel)
		return QW_EXIT_DATA;
	struct publish *publish = calloc(1, sizeof(*publish));
	if (!publish)
		return QW_EXIT_INTERNAL;
	enum qw_err err = read_file(request->fd, &publish->data, &len);
	if (err != QW_OK) {
		free(publish);
		return qw_command_failed(collector, reply, err, request->word[first]);
	}
	publish->job = (struct qw_job){step, free_publish};
	publish->collector = collector;
	publish->json = request->json;
	publish->left = qw_bytes(publish->data, len);
	publish->line = 1;
	snprintf(publish->channel, sizeof(publish->channel), "%s", channel);
	snprintf(publish->file, sizeof(publish->file), "%s", request->word[first]);
	*job = &publish->job;
	return QW_EXIT_OK;
}

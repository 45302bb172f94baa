/* SPDX-License-Identifier: Apache-2.0 */
/* What people at the tenant ask of the payload that is kept there. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/file.h"
#include "sensor/export/vault_parts.h"

enum { LINE_BYTES = 16, PREFIX_MIN = 8 };

static void list(const struct qw_vault *vault, struct qw_reply *reply, bool as_json)
{
	for (size_t i = 0; i < vault->count; i++) {
		const struct qw_vault_file *file = qw_vault_at(vault, i);
		char name[QW_VAULT_NAME + 1], at[QW_TIME_EVE_LEN + 1];
		qw_vault_name(file, name);
		qw_time_eve(file->at, at);
		if (!as_json) {
			qw_reply_line(reply, "%s  %s  %5zu bytes", at, name, file->bytes);
			continue;
		}
		struct qw_json json = qw_reply_begin(reply);
		qw_json_text(&json, "time", at);
		qw_json_text(&json, "digest", name);
		qw_json_u64(&json, "bytes", file->bytes);
		qw_reply_end(reply, &json);
	}
}

/* As hexadecimal digits and, beside them, what can be read. */
static void put_lines(struct qw_reply *reply, const uint8_t *data, size_t len)
{
	for (size_t at = 0; at < len; at += LINE_BYTES) {
		char hex[3 * LINE_BYTES + 1] = "", plain[LINE_BYTES + 1] = "";
		size_t count = len - at < LINE_BYTES ? len - at : LINE_BYTES;
		for (size_t i = 0; i < count; i++) {
			snprintf(hex + 3 * i, 4, "%02x ", data[at + i]);
			plain[i] = isprint(data[at + i]) ? (char)data[at + i] : '.';
		}
		qw_reply_line(reply, "%04zx  %-*s %s", at, 3 * LINE_BYTES, hex, plain);
	}
}

static void put_json(struct qw_reply *reply, const char *name, const uint8_t *data, size_t len)
{
	char hex[2 * QW_VAULT_PAYLOAD_MAX + 1];
	struct qw_json json = qw_reply_begin(reply);

	hex[0] = '\0';
	for (size_t i = 0; i < len && i < QW_VAULT_PAYLOAD_MAX; i++)
		snprintf(hex + 2 * i, 3, "%02x", data[i]);
	qw_json_text(&json, "digest", name);
	qw_json_u64(&json, "bytes", len);
	qw_json_text(&json, "hex", hex);
	qw_reply_end(reply, &json);
}

static enum qw_exit show(const struct qw_vault *vault, const struct qw_vault_file *file, struct qw_reply *reply, bool as_json)
{
	char path[PATH_MAX], name[QW_VAULT_NAME + 1], *data;
	uint8_t digest[QW_SHA256_BYTES];
	size_t len;

	qw_vault_path(vault, file, path);
	qw_vault_name(file, name);
	enum qw_err err = qw_file_read(path, QW_VAULT_SALT + QW_VAULT_PAYLOAD_MAX, &data, &len);
	if (err != QW_OK)
		return qw_reply_error(reply, QW_EXIT_IO, "%s: %s", path, qw_strerror(err));
	qw_sha256(data, len, digest);
	bool good = len >= QW_VAULT_SALT && memcmp(digest, file->digest, sizeof(digest)) == 0;
	const uint8_t *payload = (const uint8_t *)data + QW_VAULT_SALT;
	if (good && as_json)
		put_json(reply, name, payload, len - QW_VAULT_SALT);
	else if (good)
		put_lines(reply, payload, len - QW_VAULT_SALT);
	free(data);
	if (good)
		return QW_EXIT_OK;
	return qw_reply_error(reply, QW_EXIT_DATA, "%s: its content is not what its name says: it was changed", path);
}

/* The one whose name begins so; NULL: none does, or more than one. */
static const struct qw_vault_file *find(const struct qw_vault *vault, const char *digest)
{
	const struct qw_vault_file *found = NULL;
	size_t len = strlen(digest);

	for (size_t i = 0; i < vault->count; i++) {
		char name[QW_VAULT_NAME + 1];
		qw_vault_name(qw_vault_at(vault, i), name);
		if (strncmp(name, digest, len) != 0)
			continue;
		if (found)
			return NULL;
		found = qw_vault_at(vault, i);
	}
	return found;
}

static enum qw_exit answer(void *state, struct qw_request *request, size_t first, struct qw_reply *reply)
{
	const struct qw_vault *vault = state;
	const char *digest = request->count > first ? request->word[first] : NULL;

	if (!vault)
		return qw_reply_error(reply, QW_EXIT_NOINPUT, "no payload is kept here: release.payload = \"on_request\" and alerts.payload keep it");
	if (!digest) {
		list(vault, reply, request->json);
		return QW_EXIT_OK;
	}
	if (strlen(digest) < PREFIX_MIN)
		return qw_reply_error(reply, QW_EXIT_USAGE, "%s: at least the first %d digits of the alert's payload_digest", digest, PREFIX_MIN);
	const struct qw_vault_file *file = find(vault, digest);
	if (!file)
		return qw_reply_error(reply, QW_EXIT_NOINPUT, "%s: no payload, or more than one, is kept under this digest; \"payload\" lists them",
				      digest);
	return show(vault, file, reply, request->json);
}

static const struct qw_command_row rows[] = {
	{.words = "payload", .arguments = "[DIGEST]", .help = "payload of alerts that left without it; DIGEST: the alert's payload_digest",
	 .run = answer},
};

struct qw_command_part qw_vault_commands(const struct qw_vault *vault)
{
	return (struct qw_command_part){rows, sizeof(rows) / sizeof(rows[0]), (void *)(uintptr_t)vault};
}

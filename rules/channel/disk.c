/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/channel/disk.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "quaywatch/file.h"
#include "rules/channel/state.h"

enum { VERSION = 1, BUFFER_BYTES = 64 * 1024, FILE_MODE = 0600 };

static const uint8_t MAGIC[8] = {'Q', 'W', 'C', 'H', 'A', 'N', '\r', '\n'};
static const unsigned char FOR_FILE[crypto_generichash_blake2b_PERSONALBYTES + 1] = "quaywatch file 1";

/* Buffers, hashes and writes. */
struct writer {
	int fd;
	crypto_generichash_blake2b_state state;
	size_t used;
	uint8_t buffer[BUFFER_BYTES];
};

static void start_checksum(crypto_generichash_blake2b_state *state)
{
	crypto_generichash_blake2b_init_salt_personal(state, NULL, 0, QW_DIGEST_BYTES, NULL, FOR_FILE);
}

static enum qw_err flush(struct writer *writer)
{
	enum qw_err err = qw_write_all(writer->fd, writer->buffer, writer->used);
	writer->used = 0;
	return err;
}

static enum qw_err put(struct writer *writer, const void *data, size_t len)
{
	crypto_generichash_blake2b_update(&writer->state, data, len);
	for (const uint8_t *at = data; len;) {
		size_t fits = sizeof(writer->buffer) - writer->used;
		fits = fits < len ? fits : len;
		memcpy(writer->buffer + writer->used, at, fits);
		writer->used += fits;
		at += fits;
		len -= fits;
		if (writer->used < sizeof(writer->buffer))
			continue;
		enum qw_err err = flush(writer);
		if (err)
			return err;
	}
	return QW_OK;
}

static void le32(uint8_t *out, uint32_t value)
{
	for (int at = 0; at < 4; at++)
		out[at] = (uint8_t)(value >> 8 * at);
}

static void le64(uint8_t *out, uint64_t value)
{
	le32(out, (uint32_t)value);
	le32(out + 4, (uint32_t)(value >> 32));
}

static enum qw_err put_entry(void *ctx, const struct qw_entry *entry)
{
	uint8_t len[4];
	le32(len, (uint32_t)entry->body_len);
	enum qw_err err = put(ctx, len, sizeof(len));
	return err ? err : put(ctx, entry->body, entry->body_len);
}

static enum qw_err put_head(struct writer *writer, const struct qw_channel *channel)
{
	uint8_t head[sizeof(MAGIC) + 8 + QW_CHANNEL_NAME_MAX + 24 + QW_DIGEST_BYTES];
	size_t name_len = strlen(channel->name);
	struct qw_digest digest = qw_channel_digest(channel);
	uint8_t *at = head;
	memcpy(at, MAGIC, sizeof(MAGIC));
	at += sizeof(MAGIC);
	le32(at, VERSION);
	le32(at + 4, (uint32_t)name_len);
	memcpy(at + 8, channel->name, name_len);
	at += 8 + name_len;
	le64(at, channel->order.term);
	le64(at + 8, channel->order.sequence);
	le64(at + 16, channel->content.set.count);
	memcpy(at + 24, digest.bytes, sizeof(digest.bytes));
	at += 24 + sizeof(digest.bytes);
	return put(writer, head, (size_t)(at - head));
}

static enum qw_err put_all(struct writer *writer, const struct qw_channel *channel)
{
	start_checksum(&writer->state);
	enum qw_err err = put_head(writer, channel);
	if (!err)
		err = qw_channel_each(channel, put_entry, writer);
	if (err)
		return err;
	struct qw_digest checksum;
	crypto_generichash_blake2b_final(&writer->state, checksum.bytes, sizeof(checksum.bytes));
	err = flush(writer);
	if (!err)
		err = qw_write_all(writer->fd, checksum.bytes, sizeof(checksum.bytes));
	if (!err && fsync(writer->fd) != 0)
		err = qw_err_from_errno(errno);
	return err;
}

/* Writes and syncs a file of its own; a crash leaves it behind, and the next save overwrites it. */
static enum qw_err write_file(const struct qw_channel *channel, const char *path)
{
	struct writer *writer = malloc(sizeof(*writer));
	if (!writer)
		return QW_ENOMEM;
	enum qw_err err = QW_OK;
	writer->used = 0;
	writer->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (writer->fd < 0) {
		err = qw_err_from_errno(errno);
		goto free_writer;
	}
	err = put_all(writer, channel);
	if (close(writer->fd) != 0 && !err)
		err = qw_err_from_errno(errno);
	if (err)
		unlink(path);
free_writer:
	free(writer);
	return err;
}

enum qw_err qw_channel_save(const struct qw_channel *channel, const char *path)
{
	char beside[PATH_MAX], folder[PATH_MAX];
	int len = snprintf(beside, sizeof(beside), "%s.new", path);
	if (len < 0 || (size_t)len >= sizeof(beside))
		return QW_ELIMIT;
	enum qw_err err = write_file(channel, beside);
	if (err)
		return err;
	if (rename(beside, path) != 0) {
		err = qw_err_from_errno(errno);
		unlink(beside);
		return err;
	}
	memcpy(folder, beside, (size_t)len + 1);
	return qw_sync_folder(dirname(folder));
}

struct qw_digest qw_channel_checksum(const uint8_t *data, size_t len)
{
	struct qw_digest out;
	crypto_generichash_blake2b_state state;
	start_checksum(&state);
	crypto_generichash_blake2b_update(&state, data, len);
	crypto_generichash_blake2b_final(&state, out.bytes, sizeof(out.bytes));
	return out;
}

static enum qw_err check_envelope(struct qw_bytes *in)
{
	uint8_t magic[sizeof(MAGIC)];
	uint32_t version;
	struct qw_bytes whole = *in;
	if (!qw_bytes_copy(in, magic, sizeof(magic)) || memcmp(magic, MAGIC, sizeof(magic)) != 0)
		return QW_EFORMAT;
	if (!qw_bytes_le32(in, &version))
		return QW_EFORMAT;
	if (version != VERSION)
		return QW_EVERSION;
	if (in->left < QW_DIGEST_BYTES)
		return QW_EFORMAT;
	size_t covered = whole.left - QW_DIGEST_BYTES;
	struct qw_digest checksum = qw_channel_checksum(whole.at, covered);
	if (memcmp(checksum.bytes, whole.at + covered, sizeof(checksum.bytes)) != 0)
		return QW_ESIGN;
	qw_bytes_limit(in, in->left - QW_DIGEST_BYTES);
	return QW_OK;
}

/* What stands between the version and the entries. */
struct head {
	char name[QW_CHANNEL_NAME_MAX + 1];
	struct qw_order order;
	uint64_t entries;
	struct qw_digest digest;
};

static enum qw_err read_head(struct qw_bytes *in, struct head *out)
{
	struct head head = {0};
	uint32_t name_len;
	if (!qw_bytes_le32(in, &name_len) || name_len > QW_CHANNEL_NAME_MAX)
		return QW_EFORMAT;
	if (!qw_bytes_copy(in, head.name, name_len) || strlen(head.name) != name_len)
		return QW_EFORMAT;
	if (!qw_bytes_le64(in, &head.order.term) || !qw_bytes_le64(in, &head.order.sequence) ||
	    !qw_bytes_le64(in, &head.entries) || !qw_bytes_copy(in, head.digest.bytes, sizeof(head.digest.bytes)))
		return QW_EFORMAT;
	*out = head;
	return QW_OK;
}

/* False: the last one was read, or (in->left > 0) what comes is none. */
static bool next_body(struct qw_bytes *in, uint64_t *left, struct qw_bytes *body)
{
	uint32_t len;
	if (*left == 0)
		return false;
	--*left;
	return qw_bytes_le32(in, &len) && qw_bytes_take(in, len, body);
}

static enum qw_err read_entries(struct qw_bytes in, struct qw_channel *channel, const struct head *head)
{
	uint64_t left = head->entries;
	struct qw_bytes body;
	while (next_body(&in, &left, &body)) {
		enum qw_err err = qw_content_fill(&channel->content, body.at, body.left);
		if (err)
			return err;
	}
	if (in.left || left || channel->content.set.count != head->entries)
		return QW_EFORMAT;
	qw_lanes_settle(channel->content.lanes);
	struct qw_digest digest = qw_channel_digest(channel);
	return qw_digest_equal(&digest, &head->digest) ? QW_OK : QW_EFORMAT;
}

enum qw_err qw_channel_walk(const uint8_t *data, size_t len, enum qw_err (*visit)(void *ctx, const struct qw_entry *entry), void *ctx)
{
	struct qw_bytes in = qw_bytes(data, len);
	struct head head;
	struct qw_bytes body;
	enum qw_err err = check_envelope(&in);
	if (!err)
		err = read_head(&in, &head);
	if (err)
		return err;
	uint64_t left = head.entries, read = 0;
	for (; !err && next_body(&in, &left, &body); read++) {
		struct qw_entry entry;
		err = qw_entry_read(&entry, body.at, body.left);
		if (!err)
			err = visit(ctx, &entry);
	}
	return !err && (in.left || read != head.entries) ? QW_EFORMAT : err;
}

enum qw_err qw_channel_file_each(const char *path, enum qw_err (*visit)(void *ctx, const struct qw_entry *entry), void *ctx)
{
	struct qw_mapping file;
	enum qw_err err = qw_mapping_open(&file, path);
	if (err)
		return err;
	err = qw_channel_walk(file.data, file.size, visit, ctx);
	qw_mapping_close(&file);
	return err;
}

enum qw_err qw_channel_decode(struct qw_channel **out, const uint8_t *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len);
	enum qw_err err = check_envelope(&in);
	if (err)
		return err;
	struct head head;
	err = read_head(&in, &head);
	if (err)
		return err;
	struct qw_channel *channel;
	err = qw_channel_new(&channel, head.name);
	if (err)
		return err == QW_EINVAL ? QW_EFORMAT : err;
	channel->order = head.order;
	err = read_entries(in, channel, &head);
	if (err) {
		qw_channel_free(channel);
		return err;
	}
	*out = channel;
	return QW_OK;
}

enum qw_err qw_channel_load(struct qw_channel **out, const char *path)
{
	struct qw_mapping file;
	enum qw_err err = qw_mapping_open(&file, path);
	if (err)
		return err;
	err = qw_channel_decode(out, file.data, file.size);
	qw_mapping_close(&file);
	return err;
}

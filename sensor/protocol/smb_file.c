/* SPDX-License-Identifier: Apache-2.0 */
/* smb_file - open files and pipes of an SMB connection. */
#include "sensor/protocol/smb.h"

static void file_free(struct qw_smb *smb, struct qw_smb_file *file)
{
	qw_smb_transfer_free(smb, &file->transfer[0]);
	qw_smb_transfer_free(smb, &file->transfer[1]);
	if (file->rpc) {
		qw_dcerpc_free(smb, file->rpc);
		qw_parser_give(smb, file->rpc);
	}
	qw_parser_give(smb, file);
}

struct qw_smb_file *qw_smb_file_new(const struct qw_smb_call *call, uint32_t tree, uint8_t version)
{
	static const uint8_t kinds[] = {
		[QW_SMB_TREE_UNKNOWN] = QW_SMB_FILE_UNKNOWN,
		[QW_SMB_TREE_DISK] = QW_SMB_FILE_DISK,
		[QW_SMB_TREE_PIPE] = QW_SMB_FILE_PIPE,
	};
	struct qw_smb *smb = call->smb;
	if (smb->files == QW_SMB_FILES) {
		struct qw_smb_file *oldest = smb->newest;
		while (oldest->next)
			oldest = oldest->next;
		qw_parser_cut(smb);
		qw_smb_file_close(call, oldest);
	}
	struct qw_smb_file *file = qw_parser_take(smb, sizeof(*file));
	if (!file)
		return NULL;
	memset(file, 0, sizeof(*file) - sizeof(file->name.text));
	file->next = smb->newest;
	file->serial = ++smb->serial;
	file->tree = tree;
	file->version = version;
	file->kind = kinds[qw_smb_tree_kind(smb, tree)];
	smb->newest = file;
	smb->files++;
	return file;
}

struct qw_smb_file *qw_smb_file_by_serial(struct qw_smb *smb, uint32_t serial)
{
	struct qw_smb_file *file = smb->newest;
	while (file && file->serial != serial)
		file = file->next;
	return file;
}

static struct qw_smb_file *file_by_id(struct qw_smb *smb, struct qw_smb_file_id id)
{
	struct qw_smb_file *file = smb->newest;
	while (file && !(file->has_id && file->id.word[0] == id.word[0] && file->id.word[1] == id.word[1]))
		file = file->next;
	return file;
}

struct qw_smb_file *qw_smb_file_get(const struct qw_smb_call *call, struct qw_smb_file_id id, uint32_t tree,
				    uint8_t version)
{
	struct qw_smb_file *file = file_by_id(call->smb, id);
	if (file || !(file = qw_smb_file_new(call, tree, version)))
		return file;
	file->id = id;
	file->has_id = true;
	return file;
}

void qw_smb_file_set_id(const struct qw_smb_call *call, struct qw_smb_file *file, struct qw_smb_file_id id)
{
	struct qw_smb_file *earlier = file_by_id(call->smb, id);
	if (earlier && earlier != file)
		qw_smb_file_close(call, earlier);
	file->id = id;
	file->has_id = true;
}

/* ---- pipes */

struct pipe_call {
	const struct qw_smb_call *call;
	const struct qw_smb_file *file;
};

static void publish_call(void *ctx, const struct qw_dcerpc_found *found)
{
	const struct pipe_call *pipe = ctx;
	struct qw_message message;
	qw_smb_message(&message, pipe->call->smb, found->request, 0, pipe->file->version);
	qw_dcerpc_add(&message, found);
	qw_smb_publish(pipe->call, &message);
}

/* Whatever is no DCE/RPC is passed over, and false; the next write or read may begin anew. */
static bool pipe_data(const struct qw_smb_call *call, struct qw_smb_file *file, enum qw_direction way,
		      struct qw_slice data)
{
	struct pipe_call pipe = {call, file};
	const struct qw_dcerpc_listener listener = {&pipe, publish_call};
	if (!file->rpc) {
		file->rpc = qw_parser_take(call->smb, sizeof(*file->rpc));
		if (!file->rpc)
			return true;
		memset(file->rpc, 0, sizeof(*file->rpc));
	}
	return qw_dcerpc_feed(call->smb, file->rpc, way, qw_bytes(data.data, data.len), &listener);
}

static void pipe_close(const struct qw_smb_call *call, struct qw_smb_file *file, bool requests)
{
	struct pipe_call pipe = {call, file};
	const struct qw_dcerpc_listener listener = {&pipe, publish_call};
	if (file->rpc)
		qw_dcerpc_close(call->smb, file->rpc, requests, &listener);
}

/* ---- data */

static void put(const struct qw_smb_call *call, struct qw_smb_file *file, enum qw_direction way, uint64_t offset,
		struct qw_slice data, bool last)
{
	bool called = file->kind != QW_SMB_FILE_DISK && pipe_data(call, file, way, data);
	if (file->kind == QW_SMB_FILE_EITHER && !called)
		file->kind = QW_SMB_FILE_DISK;
	if (file->kind != QW_SMB_FILE_PIPE)
		qw_smb_transfer_put(call, file, way, offset, data, last);
}

/* Of a tree that was connected before we looked: what is sent over it tells. */
static void settle_kind(const struct qw_smb_call *call, struct qw_smb_file *file, bool last)
{
	if (file->kind != QW_SMB_FILE_UNKNOWN || file->head_len == 0)
		return;
	int sure = qw_dcerpc_probe(file->head, file->head_len);
	file->kind = sure < 0 ? QW_SMB_FILE_EITHER : sure ? QW_SMB_FILE_PIPE : QW_SMB_FILE_DISK;
	put(call, file, (enum qw_direction)file->head_way, file->head_at, qw_slice(file->head, file->head_len), last);
}

/* Keeps the begin of a read or write, however it was cut; what is left of the data is to be put. */
static struct qw_slice keep_head(const struct qw_smb_call *call, struct qw_smb_file *file, enum qw_direction way,
				 uint64_t offset, struct qw_slice data, bool last)
{
	if (file->head_len && (way != file->head_way || offset != file->head_at + file->head_len))
		settle_kind(call, file, true);
	if (file->kind != QW_SMB_FILE_UNKNOWN)
		return data;
	size_t room = sizeof(file->head) - file->head_len, part = data.len < room ? data.len : room;
	if (file->head_len == 0) {
		file->head_at = offset;
		file->head_way = (uint8_t)way;
	}
	memcpy(file->head + file->head_len, data.data, part);
	file->head_len = (uint8_t)(file->head_len + part);
	if (last || file->head_len == sizeof(file->head))
		settle_kind(call, file, last && part == data.len);
	return qw_slice(data.data + part, data.len - part);
}

void qw_smb_file_data(const struct qw_smb_call *call, struct qw_smb_file *file, enum qw_direction way, uint64_t offset,
		      struct qw_slice data, bool last)
{
	if (!file || data.len == 0)
		return;
	struct qw_slice rest = data;
	if (file->kind == QW_SMB_FILE_UNKNOWN)
		rest = keep_head(call, file, way, offset, data, last);
	if (rest.len)
		put(call, file, way, offset + (data.len - rest.len), rest, last);
}

static bool was_read_whole(const struct qw_smb_file *file, const struct qw_smb_transfer *transfer)
{
	return transfer->begin == 0 && transfer->jumps == 0 && (!file->has_size || transfer->next >= file->size);
}

void qw_smb_file_end(const struct qw_smb_call *call, struct qw_smb_file *file)
{
	enum qw_direction way = qw_smb_way(call->smb, false);
	if (file && file->transfer[way].transaction)
		qw_smb_transfer_finish(call, file, way, was_read_whole(file, &file->transfer[way]));
}

static void close_way(const struct qw_smb_call *call, struct qw_smb_file *file, enum qw_direction way, bool closed)
{
	bool written = way == qw_smb_way(call->smb, true);
	settle_kind(call, file, true);
	pipe_close(call, file, written);
	if (file->transfer[way].transaction)
		qw_smb_transfer_finish(call, file, way,
				       written ? closed : was_read_whole(file, &file->transfer[way]));
}

void qw_smb_file_close(const struct qw_smb_call *call, struct qw_smb_file *file)
{
	struct qw_smb *smb = call->smb;
	struct qw_smb_file **at = &smb->newest;
	if (!file)
		return;
	while (*at != file)
		at = &(*at)->next;
	*at = file->next;
	smb->files--;
	close_way(call, file, qw_smb_way(smb, true), true);
	close_way(call, file, qw_smb_way(smb, false), true);
	file_free(smb, file);
}

void qw_smb_files_close(const struct qw_smb_call *call, enum qw_direction way)
{
	for (struct qw_smb_file *file = call->smb->newest; file; file = file->next)
		close_way(call, file, way, false);
}

void qw_smb_files_free(struct qw_smb *smb)
{
	while (smb->newest) {
		struct qw_smb_file *file = smb->newest;
		smb->newest = file->next;
		file_free(smb, file);
	}
	smb->files = 0;
}

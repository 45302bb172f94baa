/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/smb1.h"

#include "sensor/protocol/smb_text.h"

enum {
	TRANSACT_PIPE = 0x26,
	TYPE_BYTE_PIPE = 1,
	TYPE_MESSAGE_PIPE = 2,
	MODE_RAW_MESSAGE = 0x0c, /* of a write to a pipe: two bytes of length stand before the data */
	STATUS_BUFFER_OVERFLOW = 0x80000005,
	NO_TREE = 0xffffffff,
	BUFFER_ASCII = 4,
};

#define FID_WORD UINT64_MAX

/* ---- pieces */

/* By its offset from the message's head; empty where it does not lie in it. */
static struct qw_slice part_of(const struct qw_smb1_part *part, uint32_t offset, uint32_t len)
{
	if (offset > part->message.len)
		return qw_slice(NULL, 0);
	size_t left = part->message.len - offset;
	return qw_slice(part->message.data + offset, len < left ? len : left);
}

/* A name in the bytes from `at` on; UTF-16 stands at even offsets from the head. */
static void set_name(const struct qw_smb1_part *part, struct qw_smb_name *name, struct qw_bytes at)
{
	struct qw_text text;
	bool unicode = part->head->unicode;
	if (unicode && (size_t)(at.at - part->message.data) % 2)
		qw_bytes_skip(&at, 1);
	qw_text_init(&text, name->text, sizeof(name->text));
	qw_smb_text(&text, qw_slice(at.at, at.left), unicode);
	name->len = (uint16_t)text.len;
	if (text.cut)
		qw_parser_cut(part->call->smb);
}

static bool failed(const struct qw_smb1_part *part)
{
	return part->head->status != 0 && part->head->status != STATUS_BUFFER_OVERFLOW;
}

static struct qw_smb_file_id id_of(const struct qw_smb1_part *part, size_t at)
{
	return (struct qw_smb_file_id){{qw_le16(part->words.at + at), FID_WORD}};
}

/* In a chain, the file that was opened before. */
static struct qw_smb_file *file_at(const struct qw_smb1_part *part, size_t at)
{
	struct qw_smb_side *side = qw_smb_side(part->call);
	if (part->chained && side->related)
		return qw_smb_file_by_serial(part->call->smb, side->related);
	return qw_smb_file_get(part->call, id_of(part, at), part->head->tree, 1);
}

static void ask(const struct qw_smb1_part *part, enum qw_smb_request_kind kind, const struct qw_smb_file *file,
		uint64_t offset)
{
	const struct qw_smb_request request = {
		.id = part->head->id, .offset = offset, .file = file ? file->serial : 0, .kind = (uint8_t)kind};
	if (file)
		qw_smb_ask(part->call->smb, &request);
}

static struct qw_smb_file *answered(const struct qw_smb1_part *part, enum qw_smb_request_kind kind, uint64_t *offset)
{
	struct qw_smb_request request;
	*offset = 0;
	if (!qw_smb_answered(part->call->smb, part->head->id, kind, &request))
		return NULL;
	*offset = request.offset;
	return qw_smb_file_by_serial(part->call->smb, request.file);
}

static enum qw_direction way(const struct qw_smb1_part *part, bool request)
{
	return qw_smb_way(part->call->smb, request);
}

/* ---- sessions and trees */

static void negotiate_request(const struct qw_smb1_part *part)
{
	part->call->smb->asked_in_smb1 = true;
}

static void negotiate_response(const struct qw_smb1_part *part)
{
	part->call->smb->asked_in_smb1 = false;
}

static void session_request(const struct qw_smb1_part *part)
{
	qw_smb_tell_session(part->call, qw_slice(part->bytes.at, part->bytes.left), 1);
}

static void tree_named(const struct qw_smb1_part *part, struct qw_bytes path)
{
	struct qw_smb_tree *tree = qw_smb_tree_new(part->call, part->head->id);
	if (!tree)
		return;
	tree->version = 1;
	set_name(part, &tree->name, path);
}

static void tree_andx_request(const struct qw_smb1_part *part)
{
	struct qw_bytes path = part->bytes;
	if (qw_bytes_skip(&path, qw_le16(part->words.at + 6))) /* the password */
		tree_named(part, path);
}

/* "\4path\0\4password\0\4service\0" */
static void tree_request(const struct qw_smb1_part *part)
{
	struct qw_bytes path = part->bytes;
	uint8_t format;
	if (qw_bytes_u8(&path, &format) && format == BUFFER_ASCII)
		tree_named(part, path);
}

static void answer_tree(const struct qw_smb1_part *part, uint32_t id, enum qw_smb_tree_kind kind)
{
	struct qw_smb_tree *tree = qw_smb_tree_of_request(part->call->smb, part->head->id);
	if (tree)
		qw_smb_tree_answer(part->call, tree, failed(part) ? NO_TREE : id,
				   failed(part) ? QW_SMB_TREE_UNKNOWN : kind);
}

/* The service's name is always in single bytes. */
static void tree_andx_response(const struct qw_smb1_part *part)
{
	bool pipe = part->bytes.left >= 3 && memcmp(part->bytes.at, "IPC", 3) == 0;
	answer_tree(part, part->head->tree, pipe ? QW_SMB_TREE_PIPE : QW_SMB_TREE_DISK);
}

/* It does not say what it is: what is sent over it will. */
static void tree_response(const struct qw_smb1_part *part)
{
	answer_tree(part, part->words.left >= 4 ? qw_le16(part->words.at + 2) : NO_TREE, QW_SMB_TREE_UNKNOWN);
}

/* ---- opening and closing */

static void opened(const struct qw_smb1_part *part, struct qw_bytes name)
{
	struct qw_smb_file *file = qw_smb_file_new(part->call, part->head->tree, 1);
	if (!file)
		return;
	set_name(part, &file->name, name);
	qw_smb_side(part->call)->related = file->serial;
	ask(part, QW_SMB_REQUEST_CREATE, file, 0);
}

static void open_andx_request(const struct qw_smb1_part *part)
{
	opened(part, part->bytes);
}

static void open_request(const struct qw_smb1_part *part)
{
	struct qw_bytes name = part->bytes;
	uint8_t format;
	if (qw_bytes_u8(&name, &format) && format == BUFFER_ASCII)
		opened(part, name);
}

/* The answer's file; NULL: it was refused, or nobody asked. */
static struct qw_smb_file *answer_open(const struct qw_smb1_part *part, size_t fid_at)
{
	uint64_t none;
	struct qw_smb_file *file = answered(part, QW_SMB_REQUEST_CREATE, &none);
	if (!file)
		return NULL;
	if (failed(part) || part->words.left < fid_at + 2) {
		qw_smb_file_close(part->call, file);
		return NULL;
	}
	qw_smb_file_set_id(part->call, file, id_of(part, fid_at));
	qw_smb_side(part->call)->related = file->serial;
	return file;
}

static void create_andx_response(const struct qw_smb1_part *part)
{
	struct qw_smb_file *file = answer_open(part, 5);
	if (!file || part->words.left < 65)
		return;
	uint16_t type = qw_le16(part->words.at + 63);
	file->size = qw_le64(part->words.at + 55);
	file->has_size = true;
	if (type == TYPE_BYTE_PIPE || type == TYPE_MESSAGE_PIPE)
		file->kind = QW_SMB_FILE_PIPE;
}

static void open_andx_response(const struct qw_smb1_part *part)
{
	(void)answer_open(part, 4);
}

static void open_response(const struct qw_smb1_part *part)
{
	(void)answer_open(part, 0);
}

static void close_request(const struct qw_smb1_part *part)
{
	qw_smb_file_close(part->call, file_at(part, 0));
}

/* ---- reading and writing */

static void read_andx_request(const struct qw_smb1_part *part)
{
	const uint8_t *at = part->words.at;
	uint64_t high = part->words.left >= 24 ? qw_le32(at + 20) : 0;
	ask(part, QW_SMB_REQUEST_READ, file_at(part, 4), high << 32 | qw_le32(at + 6));
}

static void read_request(const struct qw_smb1_part *part)
{
	ask(part, QW_SMB_REQUEST_READ, file_at(part, 0), qw_le32(part->words.at + 4));
}

static void read_andx_response(const struct qw_smb1_part *part)
{
	const uint8_t *at = part->words.at;
	uint64_t place;
	struct qw_smb_file *file = answered(part, QW_SMB_REQUEST_READ, &place);
	if (failed(part) || part->words.left < 16)
		return;
	uint32_t len = (uint32_t)qw_le16(at + 14) << 16 | qw_le16(at + 10);
	qw_smb_file_data(part->call, file, way(part, false), place, part_of(part, qw_le16(at + 12), len), true);
	if (len == 0)
		qw_smb_file_end(part->call, file);
}

/* "\1length data" */
static struct qw_slice counted(const struct qw_smb1_part *part)
{
	struct qw_bytes in = part->bytes;
	uint16_t len;
	if (!qw_bytes_skip(&in, 1) || !qw_bytes_le16(&in, &len))
		return qw_slice(NULL, 0);
	return qw_slice(in.at, len < in.left ? len : in.left);
}

static void read_response(const struct qw_smb1_part *part)
{
	uint64_t place;
	struct qw_smb_file *file = answered(part, QW_SMB_REQUEST_READ, &place);
	if (!failed(part))
		qw_smb_file_data(part->call, file, way(part, false), place, counted(part), true);
}

struct write {
	struct qw_smb_file *file;
	uint64_t place;
	uint32_t offset, len; /* of the data, from the head */
};

static struct write write_of(const struct qw_smb1_part *part)
{
	const uint8_t *at = part->words.at;
	uint64_t high = part->words.left >= 28 ? qw_le32(at + 24) : 0;
	struct write write = {
		.file = file_at(part, 4),
		.place = high << 32 | qw_le32(at + 6),
		.offset = qw_le16(at + 22),
		.len = (uint32_t)qw_le16(at + 18) << 16 | qw_le16(at + 20),
	};
	bool prefixed = (qw_le16(at + 14) & MODE_RAW_MESSAGE) == MODE_RAW_MESSAGE && write.len >= 2;
	if (prefixed && write.file && write.file->kind == QW_SMB_FILE_PIPE) {
		write.offset += 2;
		write.len -= 2;
	}
	return write;
}

static void write_andx_request(const struct qw_smb1_part *part)
{
	struct write write = write_of(part);
	qw_smb_file_data(part->call, write.file, way(part, true), write.place, part_of(part, write.offset, write.len), true);
}

static void write_request(const struct qw_smb1_part *part)
{
	qw_smb_file_data(part->call, file_at(part, 0), way(part, true), qw_le32(part->words.at + 4), counted(part), true);
}

/* FID, count, offset, time; one byte of padding before the data. */
static void write_close_request(const struct qw_smb1_part *part)
{
	struct qw_bytes data = part->bytes;
	struct qw_smb_file *file = file_at(part, 0);
	if (qw_bytes_skip(&data, 1)) {
		qw_bytes_limit(&data, qw_le16(part->words.at + 2));
		qw_smb_file_data(part->call, file, way(part, true), qw_le32(part->words.at + 4),
				 qw_slice(data.at, data.left), true);
	}
	qw_smb_file_close(part->call, file);
}

/* ---- transactions on a named pipe */

static void transaction_request(const struct qw_smb1_part *part)
{
	const uint8_t *at = part->words.at;
	if (part->words.left < 32 || at[26] < 2 || qw_le16(at + 28) != TRANSACT_PIPE)
		return;
	struct qw_smb_file *file = file_at(part, 30);
	if (file)
		file->kind = QW_SMB_FILE_PIPE;
	ask(part, QW_SMB_REQUEST_PIPE, file, 0);
	qw_smb_file_data(part->call, file, way(part, true), 0, part_of(part, qw_le16(at + 24), qw_le16(at + 22)), true);
}

/* The rest of a transaction's data: the request before it says of which pipe. */
static void secondary_request(const struct qw_smb1_part *part)
{
	const uint8_t *at = part->words.at;
	uint64_t none;
	struct qw_smb_file *file = answered(part, QW_SMB_REQUEST_PIPE, &none);
	ask(part, QW_SMB_REQUEST_PIPE, file, 0);
	qw_smb_file_data(part->call, file, way(part, true), 0, part_of(part, qw_le16(at + 12), qw_le16(at + 10)), true);
}

/* There may be several, each with a part of the data. */
static void transaction_response(const struct qw_smb1_part *part)
{
	const uint8_t *at = part->words.at;
	uint64_t none;
	struct qw_smb_file *file = answered(part, QW_SMB_REQUEST_PIPE, &none);
	if (!file || failed(part) || part->words.left < 18)
		return;
	if ((uint32_t)qw_le16(at + 12) + qw_le16(at + 16) < qw_le16(at + 2))
		ask(part, QW_SMB_REQUEST_PIPE, file, 0);
	qw_smb_file_data(part->call, file, way(part, false), 0, part_of(part, qw_le16(at + 14), qw_le16(at + 12)), true);
}

/* ---- the table */

/*
 * words: bytes of words that the request's reader needs.  quiet: no
 * transaction of its own (reads, writes and transactions have files and calls).
 */
struct command {
	uint8_t code, words;
	bool quiet_request, quiet_response;
	void (*request)(const struct qw_smb1_part *part);
	void (*response)(const struct qw_smb1_part *part);
};

static const struct command commands[] = {
	{0x02, 4, false, false, open_request, open_response},
	{0x03, 6, false, false, open_request, open_response},
	{0x04, 2, false, false, close_request, NULL},
	{0x0a, 8, true, true, read_request, read_response},
	{0x0b, 8, true, true, write_request, NULL},
	{0x0f, 6, false, false, open_request, open_response},
	{0x13, 8, true, true, read_request, read_response},
	{0x14, 8, true, true, write_request, NULL},
	{0x25, 28, true, true, transaction_request, transaction_response},
	{0x26, 16, true, true, secondary_request, NULL},
	{0x2c, 12, true, true, write_close_request, NULL},
	{0x2d, 30, false, false, open_andx_request, open_andx_response},
	{0x2e, 20, true, true, read_andx_request, read_andx_response},
	{0x2f, 24, true, true, write_andx_request, NULL},
	{0x32, 0, true, true, NULL, NULL},
	{0x70, 0, true, false, tree_request, tree_response},
	{0x72, 0, false, false, negotiate_request, negotiate_response},
	{0x73, 4, true, false, session_request, NULL},
	{0x75, 8, true, false, tree_andx_request, tree_andx_response},
	{0xa2, 48, false, false, open_andx_request, create_andx_response},
};

static const struct command *command_of(uint8_t code)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].code == code)
			return &commands[i];
	return NULL;
}

void qw_smb1_command(const struct qw_smb1_part *part)
{
	bool request = part->head->request;
	const struct command *command = command_of(part->head->command);
	if (!command || !(request ? command->quiet_request : command->quiet_response))
		qw_smb_tell_command(part->call, request, 1);
	if (command && request && command->request && part->words.left >= command->words)
		command->request(part);
	if (command && !request && command->response)
		command->response(part);
}

/* ---- large reads and writes */

enum { READ_ANDX = 0x2e, WRITE_ANDX = 0x2f };

bool qw_smb1_may_be_large(const struct qw_smb1_head *head)
{
	return head->command == (head->request ? WRITE_ANDX : READ_ANDX);
}

static void data_follow(const struct qw_smb1_part *part, const struct write *write, uint32_t left)
{
	struct qw_smb_data *data = &qw_smb_side(part->call)->data;
	uint32_t here = (uint32_t)part->message.len, behind = left - here;
	uint32_t before = write->offset > here ? write->offset - here : 0;
	before = before < behind ? before : behind;
	uint32_t len = write->len < behind - before ? write->len : behind - before;
	*data = (struct qw_smb_data){
		.file = write->file->serial,
		.way = (uint8_t)way(part, part->head->request),
		.offset = write->place,
		.before = before,
		.left = len,
		.after = behind - before - len,
	};
}

static bool large_read(const struct qw_smb1_part *part, uint32_t left)
{
	const uint8_t *at = part->words.at;
	if (failed(part) || part->words.left < 16)
		return false;
	struct write write = {.offset = qw_le16(at + 12), .len = (uint32_t)qw_le16(at + 14) << 16 | qw_le16(at + 10)};
	write.file = answered(part, QW_SMB_REQUEST_READ, &write.place);
	if (write.file)
		data_follow(part, &write, left);
	else
		qw_smb_side(part->call)->data = (struct qw_smb_data){.after = left - (uint32_t)part->message.len};
	return true;
}

bool qw_smb1_large(const struct qw_smb1_part *part, uint32_t left)
{
	if (!part->head->request)
		return large_read(part, left);
	if (part->words.left < 24)
		return false;
	struct write write = write_of(part);
	if (write.file)
		data_follow(part, &write, left);
	return write.file != NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* smb1_command - SMB 1: the table of commands; sessions, trees, opening and closing. */
#include "sensor/protocol/smb1.h"

#include "sensor/protocol/smb_text.h"

enum {
	TYPE_BYTE_PIPE = 1,
	TYPE_MESSAGE_PIPE = 2,
	NO_TREE = 0xffffffff,
	BUFFER_ASCII = 4,
};

/* ---- what the readers share */

static struct qw_smb_file_id id_of(const struct qw_smb1_part *part, size_t at)
{
	return (struct qw_smb_file_id){{qw_le16(part->words.at + at), UINT64_MAX}};
}

struct qw_smb_file *qw_smb1_file(const struct qw_smb1_part *part, size_t at)
{
	struct qw_smb_side *side = qw_smb_side(part->call);
	if (part->chained && side->related)
		return qw_smb_file_by_serial(part->call->smb, side->related);
	return qw_smb_file_get(part->call, id_of(part, at), part->head->tree, 1);
}

struct qw_slice qw_smb1_slice(const struct qw_smb1_part *part, uint32_t offset, uint32_t len)
{
	if (offset > part->message.len)
		return qw_slice(NULL, 0);
	size_t left = part->message.len - offset;
	return qw_slice(part->message.data + offset, len < left ? len : left);
}

void qw_smb1_ask(const struct qw_smb1_part *part, enum qw_smb_request_kind kind, const struct qw_smb_file *file,
		 uint64_t offset)
{
	const struct qw_smb_request request = {
		.id = part->head->id, .offset = offset, .file = file ? file->serial : 0, .kind = (uint8_t)kind};
	if (file)
		qw_smb_ask(part->call->smb, &request);
}

struct qw_smb_file *qw_smb1_answered(const struct qw_smb1_part *part, enum qw_smb_request_kind kind, uint64_t *offset)
{
	struct qw_smb_request request;
	*offset = 0;
	if (!qw_smb_answered(part->call->smb, part->head->id, kind, &request))
		return NULL;
	*offset = request.offset;
	return qw_smb_file_by_serial(part->call->smb, request.file);
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
		qw_smb_tree_answer(part->call, tree, qw_smb1_failed(part) ? NO_TREE : id,
				   qw_smb1_failed(part) ? QW_SMB_TREE_UNKNOWN : kind);
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
	qw_smb1_ask(part, QW_SMB_REQUEST_CREATE, file, 0);
}

static void open_andx_request(const struct qw_smb1_part *part)
{
	opened(part, part->bytes);
}

/* The name need not end with a NUL here: its length is given. */
static void create_andx_request(const struct qw_smb1_part *part)
{
	struct qw_bytes name = part->bytes;
	bool padded = part->head->unicode && (size_t)(name.at - part->message.data) % 2;
	qw_bytes_limit(&name, (size_t)qw_le16(part->words.at + 5) + padded);
	opened(part, name);
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
	struct qw_smb_file *file = qw_smb1_answered(part, QW_SMB_REQUEST_CREATE, &none);
	if (!file)
		return NULL;
	if (qw_smb1_failed(part) || part->words.left < fid_at + 2) {
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
	qw_smb_file_close(part->call, qw_smb1_file(part, 0));
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
	{0x0a, 8, true, true, qw_smb1_read_request, qw_smb1_read_response},
	{0x0b, 8, true, true, qw_smb1_write_request, NULL},
	{0x0f, 6, false, false, open_request, open_response},
	{0x13, 8, true, true, qw_smb1_read_request, qw_smb1_read_response},
	{0x14, 8, true, true, qw_smb1_write_request, NULL},
	{0x25, 28, true, true, qw_smb1_transaction_request, qw_smb1_transaction_response},
	{0x26, 16, true, true, qw_smb1_secondary_request, NULL},
	{0x2c, 12, true, true, qw_smb1_write_close_request, NULL},
	{0x2d, 30, false, false, open_andx_request, open_andx_response},
	{0x2e, 20, true, true, qw_smb1_read_andx_request, qw_smb1_read_andx_response},
	{0x2f, 24, true, true, qw_smb1_write_andx_request, NULL},
	{0x32, 0, true, true, NULL, NULL},
	{0x70, 0, true, false, tree_request, tree_response},
	{0x72, 0, false, false, negotiate_request, negotiate_response},
	{0x73, 4, true, false, session_request, NULL},
	{0x75, 8, true, false, tree_andx_request, tree_andx_response},
	{0xa2, 48, false, false, create_andx_request, create_andx_response},
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

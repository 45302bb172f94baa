/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smb2 - SMB 2 and 3: the commands of a message, one after the other.
 *
 * Only as much of a command is gathered as its reader asks for; what is read
 * or written goes on to its file as it comes.
 */
#include "sensor/protocol/smb.h"

#include "sensor/protocol/smb_text.h"

enum {
	HEAD = 64,
	WRITE_FIXED = 48,
	READ_FIXED = 16,
	CREATE_ANSWER = 80,
	FLAG_RESPONSE = 1,
	FLAG_RELATED = 4,
	STATUS_END_OF_FILE = 0xc0000011,
	STATUS_PENDING = 0x103,
	STATUS_BUFFER_OVERFLOW = 0x80000005, /* there is more, and what came is right */
	FSCTL_PIPE_TRANSCEIVE = 0x0011c017,
	SHARE_PIPE = 2,
	NO_TREE = 0xffffffff,
};

enum command {
	COMMAND_NEGOTIATE,
	COMMAND_SESSION_SETUP,
	COMMAND_LOGOFF,
	COMMAND_TREE_CONNECT,
	COMMAND_TREE_DISCONNECT,
	COMMAND_CREATE,
	COMMAND_CLOSE,
	COMMAND_FLUSH,
	COMMAND_READ,
	COMMAND_WRITE,
	COMMAND_LOCK,
	COMMAND_IOCTL,
	COMMAND_CANCEL,
	COMMAND_ECHO,
	COMMAND_QUERY_DIRECTORY,
	COMMAND_CHANGE_NOTIFY,
	COMMAND_QUERY_INFO,
	COMMAND_SET_INFO,
	COMMAND_OPLOCK_BREAK,
	COMMANDS
};

struct command_head {
	uint64_t message;
	uint32_t status, flags, tree;
	uint32_t len; /* of the command with this head, up to the next or the message's end */
	uint16_t command;
	bool request;
};

/* One command, as far as its reader asked for it. */
struct reading {
	const struct qw_smb_call *call;
	const struct command_head *head;
	const uint8_t *begin; /* offsets count from here */
	struct qw_bytes body; /* behind the head */
};

static bool read_head(const uint8_t *at, uint32_t left, struct command_head *head)
{
	uint32_t next = qw_le32(at + 20);
	*head = (struct command_head){
		.status = qw_le32(at + 8),
		.command = qw_le16(at + 12),
		.flags = qw_le32(at + 16),
		.message = qw_le64(at + 24),
		.tree = qw_le32(at + 36),
		.len = next >= HEAD && next < left ? next : left,
	};
	head->request = !(head->flags & FLAG_RESPONSE);
	return at[0] == 0xfe && memcmp(at + 1, "SMB", 3) == 0 && qw_le16(at + 4) == HEAD;
}

static bool failed(const struct command_head *head)
{
	return head->status != 0 && head->status != STATUS_BUFFER_OVERFLOW;
}

/* Part of the command by its offset from the head; empty where it does not lie in what is here. */
static struct qw_slice part_of(const struct reading *reading, uint32_t offset, uint32_t len)
{
	size_t here = HEAD + reading->body.left;
	if (offset < HEAD || offset > here || len > here - offset)
		return qw_slice(NULL, 0);
	return qw_slice(reading->begin + offset, len);
}

static void set_name(struct qw_smb *smb, struct qw_smb_name *name, struct qw_slice raw)
{
	struct qw_text text;
	qw_text_init(&text, name->text, sizeof(name->text));
	qw_smb_text(&text, raw, true);
	name->len = (uint16_t)text.len;
	if (text.cut)
		qw_parser_cut(smb);
}

/* The file of an id at `at`; all ones: the one that the command before named. */
static struct qw_smb_file *file_at(const struct reading *reading, const uint8_t *at)
{
	const struct qw_smb_call *call = reading->call;
	struct qw_smb_side *side = qw_smb_side(call);
	struct qw_smb_file_id id = {{qw_le64(at), qw_le64(at + 8)}};
	struct qw_smb_file *file;
	if (id.word[0] == UINT64_MAX && id.word[1] == UINT64_MAX)
		return qw_smb_file_by_serial(call->smb, side->related);
	file = qw_smb_file_get(call, id, reading->head->tree, 2);
	side->related = file ? file->serial : 0;
	return file;
}

static void ask(const struct reading *reading, enum qw_smb_request_kind kind, const struct qw_smb_file *file,
		uint64_t offset)
{
	const struct qw_smb_request request = {
		.id = reading->head->message, .offset = offset, .file = file ? file->serial : 0, .kind = (uint8_t)kind};
	if (file)
		qw_smb_ask(reading->call->smb, &request);
}

/* The file whose request this answers; NULL: none is known. */
static struct qw_smb_file *answered(const struct reading *reading, enum qw_smb_request_kind kind, uint64_t *offset)
{
	struct qw_smb *smb = reading->call->smb;
	struct qw_smb_request request;
	*offset = 0;
	if (!qw_smb_answered(smb, reading->head->message, kind, &request))
		return NULL;
	*offset = request.offset;
	return qw_smb_file_by_serial(smb, request.file);
}

/* ---- requests */

static void session_request(const struct reading *reading)
{
	const uint8_t *at = reading->body.at;
	qw_smb_tell_session(reading->call, part_of(reading, qw_le16(at + 12), qw_le16(at + 14)), 2);
}

static void tree_request(const struct reading *reading)
{
	const uint8_t *at = reading->body.at;
	struct qw_smb_tree *tree = qw_smb_tree_new(reading->call, reading->head->message);
	if (!tree)
		return;
	tree->version = 2;
	set_name(reading->call->smb, &tree->name, part_of(reading, qw_le16(at + 4), qw_le16(at + 6)));
}

static void create_request(const struct reading *reading)
{
	const uint8_t *at = reading->body.at;
	struct qw_smb_file *file = qw_smb_file_new(reading->call, reading->head->tree, 2);
	if (!file)
		return;
	set_name(reading->call->smb, &file->name, part_of(reading, qw_le16(at + 44), qw_le16(at + 46)));
	qw_smb_side(reading->call)->related = file->serial;
	ask(reading, QW_SMB_REQUEST_CREATE, file, 0);
}

static void close_request(const struct reading *reading)
{
	qw_smb_file_close(reading->call, file_at(reading, reading->body.at + 8));
}

static void read_request(const struct reading *reading)
{
	const uint8_t *at = reading->body.at;
	ask(reading, QW_SMB_REQUEST_READ, file_at(reading, at + 16), qw_le64(at + 8));
}

/* The data follow: `offset` of them is counted from the head, of which `here` bytes were gathered. */
static void data_follow(const struct reading *reading, const struct qw_smb_file *file, bool written, uint64_t place,
			uint32_t offset, uint32_t len)
{
	struct qw_smb_data *data = &qw_smb_side(reading->call)->data;
	uint32_t here = HEAD + (uint32_t)reading->body.left, left = reading->head->len - here;
	if (!file || offset < here || offset - here > left)
		return;
	data->file = file->serial;
	data->way = (uint8_t)qw_smb_way(reading->call->smb, written);
	data->offset = place;
	data->before = offset - here;
	data->left = len < left - data->before ? len : left - data->before;
	data->after = left - data->before - data->left;
}

static void write_request(const struct reading *reading)
{
	const uint8_t *at = reading->body.at;
	const struct qw_smb_file *file = file_at(reading, at + 16);
	data_follow(reading, file, true, qw_le64(at + 8), qw_le16(at + 2), qw_le32(at + 4));
}

static void ioctl_request(const struct reading *reading)
{
	const uint8_t *at = reading->body.at;
	if (qw_le32(at + 4) != FSCTL_PIPE_TRANSCEIVE) {
		qw_smb_tell_command(reading->call, true, 2);
		return;
	}
	struct qw_smb_file *file = file_at(reading, at + 8);
	struct qw_slice data = part_of(reading, qw_le32(at + 24), qw_le32(at + 28));
	if (file)
		file->kind = QW_SMB_FILE_PIPE;
	ask(reading, QW_SMB_REQUEST_PIPE, file, 0);
	qw_smb_file_data(reading->call, file, qw_smb_way(reading->call->smb, true), 0, data, true);
}

/* ---- responses */

static void negotiate_response(const struct reading *reading)
{
	struct qw_smb *smb = reading->call->smb;
	qw_smb_tell_command(reading->call, false, smb->asked_in_smb1 ? 1 : 2); /* the transaction began so */
	smb->asked_in_smb1 = false;
}

static void tree_response(const struct reading *reading)
{
	const struct command_head *head = reading->head;
	struct qw_smb_tree *tree = qw_smb_tree_of_request(reading->call->smb, head->message);
	bool refused = failed(head) || reading->body.left < 3;
	if (tree && refused)
		qw_smb_tree_answer(reading->call, tree, NO_TREE, QW_SMB_TREE_UNKNOWN);
	else if (tree)
		qw_smb_tree_answer(reading->call, tree, head->tree,
				   reading->body.at[2] == SHARE_PIPE ? QW_SMB_TREE_PIPE : QW_SMB_TREE_DISK);
	qw_smb_tell_command(reading->call, false, 2);
}

static void create_response(const struct reading *reading)
{
	const uint8_t *at = reading->body.at;
	uint64_t none;
	struct qw_smb_file *file = answered(reading, QW_SMB_REQUEST_CREATE, &none);
	if (file && failed(reading->head)) {
		qw_smb_file_close(reading->call, file);
	} else if (file && reading->body.left >= CREATE_ANSWER) {
		file->size = qw_le64(at + 48);
		file->has_size = true;
		qw_smb_file_set_id(reading->call, file, (struct qw_smb_file_id){{qw_le64(at + 64), qw_le64(at + 72)}});
	}
	qw_smb_tell_command(reading->call, false, 2);
}

static void read_response(const struct reading *reading)
{
	const uint8_t *at = reading->body.at;
	uint64_t place;
	struct qw_smb_file *file = answered(reading, QW_SMB_REQUEST_READ, &place);
	if (reading->head->status == STATUS_END_OF_FILE)
		qw_smb_file_end(reading->call, file);
	else if (!failed(reading->head) && reading->body.left >= READ_FIXED)
		data_follow(reading, file, false, place, at[2], qw_le32(at + 4));
}

static void ioctl_response(const struct reading *reading)
{
	const uint8_t *at = reading->body.at;
	uint64_t none;
	struct qw_smb_file *file = answered(reading, QW_SMB_REQUEST_PIPE, &none);
	if (!file) {
		qw_smb_tell_command(reading->call, false, 2);
		return;
	}
	if (failed(reading->head) || reading->body.left < 40)
		return;
	qw_smb_file_data(reading->call, file, qw_smb_way(reading->call->smb, false), 0,
			 part_of(reading, qw_le32(at + 32), qw_le32(at + 36)), true);
}

/* ---- the table */

enum { ALL = QW_SMB_GATHER_MAX };

/*
 * What is read of a command behind its head: at least `least` bytes, or it is
 * not read at all; `most`: what is gathered for it.  plain: a command of which
 * Suricata makes a transaction, with its version.  A response may be an error,
 * which is short: least is 0.
 */
static const struct {
	void (*request)(const struct reading *reading);
	void (*response)(const struct reading *reading);
	uint32_t least, most, response_most;
	bool plain_request, plain_response;
} commands[COMMANDS] = {
	[COMMAND_NEGOTIATE] = {.response = negotiate_response, .plain_request = true},
	[COMMAND_SESSION_SETUP] = {.request = session_request, .least = 24, .most = ALL, .plain_response = true},
	[COMMAND_LOGOFF] = {.plain_request = true, .plain_response = true},
	[COMMAND_TREE_CONNECT] = {tree_request, tree_response, .least = 8, .most = ALL, .response_most = 16},
	[COMMAND_TREE_DISCONNECT] = {.plain_request = true, .plain_response = true},
	[COMMAND_CREATE] = {create_request, create_response, 56, ALL, CREATE_ANSWER, .plain_request = true},
	[COMMAND_CLOSE] = {close_request, NULL, 24, 24, 0, .plain_request = true, .plain_response = true},
	[COMMAND_FLUSH] = {.plain_request = true, .plain_response = true},
	[COMMAND_READ] = {read_request, read_response, 48, 48, READ_FIXED, false, false},
	[COMMAND_WRITE] = {.request = write_request, .least = WRITE_FIXED, .most = WRITE_FIXED},
	[COMMAND_LOCK] = {.plain_request = true, .plain_response = true},
	[COMMAND_IOCTL] = {ioctl_request, ioctl_response, 56, ALL, ALL, false, false},
	[COMMAND_CANCEL] = {.plain_request = true},
	[COMMAND_ECHO] = {.plain_request = true, .plain_response = true},
	[COMMAND_QUERY_DIRECTORY] = {.plain_request = true, .plain_response = true},
	[COMMAND_CHANGE_NOTIFY] = {.plain_request = true, .plain_response = true},
	[COMMAND_OPLOCK_BREAK] = {.plain_request = true, .plain_response = true},
};

static uint32_t wanted(const struct command_head *head)
{
	uint32_t most = 0;
	if (head->command < COMMANDS)
		most = head->request ? commands[head->command].most : commands[head->command].response_most;
	return most < head->len - HEAD ? HEAD + most : head->len;
}

static void dispatch(const struct reading *reading)
{
	const struct command_head *head = reading->head;
	if (head->command >= COMMANDS || (!head->request && head->status == STATUS_PENDING))
		return;
	bool plain = head->request ? commands[head->command].plain_request : commands[head->command].plain_response;
	void (*read)(const struct reading *) =
		head->request ? commands[head->command].request : commands[head->command].response;
	if (plain)
		qw_smb_tell_command(reading->call, head->request, 2);
	if (read && (!head->request || reading->body.left >= commands[head->command].least))
		read(reading);
}

void qw_smb2_read(const struct qw_smb_call *call, struct qw_bytes *in)
{
	struct qw_smb_side *side = qw_smb_side(call);
	struct qw_netbios *netbios = &side->netbios;
	struct command_head head;
	uint32_t left = netbios->left;
	const uint8_t *at = left >= HEAD ? qw_netbios_peek(call->smb, netbios, in, HEAD) : NULL;
	if (left < HEAD || (at && !read_head(at, left, &head))) {
		side->data.after = left; /* nothing of it can be read */
		return;
	}
	uint32_t want = at ? wanted(&head) : 0;
	if (!at || !(at = qw_netbios_peek(call->smb, netbios, in, want)))
		return;
	const struct reading reading = {call, &head, at, qw_bytes(at + HEAD, want - HEAD)};
	side->data = (struct qw_smb_data){.after = head.len - want};
	if (want < head.len && want == HEAD + (uint32_t)ALL)
		qw_parser_cut(call->smb);
	dispatch(&reading);
	qw_netbios_drop(call->smb, netbios, in, want);
}

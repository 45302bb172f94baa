/* SPDX-License-Identifier: Apache-2.0 */
/* smb1_data - SMB 1: reads, writes, and transactions on named pipes. */
#include "sensor/protocol/smb1.h"

enum {
	TRANSACT_PIPE = 0x26,
	MODE_RAW_MESSAGE = 0x0c, /* of a write to a pipe: two bytes of length stand before the data */
	READ_ANDX = 0x2e,
	WRITE_ANDX = 0x2f,
};

/* All of a read's or write's data. */
static void put(const struct qw_smb1_part *part, struct qw_smb_file *file, uint64_t place, struct qw_slice data)
{
	qw_smb_file_data(part->call, file, qw_smb1_way(part, part->head->request), place, data, true);
}

/* ---- reading and writing */

void qw_smb1_read_andx_request(const struct qw_smb1_part *part)
{
	const uint8_t *at = part->words.at;
	uint64_t high = part->words.left >= 24 ? qw_le32(at + 20) : 0;
	qw_smb1_ask(part, QW_SMB_REQUEST_READ, qw_smb1_file(part, 4), high << 32 | qw_le32(at + 6));
}

void qw_smb1_read_request(const struct qw_smb1_part *part)
{
	qw_smb1_ask(part, QW_SMB_REQUEST_READ, qw_smb1_file(part, 0), qw_le32(part->words.at + 4));
}

void qw_smb1_read_andx_response(const struct qw_smb1_part *part)
{
	const uint8_t *at = part->words.at;
	uint64_t place;
	struct qw_smb_file *file = qw_smb1_answered(part, QW_SMB_REQUEST_READ, &place);
	if (qw_smb1_failed(part) || part->words.left < 16)
		return;
	uint32_t len = (uint32_t)qw_le16(at + 14) << 16 | qw_le16(at + 10);
	put(part, file, place, qw_smb1_slice(part, qw_le16(at + 12), len));
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

void qw_smb1_read_response(const struct qw_smb1_part *part)
{
	uint64_t place;
	struct qw_smb_file *file = qw_smb1_answered(part, QW_SMB_REQUEST_READ, &place);
	if (!qw_smb1_failed(part))
		put(part, file, place, counted(part));
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
		.file = qw_smb1_file(part, 4),
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

void qw_smb1_write_andx_request(const struct qw_smb1_part *part)
{
	struct write write = write_of(part);
	put(part, write.file, write.place, qw_smb1_slice(part, write.offset, write.len));
}

void qw_smb1_write_request(const struct qw_smb1_part *part)
{
	put(part, qw_smb1_file(part, 0), qw_le32(part->words.at + 4), counted(part));
}

/* FID, count, offset, time; one byte of padding before the data. */
void qw_smb1_write_close_request(const struct qw_smb1_part *part)
{
	struct qw_bytes data = part->bytes;
	struct qw_smb_file *file = qw_smb1_file(part, 0);
	if (qw_bytes_skip(&data, 1)) {
		qw_bytes_limit(&data, qw_le16(part->words.at + 2));
		put(part, file, qw_le32(part->words.at + 4), qw_slice(data.at, data.left));
	}
	qw_smb_file_close(part->call, file);
}

/* ---- transactions on a named pipe */

void qw_smb1_transaction_request(const struct qw_smb1_part *part)
{
	const uint8_t *at = part->words.at;
	if (part->words.left < 32 || at[26] < 2 || qw_le16(at + 28) != TRANSACT_PIPE)
		return;
	struct qw_smb_file *file = qw_smb1_file(part, 30);
	if (file)
		file->kind = QW_SMB_FILE_PIPE;
	qw_smb1_ask(part, QW_SMB_REQUEST_PIPE, file, 0);
	put(part, file, 0, qw_smb1_slice(part, qw_le16(at + 24), qw_le16(at + 22)));
}

/* The rest of a transaction's data: the request before it says of which pipe. */
void qw_smb1_secondary_request(const struct qw_smb1_part *part)
{
	const uint8_t *at = part->words.at;
	uint64_t none;
	struct qw_smb_file *file = qw_smb1_answered(part, QW_SMB_REQUEST_PIPE, &none);
	qw_smb1_ask(part, QW_SMB_REQUEST_PIPE, file, 0);
	put(part, file, 0, qw_smb1_slice(part, qw_le16(at + 12), qw_le16(at + 10)));
}

/* There may be several, each with a part of the data. */
void qw_smb1_transaction_response(const struct qw_smb1_part *part)
{
	const uint8_t *at = part->words.at;
	uint64_t none;
	struct qw_smb_file *file = qw_smb1_answered(part, QW_SMB_REQUEST_PIPE, &none);
	if (!file || qw_smb1_failed(part) || part->words.left < 18)
		return;
	if ((uint32_t)qw_le16(at + 12) + qw_le16(at + 16) < qw_le16(at + 2))
		qw_smb1_ask(part, QW_SMB_REQUEST_PIPE, file, 0);
	put(part, file, 0, qw_smb1_slice(part, qw_le16(at + 14), qw_le16(at + 12)));
}

/* ---- large reads and writes */

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
		.way = (uint8_t)qw_smb1_way(part, part->head->request),
		.offset = write->place,
		.before = before,
		.left = len,
		.after = behind - before - len,
	};
}

static bool large_read(const struct qw_smb1_part *part, uint32_t left)
{
	const uint8_t *at = part->words.at;
	if (qw_smb1_failed(part) || part->words.left < 16)
		return false;
	struct write write = {.offset = qw_le16(at + 12), .len = (uint32_t)qw_le16(at + 14) << 16 | qw_le16(at + 10)};
	write.file = qw_smb1_answered(part, QW_SMB_REQUEST_READ, &write.place);
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/ledger_file.h"

#include <string.h>

enum { VERSION = 2, COVERED = QW_LEDGER_RECORD_HEAD - QW_SHA256_BYTES, FLAG_MENDED = 1, KIND_SHIFT = 4, KIND_MASK = 15 };

static const uint8_t MAGIC[8] = {'Q', 'W', 'L', 'E', 'D', 'G', 'R', '\n'};

static void put_le16(uint8_t *out, uint32_t value)
{
	out[0] = (uint8_t)value;
	out[1] = (uint8_t)(value >> 8);
}

static void put_le32(uint8_t *out, uint32_t value)
{
	put_le16(out, value);
	put_le16(out + 2, value >> 16);
}

static void put_le64(uint8_t *out, uint64_t value)
{
	put_le32(out, (uint32_t)value);
	put_le32(out + 4, (uint32_t)(value >> 32));
}

void qw_ledger_head_encode(uint8_t out[QW_LEDGER_HEAD], uint64_t number, struct qw_ledger_before *before)
{
	memcpy(out, MAGIC, sizeof(MAGIC));
	put_le32(out + 8, VERSION);
	put_le32(out + 12, 0);
	put_le64(out + 16, number);
	put_le64(out + 24, before->epoch);
	put_le64(out + 32, before->sequence);
	memcpy(out + 40, before->chain, QW_SHA256_BYTES);
	qw_sha256(out, QW_LEDGER_HEAD, before->chain);
}

/* From the chain before to the chain after. */
static void link_chain(uint8_t chain[QW_SHA256_BYTES], const uint8_t *covered, struct qw_slice data)
{
	uint8_t links[QW_SHA256_BYTES + COVERED + QW_SHA256_BYTES];

	memcpy(links, chain, QW_SHA256_BYTES);
	memcpy(links + QW_SHA256_BYTES, covered, COVERED);
	qw_sha256(data.data, data.len, links + QW_SHA256_BYTES + COVERED);
	qw_sha256(links, sizeof(links), chain);
}

static uint32_t at_most_16_bits(uint32_t value)
{
	return value < UINT16_MAX ? value : UINT16_MAX;
}

void qw_ledger_record_encode(uint8_t out[QW_LEDGER_RECORD_HEAD], uint8_t chain[QW_SHA256_BYTES],
			     const struct qw_ledger_record *record)
{
	put_le32(out, (uint32_t)record->data.len);
	put_le16(out + 4, at_most_16_bits(record->fields.kept));
	put_le16(out + 6, at_most_16_bits(record->fields.dropped));
	put_le16(out + 8, at_most_16_bits(record->fields.replaced));
	put_le16(out + 10, (record->mended ? FLAG_MENDED : 0) | (uint32_t)record->kind << KIND_SHIFT);
	put_le32(out + 12, 0);
	put_le64(out + 16, (uint64_t)record->time_ns);
	put_le64(out + 24, record->epoch);
	put_le64(out + 32, record->sequence);
	link_chain(chain, out, record->data);
	memcpy(out + COVERED, chain, QW_SHA256_BYTES);
}

enum qw_err qw_ledger_reader_init(struct qw_ledger_reader *reader, struct qw_bytes whole)
{
	struct qw_bytes head;

	if (!qw_bytes_take(&whole, QW_LEDGER_HEAD, &head) || memcmp(head.at, MAGIC, sizeof(MAGIC)) != 0)
		return QW_EFORMAT;
	if (qw_le32(head.at + 8) != VERSION)
		return QW_EVERSION;
	reader->left = whole;
	reader->number = qw_le64(head.at + 16);
	reader->epoch = qw_le64(head.at + 24);
	reader->sequence = qw_le64(head.at + 32);
	memcpy(reader->before, head.at + 40, QW_SHA256_BYTES);
	qw_sha256(head.at, QW_LEDGER_HEAD, reader->chain);
	return QW_OK;
}

enum qw_err qw_ledger_next(struct qw_ledger_reader *reader, struct qw_ledger_record *out)
{
	struct qw_bytes in = reader->left, head, data;
	uint8_t chain[QW_SHA256_BYTES];

	if (in.left == 0)
		return QW_EAGAIN;
	if (!qw_bytes_take(&in, QW_LEDGER_RECORD_HEAD, &head))
		return QW_ETRUNC;
	uint32_t len = qw_le32(head.at);
	if (len > QW_LEDGER_RECORD_MAX)
		return QW_EFORMAT;
	if (!qw_bytes_take(&in, len, &data))
		return QW_ETRUNC;
	memcpy(chain, reader->chain, sizeof(chain));
	link_chain(chain, head.at, qw_slice(data.at, data.left));
	if (memcmp(chain, head.at + COVERED, sizeof(chain)) != 0)
		return QW_EFORMAT;
	memcpy(reader->chain, chain, sizeof(chain));
	reader->left = in;
	unsigned flags = qw_le16(head.at + 10);
	*out = (struct qw_ledger_record){
		.time_ns = (int64_t)qw_le64(head.at + 16),
		.kind = (enum qw_ledger_kind)(flags >> KIND_SHIFT & KIND_MASK), /* also one of a newer sensor */
		.epoch = qw_le64(head.at + 24),
		.sequence = qw_le64(head.at + 32),
		.fields = {qw_le16(head.at + 4), qw_le16(head.at + 6), qw_le16(head.at + 8)},
		.mended = (flags & FLAG_MENDED) != 0,
		.data = qw_slice(data.at, data.left),
	};
	if (out->kind == QW_LEDGER_ALERT) {
		reader->epoch = out->epoch;
		reader->sequence = out->sequence;
	}
	return QW_OK;
}

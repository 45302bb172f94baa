/* SPDX-License-Identifier: Apache-2.0 */
/* ledger_file - one file of the ledger as bytes. */
#include "sensor/export/ledger_file.h"

#include <string.h>

enum { VERSION = 1, COVERED = QW_LEDGER_RECORD_HEAD - QW_SHA256_BYTES };

static const uint8_t MAGIC[8] = {'Q', 'W', 'L', 'E', 'D', 'G', 'R', '\n'};

static void put_le32(uint8_t *out, uint32_t value)
{
	for (int at = 0; at < 4; at++)
		out[at] = (uint8_t)(value >> 8 * at);
}

static void put_le64(uint8_t *out, uint64_t value)
{
	put_le32(out, (uint32_t)value);
	put_le32(out + 4, (uint32_t)(value >> 32));
}

void qw_ledger_head_encode(uint8_t out[QW_LEDGER_HEAD], uint64_t number, const uint8_t chain[QW_SHA256_BYTES])
{
	memcpy(out, MAGIC, sizeof(MAGIC));
	put_le32(out + 8, VERSION);
	put_le32(out + 12, 0);
	put_le64(out + 16, number);
	memcpy(out + 24, chain, QW_SHA256_BYTES);
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

void qw_ledger_record_encode(uint8_t out[QW_LEDGER_RECORD_HEAD], uint8_t chain[QW_SHA256_BYTES],
			     const struct qw_ledger_record *record)
{
	put_le32(out, (uint32_t)record->data.len);
	put_le32(out + 4, 0);
	put_le64(out + 8, (uint64_t)record->time_ns);
	put_le64(out + 16, record->epoch);
	put_le64(out + 24, record->sequence);
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
	memcpy(reader->chain, head.at + 24, QW_SHA256_BYTES);
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
	*out = (struct qw_ledger_record){(int64_t)qw_le64(head.at + 8), qw_le64(head.at + 16), qw_le64(head.at + 24),
					 qw_slice(data.at, data.left)};
	return QW_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/segment.h"

#include "quaywatch/hash.h"
#include "sensor/export/spool.h"

enum { VERSION = 1, HEAD_COVERED = QW_SPOOL_SEGMENT_HEAD - 8, RECORD_COVERED = QW_SPOOL_SEGMENT_RECORD_HEAD - 8 };

static const uint8_t MAGIC[8] = {'Q', 'W', 'S', 'P', 'O', 'O', 'L', '\n'};

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

static uint64_t sum_head(const uint8_t *covered, const struct qw_spool_segment_head *head)
{
	return qw_siphash((struct qw_hash_key){head->epoch, head->number}, covered, HEAD_COVERED);
}

/* The record's own head goes into the key, its bytes into the message: one pass, no copy. */
static uint64_t sum_record(const uint8_t *covered, struct qw_slice data, const struct qw_spool_segment_head *head)
{
	uint64_t outer = qw_siphash((struct qw_hash_key){head->epoch, head->number}, covered, RECORD_COVERED);
	return qw_siphash((struct qw_hash_key){outer, head->epoch}, data.data, data.len);
}

void qw_spool_segment_head_encode(uint8_t out[QW_SPOOL_SEGMENT_HEAD], const struct qw_spool_segment_head *head)
{
	memcpy(out, MAGIC, sizeof(MAGIC));
	put_le32(out + 8, VERSION);
	put_le32(out + 12, 0);
	put_le64(out + 16, head->number);
	put_le64(out + 24, head->epoch);
	put_le64(out + 32, head->first);
	put_le64(out + HEAD_COVERED, sum_head(out, head));
}

enum qw_err qw_spool_segment_head_decode(struct qw_spool_segment_head *out, struct qw_bytes *in)
{
	struct qw_bytes cut;
	if (!qw_bytes_take(in, QW_SPOOL_SEGMENT_HEAD, &cut) || memcmp(cut.at, MAGIC, sizeof(MAGIC)) != 0)
		return QW_EFORMAT;
	if (qw_le32(cut.at + 8) != VERSION)
		return QW_EVERSION;
	struct qw_spool_segment_head head = {qw_le64(cut.at + 16), qw_le64(cut.at + 24), qw_le64(cut.at + 32)};
	if (qw_le64(cut.at + HEAD_COVERED) != sum_head(cut.at, &head) || !head.epoch || !head.first)
		return QW_EFORMAT;
	*out = head;
	return QW_OK;
}

void qw_spool_segment_record_encode(uint8_t out[QW_SPOOL_SEGMENT_RECORD_HEAD], const struct qw_spool_segment_head *head,
				    uint64_t sequence, struct qw_slice data)
{
	put_le32(out, (uint32_t)data.len);
	put_le32(out + 4, 0);
	put_le64(out + 8, sequence);
	put_le64(out + RECORD_COVERED, sum_record(out, data, head));
}

enum qw_err qw_spool_segment_record_decode(struct qw_slice *data, struct qw_bytes *in,
					   const struct qw_spool_segment_head *head, uint64_t sequence)
{
	struct qw_bytes rest = *in, own, body;
	if (!qw_bytes_take(&rest, QW_SPOOL_SEGMENT_RECORD_HEAD, &own))
		return QW_ETRUNC;
	uint32_t len = qw_le32(own.at);
	if (len > QW_SPOOL_RECORD_MAX || qw_le64(own.at + 8) != sequence)
		return QW_EFORMAT;
	if (!qw_bytes_take(&rest, len, &body))
		return QW_ETRUNC;
	struct qw_slice found = qw_slice(body.at, body.left);
	if (qw_le64(own.at + RECORD_COVERED) != sum_record(own.at, found, head))
		return QW_EFORMAT;
	*data = found;
	*in = rest;
	return QW_OK;
}

enum qw_err qw_spool_segment_scan(struct qw_spool_segment_scan *out, struct qw_bytes whole)
{
	struct qw_spool_segment_scan scan = {0};
	struct qw_bytes in = whole;
	enum qw_err err = qw_spool_segment_head_decode(&scan.head, &in);
	if (err)
		return err;
	struct qw_slice data;
	while (scan.records < UINT64_MAX - scan.head.first &&
	       qw_spool_segment_record_decode(&data, &in, &scan.head, scan.head.first + scan.records) == QW_OK)
		scan.records++;
	scan.sound = whole.left - in.left;
	*out = scan;
	return QW_OK;
}

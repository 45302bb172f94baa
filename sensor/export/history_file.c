/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/history_file.h"

#include <string.h>

#include "quaywatch/hash.h"

enum { COVERED = QW_HISTORY_RECORD_HEAD - 8 };

static const uint8_t MAGIC[8] = {'Q', 'W', 'H', 'I', 'S', 'T', '1', '\n'};

static void put_le64(uint8_t *out, uint64_t value)
{
	for (int at = 0; at < 8; at++)
		out[at] = (uint8_t)(value >> 8 * at);
}

void qw_history_head_encode(uint8_t out[QW_HISTORY_HEAD], uint64_t key)
{
	memcpy(out, MAGIC, sizeof(MAGIC));
	put_le64(out + sizeof(MAGIC), key);
}

enum qw_err qw_history_head_decode(uint64_t *key, struct qw_bytes *in)
{
	struct qw_bytes head;

	if (!qw_bytes_take(in, QW_HISTORY_HEAD, &head) || memcmp(head.at, MAGIC, sizeof(MAGIC)) != 0)
		return QW_EFORMAT;
	*key = qw_le64(head.at + sizeof(MAGIC));
	return QW_OK;
}

/* The record's own head goes into the key, the delta into the message: one pass, no copy. */
static uint64_t sum(const uint8_t *covered, struct qw_slice delta, uint64_t key)
{
	uint64_t outer = qw_siphash((struct qw_hash_key){key, ~key}, covered, COVERED);

	return qw_siphash((struct qw_hash_key){outer, key}, delta.data, delta.len);
}

void qw_history_record_encode(uint8_t out[QW_HISTORY_RECORD_HEAD], uint64_t key, struct qw_order order,
			      struct qw_slice delta)
{
	put_le64(out, delta.len); /* below 2^32: the upper half is the zero */
	put_le64(out + 8, order.term);
	put_le64(out + 16, order.sequence);
	put_le64(out + COVERED, sum(out, delta, key));
}

enum qw_err qw_history_record_decode(struct qw_order *order, struct qw_slice *delta, uint64_t key, struct qw_bytes *in)
{
	struct qw_bytes rest = *in, head, body;

	if (!qw_bytes_take(&rest, QW_HISTORY_RECORD_HEAD, &head))
		return QW_ETRUNC;
	uint64_t len = qw_le64(head.at);
	if (len > QW_DELTA_MAX)
		return QW_EFORMAT;
	if (!qw_bytes_take(&rest, len, &body))
		return QW_ETRUNC;
	struct qw_slice found = qw_slice(body.at, body.left);
	if (qw_le64(head.at + COVERED) != sum(head.at, found, key))
		return QW_EFORMAT;
	*order = (struct qw_order){qw_le64(head.at + 8), qw_le64(head.at + 16)};
	*delta = found;
	*in = rest;
	return QW_OK;
}

enum qw_err qw_history_scan(struct qw_history_scan *out, struct qw_bytes whole)
{
	struct qw_history_scan scan = {0};
	struct qw_bytes in = whole;
	struct qw_order order;
	struct qw_slice delta;
	enum qw_err err = qw_history_head_decode(&scan.key, &in);

	if (err != QW_OK)
		return err;
	for (;;) {
		scan.sound = whole.left - in.left;
		if (qw_history_record_decode(&order, &delta, scan.key, &in) != QW_OK)
			break;
		if (scan.records && !qw_order_before(scan.last, order))
			break;
		scan.first = scan.records ? scan.first : order;
		scan.last = order;
		scan.records++;
	}
	*out = scan;
	return QW_OK;
}

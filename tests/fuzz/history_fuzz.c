/* SPDX-License-Identifier: Apache-2.0 */
/* First byte even: a file of a channel's history as it comes.  Odd: behind a sound record, which must never be hidden.
 */
#include <stdlib.h>
#include <string.h>

#include "sensor/export/history_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fine)
{
	if (!fine)
		abort();
}

/* What is sound must be found again, record by record, and ascend. */
static void scan(struct qw_bytes whole, uint64_t least)
{
	struct qw_history_scan scan;
	struct qw_order order, before = {0, 0};
	struct qw_slice delta;
	uint64_t key, records = 0;

	if (qw_history_scan(&scan, whole) != QW_OK) {
		must(least == 0);
		return;
	}
	must(scan.sound <= whole.left && scan.records >= least);
	struct qw_bytes in = qw_bytes(whole.at, scan.sound);
	must(qw_history_head_decode(&key, &in) == QW_OK && key == scan.key);
	for (; in.left; records++, before = order) {
		must(qw_history_record_decode(&order, &delta, key, &in) == QW_OK);
		must(records == 0 || qw_order_before(before, order));
	}
	must(records == scan.records && (records == 0 || !qw_order_before(scan.last, before)));
}

static void scan_behind_record(const uint8_t *data, size_t size)
{
	enum { SOUND = QW_HISTORY_HEAD + QW_HISTORY_RECORD_HEAD + 3 };
	uint8_t *file = malloc(SOUND + size);

	must(file);
	qw_history_head_encode(file, 0x51C2);
	qw_history_record_encode(file + QW_HISTORY_HEAD, 0x51C2, (struct qw_order){1, 7}, qw_slice("abc", 3));
	memcpy(file + SOUND - 3, "abc", 3);
	memcpy(file + SOUND, data, size);
	scan(qw_bytes(file, SOUND + size), 1);
	free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] & 1)
		scan_behind_record(data + 1, size - 1);
	else
		scan(qw_bytes(data + 1, size - 1), 0);
	return 0;
}

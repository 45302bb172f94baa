/* SPDX-License-Identifier: Apache-2.0 */
/* First byte even: a spool segment as it comes.  Odd: records for a sound head, and what was written must be read back.
 */
#include <stdlib.h>
#include <string.h>

#include "sensor/export/segment.h"
#include "sensor/export/spool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fine)
{
	if (!fine)
		abort();
}

/* Our own record first, the input behind it: the input must never hide the record. */
static void scan_behind_record(const uint8_t *data, size_t size)
{
	struct qw_spool_segment_head head = {7, 0x51C2, 41};
	size_t record = QW_SPOOL_SEGMENT_RECORD_HEAD + 3, len = QW_SPOOL_SEGMENT_HEAD + record + size;
	uint8_t *file = malloc(len);
	must(file);
	qw_spool_segment_head_encode(file, &head);
	qw_spool_segment_record_encode(file + QW_SPOOL_SEGMENT_HEAD, &head, head.first, qw_slice("abc", 3));
	memcpy(file + QW_SPOOL_SEGMENT_HEAD + QW_SPOOL_SEGMENT_RECORD_HEAD, "abc", 3);
	memcpy(file + QW_SPOOL_SEGMENT_HEAD + record, data, size);
	struct qw_spool_segment_scan scan;
	must(qw_spool_segment_scan(&scan, qw_bytes(file, len)) == QW_OK);
	must(scan.records >= 1 && scan.sound >= QW_SPOOL_SEGMENT_HEAD + record && scan.sound <= len);
	free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct qw_spool_segment_scan scan;
	if (data[0] & 1)
		scan_behind_record(data + 1, size - 1);
	else if (qw_spool_segment_scan(&scan, qw_bytes(data + 1, size - 1)) == QW_OK)
		must(scan.sound <= size - 1);
	return 0;
}

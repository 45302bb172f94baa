/* SPDX-License-Identifier: Apache-2.0 */
/* A file of the ledger that somebody changed: whatever it holds, records lie inside it, and reading ends. */
#include "sensor/export/ledger.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_ledger_reader reader;
	struct qw_ledger_record record;

	if (qw_ledger_reader_init(&reader, qw_bytes(data, size)) != QW_OK)
		return 0;
	while (qw_ledger_next(&reader, &record) == QW_OK)
		if (record.data.data < data || record.data.data + record.data.len > data + size)
			abort();
	return 0;
}

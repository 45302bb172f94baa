/* SPDX-License-Identifier: Apache-2.0 */
/* ledger_file - how a file of the ledger is written; ledger.h says how it is read. */
#pragma once

#include "sensor/export/ledger.h"

void qw_ledger_head_encode(uint8_t out[QW_LEDGER_HEAD], uint64_t number, const uint8_t chain[QW_SHA256_BYTES]);

/* The head of a record, and the chain that stands behind it. */
void qw_ledger_record_encode(uint8_t out[QW_LEDGER_RECORD_HEAD], uint8_t chain[QW_SHA256_BYTES],
			     const struct qw_ledger_record *record);

/* SPDX-License-Identifier: Apache-2.0 */
/* ledger_file - one file of the ledger as bytes: what is written into it. */
#pragma once

#include "sensor/export/ledger.h"

/* What stands before a file's first record: the chain, and the name of the last alert before. */
struct qw_ledger_before {
	uint64_t epoch, sequence; /* 0: none */
	uint8_t chain[QW_SHA256_BYTES];
};

/* `before` becomes what stands before the first record. */
void qw_ledger_head_encode(uint8_t out[QW_LEDGER_HEAD], uint64_t number, struct qw_ledger_before *before);
/* The chain goes on by the record. */
void qw_ledger_record_encode(uint8_t out[QW_LEDGER_RECORD_HEAD], uint8_t chain[QW_SHA256_BYTES],
			     const struct qw_ledger_record *record);

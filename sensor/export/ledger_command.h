/* SPDX-License-Identifier: Apache-2.0 */
/* ledger_command - what people ask of the ledger: what left, and whether that is still what was written. */
#pragma once

#include "quaywatch/command_row.h"
#include "sensor/export/ledger.h"

/* The rows; ledger NULL: this sensor has no collector. */
struct qw_command_part qw_ledger_commands(const struct qw_ledger *ledger);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv - what tells a table of values from other text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True if a header, or the first rows, say which of several columns holds values. */
bool qw_csv_has_columns(const uint8_t *data, size_t len);

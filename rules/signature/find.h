/* SPDX-License-Identifier: Apache-2.0 */
/* find - where a content stands in data. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The first place of a content of at least one byte in data[from, to), or -1; nocase: the content is in lower case. */
int64_t qw_find(const uint8_t *data, int64_t from, int64_t to, const uint8_t *content, int64_t len, bool nocase);

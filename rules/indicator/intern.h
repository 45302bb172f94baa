/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intern - each distinct row once, in order of first sight.
 *
 * One thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"

struct qw_intern {
	uint8_t *rows;
	size_t row_size;
	uint32_t count, room, max;
	uint32_t *slots; /* row + 1; 0: free */
	uint32_t slot_count;
	uint32_t last; /* row found last: lists repeat themselves */
};

void qw_intern_init(struct qw_intern *intern, size_t row_size, uint32_t max);
void qw_intern_fini(struct qw_intern *intern);

/* The index of an equal row, added if it is new.  QW_ENOMEM; QW_ELIMIT: max rows are there. */
enum qw_err qw_intern_row(struct qw_intern *intern, const void *row, uint32_t *index) QW_MUSTCHECK;

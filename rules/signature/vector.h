/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vector - growing arrays of plain rows, for builders.
 *
 *	struct qw_vector ops;
 *	qw_vector_init(&ops, sizeof(struct qw_op));
 *	struct qw_op *op = qw_vector_add(&ops, 1);   NULL: no memory
 *
 * Rows move when it grows: keep numbers, not pointers.  One thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct qw_vector {
	void *rows;
	size_t row_size, count, room;
};

void qw_vector_init(struct qw_vector *vector, size_t row_size);
void qw_vector_fini(struct qw_vector *vector);

/* Appends zeroed rows; the first of them, or NULL: no memory. */
void *qw_vector_add(struct qw_vector *vector, size_t count);

/* Appends copies; their first number, or UINT32_MAX: no memory. */
uint32_t qw_vector_put(struct qw_vector *vector, const void *rows, size_t count);

static inline void *qw_vector_at(const struct qw_vector *vector, size_t number)
{
	return (char *)vector->rows + number * vector->row_size;
}

/*
 * names - numbers found again by bytes: interned texts, sets, rule identities.
 */
struct qw_names {
	struct qw_name *slots;
	size_t count, size;
	struct qw_vector bytes;
};

void qw_names_init(struct qw_names *names);
void qw_names_fini(struct qw_names *names);

/* The number kept under key; *fresh false: was there.  NULL: no memory.  A fresh one is 0. */
uint32_t *qw_names_get(struct qw_names *names, const void *key, size_t len, int *fresh);

/* NULL: not there. */
uint32_t *qw_names_find(const struct qw_names *names, const void *key, size_t len);

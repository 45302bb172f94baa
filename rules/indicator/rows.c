/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/rows.h"

#include <string.h>

enum { SOURCES_MAX = 65535 };

enum qw_err qw_rows_init(struct qw_rows *rows)
{
	static const char OTHER[QW_SOURCE_SIZE] = "other";
	uint32_t row;

	qw_intern_init(&rows->tuples, sizeof(struct qw_tuple), QW_TUPLES_MAX);
	qw_intern_init(&rows->sources, QW_SOURCE_SIZE, SOURCES_MAX);
	return qw_intern_row(&rows->sources, OTHER, &row);
}

void qw_rows_fini(struct qw_rows *rows)
{
	qw_intern_fini(&rows->tuples);
	qw_intern_fini(&rows->sources);
}

enum qw_err qw_rows_add(struct qw_rows *rows, const struct qw_tuple *tuple, const char *source, uint32_t *number)
{
	struct qw_tuple own = *tuple;
	char name[QW_SOURCE_SIZE] = {0};
	uint32_t row = 0;

	memcpy(name, source, strnlen(source, sizeof(name) - 1));
	enum qw_err err = qw_intern_row(&rows->sources, name, &row);
	if (err != QW_OK && err != QW_ELIMIT)
		return err;
	own.source = (uint16_t)(err == QW_OK ? row : 0);
	return qw_intern_row(&rows->tuples, &own, number);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/sets.h"

#include <string.h>

void qw_sets_init(struct qw_sets *sets)
{
	qw_names_init(&sets->by_text[QW_RANGE_ADDRESS]);
	qw_names_init(&sets->by_text[QW_RANGE_PORT]);
	qw_names_init(&sets->by_content);
	qw_vector_init(&sets->rows, sizeof(struct qw_run));
	qw_vector_init(&sets->ranges, sizeof(struct qw_range));
}

void qw_sets_fini(struct qw_sets *sets)
{
	qw_names_fini(&sets->by_text[QW_RANGE_ADDRESS]);
	qw_names_fini(&sets->by_text[QW_RANGE_PORT]);
	qw_names_fini(&sets->by_content);
	qw_vector_fini(&sets->rows);
	qw_vector_fini(&sets->ranges);
}

static enum qw_err keep(struct qw_sets *sets, const struct qw_vector *ranges, uint32_t *set)
{
	int fresh;
	uint32_t *found = qw_names_get(&sets->by_content, ranges->rows, ranges->count * ranges->row_size, &fresh);
	if (!found)
		return QW_ENOMEM;
	if (fresh) {
		struct qw_run run = {0, (uint32_t)ranges->count};
		run.first = qw_vector_put(&sets->ranges, ranges->rows, ranges->count);
		*found = qw_vector_put(&sets->rows, &run, 1);
		if (run.first == UINT32_MAX || *found == UINT32_MAX)
			return QW_ENOMEM;
	}
	*set = *found;
	return QW_OK;
}

enum qw_err qw_sets_parse(struct qw_parse *parse, enum qw_range_kind kind, struct qw_word text, uint32_t *set)
{
	struct qw_names *by_text = &parse->sets->by_text[kind];
	struct qw_vector ranges;
	bool any;
	int fresh;
	uint32_t *known = qw_names_find(by_text, text.at, text.len);
	if (known) {
		*set = *known;
		return QW_OK;
	}
	qw_vector_init(&ranges, sizeof(struct qw_range));
	enum qw_err err = qw_ranges_parse(parse, kind, text, &ranges, &any);
	if (!err && any)
		*set = QW_NONE;
	else if (!err)
		err = keep(parse->sets, &ranges, set);
	qw_vector_fini(&ranges);
	if (err)
		return err;
	known = qw_names_get(by_text, text.at, text.len, &fresh);
	if (!known)
		return QW_ENOMEM;
	*known = *set;
	return QW_OK;
}

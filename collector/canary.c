/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/canary.h"

#include <stdio.h>
#include <string.h>

#include "collector/channels.h"

enum { ROWS_MAX = 1000000 }; /* of one value: a row a channel, so that none is hidden behind others */

static enum qw_err see_row(void *ctx, const struct qw_indicator_row *row)
{
	char *tenant = ctx;
	bool marked = strncmp(row->why, QW_CANARY_WHY, sizeof(QW_CANARY_WHY) - 1) == 0;

	if (marked && !row->indicator.allow && strcmp(row->channel, QW_COMMUNITY) != 0)
		snprintf(tenant, QW_NAME_MAX + 1, "%s", row->channel);
	return QW_OK;
}

enum qw_err qw_canary_of(struct qw_store *store, const struct qw_observable *observable, char tenant[QW_NAME_MAX + 1])
{
	tenant[0] = '\0';
	return qw_store_each_indicator(store, NULL, observable, ROWS_MAX, see_row, tenant);
}

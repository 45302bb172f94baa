/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/exceptions.h"

static enum qw_err add(void *ctx, const struct qw_entry *entry)
{
	static const struct qw_guard_list list = {QW_GUARD_ALLOW, "the community's allow entries", NULL};
	struct qw_indicator indicator;

	if (entry->kind != QW_ENTRY_ALLOW || qw_entry_indicator(entry, &indicator) != QW_OK)
		return QW_OK;
	return qw_guard_add(ctx, &list, &indicator.observable);
}

enum qw_err qw_exceptions_get(const struct qw_guard **out, struct qw_exceptions *exceptions,
			      const struct qw_publication *publication)
{
	struct qw_channel *community;
	struct qw_guard *guard;

	if (exceptions->guard && exceptions->changes == *publication->allow_changes) {
		*out = exceptions->guard;
		return QW_OK;
	}
	enum qw_err err = qw_channels_get(&community, publication->channels, QW_COMMUNITY);
	if (err == QW_OK)
		err = qw_guard_new(&guard);
	if (err != QW_OK)
		return err;
	err = qw_channel_each(community, add, guard);
	if (err != QW_OK) {
		qw_guard_free(guard);
		return err;
	}
	qw_guard_finish(guard);
	qw_guard_free(exceptions->guard);
	*exceptions = (struct qw_exceptions){guard, *publication->allow_changes};
	*out = guard;
	return QW_OK;
}

void qw_exceptions_fini(struct qw_exceptions *exceptions)
{
	qw_guard_free(exceptions->guard);
}

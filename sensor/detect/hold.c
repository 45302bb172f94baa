/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/hold.h"

#include <string.h>

static size_t rounded(size_t bytes)
{
	return (bytes + 7) / 8 * 8;
}

bool qw_hold_put(struct qw_hold *hold, uint64_t hash, const struct qw_event *event)
{
	size_t size = sizeof(hash) + rounded(qw_event_size(event));

	if (size > QW_HOLD_BYTES - hold->used)
		return false;
	memcpy(hold->memory + hold->used, &hash, sizeof(hash));
	memcpy(hold->memory + hold->used + sizeof(hash), event, qw_event_size(event));
	hold->used += size;
	return true;
}

const struct qw_event *qw_hold_next(const struct qw_hold *hold, size_t *at, uint64_t *hash)
{
	if (*at >= hold->used)
		return NULL;
	const struct qw_event *event = (const struct qw_event *)(const void *)(hold->memory + *at + sizeof(*hash));
	memcpy(hash, hold->memory + *at, sizeof(*hash));
	*at += sizeof(*hash) + rounded(qw_event_size(event));
	return event;
}

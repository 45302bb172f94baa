/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of watch.zones and watch.conduits, one a line: a refused one leaves nothing behind. */
#include "sensor/watch/paths/conduit.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(struct qw_zones *zones, const char *line, size_t len)
{
	size_t nets = zones->net_count, services = zones->service_count;
	const char *why = NULL;
	bool zone = qw_zones_add(zones, line, len, &why) == QW_OK;

	if (!zone && (!why || zones->net_count != nets))
		abort();
	why = NULL;
	if (qw_zones_allow(zones, line, len, &why) != QW_OK && (!why || zones->service_count != services))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_zones *zones = calloc(1, sizeof(*zones));
	const char *at = (const char *)data;

	while (zones && size) {
		const char *end = memchr(at, '\n', size);
		size_t len = end ? (size_t)(end - at) : size;
		take(zones, at, len);
		at += len + (end != NULL);
		size -= len + (end != NULL);
	}
	for (size_t i = 0; zones && i < zones->net_count; i++)
		if (qw_zones_find(zones, &zones->net[i].prefix.address) >= zones->count)
			abort();
	free(zones);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* An event from a hostile worker, as watchers see it: what is handed out lies inside it. */
#include "sensor/watch/seen.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct qw_slice slice, const uint8_t *data, size_t size)
{
	if (slice.len && (slice.data < data || slice.data + slice.len > data + size))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_seen seen;

	if (qw_seen_read(&seen, data, size) != QW_OK)
		return 0;
	const struct qw_slice slices[] = {seen.app, seen.dns_name, seen.tls_sni, seen.tls_ja4, seen.signature, seen.ot.protocol,
					  seen.ot.kind, seen.ot.name, seen.ot.objects, seen.ot.vendor, seen.ot.serial, seen.ot.clock};
	for (size_t i = 0; i < sizeof(slices) / sizeof(slices[0]); i++)
		check(slices[i], data, size);
	if (seen.type >= QW_EVENT_COUNT || (seen.type != QW_EVENT_FLOW && (seen.flow.begins || seen.flow.ends)))
		abort();
	return 0;
}

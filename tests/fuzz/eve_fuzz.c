/* SPDX-License-Identifier: Apache-2.0 */
/* An event from a hostile worker as EVE: whatever it holds, a line is JSON, and parts lie inside the event. */
#include "sensor/export/eve.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 256 * 1024 };

static void check_inside(struct qw_slice slice, const uint8_t *data, size_t size)
{
	if (slice.len && (slice.data < data || slice.len > size || slice.data + slice.len > data + size))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char line[LINE_BYTES];
	static _Alignas(8) uint8_t event[QW_EVENT_MAX];
	struct qw_eve_parts parts;
	struct qw_text text;

	if (size > sizeof(event))
		return 0;
	memcpy(event, data, size);
	qw_text_init(&text, line, sizeof(line));
	if (qw_eve_render(&text, event, size, true, &parts) != QW_OK)
		return 0;
	check_inside(parts.name, event, size);
	check_inside(parts.ja3, event, size);
	check_inside(parts.own.origin, event, size);
	check_inside(parts.own.indicator.value, event, size);
	if (memchr(text.at, '\n', text.len))
		abort();
	return 0;
}

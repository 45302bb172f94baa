/* SPDX-License-Identifier: Apache-2.0 */
/* An event from a hostile worker: every field that is handed out must lie inside it. */
#include "quaywatch/event.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_event_reader reader;
	const struct qw_event *event;
	enum qw_event_key key;
	const uint8_t *field;
	size_t len, walked = 0;
	volatile uint8_t sum = 0;

	if (qw_event_open(&reader, data, size, &event))
		return 0;
	while (qw_event_next(&reader, &key, &field, &len)) {
		for (size_t i = 0; i < len; i++)
			sum = (uint8_t)(sum + field[i]);
		walked += 4 + (len + 3) / 4 * 4;
	}
	if (walked != event->len || qw_event_size(event) != size)
		abort();
	return 0;
}

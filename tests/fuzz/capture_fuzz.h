/* SPDX-License-Identifier: Apache-2.0 */
/* capture_fuzz - a capture file in memory, read to its end; every byte of every frame is looked at. */
#pragma once

#include <stdlib.h>

#include "sensor/capture/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int fuzz_capture(const struct qw_capture_format *format, const uint8_t *data, size_t size)
{
	static volatile uint8_t sink;
	struct qw_frame frames[5];
	struct qw_reader reader;
	size_t count;

	if (qw_reader_recognise(qw_bytes(data, size)) != format ||
	    qw_reader_init(&reader, data, size) != QW_OK)
		return 0;
	while ((count = qw_reader_read(&reader, frames, 5)))
		for (size_t i = 0; i < count; i++) {
			if (frames[i].len > QW_CAPTURE_FRAME_MAX)
				abort();
			for (uint32_t at = 0; at < frames[i].len; at++)
				sink ^= frames[i].data[at];
		}
	(void)sink;
	qw_reader_fini(&reader);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile producer: the first eight bytes are its head, the rest what it wrote into the records. */
#include "quaywatch/ring.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES = 4096, HEADER = 192 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_ring_reader reader;
	const void *record;
	size_t len;
	volatile uint8_t sum = 0;
	if (size < 8)
		return 0;
	char *memory = aligned_alloc(64, HEADER + BYTES);
	if (!memory)
		return 0;
	memset(memory, 0, HEADER + BYTES);
	if (qw_ring_init((struct qw_ring *)memory, BYTES) || qw_ring_reader_init(&reader, (struct qw_ring *)memory, BYTES))
		abort();
	memcpy(memory, data, 8);
	memcpy(memory + HEADER, data + 8, size - 8 < BYTES ? size - 8 : BYTES);
	while (qw_ring_peek(&reader, &record, &len) == QW_OK) {
		for (size_t i = 0; i < len; i++)
			sum = (uint8_t)(sum + ((const uint8_t *)record)[i]);
		qw_ring_release(&reader);
	}
	free(memory);
	return 0;
}

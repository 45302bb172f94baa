/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "quaywatch/observable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses the type.  A canonical text reads as itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_observable once, again;
	if (size == 0)
		return 0;
	enum qw_observable_type type = (enum qw_observable_type)(data[0] % (QW_OBS_COUNT + 1));
	if (qw_observable_parse(&once, type, (const char *)data + 1, size - 1, NULL) != QW_OK)
		return 0;
	if (qw_observable_parse(&again, once.type, once.text, once.len, NULL) != QW_OK || again.type != once.type ||
		strcmp(again.text, once.text) != 0)
		abort();
	return 0;
}

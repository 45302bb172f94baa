/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the bytes are, the check ends; and as a string they become an object that passes it. */
#include "quaywatch/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const forbidden[] = {"quaywatch", NULL};
	char *memory = malloc(6 * size + 16);
	struct qw_text text;

	(void)qw_json_is_object((const char *)data, size, 8, forbidden);
	if (!memory)
		return 0;
	qw_text_init(&text, memory, 6 * size + 16);
	struct qw_json json = qw_json(&text);
	qw_json_open(&json, NULL, '{');
	qw_json_string(&json, "s", data, size);
	qw_json_close(&json, '}');
	if (text.cut || !qw_json_is_object(text.at, text.len, 1, forbidden))
		abort();
	free(memory);
	return 0;
}

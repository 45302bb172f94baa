/* SPDX-License-Identifier: Apache-2.0 */
/* A file of rules that is to be published: each comes on one line, with its number, and reading ends. */
#include <stdlib.h>
#include <string.h>

#include "collector/rulefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_bytes in = qw_bytes(data, size);
	struct qw_rule_text rule;
	enum qw_err err;
	uint32_t line = 1, before = 0;
	while ((err = qw_rulefile_next(&in, &line, &rule)) != QW_ENOENT) {
		if (rule.line <= before || rule.line > line)
			abort();
		before = rule.line;
		if (err != QW_OK)
			continue;
		if (rule.len != strlen(rule.text) || rule.len > size || memchr(rule.text, '\n', rule.len))
			abort();
		free(rule.text);
	}
	return 0;
}

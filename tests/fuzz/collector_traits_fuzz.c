/* SPDX-License-Identifier: Apache-2.0 */
/* A line of the alert log: whatever stands in it, what is taken from it is bounded, and the same the second time. */
#include <stdlib.h>
#include <string.h>

#include "collector/traits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct qw_traits once, twice;

	if (!qw_traits_of_line(&once, (const char *)data, size))
		return 0;
	if (!qw_traits_of_line(&twice, (const char *)data, size) || once.traits != twice.traits || once.traits > QW_TRAIT_KINDS)
		abort();
	for (size_t i = 0; i < once.traits; i++)
		if (once.trait[i].key != twice.trait[i].key || strlen(once.trait[i].value) >= QW_TRAIT_VALUE_MAX)
			abort();
	if (strlen(once.text) >= QW_TRAIT_TEXT_MAX || strlen(once.sample) >= QW_TRAIT_SAMPLE_MAX)
		abort();
	return 0;
}

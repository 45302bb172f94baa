/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/feed_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_feed(QW_FEED_STIX, data, size);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/capture_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_capture(&qw_capture_pcap, data, size);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/protocol_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_conversation(data, size, QW_APP_MMS, QW_PROTO_TCP, 102);
	return 0;
}

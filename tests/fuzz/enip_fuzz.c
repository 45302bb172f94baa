/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/protocol_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_conversation(data, size, QW_APP_ENIP, QW_PROTO_TCP, 44818);
	fuzz_conversation(data, size, QW_APP_ENIP, QW_PROTO_UDP, 44818);
	fuzz_conversation(data, size, QW_APP_UNKNOWN, QW_PROTO_UDP, 2222);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/protocol_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_conversation(data, size, QW_APP_NMEA, QW_PROTO_TCP, 10110);
	fuzz_conversation(data, size, QW_APP_NMEA, QW_PROTO_UDP, 60001);
	return 0;
}

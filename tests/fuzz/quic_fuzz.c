/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/forge/quic_seal.h"
#include "tests/fuzz/protocol_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as frames, which no fuzzer would get past the cipher. */
static void sealed(const uint8_t *data, size_t size)
{
	uint8_t conversation[2 + QUIC_SEAL_MAX];
	size_t len = quic_seal(conversation + 2, data, size < QUIC_SEAL_FRAMES_MAX ? size : QUIC_SEAL_FRAMES_MAX, false);
	conversation[0] = (uint8_t)(len >> 8);
	conversation[1] = (uint8_t)len;
	fuzz_conversation(conversation, 2 + len, QW_APP_UNKNOWN, QW_PROTO_UDP, 443);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_conversation(data, size, QW_APP_QUIC, QW_PROTO_UDP, 443);
	fuzz_conversation(data, size, QW_APP_UNKNOWN, QW_PROTO_UDP, 443);
	sealed(data, size);
	return 0;
}

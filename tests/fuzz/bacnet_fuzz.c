/* SPDX-License-Identifier: Apache-2.0 */
/* The input as it is; and as the body of each service, which a whole conversation would seldom reach. */
#include "sensor/protocol/bacnet_service.h"
#include "tests/fuzz/protocol_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_bacnet_service service;
	struct qw_text text;
	char memory[64];
	fuzz_conversation(data, size, QW_APP_BACNET, QW_PROTO_UDP, 47808);
	if (size < 2)
		return 0;
	qw_bacnet_service_parse(&service, data[0] % QW_BACNET_TYPES, data[1], qw_bytes(data + 2, size - 2));
	qw_text_init(&text, memory, sizeof(memory));
	if (service.valued)
		qw_bacnet_put_value(&text, &service.value);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whose words are these?  Any bytes may ask it. */
#include <stdlib.h>
#include <string.h>

#include "quaywatch/packet.h"
#include "sensor/protocol/parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t protos[] = {QW_PROTO_TCP, QW_PROTO_UDP};
	uint8_t *exact = malloc(size ? size : 1);

	if (!exact)
		return 0;
	if (size)
		memcpy(exact, data, size);
	for (size_t i = 0; i < sizeof(protos); i++) {
		struct qw_flow flow = {.key.proto = protos[i]};
		if (qw_parser_speaker(&flow, exact, size) > QW_SPEAKER_SERVER)
			abort();
	}
	free(exact);
	return 0;
}

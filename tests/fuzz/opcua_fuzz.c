/* SPDX-License-Identifier: Apache-2.0 */
/* The input as it is; and as a body, which chance would seldom put behind heads that fit. */
#include "sensor/protocol/opcua_body.h"
#include "tests/fuzz/protocol_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_opcua_body body;
	struct qw_text text;
	char memory[256];
	fuzz_conversation(data, size, QW_APP_OPCUA, QW_PROTO_TCP, 4840);
	if (!qw_opcua_body_parse(&body, qw_bytes(data, size)))
		return 0;
	qw_text_init(&text, memory, sizeof(memory));
	for (uint8_t i = 0; i < body.nodes; i++)
		qw_opcua_put_node(&text, &body.node[i]);
	if (body.valued)
		qw_opcua_put_value(&text, &body.value);
	return 0;
}

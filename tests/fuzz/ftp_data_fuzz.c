/* SPDX-License-Identifier: Apache-2.0 */
/* A control connection and the data connection it may announce, in turns: pieces as in protocol_fuzz.h, 0x4000: data. */
#include "tests/fuzz/protocol_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct qw_flow flow_to(uint16_t port)
{
	struct qw_flow flow = {.flags = QW_FLOW_CLIENT_IS_LOW};
	flow.key.proto = QW_PROTO_TCP;
	flow.key.low_port = 40000;
	flow.key.high_port = port;
	return flow;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct qw_message_sink sink = {NULL, fuzz_publish};
	struct qw_flow flows[2] = {flow_to(21), flow_to(2121)};
	struct qw_bytes in = qw_bytes(data, size), piece;
	struct qw_parser_counters counters;
	struct qw_parser_pool *pool;
	uint16_t head;

	if (qw_parser_pool_new(&pool, FUZZ_POOL_BYTES) != QW_OK)
		abort();
	qw_parser_pool_want(pool, 7);
	while (qw_bytes_be16(&in, &head)) {
		size_t len = head & 0x3fff;
		if (!qw_bytes_take(&in, len < in.left ? len : in.left, &piece))
			break;
		fuzz_piece(pool, &flows[head >> 14 & 1], head & 0x8000 ? QW_TO_CLIENT : QW_TO_SERVER, piece.at, piece.left);
	}
	for (int i = 0; i < 2; i++) {
		qw_parser_close(pool, &flows[i], QW_TO_SERVER, &sink);
		qw_parser_close(pool, &flows[i], QW_TO_CLIENT, &sink);
		qw_parser_end(pool, &flows[i]);
	}
	qw_parser_counters(pool, &counters);
	if (counters.in_use || counters.bytes)
		abort();
	qw_parser_pool_free(pool);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protocols - what parsing costs: one conversation each, over and over.
 *
 *	bench_protocols [ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/packet.h"
#include "quaywatch/time.h"
#include "sensor/protocol/parser.h"

enum { POOL_BYTES = 16 << 20, ROUNDS = 200000 };

struct piece {
	enum qw_direction direction;
	const void *data;
	size_t len;
};

struct conversation {
	const char *name;
	uint8_t proto;
	uint16_t port;
	struct piece piece[4];
};

#define SEND(text)  {QW_TO_SERVER, text, sizeof(text) - 1}
#define REPLY(text) {QW_TO_CLIENT, text, sizeof(text) - 1}

static const struct conversation CONVERSATIONS[] = {
	{"dns_query", QW_PROTO_UDP, 53, {SEND("\x12\x34\1\0\0\1\0\0\0\0\0\0\x03" "www\x07" "example\x03" "com\0\0\1\0\1")}},
	{"tls_client_hello", QW_PROTO_TCP, 443,
	 {SEND("\x16\x03\x01\0\x60\x01\0\0\x5c\x03\x03" "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr" "\0"
	       "\0\x06\x13\x01\xc0\x2f\xc0\x30\x01\0\0\x2d"
	       "\0\0\0\x10\0\x0e\0\0\x0b" "example.com" "\0\x10\0\x05\0\x03\x02h2" "\0\x0a\0\x06\0\x04\0\x1d\0\x17"
	       "\0\x0b\0\x02\x01\0")}},
	{"http_get", QW_PROTO_TCP, 80,
	 {SEND("GET /index.html?x=1 HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n\r\n"),
	  REPLY("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello")}},
	{"ftp_command", QW_PROTO_TCP, 21, {SEND("USER crane\r\n"), REPLY("331 Password?\r\n")}},
	{"unknown_stream", QW_PROTO_TCP, 9100, {SEND("\x01\x02\x03\x04\x05\x06\x07\x08")}},
};

static uint64_t messages;

static void publish(void *ctx, struct qw_flow *flow, const struct qw_message *message)
{
	messages++;
}

static void play(struct qw_parser_pool *pool, const struct conversation *conversation)
{
	const struct qw_message_sink sink = {NULL, publish};
	struct qw_flow flow = {.flags = QW_FLOW_CLIENT_IS_LOW};
	flow.key.proto = conversation->proto;
	flow.key.low_port = 40000;
	flow.key.high_port = conversation->port;
	for (const struct piece *piece = conversation->piece; piece->data; piece++) {
		qw_parser_choose(pool, &flow, piece->direction, piece->data, piece->len);
		qw_parser_feed(&flow, piece->direction, piece->data, piece->len, &sink);
	}
	qw_parser_end(pool, &flow);
}

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? atol(argv[1]) : ROUNDS;
	struct qw_parser_pool *pool;
	if (rounds <= 0 || qw_parser_pool_new(&pool, POOL_BYTES) != QW_OK)
		return 1;
	for (size_t i = 0; i < sizeof(CONVERSATIONS) / sizeof(*CONVERSATIONS); i++) {
		struct qw_time begun = qw_time_monotonic();
		messages = 0;
		for (long round = 0; round < rounds; round++)
			play(pool, &CONVERSATIONS[i]);
		printf("%s_ns=%.0f messages=%.1f\n", CONVERSATIONS[i].name,
		       (double)(qw_time_monotonic().ns - begun.ns) / (double)rounds, (double)messages / (double)rounds);
	}
	qw_parser_pool_free(pool);
	return 0;
}

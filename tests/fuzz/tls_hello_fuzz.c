/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte says which handshake message the rest is the body of: a hello of either side, or a certificate. */
#include "tests/fuzz/framed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, CERTIFICATE = 11 };

static struct framed framed;

static void put_message(bool down, uint8_t type, const uint8_t *body, size_t len)
{
	framed_begin(&framed, down);
	framed_put(&framed, "\x16\3\3", 3);
	size_t record = framed_length(&framed, 2);
	framed_put(&framed, &type, 1);
	size_t message = framed_length(&framed, 3);
	if (type == CERTIFICATE) {
		size_t list = framed_length(&framed, 3), one = framed_length(&framed, 3);
		framed_put(&framed, body, len);
		framed_count(&framed, one, 3);
		framed_count(&framed, list, 3);
	} else {
		framed_put(&framed, body, len);
	}
	framed_count(&framed, message, 3);
	framed_count(&framed, record, 2);
	framed_end(&framed);
}

/* version, random, no session, a suite, no compression, an extension for the server's name */
static const uint8_t client[] = "\3\3qwertyuiopasdfghjklzxcvbnm012345\0\0\2\x13\1\1\0\0\n\0\0\0\6\0\4\0\0\1a";
static const uint8_t server[] = "\3\3qwertyuiopasdfghjklzxcvbnm012345\0\x13\1\0";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > 9000)
		return 0;
	const uint8_t *body = data + 1;
	size_t len = size - 1;
	unsigned which = data[0] % 3;
	framed.len = 0;
	put_message(false, CLIENT_HELLO, which == 0 ? body : client, which == 0 ? len : sizeof(client) - 1);
	put_message(true, SERVER_HELLO, which == 1 ? body : server, which == 1 ? len : sizeof(server) - 1);
	if (which == 2)
		put_message(true, CERTIFICATE, body, len);
	fuzz_conversation(framed.at, framed.len, QW_APP_TLS, QW_PROTO_TCP, 443);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A mail, and the same as the parts of a form: headers, multiparts, encoded words, file names, addresses in texts. */
#include "tests/fuzz/framed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct framed framed;

static void say(bool down, const char *text)
{
	framed_begin(&framed, down);
	framed_text(&framed, text);
	framed_end(&framed);
}

static void put_body(const uint8_t *data, size_t size)
{
	for (size_t at = 0, len; at < size; at += len) {
		len = size - at < 4000 ? size - at : 4000;
		framed_begin(&framed, false);
		framed_put(&framed, data + at, len);
		framed_end(&framed);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	framed.len = 0;
	say(true, "220 tos\r\n");
	say(false, "EHLO gate\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
	say(true, "250 a\r\n250 b\r\n250 c\r\n354 go on\r\n");
	put_body(data, size);
	say(false, "\r\n.\r\nQUIT\r\n");
	fuzz_conversation(framed.at, framed.len, QW_APP_SMTP, QW_PROTO_TCP, 25);
	framed.len = 0;
	say(false, "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9999\r\n\r\n");
	put_body(data, size);
	fuzz_conversation(framed.at, framed.len, QW_APP_HTTP, QW_PROTO_TCP, 80);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The input as it is; and cut into frames with checksums that are right, which chance would never find. */
#include "sensor/protocol/dnp3_link.h"
#include "tests/fuzz/protocol_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FRAMES_MAX = 1 << 14, USER_MAX = 250 };

struct framed {
	uint8_t bytes[FRAMES_MAX];
	size_t len;
};

static void put_checked(struct framed *out, const uint8_t *data, size_t len)
{
	uint16_t sum = qw_dnp3_checksum(data, len);
	memcpy(out->bytes + out->len, data, len);
	out->len += len;
	out->bytes[out->len++] = (uint8_t)sum;
	out->bytes[out->len++] = (uint8_t)(sum >> 8);
}

/* A piece of the conversation: its head, then one frame around these bytes. */
static void put_frame(struct framed *out, bool down, const uint8_t *user, size_t len)
{
	const uint8_t head[] = {0x05, 0x64, (uint8_t)(5 + len), down ? 0x44 : 0xc4, down ? 3 : 4, 0, down ? 4 : 3, 0};
	size_t piece = sizeof(head) + 2 + len + 2 * ((len + 15) / 16);
	out->bytes[out->len++] = (uint8_t)((down ? 0x80 : 0) | piece >> 8);
	out->bytes[out->len++] = (uint8_t)piece;
	put_checked(out, head, sizeof(head));
	for (size_t at = 0; at < len; at += 16)
		put_checked(out, user + at, len - at < 16 ? len - at : 16);
}

/* The input is a list of user data: one byte (0x80: from the outstation; the rest two less than a length), then as many. */
static void frame(struct framed *out, const uint8_t *data, size_t size)
{
	struct qw_bytes in = qw_bytes(data, size), user;
	uint8_t head;
	while (qw_bytes_u8(&in, &head) && out->len + 2 * USER_MAX < sizeof(out->bytes)) {
		size_t len = 2 + (head & 0x7fu);
		if (!qw_bytes_take(&in, len < in.left ? len : in.left, &user))
			break;
		put_frame(out, head & 0x80, user.at, user.left);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct framed framed;
	fuzz_conversation(data, size, QW_APP_DNP3, QW_PROTO_TCP, 20000);
	fuzz_conversation(data, size, QW_APP_DNP3, QW_PROTO_UDP, 20000);
	framed.len = 0;
	frame(&framed, data, size);
	fuzz_conversation(framed.bytes, framed.len, QW_APP_DNP3, QW_PROTO_TCP, 20000);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of SMB with the right lengths and heads: the input is a list of commands, each with four bytes (what it is,
 * which command, two of its length) and a body; bit 0: SMB 1, 1: of the server, 2: goes on in the same message.
 */
#include "tests/fuzz/framed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD_2 = 64, HEAD_1 = 32 };

static void put_smb2(struct framed *out, const uint8_t *what, struct qw_bytes body, size_t *last)
{
	uint8_t head[HEAD_2] = {0xfe, 'S', 'M', 'B', HEAD_2};
	head[12] = what[1] % 19;
	head[16] = (what[0] & 2 ? 1 : 0) | (what[0] & 8 ? 4 : 0);
	head[24] = what[0] >> 4;
	head[36] = 5;
	if (*last) {
		static const uint8_t pad[8];
		framed_put(out, pad, (8 - (out->len - *last) % 8) % 8);
		if (*last + HEAD_2 <= out->len) {
			out->at[*last + 20] = (uint8_t)(out->len - *last);
			out->at[*last + 21] = (uint8_t)((out->len - *last) >> 8);
		}
	}
	*last = out->len;
	framed_put(out, head, sizeof(head));
	framed_put(out, body.at, body.left);
}

static void put_smb1(struct framed *out, const uint8_t *what, struct qw_bytes body)
{
	uint8_t head[HEAD_1] = {0xff, 'S', 'M', 'B', what[1]};
	head[9] = what[0] & 2 ? 0x98 : 0x18;
	head[11] = 0xc8;
	head[24] = 5;
	head[30] = what[0] >> 4;
	framed_put(out, head, sizeof(head));
	framed_put(out, body.at, body.left);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct framed framed;
	struct qw_bytes in = qw_bytes(data, size), what, body;
	size_t message = 0, last = 0;
	framed.len = 0;
	while (framed.len + 1024 < FRAMED_MAX && qw_bytes_take(&in, 4, &what)) {
		size_t len = qw_be16(what.at + 2) & 0x1ff;
		if (!qw_bytes_take(&in, len < in.left ? len : in.left, &body))
			break;
		bool old = what.at[0] & 1, on = last && what.at[0] & 4 && !old;
		if (!on && message) {
			framed_count(&framed, message, 3);
			framed_end(&framed);
		}
		if (!on) {
			framed_begin(&framed, what.at[0] & 2);
			framed_put(&framed, "", 1);
			message = framed_length(&framed, 3);
			last = 0;
		}
		if (old)
			put_smb1(&framed, what.at, body);
		else
			put_smb2(&framed, what.at, body, &last);
	}
	if (message) {
		framed_count(&framed, message, 3);
		framed_end(&framed);
	}
	fuzz_conversation(framed.at, framed.len, QW_APP_SMB, QW_PROTO_TCP, 445);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/fins_message.h"

#include "sensor/protocol/ot_text.h"

enum { GATEWAY = 0x80, RESPONSE = 0x40, UNUSED = 0x3e, GATEWAYS_MAX = 7 };

bool qw_fins_is_header(struct qw_bytes in)
{
	return in.left >= QW_FINS_LEAST_BYTES && in.at[0] & GATEWAY && !(in.at[0] & UNUSED) && in.at[1] == 0 &&
	       in.at[2] <= GATEWAYS_MAX && in.at[QW_FINS_HEADER_BYTES];
}

static bool is_about_memory(uint16_t command)
{
	return command >= QW_FINS_READ && command <= QW_FINS_TRANSFER;
}

static void read_memory(struct qw_fins_message *message, struct qw_bytes in)
{
	uint8_t area, bit;
	uint16_t address;
	if (!qw_bytes_u8(&in, &area) || !qw_bytes_be16(&in, &address) || !qw_bytes_u8(&in, &bit))
		return;
	message->area = area;
	message->address = address;
	message->bit = bit;
	if (message->command == QW_FINS_TRANSFER)
		(void)qw_bytes_skip(&in, 4);
	if (message->command <= QW_FINS_FILL || message->command == QW_FINS_TRANSFER)
		(void)qw_bytes_be16(&in, &message->count);
}

/* A text of fixed length, filled up with blanks or zeroes. */
static struct qw_slice take_text(struct qw_bytes *in, size_t len)
{
	struct qw_bytes text = {NULL, 0};
	(void)qw_bytes_take(in, len, &text);
	while (text.left && (text.at[text.left - 1] == ' ' || text.at[text.left - 1] == 0))
		text.left--;
	return qw_slice(text.at, text.left);
}

static void read_response(struct qw_fins_message *message, struct qw_bytes *in)
{
	enum { TEXT_BYTES = 20 };
	uint16_t code;
	if (!qw_bytes_be16(in, &code))
		return;
	message->end_code = code;
	struct qw_bytes rest = *in;
	if (message->command != QW_FINS_CONTROLLER_DATA)
		return;
	message->model = take_text(&rest, TEXT_BYTES);
	message->version = take_text(&rest, TEXT_BYTES);
}

bool qw_fins_parse(struct qw_fins_message *message, struct qw_bytes in)
{
	if (!qw_fins_is_header(in))
		return false;
	*message = (struct qw_fins_message){
		.response = in.at[0] & RESPONSE,
		.destination = qw_be24(in.at + 3),
		.source = qw_be24(in.at + 6),
		.service = in.at[9],
		.command = qw_be16(in.at + QW_FINS_HEADER_BYTES),
		.end_code = -1,
		.area = -1,
	};
	(void)qw_bytes_skip(&in, QW_FINS_LEAST_BYTES);
	if (message->response)
		read_response(message, &in);
	else if (is_about_memory(message->command) && message->command != 0x0104)
		read_memory(message, in);
	message->data = in;
	return true;
}

/* ---- addresses */

/* Areas as CS, CJ, CP and NJ have them, and those of the C series that differ. */
static const struct {
	uint8_t first, last;
	bool bits;
	const char *name;
} areas[] = {
	{0x00, 0x00, true, "CIO"}, {0x80, 0x80, false, "CIO"}, {0x01, 0x01, true, "TIM"}, {0x81, 0x81, false, "TIM"},
	{0x02, 0x02, true, "D"}, {0x82, 0x82, false, "D"}, {0x06, 0x06, true, "TK"}, {0x46, 0x46, false, "TK"},
	{0x09, 0x09, true, "TIM"}, {0x89, 0x89, false, "TIM"}, {0x20, 0x2f, true, "E"}, {0x90, 0x98, false, "EM"},
	{0x30, 0x30, true, "CIO"}, {0x31, 0x31, true, "W"}, {0x32, 0x32, true, "H"}, {0x33, 0x33, true, "A"},
	{0xa0, 0xaf, false, "E"}, {0xb0, 0xb0, false, "CIO"}, {0xb1, 0xb1, false, "W"}, {0xb2, 0xb2, false, "H"},
	{0xb3, 0xb3, false, "A"}, {0xbc, 0xbc, false, "DR"}, {0xdc, 0xdc, false, "IR"},
};

void qw_fins_put_address(struct qw_text *text, const struct qw_fins_message *message)
{
	const char *name = NULL;
	bool bits = false;
	for (size_t i = 0; i < sizeof(areas) / sizeof(*areas) && !name; i++) {
		if (message->area < areas[i].first || message->area > areas[i].last)
			continue;
		name = areas[i].name;
		bits = areas[i].bits;
		qw_text_put(text, name, strlen(name));
		if (areas[i].first != areas[i].last) {
			qw_text_u64(text, (uint64_t)(message->area - areas[i].first));
			qw_text_char(text, '_');
		}
	}
	if (!name) {
		qw_text_u64(text, (uint64_t)message->area);
		qw_text_char(text, ':');
	}
	qw_text_u64(text, message->address);
	if (!bits)
		return;
	qw_text_char(text, '.');
	qw_ot_put_padded(text, message->bit, 2);
}

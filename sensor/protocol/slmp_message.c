/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/slmp_message.h"

#include "quaywatch/ot_names.h"

enum {
	REQUEST = 0x50,
	RESPONSE = 0x80, /* beside what the request has */
	NUMBERED = 0x04,
	ROUTE = 5, /* network, station, module, station on a line */
	BARE = 2 + ROUTE + 2,    /* up to the length, in a frame 3E */
	SERIAL = 4,    /* what 4E has more */
	OWN_MODULES = 3, /* upper half of the numbers that modules of a controller's own have */
	REQUEST_LEAST = 6, /* timer, command, subcommand */
	RESPONSE_LEAST = 2,
};

/* ---- heads */

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Big end first, as all numbers in ASCII.  -1: no such digits. */
static int32_t number_of(const uint8_t *at, unsigned digits)
{
	int32_t value = 0;
	for (unsigned i = 0; i < digits; i++) {
		int next = digit(at[i]);
		if (next < 0)
			return -1;
		value = value << 4 | next;
	}
	return value;
}

static bool is_subheader(uint8_t byte)
{
	return (byte & ~(RESPONSE | NUMBERED)) == REQUEST;
}

/* The subheader of a message in ASCII: "5000", "D400"; -1: it is none. */
static int ascii_subheader(const uint8_t *head)
{
	int32_t value = number_of(head, 4);
	return value >= 0 && (value & 0xff) == 0 && is_subheader((uint8_t)(value >> 8)) ? value >> 8 : -1;
}

/* Digits are two for a byte. */
static size_t bare_of(uint8_t subheader, bool ascii)
{
	size_t bytes = subheader & NUMBERED ? BARE + SERIAL : BARE;
	return ascii ? bytes * 2 : bytes;
}

uint16_t qw_slmp_needed(const uint8_t *head)
{
	int ascii = ascii_subheader(head);
	if (ascii >= 0)
		return (uint16_t)bare_of((uint8_t)ascii, true);
	return is_subheader(head[0]) && head[1] == 0 ? (uint16_t)bare_of(head[0], false) : QW_SLMP_HEAD;
}

int32_t qw_slmp_length(const uint8_t *head)
{
	int ascii = ascii_subheader(head);
	uint8_t subheader = ascii >= 0 ? (uint8_t)ascii : head[0];
	size_t bare = bare_of(subheader, ascii >= 0);
	if (ascii < 0 && (!is_subheader(head[0]) || head[1] != 0))
		return -1;
	int32_t len = ascii >= 0 ? number_of(head + bare - 4, 4) : qw_le16(head + bare - 2);
	int32_t module = ascii >= 0 ? number_of(head + bare - 10, 4) : qw_le16(head + bare - 5);
	int32_t least = (subheader & RESPONSE ? RESPONSE_LEAST : REQUEST_LEAST) * (ascii >= 0 ? 2 : 1);
	return len < least || module < 0 || module >> 8 > OWN_MODULES ? -1 : (int32_t)bare + len;
}

bool qw_slmp_is_request(struct qw_bytes in)
{
	enum { LEAST = BARE + REQUEST_LEAST, COMMAND_AT = 2 };
	if (in.left < LEAST || in.at[1] != 0 || (in.at[0] & ~NUMBERED) != REQUEST)
		return false;
	size_t bare = bare_of(in.at[0], false);
	if (in.left < bare + REQUEST_LEAST || qw_slmp_length(in.at) < 0)
		return false;
	const uint8_t *at = in.at + bare + COMMAND_AT;
	bool here = in.at[bare - 4] == OWN_MODULES && in.at[bare - 3] == 0;
	return here && at[3] == 0 && qw_number_name(qw_ot_names(QW_OT_SLMP_COMMANDS), qw_le16(at));
}

/* ---- devices */

static const struct {
	uint8_t code;
	bool hexadecimal;
	char name[5];
} devices[] = {
	{0x91, false, "SM"}, {0xa9, false, "SD"}, {0x9c, true, "X"}, {0x9d, true, "Y"}, {0x90, false, "M"},
	{0x92, false, "L"}, {0x93, false, "F"}, {0x94, false, "V"}, {0xa0, true, "B"}, {0xa8, false, "D"},
	{0xb4, true, "W"}, {0xc1, false, "TS"}, {0xc0, false, "TC"}, {0xc2, false, "TN"}, {0xc7, false, "STS"},
	{0xc6, false, "STC"}, {0xc8, false, "STN"}, {0xc4, false, "CS"}, {0xc3, false, "CC"}, {0xc5, false, "CN"},
	{0xa1, true, "SB"}, {0xb5, true, "SW"}, {0x98, false, "S"}, {0xa2, true, "DX"}, {0xa3, true, "DY"},
	{0xcc, false, "Z"}, {0xaf, false, "R"}, {0xb0, true, "ZR"}, {0x51, false, "LTS"}, {0x50, false, "LTC"},
	{0x52, false, "LTN"}, {0x59, false, "LSTS"}, {0x58, false, "LSTC"}, {0x5a, false, "LSTN"},
	{0x55, false, "LCS"}, {0x54, false, "LCC"}, {0x56, false, "LCN"}, {0x62, false, "LZ"}, {0x2c, false, "RD"},
	{0xab, false, "G"},
};

static void put_hexadecimal(struct qw_text *text, uint32_t value)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned shift = 28;
	while (shift && !(value >> shift & 15))
		shift -= 4;
	for (;; shift -= 4) {
		qw_text_char(text, digits[value >> shift & 15]);
		if (shift == 0)
			return;
	}
}

void qw_slmp_put_device(struct qw_text *text, const struct qw_slmp_device *device)
{
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
		if (devices[i].code != device->code)
			continue;
		qw_text_put(text, devices[i].name, strlen(devices[i].name));
		if (devices[i].hexadecimal)
			put_hexadecimal(text, device->number);
		else
			qw_text_u64(text, device->number);
		return;
	}
	qw_text_literal(text, "0x");
	put_hexadecimal(text, device->code);
	qw_text_char(text, ':');
	qw_text_u64(text, device->number);
}

enum { WIDE = 2 /* bit of subcommands: devices as the series iQ-R has them */ };

/* A number and a code: four bytes, or six. */
static bool take_device(struct qw_slmp_message *message, struct qw_bytes *in)
{
	struct qw_slmp_device device;
	struct qw_bytes number;
	uint8_t code;
	bool wide = message->subcommand & WIDE;
	if (wide) {
		if (!qw_bytes_le32(in, &device.number) || !qw_bytes_le16(in, &device.code))
			return false;
	} else {
		if (!qw_bytes_take(in, 3, &number) || !qw_bytes_u8(in, &code))
			return false;
		device.number = (uint32_t)number.at[0] | (uint32_t)number.at[1] << 8 | (uint32_t)number.at[2] << 16;
		device.code = code;
	}
	if (message->devices < QW_SLMP_DEVICES_MAX)
		message->device[message->devices++] = device;
	else
		message->cut = true;
	return true;
}

/* ---- bodies of requests */

enum { BITS = 1, DESCRIBED = 0xfc /* devices are described at more length: they are not read */ };

/* Devices in a row. */
static void read_row(struct qw_slmp_message *message, struct qw_bytes in)
{
	uint16_t points;
	if (!take_device(message, &in) || !qw_bytes_le16(&in, &points))
		return;
	message->points = points;
	message->value = in;
}

/* So many devices, each with so many bytes behind it. */
static bool take_devices(struct qw_slmp_message *message, struct qw_bytes *in, unsigned count, size_t behind)
{
	for (unsigned i = 0; i < count; i++)
		if (!take_device(message, in) || !qw_bytes_skip(in, behind))
			return false;
	return true;
}

/* Devices here and there: words, then double words; bits are counted once. */
static void read_random(struct qw_slmp_message *message, struct qw_bytes in)
{
	bool writes = message->command == QW_SLMP_WRITE_RANDOM, bits = writes && message->subcommand & BITS;
	uint8_t first, second = 0;
	if (!qw_bytes_u8(&in, &first) || (!bits && !qw_bytes_u8(&in, &second)))
		return;
	message->points = first + second;
	size_t word = bits && !(message->subcommand & WIDE) ? 1 : 2;
	if (take_devices(message, &in, first, writes ? word : 0))
		(void)take_devices(message, &in, second, writes ? 4 : 0);
}

/* Rows here and there: of words, then of bits; what is written follows each. */
static void read_blocks(struct qw_slmp_message *message, struct qw_bytes in)
{
	bool writes = message->command == QW_SLMP_WRITE_BLOCK;
	uint8_t words, bits;
	uint16_t points;
	if (!qw_bytes_u8(&in, &words) || !qw_bytes_u8(&in, &bits))
		return;
	message->points = 0;
	for (int i = words + bits; i > 0; i--) {
		if (!take_device(message, &in) || !qw_bytes_le16(&in, &points) ||
		    (writes && !qw_bytes_skip(&in, (size_t)points * 2)))
			return;
		message->points += points;
	}
}

static void read_body(struct qw_slmp_message *message, struct qw_bytes in)
{
	if (message->subcommand & DESCRIBED)
		return;
	switch (message->command) {
	case QW_SLMP_READ:
	case QW_SLMP_WRITE: read_row(message, in); break;
	case QW_SLMP_READ_RANDOM:
	case QW_SLMP_WRITE_RANDOM: read_random(message, in); break;
	case QW_SLMP_READ_BLOCK:
	case QW_SLMP_WRITE_BLOCK: read_blocks(message, in); break;
	}
}

/* ---- messages */

/* What failed names what was asked for, behind its own route. */
static void read_failure(struct qw_slmp_message *message, struct qw_bytes in)
{
	message->commanded = qw_bytes_skip(&in, ROUTE) && qw_bytes_le16(&in, &message->command) &&
			     qw_bytes_le16(&in, &message->subcommand);
}

static bool read_binary(struct qw_slmp_message *message, struct qw_bytes in)
{
	uint16_t code;
	size_t bare = bare_of(in.at[0], false);
	if (message->numbered)
		message->serial = qw_le16(in.at + 2);
	message->network = in.at[bare - 7];
	message->station = in.at[bare - 6];
	message->module = qw_le16(in.at + bare - 5);
	(void)qw_bytes_skip(&in, bare);
	if (message->response) {
		if (!qw_bytes_le16(&in, &code))
			return false;
		message->end_code = code;
		message->data = in;
		if (code)
			read_failure(message, in);
		return true;
	}
	message->commanded = qw_bytes_skip(&in, 2) && qw_bytes_le16(&in, &message->command) &&
			     qw_bytes_le16(&in, &message->subcommand);
	message->data = in;
	read_body(message, in);
	return message->commanded;
}

/* The same in digits, as far as the commands: devices in ASCII are not read. */
static bool read_ascii(struct qw_slmp_message *message, struct qw_bytes in, uint8_t subheader)
{
	enum { COMMAND_AT = 4 };
	size_t bare = bare_of(subheader, true);
	if (message->numbered)
		message->serial = (uint16_t)number_of(in.at + 4, 4);
	message->network = (uint8_t)number_of(in.at + bare - 14, 2);
	message->station = (uint8_t)number_of(in.at + bare - 12, 2);
	message->module = (uint16_t)number_of(in.at + bare - 10, 4);
	if (message->response) {
		message->end_code = number_of(in.at + bare, 4);
		return message->end_code >= 0;
	}
	int32_t command = number_of(in.at + bare + COMMAND_AT, 4),
		subcommand = number_of(in.at + bare + COMMAND_AT + 4, 4);
	message->commanded = command >= 0 && subcommand >= 0;
	message->command = (uint16_t)command;
	message->subcommand = (uint16_t)subcommand;
	return message->commanded;
}

bool qw_slmp_parse(struct qw_slmp_message *message, struct qw_bytes in)
{
	int32_t len = in.left < QW_SLMP_HEAD || in.left < qw_slmp_needed(in.at) ? -1 : qw_slmp_length(in.at);
	if (len < 0 || (in.left < (size_t)len && in.left < QW_SLMP_FRAME_MAX))
		return false;
	int ascii = ascii_subheader(in.at);
	uint8_t subheader = ascii >= 0 ? (uint8_t)ascii : in.at[0];
	*message = (struct qw_slmp_message){.response = subheader & RESPONSE,
					    .ascii = ascii >= 0,
					    .numbered = subheader & NUMBERED,
					    .end_code = -1,
					    .points = -1};
	return ascii >= 0 ? read_ascii(message, in, subheader) : read_binary(message, in);
}

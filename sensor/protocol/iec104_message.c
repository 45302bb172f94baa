/* SPDX-License-Identifier: Apache-2.0 */
/* Source: IEC 60870-5-104:2006, IEC 60870-5-101:2003 clause 7. */
#include "sensor/protocol/iec104_message.h"

#include "sensor/protocol/ot_text.h"

enum {
	START = 0x68,
	LENGTH_MIN = 4,
	LENGTH_MAX = 253,
	ASDU_HEAD = 6, /* type, structure, cause, originator, common address */
	SEQUENCE_OF_ELEMENTS = 0x80,
	CAUSE = 0x3f,
	NEGATIVE = 0x40,
	TEST = 0x80,
	OBJECT_BYTES = 3,
	SELECT = 0x80,
	NONE = 0xff,
};

/* What a command writes, at the front of its element. */
enum value { VALUE_NONE, VALUE_BIT, VALUE_TWO_BITS, VALUE_NORMALIZED, VALUE_SCALED, VALUE_FLOAT, VALUE_BITS, VALUE_TIME };

/* What stands behind it. */
enum qualifier {
	QUALIFIER_NONE,
	QUALIFIER_INSIDE, /* bits 2 to 6 of the byte that the value is in */
	QUALIFIER_SET,    /* of a set point: 7 bits, and select */
	QUALIFIER_BYTE,
};

/* Elements without the object's address; set: of a type that is known. */
static const struct type {
	uint8_t set, bytes;
	uint8_t value, qualifier; /* enums */
	uint8_t at;               /* of the qualifier */
	uint8_t file;             /* bytes of a file's name and section in front: 2 or 3 */
	uint8_t commands;
} types[128] = {
	[1] = {1, 1}, [2] = {1, 4}, [3] = {1, 1}, [4] = {1, 4}, [5] = {1, 2}, [6] = {1, 5}, [7] = {1, 5}, [8] = {1, 8},
	[9] = {1, 3}, [10] = {1, 6}, [11] = {1, 3}, [12] = {1, 6}, [13] = {1, 5}, [14] = {1, 8}, [15] = {1, 5},
	[16] = {1, 8}, [17] = {1, 6}, [18] = {1, 7}, [19] = {1, 7}, [20] = {1, 5}, [21] = {1, 2},
	[30] = {1, 8}, [31] = {1, 8}, [32] = {1, 9}, [33] = {1, 12}, [34] = {1, 10}, [35] = {1, 10}, [36] = {1, 12},
	[37] = {1, 12}, [38] = {1, 10}, [39] = {1, 11}, [40] = {1, 11},
	[45] = {1, 1, VALUE_BIT, QUALIFIER_INSIDE, 0, 0, 1},
	[46] = {1, 1, VALUE_TWO_BITS, QUALIFIER_INSIDE, 0, 0, 1},
	[47] = {1, 1, VALUE_TWO_BITS, QUALIFIER_INSIDE, 0, 0, 1},
	[48] = {1, 3, VALUE_NORMALIZED, QUALIFIER_SET, 2, 0, 1},
	[49] = {1, 3, VALUE_SCALED, QUALIFIER_SET, 2, 0, 1},
	[50] = {1, 5, VALUE_FLOAT, QUALIFIER_SET, 4, 0, 1},
	[51] = {1, 4, VALUE_BITS, QUALIFIER_NONE, 0, 0, 1},
	[58] = {1, 8, VALUE_BIT, QUALIFIER_INSIDE, 0, 0, 1},
	[59] = {1, 8, VALUE_TWO_BITS, QUALIFIER_INSIDE, 0, 0, 1},
	[60] = {1, 8, VALUE_TWO_BITS, QUALIFIER_INSIDE, 0, 0, 1},
	[61] = {1, 10, VALUE_NORMALIZED, QUALIFIER_SET, 2, 0, 1},
	[62] = {1, 10, VALUE_SCALED, QUALIFIER_SET, 2, 0, 1},
	[63] = {1, 12, VALUE_FLOAT, QUALIFIER_SET, 4, 0, 1},
	[64] = {1, 11, VALUE_BITS, QUALIFIER_NONE, 0, 0, 1},
	[70] = {1, 1, VALUE_NONE, QUALIFIER_BYTE, 0, 0, 0},
	[100] = {1, 1, VALUE_NONE, QUALIFIER_BYTE, 0, 0, 1},
	[101] = {1, 1, VALUE_NONE, QUALIFIER_BYTE, 0, 0, 1},
	[102] = {1, 0, VALUE_NONE, QUALIFIER_NONE, 0, 0, 1},
	[103] = {1, 7, VALUE_TIME, QUALIFIER_NONE, 0, 0, 1},
	[104] = {1, 2, VALUE_NONE, QUALIFIER_NONE, 0, 0, 1},
	[105] = {1, 1, VALUE_NONE, QUALIFIER_BYTE, 0, 0, 1},
	[106] = {1, 2, VALUE_NONE, QUALIFIER_NONE, 0, 0, 1},
	[107] = {1, 9, VALUE_NONE, QUALIFIER_NONE, 0, 0, 1},
	[110] = {1, 3, VALUE_NORMALIZED, QUALIFIER_BYTE, 2, 0, 1},
	[111] = {1, 3, VALUE_SCALED, QUALIFIER_BYTE, 2, 0, 1},
	[112] = {1, 5, VALUE_FLOAT, QUALIFIER_BYTE, 4, 0, 1},
	[113] = {1, 1, VALUE_NONE, QUALIFIER_BYTE, 0, 0, 1},
	[120] = {1, 6, VALUE_NONE, QUALIFIER_BYTE, 5, 2, 0},
	[121] = {1, 7, VALUE_NONE, QUALIFIER_BYTE, 6, 3, 0},
	[122] = {1, 4, VALUE_NONE, QUALIFIER_BYTE, 3, 3, 0},
	[123] = {1, 5, VALUE_NONE, QUALIFIER_BYTE, 3, 3, 0},
	[124] = {1, 4, VALUE_NONE, QUALIFIER_BYTE, 3, 3, 0},
	[125] = {1, NONE, VALUE_NONE, QUALIFIER_NONE, 0, 3, 0}, /* a segment: the rest */
	[126] = {1, 13, VALUE_NONE, QUALIFIER_BYTE, 5, 2, 0},
	[127] = {1, 16, VALUE_NONE, QUALIFIER_NONE, 0, 2, 0},
};

static const struct type *type_of(uint8_t type)
{
	static const struct type unknown;
	return type < sizeof(types) / sizeof(*types) ? &types[type] : &unknown;
}

bool qw_iec104_commands(uint8_t type)
{
	return type_of(type)->commands;
}

/* ---- objects */

static bool take_address(struct qw_bytes *in, uint32_t *address)
{
	struct qw_bytes octets;
	if (!qw_bytes_take(in, OBJECT_BYTES, &octets))
		return false;
	*address = (uint32_t)octets.at[2] << 16 | qw_le16(octets.at);
	return true;
}

static bool take_element(struct qw_iec104_message *message, struct qw_bytes *in, const struct type *type)
{
	struct qw_bytes element;
	if (!qw_bytes_take(in, type->bytes == NONE ? in->left : type->bytes, &element))
		return false;
	if (message->objects == 0)
		message->element = qw_slice(element.at, element.left);
	return true;
}

/* One address, and elements that count on from it; or an address before each. */
static bool read_objects(struct qw_iec104_message *message, struct qw_bytes *in, bool sequence)
{
	const struct type *type = type_of(message->type);
	uint32_t address = 0;
	for (uint8_t i = 0; i < message->count; i++) {
		bool fresh = i == 0 || !sequence;
		if (fresh ? !take_address(in, &address) : (address = (address + 1) & 0xffffff) == 0)
			return false;
		if (!take_element(message, in, type))
			return false;
		message->object[message->objects++] = address;
	}
	return true;
}

static void read_qualifier(struct qw_iec104_message *message, const struct type *type)
{
	if (type->at >= message->element.len)
		return;
	uint8_t byte = message->element.data[type->at];
	switch ((enum qualifier)type->qualifier) {
	case QUALIFIER_NONE: return;
	case QUALIFIER_INSIDE: message->qualifier = byte >> 2 & 0x1f; break;
	case QUALIFIER_SET: message->qualifier = byte & 0x7f; break;
	case QUALIFIER_BYTE: message->qualifier = byte; return;
	}
	message->select = byte & SELECT;
}

static void read_file(struct qw_iec104_message *message, const struct type *type)
{
	if (type->file == 0 || message->element.len < type->file)
		return;
	message->file = qw_le16(message->element.data);
	if (type->file == 3)
		message->section = message->element.data[2];
}

/* Where only the first address is certain, only it is told. */
static void read_unknown(struct qw_iec104_message *message, struct qw_bytes *in)
{
	if (message->count && take_address(in, &message->object[0]))
		message->objects = 1;
}

static void read_asdu(struct qw_iec104_message *message, struct qw_bytes in)
{
	uint8_t structure, cause;
	if (in.left < ASDU_HEAD || !qw_bytes_u8(&in, &message->type) || !qw_bytes_u8(&in, &structure) ||
	    !qw_bytes_u8(&in, &cause) || !qw_bytes_u8(&in, &message->originator) || !qw_bytes_le16(&in, &message->common))
		return;
	message->asdu = true;
	message->count = structure & (uint8_t)~SEQUENCE_OF_ELEMENTS;
	message->cause = cause & CAUSE;
	message->negative = cause & NEGATIVE;
	message->test = cause & TEST;
	const struct type *type = type_of(message->type);
	message->known = type->set;
	if (!message->known) {
		read_unknown(message, &in);
		return;
	}
	message->malformed = !read_objects(message, &in, structure & SEQUENCE_OF_ELEMENTS) || in.left;
	read_qualifier(message, type);
	read_file(message, type);
}

/* ---- APDUs */

void qw_iec104_parse(struct qw_iec104_message *message, struct qw_bytes frame)
{
	const uint8_t *control = frame.at + 2;
	message->control = control[0];
	message->format = control[0] & 1 ? control[0] & 2 ? QW_IEC104_U : QW_IEC104_S : QW_IEC104_I;
	message->sent = message->format == QW_IEC104_I ? qw_le16(control) >> 1 : 0;
	message->expected = message->format == QW_IEC104_U ? 0 : qw_le16(control + 2) >> 1;
	message->asdu = message->negative = message->test = message->malformed = message->known = message->select = false;
	message->objects = message->count = message->type = message->cause = 0;
	message->qualifier = -1;
	message->file = message->section = -1;
	message->element = message->data = qw_slice(NULL, 0);
	(void)qw_bytes_skip(&frame, QW_IEC104_HEADER_BYTES);
	if (message->format != QW_IEC104_I)
		return;
	message->data = qw_slice(frame.at, frame.left);
	read_asdu(message, frame);
	message->malformed |= !message->asdu;
}

/* S and U have nothing behind the control octets, and zeroes where nothing is defined. */
int32_t qw_iec104_length(const uint8_t *head)
{
	uint8_t length = head[1];
	const uint8_t *control = head + 2;
	if (head[0] != START || length < LENGTH_MIN || length > LENGTH_MAX)
		return -1;
	if (control[0] & 1 ? length != LENGTH_MIN || control[1] : length < LENGTH_MIN + ASDU_HEAD)
		return -1;
	if ((control[0] & 3) == 3 ? control[2] || control[3] : control[2] & 1)
		return -1;
	return 2 + length;
}

bool qw_iec104_is_plausible(struct qw_bytes frame)
{
	struct qw_iec104_message message;
	int32_t length = frame.left < QW_IEC104_HEADER_BYTES ? -1 : qw_iec104_length(frame.at);
	if (length < 0 || (size_t)length > frame.left)
		return false;
	qw_bytes_limit(&frame, (size_t)length);
	qw_iec104_parse(&message, frame);
	if (message.format == QW_IEC104_U)
		return __builtin_popcount(message.control >> 2) == 1;
	return message.format == QW_IEC104_I && message.known && !message.malformed && message.count && message.cause;
}

enum qw_speaker qw_iec104_speaker(const uint8_t *data, size_t len)
{
	enum { STARTDT_ACT = 0x07, STARTDT_CON = 0x0b, STOPDT_ACT = 0x13, STOPDT_CON = 0x23, MONITOR_LAST = 40 };
	struct qw_iec104_message message;
	struct qw_bytes frame = qw_bytes(data, len);
	if (!qw_iec104_is_plausible(frame))
		return QW_SPEAKER_UNKNOWN;
	qw_bytes_limit(&frame, (size_t)qw_iec104_length(data));
	qw_iec104_parse(&message, frame);
	if (message.format == QW_IEC104_U) {
		if (message.control == STARTDT_ACT || message.control == STOPDT_ACT)
			return QW_SPEAKER_CLIENT;
		return message.control == STARTDT_CON || message.control == STOPDT_CON ? QW_SPEAKER_SERVER
										       : QW_SPEAKER_UNKNOWN;
	}
	if (message.type <= MONITOR_LAST)
		return QW_SPEAKER_SERVER;
	if (!qw_iec104_commands(message.type))
		return QW_SPEAKER_UNKNOWN;
	bool asks = message.cause == QW_IEC104_ACTIVATION || message.cause == QW_IEC104_DEACTIVATION ||
		    message.cause == QW_IEC104_REQUEST;
	return asks ? QW_SPEAKER_CLIENT : QW_SPEAKER_SERVER;
}

/* ---- values */

static float float_of(const uint8_t *at)
{
	uint32_t bits = qw_le32(at);
	float value;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

void qw_iec104_put_value(struct qw_text *text, const struct qw_iec104_message *message)
{
	const struct type *type = type_of(message->type);
	const uint8_t *at = message->element.data;
	if (!message->known || message->element.len == 0)
		return;
	switch ((enum value)type->value) {
	case VALUE_NONE:
	case VALUE_TIME: break;
	case VALUE_BIT: qw_text_u64(text, at[0] & 1); break;
	case VALUE_TWO_BITS: qw_text_u64(text, at[0] & 3); break;
	case VALUE_NORMALIZED: qw_ot_put_real(text, (double)(int16_t)qw_le16(at) / 32768); break;
	case VALUE_SCALED: qw_text_i64(text, (int16_t)qw_le16(at)); break;
	case VALUE_FLOAT: qw_ot_put_real(text, (double)float_of(at)); break;
	case VALUE_BITS: qw_text_u64(text, qw_le32(at)); break;
	}
}

/* CP56Time2a: milliseconds, minute, hour, day (and weekday), month, year. */
void qw_iec104_put_time(struct qw_text *text, const struct qw_iec104_message *message)
{
	const uint8_t *at = message->element.data;
	if (!message->known || type_of(message->type)->value != VALUE_TIME || message->element.len == 0)
		return;
	uint16_t milliseconds = qw_le16(at);
	qw_ot_put_padded(text, 2000u + (at[6] & 0x7fu), 4);
	qw_text_char(text, '-');
	qw_ot_put_padded(text, at[5] & 0x0f, 2);
	qw_text_char(text, '-');
	qw_ot_put_padded(text, at[4] & 0x1f, 2);
	qw_text_char(text, 'T');
	qw_ot_put_padded(text, at[3] & 0x1f, 2);
	qw_text_char(text, ':');
	qw_ot_put_padded(text, at[2] & 0x3f, 2);
	qw_text_char(text, ':');
	qw_ot_put_padded(text, milliseconds / 1000u, 2);
	qw_text_char(text, '.');
	qw_ot_put_padded(text, milliseconds % 1000u, 3);
}

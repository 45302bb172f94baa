/* SPDX-License-Identifier: Apache-2.0 */
/* Source: Modbus Application Protocol V1.1b3, Modbus Messaging on TCP/IP V1.0b. */
#include "sensor/protocol/modbus_message.h"

#include "quaywatch/ot_record.h"

enum {
	LENGTH_MIN = 2,   /* unit and function */
	LENGTH_MAX = 260, /* the standard says 254; some send a few bytes more */
	LENGTH_STANDARD = 254,
	READ_BITS_MAX = 2000,
	READ_WORDS_MAX = 125,
	FUNCTION_MEI = 43,
	FUNCTION_UMAS = 90,
	MEI_IDENTIFICATION = 14,
	MEI_CANOPEN = 13,
	DIAGNOSTICS_MAX = 21,
};

/* What stands behind a function. */
enum layout {
	LAYOUT_ANY,
	LAYOUT_EMPTY,
	LAYOUT_BYTE,
	LAYOUT_WORD,
	LAYOUT_TWO_WORDS,
	LAYOUT_RANGE,       /* address, quantity */
	LAYOUT_COUNTED,     /* a count of bytes, and they */
	LAYOUT_SINGLE,      /* address, value */
	LAYOUT_MULTIPLE,    /* address, quantity, count, values */
	LAYOUT_MASK,        /* address, and, or */
	LAYOUT_READ_WRITE,  /* address, quantity; then as multiple */
	LAYOUT_DIAGNOSTICS, /* sub-function, data */
	LAYOUT_MEI,         /* type, data */
	LAYOUT_UMAS,        /* session, function, data */
};

#define READ(what)  QW_MODBUS_READ | QW_MODBUS_##what
#define WRITE(what) QW_MODBUS_WRITE | QW_MODBUS_##what

static const struct function {
	uint8_t assigned;
	uint8_t access;
	uint8_t request, response; /* enum layout */
} functions[128] = {
	[1] = {1, READ(COILS), LAYOUT_RANGE, LAYOUT_COUNTED},
	[2] = {1, READ(DISCRETES), LAYOUT_RANGE, LAYOUT_COUNTED},
	[3] = {1, READ(HOLDING), LAYOUT_RANGE, LAYOUT_COUNTED},
	[4] = {1, READ(INPUT), LAYOUT_RANGE, LAYOUT_COUNTED},
	[5] = {1, WRITE(COILS), LAYOUT_SINGLE, LAYOUT_SINGLE},
	[6] = {1, WRITE(HOLDING), LAYOUT_SINGLE, LAYOUT_SINGLE},
	[7] = {1, 0, LAYOUT_EMPTY, LAYOUT_BYTE},
	[8] = {1, 0, LAYOUT_DIAGNOSTICS, LAYOUT_DIAGNOSTICS},
	[11] = {1, 0, LAYOUT_EMPTY, LAYOUT_TWO_WORDS},
	[12] = {1, 0, LAYOUT_EMPTY, LAYOUT_COUNTED},
	[15] = {1, WRITE(COILS), LAYOUT_MULTIPLE, LAYOUT_RANGE},
	[16] = {1, WRITE(HOLDING), LAYOUT_MULTIPLE, LAYOUT_RANGE},
	[17] = {1, 0, LAYOUT_EMPTY, LAYOUT_COUNTED},
	[20] = {1, 0, LAYOUT_COUNTED, LAYOUT_COUNTED},
	[21] = {1, 0, LAYOUT_COUNTED, LAYOUT_COUNTED},
	[22] = {1, WRITE(HOLDING), LAYOUT_MASK, LAYOUT_MASK},
	[23] = {1, READ(HOLDING) | QW_MODBUS_WRITE, LAYOUT_READ_WRITE, LAYOUT_COUNTED},
	[24] = {1, 0, LAYOUT_WORD, LAYOUT_ANY},
	[FUNCTION_MEI] = {1, 0, LAYOUT_MEI, LAYOUT_MEI},
	[FUNCTION_UMAS] = {0, 0, LAYOUT_UMAS, LAYOUT_UMAS},
};

/* ---- categories, as the specification divides the numbers */

static uint8_t category_of(uint8_t function, int32_t subfunction)
{
	static const struct {
		uint8_t first, last, category;
	} ranges[] = {
		{9, 10, QW_MODBUS_RESERVED},  {13, 14, QW_MODBUS_RESERVED},   {41, 42, QW_MODBUS_RESERVED},
		{90, 91, QW_MODBUS_RESERVED}, {125, 127, QW_MODBUS_RESERVED}, {65, 72, QW_MODBUS_USER},
		{100, 110, QW_MODBUS_USER},
	};
	if (function == 8 && (subfunction > DIAGNOSTICS_MAX || (subfunction > 4 && subfunction < 10) || subfunction == 19))
		return QW_MODBUS_RESERVED;
	if (function == FUNCTION_MEI && subfunction != MEI_IDENTIFICATION && subfunction != MEI_CANOPEN)
		return QW_MODBUS_RESERVED;
	if (functions[function].assigned)
		return QW_MODBUS_ASSIGNED;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (function >= ranges[i].first && function <= ranges[i].last)
			return ranges[i].category;
	return QW_MODBUS_UNASSIGNED;
}

/* ---- layouts */

static bool is_bits(const struct qw_modbus_message *message)
{
	return message->access & (QW_MODBUS_COILS | QW_MODBUS_DISCRETES);
}

static uint8_t read_range(struct qw_modbus_message *message, struct qw_bytes *in)
{
	if (!qw_bytes_be16(in, &message->address) || !qw_bytes_be16(in, &message->quantity))
		return QW_MODBUS_BAD_LENGTH;
	message->ranged = true;
	uint16_t max = is_bits(message) ? READ_BITS_MAX : READ_WORDS_MAX;
	return message->quantity == 0 || message->quantity > max ? QW_MODBUS_BAD_VALUE : 0;
}

static uint8_t read_counted(struct qw_bytes *in)
{
	uint8_t count;
	if (!qw_bytes_u8(in, &count))
		return QW_MODBUS_BAD_LENGTH;
	bool whole = count == in->left;
	(void)qw_bytes_skip(in, in->left);
	return whole ? 0 : QW_MODBUS_BAD_VALUE;
}

static uint8_t read_single(struct qw_modbus_message *message, struct qw_bytes *in)
{
	if (!qw_bytes_be16(in, &message->address) || !qw_bytes_be16(in, &message->value))
		return QW_MODBUS_BAD_LENGTH;
	message->values = qw_slice(in->at - 2, 2);
	message->ranged = message->valued = true;
	message->quantity = 1;
	return is_bits(message) && message->value != 0 && message->value != 0xff00 ? QW_MODBUS_BAD_VALUE : 0;
}

static uint8_t read_multiple(struct qw_modbus_message *message, struct qw_bytes *in)
{
	struct qw_bytes values;
	uint8_t count, flaws = read_range(message, in);
	if (flaws & QW_MODBUS_BAD_LENGTH || !qw_bytes_u8(in, &count) || !qw_bytes_take(in, count, &values))
		return flaws | QW_MODBUS_BAD_LENGTH;
	message->values = qw_slice(values.at, values.left);
	size_t wanted = is_bits(message) ? (message->quantity + 7u) / 8 : 2u * message->quantity;
	return flaws | (wanted != count ? QW_MODBUS_BAD_VALUE : 0);
}

static uint8_t read_mask(struct qw_modbus_message *message, struct qw_bytes *in)
{
	if (!qw_bytes_be16(in, &message->address) || !qw_bytes_skip(in, 4))
		return QW_MODBUS_BAD_LENGTH;
	message->ranged = true;
	message->quantity = 1;
	return 0;
}

static uint8_t read_sub(struct qw_modbus_message *message, struct qw_bytes *in, enum layout layout)
{
	uint16_t word;
	uint8_t byte;
	if (layout == LAYOUT_DIAGNOSTICS) {
		if (!qw_bytes_be16(in, &word))
			return QW_MODBUS_BAD_LENGTH;
		message->subfunction = word;
		if (!message->response && in->left != 2)
			return QW_MODBUS_BAD_LENGTH;
	} else {
		if ((layout == LAYOUT_UMAS && !qw_bytes_skip(in, 1)) || !qw_bytes_u8(in, &byte))
			return QW_MODBUS_BAD_LENGTH;
		message->subfunction = byte;
	}
	(void)qw_bytes_skip(in, in->left);
	return 0;
}

static uint8_t read_layout(struct qw_modbus_message *message, struct qw_bytes *in, enum layout layout)
{
	switch (layout) {
	case LAYOUT_EMPTY: return 0;
	case LAYOUT_BYTE: return qw_bytes_skip(in, 1) ? 0 : QW_MODBUS_BAD_LENGTH;
	case LAYOUT_WORD: return qw_bytes_skip(in, 2) ? 0 : QW_MODBUS_BAD_LENGTH;
	case LAYOUT_TWO_WORDS: return qw_bytes_skip(in, 4) ? 0 : QW_MODBUS_BAD_LENGTH;
	case LAYOUT_RANGE: return read_range(message, in);
	case LAYOUT_COUNTED: return read_counted(in);
	case LAYOUT_SINGLE: return read_single(message, in);
	case LAYOUT_MULTIPLE: return read_multiple(message, in);
	case LAYOUT_MASK: return read_mask(message, in);
	case LAYOUT_READ_WRITE: return qw_bytes_skip(in, 4) ? read_multiple(message, in) : QW_MODBUS_BAD_LENGTH;
	case LAYOUT_DIAGNOSTICS:
	case LAYOUT_MEI:
	case LAYOUT_UMAS: return read_sub(message, in, layout);
	case LAYOUT_ANY: break;
	}
	(void)qw_bytes_skip(in, in->left);
	return 0;
}

/* ---- messages */

static uint8_t read_exception(struct qw_modbus_message *message, struct qw_bytes *in)
{
	if (!qw_bytes_u8(in, &message->code))
		return QW_MODBUS_BAD_LENGTH;
	bool known = (message->code >= 1 && message->code <= 8) || message->code == 10 || message->code == 11;
	return known ? 0 : QW_MODBUS_BAD_EXCEPTION;
}

void qw_modbus_parse(struct qw_modbus_message *message, struct qw_bytes frame, bool response)
{
	uint16_t protocol, length;
	*message = (struct qw_modbus_message){.response = response, .subfunction = -1};
	if (!qw_bytes_be16(&frame, &message->transaction) || !qw_bytes_be16(&frame, &protocol) ||
	    !qw_bytes_be16(&frame, &length) || !qw_bytes_u8(&frame, &message->unit) ||
	    !qw_bytes_u8(&frame, &message->raw)) {
		message->flaws = QW_MODBUS_BAD_LENGTH;
		return;
	}
	message->function = message->raw & (uint8_t)~QW_MODBUS_FUNCTION_ERROR;
	message->exception = response && message->raw & QW_MODBUS_FUNCTION_ERROR;
	message->flaws = protocol ? QW_MODBUS_BAD_PROTOCOL : 0;
	message->flaws |= length > LENGTH_STANDARD ? QW_MODBUS_BAD_LENGTH : 0;
	if (message->function == 0 || (!response && message->raw & QW_MODBUS_FUNCTION_ERROR))
		message->flaws |= QW_MODBUS_BAD_FUNCTION;
	message->data = qw_slice(frame.at, frame.left);
	const struct function *row = &functions[message->function];
	message->access = row->access;
	if (message->exception)
		message->flaws |= read_exception(message, &frame);
	else
		message->flaws |= read_layout(message, &frame, (enum layout)(response ? row->response : row->request));
	message->flaws |= frame.left ? QW_MODBUS_BAD_LENGTH : 0;
	message->category = category_of(message->function, message->subfunction);
}

int32_t qw_modbus_length(const uint8_t *head)
{
	uint16_t length = qw_be16(head + 4);
	return length < LENGTH_MIN || length > LENGTH_MAX ? -1 : 6 + length;
}

static bool is_frame(struct qw_bytes in)
{
	return in.left > QW_MODBUS_HEADER_BYTES && qw_be16(in.at + 2) == 0 && qw_modbus_length(in.at) == (int32_t)in.left;
}

static bool fits(struct qw_bytes frame, bool response)
{
	struct qw_modbus_message message;
	qw_modbus_parse(&message, frame, response);
	return message.category == QW_MODBUS_ASSIGNED && message.flaws == 0;
}

bool qw_modbus_is_plausible(struct qw_bytes frame)
{
	return is_frame(frame) && (fits(frame, false) || fits(frame, true));
}

enum qw_speaker qw_modbus_speaker(const uint8_t *data, size_t len)
{
	struct qw_bytes frame = qw_bytes(data, len);
	bool asks = is_frame(frame) && fits(frame, false), answers = is_frame(frame) && fits(frame, true);
	if (asks == answers)
		return QW_SPEAKER_UNKNOWN;
	return asks ? QW_SPEAKER_CLIENT : QW_SPEAKER_SERVER;
}

/* ---- identification: MEI type, read code, conformity, more, next, count; then objects */

void qw_modbus_identity(const struct qw_modbus_message *message, struct qw_modbus_identity *out)
{
	enum { HEAD = 5, OBJECT_VENDOR = 0, OBJECT_PRODUCT = 1, OBJECT_REVISION = 2 };
	struct qw_bytes in = qw_bytes(message->data.data, message->data.len), value;
	uint8_t type, objects, object, len;
	*out = (struct qw_modbus_identity){{NULL, 0}, {NULL, 0}, {NULL, 0}};
	if (message->function != FUNCTION_MEI || !message->response || message->exception || !qw_bytes_u8(&in, &type) ||
	    type != MEI_IDENTIFICATION || !qw_bytes_skip(&in, HEAD - 1) || !qw_bytes_u8(&in, &objects))
		return;
	for (; objects && qw_bytes_u8(&in, &object) && qw_bytes_u8(&in, &len) && qw_bytes_take(&in, len, &value); objects--) {
		struct qw_slice text = qw_slice(value.at, value.left);
		switch (object) {
		case OBJECT_VENDOR: out->vendor = text; break;
		case OBJECT_PRODUCT: out->product = text; break;
		case OBJECT_REVISION: out->revision = text; break;
		default: break;
		}
	}
}

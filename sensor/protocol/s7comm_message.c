/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/s7comm_message.h"

#include "quaywatch/ot_names.h"

enum { MAGIC = 0x32, ANY = 0x10, PARTS = 0xb0, SYMBOL = 0xb2, ANY_BYTES = 10, USERDATA_HEAD = 0x12 };

static struct qw_slice slice_of(struct qw_bytes bytes)
{
	return qw_slice(bytes.at, bytes.left);
}

/* ---- items */

static void add_item(struct qw_s7comm_message *message, struct qw_s7comm_item item)
{
	if (message->items < QW_S7COMM_ITEMS_MAX)
		message->item[message->items++] = item;
}

static bool parse_any(struct qw_s7comm_message *message, struct qw_bytes in)
{
	struct qw_s7comm_item item = {.syntax = ANY};
	bool whole = qw_bytes_u8(&in, &item.transport) && qw_bytes_be16(&in, &item.count) &&
		     qw_bytes_be16(&in, &item.block) && qw_bytes_u8(&in, &item.area) && qw_bytes_be24(&in, &item.address);
	if (whole)
		add_item(message, item);
	return whole;
}

/* Parts of data blocks: how many, then bytes, block and first byte of each. */
static bool parse_parts(struct qw_s7comm_message *message, struct qw_bytes in)
{
	enum { DATA_BLOCK = 0x84, BYTE = 2 };
	uint8_t parts, count;
	uint16_t block, first;
	if (!qw_bytes_u8(&in, &parts))
		return false;
	for (; parts; parts--) {
		if (!qw_bytes_u8(&in, &count) || !qw_bytes_be16(&in, &block) || !qw_bytes_be16(&in, &first))
			return false;
		add_item(message, (struct qw_s7comm_item){PARTS, BYTE, DATA_BLOCK, block, count, first * 8u});
	}
	return true;
}

static bool parse_symbol(struct qw_s7comm_message *message, struct qw_bytes in)
{
	struct qw_s7comm_item item = {.syntax = SYMBOL};
	uint16_t area;
	uint32_t check;
	bool whole = qw_bytes_skip(&in, 1) && qw_bytes_be16(&in, &area) && qw_bytes_be16(&in, &item.block) &&
		     qw_bytes_be32(&in, &check);
	if (whole)
		add_item(message, item);
	return whole;
}

static bool parse_item(struct qw_s7comm_message *message, struct qw_bytes in)
{
	uint8_t syntax;
	if (!qw_bytes_u8(&in, &syntax))
		return false;
	if (syntax == ANY && in.left >= ANY_BYTES - 1)
		return parse_any(message, in);
	if (syntax == PARTS)
		return parse_parts(message, in);
	if (syntax == SYMBOL)
		return parse_symbol(message, in);
	add_item(message, (struct qw_s7comm_item){.syntax = syntax});
	return true;
}

/* Items of odd length are filled up, but for the last. */
static bool parse_items(struct qw_s7comm_message *message, struct qw_bytes *in)
{
	struct qw_bytes item;
	uint8_t specification, len;
	for (int32_t i = 0; i < message->quantity; i++) {
		if (!qw_bytes_u8(in, &specification) || !qw_bytes_u8(in, &len) || !qw_bytes_take(in, len, &item) ||
		    !parse_item(message, item))
			return false;
		if (len & 1)
			(void)qw_bytes_skip(in, 1);
	}
	return true;
}

/* ---- values and return codes */

static size_t bytes_of(uint8_t transport, uint16_t length)
{
	enum { BIT = 3, INTEGER = 5 };
	return transport >= BIT && transport <= INTEGER ? (length + 7u) / 8u : length;
}

static bool parse_values(struct qw_s7comm_message *message, struct qw_bytes in)
{
	for (int32_t i = 0; i < message->quantity; i++) {
		uint8_t code, transport;
		uint16_t length;
		struct qw_bytes value;
		if (!qw_bytes_u8(&in, &code) || !qw_bytes_u8(&in, &transport) || !qw_bytes_be16(&in, &length) ||
		    !qw_bytes_take(&in, bytes_of(transport, length), &value))
			return false;
		if (message->results < QW_S7COMM_ITEMS_MAX)
			message->result[message->results++] = code;
		if (i == 0)
			message->value = slice_of(value);
		if (message->values < QW_S7COMM_ITEMS_MAX)
			message->held[message->values++] = slice_of(value);
		if (value.left & 1)
			(void)qw_bytes_skip(&in, 1);
	}
	return true;
}

static bool parse_results(struct qw_s7comm_message *message, struct qw_bytes in)
{
	uint8_t code;
	for (int32_t i = 0; i < message->quantity; i++) {
		if (!qw_bytes_u8(&in, &code))
			return false;
		if (message->results < QW_S7COMM_ITEMS_MAX)
			message->result[message->results++] = code;
	}
	return true;
}

static bool parse_variables(struct qw_s7comm_message *message, struct qw_bytes in, struct qw_bytes data)
{
	uint8_t count;
	if (!qw_bytes_u8(&in, &count))
		return message->error != 0;
	message->quantity = count;
	if (message->type == QW_S7COMM_JOB) {
		bool whole = parse_items(message, &in);
		return message->function == QW_S7COMM_WRITE ? parse_values(message, data) && whole : whole;
	}
	if (data.left == 0 && message->error)
		return true;
	return message->function == QW_S7COMM_READ ? parse_values(message, data) : parse_results(message, data);
}

/* ---- functions */

static bool take_counted(struct qw_bytes *in, struct qw_slice *out)
{
	struct qw_bytes text;
	uint8_t len;
	if (!qw_bytes_u8(in, &len) || !qw_bytes_take(in, len, &text))
		return false;
	*out = slice_of(text);
	return true;
}

static bool parse_block(struct qw_s7comm_message *message, struct qw_bytes in)
{
	enum { FLAGS_AND_HANDLE = 7 };
	bool named = message->type == QW_S7COMM_JOB && message->function <= QW_S7COMM_UPLOAD_START;
	return !named || (qw_bytes_skip(&in, FLAGS_AND_HANDLE) && take_counted(&in, &message->block));
}

static bool parse_service(struct qw_s7comm_message *message, struct qw_bytes in)
{
	enum { UNKNOWN = 7 };
	struct qw_bytes argument;
	uint16_t len;
	if (message->type != QW_S7COMM_JOB)
		return true;
	if (!qw_bytes_skip(&in, UNKNOWN) || !qw_bytes_be16(&in, &len) || !qw_bytes_take(&in, len, &argument))
		return false;
	message->argument = slice_of(argument);
	return take_counted(&in, &message->service);
}

static bool parse_stop(struct qw_s7comm_message *message, struct qw_bytes in)
{
	enum { UNKNOWN = 5 };
	return message->type != QW_S7COMM_JOB || (qw_bytes_skip(&in, UNKNOWN) && take_counted(&in, &message->service));
}

static bool parse_setup(struct qw_s7comm_message *message, struct qw_bytes in)
{
	enum { QUEUES = 5 };
	uint16_t bytes;
	if (!qw_bytes_skip(&in, QUEUES) || !qw_bytes_be16(&in, &bytes))
		return message->error != 0;
	message->pdu_bytes = bytes;
	return true;
}

static bool parse_function(struct qw_s7comm_message *message, struct qw_bytes in, struct qw_bytes data)
{
	uint8_t function;
	if (message->type == QW_S7COMM_ACK || !qw_bytes_u8(&in, &function))
		return true;
	message->function = function;
	if (function == QW_S7COMM_READ || function == QW_S7COMM_WRITE)
		return parse_variables(message, in, data);
	if (function >= QW_S7COMM_DOWNLOAD_FIRST && function <= QW_S7COMM_UPLOAD_LAST)
		return parse_block(message, in);
	if (function == QW_S7COMM_SERVICE)
		return parse_service(message, in);
	if (function == QW_S7COMM_STOP)
		return parse_stop(message, in);
	return function != QW_S7COMM_SETUP || parse_setup(message, in);
}

static bool parse_userdata(struct qw_s7comm_message *message, struct qw_bytes in, struct qw_bytes data)
{
	uint8_t head, len, method, kind, unit = 0, last = 0, code, transport;
	uint16_t error = 0, bytes;
	if (!qw_bytes_skip(&in, 2) || !qw_bytes_u8(&in, &head) || head != USERDATA_HEAD || !qw_bytes_u8(&in, &len) ||
	    !qw_bytes_u8(&in, &method) || !qw_bytes_u8(&in, &kind) || !qw_bytes_u8(&in, &message->subfunction) ||
	    !qw_bytes_skip(&in, 1))
		return false;
	message->userdata = true;
	message->way = kind >> 4;
	message->group = kind & 0x0f;
	if (qw_bytes_u8(&in, &unit) && qw_bytes_u8(&in, &last))
		(void)qw_bytes_be16(&in, &error);
	message->unit = unit;
	message->more = last != 0;
	message->error = error;
	if (!qw_bytes_u8(&data, &code) || !qw_bytes_u8(&data, &transport) || !qw_bytes_be16(&data, &bytes))
		return data.left == 0;
	message->result[message->results++] = code;
	message->body = data;
	return true;
}

bool qw_s7comm_parse(struct qw_s7comm_message *message, struct qw_bytes in)
{
	uint8_t magic;
	uint16_t unused, parameter_len, data_len;
	struct qw_bytes parameter;
	*message = (struct qw_s7comm_message){.function = -1, .quantity = -1, .pdu_bytes = -1};
	if (!qw_bytes_u8(&in, &magic) || magic != MAGIC || !qw_bytes_u8(&in, &message->type) ||
	    !qw_bytes_be16(&in, &unused) || !qw_bytes_be16(&in, &message->reference) ||
	    !qw_bytes_be16(&in, &parameter_len) || !qw_bytes_be16(&in, &data_len))
		return false;
	bool answers = message->type == QW_S7COMM_ACK || message->type == QW_S7COMM_ACK_DATA;
	if (answers && !qw_bytes_be16(&in, &message->error))
		return false;
	if (!answers && message->type != QW_S7COMM_JOB && message->type != QW_S7COMM_USERDATA)
		return false;
	if (!qw_bytes_take(&in, parameter_len, &parameter)) {
		message->malformed = true;
		parameter = in;
		in.left = 0;
	}
	message->malformed |= in.left < data_len;
	qw_bytes_limit(&in, data_len);
	bool whole = message->type == QW_S7COMM_USERDATA ? parse_userdata(message, parameter, in)
							  : parse_function(message, parameter, in);
	message->malformed |= !whole;
	return true;
}

/* ---- texts */

static void put_name(struct qw_text *text, enum qw_ot_names table, uint8_t number)
{
	const char *name = qw_number_name(qw_ot_names(table), number);
	if (name)
		qw_text_put(text, name, strlen(name));
	else
		qw_text_u64(text, number);
}

void qw_s7comm_put_item(struct qw_text *text, const struct qw_s7comm_item *item)
{
	enum { DATA_BLOCK = 0x84, INSTANCE_BLOCK = 0x85 };
	if (item->syntax == SYMBOL) {
		qw_text_literal(text, "symbol ");
		qw_text_u64(text, item->block);
		return;
	}
	if (item->syntax != ANY && item->syntax != PARTS) {
		qw_text_literal(text, "syntax ");
		qw_text_u64(text, item->syntax);
		return;
	}
	put_name(text, QW_OT_S7COMM_AREAS, item->area);
	if (item->area == DATA_BLOCK || item->area == INSTANCE_BLOCK)
		qw_text_u64(text, item->block);
	qw_text_char(text, '.');
	qw_text_u64(text, item->address >> 3);
	qw_text_char(text, '.');
	qw_text_u64(text, item->address & 7);
	qw_text_char(text, ' ');
	put_name(text, QW_OT_S7COMM_TRANSPORTS, item->transport);
	qw_text_char(text, ' ');
	qw_text_u64(text, item->count);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* modbus_message - one Modbus/TCP message taken apart. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "sensor/protocol/speaker.h"

enum { QW_MODBUS_HEADER_BYTES = 7, QW_MODBUS_FUNCTION_ERROR = 0x80 };

/* What is wrong with a message, one bit each. */
enum qw_modbus_flaw {
	QW_MODBUS_BAD_PROTOCOL = 1,
	QW_MODBUS_BAD_FUNCTION = 2,
	QW_MODBUS_BAD_LENGTH = 4,
	QW_MODBUS_BAD_VALUE = 8,
	QW_MODBUS_BAD_EXCEPTION = 16,
};

struct qw_modbus_message {
	uint16_t transaction;
	uint8_t unit;
	uint8_t raw;          /* function as on the wire */
	uint8_t function;     /* without the exception's bit */
	uint8_t category;     /* enum qw_modbus_category, one bit */
	uint8_t access;       /* enum qw_modbus_access */
	uint8_t flaws;        /* enum qw_modbus_flaw */
	bool response, exception;
	bool ranged;          /* address and quantity are there */
	bool valued;          /* value is: of a single write */
	uint8_t code;         /* of an exception */
	int32_t subfunction;  /* diagnostics, MEI type, UMAS function; -1: none */
	uint16_t address, quantity;
	uint16_t value;
	struct qw_slice values; /* that are written, as on the wire */
	struct qw_slice data;   /* behind the function */
};

/* frame: a whole one, as qw_modbus_length says.  Never fails: what is wrong stands in flaws. */
void qw_modbus_parse(struct qw_modbus_message *message, struct qw_bytes frame, bool response);

/* Bytes of the frame that begins with these QW_MODBUS_HEADER_BYTES; -1: none does. */
int32_t qw_modbus_length(const uint8_t *head);

/* Is a function assigned by the specification, and is this as long as a request of it, or one of its answers? */
bool qw_modbus_is_plausible(struct qw_bytes frame);

/* Who says this, if it is one frame that only one of the two can say? */
enum qw_speaker qw_modbus_speaker(const uint8_t *data, size_t len);

/* What a device says of itself in an answer to read device identification; empty where it does not. */
struct qw_modbus_identity {
	struct qw_slice vendor, product, revision;
};
void qw_modbus_identity(const struct qw_modbus_message *message, struct qw_modbus_identity *out);

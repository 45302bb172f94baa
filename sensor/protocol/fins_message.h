/* SPDX-License-Identifier: Apache-2.0 */
/* fins_message - a FINS frame: its addresses, its command, and what of the memory it is about. */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

enum {
	QW_FINS_HEADER_BYTES = 10,
	QW_FINS_LEAST_BYTES = QW_FINS_HEADER_BYTES + 2,
	QW_FINS_FRAME_MAX = 4096,
	QW_FINS_READ = 0x0101,
	QW_FINS_WRITE = 0x0102,
	QW_FINS_FILL = 0x0103,
	QW_FINS_TRANSFER = 0x0105,
	QW_FINS_RUN = 0x0401,
	QW_FINS_CONTROLLER_DATA = 0x0501,
};

/* Network, node and unit, the first highest. */
struct qw_fins_message {
	uint32_t destination, source;
	uint8_t service; /* number that pairs command and response */
	bool response;
	uint16_t command;
	int32_t end_code; /* of responses; -1: it is not there */
	int16_t area;     /* of commands to memory; -1: none */
	uint16_t address, count;
	uint8_t bit;
	struct qw_slice model, version;
	struct qw_bytes data; /* behind the command, or the end code */
};

/* False: it is no FINS frame. */
bool qw_fins_parse(struct qw_fins_message *message, struct qw_bytes in);

/* Can a FINS frame begin so? */
bool qw_fins_is_header(struct qw_bytes in);

/* "D100", "CIO5.03"; an area without a name is its number. */
void qw_fins_put_address(struct qw_text *text, const struct qw_fins_message *message);

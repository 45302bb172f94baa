/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slmp_message - one message of Mitsubishi's SLMP, or MC protocol in its frames 3E and 4E, taken apart.
 *
 * Of those in ASCII the head is read.  Slices point into the message.  No state; any thread.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

enum { QW_SLMP_HEAD = 4, QW_SLMP_FRAME_MAX = 8192, QW_SLMP_FRAME_MOST = 65535 + 26, QW_SLMP_DEVICES_MAX = 16 };

enum qw_slmp_command {
	QW_SLMP_TYPE_NAME = 0x0101,
	QW_SLMP_READ = 0x0401,
	QW_SLMP_READ_RANDOM = 0x0403,
	QW_SLMP_READ_BLOCK = 0x0406,
	QW_SLMP_REMOTE_RUN = 0x1001,
	QW_SLMP_REMOTE_PAUSE = 0x1003,
	QW_SLMP_WRITE = 0x1401,
	QW_SLMP_WRITE_RANDOM = 0x1402,
	QW_SLMP_WRITE_BLOCK = 0x1406,
};

struct qw_slmp_device {
	uint16_t code;
	uint32_t number;
};

struct qw_slmp_message {
	bool response, ascii, numbered; /* numbered: a frame 4E, which has a serial number */
	uint16_t serial;
	uint8_t network, station;       /* the station is called PC in the manuals */
	uint16_t module;                /* its number as an input and output */
	bool commanded;                 /* command and subcommand are there: of requests and of what failed */
	uint16_t command, subcommand;
	int32_t end_code;               /* of responses; -1: not there */
	int32_t points;                 /* -1: not told */
	uint8_t devices;
	struct qw_slmp_device device[QW_SLMP_DEVICES_MAX];
	bool cut;                       /* there are more devices */
	struct qw_bytes value;          /* what a write in a row writes */
	struct qw_bytes data;           /* behind the head */
};

/* Bytes that tell how long the message is whose first QW_SLMP_HEAD these are. */
uint16_t qw_slmp_needed(const uint8_t *head);

/* Bytes of the message, as many as qw_slmp_needed() says being there; negative: none begins so. */
int32_t qw_slmp_length(const uint8_t *head);

/* A request for a command that there is, in binary: certain wherever it is met.  Fewer bytes than that needs: false. */
bool qw_slmp_is_request(struct qw_bytes in);

/* A whole message, as long as it says.  False: it has no room for what each has. */
bool qw_slmp_parse(struct qw_slmp_message *message, struct qw_bytes in);

/* "D100", "X1F0"; devices that are not known by their code: "0x7b:12". */
void qw_slmp_put_device(struct qw_text *text, const struct qw_slmp_device *device);

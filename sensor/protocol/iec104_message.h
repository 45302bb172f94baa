/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iec104_message - one APDU of IEC 60870-5-104 taken apart.
 *
 * Objects do not say how long they are: a table of all types does.  Addresses
 * have the sizes that -104 fixes: cause 2, common address 2, object address 3.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"
#include "sensor/protocol/speaker.h"

enum {
	QW_IEC104_HEADER_BYTES = 6, /* start, length, four control octets: every APDU has them */
	QW_IEC104_FRAME_MAX = 255,
	QW_IEC104_OBJECTS_MAX = 127,
	QW_IEC104_SEQUENCE = 0x7fff,
};

enum qw_iec104_format { QW_IEC104_I, QW_IEC104_S, QW_IEC104_U };

enum qw_iec104_cause {
	QW_IEC104_REQUEST = 5,
	QW_IEC104_ACTIVATION = 6,
	QW_IEC104_ACTIVATION_CONFIRMATION = 7,
	QW_IEC104_DEACTIVATION = 8,
	QW_IEC104_DEACTIVATION_CONFIRMATION = 9,
	QW_IEC104_UNKNOWN_FIRST = 44, /* type, cause, common address, object address */
	QW_IEC104_UNKNOWN_LAST = 47,
};

struct qw_iec104_message {
	uint8_t format;            /* enum qw_iec104_format */
	uint8_t control;           /* first control octet */
	uint16_t sent, expected;   /* N(S) of I; N(R) of I and S */
	bool asdu;                 /* of I: what follows is there */
	uint8_t type, cause, originator;
	bool negative, test;
	uint16_t common;           /* common address */
	uint8_t count;             /* objects, as the ASDU says */
	bool malformed;            /* the objects do not fill the ASDU */
	bool known;                /* how long objects of this type are; what follows is there */
	uint8_t objects;           /* addresses that are there */
	uint32_t object[QW_IEC104_OBJECTS_MAX];
	bool select;               /* a command that only selects */
	int16_t qualifier;         /* of a command; -1: it has none */
	int32_t file, section;     /* of file transfer; -1: it has none */
	struct qw_slice element;   /* of the first object */
	struct qw_slice data;      /* the ASDU */
};

/* frame: a whole one, as qw_iec104_length says. */
void qw_iec104_parse(struct qw_iec104_message *message, struct qw_bytes frame);

/* Bytes of the APDU that begins with these QW_IEC104_HEADER_BYTES; -1: none does. */
int32_t qw_iec104_length(const uint8_t *head);

/* Is it one that nothing but this protocol looks like? */
bool qw_iec104_is_plausible(struct qw_bytes frame);

/* Who says this APDU?  The client controls, the server monitors. */
enum qw_speaker qw_iec104_speaker(const uint8_t *data, size_t len);

/* Does a type command, so that an answer is awaited? */
bool qw_iec104_commands(uint8_t type);

/* The value that a command writes; nothing where it writes none. */
void qw_iec104_put_value(struct qw_text *text, const struct qw_iec104_message *message);

/* The time that a clock is set to: "2023-11-14T22:13:20.000". */
void qw_iec104_put_time(struct qw_text *text, const struct qw_iec104_message *message);

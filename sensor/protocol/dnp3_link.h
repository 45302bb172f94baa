/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dnp3_link - DNP3's frames: addresses, checksums, and the user data between them.
 *
 * A frame is a header of 8 bytes and its checksum, then blocks of 16 bytes,
 * each with one.  Source: IEEE 1815-2012, clause 9.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"

enum {
	QW_DNP3_HEADER_BYTES = 10,
	QW_DNP3_USER_DATA_MAX = 250,
	QW_DNP3_FRAME_MAX = QW_DNP3_HEADER_BYTES + 250 + 2 * 16,
};

/* Why no frame begins with some bytes, beside QW_OT_FRAME_NONE. */
enum { QW_DNP3_BAD_CHECKSUM = -2, QW_DNP3_TOO_SHORT = -3 };

struct qw_dnp3_frame {
	uint8_t control;
	uint16_t destination, source;
	bool user_data;      /* there is a transport header in data */
	bool bad_checksum;   /* of a block; data is empty */
	uint16_t len;        /* of data */
	uint8_t data[QW_DNP3_USER_DATA_MAX]; /* without checksums */
};

/* Bytes of the frame that begins with these QW_DNP3_HEADER_BYTES, or why none does. */
int32_t qw_dnp3_length(const uint8_t *head);

/* frame: a whole one, as qw_dnp3_length says. */
void qw_dnp3_frame_parse(struct qw_dnp3_frame *out, struct qw_bytes frame);

/* For tests and forgers: the checksum of some bytes; it stands low byte first. */
uint16_t qw_dnp3_checksum(const uint8_t *data, size_t len);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enip_message - one EtherNet/IP encapsulation message: header, items, identity.
 *
 * Source: CIP Networks Library volume 2, as public descriptions give it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/ot_record.h"
#include "sensor/protocol/speaker.h"

enum { QW_ENIP_HEADER_BYTES = 24, QW_ENIP_FRAME_MAX = QW_ENIP_HEADER_BYTES + UINT16_MAX, QW_ENIP_SERVICES_MAX = 4 };

enum qw_enip_command {
	QW_ENIP_NOP = 0x00,
	QW_ENIP_LIST_SERVICES = 0x04,
	QW_ENIP_LIST_IDENTITY = 0x63,
	QW_ENIP_LIST_INTERFACES = 0x64,
	QW_ENIP_REGISTER_SESSION = 0x65,
	QW_ENIP_UNREGISTER_SESSION = 0x66,
	QW_ENIP_SEND_RR_DATA = 0x6f,
	QW_ENIP_SEND_UNIT_DATA = 0x70,
	QW_ENIP_INDICATE_STATUS = 0x72,
	QW_ENIP_CANCEL = 0x73,
};

struct qw_enip_service {
	uint16_t capabilities;
	struct qw_slice name; /* up to its first NUL */
};

struct qw_enip_message {
	uint16_t command, length;
	uint32_t session, status, options;
	uint64_t context;
	bool malformed; /* items do not fit */
	bool has_version;
	uint16_t version;
	bool has_identity;
	struct qw_enip_identity identity;
	struct qw_slice product;
	uint8_t services; /* in service[] */
	struct qw_enip_service service[QW_ENIP_SERVICES_MAX];
	bool has_sequence; /* of connected data */
	uint16_t sequence;
	bool has_connection;
	uint32_t connection;
	struct qw_slice cip; /* data NULL: no message of CIP */
};

/* Bytes of the message that begins with this header; -1: none does. */
int32_t qw_enip_length(const uint8_t *head);

/* frame: a whole message. */
void qw_enip_parse(struct qw_enip_message *message, struct qw_bytes frame);

/* Is it a header with no field that would be odd?  At least QW_ENIP_HEADER_BYTES. */
bool qw_enip_is_plausible(const uint8_t *head);

/* Who says this, if it is one whole message? */
enum qw_speaker qw_enip_speaker(const uint8_t *data, size_t len);

/* Is it cyclic data as UDP carries it: an address with sequence, then data?  The connection's number in *connection. */
bool qw_enip_io_parse(struct qw_bytes datagram, uint32_t *connection);

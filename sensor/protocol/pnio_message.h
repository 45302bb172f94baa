/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pnio_message - one call of PROFINET's context manager, or its answer, read (IEC 61158-6-10).
 *
 *	connectionless DCE/RPC header (80 bytes) | status or maximum, lengths | blocks
 *
 * The header and the lengths are in the order that the header names, blocks
 * are big-endian.  No state; any thread.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "sensor/protocol/dcerpc.h"

enum { QW_PNIO_HEAD = 80 };

enum qw_pnio_type { QW_PNIO_REQUEST = 0, QW_PNIO_RESPONSE = 2, QW_PNIO_FAULT = 3, QW_PNIO_REJECT = 6 };

enum qw_pnio_has {
	QW_PNIO_HAS_RELATION = 1 << 0,
	QW_PNIO_HAS_STATUS = 1 << 1,
	QW_PNIO_HAS_RECORD = 1 << 2,
	QW_PNIO_HAS_CONTROL = 1 << 3,
	QW_PNIO_HAS_IDENTITY = 1 << 4,
	QW_PNIO_HAS_MAC = 1 << 5,
};

struct qw_pnio {
	uint8_t type; /* enum qw_pnio_type; others tell nothing */
	bool malformed;
	uint16_t operation;
	uint16_t fragment; /* of a call that is sent in several: only the first has blocks from its beginning on */
	bool fragmented, last;
	bool little;       /* the order of numbers in head and lengths */
	uint8_t activity[QW_DCERPC_UUID]; /* whose call it is, as it stands there */
	uint32_t sequence;
	uint16_t device, vendor; /* of the object that is called */
	uint32_t has;            /* enum qw_pnio_has */
	uint32_t status;
	uint8_t relation[QW_DCERPC_UUID]; /* application relation: the connection */
	struct qw_slice station;          /* of who connects */
	struct qw_slice mac;              /* of who connects, or answers */
	uint16_t command;                 /* of control: bits */
	uint16_t slot, subslot, index;    /* of a record */
	uint32_t record_len;
	struct qw_slice order, serial; /* a device's identity (I&M0), from here */
	uint16_t identity_vendor, hardware;
	uint8_t software[4]; /* letter and three numbers */
};

/* Is it a call to, or an answer of, one of PROFINET's interfaces? */
bool qw_pnio_is_header(struct qw_bytes in);

/* The header of a datagram; *body: what stands behind it.  False: not even a header of ours. */
bool qw_pnio_parse_head(struct qw_pnio *out, struct qw_bytes in, struct qw_bytes *body);

/* Then the body, of all fragments if there are several; cut: the end of it is missing. */
void qw_pnio_parse_body(struct qw_pnio *out, struct qw_bytes body, bool cut);

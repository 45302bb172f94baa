/* SPDX-License-Identifier: Apache-2.0 */
/*
 * s7comm_message - one message of S7comm taken apart.
 *
 * The protocol is not published: layouts are those that Wireshark's field
 * names quote, and that captures show.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

enum { QW_S7COMM_ITEMS_MAX = 20 };

enum qw_s7comm_type { QW_S7COMM_JOB = 1, QW_S7COMM_ACK = 2, QW_S7COMM_ACK_DATA = 3, QW_S7COMM_USERDATA = 7 };

enum qw_s7comm_function {
	QW_S7COMM_READ = 0x04,
	QW_S7COMM_WRITE = 0x05,
	QW_S7COMM_DOWNLOAD_FIRST = 0x1a,
	QW_S7COMM_UPLOAD_START = 0x1d,
	QW_S7COMM_UPLOAD_LAST = 0x1f,
	QW_S7COMM_SERVICE = 0x28,
	QW_S7COMM_STOP = 0x29,
	QW_S7COMM_SETUP = 0xf0,
};

enum { QW_S7COMM_GROUP_CPU = 4, QW_S7COMM_SZL = 1, QW_S7COMM_GOOD = 0xff };

struct qw_s7comm_item {
	uint8_t syntax;  /* 0x10: any; 0xb0: parts of a data block; 0xb2: by symbol */
	uint8_t transport, area;
	uint16_t block;  /* number of a data block; by symbol: the second half of the area */
	uint16_t count;
	uint32_t address; /* in bits */
};

struct qw_s7comm_message {
	uint8_t type;
	uint16_t reference;
	uint16_t error;           /* class and code */
	int16_t function;         /* -1: none */
	bool malformed;
	int32_t quantity;         /* items, as the message says; -1: it has none */
	uint8_t items;            /* that are there */
	struct qw_s7comm_item item[QW_S7COMM_ITEMS_MAX];
	uint8_t results;          /* return codes that are there */
	uint8_t result[QW_S7COMM_ITEMS_MAX];
	struct qw_slice value;    /* what the first item holds */
	uint8_t values;           /* of the items, as many as have room */
	struct qw_slice held[QW_S7COMM_ITEMS_MAX];
	struct qw_slice block;    /* "_0A00001P": file's kind, block's type, number, file system */
	struct qw_slice argument; /* of a service */
	struct qw_slice service;  /* "P_PROGRAM" */
	int32_t pdu_bytes;        /* that were agreed upon; -1: not told */
	bool userdata;            /* what follows is there */
	uint8_t way, group, subfunction; /* way: 0 push, 4 request, 8 response */
	uint8_t unit;             /* what answers in several messages have in common */
	bool more;                /* the answer goes on */
	struct qw_bytes body;     /* behind the head of the data */
};

/* data: from the magic on.  False: it is none. */
bool qw_s7comm_parse(struct qw_s7comm_message *message, struct qw_bytes data);

/* "DB1.10.0 byte 4": area, byte, bit, how many. */
void qw_s7comm_put_item(struct qw_text *text, const struct qw_s7comm_item *item);

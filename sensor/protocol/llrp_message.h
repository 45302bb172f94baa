/* SPDX-License-Identifier: Apache-2.0 */
/*
 * llrp_message - one message of LLRP (EPCglobal, RFID readers) taken apart.
 *
 * Slices point into the message.  No state; any thread.
 */
#pragma once

#include "quaywatch/bytes.h"

enum {
	QW_LLRP_HEAD = 10,
	QW_LLRP_FRAME_MAX = 16384,
	QW_LLRP_FRAME_MOST = 16 << 20,
	QW_LLRP_TYPE = 0x3ff,
};

enum qw_llrp_type {
	QW_LLRP_GET_CAPABILITIES = 1,
	QW_LLRP_SET_CONFIG = 3,
	QW_LLRP_CLOSE_CONNECTION_RESPONSE = 4,
	QW_LLRP_CAPABILITIES = 11,
	QW_LLRP_CONFIG = 12,
	QW_LLRP_CONFIG_SET = 13,
	QW_LLRP_CLOSE_CONNECTION = 14,
	QW_LLRP_ADD_ROSPEC = 20,
	QW_LLRP_GET_ROSPECS = 26,
	QW_LLRP_ADD_ROSPEC_RESPONSE = 30,
	QW_LLRP_ADD_ACCESSSPEC = 40,
	QW_LLRP_GET_ACCESSSPECS = 44,
	QW_LLRP_CLIENT_OPERATION = 45, /* the reader asks, the client answers */
	QW_LLRP_ADD_ACCESSSPEC_RESPONSE = 50,
	QW_LLRP_CLIENT_OPERATION_RESPONSE = 55,
	QW_LLRP_VERSION = 56,
	QW_LLRP_VERSION_SET = 57,
	QW_LLRP_ANSWERED = 60, /* types below are requests and what answers them */
	QW_LLRP_REPORT = 61,
	QW_LLRP_KEEPALIVE = 62,
	QW_LLRP_EVENT = 63,
	QW_LLRP_ERROR = 100,
	QW_LLRP_CUSTOM = 1023,
};

struct qw_llrp_message {
	uint8_t version;
	uint16_t type;
	uint32_t id;
	int32_t status;           /* -1: it has none */
	struct qw_slice why;      /* in words, where the status has them */
	bool numbered;
	uint32_t spec;            /* number of a reader's operation or of an access */
	bool resets;              /* a configuration that begins with the factory's */
	uint32_t reports;         /* tags that are reported */
	uint32_t event;           /* type of the first event's parameter; 0: none */
	int32_t attempt;          /* how an attempt to connect ended; -1: none */
	bool identified;
	uint32_t vendor, model;   /* numbers: of an enterprise, and its own */
	uint16_t antennas;
	struct qw_slice firmware;
	struct qw_slice reader;   /* its own id: a MAC or EPC */
	uint32_t custom_vendor;
	uint8_t custom_type;
};

/* Bytes of the message whose first QW_LLRP_HEAD these are; negative: none begins so. */
int32_t qw_llrp_length(const uint8_t *head);

/* Does a message of this type answer another? */
bool qw_llrp_is_answer(uint16_t type);

/* Does it go from the reader to the client, in answer or by itself? */
bool qw_llrp_is_from_reader(uint16_t type);

/* The event that a reader greets with, whole: certain wherever it is met. */
bool qw_llrp_is_event(struct qw_bytes in);

/* A message whose head is whole; what is cut behind it is told as far as it goes. */
void qw_llrp_parse(struct qw_llrp_message *message, struct qw_bytes in);

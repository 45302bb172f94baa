/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mms_message - one PDU of MMS (ISO 9506-2) taken apart: who asks for what, what it names, how it ended.
 *
 * Slices point into the PDU.  No state; any thread.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

enum { QW_MMS_NAMES_MAX = 24 };

/* The numbers of the choice MMSpdu. */
enum qw_mms_pdu {
	QW_MMS_CONFIRMED_REQUEST,
	QW_MMS_CONFIRMED_RESPONSE,
	QW_MMS_CONFIRMED_ERROR,
	QW_MMS_UNCONFIRMED,
	QW_MMS_REJECT,
	QW_MMS_CANCEL_REQUEST,
	QW_MMS_CANCEL_RESPONSE,
	QW_MMS_CANCEL_ERROR,
	QW_MMS_INITIATE_REQUEST,
	QW_MMS_INITIATE_RESPONSE,
	QW_MMS_INITIATE_ERROR,
	QW_MMS_CONCLUDE_REQUEST,
	QW_MMS_CONCLUDE_RESPONSE,
	QW_MMS_CONCLUDE_ERROR,
	QW_MMS_PDUS
};

/* Those that are taken apart. */
enum qw_mms_service {
	QW_MMS_STATUS = 0,
	QW_MMS_GET_NAME_LIST = 1,
	QW_MMS_IDENTIFY = 2,
	QW_MMS_READ = 4,
	QW_MMS_WRITE = 5,
	QW_MMS_INITIATE_UPLOAD = 29,
	QW_MMS_REQUEST_UPLOAD = 33,
	QW_MMS_STORE_DOMAIN = 35,
	QW_MMS_FILE_OPEN = 72,
	QW_MMS_FILE_DIRECTORY = 77,
};

/* Choices of an unconfirmed service. */
enum qw_mms_unconfirmed { QW_MMS_INFORMATION_REPORT, QW_MMS_UNSOLICITED_STATUS, QW_MMS_EVENT_NOTIFICATION };

/* A variable, a list of them, a domain, a program, a file. */
struct qw_mms_name {
	struct qw_slice domain, item; /* domain.data NULL: it is not in one */
};

/* What two sides agree upon. */
struct qw_mms_agreed {
	bool told;
	uint64_t pdu_bytes, calling, called, nesting, version;
};

struct qw_mms_message {
	uint8_t pdu; /* enum qw_mms_pdu */
	bool invoked, malformed;
	uint32_t invoke;
	int16_t service;      /* confirmed, or enum qw_mms_unconfirmed; -1: it has none */
	int32_t quantity;     /* variables, names or results; -1: not told */
	int32_t error;        /* of a PDU that is about one; class or kind in the high byte; -1: none */
	int32_t access_error; /* the first of a result that has one; -1: none */
	bool numbered;
	int64_t number;       /* a state machine, a class of objects, a state of the device */
	bool more;            /* the answer says that more follows */
	struct qw_mms_name name[QW_MMS_NAMES_MAX];
	uint8_t names;
	bool cut;             /* there are more names */
	struct qw_bytes values; /* what is written, read or reported: a list of Data */
	struct qw_slice vendor, model, revision;
	struct qw_mms_agreed agreed;
};

/* Is it one whole PDU, as far as its tag and length tell? */
bool qw_mms_is_pdu(struct qw_bytes in);

/* False: it is none.  What is damaged inside is malformed, and told as far as it was read. */
bool qw_mms_parse(struct qw_mms_message *message, struct qw_bytes in);

/* ---- for the files of this module */

static inline void qw_mms_add(struct qw_mms_message *message, struct qw_slice domain, struct qw_slice item)
{
	if (message->names < QW_MMS_NAMES_MAX)
		message->name[message->names++] = (struct qw_mms_name){domain, item};
	else
		message->cut = true;
}

/* The argument of a confirmed service: its body. */
void qw_mms_read_request(struct qw_mms_message *message, struct qw_bytes body);

/* An access to variables by their names, or by that of a list: the next element or two.  False: it is neither. */
bool qw_mms_read_variables(struct qw_mms_message *message, struct qw_bytes *in);

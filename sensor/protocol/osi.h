/* SPDX-License-Identifier: Apache-2.0 */
/*
 * osi - what lies between COTP and MMS: session (X.225), presentation (X.226), ACSE (X.227).
 *
 * Session and presentation leave in what they carry no doubt what it is: the
 * contexts that were agreed upon are not needed to read it, only to tell
 * what else there is.  Some stacks leave all of it out and put MMS on COTP.
 */
#pragma once

#include "quaywatch/bytes.h"

/* Numbers of session PDUs that are told. */
enum qw_osi_spdu {
	QW_OSI_DATA = 1,
	QW_OSI_FINISH = 9,
	QW_OSI_DISCONNECT = 10,
	QW_OSI_REFUSE = 12,
	QW_OSI_CONNECT = 13,
	QW_OSI_ACCEPT = 14,
	QW_OSI_ABORT = 25,
};

/* Numbers of ACSE's APDUs, all of them applications' tags. */
enum qw_acse {
	QW_ACSE_ASSOCIATE,
	QW_ACSE_ASSOCIATED,
	QW_ACSE_RELEASE,
	QW_ACSE_RELEASED,
	QW_ACSE_ABORT,
	QW_ACSE_NONE,
};

enum { QW_OSI_PARTS_MAX = 4 };

struct qw_osi {
	uint8_t spdu;  /* 0: there is no session */
	uint8_t acse;  /* enum qw_acse */
	int16_t result; /* of an association, a refusal or an abort: 0 well; -1: not told */
	bool password;  /* whoever associates says who it is by a password */
	struct qw_bytes calling, called; /* titles of applications: object identifiers */
	uint8_t parts;
	struct qw_bytes part[QW_OSI_PARTS_MAX]; /* PDUs of MMS */
	bool cut; /* there are more */
};

/* May a message that COTP carries be one of these, MMS without all this included? */
bool qw_osi_is_message(struct qw_bytes in);

/* False: it is none. */
bool qw_osi_parse(struct qw_osi *osi, struct qw_bytes in);

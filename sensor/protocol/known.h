/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known - the fields of one side of a transaction that later messages repeat.
 *
 * A parser adds what it learns and publishes; everything known goes along in
 * each message, and what was added since the last one is fresh.
 */
#pragma once

#include "quaywatch/message.h"
#include "sensor/protocol/store.h"

enum { QW_KNOWN_MAX = 32, QW_KNOWN_BYTES_MAX = 128 * 1024 };

struct qw_known_field {
	uint32_t at, len; /* in `bytes` */
	uint8_t buffer, sight;
};

/* All zero: nothing known. */
struct qw_known {
	struct qw_store bytes;
	uint8_t count, told; /* the first `told` are no longer fresh */
	struct qw_known_field field[QW_KNOWN_MAX];
};

/* Copies value; data NULL is passed over.  What does not fit is left out and counted.  state: the parser's. */
void qw_known_add(void *state, struct qw_known *known, enum qw_buffer buffer, enum qw_sight sight,
		  struct qw_slice value);

/* Puts all of them into the message, and takes note that they were told. */
void qw_known_tell(struct qw_known *known, struct qw_message *message);

/*
 * Puts those in that the other side cannot have as well (a URI goes along with
 * the response, the request's headers do not).  Never fresh.
 */
void qw_known_tell_other(const struct qw_known *other, struct qw_message *message);

/* The first of that buffer; data NULL: none.  Valid until the next add. */
struct qw_slice qw_known_find(const struct qw_known *known, enum qw_buffer buffer);

void qw_known_free(void *state, struct qw_known *known);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expect - connections that another connection announced (FTP's data, TFTP's blocks).
 *
 * A control connection says where the other will go to; a flow that begins
 * there within a minute is taken for it, once.  A bounded table: the eldest of
 * its row goes (counted).  One worker.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"
#include "quaywatch/flow.h"

enum { QW_EXPECTED_NAME_MAX = 240 };

/* What the control connection knows of it. */
struct qw_expected {
	uint8_t app;      /* enum qw_app */
	uint8_t proto;    /* IANA number of what it comes over */
	uint8_t transfer; /* enum qw_ftp_transfer */
	bool partial;     /* it begins in the middle of the file */
	uint8_t name_len;
	uint8_t name[QW_EXPECTED_NAME_MAX];
};

/* Who listens. */
struct qw_expected_place {
	struct qw_address address;
	uint16_t port; /* 0: nobody */
};

struct qw_expectations;

enum qw_err qw_expectations_new(struct qw_expectations **out) QW_MUSTCHECK;
void qw_expectations_free(struct qw_expectations *expectations);

/* An earlier one of the same place goes. */
void qw_expect(struct qw_expectations *expectations, const struct qw_expected_place *place,
	       const struct qw_expected *what, struct qw_time now);

/* What was announced of this flow; NULL: nothing.  It stays until it is taken. */
const struct qw_expected *qw_expected_find(struct qw_expectations *expectations, const struct qw_flow *flow);

/* Copies it, and forgets it.  False: nothing was announced. */
bool qw_expected_take(struct qw_expectations *expectations, const struct qw_flow *flow, struct qw_expected *out);

/* Announced, and forgotten before anything came because others took their place. */
uint64_t qw_expectations_taken_away(const struct qw_expectations *expectations);

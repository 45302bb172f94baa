/* SPDX-License-Identifier: Apache-2.0 */
/* s7comm_identity - system status lists (SZL) that say what a device is: 0x0011 and 0x001c. */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/ot.h"

enum { QW_S7COMM_REVISION_MAX = 16 };

struct qw_s7comm_identity {
	bool list;          /* id and index are there */
	uint16_t id, index;
	struct qw_slice order, product, name, serial; /* in what was parsed */
	uint8_t revision_len;
	char revision[QW_S7COMM_REVISION_MAX];
};

/* in: of a question id and index, of an answer (whole) the records behind them too. */
void qw_s7comm_identity_parse(struct qw_s7comm_identity *identity, struct qw_bytes in, bool answer);

void qw_s7comm_identity_tell(const struct qw_s7comm_identity *identity, struct qw_ot_detail *detail);

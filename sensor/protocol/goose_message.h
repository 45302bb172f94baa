/* SPDX-License-Identifier: Apache-2.0 */
/* goose_message - one GOOSE frame, read: its head, its goosePdu, the types of its data.  No state; any thread. */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"
#include "quaywatch/time.h"

enum { QW_GOOSE_HEAD = 8 };

enum qw_goose_has {
	QW_GOOSE_HAS_STATE = 1 << 0,
	QW_GOOSE_HAS_SEQUENCE = 1 << 1,
	QW_GOOSE_HAS_LIFETIME = 1 << 2,
	QW_GOOSE_HAS_CONFIGURATION = 1 << 3,
	QW_GOOSE_HAS_ENTRIES = 1 << 4,
	QW_GOOSE_HAS_TIME = 1 << 5,
};

struct qw_goose {
	uint16_t application;
	bool simulated, commissioning;
	bool malformed; /* broken, without a control block, or with other data than announced */
	uint32_t has;   /* enum qw_goose_has */
	uint32_t state, sequence, lifetime_ms, configuration, entries;
	struct qw_time time; /* when the state changed */
	struct qw_slice control_block, data_set, id;
	struct qw_bytes data; /* elements of allData */
};

/* The head that GOOSE and sampled values have: application, whether it is a test set, what follows.  False: too short. */
bool qw_goose_head(struct qw_bytes in, uint16_t *application, bool *simulated, struct qw_bytes *body);

/* False: not even a head. */
bool qw_goose_parse(struct qw_goose *out, struct qw_bytes in);

/* "boolean x7, bit_string" */
void qw_goose_put_types(struct qw_text *text, struct qw_bytes data);

/* A number of at most 64 bits without a sign, in as many bytes as it takes. */
bool qw_goose_unsigned(struct qw_bytes body, uint64_t *out);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reputation - Suricata's lists of addresses with a score in a category.
 *
 *	categories:  number,short name,description
 *	list:        address or block,number,score
 *
 * Files of the operator's own configuration, read when the first rule asks.
 * Of an address that is listed twice the later line counts; a single address
 * counts before any block, and a small block before one around it.
 */
#pragma once

#include "rules/signature/dataset.h"
#include "rules/signature/opened.h"

enum { QW_REPUTATION_MAX = 127, QW_CATEGORY_MAX = 60 };

struct qw_reputation {
	struct qw_names categories; /* by short name, in lower case */
	struct qw_vector singles;   /* struct qw_slot_row */
	struct qw_vector blocks;    /* struct qw_block; unused: the line's order */
	bool read;
};

void qw_reputation_init(struct qw_reputation *reputation);
void qw_reputation_fini(struct qw_reputation *reputation);

/* The number of a category that a rule names.  QW_EFORMAT: there is none, and said so. */
enum qw_err qw_reputation_category(struct qw_parse *parse, struct qw_word name, uint8_t *number) QW_MUSTCHECK;

/* What identifies a single address in a category. */
enum { QW_REPUTATION_KEY_BYTES = 17 };
void qw_reputation_key(const struct qw_address *address, uint8_t category, uint8_t out[QW_REPUTATION_KEY_BYTES]);

/* Does it hold of a packet's addresses?  No allocation. */
bool qw_reputation_holds(const struct qw_signatures *set, const struct qw_op *op, const struct qw_facts *facts);

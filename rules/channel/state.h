/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state - what a channel is made of, for the files of this folder.
 */
#pragma once

#include "rules/channel/content.h"

struct qw_incoming; /* a snapshot that is being received: receive.c */

struct qw_channel {
	char name[QW_CHANNEL_NAME_MAX + 1];
	struct qw_order order;
	struct qw_content content;
	struct qw_incoming *incoming; /* NULL: none */
	char *folder; /* where what comes in waits; NULL: the system's for temporary files */
};

void qw_incoming_free(struct qw_incoming *incoming);

/* Printable ASCII, 1 to QW_CHANNEL_NAME_MAX: names end up in logs. */
bool qw_channel_name_valid(const char *name);

/* Negative, 0 or positive: a is before, at or after b. */
int qw_order_compare(struct qw_order a, struct qw_order b);

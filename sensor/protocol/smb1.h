/* SPDX-License-Identifier: Apache-2.0 */
/* smb1 - what its two halves share: smb1.c takes messages apart, smb1_command.c reads the commands. */
#pragma once

#include "sensor/protocol/smb.h"

struct qw_smb1_head {
	uint64_t id; /* process and message: what an answer has in common with its request */
	uint32_t status;
	uint16_t tree;
	uint8_t command;
	bool request, unicode;
};

/* One command of a message. */
struct qw_smb1_part {
	const struct qw_smb_call *call;
	const struct qw_smb1_head *head;
	struct qw_slice message;     /* from its head on */
	struct qw_bytes words, bytes;
	bool chained;                /* another command stood before it */
};

void qw_smb1_command(const struct qw_smb1_part *part);

/* Is it a read's answer or a write, whose data can be taken as they come? */
bool qw_smb1_may_be_large(const struct qw_smb1_head *head);

/*
 * The words of one are here, and its message is `left` bytes long: sets where
 * the data go.  False: it has to be gathered whole.
 */
bool qw_smb1_large(const struct qw_smb1_part *part, uint32_t left);

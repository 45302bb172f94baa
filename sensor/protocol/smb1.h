/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smb1 - what its parts share: smb1.c takes messages apart, smb1_command.c
 * reads the commands, smb1_data.c those that carry data.
 */
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

static inline bool qw_smb1_failed(const struct qw_smb1_part *part)
{
	enum { STATUS_BUFFER_OVERFLOW = 0x80000005 }; /* there is more, and what came is right */
	return part->head->status != 0 && part->head->status != STATUS_BUFFER_OVERFLOW;
}

/* The direction of the flow in which requests (or responses) go. */
static inline enum qw_direction qw_smb1_way(const struct qw_smb1_part *part, bool request)
{
	return qw_smb_way(part->call->smb, request);
}

/* ---- smb1_command.c */

void qw_smb1_command(const struct qw_smb1_part *part);

/* The file whose FID stands at `at` of the words; in a chain, the one opened before.  NULL: no room. */
struct qw_smb_file *qw_smb1_file(const struct qw_smb1_part *part, size_t at);

/* Part of the message by its offset from the head; what does not lie in it is left out. */
struct qw_slice qw_smb1_slice(const struct qw_smb1_part *part, uint32_t offset, uint32_t len);

/* A request that waits for its answer (file NULL: nothing happens), and the file that an answer is about. */
void qw_smb1_ask(const struct qw_smb1_part *part, enum qw_smb_request_kind kind, const struct qw_smb_file *file,
		 uint64_t offset);
struct qw_smb_file *qw_smb1_answered(const struct qw_smb1_part *part, enum qw_smb_request_kind kind, uint64_t *offset);

/* ---- smb1_data.c: readers of commands, for the table */

void qw_smb1_read_request(const struct qw_smb1_part *part);
void qw_smb1_read_response(const struct qw_smb1_part *part);
void qw_smb1_read_andx_request(const struct qw_smb1_part *part);
void qw_smb1_read_andx_response(const struct qw_smb1_part *part);
void qw_smb1_write_request(const struct qw_smb1_part *part);
void qw_smb1_write_andx_request(const struct qw_smb1_part *part);
void qw_smb1_write_close_request(const struct qw_smb1_part *part);
void qw_smb1_transaction_request(const struct qw_smb1_part *part);
void qw_smb1_transaction_response(const struct qw_smb1_part *part);
void qw_smb1_secondary_request(const struct qw_smb1_part *part);

/* Is it a read's answer or a write, whose data can be taken as they come? */
bool qw_smb1_may_be_large(const struct qw_smb1_head *head);

/*
 * The words of one are here, and its message is `left` bytes long: sets where
 * the data go.  False: it has to be gathered whole.
 */
bool qw_smb1_large(const struct qw_smb1_part *part, uint32_t left);

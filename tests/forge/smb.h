/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smb - messages of SMB 1 and 2 and of DCE/RPC, for conversations that the forge or a parser's test plays.
 *
 *	struct forge_blob m;
 *	forge_smb_begin(&m);
 *	forge_smb2_create(&m, &(struct forge_smb2){.message = 3, .tree = 1}, "dir\\file.txt");
 *	forge_smb_end(&m);
 *	forge_talk_say(&talk, FORGE_CLIENT, m.at, m.len, 0);
 *
 * Several commands between begin and end make a compound.  What is to be
 * wrong is changed in m.at.  A mistake of the caller aborts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FORGE_BLOB_MAX = 160 * 1024, FORGE_SMB_ALL_ONES = 0xffff };

struct forge_blob {
	uint8_t at[FORGE_BLOB_MAX];
	size_t len;
	size_t last; /* where the last command began */
};

void forge_blob_put(struct forge_blob *blob, const void *data, size_t len);
void forge_blob_le(struct forge_blob *blob, uint64_t value, unsigned width);
void forge_blob_utf16(struct forge_blob *blob, const char *text);

/* The NetBIOS session service's head, and its length at the end. */
void forge_smb_begin(struct forge_blob *blob);
void forge_smb_end(struct forge_blob *blob);

struct forge_smb2 {
	bool response, related;
	uint32_t status, tree;
	uint64_t message;
};

/* Any command, by its number and body. */
void forge_smb2(struct forge_blob *blob, const struct forge_smb2 *head, uint16_t command, const void *body, size_t len);

/* file: its number; FORGE_SMB_ALL_ONES: that of the command before. */
void forge_smb2_session(struct forge_blob *blob, const struct forge_smb2 *head, const char *domain, const char *user);
void forge_smb2_tree(struct forge_blob *blob, const struct forge_smb2 *head, const char *path);
void forge_smb2_tree_answer(struct forge_blob *blob, const struct forge_smb2 *head, uint8_t type);
void forge_smb2_create(struct forge_blob *blob, const struct forge_smb2 *head, const char *name);
void forge_smb2_create_answer(struct forge_blob *blob, const struct forge_smb2 *head, uint16_t file, uint64_t size);
void forge_smb2_close(struct forge_blob *blob, const struct forge_smb2 *head, uint16_t file);
void forge_smb2_read(struct forge_blob *blob, const struct forge_smb2 *head, uint16_t file, uint64_t offset,
		     uint32_t len);
void forge_smb2_read_answer(struct forge_blob *blob, const struct forge_smb2 *head, const void *data, size_t len);
void forge_smb2_write(struct forge_blob *blob, const struct forge_smb2 *head, uint16_t file, uint64_t offset,
		      const void *data, size_t len);
void forge_smb2_transceive(struct forge_blob *blob, const struct forge_smb2 *head, uint16_t file, const void *data,
			   size_t len);

/* SMB 1: words are given as bytes; unicode. */
void forge_smb1(struct forge_blob *blob, uint8_t command, bool response, uint16_t message, uint16_t tree,
		const void *words, size_t words_len, const void *bytes, size_t bytes_len);

/* One PDU of DCE/RPC. */
struct forge_pdu {
	uint8_t type, flags;
	bool big;
	uint32_t call;
};

enum { FORGE_PDU_FIRST = 1, FORGE_PDU_LAST = 2, FORGE_PDU_WHOLE = 3 };

void forge_pdu(struct forge_blob *blob, const struct forge_pdu *pdu, const void *body, size_t len);

/* uuids in the order of their text; contexts are numbered from 0. */
void forge_pdu_bind(struct forge_blob *blob, const struct forge_pdu *pdu, const uint8_t uuid[][16], uint16_t version,
		    unsigned count);
void forge_pdu_bind_answer(struct forge_blob *blob, const struct forge_pdu *pdu, const uint16_t *results,
			   unsigned count);
void forge_pdu_request(struct forge_blob *blob, const struct forge_pdu *pdu, uint16_t context, uint16_t opnum,
		       const void *stub, size_t len);
void forge_pdu_response(struct forge_blob *blob, const struct forge_pdu *pdu, uint16_t context, const void *stub,
			size_t len);

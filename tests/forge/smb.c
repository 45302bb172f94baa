/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/forge/smb.h"

#include <string.h>

#include "tests/forge/bytes.h"

enum {
	NETBIOS_HEAD = 4,
	SMB2_HEAD = 64,
	SMB2_SESSION_SETUP = 1,
	SMB2_TREE_CONNECT = 3,
	SMB2_CREATE = 5,
	SMB2_CLOSE = 6,
	SMB2_READ = 8,
	SMB2_WRITE = 9,
	SMB2_IOCTL = 11,
	PIPE_TRANSCEIVE = 0x0011c017,
	PDU_HEAD = 16,
	PDU_BIND = 11,
	PDU_BIND_ACK = 12,
	PDU_REQUEST = 0,
	PDU_RESPONSE = 2,
	UUID = 16,
};

/* ---- bytes */

void forge_blob_put(struct forge_blob *blob, const void *data, size_t len)
{
	forge_require(len <= sizeof(blob->at) - blob->len);
	if (len)
		memcpy(blob->at + blob->len, data, len);
	blob->len += len;
}

void forge_blob_le(struct forge_blob *blob, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++, value >>= 8)
		forge_blob_put(blob, &(uint8_t){(uint8_t)value}, 1);
}

static void put_be(struct forge_blob *blob, uint64_t value, unsigned width)
{
	for (unsigned i = width; i-- > 0;)
		forge_blob_put(blob, &(uint8_t){(uint8_t)(value >> 8 * i)}, 1);
}

static void put_zeroes(struct forge_blob *blob, size_t len)
{
	for (size_t i = 0; i < len; i++)
		forge_blob_put(blob, "", 1);
}

void forge_blob_utf16(struct forge_blob *blob, const char *text)
{
	for (; *text; text++)
		forge_blob_le(blob, (uint8_t)*text, 2);
}

static void set_le(struct forge_blob *blob, size_t at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++, value >>= 8)
		blob->at[at + i] = (uint8_t)value;
}

/* ---- SMB */

void forge_smb_begin(struct forge_blob *blob)
{
	blob->len = blob->last = 0;
	put_zeroes(blob, NETBIOS_HEAD);
}

void forge_smb_end(struct forge_blob *blob)
{
	size_t len = blob->len - NETBIOS_HEAD;
	blob->at[1] = (uint8_t)(len >> 16);
	blob->at[2] = (uint8_t)(len >> 8);
	blob->at[3] = (uint8_t)len;
}

static void smb2_head(struct forge_blob *blob, const struct forge_smb2 *head, uint16_t command)
{
	if (blob->last) {
		put_zeroes(blob, (8 - (blob->len - NETBIOS_HEAD) % 8) % 8);
		set_le(blob, blob->last + 20, (uint32_t)(blob->len - blob->last));
	}
	blob->last = blob->len;
	forge_blob_put(blob, "\xfeSMB\x40\0\0\0", 8);
	forge_blob_le(blob, head->status, 4);
	forge_blob_le(blob, command, 2);
	forge_blob_le(blob, 1, 2);
	forge_blob_le(blob, (head->response ? 1u : 0) | (head->related ? 4u : 0), 4);
	forge_blob_le(blob, 0, 4);
	forge_blob_le(blob, head->message, 8);
	forge_blob_le(blob, 0, 4);
	forge_blob_le(blob, head->tree, 4);
	put_zeroes(blob, 24);
}

void forge_smb2(struct forge_blob *blob, const struct forge_smb2 *head, uint16_t command, const void *body, size_t len)
{
	smb2_head(blob, head, command);
	forge_blob_put(blob, body, len);
}

static void put_file(struct forge_blob *blob, uint16_t file)
{
	uint64_t word = file == FORGE_SMB_ALL_ONES ? UINT64_MAX : file;
	forge_blob_le(blob, word, 8);
	forge_blob_le(blob, word, 8);
}

/* NTLM's third message: domain and user lie behind its fixed part. */
static void put_ntlm(struct forge_blob *blob, const char *domain, const char *user)
{
	size_t domain_len = strlen(domain) * 2, user_len = strlen(user) * 2;
	forge_blob_put(blob, "NTLMSSP\0\3\0\0", 12);
	put_zeroes(blob, 16);
	forge_blob_le(blob, domain_len, 2);
	forge_blob_le(blob, domain_len, 2);
	forge_blob_le(blob, 64, 4);
	forge_blob_le(blob, user_len, 2);
	forge_blob_le(blob, user_len, 2);
	forge_blob_le(blob, 64 + domain_len, 4);
	put_zeroes(blob, 16);
	forge_blob_le(blob, 1, 4);
	forge_blob_utf16(blob, domain);
	forge_blob_utf16(blob, user);
}

void forge_smb2_session(struct forge_blob *blob, const struct forge_smb2 *head, const char *domain, const char *user)
{
	smb2_head(blob, head, SMB2_SESSION_SETUP);
	forge_blob_le(blob, 25, 2);
	put_zeroes(blob, 10);
	forge_blob_le(blob, SMB2_HEAD + 24, 2);
	forge_blob_le(blob, 64 + 2 * (strlen(domain) + strlen(user)), 2);
	put_zeroes(blob, 8);
	put_ntlm(blob, domain, user);
}

void forge_smb2_tree(struct forge_blob *blob, const struct forge_smb2 *head, const char *path)
{
	smb2_head(blob, head, SMB2_TREE_CONNECT);
	forge_blob_le(blob, 9, 2);
	forge_blob_le(blob, 0, 2);
	forge_blob_le(blob, SMB2_HEAD + 8, 2);
	forge_blob_le(blob, strlen(path) * 2, 2);
	forge_blob_utf16(blob, path);
}

void forge_smb2_tree_answer(struct forge_blob *blob, const struct forge_smb2 *head, uint8_t type)
{
	smb2_head(blob, head, SMB2_TREE_CONNECT);
	forge_blob_le(blob, 16, 2);
	forge_blob_le(blob, type, 1);
	put_zeroes(blob, 13);
}

void forge_smb2_create(struct forge_blob *blob, const struct forge_smb2 *head, const char *name)
{
	smb2_head(blob, head, SMB2_CREATE);
	forge_blob_le(blob, 57, 2);
	put_zeroes(blob, 42);
	forge_blob_le(blob, SMB2_HEAD + 56, 2);
	forge_blob_le(blob, strlen(name) * 2, 2);
	put_zeroes(blob, 8);
	forge_blob_utf16(blob, name);
}

void forge_smb2_create_answer(struct forge_blob *blob, const struct forge_smb2 *head, uint16_t file, uint64_t size)
{
	smb2_head(blob, head, SMB2_CREATE);
	forge_blob_le(blob, 89, 2);
	put_zeroes(blob, 46);
	forge_blob_le(blob, size, 8);
	put_zeroes(blob, 8);
	put_file(blob, file);
	put_zeroes(blob, 8);
}

void forge_smb2_close(struct forge_blob *blob, const struct forge_smb2 *head, uint16_t file)
{
	smb2_head(blob, head, SMB2_CLOSE);
	forge_blob_le(blob, 24, 2);
	put_zeroes(blob, 6);
	put_file(blob, file);
}

void forge_smb2_read(struct forge_blob *blob, const struct forge_smb2 *head, uint16_t file, uint64_t offset,
		     uint32_t len)
{
	smb2_head(blob, head, SMB2_READ);
	forge_blob_le(blob, 49, 4);
	forge_blob_le(blob, len, 4);
	forge_blob_le(blob, offset, 8);
	put_file(blob, file);
	put_zeroes(blob, 17);
}

void forge_smb2_read_answer(struct forge_blob *blob, const struct forge_smb2 *head, const void *data, size_t len)
{
	smb2_head(blob, head, SMB2_READ);
	forge_blob_le(blob, 17, 2);
	forge_blob_le(blob, SMB2_HEAD + 16, 2);
	forge_blob_le(blob, len, 4);
	put_zeroes(blob, 8);
	forge_blob_put(blob, data, len);
}

void forge_smb2_write(struct forge_blob *blob, const struct forge_smb2 *head, uint16_t file, uint64_t offset,
		      const void *data, size_t len)
{
	smb2_head(blob, head, SMB2_WRITE);
	forge_blob_le(blob, 49, 2);
	forge_blob_le(blob, SMB2_HEAD + 48, 2);
	forge_blob_le(blob, len, 4);
	forge_blob_le(blob, offset, 8);
	put_file(blob, file);
	put_zeroes(blob, 16);
	forge_blob_put(blob, data, len);
}

void forge_smb2_transceive(struct forge_blob *blob, const struct forge_smb2 *head, uint16_t file, const void *data,
			   size_t len)
{
	bool answer = head->response;
	smb2_head(blob, head, SMB2_IOCTL);
	forge_blob_le(blob, answer ? 49 : 57, 4);
	forge_blob_le(blob, PIPE_TRANSCEIVE, 4);
	put_file(blob, file);
	forge_blob_le(blob, SMB2_HEAD + (answer ? 48 : 56), 4);
	forge_blob_le(blob, answer ? 0 : len, 4);
	forge_blob_le(blob, answer ? SMB2_HEAD + 48 : 0, 4);
	forge_blob_le(blob, answer ? len : 0, 4);
	put_zeroes(blob, answer ? 8 : 16);
	forge_blob_put(blob, data, len);
}

void forge_smb1(struct forge_blob *blob, uint8_t command, bool response, uint16_t message, uint16_t tree,
		const void *words, size_t words_len, const void *bytes, size_t bytes_len)
{
	forge_blob_put(blob, "\xffSMB", 4);
	forge_blob_le(blob, command, 1);
	forge_blob_le(blob, 0, 4);
	forge_blob_le(blob, response ? 0x98 : 0x18, 1);
	forge_blob_le(blob, 0xc801, 2);
	put_zeroes(blob, 12);
	forge_blob_le(blob, tree, 2);
	forge_blob_le(blob, 77, 2);
	forge_blob_le(blob, 100, 2);
	forge_blob_le(blob, message, 2);
	forge_blob_le(blob, words_len / 2, 1);
	forge_blob_put(blob, words, words_len);
	forge_blob_le(blob, bytes_len, 2);
	forge_blob_put(blob, bytes, bytes_len);
}

/* ---- DCE/RPC */

static void put(struct forge_blob *blob, const struct forge_pdu *pdu, uint64_t value, unsigned width)
{
	if (pdu->big)
		put_be(blob, value, width);
	else
		forge_blob_le(blob, value, width);
}

/* The head; its length is filled in at the end. */
static size_t pdu_begin(struct forge_blob *blob, const struct forge_pdu *pdu, uint8_t type)
{
	size_t at = blob->len;
	forge_blob_put(blob, "\5", 2);
	forge_blob_le(blob, type, 1);
	forge_blob_le(blob, pdu->flags, 1);
	forge_blob_le(blob, pdu->big ? 0 : 0x10, 4);
	put(blob, pdu, 0, 4);
	put(blob, pdu, pdu->call, 4);
	return at;
}

static void pdu_end(struct forge_blob *blob, const struct forge_pdu *pdu, size_t at)
{
	size_t len = blob->len - at;
	blob->at[at + 8 + pdu->big] = (uint8_t)len;
	blob->at[at + 9 - pdu->big] = (uint8_t)(len >> 8);
}

void forge_pdu(struct forge_blob *blob, const struct forge_pdu *pdu, const void *body, size_t len)
{
	size_t at = pdu_begin(blob, pdu, pdu->type);
	forge_blob_put(blob, body, len);
	pdu_end(blob, pdu, at);
}

static void put_uuid(struct forge_blob *blob, const struct forge_pdu *pdu, const uint8_t *uuid)
{
	put(blob, pdu, (uint64_t)uuid[0] << 24 | (uint64_t)uuid[1] << 16 | (uint64_t)uuid[2] << 8 | uuid[3], 4);
	put(blob, pdu, (uint64_t)uuid[4] << 8 | uuid[5], 2);
	put(blob, pdu, (uint64_t)uuid[6] << 8 | uuid[7], 2);
	forge_blob_put(blob, uuid + 8, 8);
}

void forge_pdu_bind(struct forge_blob *blob, const struct forge_pdu *pdu, const uint8_t uuid[][16], uint16_t version,
		    unsigned count)
{
	size_t at = pdu_begin(blob, pdu, PDU_BIND);
	put_zeroes(blob, 8);
	forge_blob_le(blob, count, 4);
	for (unsigned i = 0; i < count; i++) {
		put(blob, pdu, i, 2);
		forge_blob_le(blob, 1, 2);
		put_uuid(blob, pdu, uuid[i]);
		put(blob, pdu, version, 2);
		put(blob, pdu, 0, 2);
		put_zeroes(blob, UUID + 4);
	}
	pdu_end(blob, pdu, at);
}

void forge_pdu_bind_answer(struct forge_blob *blob, const struct forge_pdu *pdu, const uint16_t *results,
			   unsigned count)
{
	size_t at = pdu_begin(blob, pdu, PDU_BIND_ACK);
	put_zeroes(blob, 8);
	put(blob, pdu, 4, 2);
	forge_blob_put(blob, "135\0\0", 6); /* the address, and what aligns behind it */
	forge_blob_le(blob, count, 4);
	for (unsigned i = 0; i < count; i++) {
		put(blob, pdu, results[i], 2);
		put_zeroes(blob, UUID + 6);
	}
	pdu_end(blob, pdu, at);
}

void forge_pdu_request(struct forge_blob *blob, const struct forge_pdu *pdu, uint16_t context, uint16_t opnum,
		       const void *stub, size_t len)
{
	size_t at = pdu_begin(blob, pdu, PDU_REQUEST);
	put(blob, pdu, len, 4);
	put(blob, pdu, context, 2);
	put(blob, pdu, opnum, 2);
	forge_blob_put(blob, stub, len);
	pdu_end(blob, pdu, at);
}

void forge_pdu_response(struct forge_blob *blob, const struct forge_pdu *pdu, uint16_t context, const void *stub,
			size_t len)
{
	size_t at = pdu_begin(blob, pdu, PDU_RESPONSE);
	put(blob, pdu, len, 4);
	put(blob, pdu, context, 2);
	put(blob, pdu, 0, 2);
	forge_blob_put(blob, stub, len);
	pdu_end(blob, pdu, at);
}

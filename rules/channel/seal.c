/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/channel/seal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* The final NUL is part of what is signed. */
#define PURPOSE(text)                                 \
	{                                             \
		(const uint8_t *)(text), sizeof(text) \
	}
static const struct qw_slice purposes[] = {
    [QW_SEAL_DELTA] = PURPOSE("quaywatch delta 1"),
    [QW_SEAL_DELEGATION] = PURPOSE("quaywatch delegation 1"),
    [QW_SEAL_SNAPSHOT] = PURPOSE("quaywatch snapshot 1"),
};

/* Ed25519 signs one piece of memory; the caller frees it. */
static uint8_t *join(enum qw_seal_purpose purpose, struct qw_slice body, size_t *len)
{
	struct qw_slice head = purposes[purpose];
	uint8_t *joined = malloc(head.len + body.len);
	if (!joined)
		return NULL;
	memcpy(joined, head.data, head.len);
	if (body.len)
		memcpy(joined + head.len, body.data, body.len);
	*len = head.len + body.len;
	return joined;
}

enum qw_err qw_seal(uint8_t out[QW_SIGN_BYTES], enum qw_seal_purpose purpose, struct qw_slice body,
		    const struct qw_sign_pair *pair)
{
	size_t len;
	uint8_t *joined = join(purpose, body, &len);
	if (!joined)
		return QW_ENOMEM;
	crypto_sign_detached(out, NULL, joined, len, pair->secret_key);
	free(joined);
	return QW_OK;
}

enum qw_err qw_seal_verify(struct qw_slice signature, enum qw_seal_purpose purpose, struct qw_slice body,
			   const uint8_t public_key[QW_SIGN_PUBLIC_BYTES])
{
	if (signature.len != QW_SIGN_BYTES)
		return QW_ESIGN;
	size_t len;
	uint8_t *joined = join(purpose, body, &len);
	if (!joined)
		return QW_ENOMEM;
	int bad = crypto_sign_verify_detached(signature.data, joined, len, public_key);
	free(joined);
	return bad ? QW_ESIGN : QW_OK;
}

enum qw_right qw_right_for(enum qw_entry_kind kind)
{
	static const enum qw_right rights[] = {
	    [QW_ENTRY_INDICATOR] = QW_RIGHT_INDICATORS,
	    [QW_ENTRY_ALLOW] = QW_RIGHT_ALLOW,
	    [QW_ENTRY_SIGNATURE] = QW_RIGHT_SIGNATURES,
	};
	return rights[kind];
}

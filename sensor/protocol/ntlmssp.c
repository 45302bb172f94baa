/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/ntlmssp.h"

enum {
	DOMAIN_FIELD = 28,
	USER_FIELD = 36,
	FLAGS = 60,
	FIXED = 64,
	UNICODE = 1,
};

/* A length, a maximum and an offset from the message's begin. */
static bool field_of(struct qw_slice message, size_t at, struct qw_slice *out)
{
	uint16_t len = qw_le16(message.data + at);
	uint32_t offset = qw_le32(message.data + at + 4);
	if (offset > message.len || len > message.len - offset)
		return false;
	*out = qw_slice(message.data + offset, len);
	return true;
}

bool qw_ntlmssp_find(struct qw_slice blob, struct qw_ntlmssp *out)
{
	static const char begin[] = "NTLMSSP\0\3\0\0"; /* with its final NUL */
	const uint8_t *at = blob.len ? memmem(blob.data, blob.len, begin, sizeof(begin)) : NULL;
	if (!at)
		return false;
	struct qw_slice message = qw_slice(at, blob.len - (size_t)(at - blob.data));
	if (message.len < FIXED)
		return false;
	out->unicode = qw_le32(message.data + FLAGS) & UNICODE;
	return field_of(message, DOMAIN_FIELD, &out->domain) && field_of(message, USER_FIELD, &out->user);
}

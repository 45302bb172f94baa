/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/rpc.h"

enum { CALL = 0, REPLY = 1, RPC_VERSION = 2, AUTH_MAX = 400 };

bool qw_xdr_opaque(struct qw_bytes *in, struct qw_bytes *out)
{
	struct qw_bytes at = *in;
	uint32_t len;
	if (!qw_bytes_be32(&at, &len) || !qw_bytes_take(&at, len, out) || !qw_bytes_skip(&at, (4 - len % 4) % 4))
		return false;
	*in = at;
	return true;
}

/* Credentials and verifier: kind, then at most 400 bytes. */
static bool pass_auth(struct qw_bytes *in)
{
	struct qw_bytes body;
	return qw_bytes_skip(in, 4) && qw_xdr_opaque(in, &body) && body.left <= AUTH_MAX;
}

bool qw_rpc_parse(struct qw_rpc *out, struct qw_bytes in)
{
	uint32_t kind, version;
	*out = (struct qw_rpc){0};
	if (!qw_bytes_be32(&in, &out->xid) || !qw_bytes_be32(&in, &kind) || kind > REPLY)
		return false;
	out->is_reply = kind == REPLY;
	out->body = in;
	if (out->is_reply)
		return true;
	if (!qw_bytes_be32(&in, &version) || version != RPC_VERSION || !qw_bytes_be32(&in, &out->program) ||
	    !qw_bytes_be32(&in, &out->version) || !qw_bytes_be32(&in, &out->procedure) || !pass_auth(&in) ||
	    !pass_auth(&in))
		return false;
	out->body = in;
	return true;
}

int64_t qw_rpc_fragment(const uint8_t *data, size_t len)
{
	return len < QW_RPC_MARK_BYTES ? 0 : (int64_t)(qw_be32(data) & INT32_MAX) + QW_RPC_MARK_BYTES;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpc - the head of a message of ONC RPC (RFC 5531), and XDR's simple types.
 *
 * No state; any thread.
 */
#pragma once

#include "quaywatch/bytes.h"

struct qw_rpc {
	uint32_t xid;
	bool is_reply;
	uint32_t program, version, procedure; /* of a call */
	struct qw_bytes body;                 /* arguments; of a reply, what follows its kind */
};

/* False: it is no message, or ends within its head. */
bool qw_rpc_parse(struct qw_rpc *out, struct qw_bytes in);

/* Bytes behind their length, filled up to a multiple of four. */
bool qw_xdr_opaque(struct qw_bytes *in, struct qw_bytes *out);

/*
 * Over TCP a message is a record of fragments.  The length of the fragment
 * that begins here with its mark; 0: more bytes are needed to tell.
 */
int64_t qw_rpc_fragment(const uint8_t *data, size_t len);

enum { QW_RPC_MARK_BYTES = 4 };

/* Is this fragment the record's last? */
static inline bool qw_rpc_is_last(const uint8_t *mark)
{
	return mark[0] & 0x80;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What parsers have in common, without a parser around it: elements of BER, heads of RPC, NTLM's log-on, first bytes. */
#include <stdlib.h>

#include "sensor/protocol/ber.h"
#include "sensor/protocol/dcerpc.h"
#include "sensor/protocol/netbios.h"
#include "sensor/protocol/ntlmssp.h"
#include "sensor/protocol/rpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEPTH_MAX = 8 };

static void try_ber(struct qw_bytes in, unsigned depth)
{
	struct qw_ber element;
	size_t before = in.left;
	while (qw_ber_next(&in, &element)) {
		char memory[64];
		struct qw_text text;
		int64_t number;
		struct qw_bytes again = element.body;
		if (in.left >= before || element.body.left > before)
			abort();
		before = in.left;
		qw_text_init(&text, memory, sizeof(memory));
		qw_ber_oid_text(&text, element.body);
		(void)qw_ber_integer(&again, QW_BER_INTEGER, &number);
		if (depth < DEPTH_MAX)
			try_ber(element.body, depth + 1);
	}
}

static void try_rpc(const uint8_t *data, size_t size)
{
	struct qw_bytes in = qw_bytes(data, size), part;
	struct qw_rpc rpc;
	if (qw_rpc_parse(&rpc, in) && rpc.body.left > size)
		abort();
	while (qw_xdr_opaque(&in, &part))
		if (part.left > size)
			abort();
	if (qw_rpc_fragment(data, size) < 0 && size < QW_RPC_MARK_BYTES)
		abort();
}

static void try_logon(const uint8_t *data, size_t size)
{
	struct qw_ntlmssp logon;
	if (!qw_ntlmssp_find(qw_slice(data, size), &logon))
		return;
	if (logon.user.data < data || logon.user.data + logon.user.len > data + size || logon.domain.data < data ||
	    logon.domain.data + logon.domain.len > data + size)
		abort();
}

/* Once sure, more bytes do not change it. */
static void try_probe(int (*probe)(const uint8_t *data, size_t len), const uint8_t *data, size_t size)
{
	int before = -1;
	for (size_t len = 0; len <= size && len <= 256; len++) {
		int now = probe(data, len);
		if (before >= 0 && now != before)
			abort();
		before = now;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 4096)
		return 0;
	try_ber(qw_bytes(data, size), 0);
	try_rpc(data, size);
	try_logon(data, size);
	try_probe(qw_dcerpc_probe, data, size);
	try_probe(qw_netbios_probe, data, size);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* First byte even: a packed SnapshotPart as it comes.  Odd: its head is signed first. */
#include "channel_port.h"
#include "quaywatch/wire.h"
#include "rules/channel/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The caller frees *out.  False: no such part. */
static bool sign(const struct fuzz_port *port, const uint8_t *data, size_t size, uint8_t **out, size_t *len)
{
	Quaywatch__Wire__SnapshotPart *part = quaywatch__wire__snapshot_part__unpack(NULL, size, data);
	if (!part)
		return false;
	uint8_t signature[QW_SIGN_BYTES];
	ProtobufCBinaryData own_signature = part->signature, own_delegation = part->delegation;
	must(qw_seal(signature, QW_SEAL_SNAPSHOT, qw_slice(part->head.data, part->head.len), &port->online) == QW_OK);
	part->signature = (ProtobufCBinaryData){sizeof(signature), signature};
	part->delegation = (ProtobufCBinaryData){port->delegation_len, port->delegation};
	enum qw_err err = qw_message_pack(&part->base, out, len);
	part->signature = own_signature;
	part->delegation = own_delegation;
	quaywatch__wire__snapshot_part__free_unpacked(part, NULL);
	return err == QW_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_port port;
	struct qw_channel *channel;
	uint8_t *signed_part = NULL;
	size_t len = size - 1;
	bool done = false;
	if (size == 0)
		return 0;
	fuzz_port_init(&port);
	must(qw_channel_new(&channel, "community") == QW_OK);
	const uint8_t *part = data + 1;
	if (data[0] & 1 && sign(&port, part, size - 1, &signed_part, &len))
		part = signed_part;
	enum qw_err err = qw_channel_receive(channel, part, len, port.root.public_key, port.now, &done, NULL, NULL);
	must(done ? err == QW_OK : qw_channel_count(channel) == 0);
	free(signed_part);
	qw_channel_free(channel);
	fuzz_port_fini(&port);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* First byte even: a packed Delegation as it comes.  Odd: a DelegationBody, which the root signs. */
#include "channel_port.h"
#include "quaywatch/wire.h"
#include "rules/channel/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void verify(const struct fuzz_port *port, const uint8_t *data, size_t size)
{
	struct qw_delegation told, verified;
	enum qw_err unverified = qw_delegation_read(&told, qw_slice(data, size));
	if (qw_delegation_verify(&verified, data, size, port->root.public_key, port->now) == QW_OK)
		must(unverified == QW_OK && told.rights == verified.rights);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct fuzz_port port;
	fuzz_port_init(&port);
	verify(&port, data + 1, size - 1);
	if (data[0] & 1) {
		uint8_t signature[QW_SIGN_BYTES], *packed;
		size_t len;
		must(qw_seal(signature, QW_SEAL_DELEGATION, qw_slice(data + 1, size - 1), &port.root) == QW_OK);
		Quaywatch__Wire__Delegation whole;
		quaywatch__wire__delegation__init(&whole);
		whole.body = (ProtobufCBinaryData){size - 1, (uint8_t *)(uintptr_t)(data + 1)};
		whole.signature = (ProtobufCBinaryData){sizeof(signature), signature};
		if (qw_message_pack(&whole.base, &packed, &len) == QW_OK) {
			verify(&port, packed, len);
			free(packed);
		}
	}
	fuzz_port_fini(&port);
	return 0;
}

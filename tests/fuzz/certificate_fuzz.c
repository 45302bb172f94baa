/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate: whatever it says, its names and times are read within its bounds. */
#include "sensor/protocol/certificate.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool within(const uint8_t *data, size_t size, const uint8_t *at, size_t len)
{
	return len == 0 || (at >= data && at + len <= data + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char memory[QW_CERTIFICATE_NAME_MAX], address[QW_CERTIFICATE_ALTERNATIVE_MAX];
	struct qw_certificate certificate;
	struct qw_slice name;
	struct qw_text text;
	if (qw_certificate_parse(&certificate, qw_bytes(data, size)) != QW_OK)
		return 0;
	if (!within(data, size, certificate.serial.data, certificate.serial.len) ||
	    !within(data, size, certificate.issuer.at, certificate.issuer.left) ||
	    !within(data, size, certificate.subject.at, certificate.subject.left) ||
	    !within(data, size, certificate.alternatives.at, certificate.alternatives.left))
		abort();
	qw_text_init(&text, memory, sizeof(memory));
	qw_certificate_name(&text, certificate.issuer);
	qw_text_init(&text, memory, sizeof(memory));
	qw_certificate_name(&text, certificate.subject);
	qw_text_init(&text, memory, sizeof(memory));
	qw_text_colon_hex(&text, certificate.serial, true);
	while (qw_certificate_alternative(&certificate.alternatives, address, &name))
		if (!within(data, size, name.data, name.len) && !within((uint8_t *)address, sizeof(address), name.data, name.len))
			abort();
	return 0;
}

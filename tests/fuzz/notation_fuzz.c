/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, prefixes and times as text: what is read and written again must read as the same. */
#include <stdlib.h>
#include <string.h>

#include "quaywatch/address.h"
#include "quaywatch/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_address(const char *text, size_t len)
{
	char memory[QW_ADDRESS_TEXT_MAX];
	struct qw_address address, again;
	struct qw_text out;
	if (!qw_address_parse(text, len, &address))
		return;
	qw_text_init(&out, memory, sizeof(memory));
	qw_text_address(&out, &address);
	if (out.cut || !qw_address_parse(out.at, out.len, &again) || !qw_address_equal(&address, &again))
		abort();
}

static void try_prefix(const char *text, size_t len)
{
	struct qw_prefix prefix;
	if (qw_prefix_parse(text, len, &prefix) && (prefix.bits > 128 || !qw_prefix_holds(&prefix, &prefix.address)))
		abort();
}

static void try_time(const char *text, size_t len)
{
	char out[QW_TIME_EVE_LEN + 1];
	struct qw_time at, again;
	if (!qw_time_parse(text, len, &at))
		return;
	qw_time_eve(at, out);
	if (!qw_time_parse(out, QW_TIME_EVE_LEN, &again) || at.ns - again.ns < 0 || at.ns - again.ns >= QW_NS_PER_US)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	try_address(text, size);
	try_prefix(text, size);
	try_time(text, size);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte says how many bits at the end are filled up; the rest are the characters of a message. */
#include <stdlib.h>
#include <string.h>

#include "sensor/protocol/ais_order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size)
{
	if (!memchr(text, 0, size))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_ais ais;
	struct qw_text order;
	char memory[QW_AIS_ORDER_TEXT_MAX];
	if (size < 1 || !qw_ais_read(&ais, qw_slice(data + 1, size - 1), data[0] & 7))
		return 0;
	check_text(ais.call_sign, sizeof(ais.call_sign));
	check_text(ais.name, sizeof(ais.name));
	check_text(ais.destination, sizeof(ais.destination));
	check_text(ais.text, sizeof(ais.text));
	qw_text_init(&order, memory, sizeof(memory));
	qw_ais_put_order(&order, &ais);
	if (order.cut)
		abort();
	const struct qw_position *at = &ais.position;
	if (at->latitude < -900000000 || at->latitude > 900000000 || at->longitude < -1800000000 || at->longitude > 1800000000)
		abort();
	return 0;
}

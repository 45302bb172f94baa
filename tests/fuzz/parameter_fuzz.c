/* SPDX-License-Identifier: Apache-2.0 */
/* A header's value, read as parameters, as FTP's addresses and as a range. */
#include <stdlib.h>

#include "sensor/protocol/ftp_address.h"
#include "sensor/protocol/http_range.h"
#include "sensor/protocol/parameter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char memory[64];
	struct qw_text text;
	struct qw_expected_place place = {.port = 0};
	struct qw_http_range range;
	struct qw_slice header = qw_slice(data, size);

	qw_text_init(&text, memory, sizeof(memory));
	if (qw_parameter(header, "filename", &text) != (text.len > 0))
		abort();
	qw_text_init(&text, memory, sizeof(memory));
	(void)qw_parameter(header, "boundary", &text);
	if ((qw_ftp_numbers(header, &place) || qw_ftp_extended(header, &place)) && place.port == 0)
		abort();
	if (qw_http_range_parse(header, &range) && (range.first > range.last || range.last >= range.total))
		abort();
	return 0;
}

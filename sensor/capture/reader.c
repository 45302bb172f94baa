/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/capture/reader.h"

#include <stdlib.h>

static const struct qw_capture_format *const formats[] = {&qw_capture_pcap, &qw_capture_pcapng};

const struct qw_capture_format *qw_reader_recognise(struct qw_bytes start)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i]->recognises(start))
			return formats[i];
	return NULL;
}

enum qw_err qw_reader_init(struct qw_reader *reader, const uint8_t *data, size_t len)
{
	const struct qw_capture_format *format = qw_reader_recognise(qw_bytes(data, len));

	if (!format)
		return QW_EFORMAT;
	*reader = (struct qw_reader){.format = format, .left = qw_bytes(data, len)};
	format->start(reader);
	return QW_OK;
}

void qw_reader_fini(struct qw_reader *reader)
{
	free(reader->interfaces);
	reader->interfaces = NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/formats/format.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/digest.h"

static const struct qw_format *const formats[] = {&qw_format_csv, &qw_format_plain, &qw_format_stix, &qw_format_misp,
						  &qw_format_suricata};

const struct qw_format *qw_format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

void qw_format_write(struct qw_format_writer *writer, const void *data, size_t len)
{
	crypto_generichash_update(&writer->sum, data, len);
	fwrite(data, 1, len, writer->file); /* errors stay with the file, for its owner */
}

void qw_format_begin(struct qw_format_writer *writer, const struct qw_format *format, FILE *file)
{
	memset(writer, 0, offsetof(struct qw_format_writer, memory));
	writer->format = format;
	writer->file = file;
	crypto_generichash_init(&writer->sum, NULL, 0, crypto_generichash_BYTES);
	if (format->begin)
		format->begin(writer);
}

void qw_format_put(struct qw_format_writer *writer, const struct qw_format_entry *entry)
{
	struct qw_text text;

	qw_text_init(&text, writer->memory, sizeof(writer->memory));
	if (!writer->format->put(writer, entry, &text) || text.cut) {
		writer->unfit++;
		return;
	}
	qw_format_write(writer, text.at, text.len);
	writer->written++;
	if (qw_time_before(writer->newest, entry->at))
		writer->newest = entry->at;
}

void qw_format_end(struct qw_format_writer *writer)
{
	if (writer->format->end)
		writer->format->end(writer);
	free(writer->source);
	writer->source = NULL;
}

/* Version 5 by its layout, of a name space that is ours: OASIS keeps its own for observables. */
void qw_format_uuid(const char *kind, const void *name, size_t len, char out[QW_UUID_MAX])
{
	static const uint8_t space[16] = {0x5d, 0x1f, 0x0e, 0x3b, 0x7a, 0x42, 0x4c, 0x96,
					  0x9b, 0x0e, 0x71, 0x75, 0x61, 0x79, 0x77, 0x63};
	struct qw_digests digests;
	uint8_t sum[QW_SHA1_BYTES];

	qw_digests_init(&digests, QW_DIGEST_SHA1);
	qw_digests_update(&digests, space, sizeof(space));
	qw_digests_update(&digests, kind, strlen(kind) + 1);
	qw_digests_update(&digests, name, len);
	qw_digests_finish(&digests, QW_DIGEST_SHA1, sum);
	sum[6] = (uint8_t)((sum[6] & 0x0f) | 0x50);
	sum[8] = (uint8_t)((sum[8] & 0x3f) | 0x80);
	snprintf(out, QW_UUID_MAX, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", sum[0], sum[1], sum[2],
		 sum[3], sum[4], sum[5], sum[6], sum[7], sum[8], sum[9], sum[10], sum[11], sum[12], sum[13], sum[14], sum[15]);
}

void qw_format_time(struct qw_time at, char out[QW_FORMAT_TIME_MAX])
{
	char eve[QW_TIME_EVE_LEN + 1];

	qw_time_eve(at, eve);
	snprintf(out, QW_FORMAT_TIME_MAX, "%.26sZ", eve);
}

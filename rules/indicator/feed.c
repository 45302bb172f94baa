/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "rules/indicator/reader.h"

static const struct {
	const char *name;
	qw_feed_reader *read; /* NULL: holds no indicators */
} FORMATS[] = {
	[QW_FEED_UNKNOWN] = {"unknown", NULL},
	[QW_FEED_SIGNATURES] = {"signatures", NULL},
	[QW_FEED_PLAIN] = {"plain list", qw_read_plain},
	[QW_FEED_CSV] = {"CSV", qw_read_csv},
	[QW_FEED_STIX] = {"STIX bundle", qw_read_stix},
	[QW_FEED_MISP] = {"MISP event", qw_read_misp},
	[QW_FEED_WARNINGLIST] = {"MISP warning list", qw_read_warninglist},
	[QW_FEED_DOCUMENT] = {"document", NULL},
};

const char *qw_feed_format_name(enum qw_feed_format format)
{
	return format < sizeof(FORMATS) / sizeof(*FORMATS) ? FORMATS[format].name : "unknown";
}

enum qw_err qw_feed_read(enum qw_feed_format format, const char *path, const uint8_t *data, size_t len,
			 const struct qw_indicator *defaults, qw_indicator_sink *sink, void *ctx,
			 struct qw_diags *diags, struct qw_feed_counts *counts)
{
	if (format >= sizeof(FORMATS) / sizeof(*FORMATS) || !FORMATS[format].read)
		return QW_EINVAL;
	struct qw_reader *reader = calloc(1, sizeof(*reader));
	if (!reader)
		return QW_ENOMEM;
	*counts = (struct qw_feed_counts){0};
	reader->path = path;
	reader->data = data;
	reader->len = len;
	reader->defaults = defaults;
	reader->sink = sink;
	reader->ctx = ctx;
	reader->diags = diags;
	reader->counts = counts;
	enum qw_err err = FORMATS[format].read(reader);
	free(reader);
	return err;
}

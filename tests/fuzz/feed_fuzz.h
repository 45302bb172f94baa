/* SPDX-License-Identifier: Apache-2.0 */
/* feed_fuzz - one body for the targets of all feed formats. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "quaywatch/indicator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is handed on is canonical: it reads as itself. */
static enum qw_err check(void *ctx, const struct qw_indicator *indicator)
{
	struct qw_observable again;
	const struct qw_observable *is = &indicator->observable;
	if (qw_observable_parse(&again, is->type, is->text, is->len, NULL) != QW_OK || strcmp(again.text, is->text) != 0)
		abort();
	return QW_OK;
}

static int fuzz_feed(enum qw_feed_format format, const uint8_t *data, size_t size)
{
	struct qw_indicator defaults;
	struct qw_feed_counts counts;
	struct qw_diags diags;

	qw_indicator_init(&defaults);
	qw_diags_init(&diags);
	qw_feed_format_of("fuzz", data, size);
	enum qw_err err = qw_feed_read(format, "fuzz", data, size, &defaults, check, NULL, &diags, &counts);
	if (err != QW_OK && err != QW_EFORMAT)
		abort();
	qw_diags_fini(&diags);
	return 0;
}

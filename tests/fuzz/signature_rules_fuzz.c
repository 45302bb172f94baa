/* SPDX-License-Identifier: Apache-2.0 */
/* A rule file: whatever it says, it is read, and what is accepted becomes an image that opens. */
#include <stdlib.h>
#include <unistd.h>

#include "quaywatch/signatures.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *variable(void *ctx, const char *name)
{
	return name[0] == 'H' ? "[10.0.0.0/8,!$EXTERNAL_NET]" : name[0] == 'E' ? "!$HOME_NET" : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_signature_options options = {.variable = variable};
	struct qw_signature_builder *builder;
	struct qw_signatures *set;
	struct qw_diags diags;
	int fd;
	qw_diags_init(&diags);
	if (qw_signature_builder_new(&builder, &options) != QW_OK)
		return 0;
	if (qw_signature_builder_read(builder, "f", (const char *)data, size, &diags) == QW_OK &&
	    qw_signature_builder_counts(builder)->accepted &&
	    qw_signature_builder_finish(builder, &fd, &diags) == QW_OK) {
		if (qw_signatures_open(&set, fd) != QW_OK)
			abort();
		qw_signatures_close(set);
		close(fd);
	}
	qw_signature_builder_free(builder);
	qw_diags_fini(&diags);
	return 0;
}

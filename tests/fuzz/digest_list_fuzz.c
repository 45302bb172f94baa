/* SPDX-License-Identifier: Apache-2.0 */
/* A list of digests that a rule names: the rule is refused, or its image opens. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "quaywatch/signatures.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_rule(const char *rule)
{
	struct qw_signature_options options = {0};
	struct qw_signature_builder *builder;
	struct qw_signatures *set;
	int fd;
	if (qw_signature_builder_new(&builder, &options) != QW_OK)
		return;
	if (qw_signature_builder_read(builder, "f", rule, strlen(rule), NULL) == QW_OK &&
	    qw_signature_builder_finish(builder, &fd, NULL) == QW_OK) {
		if (qw_signatures_open(&set, fd) != QW_OK)
			abort();
		qw_signatures_close(set);
		close(fd);
	}
	qw_signature_builder_free(builder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char rule[160];
	int fd = memfd_create("list", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(rule, sizeof(rule), "alert ip any any -> any any (filemd5:/proc/self/fd/%d; sid:1;)\n"
		 "alert ip any any -> any any (filesha256:!/proc/self/fd/%d; sid:2;)", fd, fd);
	read_rule(rule);
	close(fd);
	return 0;
}

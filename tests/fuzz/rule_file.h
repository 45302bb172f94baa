/* SPDX-License-Identifier: Apache-2.0 */
/* rule_file - a file that rules name, made of the fuzzer's bytes and never written to disk. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "quaywatch/signatures.h"

enum { RULE_FILE_PATH = 64 };

/* The descriptor, to be closed; its path goes to `path`.  -1: not today. */
static inline int rule_file(const uint8_t *data, size_t size, char path[RULE_FILE_PATH])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, RULE_FILE_PATH, "/proc/self/fd/%d", fd);
	return fd;
}

/* Builds one rule; if it is accepted, its image opens and the rule is asked.  True: it was accepted. */
static inline bool rule_try(const struct qw_signature_options *options, const char *rule, const struct qw_subject *subject)
{
	struct qw_signature_builder *builder;
	struct qw_signatures *set;
	int fd;
	if (qw_signature_builder_new(&builder, options) != QW_OK)
		return false;
	bool accepted = qw_signature_builder_read(builder, "f", rule, strlen(rule), NULL) == QW_OK &&
			qw_signature_builder_counts(builder)->accepted == 1;
	if (accepted && qw_signature_builder_finish(builder, &fd, NULL) == QW_OK) {
		if (qw_signatures_open(&set, fd) != QW_OK)
			abort();
		(void)qw_signatures_confirm(set, 0, subject);
		qw_signatures_close(set);
		close(fd);
	}
	qw_signature_builder_free(builder);
	return accepted;
}

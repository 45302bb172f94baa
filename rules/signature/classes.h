/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classes - classification.config: what a classtype means, and its priority.
 */
#pragma once

#include "quaywatch/diag.h"
#include "quaywatch/err.h"
#include "rules/signature/vector.h"
#include "rules/signature/words.h"

struct qw_class {
	const char *description;
	size_t description_len;
	uint8_t priority;
};

struct qw_classes {
	struct qw_names by_name;
	struct qw_vector rows; /* struct qw_class */
	char *text;            /* of the file that was read */
};

/* The built-in classes.  QW_ENOMEM. */
enum qw_err qw_classes_init(struct qw_classes *classes) QW_MUSTCHECK;
void qw_classes_fini(struct qw_classes *classes);

/* Adds a file's; a class of the same name is replaced.  Lines that are not understood are complained about. */
enum qw_err qw_classes_read(struct qw_classes *classes, const char *path, struct qw_diags *diags) QW_MUSTCHECK;

/* NULL: unknown. */
const struct qw_class *qw_classes_find(const struct qw_classes *classes, struct qw_word name);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rulefile - a file of signatures, one at a time, with what names each.
 *
 * Reads no more of a rule than it must: where it ends (a line; a backslash
 * before the newline continues it) and its gid and sid.  Whether a rule is
 * understood is the sensors' rules library to say.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"

struct qw_rule_text {
	uint32_t line;     /* where it begins, from 1 */
	uint32_t gid, sid; /* gid 1 where it has none */
	char *text;        /* on one line, NUL-terminated; the caller's to free */
	size_t len;
};

/*
 * The next rule of `in`, moved behind it; *line counts on.  QW_ENOENT: no more.
 * QW_EFORMAT: a line that is no rule, or has no sid; out->line tells which, and
 * reading may go on.  QW_ENOMEM.
 */
enum qw_err qw_rulefile_next(struct qw_bytes *in, uint32_t *line, struct qw_rule_text *out) QW_MUSTCHECK;

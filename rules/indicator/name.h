/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name - the canonical text of a domain name.
 *
 * Lower case, no final dot, internationalised labels as punycode (IDNA 2008,
 * by libidn2).  Labels hold letters, digits, '-' and '_': more than RFC 1123
 * grants, as much as name servers answer.  Any thread.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"
#include "quaywatch/text.h"

enum { QW_NAME_MAX = 253, QW_LABEL_MAX = 63 };

/* Appends the canonical name.  QW_EFORMAT with *why: it is no name. */
enum qw_err qw_name_make(struct qw_text *out, struct qw_slice text, const char **why) QW_MUSTCHECK;

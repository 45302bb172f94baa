/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parameter - values behind the semicolons of a header: "attachment; filename=…".
 *
 * As receivers read them, not as they should be written: quotes and
 * backslashes, pieces (RFC 2231: name*0, name*1), bytes in percent (name*),
 * encoded words (RFC 2047), and headers whose semicolons are missing.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

/*
 * Appends the parameter's value.  False: there is none, or it is empty.
 * What does not fit is left out; out->cut says so.
 */
bool qw_parameter(struct qw_slice header, const char *name, struct qw_text *out);

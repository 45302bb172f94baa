/* SPDX-License-Identifier: Apache-2.0 */
/*
 * defang - undoes what people do to a value so that nobody clicks on it.
 *
 * "hxxps[://]evil[.]example" is "https://evil.example".  Any thread.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

/* False: nothing to undo, nothing written.  True: the plain value is in out (out->cut where it did not fit). */
bool qw_defang(struct qw_text *out, struct qw_slice text);

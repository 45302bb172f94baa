/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_prepare - a configuration's text made fit for libconfig 1.5.
 *
 * It reads a number without the suffix L into 32 bits and silently drops the
 * rest: 4294967297 becomes 1, and a sensor's memory limit is such a number.
 * And it takes a comment on a last line without a newline for broken syntax.
 */
#pragma once

#include "quaywatch/diag.h"
#include "quaywatch/err.h"

/*
 * A copy of the text, the caller's to free, in which every number beyond 32
 * bits has its L and the last line its end.  Lines stay where they are.
 * QW_EFORMAT: a number beyond 64 bits, or an @include, whose text could not be
 * mended; complaints added.
 */
enum qw_err qw_config_prepare(char **out, const char *name, const char *text, struct qw_diags *diags) QW_MUSTCHECK;

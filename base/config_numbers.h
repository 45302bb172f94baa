/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_numbers - makes libconfig 1.5 read large numbers as they are written.
 *
 * It reads a number without the suffix L into 32 bits and silently drops the
 * rest: 4294967297 becomes 1.  A sensor's memory limit is such a number.
 */
#pragma once

#include "quaywatch/diag.h"
#include "quaywatch/err.h"

/*
 * A copy of the text, the caller's to free, in which every number beyond 32
 * bits has its L.  Lines stay where they are.  QW_EFORMAT: a number beyond 64
 * bits, or an @include, whose numbers could not be mended; complaints added.
 */
enum qw_err qw_config_widen_numbers(char **out, const char *name, const char *text, struct qw_diags *diags) QW_MUSTCHECK;

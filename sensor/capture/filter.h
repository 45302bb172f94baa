/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter - a BPF expression, applied to frames of any link type.
 *
 * The expression is compiled for a link type when its first frame comes.  One
 * thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/diag.h"
#include "quaywatch/err.h"
#include "quaywatch/frame.h"

struct qw_filter;

/* QW_EFORMAT: not understood for Ethernet nor for bare IP (complaint added).  QW_ENOMEM.  Borrows expression. */
enum qw_err qw_filter_new(struct qw_filter **out, const char *expression, struct qw_diags *diags) QW_MUSTCHECK;
void qw_filter_free(struct qw_filter *filter); /* NULL is fine */

/* What cannot be asked of a link type (a port of ARCnet) holds for none of its frames. */
bool qw_filter_passes(struct qw_filter *filter, const struct qw_frame *frame);

/* SPDX-License-Identifier: Apache-2.0 */
/* child - what every process of the supervisor does before its first byte of input. */
#pragma once

#include "quaywatch/err.h"

/* Says who this is, to the log and to ps(1): "builder" is qw-builder there. */
void qw_child_name(const char *name);

/*
 * Gives up privilege (see privilege.h; a failure is logged), and from then on
 * dies with the supervisor, however that ends.
 */
enum qw_err qw_child_settle(const char *user) QW_MUSTCHECK;

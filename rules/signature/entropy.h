/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entropy - how evenly a buffer's bytes are spread: Shannon's bits of each byte, 0 to 8.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "rules/signature/layout.h"

double qw_entropy(struct qw_slice data);

/* QW_OP_ENTROPY of a buffer. */
bool qw_entropy_holds(const struct qw_op *op, struct qw_slice data);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * member - what a rule asks of a set, and what an alert then tells.
 */
#pragma once

#include "rules/signature/inspect.h"

/* QW_OP_MEMBER of a buffer. */
bool qw_member_holds(struct qw_inspection *run, const struct qw_op *op, struct qw_slice data);

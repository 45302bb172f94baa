/* SPDX-License-Identifier: Apache-2.0 */
/*
 * member - what a rule asks of a set, and what an alert then tells.
 */
#pragma once

#include "rules/signature/inspect.h"

/* QW_OP_MEMBER of a buffer.  Changes of a set hold where they would change something, and are noted. */
bool qw_member_holds(struct qw_inspection *run, const struct qw_op *op, struct qw_slice data);

/* Makes the changes that were noted.  False: another worker was first, or its memory could not be had. */
bool qw_member_commit(struct qw_inspection *run);

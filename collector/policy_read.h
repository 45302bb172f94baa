/* SPDX-License-Identifier: Apache-2.0 */
/* policy_read - the policy that the collector's settings ask for. */
#pragma once

#include "collector/policy.h"
#include "quaywatch/config.h"

/* QW_EFORMAT: a setting or a file is not good; complaints were added.  *out is to be freed all the same. */
enum qw_err qw_policy_read(struct qw_policy **out, const struct qw_config *config, struct qw_diags *diags) QW_MUSTCHECK;

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * releasing - the tenant's release policy (sensor/export/release.h) as the configuration has it: HOME_NET says
 * which addresses are ours, the inventory which names.
 */
#pragma once

#include "quaywatch/config.h"
#include "quaywatch/err.h"
#include "sensor/export/release.h"
#include "sensor/watch/home.h"

struct qw_releasing {
	struct qw_home home;
	struct qw_release *release;
	uint64_t told_stayed, told_damaged; /* what the log has of the counters */
};

/* Complaints go to the log.  QW_EFORMAT, QW_ENOENT, …: the policy cannot be kept, so nothing may leave.  End with fini in any case. */
enum qw_err qw_releasing_init(struct qw_releasing *releasing, const struct qw_config *config) QW_MUSTCHECK;
/* Whether the policy is understood; the key is not looked at. */
enum qw_err qw_releasing_check(const struct qw_config *config, struct qw_diags *diags) QW_MUSTCHECK;

void qw_releasing_fini(struct qw_releasing *releasing);

/* Tells the log how many alerts stayed, if that changed since it was told. */
void qw_releasing_tell(struct qw_releasing *releasing);

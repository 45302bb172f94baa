/* SPDX-License-Identifier: Apache-2.0 */
/* home - whose hosts are ours: the rule variable HOME_NET, as rules understand it. */
#pragma once

#include <stdbool.h>

#include "quaywatch/address.h"
#include "quaywatch/err.h"
#include "rules/signature/vector.h"

struct qw_home {
	struct qw_vector ranges; /* struct qw_range, sorted */
	bool any;
};

/* QW_EFORMAT: the variable is wrong; it was told.  Not defined: private addresses.  End with qw_home_fini in any case. */
enum qw_err qw_home_init(struct qw_home *home, const char *(*variable)(void *ctx, const char *name), void *ctx) QW_MUSTCHECK;
void qw_home_fini(struct qw_home *home);

bool qw_home_holds(const struct qw_home *home, const struct qw_address *address);

/* SPDX-License-Identifier: Apache-2.0 */
/* release_policy - the keys release.* as what they mean. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/export/release.h"
#include "sensor/export/scrub.h"

enum qw_release_subject { QW_RELEASE_GID, QW_RELEASE_SID, QW_RELEASE_ORIGIN, QW_RELEASE_CLASS, QW_RELEASE_SUBJECTS };

/* One line of release.stay or release.leave. */
struct qw_release_rule {
	enum qw_release_subject subject;
	uint64_t number;
	const char *text; /* of the configuration */
};

struct qw_release_rules {
	struct qw_release_rule *row;
	size_t count;
};

struct qw_release_policy {
	enum qw_scrub_way addresses, names;
	bool payload_kept; /* here, for who asks */
	bool ot_values;
	bool lets[QW_RELEASE_KINDS];
	bool withheld[QW_KEY_COUNT]; /* release.fields */
	size_t fields;
	struct qw_release_rules stay, leave;
};

/* What the rules ask of an alert. */
struct qw_release_alert {
	uint64_t gid, sid;
	struct qw_slice origin, class;
};

/* Every mistake is a complaint, and QW_EFORMAT.  End with fini in any case. */
enum qw_err qw_release_policy_init(struct qw_release_policy *policy, const struct qw_config *config, size_t first_key,
				   struct qw_diags *diags) QW_MUSTCHECK;
void qw_release_policy_fini(struct qw_release_policy *policy);

bool qw_release_policy_lets(const struct qw_release_policy *policy, const struct qw_release_alert *alert);

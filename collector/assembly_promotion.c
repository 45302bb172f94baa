/* SPDX-License-Identifier: Apache-2.0 */
/* assembly_promotion - puts together what judges, counts and tries candidates. */
#include "collector/assembly_promotion.h"

#include <limits.h>
#include <stdio.h>

#include "collector/policy_read.h"
#include "collector/settings.h"
#include "collector/trials.h"
#include "quaywatch/log.h"

enum qw_exit qw_collector_check(const struct qw_config *config)
{
	struct qw_policy *policy = NULL;
	struct qw_diags diags;

	qw_diags_init(&diags);
	enum qw_err err = qw_policy_read(&policy, config, &diags), feeds = qw_feeds_check(config, &diags);
	qw_diags_print(&diags, stderr);
	qw_diags_fini(&diags);
	qw_policy_free(policy);
	return err == QW_OK && feeds == QW_OK ? QW_EXIT_OK : QW_EXIT_CONFIG;
}

static void raise_alarm(void *ctx, enum qw_notice notice, const struct qw_identity *who, const char *sentence)
{
	struct qw_collector *collector = ctx;

	if (qw_notice_write(collector->journal, notice, who, sentence, qw_time_wall()) != QW_OK)
		qw_log(QW_LOG_ERROR, "NOTICE-LOST", "the alert log had no room for: %s", sentence);
}

static uint64_t count_sensors(void *ctx, const char *tenant)
{
	const struct qw_collector *collector = ctx;

	return qw_registry_sensors(collector->registry, tenant);
}

static enum qw_err open_candidates(struct qw_collector *collector)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/candidates.db", collector->folder);
	enum qw_err err = qw_candidates_open(&collector->candidates, path);
	const struct qw_accounts_roll roll = {count_sensors, collector};
	return err == QW_OK ? qw_accounts_new(&collector->accounts, collector->candidates, &roll) : err;
}

enum qw_err qw_collector_open_promotion(struct qw_collector *collector, struct qw_diags *diags)
{
	enum qw_err err = qw_policy_read(&collector->policy, collector->config, diags);

	if (err == QW_OK)
		err = open_candidates(collector);
	if (err == QW_OK)
		err = qw_dryrun_new(&collector->dryrun);
	struct qw_promotion_parts parts = {
	    .policy = collector->policy,
	    .publication = collector->publication,
	    .candidates = collector->candidates,
	    .accounts = collector->accounts,
	    .budget = (uint64_t)qw_config_int(collector->config, QW_CFG_POLICY_RATE),
	    .alarm = {raise_alarm, collector},
	    .try_dry = qw_trials_begin,
	    .ctx = collector,
	};
	collector->prevalences = (struct qw_prevalences){.publication = &collector->publication,
							 .registry = collector->registry,
							 .candidates = collector->candidates,
							 .policy = collector->policy};
	return err == QW_OK ? qw_promotion_new(&collector->promotion, &parts) : err;
}

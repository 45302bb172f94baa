/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/policy_read.h"

#include <string.h>

#include "collector/settings.h"

struct type_rules {
	struct qw_policy *policy;
	struct qw_diags *diags;
	enum qw_err err;
};

static void set_type(void *ctx, const char *key, const char *value)
{
	struct type_rules *rules = ctx;
	enum qw_err err = qw_policy_set(rules->policy, key, value, rules->diags);

	rules->err = rules->err == QW_OK ? err : rules->err;
}

static struct qw_policy_list list_of(const struct qw_config *config, size_t row)
{
	struct qw_policy_list list;

	list.count = qw_config_list(config, row, &list.item);
	return list;
}

static struct qw_policy_rule rule_of(const struct qw_config *config)
{
	const char *tlp = qw_config_text(config, QW_CFG_POLICY_TLP);

	return (struct qw_policy_rule){
	    .tenants = (uint64_t)qw_config_int(config, QW_CFG_POLICY_TENANTS),
	    .confidence = (uint8_t)qw_config_int(config, QW_CFG_POLICY_CONFIDENCE),
	    .tlp = qw_tlp_parse(tlp, strlen(tlp)),
	    .window = qw_time_seconds(qw_config_int(config, QW_CFG_POLICY_WINDOW) * 3600),
	    .lifetime = qw_time_seconds(qw_config_int(config, QW_CFG_POLICY_LIFETIME) * 86400),
	    .max_age = qw_time_seconds(qw_config_int(config, QW_CFG_POLICY_MAX_AGE) * 86400),
	    .per_hour = (uint64_t)qw_config_int(config, QW_CFG_POLICY_RATE),
	    .noise = (uint64_t)qw_config_int(config, QW_CFG_POLICY_NOISE),
	};
}

enum qw_err qw_policy_read(struct qw_policy **out, const struct qw_config *config, struct qw_diags *diags)
{
	struct qw_policy_options options = {
	    .rule = rule_of(config),
	    .jewels = list_of(config, QW_CFG_POLICY_PROTECTED),
	    .jewel_files = list_of(config, QW_CFG_POLICY_PROTECTED_FILES),
	    .allow = list_of(config, QW_CFG_POLICY_ALLOW),
	    .warning_lists = list_of(config, QW_CFG_POLICY_WARNING_LISTS),
	};
	enum qw_err err = qw_policy_new(out, &options, diags);
	struct type_rules rules = {*out, diags, QW_OK};

	if (err != QW_OK)
		return err;
	qw_config_each(config, QW_CFG_POLICY_TYPE, set_type, &rules);
	return rules.err;
}

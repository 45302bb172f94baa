/* SPDX-License-Identifier: Apache-2.0 */
/* promotion_kit - a policy; and a promotion with store, channels and a fan-out that reaches nobody. */
#pragma once

#include "tests/unit/collector_kit.h"

#include "collector/promotion.h"

static const char *const protected_items[] = {"198.51.100.0/24", "2001:db8:5::/48", "port.example"};

static inline struct qw_policy *make_policy_of(uint64_t tenants, uint64_t per_hour)
{
	struct qw_policy_options options = {
	    .rule = {.tenants = tenants,
		     .confidence = 50,
		     .tlp = QW_TLP_GREEN,
		     .window = qw_time_seconds(3600),
		     .lifetime = qw_time_seconds(86400),
		     .max_age = qw_time_seconds(20 * 86400),
		     .per_hour = per_hour,
		     .noise = 20},
	    .jewels = {protected_items, 3},
	};
	struct qw_policy *policy = NULL;

	assert_int_equal(qw_policy_new(&policy, &options, NULL), QW_OK);
	return policy;
}

static inline struct qw_policy *make_policy(void)
{
	return make_policy_of(2, 1000);
}

static inline struct qw_indicator make_indicator(enum qw_observable_type type, const char *value)
{
	struct qw_indicator indicator;

	qw_indicator_init(&indicator);
	indicator.observable.type = type;
	indicator.observable.len = (uint16_t)strlen(value);
	strcpy(indicator.observable.text, value);
	indicator.confidence = 80;
	return indicator;
}

struct rig {
	struct qw_store *store;
	struct qw_signer signer;
	struct qw_channels *channels;
	struct qw_peers *peers;
	struct qw_fanout *fanout;
	struct qw_policy *policy;
	struct qw_publication publication;
	uint64_t allow_changes;
	struct qw_candidates *candidates;
	struct qw_accounts *accounts;
	struct qw_promotion *promotion;
	struct qw_time now;
	unsigned alarms, trials;
	enum qw_notice notice;
	char alarm[256];
};

static inline void hear(void *ctx, enum qw_notice notice, const struct qw_identity *who, const char *sentence)
{
	struct rig *rig = ctx;

	rig->notice = notice;
	rig->alarms++;
	snprintf(rig->alarm, sizeof(rig->alarm), "%s", sentence);
}

static inline void start(struct rig *rig, const char *folder, uint64_t tenants, uint64_t rate)
{
	static const char *const names[] = {"a", "b", "c"};
	struct qw_sign_pair root;
	const struct qw_accounts_roll roll = {NULL, NULL};
	char path[256];

	memset(rig, 0, sizeof(*rig));
	rig->now = qw_time_wall();
	kit_path(path, folder, "collector.db");
	assert_int_equal(qw_store_open(&rig->store, path), QW_OK);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(qw_store_add_tenant(rig->store, names[i], rig->now), QW_OK);
	assert_int_equal(qw_keys_start(), QW_OK);
	qw_sign_generate(&root);
	qw_sign_generate(&rig->signer.online);
	memcpy(rig->signer.root, root.public_key, sizeof(rig->signer.root));
	rig->signer.terms = (struct qw_delegation){.rights = QW_RIGHT_INDICATORS | QW_RIGHT_ALLOW,
						   .not_after = qw_time_add(rig->now, qw_time_seconds(40 * 86400))};
	memcpy(rig->signer.terms.online_key, rig->signer.online.public_key, QW_SIGN_PUBLIC_BYTES);
	assert_int_equal(
	    qw_delegation_sign(&rig->signer.terms, &root, &rig->signer.delegation, &rig->signer.delegation_len), QW_OK);
	assert_int_equal(qw_channels_open(&rig->channels, folder, rig->store, &rig->signer), QW_OK);
	assert_int_equal(qw_peers_new(&rig->peers), QW_OK);
	struct qw_fanout_parts fanout = {rig->channels, rig->store, rig->peers, &rig->signer, {NULL, NULL}};
	assert_int_equal(qw_fanout_new(&rig->fanout, &fanout), QW_OK);
	rig->publication = (struct qw_publication){rig->store, rig->channels, rig->fanout, &rig->allow_changes, NULL,
						   qw_time_seconds(86400)};
	rig->policy = make_policy_of(tenants, rate);
	kit_path(path, folder, "candidates.db");
	assert_int_equal(qw_candidates_open(&rig->candidates, path), QW_OK);
	assert_int_equal(qw_accounts_new(&rig->accounts, rig->candidates, &roll), QW_OK);
	struct qw_promotion_parts parts = {
	    rig->policy, rig->publication, rig->candidates, rig->accounts, rate, {hear, rig}, NULL, rig};
	assert_int_equal(qw_promotion_new(&rig->promotion, &parts), QW_OK);
}

static inline void stop(struct rig *rig)
{
	qw_promotion_free(rig->promotion);
	qw_accounts_free(rig->accounts);
	qw_candidates_close(rig->candidates);
	qw_policy_free(rig->policy);
	qw_fanout_free(rig->fanout);
	qw_peers_free(rig->peers);
	qw_channels_close(rig->channels);
	qw_store_close(rig->store);
	qw_signer_wipe(&rig->signer);
}

static inline struct qw_judgement offer(struct rig *rig, const char *tenant, const char *sensor,
					const struct qw_indicator *indicator)
{
	struct qw_offered offered = {.indicator = indicator, .kind = QW_EVIDENCE_PROPOSAL, .reason = "test"};
	struct qw_judgement judgement;
	struct qw_identity who;

	snprintf(who.tenant, sizeof(who.tenant), "%s", tenant);
	snprintf(who.sensor, sizeof(who.sensor), "%s", sensor);
	assert_int_equal(qw_promotion_propose(rig->promotion, &who, &offered, rig->now, &judgement), QW_OK);
	return judgement;
}

static inline enum qw_verdict propose_as(struct rig *rig, const char *tenant, enum qw_observable_type type,
					 const char *value)
{
	struct qw_indicator indicator = make_indicator(type, value);

	return offer(rig, tenant, "gate", &indicator).verdict;
}

static inline enum qw_verdict propose(struct rig *rig, const char *tenant, const char *domain)
{
	return propose_as(rig, tenant, QW_OBS_DOMAIN, domain);
}

static inline size_t count_community(struct rig *rig)
{
	struct qw_channel *community;

	assert_int_equal(qw_channels_get(&community, rig->channels, QW_COMMUNITY), QW_OK);
	return qw_channel_count(community);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/promotion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/log.h"
#include "quaywatch/text.h"

enum { HOUR_S = 3600 };

/* What a tenant has spent since the hour began. */
struct budget {
	char tenant[QW_NAME_MAX + 1];
	struct qw_time since;
	uint64_t spent;
};

struct qw_promotion {
	struct qw_promotion_options options;
	const struct qw_policy *policy;
	struct qw_publication publication;
	struct budget *budget;
	size_t budgets;
	struct qw_promotion_stats stats;
};

enum qw_err qw_promotion_new(struct qw_promotion **out, const struct qw_promotion_options *options,
			     const struct qw_policy *policy, const struct qw_publication *publication)
{
	struct qw_promotion *promotion = calloc(1, sizeof(*promotion));

	if (!promotion)
		return QW_ENOMEM;
	promotion->options = *options;
	promotion->policy = policy;
	promotion->publication = *publication;
	*out = promotion;
	return QW_OK;
}

void qw_promotion_free(struct qw_promotion *promotion)
{
	if (!promotion)
		return;
	free(promotion->budget);
	free(promotion);
}

struct qw_promotion_stats qw_promotion_stats(const struct qw_promotion *promotion)
{
	return promotion->stats;
}

static struct budget *budget_of(struct qw_promotion *promotion, const char *tenant)
{
	for (size_t i = 0; i < promotion->budgets; i++)
		if (strcmp(promotion->budget[i].tenant, tenant) == 0)
			return &promotion->budget[i];
	struct budget *grown = realloc(promotion->budget, (promotion->budgets + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	promotion->budget = grown;
	struct budget *budget = &grown[promotion->budgets++];
	*budget = (struct budget){.spent = 0};
	snprintf(budget->tenant, sizeof(budget->tenant), "%s", tenant);
	return budget;
}

/* Tenants are enrolled by a person, so their number is bounded. */
static bool may_speak(struct qw_promotion *promotion, const char *tenant, struct qw_time now)
{
	struct budget *budget = budget_of(promotion, tenant);

	if (!budget)
		return false;
	if (now.ns - budget->since.ns >= HOUR_S * QW_NS_PER_S || now.ns < budget->since.ns) {
		budget->since = now;
		budget->spent = 0;
	}
	return budget->spent++ < promotion->options.proposals_per_hour;
}

/* ---- what the channel and its history say */

static bool channel_has(const struct qw_channel *channel, enum qw_entry_kind kind, enum qw_observable_type type,
			const char *value, size_t len)
{
	struct qw_indicator indicator;
	struct qw_entry entry, found;
	char key[QW_ENTRY_KEY_MAX];
	size_t key_len;
	uint8_t *body;

	if (len > QW_OBSERVABLE_TEXT_MAX)
		return false;
	qw_indicator_init(&indicator);
	indicator.allow = kind == QW_ENTRY_ALLOW;
	indicator.observable.type = type;
	indicator.observable.len = (uint16_t)len;
	memcpy(indicator.observable.text, value, len);
	indicator.observable.text[len] = '\0';
	if (qw_entry_of_indicator(&entry, &body, &indicator) != QW_OK)
		return false;
	enum qw_err err = qw_entry_key(&entry, key, &key_len);
	free(body);
	return err == QW_OK && qw_channel_find(channel, kind, key, key_len, &found);
}

/* An allow entry for this block, or for one that holds it. */
static bool is_block_allowed(const struct qw_channel *channel, struct qw_prefix prefix)
{
	bool v4 = qw_address_is_v4(&prefix.address) && prefix.bits >= 96;
	unsigned above = v4 ? 96 : 0;
	char memory[QW_ADDRESS_TEXT_MAX + 8];

	for (unsigned bits = prefix.bits; bits > above; bits--) {
		struct qw_text text;
		qw_text_init(&text, memory, sizeof(memory));
		qw_text_address(&text, &prefix.address);
		if (bits < 128)
			qw_text_format(&text, "/%u", bits - above);
		const char *value = qw_text_string(&text);
		if (channel_has(channel, QW_ENTRY_ALLOW, bits < 128 ? QW_OBS_CIDR : QW_OBS_IP, value, strlen(value)))
			return true;
		prefix.address.bytes[(bits - 1) / 8] &= (uint8_t) ~(1u << (7 - (bits - 1) % 8));
	}
	return false;
}

/* An allow entry for it, for a block that holds it, or for a name above it. */
static bool is_allowed(const struct qw_channel *channel, const struct qw_observable *observable)
{
	struct qw_prefix prefix;
	const char *at;
	size_t len;

	if (channel_has(channel, QW_ENTRY_ALLOW, observable->type, observable->text, observable->len))
		return true;
	if (qw_policy_prefix_of(observable, &prefix))
		return is_block_allowed(channel, prefix);
	if (!qw_policy_name_of(observable, &at, &len))
		return false;
	for (const char *end = at + len; at; at = memchr(at, '.', (size_t)(end - at))) {
		at += *at == '.';
		if (channel_has(channel, QW_ENTRY_ALLOW, QW_OBS_DOMAIN, at, (size_t)(end - at)))
			return true;
	}
	return false;
}

static enum qw_err see_withdrawn(void *ctx, const struct qw_indicator_row *row)
{
	/* What only grew old may come again. */
	bool aged = row->indicator.valid_until.ns != 0 && row->revoked.ns >= row->indicator.valid_until.ns;

	if (row->revoked.ns != 0 && !aged)
		*(bool *)ctx = true;
	return QW_OK;
}

static enum qw_err judge_by_history(const struct qw_promotion *promotion, const struct qw_observable *observable,
				    enum qw_verdict *verdict)
{
	struct qw_channel *community;
	bool withdrawn = false;
	enum qw_err err = qw_channels_get(&community, promotion->publication.channels, QW_COMMUNITY);

	if (err == QW_OK)
		err = qw_store_each_indicator(promotion->publication.store, QW_COMMUNITY, observable, 1, see_withdrawn,
					      &withdrawn);
	if (err != QW_OK)
		return err;
	if (channel_has(community, QW_ENTRY_INDICATOR, observable->type, observable->text, observable->len))
		*verdict = QW_VERDICT_KNOWN;
	else if (withdrawn)
		*verdict = QW_VERDICT_WITHDRAWN;
	else if (is_allowed(community, observable))
		*verdict = QW_VERDICT_PROTECTED;
	return QW_OK;
}

/* ---- proposals */

static enum qw_err promote(const struct qw_promotion *promotion, const struct qw_indicator *proposed,
			   const struct qw_support *support, struct qw_time now)
{
	struct qw_indicator indicator;
	struct qw_reason reason = {"community", "enough tenants proposed it"};

	qw_indicator_init(&indicator);
	indicator.observable = proposed->observable;
	indicator.confidence = support->confidence;
	indicator.tlp = QW_TLP_GREEN;
	indicator.valid_from = now;
	indicator.valid_until = qw_time_add(now, promotion->options.lifetime);
	snprintf(indicator.source, sizeof(indicator.source), "community");
	enum qw_err err = qw_publish_indicators(&promotion->publication, QW_COMMUNITY, &indicator, 1, &reason, now);
	if (err == QW_OK)
		qw_log(QW_LOG_INFO, "PROMOTED", "%s %s: %llu tenants agree; sent to all",
		       qw_observable_type_name(proposed->observable.type), proposed->observable.text,
		       (unsigned long long)support->tenants);
	return err;
}

static enum qw_err weigh(const struct qw_promotion *promotion, const char *tenant, const struct qw_indicator *indicator,
			 uint32_t gid, uint32_t sid, struct qw_time now, enum qw_verdict *verdict)
{
	struct qw_store *store = promotion->publication.store;
	struct qw_support support = {0};
	uint64_t needed = promotion->options.tenants;

	enum qw_err err = qw_store_put_proposal(store, tenant, indicator, gid, sid, now);
	if (err == QW_OK)
		err = judge_by_history(promotion, &indicator->observable, verdict);
	if (err != QW_OK || *verdict != QW_VERDICT_PROMOTED)
		return err;
	err = qw_store_support(store, &indicator->observable, qw_time_sub(now, promotion->options.window), 0, &support);
	if (err != QW_OK)
		return err;
	if (support.tenants < needed) {
		*verdict = QW_VERDICT_WAITING;
		return QW_OK;
	}
	return promote(promotion, indicator, &support, now);
}

enum qw_err qw_promotion_propose(struct qw_promotion *promotion, const char *tenant,
				 const struct qw_indicator *indicator, uint32_t gid, uint32_t sid, struct qw_time now,
				 enum qw_verdict *verdict)
{
	enum qw_verdict found = qw_policy_judge(promotion->policy, indicator);
	enum qw_err err = QW_OK;

	if (!may_speak(promotion, tenant, now))
		found = QW_VERDICT_RATE;
	/* What is not fit to be shared is not kept either: the store holds only what may one day go to all. */
	if (found == QW_VERDICT_PROMOTED)
		err = weigh(promotion, tenant, indicator, gid, sid, now, &found);
	if (err != QW_OK)
		return err;
	promotion->stats.verdicts[found]++;
	*verdict = found;
	return QW_OK;
}

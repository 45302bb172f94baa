/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/accounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/log.h"

struct account {
	struct qw_identity who; /* sensor "": the tenant */
	struct qw_credit credit;
	struct qw_time hour; /* of `offered`: the tenant's */
	uint64_t offered[QW_OBS_COUNT];
};

struct qw_accounts {
	struct qw_candidates *candidates;
	struct qw_accounts_roll roll;
	struct account *account;
	size_t count, room;
};

static struct account *find(const struct qw_accounts *accounts, const char *tenant, const char *sensor)
{
	for (size_t i = 0; i < accounts->count; i++) {
		const struct qw_identity *who = &accounts->account[i].who;
		if (strcmp(who->sensor, sensor) == 0 && strcmp(who->tenant, tenant) == 0)
			return &accounts->account[i];
	}
	return NULL;
}

static enum qw_err add(struct qw_accounts *accounts, const char *tenant, const char *sensor,
		       const struct qw_credit *credit)
{
	if (accounts->count == accounts->room) {
		size_t room = accounts->room ? accounts->room * 2 : 16;
		struct account *grown = realloc(accounts->account, room * sizeof(*grown));
		if (!grown)
			return QW_ENOMEM;
		accounts->account = grown;
		accounts->room = room;
	}
	struct account *account = &accounts->account[accounts->count++];
	snprintf(account->who.tenant, sizeof(account->who.tenant), "%s", tenant);
	snprintf(account->who.sensor, sizeof(account->who.sensor), "%s", sensor);
	account->credit = *credit;
	account->hour = qw_time_ns(0);
	return QW_OK;
}

static enum qw_err load(void *ctx, const struct qw_identity *who, const struct qw_credit *credit)
{
	return add(ctx, who->tenant, who->sensor, credit);
}

enum qw_err qw_accounts_new(struct qw_accounts **out, struct qw_candidates *candidates,
			    const struct qw_accounts_roll *roll)
{
	struct qw_accounts *accounts = calloc(1, sizeof(*accounts));

	if (!accounts)
		return QW_ENOMEM;
	accounts->candidates = candidates;
	accounts->roll = *roll;
	enum qw_err err = qw_candidates_each_credit(candidates, load, accounts);
	if (err != QW_OK) {
		qw_accounts_free(accounts);
		return err;
	}
	*out = accounts;
	return QW_OK;
}

void qw_accounts_free(struct qw_accounts *accounts)
{
	if (!accounts)
		return;
	free(accounts->account);
	free(accounts);
}

/* Both are there afterwards. */
static enum qw_err open_both(struct qw_accounts *accounts, const struct qw_identity *who, struct qw_time now)
{
	struct qw_credit fresh = qw_credit_new(now);
	enum qw_err err = QW_OK;

	if (!find(accounts, who->tenant, ""))
		err = add(accounts, who->tenant, "", &fresh);
	if (err == QW_OK && !find(accounts, who->tenant, who->sensor))
		err = add(accounts, who->tenant, who->sensor, &fresh);
	return err;
}

/* At least one: the one that is being asked for. */
static uint64_t sensors_of(const struct qw_accounts *accounts, const char *tenant)
{
	uint64_t heard = 0;

	if (accounts->roll.sensors)
		heard = accounts->roll.sensors(accounts->roll.ctx, tenant);
	for (size_t i = 0; !accounts->roll.sensors && i < accounts->count; i++) {
		const struct qw_identity *who = &accounts->account[i].who;
		heard += who->sensor[0] && strcmp(who->tenant, tenant) == 0;
	}
	return heard ? heard : 1;
}

static enum qw_err save(struct qw_accounts *accounts, const struct account *account)
{
	return qw_candidates_put_credit(accounts->candidates, &account->who, &account->credit);
}

/* False: the tenant has had its hour, in all or of this type. */
static bool tenant_may(struct account *tenant, const struct qw_budget *budget, struct qw_time now)
{
	struct qw_credit *credit = &tenant->credit;

	if (qw_credit_offer(credit, budget->all, now) != QW_OFFER_TAKEN) {
		credit->isolated = qw_time_ns(0); /* sensors are quarantined; their tenant is only over its budget */
		return false;
	}
	if (tenant->hour.ns != credit->hour.ns) {
		memset(tenant->offered, 0, sizeof(tenant->offered));
		tenant->hour = credit->hour;
	}
	return tenant->offered[budget->type]++ < budget->of_type;
}

enum qw_err qw_accounts_offer(struct qw_accounts *accounts, const struct qw_identity *who,
			      const struct qw_budget *budget, struct qw_time now, enum qw_offer *out)
{
	enum qw_err err = open_both(accounts, who, now);

	if (err != QW_OK)
		return err;
	struct account *sensor = find(accounts, who->tenant, who->sensor);
	bool is_only = sensors_of(accounts, who->tenant) == 1;
	*out = qw_credit_offer(&sensor->credit, budget->all, now);
	if (*out == QW_OFFER_TAKEN && !is_only && sensor->credit.offered > (budget->all + 1) / 2)
		*out = QW_OFFER_OVER;
	if (*out == QW_OFFER_TAKEN && !tenant_may(find(accounts, who->tenant, ""), budget, now))
		*out = QW_OFFER_OVER;
	return *out == QW_OFFER_ISOLATED ? save(accounts, sensor) : QW_OK;
}

/* One account; *counted: it did before.  That it does not any more is said once: it takes hours to come back. */
static enum qw_err charge(struct qw_accounts *accounts, struct account *account, enum qw_charge what, uint64_t share,
			  struct qw_time now, bool *counted)
{
	const struct qw_identity *who = &account->who;

	*counted = qw_credit_counts(&account->credit, now);
	qw_credit_charge(&account->credit, what, share, now);
	if (*counted && !qw_credit_counts(&account->credit, now))
		qw_log(QW_LOG_WARNING, "CREDIT-SPENT",
		       "%s%s%s was wrong too often: what it says counts nothing until its credit has grown (%d an "
		       "hour); see: "
		       "quaywatchctl quarantine list",
		       who->tenant, who->sensor[0] ? "/" : "", who->sensor, QW_CREDIT_PER_HOUR);
	return save(accounts, account);
}

enum qw_err qw_accounts_charge(struct qw_accounts *accounts, const struct qw_identity *who, enum qw_charge what,
			       struct qw_time now)
{
	enum qw_err err = open_both(accounts, who, now);

	if (err != QW_OK)
		return err;
	struct account *sensor = find(accounts, who->tenant, who->sensor), *tenant = find(accounts, who->tenant, "");
	bool counted;
	err = charge(accounts, sensor, what, 1, now, &counted);
	if (err != QW_OK || !counted)
		return err;
	return charge(accounts, tenant, what, sensors_of(accounts, who->tenant), now, &counted);
}

bool qw_accounts_counts(const struct qw_accounts *accounts, const struct qw_identity *who, struct qw_time now)
{
	const struct account *sensor = find(accounts, who->tenant, who->sensor);
	const struct account *tenant = find(accounts, who->tenant, "");

	return (!sensor || qw_credit_counts(&sensor->credit, now)) && (!tenant || qw_credit_counts(&tenant->credit, now));
}

bool qw_accounts_stands_alone(const struct qw_accounts *accounts, const struct qw_identity *who, struct qw_time now)
{
	const struct account *sensor = find(accounts, who->tenant, who->sensor);

	return qw_accounts_counts(accounts, who, now) &&
	       (!sensor || qw_credit_points(&sensor->credit, now) >= QW_CREDIT_ALONE);
}

/* What its sensor cost the tenant is lifted too: credit up to the least that counts, and the hour's budget. */
static enum qw_err believe_again(struct qw_accounts *accounts, const char *tenant, struct qw_time now)
{
	struct account *account = find(accounts, tenant, "");

	if (!account)
		return QW_OK;
	account->credit.hour = now;
	account->credit.offered = 0;
	if (qw_credit_points(&account->credit, now) < QW_CREDIT_LEAST) {
		account->credit.points = QW_CREDIT_LEAST;
		account->credit.at = now;
	}
	return save(accounts, account);
}

enum qw_err qw_accounts_lift(struct qw_accounts *accounts, const struct qw_identity *who, struct qw_time now)
{
	enum qw_err err = QW_ENOENT;

	for (size_t i = 0; i < accounts->count; i++) {
		struct account *account = &accounts->account[i];
		if (strcmp(account->who.tenant, who->tenant) != 0 ||
		    (who->sensor[0] && strcmp(account->who.sensor, who->sensor) != 0) ||
		    !qw_credit_lift(&account->credit, now))
			continue;
		err = save(accounts, account);
		if (err != QW_OK)
			return err;
	}
	return err == QW_OK ? believe_again(accounts, who->tenant, now) : err;
}

enum qw_err qw_accounts_each(const struct qw_accounts *accounts, qw_credit_visit *visit, void *ctx)
{
	enum qw_err err = QW_OK;

	for (size_t i = 0; i < accounts->count && err == QW_OK; i++)
		err = visit(ctx, &accounts->account[i].who, &accounts->account[i].credit);
	return err;
}

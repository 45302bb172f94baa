/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/credit.h"

static const int64_t hour_ns = 3600 * (int64_t)QW_NS_PER_S;

static const int32_t price[QW_CHARGE_COUNT] = {
    [QW_CHARGE_REFUSED] = 5,
    [QW_CHARGE_PROTECTED] = 50,
    [QW_CHARGE_FALSE] = 150,
    [QW_CHARGE_FAR] = 40,
};

struct qw_credit qw_credit_new(struct qw_time now)
{
	return (struct qw_credit){.points = QW_CREDIT_FULL, .at = now, .hour = now};
}

/* A clock that was set back gives nothing. */
static int64_t hours_since(struct qw_time then, struct qw_time now)
{
	return now.ns > then.ns ? (now.ns - then.ns) / hour_ns : 0;
}

int32_t qw_credit_points(const struct qw_credit *credit, struct qw_time now)
{
	int64_t hours = hours_since(credit->at, now);
	int64_t missing = QW_CREDIT_FULL - credit->points;

	if (hours > missing / QW_CREDIT_PER_HOUR)
		return QW_CREDIT_FULL;
	return credit->points + (int32_t)(hours * QW_CREDIT_PER_HOUR);
}

void qw_credit_charge(struct qw_credit *credit, enum qw_charge what, uint64_t share, struct qw_time now)
{
	/* Never nothing: a thousand sensors that are wrong a thousand times are wrong. */
	int32_t cost = share > 1 ? (int32_t)(((uint64_t)price[what] + share - 1) / share) : price[what];
	int32_t left = qw_credit_points(credit, now) - cost;

	/* The hour begins anew: nothing is given back to who goes on. */
	credit->points = left > 0 ? left : 0;
	credit->at = now;
	credit->charges++;
}

bool qw_credit_counts(const struct qw_credit *credit, struct qw_time now)
{
	return credit->isolated.ns == 0 && qw_credit_points(credit, now) >= QW_CREDIT_LEAST;
}

enum qw_offer qw_credit_offer(struct qw_credit *credit, uint64_t budget, struct qw_time now)
{
	if (credit->isolated.ns != 0)
		return QW_OFFER_OVER;
	if (now.ns < credit->hour.ns || hours_since(credit->hour, now) > 0) {
		credit->hour = now;
		credit->offered = 0;
	}
	credit->offered++;
	if (credit->offered <= budget)
		return QW_OFFER_TAKEN;
	/* Without a budget nobody may speak: that is no flood. */
	if (budget == 0 || (credit->offered - 1) / QW_CREDIT_FLOOD < budget)
		return QW_OFFER_OVER;
	credit->isolated = now;
	return QW_OFFER_ISOLATED;
}

bool qw_credit_lift(struct qw_credit *credit, struct qw_time now)
{
	if (credit->isolated.ns == 0)
		return false;
	credit->isolated = (struct qw_time){0};
	credit->points = QW_CREDIT_LEAST;
	credit->at = now;
	credit->hour = now;
	credit->offered = 0;
	return true;
}

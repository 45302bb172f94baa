/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/dryrun.h"

#include <stdlib.h>
#include <string.h>

enum { SENSORS_MAX = 256 };

struct trial {
	uint64_t ticket; /* 0: free */
	struct qw_time until;
	struct qw_observable observable;
	uint64_t asked, answered;
	size_t tenants;
	struct {
		char name[QW_NAME_MAX + 1];
		uint64_t hits;
	} tenant[QW_DRYRUN_TENANTS]; /* that saw it */
	struct qw_identity sensor[SENSORS_MAX]; /* that answered */
};

struct qw_dryrun {
	uint64_t last;
	struct qw_dryrun_stats stats;
	struct trial *trial[QW_DRYRUN_TRIALS];
};

enum qw_err qw_dryrun_new(struct qw_dryrun **out)
{
	struct qw_dryrun *dryrun = calloc(1, sizeof(*dryrun));

	if (!dryrun)
		return QW_ENOMEM;
	*out = dryrun;
	return QW_OK;
}

void qw_dryrun_free(struct qw_dryrun *dryrun)
{
	if (!dryrun)
		return;
	for (size_t i = 0; i < QW_DRYRUN_TRIALS; i++)
		free(dryrun->trial[i]);
	free(dryrun);
}

struct qw_dryrun_stats qw_dryrun_stats(const struct qw_dryrun *dryrun)
{
	return dryrun->stats;
}

static bool is_of(const struct trial *trial, const struct qw_observable *observable)
{
	return trial && trial->observable.type == observable->type && strcmp(trial->observable.text, observable->text) == 0;
}

enum qw_err qw_dryrun_start(struct qw_dryrun *dryrun, const struct qw_observable *observable, struct qw_time now,
			    uint64_t *ticket)
{
	struct trial **room = NULL;

	for (size_t i = 0; i < QW_DRYRUN_TRIALS; i++) {
		if (is_of(dryrun->trial[i], observable))
			return QW_EEXIST;
		room = dryrun->trial[i] || room ? room : &dryrun->trial[i];
	}
	dryrun->stats.over += !room;
	if (!room)
		return QW_ELIMIT;
	*room = calloc(1, sizeof(**room));
	if (!*room)
		return QW_ENOMEM;
	(*room)->ticket = *ticket = ++dryrun->last;
	(*room)->until = qw_time_add(now, qw_time_ns(QW_DRYRUN_MS * QW_NS_PER_MS));
	(*room)->observable = *observable;
	dryrun->stats.started++;
	return QW_OK;
}

static struct trial *find(const struct qw_dryrun *dryrun, uint64_t ticket)
{
	for (size_t i = 0; i < QW_DRYRUN_TRIALS; i++)
		if (dryrun->trial[i] && dryrun->trial[i]->ticket == ticket)
			return dryrun->trial[i];
	return NULL;
}

void qw_dryrun_asked(struct qw_dryrun *dryrun, uint64_t ticket, uint64_t sensors)
{
	struct trial *trial = find(dryrun, ticket);

	if (trial)
		trial->asked = sensors < SENSORS_MAX ? sensors : SENSORS_MAX;
}

static bool has_answered(const struct trial *trial, const struct qw_identity *who)
{
	for (uint64_t i = 0; i < trial->answered; i++)
		if (strcmp(trial->sensor[i].tenant, who->tenant) == 0 && strcmp(trial->sensor[i].sensor, who->sensor) == 0)
			return true;
	return false;
}

/* A sensor says any number it likes; the sum must not wrap. */
static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void count_hits(struct trial *trial, const char *tenant, uint64_t hits)
{
	size_t at = 0;

	while (at < trial->tenants && strcmp(trial->tenant[at].name, tenant) != 0)
		at++;
	if (hits == 0 || at == QW_DRYRUN_TENANTS)
		return;
	if (at == trial->tenants) {
		memcpy(trial->tenant[at].name, tenant, strlen(tenant) + 1);
		trial->tenants++;
	}
	trial->tenant[at].hits = sum(trial->tenant[at].hits, hits);
}

void qw_dryrun_answer(struct qw_dryrun *dryrun, uint64_t ticket, const struct qw_identity *who, uint64_t hits)
{
	struct trial *trial = find(dryrun, ticket);

	if (!trial || trial->answered >= trial->asked || has_answered(trial, who)) {
		dryrun->stats.late++;
		return;
	}
	trial->sensor[trial->answered++] = *who;
	count_hits(trial, who->tenant, hits);
}

bool qw_dryrun_next(struct qw_dryrun *dryrun, struct qw_time now, struct qw_dryrun_result *out)
{
	for (size_t i = 0; i < QW_DRYRUN_TRIALS; i++) {
		struct trial *trial = dryrun->trial[i];
		if (!trial || (trial->answered < trial->asked && qw_time_before(now, trial->until)))
			continue;
		*out = (struct qw_dryrun_result){trial->observable, trial->asked, trial->answered, trial->tenants, 0};
		for (size_t k = 0; k < trial->tenants; k++)
			out->loudest = trial->tenant[k].hits > out->loudest ? trial->tenant[k].hits : out->loudest;
		free(trial);
		dryrun->trial[i] = NULL;
		return true;
	}
	return false;
}

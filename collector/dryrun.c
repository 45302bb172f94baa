/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/dryrun.h"

#include <stdlib.h>
#include <string.h>

struct trial {
	uint64_t ticket;
	struct qw_time until;
	struct qw_dryrun_result result;
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
	const struct qw_observable *of = trial ? &trial->result.observable : NULL;

	return of && of->type == observable->type && strcmp(of->text, observable->text) == 0;
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
	(*room)->result.observable = *observable;
	dryrun->stats.started++;
	dryrun->stats.open++;
	return QW_OK;
}

static struct trial *find(const struct qw_dryrun *dryrun, uint64_t ticket)
{
	for (size_t i = 0; i < QW_DRYRUN_TRIALS; i++)
		if (dryrun->trial[i] && dryrun->trial[i]->ticket == ticket)
			return dryrun->trial[i];
	return NULL;
}

enum qw_observable_type qw_dryrun_type(const struct qw_dryrun *dryrun, uint64_t ticket)
{
	const struct trial *trial = find(dryrun, ticket);

	return trial ? trial->result.observable.type : QW_OBS_COUNT;
}

static struct qw_dryrun_voice *voice_of(struct trial *trial, const struct qw_identity *who)
{
	for (size_t i = 0; i < trial->result.asked; i++) {
		struct qw_dryrun_voice *voice = &trial->result.voice[i];
		if (strcmp(voice->who.tenant, who->tenant) == 0 && strcmp(voice->who.sensor, who->sensor) == 0)
			return voice;
	}
	return NULL;
}

static size_t seats_of(const struct trial *trial, const char *tenant)
{
	size_t count = 0;

	for (size_t i = 0; i < trial->result.asked; i++)
		count += strcmp(trial->result.voice[i].who.tenant, tenant) == 0;
	return count;
}

bool qw_dryrun_ask(struct qw_dryrun *dryrun, uint64_t ticket, const struct qw_identity *who)
{
	struct trial *trial = find(dryrun, ticket);

	if (!trial || voice_of(trial, who))
		return false;
	if (trial->result.asked == QW_DRYRUN_SENSORS || seats_of(trial, who->tenant) == QW_DRYRUN_PER_TENANT) {
		dryrun->stats.unasked++;
		return false;
	}
	trial->result.voice[trial->result.asked++] = (struct qw_dryrun_voice){.who = *who};
	return true;
}

void qw_dryrun_answer(struct qw_dryrun *dryrun, uint64_t ticket, const struct qw_identity *who, bool known,
		      uint64_t hosts)
{
	struct trial *trial = find(dryrun, ticket);
	struct qw_dryrun_voice *voice = trial ? voice_of(trial, who) : NULL;

	if (!voice || voice->answered) {
		dryrun->stats.strange++;
		return;
	}
	voice->answered = true;
	voice->known = known;
	voice->hosts = hosts;
	trial->result.answered++;
	dryrun->stats.answers++;
}

bool qw_dryrun_next(struct qw_dryrun *dryrun, struct qw_time now, struct qw_dryrun_result *out)
{
	for (size_t i = 0; i < QW_DRYRUN_TRIALS; i++) {
		struct trial *trial = dryrun->trial[i];
		if (!trial || (trial->result.answered < trial->result.asked && qw_time_before(now, trial->until)))
			continue;
		*out = trial->result;
		dryrun->stats.silent += out->asked - out->answered;
		free(trial);
		dryrun->trial[i] = NULL;
		dryrun->stats.open--;
		return true;
	}
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/leak.h"

#include <stdio.h>
#include <string.h>

#include "collector/canary.h"
#include "quaywatch/hash.h"
#include "quaywatch/indicator.h"
#include "quaywatch/log.h"

enum { SENTENCE_MAX = 512 };

static bool was_told(struct qw_leaks *leaks, const struct qw_observable *observable, const char *place)
{
	static const struct qw_hash_key none;
	uint64_t id = qw_indicator_id(observable->type, observable->text, observable->len);
	uint64_t where = qw_siphash(none, place, strlen(place));

	for (size_t i = 0; i < QW_LEAKS_KEPT && i < leaks->count; i++)
		if (leaks->row[i].id == id && leaks->row[i].place == where)
			return true;
	leaks->row[leaks->count % QW_LEAKS_KEPT].id = id;
	leaks->row[leaks->count++ % QW_LEAKS_KEPT].place = where;
	return false;
}

static void tell(const struct qw_alarm *alarm, const struct qw_observable *observable,
		 const struct qw_leak_place *place, const char *owner)
{
	static const struct qw_identity nobody;
	char sentence[SENTENCE_MAX];

	snprintf(sentence, sizeof(sentence),
		 "%.200s was given to %s alone, and came back from %.150s: what %s receives leaks", observable->text,
		 owner, place->name, owner);
	qw_log(QW_LOG_ERROR, "CANARY-LEAK", "%s; ask both what they do with the port's indicators", sentence);
	if (alarm->raise)
		alarm->raise(alarm->ctx, QW_NOTICE_LEAK, place->who ? place->who : &nobody, sentence);
}

enum qw_err qw_leaks_look(struct qw_leaks *leaks, struct qw_store *store, const struct qw_alarm *alarm,
			  const struct qw_observable *observable, const struct qw_leak_place *place,
			  char owner[QW_NAME_MAX + 1])
{
	enum qw_err err = qw_canary_of(store, observable, owner);
	const char *home = place->who ? place->who->tenant : place->channel;

	if (err != QW_OK || owner[0] == '\0')
		return err;
	if (home && strcmp(owner, home) == 0)
		owner[0] = '\0';
	else if (!was_told(leaks, observable, place->name))
		tell(alarm, observable, place, owner);
	return QW_OK;
}

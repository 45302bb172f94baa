/* SPDX-License-Identifier: Apache-2.0 */
/* import_parcel - what of a feed is let into a channel, one delta at a time. */
#include "collector/import_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void refuse(struct qw_import *import, enum qw_admission reason, const struct qw_indicator *indicator)
{
	const char *text = indicator->observable.text;
	uint32_t line = qw_refusals_has_room(&import->refusals, reason) ? qw_line_find(&import->lines, text) : 0;

	qw_refusals_add(&import->refusals, reason, import->file, line, text);
}

/* Somebody else's canary that comes in a feed: the feed has it from there. */
static enum qw_err ask_for_leak(const struct qw_import *import, const struct qw_indicator *indicator,
				enum qw_admission *admission)
{
	char owner[QW_NAME_MAX + 1], name[sizeof(import->file) + 16];
	const struct qw_leak_place place = {.name = name, .channel = import->channel};

	snprintf(name, sizeof(name), "the feed %s", import->file);
	enum qw_err err = qw_promotion_leak(import->collector->promotion, &indicator->observable, &place, owner);
	if (err == QW_OK && owner[0])
		*admission = QW_REFUSED_CANARY;
	return err;
}

static enum qw_err judge(struct qw_import *import, const struct qw_indicator *indicator, enum qw_admission *out)
{
	struct qw_admission_rules rules = {
	    .policy = qw_policy_guard(import->collector->policy),
	    .tenant = strcmp(import->channel, QW_COMMUNITY) == 0 ? NULL : import->channel,
	    .forced = import->forced,
	};
	enum qw_err err = qw_exceptions_get(&rules.exceptions, &import->exceptions, &import->collector->publication);

	if (err != QW_OK)
		return err;
	*out = qw_admission_judge(&rules, indicator, NULL);
	return qw_is_admitted(*out) ? ask_for_leak(import, indicator, out) : QW_OK;
}

/* One delta's worth: what is forced is marked, so that it comes in deltas of its own. */
struct parcel {
	struct qw_indicator *indicator;
	size_t count, bytes, next; /* next: the first entry that is not behind us */
	bool forced;
};

/* False: it does not go with what is there. */
static enum qw_err put_in(struct qw_import *import, struct parcel *parcel, const struct qw_import_entry *packed,
			  bool *fits)
{
	struct qw_entry entry = {packed->allow ? QW_ENTRY_ALLOW : QW_ENTRY_INDICATOR, packed->body, packed->len, false};
	struct qw_indicator *indicator = &parcel->indicator[parcel->count];
	enum qw_admission admission;

	*fits = true;
	if (qw_entry_indicator(&entry, indicator) != QW_OK)
		return QW_OK;
	enum qw_err err = judge(import, indicator, &admission);
	if (err != QW_OK)
		return err;
	if (!qw_is_admitted(admission)) {
		refuse(import, admission, indicator);
		return QW_OK;
	}
	bool forced = admission == QW_ADMITTED_FORCED;
	*fits = parcel->count == 0 || forced == parcel->forced;
	parcel->forced = forced;
	parcel->count += *fits;
	parcel->bytes += packed->len;
	return QW_OK;
}

static enum qw_err fill_parcel(struct qw_import *import, struct parcel *parcel)
{
	bool fits = true, forced = false;
	size_t looked = 0;

	for (; parcel->next < import->count && looked < QW_PUBLICATION_ENTRIES && parcel->bytes < QW_PUBLICATION_BYTES;
	     looked++) {
		enum qw_err err = put_in(import, parcel, &import->entry[parcel->next], &fits);
		if (err != QW_OK)
			return err;
		if (!fits) {
			parcel->forced = forced;
			return QW_OK;
		}
		forced = parcel->forced;
		parcel->next++;
	}
	return QW_OK;
}

static enum qw_err publish_parcel(struct qw_import *import, const struct parcel *parcel)
{
	char why[sizeof(QW_FORCED_WHY) + sizeof(import->file)];
	struct qw_reason reason = {import->who, why};

	snprintf(why, sizeof(why), "%s%s", parcel->forced ? QW_FORCED_WHY : "", import->file);
	return qw_publish_indicators(&import->collector->publication, import->channel, parcel->indicator, parcel->count,
				     &reason, qw_time_wall());
}

enum qw_err qw_import_publish(struct qw_import *import)
{
	struct parcel parcel = {.indicator = calloc(QW_PUBLICATION_ENTRIES, sizeof(struct qw_indicator)),
				.next = import->next};

	if (!parcel.indicator)
		return QW_ENOMEM;
	enum qw_err err = fill_parcel(import, &parcel);
	if (err == QW_OK && parcel.count > 0)
		err = publish_parcel(import, &parcel);
	free(parcel.indicator);
	if (err != QW_OK)
		return err;
	import->next = parcel.next;
	import->published += parcel.count;
	return QW_OK;
}

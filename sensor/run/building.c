/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/building.h"

#include <unistd.h>

#include "quaywatch/log.h"
#include "sensor/run/rulebook.h"

enum {
	UNSAVED_MAX = 16 << 20, /* bytes of deltas beside a channel's file; more make a start slow */
	FULL_MS = 100,          /* the builder does not read: the next try */
	FAILED_S = 10,          /* what it compiled came to nothing: the next try */
};

static uint32_t new_ticket(struct qw_building *building, unsigned channel)
{
	struct qw_receipt receipt;

	building->options.receipt(building->options.ctx, channel, &receipt);
	return qw_tickets_add(&building->tickets, &receipt);
}

/* ---- compiling */

static void put_off(struct qw_building *building, int64_t ms)
{
	building->not_before = qw_time_add(qw_time_monotonic(), qw_time_ns(ms * QW_NS_PER_MS));
}

static void save_channels(const struct qw_building *building)
{
	enum qw_err err = qw_rulestore_save(building->options.store);

	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "CHANNEL-SAVE", "channels cannot be written: %s; check the disk of state.folder", qw_strerror(err));
}

static enum qw_err gather_signature(void *ctx, const struct qw_entry *entry)
{
	struct qw_building *building = ctx;

	if (entry->kind == QW_ENTRY_SIGNATURE)
		qw_changes_put(&building->entries, entry);
	return QW_OK;
}

/* False: there are too many of them; the files are to be read. */
static bool pass_signatures(struct qw_building *building, struct qw_post *post)
{
	enum qw_err err = QW_OK;

	qw_changes_begin(&building->entries);
	for (unsigned i = 0; i < QW_STORE_CHANNELS && err == QW_OK; i++)
		if (qw_rulestore_channel(building->options.store, i))
			err = qw_channel_each(qw_rulestore_channel(building->options.store, i), gather_signature, building);
	bool passed = err == QW_OK && !building->entries.cut && qw_changes_memory(&building->entries, &post->fds[0]) == QW_OK;
	qw_changes_fini(&building->entries);
	return passed;
}

/* Channel files that it reads are to be up to date. */
static void order(struct qw_building *building)
{
	struct qw_post post;

	qw_post_begin(&post, QW_POST_REBUILD, building->tickets.last);
	post.second = building->stale;
	bool passed = building->stale == QW_RULEBOOK_SIGNATURES && pass_signatures(building, &post);
	if (!passed && qw_rulestore_unsaved(building->options.store))
		save_channels(building);
	if (qw_post_send(building->options.builder, &post) == QW_OK) {
		building->rebuild = building->rebuilt = post.number;
		building->ordered = building->stale;
		building->barrier = building->barrier ? building->barrier : post.number;
		building->stale = 0;
	} else {
		put_off(building, FULL_MS);
	}
	qw_post_close(&post);
}

/* All channels have a ticket: whatever was under way is in force with it. */
static void compile(struct qw_building *building)
{
	if (building->rebuild || qw_time_before(qw_time_monotonic(), building->not_before))
		return;
	for (unsigned i = 0; i < QW_STORE_CHANNELS; i++)
		if (qw_rulestore_channel(building->options.store, i))
			(void)new_ticket(building, i);
	order(building);
}

/* ---- changes */

/*
 * Where signatures changed too, or are being waited for, nothing of this is all
 * in force before they are: the entries go under a number that no receipt waits for.
 */
static unsigned pass_entries(struct qw_building *building, unsigned channel, const struct qw_changes *changes)
{
	bool waits = changes->signatures || building->stale;

	if (waits && changes->entries == 0)
		return 0;
	uint32_t number = waits ? qw_tickets_number(&building->tickets) : new_ticket(building, channel);
	return qw_changes_post(changes, building->options.builder, number) == QW_OK ? 0 : QW_RULEBOOK_INDICATORS;
}

/* Many changes may ask for compiling while it is under way: the next time serves them all. */
void qw_building_pass(struct qw_building *building, unsigned channel, const struct qw_changes *changes)
{
	unsigned halves = changes->signatures ? QW_RULEBOOK_SIGNATURES : 0;

	if (changes->cut || building->stale & QW_RULEBOOK_INDICATORS)
		halves |= QW_RULEBOOK_INDICATORS;
	else
		halves |= pass_entries(building, channel, changes);
	building->stale |= halves;
	if (halves)
		compile(building);
}

/* ---- answers */

/* What comes behind an order to compile is in force only with it, though the builder took it before. */
static void note_built(struct qw_building *building, uint32_t number, uint32_t generation)
{
	building->answered = number > building->answered ? number : building->answered;
	if (!building->barrier)
		qw_tickets_built(&building->tickets, building->answered, generation);
	else if (number < building->barrier)
		qw_tickets_built(&building->tickets, number, generation);
}

void qw_building_answer(struct qw_building *building, const struct qw_post *post)
{
	bool compiled = post->number == building->rebuild;

	if (compiled)
		building->rebuild = 0;
	if (compiled && post->third == QW_OK)
		building->barrier = 0;
	if (post->third == QW_OK) {
		note_built(building, post->number, post->second);
	} else if (compiled) {
		building->stale |= building->ordered;
		put_off(building, FAILED_S * INT64_C(1000));
	} else if (post->number > building->rebuilt || !(building->ordered & QW_RULEBOOK_INDICATORS)) {
		building->stale |= QW_RULEBOOK_INDICATORS; /* what came before such an order is in that */
	}
	if (building->stale)
		compile(building);
}

void qw_building_turn(struct qw_building *building)
{
	if (building->stale)
		compile(building);
	else if (!building->rebuild && qw_rulestore_unsaved(building->options.store) > UNSAVED_MAX)
		save_channels(building);
}

/* ---- life */

void qw_building_start(struct qw_building *building, const struct qw_building_options *options)
{
	building->options = *options;
	building->stale = QW_RULEBOOK_ALL;
	compile(building);
}

void qw_building_fini(struct qw_building *building)
{
	qw_changes_fini(&building->entries);
}

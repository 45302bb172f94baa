/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/updates.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/log.h"
#include "quaywatch/text.h"
#include "sensor/export/recalled.h"
#include "sensor/run/building.h"
#include "sensor/run/channel_files.h"
#include "sensor/run/settings.h"

enum {
	FETCH_MS = 500,
	REPAIR_MOST = QW_CHANNEL_BUCKETS / 4, /* buckets; where more differ, the whole set is less trouble */
};

struct qw_updates {
	struct qw_updates_options options;
	struct qw_session *session;
	struct qw_rulestore *store;
	bool welcomed;
	uint8_t nonce[16];
	struct qw_building building;
	struct qw_time fetched;
	char ruleset[128];
	struct qw_changes changes;
};

/* ---- making */

static void gather(void *ctx, const struct qw_entry *entry)
{
	qw_changes_add(&((struct qw_updates *)ctx)->changes, entry);
}

static enum qw_err open_store(struct qw_updates *updates)
{
	char path[QW_CHANNEL_FILES][PATH_MAX];
	struct qw_rulestore_options store = {
		.changed = gather,
		.ctx = updates,
		.history_bytes = (uint64_t)qw_config_int(updates->options.config, QW_CFG_HISTORY_MB) << 20,
	};
	const char *root = qw_config_text(updates->options.config, QW_CFG_ROOT_KEY);

	if (strlen(root) != 2 * QW_SIGN_PUBLIC_BYTES || !qw_hex_decode(root, strlen(root), store.root_public)) {
		qw_log(QW_LOG_ERROR, "ROOT-KEY", "collector.root_key is not 64 hexadecimal digits; enrol this sensor again");
		return QW_EINVAL;
	}
	for (unsigned i = 0; i < QW_CHANNEL_FILES; i++) {
		enum qw_err err = qw_channel_file_path(updates->options.config, i, path[i], sizeof(path[i]));
		if (err != QW_OK)
			return err;
		store.name[i] = qw_channel_file_name(updates->options.config, i);
		store.path[i] = path[i];
	}
	return qw_rulestore_open(&updates->store, &store);
}

static void name_ruleset(struct qw_updates *updates)
{
	struct qw_text text;

	qw_text_init(&text, updates->ruleset, sizeof(updates->ruleset));
	for (unsigned i = 0; i < QW_STORE_CHANNELS; i++) {
		const struct qw_channel *channel = qw_rulestore_channel(updates->store, i);
		if (!channel)
			continue;
		struct qw_order order = qw_channel_order(channel);
		qw_text_format(&text, "%s%s %" PRIu64 ".%" PRIu64, text.len ? ", " : "", i == 0 ? "community" : "tenant", order.term,
			       order.sequence);
	}
	(void)qw_text_string(&text);
}

/* ---- channels */

size_t qw_updates_states(const struct qw_updates *updates, struct qw_channel_state states[QW_STORE_CHANNELS])
{
	size_t count = 0;

	for (unsigned i = 0; i < QW_STORE_CHANNELS; i++) {
		const struct qw_channel *channel = qw_rulestore_channel(updates->store, i);
		if (channel)
			states[count++] = (struct qw_channel_state){qw_channel_name(channel), qw_channel_order(channel), qw_channel_digest(channel)};
	}
	return count;
}

static void fill_receipt(const struct qw_updates *updates, unsigned number, struct qw_receipt *receipt)
{
	const struct qw_channel *channel = qw_rulestore_channel(updates->store, number);

	*receipt = (struct qw_receipt){
		.state = {qw_channel_name(channel), qw_channel_order(channel), qw_channel_digest(channel)},
		.answer = qw_channel_answer(channel, updates->nonce),
		.entries = qw_channel_count(channel),
	};
	memcpy(receipt->nonce, updates->nonce, sizeof(receipt->nonce));
}

static void receipt(void *ctx, unsigned channel, struct qw_receipt *out)
{
	fill_receipt(ctx, channel, out);
}

/* ---- changes */

static void fetch(struct qw_updates *updates, const char *name)
{
	unsigned number = qw_rulestore_find(updates->store, name);
	struct qw_time now = qw_time_monotonic();

	if (number == QW_STORE_CHANNELS || now.ns - updates->fetched.ns < FETCH_MS * QW_NS_PER_MS)
		return;
	updates->fetched = now;
	if (qw_send_fetch(updates->session, name, qw_channel_order(qw_rulestore_channel(updates->store, number))) != QW_OK)
		qw_log(QW_LOG_DEBUG, "FETCH", "%s: not connected", name);
}

/* What was gathered goes to the builder. */
static void pass_on(struct qw_updates *updates, unsigned number)
{
	name_ruleset(updates);
	qw_building_pass(&updates->building, number, &updates->changes);
}

void qw_updates_delta(struct qw_updates *updates, const uint8_t *data, size_t len)
{
	struct qw_delta_head head;
	unsigned number;

	qw_changes_begin(&updates->changes);
	enum qw_err err = qw_rulestore_delta(updates->store, data, len, qw_time_wall(), &number);
	if (err == QW_EEXIST)
		return;
	if (err == QW_EORDER && qw_delta_head(&head, data, len) == QW_OK) {
		fetch(updates, head.channel);
		return;
	}
	if (err != QW_OK) {
		qw_log(QW_LOG_ERROR, "DELTA-REFUSED", "a change of the ruleset was refused: %s; the set in force stays as it is",
		       qw_strerror(err));
		return;
	}
	if (qw_delta_head(&head, data, len) == QW_OK) /* verified above: the port's own word for the time */
		qw_clock_raise(&qw_shared_board(updates->options.shared)->clock, head.created);
	pass_on(updates, number);
}

/* ---- sets and parts of them */

static void fetch_part(const struct qw_updates *updates, const char *name, const struct qw_buckets *buckets, uint32_t part, struct qw_order of)
{
	if (qw_send_fetch_part(updates->session, name, buckets, part, of) != QW_OK)
		qw_log(QW_LOG_DEBUG, "FETCH", "%s: not connected", name);
}

void qw_updates_sums(struct qw_updates *updates, const Quaywatch__Wire__BucketSums *sums)
{
	unsigned number = qw_rulestore_find(updates->store, sums->channel);

	if (number == QW_STORE_CHANNELS || sums->sums.len != QW_SUMS_BYTES)
		return;
	const struct qw_channel *channel = qw_rulestore_channel(updates->store, number);
	struct qw_buckets buckets = qw_channel_differing(channel, sums->sums.data);
	unsigned differ = qw_buckets_count(&buckets);
	bool repairs = differ <= REPAIR_MOST;
	qw_log(QW_LOG_INFO, "CHANNEL-DIFFERS", "%s: %u of %u parts of our set are not the collector's; fetching %s", sums->channel, differ,
	       (unsigned)QW_CHANNEL_BUCKETS, repairs ? "these" : "all");
	fetch_part(updates, sums->channel, repairs ? &buckets : NULL, 0, (struct qw_order){0});
}

/* What follows a part is of the same buckets, or of all. */
static void fetch_next(const struct qw_updates *updates, const Quaywatch__Wire__SnapshotHead *head, uint32_t next, struct qw_order order)
{
	struct qw_buckets buckets;
	bool some = head->buckets.len == sizeof(buckets.bits);

	if (some)
		memcpy(buckets.bits, head->buckets.data, sizeof(buckets.bits));
	fetch_part(updates, head->channel, some ? &buckets : NULL, next, order);
}

static void take_part(struct qw_updates *updates, unsigned number, const Quaywatch__Wire__SnapshotHead *head, const uint8_t *data,
		      size_t len)
{
	bool done = false;
	struct qw_order order;
	uint32_t next, parts;

	qw_changes_begin(&updates->changes);
	enum qw_err err = qw_rulestore_part(updates->store, head->channel, data, len, qw_time_wall(), &done);
	if (err != QW_OK && err != QW_EEXIST && err != QW_EORDER)
		qw_log(QW_LOG_ERROR, "SNAPSHOT-REFUSED", "%s: %s; the set in force stays as it is", head->channel, qw_strerror(err));
	if (done)
		pass_on(updates, number);
	else if (qw_channel_receiving(qw_rulestore_channel(updates->store, number), &order, &next, &parts))
		fetch_next(updates, head, next, order);
}

void qw_updates_part(struct qw_updates *updates, const uint8_t *data, size_t len)
{
	Quaywatch__Wire__SnapshotPart *part = quaywatch__wire__snapshot_part__unpack(NULL, len, data);
	Quaywatch__Wire__SnapshotHead *head =
	    part ? quaywatch__wire__snapshot_head__unpack(NULL, part->head.len, part->head.data) : NULL;

	if (head) {
		unsigned number = qw_rulestore_find(updates->store, head->channel);
		if (number < QW_STORE_CHANNELS)
			take_part(updates, number, head, data, len);
		quaywatch__wire__snapshot_head__free_unpacked(head, NULL);
	}
	if (part)
		quaywatch__wire__snapshot_part__free_unpacked(part, NULL);
}

void qw_updates_recall(const struct qw_updates *updates, const Quaywatch__Wire__Recall *recall)
{
	qw_recalled_answer(updates->session, updates->store, recall);
}

/* ---- receipts */

void qw_updates_built(struct qw_updates *updates, const struct qw_post *post)
{
	qw_building_answer(&updates->building, post);
}

static uint32_t adopted_by_all(const struct qw_updates *updates)
{
	uint32_t lowest = UINT32_MAX;

	for (unsigned i = 0; i < qw_shared_workers(updates->options.shared); i++) {
		uint32_t adopted = atomic_load(&qw_shared_desk(updates->options.shared, i)->adopted);
		lowest = adopted < lowest ? adopted : lowest;
	}
	return lowest;
}

static void send_receipts(struct qw_updates *updates)
{
	uint32_t adopted = adopted_by_all(updates);
	struct qw_ticket *ticket;

	while ((ticket = qw_tickets_due(&updates->building.tickets, adopted))) {
		ticket->receipt.applied_ns = qw_time_wall().ns;
		ticket->receipt.apply_us = (uint64_t)((qw_time_monotonic().ns - ticket->began.ns) / QW_NS_PER_US);
		if (updates->welcomed && qw_send_receipt(updates->session, &ticket->receipt) == QW_EAGAIN)
			return;
		qw_tickets_done(&updates->building.tickets);
	}
}

void qw_updates_turn(struct qw_updates *updates)
{
	qw_building_turn(&updates->building);
	send_receipts(updates);
}

/* What is held and in force already, said with the nonce of a new welcome. */
static void confirm_all(struct qw_updates *updates)
{
	struct qw_receipt receipt;

	if (updates->building.tickets.count)
		return; /* receipts are on their way */
	for (unsigned i = 0; i < QW_STORE_CHANNELS; i++) {
		if (!qw_rulestore_channel(updates->store, i))
			continue;
		fill_receipt(updates, i, &receipt);
		receipt.applied_ns = qw_time_wall().ns;
		if (qw_send_receipt(updates->session, &receipt) != QW_OK)
			qw_log(QW_LOG_DEBUG, "RECEIPT", "%s: not connected", receipt.state.name);
	}
}

void qw_updates_welcome(struct qw_updates *updates, const uint8_t nonce[16])
{
	memcpy(updates->nonce, nonce, sizeof(updates->nonce));
	updates->welcomed = true;
	for (unsigned i = 0; i < updates->building.tickets.count; i++) { /* their answers were to an older nonce */
		struct qw_receipt *receipt = &updates->building.tickets.row[i].receipt;
		fill_receipt(updates, qw_rulestore_find(updates->store, receipt->state.name), receipt);
	}
	confirm_all(updates);
}

void qw_updates_pause(struct qw_updates *updates)
{
	updates->welcomed = false;
}

const char *qw_updates_ruleset(const struct qw_updates *updates)
{
	return updates->ruleset;
}

/* ---- life */

enum qw_err qw_updates_new(struct qw_updates **out, const struct qw_updates_options *options)
{
	struct qw_updates *updates = calloc(1, sizeof(*updates));

	if (!updates)
		return QW_ENOMEM;
	updates->options = *options;
	enum qw_err err = open_store(updates);
	if (err != QW_OK) {
		qw_updates_free(updates);
		return err;
	}
	const struct qw_building_options building = {options->builder, updates->store, receipt, updates};
	qw_building_start(&updates->building, &building);
	name_ruleset(updates);
	*out = updates;
	return QW_OK;
}

void qw_updates_connect(struct qw_updates *updates, struct qw_session *session)
{
	updates->session = session;
}

void qw_updates_free(struct qw_updates *updates)
{
	if (!updates)
		return;
	qw_rulestore_close(updates->store);
	qw_building_fini(&updates->building);
	qw_changes_fini(&updates->changes);
	free(updates);
}

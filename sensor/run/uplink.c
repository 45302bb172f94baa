/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/uplink.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/hash.h"
#include "quaywatch/log.h"
#include "quaywatch/wire.h"
#include "sensor/export/frames.h"
#include "sensor/export/offer.h"
#include "sensor/export/outbox.h"
#include "sensor/export/rulestore.h"
#include "sensor/export/session.h"
#include "sensor/export/spool.h"
#include "sensor/run/channel_files.h"
#include "sensor/run/clock_file.h"
#include "sensor/run/pulse.h"
#include "sensor/run/settings.h"

enum { CLOCK_KEEP_S = 60 };

enum { TICKETS_MAX = 64, BEAT_MS = 1000, FETCH_MS = 500 };

/* A change on its way through builder and workers, to end in a receipt. */
struct ticket {
	uint32_t number, generation; /* generation 0: not built yet */
	struct qw_receipt receipt;
	struct qw_time began;
};

struct qw_uplink {
	struct qw_uplink_options options;
	struct qw_session *session;
	struct qw_spool *spool;
	struct qw_outbox *outbox;
	struct qw_ledger *ledger;
	struct qw_rulestore *store;
	struct qw_offer *offer;
	uint64_t epoch;
	bool welcomed;
	uint8_t nonce[16];
	struct ticket ticket[TICKETS_MAX];
	unsigned tickets;
	uint32_t last_ticket;
	struct qw_time beat, fetched, clock_kept;
	char ruleset[128];
	struct qw_post changes; /* entries gathered for the builder */
	bool changes_cut;       /* they did not fit: build all */
};

/* ---- making */

static void gather(void *ctx, const struct qw_entry *entry)
{
	struct qw_uplink *uplink = ctx;
	struct qw_post *post = &uplink->changes;
	uint32_t len = (uint32_t)entry->body_len;

	if (entry->kind == QW_ENTRY_SIGNATURE || post->len + sizeof(len) + len > QW_POST_BYTES) {
		uplink->changes_cut = true;
		return;
	}
	memcpy(post->bytes + post->len, &len, sizeof(len));
	memcpy(post->bytes + post->len + sizeof(len), entry->body, len);
	post->len += sizeof(len) + len;
}

static enum qw_err open_store(struct qw_uplink *uplink)
{
	char path[QW_CHANNEL_FILES][PATH_MAX];
	struct qw_rulestore_options store = {.changed = gather, .ctx = uplink};
	const char *root = qw_config_text(uplink->options.config, QW_CFG_ROOT_KEY);

	if (strlen(root) != 2 * QW_SIGN_PUBLIC_BYTES || !qw_hex_decode(root, strlen(root), store.root_public)) {
		qw_log(QW_LOG_ERROR, "ROOT-KEY", "collector.root_key is not 64 hexadecimal digits; enrol this sensor again");
		return QW_EINVAL;
	}
	for (unsigned i = 0; i < QW_CHANNEL_FILES; i++) {
		enum qw_err err = qw_channel_file_path(uplink->options.config, i, path[i], sizeof(path[i]));
		if (err != QW_OK)
			return err;
		store.name[i] = qw_channel_file_name(uplink->options.config, i);
		store.path[i] = path[i];
	}
	return qw_rulestore_open(&uplink->store, &store);
}

static struct qw_clock *clock_of(const struct qw_uplink *uplink)
{
	return &qw_shared_board(uplink->options.shared)->clock;
}

static void keep_clock(struct qw_uplink *uplink)
{
	qw_clock_file_keep(clock_of(uplink), qw_config_text(uplink->options.config, QW_CFG_STATE));
	uplink->clock_kept = qw_time_monotonic();
}

static enum qw_err open_spool(struct qw_uplink *uplink)
{
	char folder[PATH_MAX];
	struct qw_hash_key random = qw_hash_key_random();

	snprintf(folder, sizeof(folder), "%s/spool", qw_config_text(uplink->options.config, QW_CFG_STATE));
	uplink->epoch = random.k0 ? random.k0 : 1;
	struct qw_spool_options spool = {
		.folder = folder,
		.epoch = uplink->epoch,
		.bytes_max = (uint64_t)qw_config_int(uplink->options.config, QW_CFG_SPOOL_MB) << 20,
	};
	enum qw_err err = qw_spool_open(&uplink->spool, &spool);
	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "SPOOL-OPEN", "%s: %s; check state.folder", folder, qw_strerror(err));
	return err;
}

static enum qw_err open_ledger(struct qw_uplink *uplink)
{
	char folder[PATH_MAX];
	struct qw_ledger_options ledger = {
		.folder = folder,
		.bytes_max = (uint64_t)qw_config_int(uplink->options.config, QW_CFG_RELEASE + QW_RELEASE_LEDGER_MB) << 20,
	};

	snprintf(folder, sizeof(folder), "%s/ledger", qw_config_text(uplink->options.config, QW_CFG_STATE));
	enum qw_err err = qw_ledger_open(&uplink->ledger, &ledger);
	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "LEDGER-OPEN", "%s: %s; check state.folder and release.ledger_mb", folder, qw_strerror(err));
	return err;
}

static enum qw_err open_session(struct qw_uplink *uplink)
{
	const struct qw_config *config = uplink->options.config;
	struct qw_session_options session = {
		.address = qw_config_text(config, QW_CFG_COLLECTOR),
		.server_key = qw_config_text(config, QW_CFG_COLLECTOR_KEY),
		.public_key = qw_config_text(config, QW_CFG_PUBLIC_KEY),
		.secret_key = qw_config_text(config, QW_CFG_SECRET_KEY),
	};
	enum qw_err err = qw_session_new(&uplink->session, &session);

	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "COLLECTOR-SETTINGS",
		       "collector.address '%s' or a key is not of its form; enrol this sensor again", session.address);
	return err;
}

static void name_ruleset(struct qw_uplink *uplink)
{
	struct qw_text text;

	qw_text_init(&text, uplink->ruleset, sizeof(uplink->ruleset));
	for (unsigned i = 0; i < QW_STORE_CHANNELS; i++) {
		const struct qw_channel *channel = qw_rulestore_channel(uplink->store, i);
		if (!channel)
			continue;
		struct qw_order order = qw_channel_order(channel);
		qw_text_format(&text, "%s%s %" PRIu64 ".%" PRIu64, text.len ? ", " : "", i == 0 ? "community" : "tenant", order.term,
			       order.sequence);
	}
	(void)qw_text_string(&text);
}

static void request_first_build(struct qw_uplink *uplink);

enum qw_err qw_uplink_new(struct qw_uplink **out, const struct qw_uplink_options *options)
{
	struct qw_uplink *uplink = calloc(1, sizeof(*uplink));

	if (!uplink)
		return QW_ENOMEM;
	uplink->options = *options;
	enum qw_err err = open_store(uplink);
	if (err == QW_OK)
		request_first_build(uplink);
	if (err == QW_OK)
		err = open_spool(uplink);
	if (err == QW_OK)
		err = open_session(uplink);
	if (err == QW_OK)
		err = qw_outbox_new(&uplink->outbox, uplink->spool, uplink->session);
	if (err == QW_OK)
		err = open_ledger(uplink);
	if (err == QW_OK)
		err = qw_offer_new(&uplink->offer);
	if (err != QW_OK) {
		qw_uplink_free(uplink);
		return err;
	}
	qw_clock_file_open(clock_of(uplink), qw_config_text(options->config, QW_CFG_STATE));
	qw_outbox_keep(uplink->outbox, uplink->ledger, uplink->epoch);
	name_ruleset(uplink);
	*out = uplink;
	return QW_OK;
}

void qw_uplink_free(struct qw_uplink *uplink)
{
	if (!uplink)
		return;
	if (uplink->outbox)
		keep_clock(uplink);
	qw_offer_free(uplink->offer);
	qw_outbox_free(uplink->outbox);
	qw_ledger_close(uplink->ledger);
	qw_session_free(uplink->session);
	qw_spool_close(uplink->spool);
	qw_rulestore_close(uplink->store);
	free(uplink);
}

int qw_uplink_fd(const struct qw_uplink *uplink)
{
	return qw_session_fd(uplink->session);
}

int qw_uplink_monitor_fd(const struct qw_uplink *uplink)
{
	return qw_session_monitor_fd(uplink->session);
}

const char *qw_uplink_ruleset(const struct qw_uplink *uplink)
{
	return uplink->ruleset;
}

uint64_t qw_uplink_pending(const struct qw_uplink *uplink)
{
	return qw_spool_stats(uplink->spool).pending;
}

void qw_uplink_alert(struct qw_uplink *uplink, struct qw_slice eve, const struct qw_eve_parts *parts)
{
	uint64_t sequence;
	enum qw_err err = qw_outbox_add(uplink->outbox, eve, parts, &sequence);

	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "ALERT-LOST", "an alert (%u:%u) could not be spooled: %s", parts->gid, parts->sid, qw_strerror(err));
	if (parts->share && uplink->welcomed)
		qw_offer_alert(uplink->offer, uplink->session, parts, qw_time_monotonic());
}

/* ---- channels */

static size_t states_of(const struct qw_uplink *uplink, struct qw_channel_state states[QW_STORE_CHANNELS])
{
	size_t count = 0;

	for (unsigned i = 0; i < QW_STORE_CHANNELS; i++) {
		const struct qw_channel *channel = qw_rulestore_channel(uplink->store, i);
		if (channel)
			states[count++] = (struct qw_channel_state){qw_channel_name(channel), qw_channel_order(channel), qw_channel_digest(channel)};
	}
	return count;
}

static void fill_receipt(const struct qw_uplink *uplink, unsigned number, struct qw_receipt *receipt)
{
	const struct qw_channel *channel = qw_rulestore_channel(uplink->store, number);

	*receipt = (struct qw_receipt){
		.state = {qw_channel_name(channel), qw_channel_order(channel), qw_channel_digest(channel)},
		.answer = qw_channel_answer(channel, uplink->nonce),
		.entries = qw_channel_count(channel),
	};
	memcpy(receipt->nonce, uplink->nonce, sizeof(receipt->nonce));
}

/* The change of this channel is a ticket from now on; NULL: too many are under way (a later one speaks for it). */
static struct ticket *new_ticket(struct qw_uplink *uplink, unsigned channel)
{
	if (uplink->tickets == TICKETS_MAX)
		return NULL;
	struct ticket *ticket = &uplink->ticket[uplink->tickets++];
	*ticket = (struct ticket){.number = ++uplink->last_ticket, .began = qw_time_monotonic()};
	fill_receipt(uplink, channel, &ticket->receipt);
	return ticket;
}

static void post_to_builder(struct qw_uplink *uplink, struct qw_post *post)
{
	post->number = uplink->last_ticket;
	post->second = 0;
	post->third = 0;
	for (int i = 0; i < QW_POST_FDS; i++)
		post->fds[i] = -1;
	if (qw_post_send(uplink->options.builder, post) != QW_OK)
		qw_log(QW_LOG_ERROR, "BUILDER-BUSY", "the builder does not take a change; it is in force after the next one");
}

static void request_build(struct qw_uplink *uplink)
{
	uplink->changes.kind = QW_POST_REBUILD;
	uplink->changes.len = 0;
	post_to_builder(uplink, &uplink->changes);
}

static void save_channels(struct qw_uplink *uplink)
{
	enum qw_err err = qw_rulestore_save(uplink->store);

	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "CHANNEL-SAVE", "channels cannot be written: %s; check the disk of state.folder", qw_strerror(err));
}

static void request_rebuild(struct qw_uplink *uplink, unsigned channel)
{
	save_channels(uplink);
	(void)new_ticket(uplink, channel);
	request_build(uplink);
}

/* The builder waits for this, as it reads the channel files alone. */
static void request_first_build(struct qw_uplink *uplink)
{
	if (qw_rulestore_unsaved(uplink->store))
		save_channels(uplink);
	for (unsigned i = 0; i < QW_STORE_CHANNELS; i++)
		if (qw_rulestore_channel(uplink->store, i))
			(void)new_ticket(uplink, i);
	request_build(uplink);
}

static void fetch(struct qw_uplink *uplink, const char *name)
{
	unsigned number = qw_rulestore_find(uplink->store, name);
	struct qw_time now = qw_time_monotonic();

	if (number == QW_STORE_CHANNELS || now.ns - uplink->fetched.ns < FETCH_MS * QW_NS_PER_MS)
		return;
	uplink->fetched = now;
	if (qw_send_fetch(uplink->session, name, qw_channel_order(qw_rulestore_channel(uplink->store, number)), false, 0,
			  (struct qw_order){0}) != QW_OK)
		qw_log(QW_LOG_DEBUG, "FETCH", "%s: not connected", name);
}

static void on_delta(struct qw_uplink *uplink, const uint8_t *data, size_t len)
{
	struct qw_delta_head head;
	unsigned number;

	uplink->changes.len = 0;
	uplink->changes_cut = false;
	enum qw_err err = qw_rulestore_delta(uplink->store, data, len, qw_time_wall(), &number);
	if (err == QW_EEXIST)
		return;
	if (err == QW_EORDER && qw_delta_head(&head, data, len) == QW_OK) {
		fetch(uplink, head.channel);
		return;
	}
	if (err != QW_OK) {
		qw_log(QW_LOG_ERROR, "DELTA-REFUSED", "a change of the ruleset was refused: %s; the set in force stays as it is",
		       qw_strerror(err));
		return;
	}
	if (qw_delta_head(&head, data, len) == QW_OK) /* verified above: the port's own word for the time */
		qw_clock_raise(clock_of(uplink), head.created);
	name_ruleset(uplink);
	if (uplink->changes_cut) {
		request_rebuild(uplink, number);
		return;
	}
	if (!new_ticket(uplink, number))
		return;
	uplink->changes.kind = QW_POST_ENTRIES;
	post_to_builder(uplink, &uplink->changes);
}

static void on_part(struct qw_uplink *uplink, const uint8_t *data, size_t len)
{
	Quaywatch__Wire__SnapshotPart *part = quaywatch__wire__snapshot_part__unpack(NULL, len, data);
	Quaywatch__Wire__SnapshotHead *head =
	    part ? quaywatch__wire__snapshot_head__unpack(NULL, part->head.len, part->head.data) : NULL;
	bool done = false;

	if (head) {
		enum qw_err err = qw_rulestore_part(uplink->store, head->channel, data, len, qw_time_wall(), &done);
		unsigned number = qw_rulestore_find(uplink->store, head->channel);
		struct qw_order order;
		uint32_t next, parts;
		if (err != QW_OK && err != QW_EEXIST && err != QW_EORDER)
			qw_log(QW_LOG_ERROR, "SNAPSHOT-REFUSED", "%s: %s; the set in force stays as it is", head->channel, qw_strerror(err));
		if (done) {
			name_ruleset(uplink);
			request_rebuild(uplink, number);
		} else if (number < QW_STORE_CHANNELS &&
			   qw_channel_receiving(qw_rulestore_channel(uplink->store, number), &order, &next, &parts)) {
			if (qw_send_fetch(uplink->session, head->channel, (struct qw_order){0}, true, next, order) != QW_OK)
				qw_log(QW_LOG_DEBUG, "FETCH", "%s: not connected", head->channel);
		}
		quaywatch__wire__snapshot_head__free_unpacked(head, NULL);
	}
	if (part)
		quaywatch__wire__snapshot_part__free_unpacked(part, NULL);
}

/* ---- receipts */

void qw_uplink_built(struct qw_uplink *uplink, const struct qw_post *post)
{
	if (post->third == QW_ELIMIT) { /* more than an overlay holds */
		request_rebuild(uplink, 0);
		return;
	}
	for (unsigned i = 0; i < uplink->tickets; i++)
		if (uplink->ticket[i].number <= post->number && uplink->ticket[i].generation == 0)
			uplink->ticket[i].generation = post->second;
}

static bool all_adopted(const struct qw_uplink *uplink, uint32_t generation)
{
	for (unsigned i = 0; i < qw_shared_workers(uplink->options.shared); i++)
		if (atomic_load(&qw_shared_desk(uplink->options.shared, i)->adopted) < generation)
			return false;
	return true;
}

/* Tickets are in order: once one has to wait, all behind it do. */
static void send_receipts(struct qw_uplink *uplink)
{
	unsigned done = 0;

	while (done < uplink->tickets) {
		struct ticket *ticket = &uplink->ticket[done];
		if (ticket->generation == 0 || !all_adopted(uplink, ticket->generation))
			break;
		ticket->receipt.applied_ns = qw_time_wall().ns;
		ticket->receipt.apply_us = (uint64_t)((qw_time_monotonic().ns - ticket->began.ns) / QW_NS_PER_US);
		if (uplink->welcomed && qw_send_receipt(uplink->session, &ticket->receipt) == QW_EAGAIN)
			break;
		done++;
	}
	if (done == 0)
		return;
	uplink->tickets -= done;
	memmove(uplink->ticket, uplink->ticket + done, uplink->tickets * sizeof(uplink->ticket[0]));
}

/* What is held and in force already, said with the nonce of a new welcome. */
static void confirm_all(struct qw_uplink *uplink)
{
	struct qw_receipt receipt;

	if (uplink->tickets)
		return; /* receipts are on their way */
	for (unsigned i = 0; i < QW_STORE_CHANNELS; i++) {
		if (!qw_rulestore_channel(uplink->store, i))
			continue;
		fill_receipt(uplink, i, &receipt);
		receipt.applied_ns = qw_time_wall().ns;
		if (qw_send_receipt(uplink->session, &receipt) != QW_OK)
			qw_log(QW_LOG_DEBUG, "RECEIPT", "%s: not connected", receipt.state.name);
	}
}

/* ---- frames */

static void on_welcome(struct qw_uplink *uplink, const Quaywatch__Wire__Welcome *welcome)
{
	if (welcome->nonce.len == sizeof(uplink->nonce))
		memcpy(uplink->nonce, welcome->nonce.data, sizeof(uplink->nonce));
	uplink->welcomed = true;
	for (unsigned i = 0; i < uplink->tickets; i++) { /* their answers were to an older nonce */
		unsigned number = qw_rulestore_find(uplink->store, uplink->ticket[i].receipt.state.name);
		fill_receipt(uplink, number, &uplink->ticket[i].receipt);
	}
	confirm_all(uplink);
	qw_outbox_restart(uplink->outbox, welcome->credit);
}

static void say_hello(struct qw_uplink *uplink)
{
	struct qw_channel_state states[QW_STORE_CHANNELS];
	size_t count = states_of(uplink, states);

	uplink->welcomed = false;
	qw_outbox_pause(uplink->outbox);
	if (qw_send_hello(uplink->session, uplink->epoch, states, count, uplink->options.interfaces, uplink->options.interface_count,
			  uplink->options.discreet ? "" : qw_config_text(uplink->options.config, QW_CFG_FILTER)) != QW_OK)
		qw_log(QW_LOG_WARNING, "HELLO", "the collector took no hello; trying again at the next connection");
}

static void on_refusal(struct qw_uplink *uplink, const Quaywatch__Wire__Refusal *refusal)
{
	qw_log(QW_LOG_WARNING, "REFUSED", "the collector did not take %.32s: %.200s", refusal->what, refusal->why);
	if (strcmp(refusal->what, "alerts") == 0)
		say_hello(uplink); /* then everything unacknowledged goes again */
}

static void on_frame(struct qw_uplink *uplink, const uint8_t *data, size_t len)
{
	Quaywatch__Wire__Frame *frame;
	enum qw_err err = qw_frame_unpack(&frame, data, len);

	if (err != QW_OK) {
		qw_log(QW_LOG_WARNING, "FRAME", "a message of %zu bytes from the collector was not understood: %s", len, qw_strerror(err));
		return;
	}
	switch (frame->body_case) {
	case QUAYWATCH__WIRE__FRAME__BODY_WELCOME: on_welcome(uplink, frame->welcome); break;
	case QUAYWATCH__WIRE__FRAME__BODY_ACKNOWLEDGE:
		qw_outbox_acknowledge(uplink->outbox, frame->acknowledge->epoch, frame->acknowledge->through);
		break;
	case QUAYWATCH__WIRE__FRAME__BODY_DELTA: on_delta(uplink, frame->delta.data, frame->delta.len); break;
	case QUAYWATCH__WIRE__FRAME__BODY_SNAPSHOT_PART: on_part(uplink, frame->snapshot_part.data, frame->snapshot_part.len); break;
	case QUAYWATCH__WIRE__FRAME__BODY_REFUSAL: on_refusal(uplink, frame->refusal); break;
	default: break; /* of a newer collector */
	}
	qw_frame_free(frame);
}

static void beat(struct qw_uplink *uplink)
{
	struct qw_channel_state states[QW_STORE_CHANNELS];
	struct qw_named_counter counters[QW_COUNTERS_MAX];
	struct qw_heartbeat heartbeat = {.time_ns = qw_time_wall().ns};
	struct qw_spool_stats spool = qw_spool_stats(uplink->spool);
	struct qw_time now = qw_time_monotonic();

	if (!uplink->welcomed || now.ns - uplink->beat.ns < BEAT_MS * QW_NS_PER_MS)
		return;
	uplink->beat = now;
	heartbeat.spool_alerts = spool.pending;
	heartbeat.spool_shed = spool.shed + spool.shed_queue;
	heartbeat.states = states;
	heartbeat.state_count = states_of(uplink, states);
	heartbeat.counters = counters;
	heartbeat.counter_count = qw_pulse_fill(&heartbeat, uplink->options.shared, counters, QW_COUNTERS_MAX);
	if (qw_send_heartbeat(uplink->session, &heartbeat) != QW_OK)
		qw_log(QW_LOG_DEBUG, "HEARTBEAT", "not connected");
}

void qw_uplink_turn(struct qw_uplink *uplink)
{
	const uint8_t *data;
	size_t len;
	bool fresh;

	if (!qw_session_connected(uplink->session, &fresh)) {
		uplink->welcomed = false;
		qw_outbox_pause(uplink->outbox);
	} else if (fresh) {
		say_hello(uplink);
	}
	while (qw_session_receive(uplink->session, &data, &len) == QW_OK)
		on_frame(uplink, data, len);
	send_receipts(uplink);
	qw_outbox_pump(uplink->outbox);
	qw_spool_tick(uplink->spool);
	qw_clock_follow(clock_of(uplink));
	if (qw_time_monotonic().ns - uplink->clock_kept.ns >= CLOCK_KEEP_S * QW_NS_PER_S)
		keep_clock(uplink);
	beat(uplink);
}

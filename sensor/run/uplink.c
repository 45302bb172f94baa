/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/uplink.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/hash.h"
#include "quaywatch/log.h"
#include "quaywatch/wire.h"
#include "sensor/export/frames.h"
#include "sensor/export/outbox.h"
#include "sensor/export/session.h"
#include "sensor/export/spool.h"
#include "sensor/run/pulse.h"
#include "sensor/run/settings.h"
#include "sensor/run/updates.h"

enum { BEAT_MS = 1000 };

struct qw_uplink {
	struct qw_uplink_options options;
	struct qw_session *session;
	struct qw_spool *spool;
	struct qw_outbox *outbox;
	struct qw_ledger *ledger;
	struct qw_updates *updates;
	struct qw_sharing *sharing;
	uint64_t epoch;
	bool welcomed;
	struct qw_time beat;
};

/* ---- making */

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

static enum qw_err open_updates(struct qw_uplink *uplink)
{
	const struct qw_updates_options updates = {
		.config = uplink->options.config,
		.shared = uplink->options.shared,
		.builder = uplink->options.builder,
	};

	return qw_updates_new(&uplink->updates, &updates);
}

static enum qw_err open_sharing(struct qw_uplink *uplink)
{
	const struct qw_uplink_options *options = &uplink->options;
	const struct qw_sharing_options sharing = {
		.departures = {uplink->session, uplink->ledger, options->release, uplink->epoch},
		.release = options->release,
		.recent = options->recent,
	};

	return qw_sharing_new(&uplink->sharing, &sharing);
}

enum qw_err qw_uplink_new(struct qw_uplink **out, const struct qw_uplink_options *options)
{
	struct qw_uplink *uplink = calloc(1, sizeof(*uplink));

	if (!uplink)
		return QW_ENOMEM;
	uplink->options = *options;
	enum qw_err err = open_updates(uplink);
	if (err == QW_OK)
		err = open_spool(uplink);
	if (err == QW_OK)
		err = open_session(uplink);
	if (err == QW_OK)
		err = qw_outbox_new(&uplink->outbox, uplink->spool, uplink->session);
	if (err == QW_OK)
		err = open_ledger(uplink);
	if (err == QW_OK)
		err = open_sharing(uplink);
	if (err != QW_OK) {
		qw_uplink_free(uplink);
		return err;
	}
	qw_outbox_keep(uplink->outbox, uplink->ledger, uplink->epoch);
	qw_updates_connect(uplink->updates, uplink->session);
	*out = uplink;
	return QW_OK;
}

void qw_uplink_free(struct qw_uplink *uplink)
{
	if (!uplink)
		return;
	qw_sharing_free(uplink->sharing);
	qw_outbox_free(uplink->outbox);
	qw_ledger_close(uplink->ledger);
	qw_updates_free(uplink->updates);
	qw_session_free(uplink->session);
	qw_spool_close(uplink->spool);
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
	return qw_updates_ruleset(uplink->updates);
}

uint64_t qw_uplink_pending(const struct qw_uplink *uplink)
{
	return qw_spool_stats(uplink->spool).pending;
}

void qw_uplink_alert(struct qw_uplink *uplink, struct qw_slice eve, const struct qw_eve_parts *parts, struct qw_ledger_fields fields)
{
	uint64_t sequence;
	enum qw_err err = qw_outbox_add(uplink->outbox, eve, parts, fields, &sequence);

	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "ALERT-LOST", "an alert (%u:%u) could not be spooled: %s", parts->gid, parts->sid, qw_strerror(err));
	qw_sharing_alert(uplink->sharing, parts);
}

struct qw_embargo_name qw_uplink_last(const struct qw_uplink *uplink)
{
	return (struct qw_embargo_name){uplink->epoch, qw_spool_stats(uplink->spool).appended};
}

const struct qw_ledger *qw_uplink_ledger(const struct qw_uplink *uplink)
{
	return uplink->ledger;
}

struct qw_sharing *qw_uplink_sharing(const struct qw_uplink *uplink)
{
	return uplink->sharing;
}

/* ---- frames */

static void on_welcome(struct qw_uplink *uplink, const Quaywatch__Wire__Welcome *welcome)
{
	static const uint8_t none[16];

	uplink->welcomed = true;
	qw_sharing_open(uplink->sharing, true);
	qw_updates_welcome(uplink->updates, welcome->nonce.len == sizeof(none) ? welcome->nonce.data : none);
	qw_outbox_restart(uplink->outbox, welcome->credit);
}

/* Nobody is there until the next welcome. */
static void pause_all(struct qw_uplink *uplink)
{
	uplink->welcomed = false;
	qw_sharing_open(uplink->sharing, false);
	qw_updates_pause(uplink->updates);
	qw_outbox_pause(uplink->outbox);
}

static void say_hello(struct qw_uplink *uplink)
{
	struct qw_channel_state states[QW_STORE_CHANNELS];
	size_t count = qw_updates_states(uplink->updates, states);
	/* It names hosts of ours. */
	const char *filter = qw_release_is_open(uplink->options.release) ? qw_config_text(uplink->options.config, QW_CFG_FILTER) : "";

	pause_all(uplink);
	if (qw_send_hello(uplink->session, uplink->epoch, states, count, uplink->options.interfaces, uplink->options.interface_count,
			  filter, qw_sharing_answers(uplink->sharing)) != QW_OK)
		qw_log(QW_LOG_WARNING, "HELLO", "the collector took no hello; trying again at the next connection");
}

static void on_refusal(struct qw_uplink *uplink, const Quaywatch__Wire__Refusal *refusal)
{
	if (strcmp(refusal->what, "proposal") == 0) {
		qw_sharing_on_refusal(uplink->sharing, refusal);
		return;
	}
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
	case QUAYWATCH__WIRE__FRAME__BODY_DELTA: qw_updates_delta(uplink->updates, frame->delta.data, frame->delta.len); break;
	case QUAYWATCH__WIRE__FRAME__BODY_SNAPSHOT_PART: qw_updates_part(uplink->updates, frame->snapshot_part.data, frame->snapshot_part.len); break;
	case QUAYWATCH__WIRE__FRAME__BODY_SUMS: qw_updates_sums(uplink->updates, frame->sums); break;
	case QUAYWATCH__WIRE__FRAME__BODY_RECALL: qw_updates_recall(uplink->updates, frame->recall); break;
	case QUAYWATCH__WIRE__FRAME__BODY_REFUSAL: on_refusal(uplink, frame->refusal); break;
	case QUAYWATCH__WIRE__FRAME__BODY_DRY_RUN: qw_sharing_on_dry_run(uplink->sharing, frame->dry_run); break;
	case QUAYWATCH__WIRE__FRAME__BODY_PROPOSAL_ANSWER: qw_sharing_on_answer(uplink->sharing, frame->proposal_answer); break;
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
	heartbeat.state_count = qw_updates_states(uplink->updates, states);
	heartbeat.counters = counters;
	heartbeat.counter_count = qw_pulse_fill(&heartbeat, uplink->options.shared, counters, QW_COUNTERS_MAX);
	if (qw_send_heartbeat(uplink->session, &heartbeat) != QW_OK)
		qw_log(QW_LOG_DEBUG, "HEARTBEAT", "not connected");
}

void qw_uplink_built(struct qw_uplink *uplink, const struct qw_post *post)
{
	qw_updates_built(uplink->updates, post);
}

void qw_uplink_turn(struct qw_uplink *uplink)
{
	const uint8_t *data;
	size_t len;
	bool fresh;

	if (!qw_session_connected(uplink->session, &fresh)) {
		pause_all(uplink);
	} else if (fresh) {
		say_hello(uplink);
	}
	while (qw_session_receive(uplink->session, &data, &len) == QW_OK)
		on_frame(uplink, data, len);
	qw_updates_turn(uplink->updates);
	qw_outbox_pump(uplink->outbox);
	qw_spool_tick(uplink->spool);
	beat(uplink);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* assembly - puts a collector together, in the order of who needs whom. */
#include "collector/collector.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "collector/assembly_promotion.h"
#include "collector/commands.h"
#include "collector/notice.h"
#include "collector/settings.h"
#include "quaywatch/file.h"
#include "quaywatch/log.h"
#include "quaywatch/wire.h"

/* Times in milliseconds. */
enum {
	HEARTBEAT_MS = 5000,
	HEARTBEAT_TIMEOUT_MS = 15000,
	HANDSHAKE_MS = 10000,
	BACKLOG = 4096,
	RECEIVE_QUEUE = 32, /* frames of one peer in memory */
	SEND_QUEUE = 256,
	SOCKETS_MAX = 65536,
};

static enum qw_exit exit_of(enum qw_err err)
{
	switch (err) {
	case QW_OK: return QW_EXIT_OK;
	case QW_EACCES: return QW_EXIT_PERMISSION;
	case QW_ENOMEM: return QW_EXIT_INTERNAL;
	case QW_ENOENT:
	case QW_EFORMAT:
	case QW_EVERSION:
	case QW_ESIGN: return QW_EXIT_CONFIG;
	default: return QW_EXIT_IO;
	}
}

/* Tells what failed and what to do; the status for the shell. */
static enum qw_exit fail(enum qw_err err, const char *id, const char *what, const char *advice)
{
	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, id, "%s: %s; %s", what, qw_strerror(err), advice);
	return exit_of(err);
}

static enum qw_exit open_folder(struct qw_collector *collector)
{
	enum qw_err err = qw_make_folder(collector->folder, 0750);

	return fail(err, "STATE-FOLDER", collector->folder, "make it, and let the collector's user own it");
}

static enum qw_exit open_keys(struct qw_collector *collector)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/collector.secret", collector->folder);
	enum qw_err err = qw_curve_load(&collector->keys, path);
	if (err != QW_OK)
		return fail(err, "KEYS", path, "make the keys with: quaywatchctl keygen --state FOLDER --root FOLDER");
	err = qw_signer_load(&collector->signer, collector->folder, qw_time_wall());
	return fail(err, "DELEGATION", "online.secret, online.delegation or root.public",
		    "renew it with: quaywatchctl keygen --state FOLDER --root FOLDER");
}

static enum qw_exit open_store(struct qw_collector *collector)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/collector.db", collector->folder);
	enum qw_err err = qw_store_open(&collector->store, path);
	if (err == QW_OK)
		err = qw_registry_new(&collector->registry);
	if (err == QW_OK)
		err = qw_registry_load(collector->registry, collector->store);
	return fail(err, "STORE", path, "restore it from a backup, or move it away to begin anew");
}

/* ---- the log and its marks */

static enum qw_err load_mark(void *ctx, const struct qw_identity *who, uint64_t epoch, uint64_t sequence,
			     struct qw_time used)
{
	struct qw_marks *marks = ctx;
	struct qw_stream *stream;
	enum qw_err err = qw_marks_get(&stream, marks, who, epoch, used);

	if (err == QW_OK)
		stream->taken = stream->durable = sequence;
	return err;
}

static void replay_line(void *ctx, const char *line, size_t len)
{
	struct qw_collector *collector = ctx;
	struct qw_time now = qw_time_wall();

	qw_marks_replay(collector->marks, line, len, now);
	qw_incidents_see(collector->incidents, line, len, now);
}

static void tell_recovery(const struct qw_journal_recovery *recovery)
{
	if (recovery->torn > 0)
		qw_log(QW_LOG_WARNING, "JOURNAL-TORN",
		       "%llu bytes that a crash left unfinished were moved to alerts.json.torn; their sensors send "
		       "them again",
		       (unsigned long long)recovery->torn);
	if (recovery->damaged > 0)
		qw_log(
		    QW_LOG_ERROR, "JOURNAL-DAMAGED",
		    "%llu groups of alerts.json changed after they were written: somebody edited it, or the disk fails",
		    (unsigned long long)recovery->damaged);
	if (recovery->unsummed)
		qw_log(QW_LOG_WARNING, "JOURNAL-UNSUMMED",
		       "alerts.json.sum was missing or unreadable; made anew from whole lines");
}

/* A line in the alert log, and in our own. */
static void tell_incident(void *ctx, const struct qw_incident *incident, const struct qw_incident_sum *sum)
{
	const struct qw_collector *collector = ctx;
	struct qw_identity nobody = {"", ""};
	char sentence[256];

	snprintf(sentence, sizeof(sentence), "incident %llu, priority %u: %s; met by %zu tenants, %s the last; quaywatchctl incidents show %llu",
		 (unsigned long long)incident->number, sum->priority, sum->title, sum->tenants, sum->tenant[sum->tenants - 1].tenant,
		 (unsigned long long)incident->number);
	qw_log(QW_LOG_WARNING, "INCIDENT", "%s", sentence);
	/* While the log is read at the start there is none to write to. */
	if (collector->journal && qw_notice_write(collector->journal, QW_NOTICE_INCIDENT, &nobody, sentence, qw_time_wall()) != QW_OK)
		qw_log(QW_LOG_ERROR, "NOTICE-LOST", "the alert log had no room for: %s", sentence);
}

static enum qw_exit open_incidents(struct qw_collector *collector)
{
	struct qw_incidents_parts parts = {
	    .store = collector->store,
	    .window = qw_time_seconds(qw_config_int(collector->config, QW_CFG_INCIDENT_HOURS) * 3600),
	    .severity = (unsigned)qw_config_int(collector->config, QW_CFG_INCIDENT_SEVERITY),
	    .tell = tell_incident,
	    .ctx = collector,
	};
	enum qw_err err = qw_incidents_open(&collector->incidents, &parts, qw_time_wall());

	return fail(err, "INCIDENTS", "collector.db", "restore it from a backup, or move it away to begin anew");
}

static enum qw_exit open_journal(struct qw_collector *collector)
{
	struct qw_journal_options options = {.folder = collector->folder, .line = replay_line};
	enum qw_err err = qw_marks_new(&collector->marks);

	if (err == QW_OK)
		err = qw_store_each_mark(collector->store, load_mark, collector->marks);
	if (err == QW_OK)
		err = qw_store_get_place(collector->store, &options.from);
	options.ctx = collector;
	if (err == QW_OK)
		err = qw_journal_open(&collector->journal, &options, &collector->recovery);
	if (err == QW_OK)
		tell_recovery(&collector->recovery);
	return fail(err, "JOURNAL", "alerts.json", "the state folder must be writable and have room");
}

enum qw_err qw_collector_checkpoint(struct qw_collector *collector)
{
	struct qw_journal_place place = qw_journal_place(collector->journal);
	enum qw_err err = qw_store_put_place(collector->store, place);

	for (size_t i = 0; err == QW_OK && i < qw_marks_slots(collector->marks); i++) {
		const struct qw_stream *stream = qw_marks_at(collector->marks, i);
		if (stream && stream->durable > 0)
			err = qw_store_put_mark(collector->store, &stream->who, stream->epoch, stream->durable,
						stream->used);
	}
	if (err == QW_OK)
		err = qw_store_commit(collector->store);
	if (err != QW_OK)
		qw_store_rollback(collector->store);
	return err;
}

enum qw_err qw_collector_rotate(struct qw_collector *collector)
{
	struct qw_journal_place place = qw_journal_place(collector->journal);
	struct qw_time now = qw_time_wall();
	char name[QW_JOURNAL_NAME_MAX];
	/* First, so that a start after a crash right here need not read the closed segment. */
	enum qw_err err = qw_collector_checkpoint(collector);

	if (err == QW_OK)
		err = qw_journal_rotate(collector->journal, now, name);
	if (err == QW_OK)
		err = qw_store_put_segment(collector->store, name, place, now);
	if (err == QW_OK)
		qw_log(QW_LOG_INFO, "JOURNAL-ROTATED", "%s holds %llu bytes", name, (unsigned long long)place.offset);
	return err;
}

/* ---- the network */

static enum qw_err send_frame(void *ctx, const struct qw_routing *routing, const uint8_t *data, size_t len)
{
	struct qw_collector *collector = ctx;

	if (zmq_send(collector->router, routing->bytes, routing->len, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
		return zmq_errno() == EAGAIN ? QW_EAGAIN : QW_ENOENT;
	return zmq_send(collector->router, data, len, ZMQ_DONTWAIT) < 0 ? QW_EAGAIN : QW_OK;
}

static int set_options(struct qw_collector *collector)
{
	const struct {
		int option, value;
	} numbers[] = {
	    {ZMQ_CURVE_SERVER, 1},
	    {ZMQ_LINGER, 0},
	    {ZMQ_ROUTER_MANDATORY, 1}, /* sending to one that is gone is an error, not silence */
	    {ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS},
	    {ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS},
	    {ZMQ_HEARTBEAT_TTL, HEARTBEAT_TIMEOUT_MS},
	    {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
	    {ZMQ_BACKLOG, BACKLOG},
	    {ZMQ_RCVHWM, RECEIVE_QUEUE},
	    {ZMQ_SNDHWM, SEND_QUEUE},
	    {ZMQ_IPV6, 1},
	};
	int64_t most = QW_WIRE_MAX; /* the default is unlimited, before any authentication */
	void *router = collector->router;
	int failed = 0;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		failed |= zmq_setsockopt(router, numbers[i].option, &numbers[i].value, sizeof(int));
	failed |= zmq_setsockopt(router, ZMQ_MAXMSGSIZE, &most, sizeof(most));
	failed |= zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, collector->keys.secret_z85, QW_CURVE_Z85 + 1);
	failed |= zmq_setsockopt(router, ZMQ_ZAP_DOMAIN, QW_ZAP_DOMAIN, strlen(QW_ZAP_DOMAIN));
	return failed;
}

static enum qw_exit open_network(struct qw_collector *collector)
{
	const char *listen = qw_config_text(collector->config, QW_CFG_LISTEN);

	collector->context = zmq_ctx_new();
	if (!collector->context)
		return fail(QW_ENOMEM, "NETWORK", "ZeroMQ", "is the machine out of memory?");
	zmq_ctx_set(collector->context, ZMQ_MAX_SOCKETS, SOCKETS_MAX);
	/* Before bind: a connection that finds no handler would be let in. */
	enum qw_err err = qw_zap_start(&collector->zap, collector->context, collector->registry);
	if (err != QW_OK)
		return fail(err, "NETWORK", "the handler of keys", "restart the collector");
	collector->router = zmq_socket(collector->context, ZMQ_ROUTER);
	if (!collector->router || set_options(collector) != 0)
		return fail(qw_err_from_errno(zmq_errno()), "NETWORK", "ZeroMQ", "is libzmq built with CURVE?");
	if (zmq_bind(collector->router, listen) != 0) {
		qw_log(QW_LOG_ERROR, "LISTEN", "%s: %s; is another collector running, or collector.listen wrong?",
		       listen, zmq_strerror(zmq_errno()));
		return zmq_errno() == EACCES ? QW_EXIT_PERMISSION : QW_EXIT_CONFIG;
	}
	return QW_EXIT_OK;
}

/* ---- what works on all that */

static enum qw_exit open_channels(struct qw_collector *collector)
{
	struct qw_channel *community;
	enum qw_err err =
	    qw_channels_open(&collector->channels, collector->folder, collector->store, &collector->signer);

	if (err == QW_OK)
		err = qw_channels_get(&community, collector->channels, QW_COMMUNITY);
	return fail(err, "CHANNELS", "channels/", "see the line above");
}

static size_t count_expected(void *ctx)
{
	return qw_registry_count(((const struct qw_collector *)ctx)->registry);
}

static enum qw_err make_workers(struct qw_collector *collector)
{
	struct qw_post post = {send_frame, collector};
	struct qw_time bucket = qw_time_seconds(qw_config_int(collector->config, QW_CFG_POLICY_SEEN_HOURS) * 3600);
	enum qw_err err = qw_peers_new(&collector->peers);

	if (err == QW_OK)
		err = qw_sightings_new(&collector->sightings, collector->store, bucket);
	struct qw_intake_parts intake = {collector->journal, collector->marks, collector->peers, collector->sightings,
					 collector->incidents,
					 post};
	if (err == QW_OK)
		err = qw_intake_new(&collector->intake, &intake);
	struct qw_fanout_parts fanout = {collector->channels, collector->store, collector->peers, &collector->signer,
					 post};
	if (err == QW_OK)
		err = qw_fanout_new(&collector->fanout, &fanout);
	struct qw_restoration_parts restoration = {
	    .channels = collector->channels,
	    .peers = collector->peers,
	    .post = post,
	    .allow_changes = &collector->allow_changes,
	    .expected = count_expected,
	    .ctx = collector,
	    .hold = qw_time_seconds(qw_config_int(collector->config, QW_CFG_RECOVERY_SECONDS)),
	    .now = qw_time_monotonic(),
	};
	if (err == QW_OK)
		err = qw_restoration_new(&collector->restoration, &restoration);
	collector->publication = (struct qw_publication){collector->store, collector->channels, collector->fanout,
							 &collector->allow_changes, collector->restoration, bucket};
	return err;
}

static enum qw_exit open_workers(struct qw_collector *collector)
{
	struct qw_diags diags;
	enum qw_err err = make_workers(collector);

	if (err != QW_OK)
		return fail(err, "START", "the collector", "is the machine out of memory?");
	qw_diags_init(&diags);
	err = qw_collector_open_promotion(collector, &diags);
	qw_diags_print(&diags, stderr);
	qw_diags_fini(&diags);
	return fail(err, "POLICY", "policy.*", "mend the configuration");
}

static enum qw_exit open_feeds(struct qw_collector *collector)
{
	struct qw_feeds_parts parts = {
	    .folder = collector->folder,
	    .store = collector->store,
	    .registry = collector->registry,
	    .publication = &collector->publication,
	    .policy = qw_policy_guard(collector->policy),
	    .promotion = collector->promotion,
	};
	struct qw_diags diags;

	qw_diags_init(&diags);
	enum qw_err err = qw_feeds_open(&collector->feeds, &parts, collector->config, &diags);
	qw_diags_print(&diags, stderr);
	qw_diags_fini(&diags);
	return fail(err, "FEEDS", "feeds.*", "mend the configuration");
}

static enum qw_exit open_control(struct qw_collector *collector)
{
	const char *path = qw_config_text(collector->config, QW_CFG_CONTROL);
	enum qw_err err = qw_control_open(&collector->control, path, qw_commands_run, collector);

	if (err == QW_EEXIST) {
		qw_log(QW_LOG_ERROR, "CONTROL", "%s: another collector answers there; stop it first", path);
		return QW_EXIT_CONFIG;
	}
	return fail(err, "CONTROL", path, "its folder must exist and belong to the collector's user");
}

enum qw_exit qw_collector_open(struct qw_collector *collector, const struct qw_config *config)
{
	static enum qw_exit (*const steps[])(struct qw_collector *) = {
	    open_folder, open_keys, open_store, open_incidents, open_journal, open_channels, open_workers, open_feeds, open_control, open_network,
	};

	memset(collector, 0, sizeof(*collector));
	collector->config = config;
	collector->folder = qw_config_text(config, QW_CFG_STATE);
	collector->started = qw_time_wall();
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		enum qw_exit status = steps[i](collector);
		if (status != QW_EXIT_OK)
			return status;
	}
	return QW_EXIT_OK;
}

/* Also of one that did not open wholly. */
void qw_collector_close(struct qw_collector *collector)
{
	if (collector->router)
		zmq_close(collector->router);
	qw_zap_stop(collector->zap);
	if (collector->context)
		zmq_ctx_term(collector->context);
	qw_control_close(collector->control);
	qw_feeds_close(collector->feeds);
	qw_promotion_free(collector->promotion);
	qw_dryrun_free(collector->dryrun);
	qw_accounts_free(collector->accounts);
	qw_candidates_close(collector->candidates);
	qw_policy_free(collector->policy);
	qw_restoration_free(collector->restoration);
	qw_fanout_free(collector->fanout);
	qw_intake_free(collector->intake);
	qw_sightings_free(collector->sightings);
	qw_incidents_free(collector->incidents);
	qw_peers_free(collector->peers);
	qw_channels_close(collector->channels);
	qw_journal_close(collector->journal);
	qw_marks_free(collector->marks);
	qw_registry_free(collector->registry);
	qw_store_close(collector->store);
	qw_signer_wipe(&collector->signer);
	qw_wipe(&collector->keys, sizeof(collector->keys));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* exporter_open - what the exporter needs before its first event, in order; and the end of it. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

#include "quaywatch/file.h"
#include "quaywatch/keys.h"
#include "quaywatch/log.h"
#include "sensor/run/child.h"
#include "sensor/run/exporter_parts.h"
#include "sensor/run/settings.h"

static enum qw_err open_local(struct qw_exporter *exporter)
{
	const struct qw_config *config = exporter->options->config;
	const char *path = exporter->options->options->alerts;
	struct qw_local_options local = {
		.path = path ? path : qw_config_text(config, QW_CFG_ALERTS_FILE),
		.tenant = qw_config_text(config, QW_CFG_TENANT),
		.sensor = qw_config_text(config, QW_CFG_NAME),
		.append = true,
		.payload = exporter->payload,
	};

	if (*local.path == 0)
		return QW_OK;
	enum qw_err err = qw_local_open(&exporter->local, &local);
	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "EVE-OPEN", "%s: alerts cannot be written there: %s", local.path, strerror(errno));
	return err;
}

/* Workers tell conversations and names only where somebody watches them. */
static enum qw_err open_recent(struct qw_exporter *exporter)
{
	struct qw_watching what = qw_watching_of(exporter->options->options, exporter->options->config);

	return qw_watching_is_on(&what) ? qw_recent_new(&exporter->recent, what.types & 1u << QW_EVENT_HTTP) : QW_OK;
}

/* Captures have their own time; with a collector, its channels' entries end by ours. */
static void open_clock(struct qw_exporter *exporter)
{
	const struct qw_config *config = exporter->options->config;
	const char *folder = qw_config_text(config, QW_CFG_STATE);
	bool used = exporter->live || *qw_config_text(config, QW_CFG_COLLECTOR);
	enum qw_err err = used && *folder ? qw_make_folder(folder, 0700) : QW_OK;

	if (err != QW_OK)
		qw_log(QW_LOG_WARNING, "CLOCK-FILE", "%s: %s; after a restart indicators end by the system's clock",
		       folder, qw_strerror(err));
	qw_clock_file_open(&exporter->clock, &qw_shared_board(exporter->options->shared)->clock,
			   used && err == QW_OK ? folder : "");
}

static enum qw_err open_uplink(struct qw_exporter *exporter)
{
	const struct qw_config *config = exporter->options->config;
	const struct qw_option_list *given = &exporter->options->options->interfaces;
	struct qw_uplink_options uplink = {.config = config, .shared = exporter->options->shared, .builder = exporter->options->builder};

	if (*qw_config_text(config, QW_CFG_COLLECTOR) == 0)
		return QW_OK;
	enum qw_err err = qw_releasing_init(&exporter->releasing, config);
	if (err == QW_OK)
		err = open_recent(exporter);
	if (err != QW_OK)
		return err;
	uplink.recent = exporter->recent;
	uplink.release = exporter->releasing.release;
	uplink.interfaces = given->item;
	uplink.interface_count = given->count;
	if (given->count == 0)
		uplink.interface_count = qw_config_list(config, QW_CFG_INTERFACES, &uplink.interfaces);
	err = qw_uplink_new(&exporter->uplink, &uplink);
	if (err != QW_OK)
		return err;
	const struct qw_leaving_options leaving = {config, uplink.shared, exporter->uplink, &exporter->releasing};
	return qw_leaving_new(&exporter->leaving, &leaving);
}

static enum qw_err take_signals(struct qw_exporter *exporter)
{
	sigset_t set;

	signal(SIGTERM, SIG_IGN); /* the supervisor ends us, last of all */
	signal(SIGINT, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	exporter->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return exporter->signals < 0 ? qw_err_from_errno(errno) : QW_OK;
}

static enum qw_err make_state(const char *folder)
{
	enum qw_err err = qw_make_folder(folder, 0700);

	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "STATE-FOLDER", "%s: %s; state.folder is to be a folder that the sensor may write", folder,
		       qw_strerror(err));
	return err;
}

/* Without a folder it watches all the same, and knows nothing of yesterday. */
static const char *watch_folder(const struct qw_exporter *exporter)
{
	const char *folder = qw_config_text(exporter->options->config, QW_CFG_STATE);
	enum qw_err err = exporter->live && *folder ? qw_make_folder(folder, 0700) : QW_OK;

	if (!exporter->live)
		return ""; /* what a capture tells is not this network's past */
	if (err == QW_OK)
		return folder;
	qw_log(QW_LOG_WARNING, "WATCH-STATE", "%s: %s; what the watch learns is forgotten at the next start: let state.folder be a folder that the sensor may write",
	       folder, qw_strerror(err));
	return "";
}

static enum qw_err open_watch(struct qw_exporter *exporter, const struct qw_exporter_calls *calls)
{
	const struct qw_config *config = exporter->options->config;
	struct qw_watching_options watching = {
		.config = config,
		.what = qw_watching_of(exporter->options->options, config),
		.live = exporter->live,
		.seen = exporter->recent ? calls->remember : NULL,
		.emit = calls->write,
		.ctx = exporter,
	};

	if (!qw_watching_is_on(&watching.what))
		return QW_OK;
	watching.state_folder = watch_folder(exporter);
	return qw_watching_new(&exporter->watch, &watching);
}

void qw_exporter_open_control(struct qw_exporter *exporter, const struct qw_exporter_calls *calls)
{
	const char *name = qw_config_text(exporter->options->config, QW_CFG_CONTROL);
	const char *folder = qw_config_text(exporter->options->config, QW_CFG_STATE);
	char path[PATH_MAX];

	if ((!exporter->live && !exporter->uplink) || *name == '\0' || (!strchr(name, '/') && *folder == '\0'))
		return;
	snprintf(path, sizeof(path), "%s%s%s", strchr(name, '/') ? "" : folder, strchr(name, '/') ? "" : "/", name);
	enum qw_err err = qw_control_open(&exporter->control, path, calls->answer, exporter);
	if (err != QW_OK)
		qw_log(QW_LOG_WARNING, "CONTROL", "%s: %s; quaywatchctl cannot ask this sensor; check control.socket", path, qw_strerror(err));
}

enum qw_err qw_exporter_open(struct qw_exporter *exporter, const struct qw_exporter_calls *calls)
{
	const struct qw_config *config = exporter->options->config;
	enum qw_err err = take_signals(exporter);

	exporter->payload = qw_config_int(config, QW_CFG_PAYLOAD) > 0;
	if (err == QW_OK)
		err = qw_keys_start();
	if (err == QW_OK)
		err = qw_child_settle(qw_config_text(config, QW_CFG_USER));
	if (err == QW_OK && *qw_config_text(config, QW_CFG_COLLECTOR))
		err = make_state(qw_config_text(config, QW_CFG_STATE));
	if (err == QW_OK)
		err = open_local(exporter);
	if (err == QW_OK)
		open_clock(exporter);
	if (err == QW_OK)
		err = open_uplink(exporter);
	return err == QW_OK ? open_watch(exporter, calls) : err;
}

void qw_exporter_close(struct qw_exporter *exporter)
{
	qw_control_close(exporter->control);
	qw_watch_free(exporter->watch);
	qw_leaving_free(exporter->leaving);
	qw_uplink_free(exporter->uplink);
	qw_clock_file_close(&exporter->clock);
	qw_recent_free(exporter->recent);
	qw_releasing_fini(&exporter->releasing);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* quaywatch-sensor: reads its options and configuration, then listens or reads captures. */
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "quaywatch/config.h"
#include "quaywatch/diag.h"
#include "quaywatch/exit.h"
#include "quaywatch/log.h"
#include "quaywatch/text.h"
#include "sensor/run/event_types.h"
#include "sensor/run/live.h"
#include "sensor/run/offline.h"
#include "sensor/run/options.h"
#include "sensor/run/settings.h"

/* --learn FILE */
static enum qw_err learn_into(struct qw_config *config, const char *path, enum qw_err err, struct qw_diags *diags)
{
	char setting[2 * PATH_MAX + 32];
	struct qw_text text;

	qw_text_init(&text, setting, sizeof(setting));
	qw_text_literal(&text, "watch.baseline=\"");
	for (const char *at = path; *at; at++) {
		if (*at == '"' || *at == '\\')
			qw_text_char(&text, '\\');
		qw_text_char(&text, *at);
	}
	qw_text_char(&text, '"');
	if (text.cut || qw_config_set(config, qw_text_string(&text), diags) != QW_OK ||
	    qw_config_set(config, "watch.learn_all=true", diags) != QW_OK)
		return QW_EFORMAT;
	return err;
}

static enum qw_exit load(struct qw_config *config, const struct qw_options *options, struct qw_diags *diags)
{
	enum qw_err err = QW_OK;

	if (options->config)
		err = qw_config_load(config, options->config, diags);
	if (err == QW_ENOENT || err == QW_EACCES) {
		fprintf(stderr, "quaywatch-sensor: %s: %s\n", options->config, strerror(errno));
		return err == QW_ENOENT ? QW_EXIT_NOINPUT : QW_EXIT_PERMISSION;
	}
	if (options->packs && qw_config_set(config, "rules.packs=true", diags) != QW_OK)
		err = QW_EFORMAT;
	if (options->learn)
		err = learn_into(config, options->learn, err, diags);
	for (size_t i = 0; i < options->set.count; i++)
		if (qw_config_set(config, options->set.item[i], diags) != QW_OK)
			err = QW_EFORMAT;
	qw_diags_print(diags, stderr);
	return err == QW_OK ? QW_EXIT_OK : QW_EXIT_CONFIG;
}

static enum qw_exit run(const struct qw_options *options, struct qw_config *config)
{
	if (!qw_event_types_check(options, config))
		return QW_EXIT_USAGE;
	if (options->print_config) {
		qw_config_print(config, stdout);
		return QW_EXIT_OK;
	}
	if (options->check)
		return qw_check_run(options, config);
	return qw_live_wanted(options, config) ? qw_live_run(options, config) : qw_offline_run(options, config);
}

int main(int argc, char **argv)
{
	struct qw_setting settings[QW_CFG_COUNT];
	struct qw_options options;
	struct qw_config *config;
	struct qw_diags diags;

	qw_log_setup("sensor", QW_LOG_INFO);
	switch (qw_options_parse(&options, argc, argv)) {
	case QW_OPTIONS_DONE: return QW_EXIT_OK;
	case QW_OPTIONS_WRONG: return QW_EXIT_USAGE;
	case QW_OPTIONS_RUN: break;
	}
	qw_sensor_settings(settings, options.captures.count == 0);
	if (options.packs) /* the rules that ship, and the detections that are no rules */
		settings[QW_CFG_WATCH + QW_WATCH_ENABLED].initial = "true";
	if (qw_config_new(&config, settings, QW_CFG_COUNT) != QW_OK) {
		fprintf(stderr, "quaywatch-sensor: out of memory\n");
		return QW_EXIT_INTERNAL;
	}
	qw_diags_init(&diags);
	mallopt(M_PERTURB, 0xa5); /* what the parser frees may hold a key: it is overwritten */
	enum qw_exit status = load(config, &options, &diags);
	mallopt(M_PERTURB, 0);
	qw_diags_fini(&diags);
	if (status == QW_EXIT_OK)
		status = run(&options, config);
	qw_config_free(config);
	return status;
}

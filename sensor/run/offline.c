/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/offline.h"

#include <errno.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "quaywatch/diag.h"
#include "quaywatch/time.h"
#include "sensor/capture/source.h"
#include "sensor/export/local.h"
#include "sensor/run/advice.h"
#include "sensor/run/engine.h"
#include "sensor/run/releasing.h"
#include "sensor/run/rulebook.h"
#include "sensor/run/settings.h"
#include "sensor/run/summary.h"
#include "sensor/run/watching.h"

struct offline {
	const struct qw_options *options;
	struct qw_advice *advice; /* NULL: nobody asks for it */
	const struct qw_config *config;
	struct qw_diags diags;
	struct qw_rulebook_counts rules;
	struct qw_ruleset ruleset;
	struct qw_local *local;
	struct qw_source *source;
	struct qw_engine *engine;
	struct qw_watch *watch; /* NULL: it is not on */
	struct qw_summary summary;
	enum qw_err write_error;
	alignas(8) uint8_t event[QW_EVENT_MAX]; /* that the watch is shown, and adds to */
};

static enum qw_exit exit_of(enum qw_err err)
{
	switch (err) {
	case QW_OK: return QW_EXIT_OK;
	case QW_ENOENT: return QW_EXIT_NOINPUT;
	case QW_EACCES: return QW_EXIT_PERMISSION;
	case QW_ENOMEM: return QW_EXIT_INTERNAL;
	case QW_EIO:
	case QW_ENOSPC: return QW_EXIT_IO;
	default: return QW_EXIT_DATA;
	}
}

/* ---- rules */

static enum qw_err add_paths(struct offline *offline, struct qw_rulebook *book)
{
	const char *const *items;
	size_t count = qw_config_list(offline->config, QW_CFG_RULES, &items);
	enum qw_err err = qw_rulebook_add_packs(book);

	for (size_t i = 0; i < count && err == QW_OK; i++)
		err = qw_rulebook_add_path(book, items[i]);
	for (size_t i = 0; i < offline->options->rules.count && err == QW_OK; i++)
		err = qw_rulebook_add_path(book, offline->options->rules.item[i]);
	return err;
}

static enum qw_err open_ruleset(struct offline *offline, struct qw_ruleset_images *images)
{
	enum qw_err err = QW_OK;

	offline->ruleset.generation = 1;
	if (offline->rules.signatures)
		err = qw_signatures_open(&offline->ruleset.signatures, images->signatures);
	if (err == QW_OK && offline->rules.indicators)
		err = qw_indicators_open(&offline->ruleset.indicators, &images->indicators);
	qw_ruleset_images_close(images);
	return err;
}

static enum qw_err load_rules(struct offline *offline)
{
	struct qw_rulebook *book;
	struct qw_ruleset_images images;
	enum qw_err err = qw_rulebook_new(&book, offline->config, &offline->diags);

	if (err != QW_OK)
		return err;
	err = add_paths(offline, book);
	if (err == QW_OK)
		err = qw_rulebook_finish(book, &images);
	offline->rules = qw_rulebook_counts(book);
	if (err == QW_OK && offline->advice)
		qw_rulebook_costs(book, qw_advice_take, offline->advice);
	qw_rulebook_free(book);
	if (err == QW_OK)
		err = open_ruleset(offline, &images);
	return err;
}

static void close_ruleset(struct offline *offline)
{
	qw_signatures_close(offline->ruleset.signatures);
	qw_indicators_close(offline->ruleset.indicators);
}

/* ---- output */

static void write_event(void *ctx, const struct qw_event *event, size_t size)
{
	struct offline *offline = ctx;

	if (!offline->local || offline->write_error != QW_OK)
		return;
	enum qw_err err = qw_local_write(offline->local, event, size);
	if (err != QW_OK && err != QW_EFORMAT)
		offline->write_error = err;
}

static void emit(void *ctx, const struct qw_event *event, size_t size)
{
	struct offline *offline = ctx;

	if (!offline->watch) {
		write_event(offline, event, size);
		return;
	}
	memcpy(offline->event, event, size);
	size = qw_watching_take(offline->watch, offline->event, size, sizeof(offline->event));
	if (size)
		write_event(offline, (const struct qw_event *)offline->event, size);
}

static const char *alerts_path(const struct offline *offline)
{
	return offline->options->alerts ? offline->options->alerts : qw_config_text(offline->config, QW_CFG_ALERTS_FILE);
}

static enum qw_exit open_output(struct offline *offline)
{
	struct qw_local_options local = {
		.path = alerts_path(offline),
		.tenant = qw_config_text(offline->config, QW_CFG_TENANT),
		.sensor = qw_config_text(offline->config, QW_CFG_NAME),
		.payload = qw_config_int(offline->config, QW_CFG_PAYLOAD) > 0,
	};

	if (*local.path == 0)
		return QW_EXIT_OK;
	if (qw_local_open(&offline->local, &local) == QW_OK)
		return QW_EXIT_OK;
	fprintf(stderr, "quaywatch-sensor: %s: alerts cannot be written there: %s\n", local.path, strerror(errno));
	return errno == EACCES ? QW_EXIT_PERMISSION : QW_EXIT_IO;
}

static enum qw_exit close_output(struct offline *offline)
{
	const char *path = alerts_path(offline);
	enum qw_err err = qw_local_close(offline->local);

	if (offline->write_error != QW_OK)
		err = offline->write_error;
	if (err == QW_OK)
		return QW_EXIT_OK;
	fprintf(stderr, "quaywatch-sensor: %s: writing alerts failed: %s; what is in the file is whole up to there\n", path,
		qw_strerror(err));
	return QW_EXIT_IO;
}

/* ---- packets */

static const char *interface_name(void *ctx, uint16_t number)
{
	struct offline *offline = ctx;

	return qw_source_file.interface(offline->source, number);
}

static enum qw_err open_source(struct offline *offline)
{
	const char *filter = offline->options->filter ? offline->options->filter
						      : qw_config_text(offline->config, QW_CFG_FILTER);
	struct qw_source_spec spec = {
		.paths = offline->options->captures.item,
		.path_count = offline->options->captures.count,
		.filter = filter,
		.snap_bytes = (uint32_t)qw_config_int(offline->config, QW_CFG_SNAP),
		.diags = &offline->diags,
	};

	return qw_source_file.open(&offline->source, &spec);
}

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static enum qw_err read_packets(struct offline *offline)
{
	struct qw_frame frames[QW_ENGINE_BATCH];
	struct qw_time begin = qw_time_monotonic();
	double cpu = cpu_seconds();
	enum qw_err err;
	size_t count;

	while ((err = qw_source_file.receive(offline->source, frames, QW_ENGINE_BATCH, (struct qw_wait){0, -1}, &count)) == QW_OK) {
		qw_engine_frames(offline->engine, frames, count);
		qw_source_file.release(offline->source);
		if (offline->write_error != QW_OK)
			break;
	}
	qw_engine_finish(offline->engine);
	offline->summary.seconds = (double)qw_time_sub(qw_time_monotonic(), begin).ns * 1e-9;
	offline->summary.cpu_seconds = cpu_seconds() - cpu;
	return err == QW_ENOENT ? QW_OK : err;
}

static struct qw_watching_options watching_of(struct offline *offline)
{
	return (struct qw_watching_options){
		.config = offline->config,
		.what = qw_watching_of(offline->options, offline->config),
		.state_folder = "", /* what a capture tells is not this network's past */
		.emit = write_event,
		.ctx = offline,
	};
}

static enum qw_exit open_watch(struct offline *offline)
{
	struct qw_watching_options watching = watching_of(offline);
	enum qw_err err = qw_watching_new(&offline->watch, &watching);

	return err == QW_OK ? QW_EXIT_OK : err == QW_ENOMEM ? QW_EXIT_INTERNAL : QW_EXIT_CONFIG;
}

static void end_watch(struct offline *offline)
{
	if (!offline->watch)
		return;
	offline->summary.watched = true;
	offline->summary.watch = qw_watch_counters(offline->watch);
	qw_watch_free(offline->watch);
	offline->watch = NULL;
}

static enum qw_err run_engine(struct offline *offline)
{
	struct qw_engine_options engine = {
		.config = offline->config,
		.types = qw_watching_of(offline->options, offline->config).types,
		.watch = offline->watch != NULL,
		.interface = interface_name,
		.interface_ctx = offline,
		.emit = emit,
		.emit_ctx = offline,
	};
	struct qw_source_counters source;
	enum qw_err err = qw_engine_new(&offline->engine, &engine);

	if (err != QW_OK)
		return err;
	qw_engine_adopt(offline->engine, &offline->ruleset);
	err = read_packets(offline);
	qw_engine_stats(offline->engine, &offline->summary.stats);
	qw_source_file.counters(offline->source, &source);
	offline->summary.damaged = source.damaged;
	offline->summary.stats.packets += source.filtered;
	offline->summary.stats.drops[QW_DROP_FILTER] += source.filtered;
	qw_engine_free(offline->engine);
	return err;
}

static enum qw_exit write_summary(struct offline *offline)
{
	const char *path = offline->options->stats;

	if (!path)
		return QW_EXIT_OK;
	offline->summary.rules = offline->rules;
	offline->summary.peak_rss_bytes = qw_peak_rss();
	if (qw_summary_write(&offline->summary, path) == QW_OK)
		return QW_EXIT_OK;
	fprintf(stderr, "quaywatch-sensor: %s: statistics cannot be written there: %s\n", path, strerror(errno));
	return QW_EXIT_IO;
}

static enum qw_exit read_all(struct offline *offline)
{
	enum qw_err err = open_source(offline);

	if (err != QW_OK)
		return exit_of(err);
	enum qw_exit status = open_output(offline);
	if (status == QW_EXIT_OK) {
		status = open_watch(offline);
		if (status == QW_EXIT_OK)
			status = exit_of(run_engine(offline));
		end_watch(offline);
		enum qw_exit closed = close_output(offline);
		if (status == QW_EXIT_OK)
			status = closed;
		if (status == QW_EXIT_OK)
			status = write_summary(offline);
	}
	qw_source_file.close(offline->source);
	return status;
}

enum qw_exit qw_offline_run(const struct qw_options *options, const struct qw_config *config)
{
	struct offline offline = {.options = options, .config = config};

	qw_diags_init(&offline.diags);
	enum qw_exit status = exit_of(load_rules(&offline));
	if (status == QW_EXIT_OK && options->strict && offline.rules.signatures_rejected)
		status = QW_EXIT_DATA;
	if (status == QW_EXIT_OK)
		status = read_all(&offline);
	qw_diags_print(&offline.diags, stderr);
	close_ruleset(&offline);
	qw_diags_fini(&offline.diags);
	return status;
}

enum qw_exit qw_check_run(const struct qw_options *options, const struct qw_config *config)
{
	struct offline offline = {.options = options, .config = config};

	if (qw_advice_new(&offline.advice) != QW_OK)
		return QW_EXIT_INTERNAL;
	qw_diags_init(&offline.diags);
	enum qw_exit status = exit_of(load_rules(&offline));
	struct qw_rulebook_counts *rules = &offline.rules;
	struct qw_watching_options watching = watching_of(&offline);
	if (status == QW_EXIT_OK && qw_watching_check(&watching) != QW_OK)
		status = QW_EXIT_CONFIG;
	if (status == QW_EXIT_OK && qw_releasing_check(config, &offline.diags) != QW_OK)
		status = QW_EXIT_CONFIG;
	qw_diags_print(&offline.diags, stdout);
	if (status == QW_EXIT_OK && rules->signatures)
		status = exit_of(qw_advice_print(offline.advice, stdout));
	printf("%llu signatures, %llu refused; %llu indicators, %llu refused; %llu files\n",
	       (unsigned long long)rules->signatures, (unsigned long long)rules->signatures_rejected,
	       (unsigned long long)rules->indicators, (unsigned long long)rules->indicators_rejected,
	       (unsigned long long)rules->files);
	if (status == QW_EXIT_OK && (rules->signatures_rejected || rules->indicators_rejected || offline.diags.errors))
		status = QW_EXIT_DATA;
	qw_advice_free(offline.advice);
	close_ruleset(&offline);
	qw_diags_fini(&offline.diags);
	return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/seats.h"

#include <stdio.h>
#include <unistd.h>

#include "quaywatch/log.h"
#include "sensor/run/settings.h"

enum {
	STEADY_S = 1,      /* what ends again within it … */
	CRASHES_MAX = 5,   /* … more often than this in a row … */
	CRASH_DELAY_S = 2, /* … is started again only after a while */
};

void qw_pace_crashed(struct qw_pace *pace)
{
	struct qw_time now = qw_time_monotonic();

	if (now.ns - pace->not_before.ns > STEADY_S * QW_NS_PER_S)
		pace->crashes = 0;
	pace->not_before = ++pace->crashes > CRASHES_MAX ? qw_time_add(now, qw_time_seconds(CRASH_DELAY_S)) : now;
}

static enum qw_err open_source(const struct qw_supervisor_options *options, const struct qw_seat *seat, bool held,
			       struct qw_diags *diags, struct qw_source **out)
{
	const struct qw_config *config = options->config;
	const char *filter = options->options->filter;
	struct qw_source_spec spec = {
		.paths = options->paths,
		.path_count = options->path_count,
		.interface = seat->interface,
		.filter = filter ? filter : qw_config_text(config, QW_CFG_FILTER),
		.ring_bytes = (size_t)qw_config_int(config, QW_CFG_RING_MB) << 20,
		.snap_bytes = (uint32_t)qw_config_int(config, QW_CFG_SNAP),
		.fanout_group = seat->group,
		.held = held,
		.diags = diags,
	};

	return options->ops->open(out, &spec);
}

/* Which interface a seat listens on, and whether it shares it. */
static void assign(const struct qw_supervisor_options *options, struct qw_seat *seat)
{
	for (unsigned i = 0; i < options->workers; i++) {
		seat[i].post = -1;
		if (options->path_count) {
			seat[i].interface = options->paths[0];
			continue;
		}
		size_t at = i % options->interface_count;
		bool shares = options->workers > options->interface_count;
		seat[i].interface = options->interfaces[at];
		seat[i].group = shares ? (uint16_t)((unsigned)getpid() * 8 + at + 1) : 0;
		if (shares && seat[i].group == 0)
			seat[i].group = 1;
	}
}

static enum qw_exit exit_of(enum qw_err err)
{
	return err == QW_EACCES ? QW_EXIT_PERMISSION : err == QW_ENOENT ? QW_EXIT_NOINPUT : err == QW_EFORMAT ? QW_EXIT_DATA : QW_EXIT_IO;
}

enum qw_exit qw_seats_open(const struct qw_supervisor_options *options, struct qw_seat *seat)
{
	struct qw_diags diags;
	enum qw_err err = QW_OK;

	qw_diags_init(&diags);
	assign(options, seat);
	for (unsigned i = 0; i < options->workers && err == QW_OK; i++)
		err = open_source(options, &seat[i], false, &diags, &seat[i].source);
	qw_diags_print(&diags, stderr);
	qw_diags_fini(&diags);
	return err == QW_OK ? QW_EXIT_OK : exit_of(err);
}

void qw_seats_close(const struct qw_supervisor_options *options, struct qw_seat *seat, unsigned keep)
{
	for (unsigned i = 0; i < options->workers; i++)
		if (i != keep && seat[i].source)
			options->ops->close(seat[i].source);
}

/* Where nothing can take its place now, it is opened again before the worker is started. */
static void give_up_source(const struct qw_supervisor_options *options, struct qw_seat *seat, struct qw_source_counters *last)
{
	options->ops->counters(seat->source, last);
	options->ops->close(seat->source);
	seat->source = NULL;
}

void qw_seat_renew(const struct qw_supervisor_options *options, struct qw_seat *seat, struct qw_source_counters *last)
{
	const struct qw_source_ops *ops = options->ops;
	struct qw_source *heir;
	struct qw_diags diags;

	qw_diags_init(&diags);
	if (!ops->replace || open_source(options, seat, true, &diags, &heir) != QW_OK)
		give_up_source(options, seat, last);
	else
		seat->source = ops->replace(seat->source, heir, last) == QW_OK ? heir : NULL;
	qw_diags_fini(&diags);
}

bool qw_seat_has_source(const struct qw_supervisor_options *options, struct qw_seat *seat)
{
	struct qw_diags diags;

	if (seat->source)
		return true;
	qw_diags_init(&diags);
	enum qw_err err = open_source(options, seat, false, &diags, &seat->source);
	if (err != QW_OK) {
		seat->source = NULL;
		seat->pace.not_before = qw_time_add(qw_time_monotonic(), qw_time_seconds(CRASH_DELAY_S));
		if (!seat->told)
			qw_log(QW_LOG_ERROR, "CAPTURE-REOPEN", "%s cannot be opened again: %s; nothing is seen there until it can",
			       seat->interface, diags.count ? diags.rows[0].text : qw_strerror(err));
	} else if (seat->told) {
		qw_log(QW_LOG_INFO, "CAPTURE-BACK", "%s is listened on again", seat->interface);
	}
	seat->told = err != QW_OK;
	qw_diags_fini(&diags);
	return err == QW_OK;
}

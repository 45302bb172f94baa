/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/leaving.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "quaywatch/log.h"
#include "sensor/export/embargo.h"
#include "sensor/run/settings.h"

enum {
	LINE_MAX_BYTES = 64 * 1024,
	COUNT_MS = 250,
	TELL_S = 60,
	DUE_A_TURN = 512, /* alerts whose time has come, before the collector is served again */
};

struct qw_leaving {
	struct qw_leaving_options options;
	struct qw_embargo *embargo; /* NULL: nothing waits */
	bool waits;                 /* what comes now does */
	bool names;
	struct qw_time counted, told; /* monotonic */
	struct qw_stays stays, told_stays;
	char line[LINE_MAX_BYTES];
};

/* ---- making */

static struct qw_embargo_name last_of_all(const struct qw_uplink *uplink)
{
	struct qw_embargo_name left;

	qw_ledger_last(qw_uplink_ledger(uplink), &left.epoch, &left.sequence);
	return left;
}

/* Where none waits and none did, there is none. */
static enum qw_err open_embargo(struct qw_leaving *leaving)
{
	const struct qw_config *config = leaving->options.config;
	char folder[PATH_MAX];
	struct qw_embargo_options embargo = {
		.folder = folder,
		.bytes_max = (uint64_t)qw_config_int(config, QW_CFG_SPOOL_MB) << 20,
		.seconds = qw_config_int(config, QW_CFG_RELEASE + QW_RELEASE_EMBARGO),
		.left = last_of_all(leaving->options.uplink),
	};

	snprintf(folder, sizeof(folder), "%s/embargo", qw_config_text(config, QW_CFG_STATE));
	leaving->waits = embargo.seconds > 0;
	if (!leaving->waits && access(folder, F_OK) != 0)
		return QW_OK;
	embargo.epoch = qw_uplink_last(leaving->options.uplink).epoch;
	enum qw_err err = qw_embargo_open(&leaving->embargo, &embargo);
	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "EMBARGO-OPEN", "%s: %s; alerts cannot wait there (release.embargo), so none may leave; check state.folder",
		       folder, qw_strerror(err));
	return err;
}

enum qw_err qw_leaving_new(struct qw_leaving **out, const struct qw_leaving_options *options)
{
	struct qw_leaving *leaving = calloc(1, sizeof(*leaving));

	if (!leaving)
		return QW_ENOMEM;
	leaving->options = *options;
	leaving->names = qw_config_bool(options->config, QW_CFG_NAMES);
	leaving->told = qw_time_monotonic();
	enum qw_err err = open_embargo(leaving);
	if (err != QW_OK) {
		qw_leaving_free(leaving);
		return err;
	}
	*out = leaving;
	return QW_OK;
}

void qw_leaving_free(struct qw_leaving *leaving)
{
	if (!leaving)
		return;
	qw_embargo_close(leaving->embargo);
	free(leaving);
}

/* ---- one alert */

/* What may leave of it, on its way to the collector. */
static void leave(struct qw_leaving *leaving, const struct qw_event *event, size_t size)
{
	struct qw_release *release = leaving->options.releasing->release;
	const struct qw_event *leaves;
	struct qw_eve_parts parts;
	struct qw_text text;
	size_t left;

	if (!qw_release_event(release, event, size, &leaves, &left))
		return;
	qw_text_init(&text, leaving->line, sizeof(leaving->line));
	if (qw_eve_render(&text, leaves, left, false, &parts) != QW_OK)
		return;
	qw_release_parts(release, event, size, &parts);
	if (!leaving->names)
		qw_eve_redact_names(&parts);
	if (!qw_release_lets_kind(release, QW_RELEASE_KIND_SIGHTING))
		parts.own.has_indicator = false;
	parts.own.ruleset = qw_slice_text(qw_uplink_ruleset(leaving->options.uplink));
	qw_uplink_alert(leaving->options.uplink, qw_slice(text.at, text.len), &parts, qw_release_fields(release));
}

void qw_leaving_alert(struct qw_leaving *leaving, const struct qw_event *event, size_t size)
{
	if (!leaving->waits || !qw_release_lets(leaving->options.releasing->release, event, size)) {
		leave(leaving, event, size); /* where it is counted that it stays */
		return;
	}
	enum qw_err err = qw_embargo_put(leaving->embargo, qw_time_wall(), event, size);
	if (err != QW_OK)
		qw_log(QW_LOG_DEBUG, "EMBARGO-PUT", "an alert could not be made to wait, and stays: %s", qw_strerror(err));
}

static void leave_whose_time_has_come(struct qw_leaving *leaving)
{
	const struct qw_event *event;
	size_t size;

	for (int i = 0; i < DUE_A_TURN; i++) {
		struct qw_embargo_name last = qw_uplink_last(leaving->options.uplink);
		if (qw_embargo_due(leaving->embargo, qw_time_wall(), last, &event, &size) != QW_OK)
			return;
		leave(leaving, event, size);
		qw_embargo_done(leaving->embargo);
	}
}

/* ---- what stays */

static struct qw_stays stays_of(const struct qw_leaving *leaving)
{
	struct qw_release_counters counters = qw_release_counters(leaving->options.releasing->release);
	struct qw_stays stays = {
		.left = counters.released,
		.changed = counters.changed,
		.by_rule = counters.stayed,
		.damaged = counters.damaged,
		.payload = counters.payload,
	};

	struct qw_sharing_counters sharing = qw_sharing_counters(qw_uplink_sharing(leaving->options.uplink));
	stays.proposals = sharing.proposals;
	stays.dry_runs = sharing.dry_runs;
	stays.unshared = sharing.stayed;
	stays.unanswered = sharing.unanswered;
	stays.unremembered = sharing.no_room;
	if (leaving->embargo) {
		struct qw_embargo_stats waiting = qw_embargo_stats(leaving->embargo);
		stays.waiting = waiting.waiting;
		stays.shed = waiting.shed;
	}
	return stays;
}

static bool is_news(const struct qw_stays *now, const struct qw_stays *told)
{
	return now->by_rule != told->by_rule || now->damaged != told->damaged || now->payload != told->payload || now->shed != told->shed ||
	       now->waiting > told->waiting;
}

static void tell(struct qw_leaving *leaving)
{
	const struct qw_stays *stays = &leaving->stays;

	qw_log(stays->shed > leaving->told_stays.shed ? QW_LOG_WARNING : QW_LOG_INFO, "RELEASE-STAYED",
	       "%" PRIu64 " alerts left, %" PRIu64 " of them changed; %" PRIu64 " stayed by release.stay and release.leave, %" PRIu64
	       " because they could not be changed; the payload of %" PRIu64 " stayed; %" PRIu64 " wait (release.embargo), %" PRIu64
	       " of those that waited will never leave for want of room",
	       stays->left, stays->changed, stays->by_rule, stays->damaged, stays->payload, stays->waiting, stays->shed);
	leaving->told_stays = *stays;
}

static void count_stays(struct qw_leaving *leaving, bool last)
{
	struct qw_time now = qw_time_monotonic();

	if (!last && now.ns - leaving->counted.ns < COUNT_MS * QW_NS_PER_MS)
		return;
	leaving->counted = now;
	leaving->stays = stays_of(leaving);
	qw_board_publish_stays(qw_shared_board(leaving->options.shared), &leaving->stays);
	if (!is_news(&leaving->stays, &leaving->told_stays) || (!last && now.ns - leaving->told.ns < TELL_S * QW_NS_PER_S))
		return;
	leaving->told = now;
	tell(leaving);
}

void qw_leaving_turn(struct qw_leaving *leaving, bool last)
{
	if (leaving->embargo)
		leave_whose_time_has_come(leaving);
	count_stays(leaving, last);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/normal/teller.h"

#include <stdio.h>
#include <string.h>

enum { SEVERE = 1 };

static bool is_open(const struct qw_teller *teller, struct qw_time now)
{
	return teller->until.ns && qw_time_before(now, teller->until);
}

static void open_window(struct qw_teller *teller, uint8_t severity, struct qw_time now)
{
	if (is_open(teller, now) && teller->severity < severity)
		return;
	teller->severity = severity;
	teller->until = qw_time_add(now, qw_time_seconds(QW_TELLER_FOLD_S));
}

static void tell(struct qw_teller *teller, const struct qw_finding *finding, unsigned others, struct qw_time now)
{
	char detail[QW_TELLER_TEXT_MAX + 64];
	struct qw_finding full = *finding;

	if (others) {
		snprintf(detail, sizeof(detail), "%s; %u more %s new with it: quaywatchctl baseline show --new", finding->detail, others,
			 others == 1 ? "thing is" : "things are");
		full.detail = detail;
	}
	teller->holds = false;
	open_window(teller, finding->row->severity, now);
	qw_world_tell(teller->world, &full);
}

static void hold(struct qw_teller *teller, const struct qw_finding *finding)
{
	teller->held = *finding;
	teller->held.app = NULL;
	if (finding->app) {
		snprintf(teller->app, sizeof(teller->app), "%s", finding->app);
		teller->held.app = teller->app;
	}
	snprintf(teller->detail, sizeof(teller->detail), "%s", finding->detail);
	teller->held.detail = teller->detail;
}

void qw_teller_say(struct qw_teller *teller, const struct qw_finding *finding)
{
	uint8_t severity = finding->row->severity;
	struct qw_time now = qw_finding_time(finding);

	if (is_open(teller, now) && severity >= teller->severity) {
		teller->folded++;
		return;
	}
	if (severity <= SEVERE) {
		tell(teller, finding, teller->holds ? teller->others + 1 : 0, now);
		return;
	}
	if (!teller->holds) {
		teller->holds = true;
		teller->others = 0;
		teller->due = qw_time_add(now, qw_time_seconds(QW_TELLER_HOLD_S));
		hold(teller, finding);
		return;
	}
	teller->others++;
	if (severity < teller->held.row->severity)
		hold(teller, finding);
}

static void tell_folded(struct qw_teller *teller, struct qw_time now)
{
	char detail[128];
	struct qw_finding finding = {.row = teller->more, .time = now, .detail = detail, .what = (uint64_t)now.ns};

	snprintf(detail, sizeof(detail), "%u more %s new in the last %d minutes: quaywatchctl baseline show --new", teller->folded,
		 teller->folded == 1 ? "thing was" : "things were", QW_TELLER_FOLD_S / 60);
	teller->folded = 0;
	qw_world_tell(teller->world, &finding);
}

void qw_teller_tick(struct qw_teller *teller, struct qw_time now)
{
	if (teller->holds && !qw_time_before(now, teller->due))
		tell(teller, &teller->held, teller->others, now);
	if (teller->until.ns && !is_open(teller, now)) {
		teller->until = (struct qw_time){0};
		if (teller->folded)
			tell_folded(teller, now);
	}
}

unsigned qw_teller_end(struct qw_teller *teller)
{
	if (teller->holds)
		tell(teller, &teller->held, teller->others, teller->held.time);
	return teller->folded;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/departures.h"

#include "quaywatch/log.h"

void qw_departures_init(struct qw_departures *departures, const struct qw_departures_options *options)
{
	*departures = (struct qw_departures){.options = *options};
}

static enum qw_err write_down(struct qw_departures *departures, enum qw_release_kind kind, struct qw_slice frame)
{
	static const enum qw_ledger_kind kinds[QW_RELEASE_KINDS] = {
	    [QW_RELEASE_KIND_PROPOSAL] = QW_LEDGER_PROPOSAL,
	    [QW_RELEASE_KIND_DRY_RUN] = QW_LEDGER_DRY_RUN,
	    [QW_RELEASE_KIND_SIGHTING] = QW_LEDGER_SIGHTING,
	};
	const struct qw_ledger_record record = {
	    .kind = kinds[kind],
	    .time_ns = qw_time_wall().ns,
	    .epoch = departures->options.epoch,
	    .sequence = departures->last + 1,
	    .data = frame,
	};
	enum qw_err err = departures->options.ledger ? qw_ledger_append(departures->options.ledger, &record) : QW_OK;

	departures->last += err == QW_OK;
	return err;
}

enum qw_err qw_departures_send(struct qw_departures *departures, enum qw_release_kind kind, struct qw_slice frame)
{
	const struct qw_departures_options *options = &departures->options;

	if (options->release && !qw_release_lets_kind(options->release, kind)) {
		departures->stayed[kind]++;
		return QW_EACCES;
	}
	if (!qw_session_is_ready(options->session))
		return QW_EAGAIN;
	enum qw_err err = write_down(departures, kind, frame);
	if (err != QW_OK)
		return err;
	err = qw_session_send(options->session, frame.data, frame.len);
	departures->left[kind] += err == QW_OK;
	departures->lost += err != QW_OK;
	if (err != QW_OK)
		qw_log(QW_LOG_WARNING, "DEPARTURE-LOST",
		       "record %llu is in the ledger, but the connection broke before it left",
		       (unsigned long long)departures->last);
	return err;
}

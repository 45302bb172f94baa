/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake.h"

#include <stdlib.h>

#include "collector/render.h"
#include "quaywatch/log.h"

/* A stream with lines in a group, and who is to hear of it. */
struct touch {
	struct qw_stream *stream;
	struct qw_routing routing;
};

/* A sensor that sends rubbish does not fill our own log as well. */
enum { TELL_S = 60 };

struct touches {
	struct touch *row;
	size_t count, room;
};

struct qw_intake {
	struct qw_intake_parts parts;
	struct touches group[2]; /* by the group's parity: one fills, one commits */
	struct qw_intake_stats stats;
	struct qw_time told; /* when a person was last told of bad alerts */
	struct qw_time wall; /* of the batch being taken */
};

enum qw_err qw_intake_new(struct qw_intake **out, const struct qw_intake_parts *parts)
{
	struct qw_intake *intake = calloc(1, sizeof(*intake));

	if (!intake)
		return QW_ENOMEM;
	intake->parts = *parts;
	*out = intake;
	return QW_OK;
}

void qw_intake_free(struct qw_intake *intake)
{
	if (!intake)
		return;
	free(intake->group[0].row);
	free(intake->group[1].row);
	free(intake);
}

struct qw_intake_stats qw_intake_stats(const struct qw_intake *intake)
{
	return intake->stats;
}

struct qw_post qw_intake_post(const struct qw_intake *intake)
{
	return intake->parts.post;
}

static void acknowledge(const struct qw_intake *intake, const struct qw_routing *routing,
			const struct qw_stream *stream)
{
	Quaywatch__Wire__Acknowledge acknowledge = QUAYWATCH__WIRE__ACKNOWLEDGE__INIT;
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;

	acknowledge.epoch = stream->epoch;
	acknowledge.through = stream->durable;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_ACKNOWLEDGE;
	frame.acknowledge = &acknowledge;
	/* One that is lost is made up for by the next, or after the sensor's next hello. */
	enum qw_err err = qw_post_frame(&intake->parts.post, routing, &frame);
	(void)err;
}

/* Room for one more touch in the filling group. */
static enum qw_err reserve(struct touches *touches)
{
	if (touches->count < touches->room)
		return QW_OK;
	size_t room = touches->room ? touches->room * 2 : 64;
	struct touch *row = realloc(touches->row, room * sizeof(*row));
	if (!row)
		return QW_ENOMEM;
	touches->row = row;
	touches->room = room;
	return QW_OK;
}

/* The stream's mark is to move once the group is durable.  Room was reserved. */
static void touch(struct qw_intake *intake, struct qw_stream *stream, const struct qw_peer *peer)
{
	uint64_t group = qw_journal_group(intake->parts.journal);
	unsigned parity = group & 1;
	struct touches *touches = &intake->group[parity];

	stream->through[parity] = stream->taken;
	if (stream->group[parity] == group)
		return;
	stream->group[parity] = group;
	touches->row[touches->count++] = (struct touch){stream, peer->routing};
}

void qw_intake_durable(struct qw_intake *intake, uint64_t group)
{
	unsigned parity = group & 1;
	struct touches *touches = &intake->group[parity];

	for (size_t i = 0; i < touches->count; i++) {
		struct touch *row = &touches->row[i];
		row->stream->durable = row->stream->through[parity];
		acknowledge(intake, &row->routing, row->stream);
	}
	touches->count = 0;
}

/* ---- one batch */

static size_t bound_of(const Quaywatch__Wire__AlertBatch *batch)
{
	size_t bound = 0;

	for (size_t i = 0; i < batch->n_alerts; i++)
		bound += qw_render_bound(batch->alerts[i]);
	return bound;
}

/* Sequences run from `first` and must not wrap. */
static bool is_batch(const Quaywatch__Wire__AlertBatch *batch)
{
	return batch->first > 0 && batch->n_alerts > 0 && batch->n_alerts <= QW_WIRE_BATCH_ALERTS &&
	       batch->first <= INT64_MAX - QW_WIRE_BATCH_ALERTS;
}

/* See the contract: only a sensor that said hello knows of its gaps. */
static bool leaves_gap(const struct qw_stream *stream, const struct qw_peer *peer, uint64_t first)
{
	return first > stream->taken + 1 && peer->hello == 0;
}

static void count_invalid(struct qw_intake *intake, struct qw_peer *peer, uint64_t sequence, struct qw_time now)
{
	intake->stats.invalid++;
	peer->invalid++;
	if (intake->told.ns != 0 && now.ns - intake->told.ns < TELL_S * QW_NS_PER_S)
		return;
	intake->told = now;
	qw_log(QW_LOG_WARNING, "ALERT-INVALID",
	       "%s/%s: alert %llu is no valid EVE record, a line in the log says so; is the sensor's version newer? "
	       "(%llu so far)",
	       peer->entrant->who.tenant, peer->entrant->who.sensor, (unsigned long long)sequence,
	       (unsigned long long)intake->stats.invalid);
}

static void see_indicator(struct qw_intake *intake, const struct qw_peer *peer, const Quaywatch__Wire__Alert *alert)
{
	if (!alert->indicator)
		return;
	struct qw_sighting_row row = {peer->entrant->who.tenant, alert->indicator->id,
				      alert->count > 0 && alert->count < UINT32_MAX ? alert->count : 1, intake->wall,
				      intake->wall};
	/* The alert itself is in the log; a count that the store could not take is not worth losing it. */
	enum qw_err err = qw_sightings_add(intake->parts.sightings, &row, intake->wall);
	(void)err;
}

static void take_alert(struct qw_intake *intake, struct qw_peer *peer, struct qw_stream *stream,
		       const Quaywatch__Wire__Alert *alert, struct qw_time now)
{
	struct qw_journal *journal = intake->parts.journal;
	struct qw_text *text = qw_journal_line(journal, qw_render_bound(alert));
	uint64_t sequence = ++stream->taken;
	size_t before = text->len;

	if (qw_render_is_alert(alert)) {
		qw_render_line(text, alert, &stream->who, stream->epoch, sequence);
		if (intake->parts.incidents)
			qw_incidents_see(intake->parts.incidents, text->at + before, text->len - before, intake->wall);
		see_indicator(intake, peer, alert);
		intake->stats.alerts++;
		peer->alerts++;
	} else {
		qw_render_substitute(text, &stream->who, stream->epoch, sequence, intake->wall);
		count_invalid(intake, peer, sequence, now);
	}
	qw_journal_end_line(journal, now);
}

/* Everything of the batch that is new; there is room for all of it. */
static void take_batch(struct qw_intake *intake, struct qw_peer *peer, struct qw_stream *stream,
		       const Quaywatch__Wire__AlertBatch *batch, struct qw_time now)
{
	size_t known = 0;

	if (batch->first > stream->taken + 1) {
		intake->stats.skipped += batch->first - stream->taken - 1;
		stream->taken = batch->first - 1;
	} else {
		uint64_t behind = stream->taken + 1 - batch->first;
		known = behind < batch->n_alerts ? (size_t)behind : batch->n_alerts;
	}
	intake->stats.duplicates += known;
	peer->duplicates += known;
	for (size_t i = known; i < batch->n_alerts; i++)
		take_alert(intake, peer, stream, batch->alerts[i], now);
	if (known < batch->n_alerts)
		touch(intake, stream, peer);
	else if (stream->durable == stream->taken) /* else the commit under way will tell */
		acknowledge(intake, &peer->routing, stream);
}

static enum qw_err refuse(struct qw_intake *intake, struct qw_peer *peer, uint64_t *counter, const char *why)
{
	(*counter)++;
	peer->refused++;
	peer->hello = 0; /* what follows would leave a gap that nobody meant */
	qw_post_refusal(&intake->parts.post, &peer->routing, "alerts", why);
	return QW_OK;
}

enum qw_err qw_intake_batch(struct qw_intake *intake, struct qw_peer *peer, const Quaywatch__Wire__AlertBatch *batch,
			    struct qw_time now)
{
	struct qw_journal *journal = intake->parts.journal;
	struct qw_stream *stream;

	intake->wall = qw_time_wall();
	if (qw_journal_state(journal) != QW_OK)
		return refuse(intake, peer, &intake->stats.unwilling, "the collector's log is not writable; keep them");
	if (!is_batch(batch))
		return refuse(intake, peer, &intake->stats.invalid, "no such batch: bad first sequence or count");
	if (!qw_journal_line(journal, bound_of(batch)))
		return QW_EAGAIN;
	enum qw_err err = reserve(&intake->group[qw_journal_group(journal) & 1]);
	if (err == QW_OK)
		err = qw_marks_get(&stream, intake->parts.marks, &peer->entrant->who, batch->epoch, intake->wall);
	if (err != QW_OK) {
		peer->hello = err == QW_EAGAIN ? peer->hello : 0;
		return err;
	}
	if (leaves_gap(stream, peer, batch->first)) {
		acknowledge(intake, &peer->routing, stream);
		return refuse(intake, peer, &intake->stats.gaps,
			      "alerts before these are missing; say hello and send from the oldest");
	}
	stream->used = intake->wall;
	intake->stats.batches++;
	take_batch(intake, peer, stream, batch, now);
	return QW_OK;
}

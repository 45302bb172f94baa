/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/frames.h"

#include <stdio.h>
#include <string.h>

#include "collector/trials.h"
#include "quaywatch/log.h"
#include "quaywatch/wire.h"

typedef enum qw_err take_body(struct qw_collector *collector, struct qw_peer *peer, const Quaywatch__Wire__Frame *frame,
			      struct qw_time now);

static struct qw_post post_of(struct qw_collector *collector)
{
	return qw_intake_post(collector->intake);
}

static enum qw_err take_hello(struct qw_collector *collector, struct qw_peer *peer, const Quaywatch__Wire__Frame *frame,
			      struct qw_time now)
{
	if (peer->hello == 0 && qw_peer_may_tell(peer, now))
		qw_log(QW_LOG_INFO, "SENSOR-HELLO", "%s/%s: %.*s", peer->entrant->who.tenant, peer->entrant->who.sensor,
		       QW_SOFTWARE_MAX, frame->hello->software);
	peer->dry_runs = frame->hello->dry_runs;
	enum qw_err err = qw_fanout_hello(collector->fanout, peer, frame->hello, now);
	return err == QW_OK ? qw_restoration_look(collector->restoration, peer, now) : err;
}

static enum qw_err take_alerts(struct qw_collector *collector, struct qw_peer *peer,
			       const Quaywatch__Wire__Frame *frame, struct qw_time now)
{
	return qw_intake_batch(collector->intake, peer, frame->alerts, now);
}

static enum qw_err take_receipt(struct qw_collector *collector, struct qw_peer *peer,
				const Quaywatch__Wire__Frame *frame, struct qw_time now)
{
	enum qw_err err = qw_fanout_receipt(collector->fanout, peer, frame->receipt, now);

	return err == QW_OK ? qw_restoration_look(collector->restoration, peer, now) : err;
}

static enum qw_err take_heartbeat(struct qw_collector *collector, struct qw_peer *peer,
				  const Quaywatch__Wire__Frame *frame, struct qw_time now)
{
	const Quaywatch__Wire__Heartbeat *beat = frame->heartbeat;
	enum qw_err err = QW_OK;

	peer->health = (struct qw_peer_health){
	    .packets = beat->packets,
	    .bytes = beat->bytes,
	    .drops = beat->drops,
	    .flows = beat->flows,
	    .alerts = beat->alerts,
	    .ring_lag_us = beat->ring_lag_us,
	    .spool_alerts = beat->spool_alerts,
	    .spool_shed = beat->spool_shed,
	    .workers = beat->workers,
	    .restarts = beat->restarts,
	};
	for (size_t i = 0; i < beat->n_channels && i < QW_PEER_CHANNELS && err == QW_OK; i++)
		err = qw_fanout_hear(collector->fanout, peer, beat->channels[i]);
	return err == QW_OK ? qw_restoration_look(collector->restoration, peer, now) : err;
}

static enum qw_err take_recalled(struct qw_collector *collector, struct qw_peer *peer,
				 const Quaywatch__Wire__Frame *frame, struct qw_time now)
{
	return qw_restoration_recalled(collector->restoration, peer, frame->recalled, now);
}

/* False: no indicator that we could hold. */
static bool read_indicator(const Quaywatch__Wire__Indicator *in, struct qw_indicator *out)
{
	size_t len = strnlen(in->value, QW_OBSERVABLE_TEXT_MAX + 1);

	qw_indicator_init(out);
	out->observable.type = qw_observable_type_parse(in->type, strlen(in->type));
	out->tlp = qw_tlp_parse(in->tlp, strlen(in->tlp));
	if (out->observable.type == QW_OBS_COUNT || out->tlp == QW_TLP_COUNT || len == 0 ||
	    len > QW_OBSERVABLE_TEXT_MAX || in->confidence > 100)
		return false;
	memcpy(out->observable.text, in->value, len);
	out->observable.text[len] = '\0';
	out->observable.len = (uint16_t)len;
	out->allow = in->allow;
	out->confidence = (uint8_t)in->confidence;
	return true;
}

enum { REASON_MAX = 200 };

/* Only what is the asker's own is told: how many others agree is not. */
static void answer_proposal(struct qw_collector *collector, const struct qw_peer *peer,
			    const Quaywatch__Wire__Proposal *proposal, enum qw_verdict verdict, const char *why)
{
	Quaywatch__Wire__ProposalAnswer answer = QUAYWATCH__WIRE__PROPOSAL_ANSWER__INIT;
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	struct qw_post post = post_of(collector);
	char name[32], sentence[QW_GUARD_SENTENCE_MAX];

	if (proposal->ticket == 0) {
		if (verdict > QW_VERDICT_KNOWN)
			qw_post_refusal(&post, &peer->routing, "proposal", qw_verdict_text(verdict));
		return;
	}
	answer.ticket = proposal->ticket;
	answer.accepted = verdict <= QW_VERDICT_KNOWN;
	snprintf(name, sizeof(name), "%s", verdict <= QW_VERDICT_WAITING ? "candidate" : qw_verdict_name(verdict));
	snprintf(sentence, sizeof(sentence), "%s", why);
	answer.verdict = name;
	answer.why = sentence;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_PROPOSAL_ANSWER;
	frame.proposal_answer = &answer;
	if (qw_post_frame(&post, &peer->routing, &frame) != QW_OK)
		qw_log(QW_LOG_DEBUG, "PROPOSAL", "an answer could not be sent: the sensor is gone, or its queue is full");
}

static enum qw_err take_proposal(struct qw_collector *collector, struct qw_peer *peer,
				 const Quaywatch__Wire__Frame *frame, struct qw_time now)
{
	const Quaywatch__Wire__Proposal *proposal = frame->proposal;
	const struct qw_identity *who = &peer->entrant->who;
	struct qw_judgement judgement;
	struct qw_indicator indicator;
	char reason[REASON_MAX + 1];
	const struct qw_offered offered = {
	    .indicator = &indicator,
	    .kind = proposal->gid ? QW_EVIDENCE_ALERT : QW_EVIDENCE_PROPOSAL,
	    .gid = proposal->gid,
	    .sid = proposal->sid,
	    .reason = reason,
	};
	bool is_one = proposal->indicator && read_indicator(proposal->indicator, &indicator);

	snprintf(reason, sizeof(reason), "%s", proposal->reason);
	enum qw_err err = is_one ? qw_promotion_propose(collector->promotion, who, &offered, qw_time_wall(), &judgement)
				 : qw_promotion_malformed(collector->promotion, who, qw_time_wall(), &judgement);
	if (err != QW_OK)
		return err;
	answer_proposal(collector, peer, proposal, judgement.verdict,
			judgement.verdict <= QW_VERDICT_WAITING ? "accepted as a candidate; it goes to all once enough tenants agree"
								: qw_verdict_text(judgement.verdict));
	return QW_OK;
}

static enum qw_err take_dry_run_result(struct qw_collector *collector, struct qw_peer *peer,
				       const Quaywatch__Wire__Frame *frame, struct qw_time now)
{
	qw_trials_answer(collector, peer, frame->dry_run_result);
	return qw_trials_turn(collector);
}

static enum qw_err take_sighting(struct qw_collector *collector, struct qw_peer *peer,
				 const Quaywatch__Wire__Frame *frame, struct qw_time now)
{
	const Quaywatch__Wire__Sighting *sighting = frame->sighting;
	struct qw_time wall = qw_time_wall();
	struct qw_sighting_row row = {peer->entrant->who.tenant, sighting->id,
				      sighting->count > 0 && sighting->count < UINT32_MAX ? sighting->count : 1,
				      qw_time_ns(sighting->first_ns), qw_time_ns(sighting->last_ns)};

	/* Nobody has seen what is to come. */
	row.first.ns = row.first.ns < wall.ns ? row.first.ns : wall.ns;
	row.last.ns = row.last.ns < wall.ns ? row.last.ns : wall.ns;
	return qw_sightings_add(collector->sightings, &row, wall);
}

static enum qw_err take_fetch(struct qw_collector *collector, struct qw_peer *peer, const Quaywatch__Wire__Frame *frame,
			      struct qw_time now)
{
	return qw_fanout_fetch(collector->fanout, peer, frame->fetch, now);
}

static take_body *const bodies[] = {
    [QUAYWATCH__WIRE__FRAME__BODY_HELLO] = take_hello,
    [QUAYWATCH__WIRE__FRAME__BODY_ALERTS] = take_alerts,
    [QUAYWATCH__WIRE__FRAME__BODY_RECEIPT] = take_receipt,
    [QUAYWATCH__WIRE__FRAME__BODY_HEARTBEAT] = take_heartbeat,
    [QUAYWATCH__WIRE__FRAME__BODY_PROPOSAL] = take_proposal,
    [QUAYWATCH__WIRE__FRAME__BODY_SIGHTING] = take_sighting,
    [QUAYWATCH__WIRE__FRAME__BODY_FETCH] = take_fetch,
    [QUAYWATCH__WIRE__FRAME__BODY_DRY_RUN_RESULT] = take_dry_run_result,
    [QUAYWATCH__WIRE__FRAME__BODY_RECALLED] = take_recalled,
};

static enum qw_err dispatch(struct qw_collector *collector, struct qw_peer *peer, const Quaywatch__Wire__Frame *frame)
{
	size_t body = (size_t)frame->body_case;
	take_body *take = body < sizeof(bodies) / sizeof(bodies[0]) ? bodies[body] : NULL;
	struct qw_time now = qw_time_monotonic();

	peer->seen = now;
	if (!take) {
		collector->frames.unknown++;
		return QW_OK;
	}
	enum qw_err err = take(collector, peer, frame, now);
	if (err != QW_OK && err != QW_EAGAIN)
		qw_log(QW_LOG_ERROR, "FRAME-FAILED", "%s/%s: could not take what it sent: %s (%s)",
		       peer->entrant->who.tenant, peer->entrant->who.sensor, qw_strerror(err),
		       qw_store_message(collector->store));
	return err;
}

/* The connection, if its key is still good. */
static struct qw_peer *admit(struct qw_collector *collector, const struct qw_routing *routing, const char *key)
{
	const struct qw_entrant *entrant = key ? qw_registry_find(collector->registry, key) : NULL;
	struct qw_peer *peer = qw_peers_find(collector->peers, routing);
	struct qw_post post = post_of(collector);

	if (peer && peer->entrant == entrant && entrant->admitted)
		return peer;
	if (peer)
		qw_peers_drop(collector->peers, peer);
	if (!entrant || !entrant->admitted) {
		if (collector->frames.revoked++ == 0 || peer)
			qw_log(QW_LOG_WARNING, "KEY-REVOKED",
			       "%s/%s still sends under a key that was revoked; stop or enrol it anew",
			       entrant ? entrant->who.tenant : "?", entrant ? entrant->who.sensor : "?");
		qw_post_refusal(&post, routing, "key", "this key was revoked; ask the port to enrol the sensor anew");
		return NULL;
	}
	if (qw_peers_add(&peer, collector->peers, routing, entrant, qw_time_monotonic()) != QW_OK)
		return NULL;
	return peer;
}

enum qw_err qw_frames_take(struct qw_collector *collector, const struct qw_routing *routing, const char *key,
			   const uint8_t *data, size_t len)
{
	Quaywatch__Wire__Frame *frame;
	struct qw_peer *peer = admit(collector, routing, key);

	if (!peer)
		return QW_OK;
	collector->frames.frames++;
	enum qw_err err = qw_frame_unpack(&frame, data, len);
	if (err != QW_OK) {
		struct qw_post post = post_of(collector);
		collector->frames.malformed++;
		qw_post_refusal(&post, routing, "frame", qw_strerror(err));
		return QW_OK;
	}
	err = dispatch(collector, peer, frame);
	qw_frame_free(frame);
	return err;
}

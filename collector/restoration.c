/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/restoration_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/log.h"

enum {
	ANSWER_S = 3,    /* that a sensor has for an answer */
	SILENT_MOST = 2, /* answers that it may owe */
	PROGRESS = 3,    /* a hold's part that publication waits after a change came in … */
	HOLDS_MOST = 10, /* … but no longer than so many holds in all */
	TELL_S = 60,
	TERM_MOST = 1000000,
};

enum qw_err qw_restoration_new(struct qw_restoration **out, const struct qw_restoration_parts *parts)
{
	struct qw_restoration *restoration = calloc(1, sizeof(*restoration));

	if (!restoration)
		return QW_ENOMEM;
	restoration->parts = *parts;
	*out = restoration;
	return QW_OK;
}

void qw_restoration_free(struct qw_restoration *restoration)
{
	if (!restoration)
		return;
	free(restoration->channel);
	free(restoration);
}

struct qw_restoration_stats qw_restoration_stats(const struct qw_restoration *restoration)
{
	return restoration->stats;
}

/* ---- channels */

static struct qw_restoring *find(const struct qw_restoration *restoration, const char *channel)
{
	for (size_t i = 0; i < restoration->count; i++)
		if (strcmp(restoration->channel[i].channel, channel) == 0)
			return &restoration->channel[i];
	return NULL;
}

static enum qw_err find_or_make(struct qw_restoring **out, struct qw_restoration *restoration, const char *channel)
{
	*out = find(restoration, channel);
	if (*out)
		return QW_OK;
	struct qw_restoring *grown = realloc(restoration->channel, (restoration->count + 1) * sizeof(*grown));
	if (!grown)
		return QW_ENOMEM;
	restoration->channel = grown;
	*out = &grown[restoration->count++];
	memset(*out, 0, sizeof(**out));
	snprintf((*out)->channel, sizeof((*out)->channel), "%s", channel);
	return QW_OK;
}

static enum qw_err order_of(const struct qw_restoration *restoration, const char *name, struct qw_order *out)
{
	struct qw_channel *channel;
	enum qw_err err = qw_channels_get(&channel, restoration->parts.channels, name);

	if (err == QW_OK)
		*out = qw_channel_order(channel);
	return err;
}

/* ---- the end of it */

static void end_well(const struct qw_restoration *restoration, struct qw_restoring *restoring, struct qw_order ours)
{
	restoring->state = QW_RESTORING_NOT;
	if (restoring->recovered == 0)
		return; /* who claimed it is gone; should it come back, the hold is the same */
	restoring->held = false;
	qw_channels_save(restoration->parts.channels, restoring->channel);
	qw_log(QW_LOG_WARNING, "RECOVERED",
	       "channel %s: %llu changes came back from sensors; we hold all up to %llu.%llu", restoring->channel,
	       (unsigned long long)restoring->recovered, (unsigned long long)ours.term,
	       (unsigned long long)ours.sequence);
	restoring->recovered = 0;
}

static void give_up(struct qw_restoration *restoration, struct qw_restoring *restoring, struct qw_peer *peer,
		    struct qw_order ours, struct qw_time now)
{
	struct qw_order theirs = qw_restoring_claim(peer, restoring->channel, ours)->order;
	bool own = strcmp(restoring->channel, QW_COMMUNITY) != 0;
	uint64_t term = theirs.term < TERM_MOST ? theirs.term : ours.term; /* who claims more lies */

	restoring->state = QW_RESTORING_FAILED;
	restoration->stats.failed++;
	if (restoring->told.ns && now.ns - restoring->told.ns < TELL_S * QW_NS_PER_S)
		return;
	restoring->told = now;
	qw_log(QW_LOG_ERROR, "RECOVERY-FAILED",
	       "channel %s: %s/%s says that it holds %llu.%llu, we hold %llu.%llu (%llu changes came back), and no "
	       "sensor that is "
	       "connected has what lies between. Changes are taken again, but sensors that are ahead do not get them: "
	       "connect one "
	       "that has the rest before you change anything, or give it up: quaywatchctl channel term --to %llu%s%s",
	       restoring->channel, peer->entrant->who.tenant, peer->entrant->who.sensor,
	       (unsigned long long)theirs.term, (unsigned long long)theirs.sequence, (unsigned long long)ours.term,
	       (unsigned long long)ours.sequence, (unsigned long long)restoring->recovered,
	       (unsigned long long)term + 1, own ? " --tenant " : "", own ? restoring->channel : "");
}

/* ---- asking */

static void let_go(const struct qw_restoring *restoring, struct qw_peer *peer, struct qw_claim *claim, const char *why)
{
	claim->spent = true;
	peer->unbacked++;
	qw_log(QW_LOG_WARNING, "SENSOR-UNBACKED",
	       "%s/%s says that it holds %s %llu.%llu, and %s; it is not asked again until it connects anew",
	       peer->entrant->who.tenant, peer->entrant->who.sensor, restoring->channel,
	       (unsigned long long)claim->order.term, (unsigned long long)claim->order.sequence, why);
}

/* The one that was asked did not answer in time. */
static void end_waiting(struct qw_restoration *restoration, struct qw_restoring *restoring, struct qw_order ours)
{
	struct qw_peer *peer = qw_peers_find(restoration->parts.peers, &restoring->asked);
	struct qw_claim *claim = peer ? qw_restoring_claim(peer, restoring->channel, ours) : NULL;

	restoring->waiting = false;
	restoration->stats.silent++;
	if (claim && ++claim->silent >= SILENT_MOST)
		let_go(restoring, peer, claim, "does not answer when it is asked for the changes");
}

static void ask_next(struct qw_restoration *restoration, struct qw_restoring *restoring, struct qw_order ours,
		     struct qw_time now)
{
	struct qw_peer *peer;

	while ((peer = qw_restoring_choose(restoration, restoring->channel, ours))) {
		enum qw_err err = qw_restoring_ask(restoration, restoring, peer, ours, now);
		struct qw_claim *claim = qw_restoring_claim(peer, restoring->channel, ours);
		if (err == QW_OK)
			return;
		claim->asked++; /* one that does not read what we send must not stand before the others */
		if (err == QW_EAGAIN && now.ns < restoring->until.ns)
			return; /* its queue is full; the next turn asks who was asked least */
		claim->spent = true;
	}
	peer = qw_restoring_highest(restoration, restoring->channel, ours);
	if (!peer)
		end_well(restoration, restoring, ours);
	else if (now.ns >= restoring->until.ns)
		give_up(restoration, restoring, peer, ours, now);
}

static void advance(struct qw_restoration *restoration, struct qw_restoring *restoring, struct qw_time now)
{
	struct qw_order ours;

	if (restoring->state != QW_RESTORING || order_of(restoration, restoring->channel, &ours) != QW_OK)
		return;
	if (restoring->waiting && now.ns - restoring->asked_at.ns >= ANSWER_S * QW_NS_PER_S)
		end_waiting(restoration, restoring, ours);
	if (!restoring->waiting)
		ask_next(restoration, restoring, ours, now);
}

void qw_restoration_turn(struct qw_restoration *restoration, struct qw_time now)
{
	for (size_t i = 0; i < restoration->count; i++)
		advance(restoration, &restoration->channel[i], now);
}

static void begin(struct qw_restoration *restoration, struct qw_restoring *restoring, const struct qw_peer *peer,
		  struct qw_order ours, struct qw_order theirs, struct qw_time now)
{
	bool first = !restoring->held;

	restoring->state = QW_RESTORING;
	restoring->held = true;
	restoring->began = now;
	if (first)
		restoring->until = qw_time_add(now, restoration->parts.hold);
	restoring->recovered = 0;
	if (first)
		qw_log(QW_LOG_WARNING, "RECOVERING",
		       "channel %s: %s/%s says that it holds %llu.%llu, we hold %llu.%llu, as after a restored backup; "
		       "asking the "
		       "sensors for what lies between, and taking no changes until then",
		       restoring->channel, peer->entrant->who.tenant, peer->entrant->who.sensor,
		       (unsigned long long)theirs.term, (unsigned long long)theirs.sequence,
		       (unsigned long long)ours.term, (unsigned long long)ours.sequence);
	advance(restoration, restoring, now);
}

enum qw_err qw_restoration_look(struct qw_restoration *restoration, const struct qw_peer *peer, struct qw_time now)
{
	for (unsigned i = 0; i < QW_PEER_CHANNELS; i++) {
		const struct qw_claim *claim = &peer->claim[i];
		const char *name = qw_peer_channel_name(peer, i);
		struct qw_restoring *restoring;
		struct qw_order ours;
		if (claim->order.sequence == 0 || claim->spent)
			continue;
		enum qw_err err = order_of(restoration, name, &ours);
		if (err == QW_OK && qw_order_before(ours, claim->order))
			err = find_or_make(&restoring, restoration, name);
		else
			continue;
		if (err != QW_OK)
			return err;
		if (restoring->state == QW_RESTORING_NOT || (restoring->state == QW_RESTORING_FAILED && peer->recalls))
			begin(restoration, restoring, peer, ours, claim->order, now);
		else
			advance(restoration, restoring, now);
	}
	return QW_OK;
}

/* ---- answers */

/* As many as fit onto what we hold; *taken of them. */
static enum qw_err take_deltas(struct qw_restoration *restoration, const char *channel,
			       const Quaywatch__Wire__Recalled *recalled, uint64_t *taken)
{
	struct qw_channels *channels = restoration->parts.channels;
	enum qw_err err = QW_OK;

	for (size_t i = 0; i < recalled->n_deltas && (err == QW_OK || err == QW_EEXIST); i++) {
		err = qw_channels_recover(channels, channel, recalled->deltas[i].data, recalled->deltas[i].len);
		*taken += err == QW_OK;
	}
	if (*taken == 0)
		return err == QW_OK ? QW_EEXIST : err;
	enum qw_err kept = qw_channels_keep(channels, channel);
	return kept == QW_OK ? err : kept;
}

/* Whether the delta that did not fit comes right after what we hold: then it was made on another branch. */
static bool is_of_a_fork(const Quaywatch__Wire__Recalled *recalled, struct qw_order ours)
{
	struct qw_delta_head head;

	for (size_t i = 0; i < recalled->n_deltas; i++)
		if (qw_delta_head(&head, recalled->deltas[i].data, recalled->deltas[i].len) == QW_OK &&
		    qw_order_follows(head.order, ours))
			return true;
	return false;
}

/* QW_OK: it can be asked on. */
static enum qw_err judge(struct qw_restoration *restoration, struct qw_restoring *restoring, struct qw_peer *peer,
			 const Quaywatch__Wire__Recalled *recalled, enum qw_err err)
{
	struct qw_order ours;
	enum qw_err known = order_of(restoration, restoring->channel, &ours);
	struct qw_claim *claim = known == QW_OK ? qw_restoring_claim(peer, restoring->channel, ours) : NULL;

	if (!claim)
		return known; /* it showed all that it claimed */
	if (err == QW_EORDER && is_of_a_fork(recalled, ours))
		qw_channels_forked(restoration->parts.channels, restoring->channel, ours, &peer->entrant->who);
	switch (err) {
	case QW_OK: return QW_OK;
	case QW_EORDER:
	case QW_EEXIST:
	case QW_ESIGN:
	case QW_ELIMIT:
	case QW_EFORMAT:
		restoration->stats.bad++;
		let_go(restoring, peer, claim,
		       "what it sent for it does not follow from what we hold, or is not the port's");
		return QW_OK;
	default: claim->spent = true; return err; /* ours; another may be asked */
	}
}

enum qw_err qw_restoration_recalled(struct qw_restoration *restoration, struct qw_peer *peer,
				    const Quaywatch__Wire__Recalled *recalled, struct qw_time now)
{
	struct qw_restoring *restoring = find(restoration, recalled->channel);
	unsigned index = qw_peer_channel_find(peer, recalled->channel);
	uint64_t taken = 0;

	if (!restoring || !restoring->waiting || index == QW_PEER_CHANNELS || restoring->state != QW_RESTORING ||
	    restoring->asked.len != peer->routing.len ||
	    memcmp(restoring->asked.bytes, peer->routing.bytes, peer->routing.len) != 0 || !recalled->after ||
	    recalled->after->term != restoring->after.term || recalled->after->sequence != restoring->after.sequence) {
		restoration->stats.unasked++;
		return QW_OK;
	}
	restoring->waiting = false;
	peer->claim[index].silent = 0;
	enum qw_err err = QW_OK;
	if (recalled->n_deltas == 0) {
		restoration->stats.lacking++;
		peer->claim[index].spent = true;
	} else {
		err = take_deltas(restoration, restoring->channel, recalled, &taken);
		err = judge(restoration, restoring, peer, recalled, err);
	}
	if (taken) {
		struct qw_time most =
		    qw_time_add(restoring->began, qw_time_ns(HOLDS_MOST * restoration->parts.hold.ns));
		struct qw_time on = qw_time_add(now, qw_time_ns(restoration->parts.hold.ns / PROGRESS));
		on = qw_time_before(on, most) ? on : most;
		restoring->until = qw_time_before(restoring->until, on) ? on : restoring->until;
		restoring->recovered += taken;
		restoration->stats.recovered += taken;
		++*restoration->parts.allow_changes;
	}
	advance(restoration, restoring, now);
	return err;
}

/* ---- what waits for it */

bool qw_restoration_holds(const struct qw_restoration *restoration, const char *channel, struct qw_time now,
			  char sentence[QW_RESTORATION_SENTENCE_MAX])
{
	const struct qw_restoring *restoring = find(restoration, channel);
	struct qw_order ours;

	if (!restoring || restoring->state != QW_RESTORING || now.ns >= restoring->until.ns)
		return false;
	if (!sentence || order_of(restoration, channel, &ours) != QW_OK)
		return true;
	struct qw_peer *peer = qw_restoring_highest(restoration, channel, ours);
	const struct qw_claim *claim = peer ? qw_restoring_claim(peer, channel, ours) : NULL;
	unsigned long long lost = claim && claim->order.term == ours.term ? claim->order.sequence - ours.sequence : 0;
	char many[32] = "the changes";
	if (lost)
		snprintf(many, sizeof(many), "%llu changes", lost);
	snprintf(sentence, QW_RESTORATION_SENTENCE_MAX,
		 "recovering %s of %s from its sensors, as after a restored backup; try again in a moment (%lld "
		 "seconds at most)",
		 many, channel, (long long)((restoring->until.ns - now.ns) / QW_NS_PER_S + 1));
	return true;
}

bool qw_restoration_is_settled(struct qw_restoration *restoration, struct qw_time now)
{
	struct qw_time enough = qw_time_add(restoration->parts.now, restoration->parts.hold);

	for (size_t i = 0; i < restoration->count; i++)
		if (restoration->channel[i].state == QW_RESTORING && now.ns < restoration->channel[i].until.ns)
			return false;
	if (!restoration->settled)
		restoration->settled = now.ns >= enough.ns || qw_restoring_all_there(restoration);
	return restoration->settled;
}

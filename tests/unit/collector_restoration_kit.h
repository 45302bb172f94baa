/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collector_restoration_kit - a port's history, a collector that was restored in the middle of it, and sensors of every
 * manner.
 */
#pragma once

#include "tests/unit/collector_kit.h"

#include "collector/publication.h"
#include "collector/restoration.h"

enum { MADE = 50, KEPT = 20, PEERS = 4, HOLD_S = 30 };

/* What a sensor does when it is asked. */
enum manner { HONEST, SILENT, DEAF, WITHOUT, FORGES, REPEATS, DRIBBLES, ELSEWHERE };

struct rig {
	char folder[128];
	struct qw_store *store;
	struct qw_signer signer;
	struct qw_sign_pair root;
	struct qw_channels *channels;
	struct qw_peers *peers;
	struct qw_restoration *restoration;
	uint64_t allow_changes;
	struct qw_time now, wall;
	struct qw_entrant entrant[PEERS];
	enum manner manner[PEERS];
	size_t expected;
	uint8_t *delta[MADE + 1], *other[MADE + 1]; /* by sequence, of the port's history, and of a branch of it */
	size_t len[MADE + 1], other_len[MADE + 1];
	/* The last recall. */
	bool asked;
	unsigned whom, recalls[PEERS];
	struct qw_order after;
};

static inline enum qw_err hear(void *ctx, const struct qw_routing *routing, const uint8_t *data, size_t len)
{
	struct rig *rig = ctx;
	Quaywatch__Wire__Frame *frame;

	if (rig->manner[routing->bytes[0]] == DEAF)
		return QW_EAGAIN; /* its queue is full: it does not read */
	assert_int_equal(qw_frame_unpack(&frame, data, len), QW_OK);
	assert_int_equal(frame->body_case, QUAYWATCH__WIRE__FRAME__BODY_RECALL);
	rig->asked = true;
	rig->whom = routing->bytes[0];
	rig->recalls[rig->whom]++;
	rig->after = (struct qw_order){frame->recall->after->term, frame->recall->after->sequence};
	qw_frame_free(frame);
	return QW_OK;
}

static inline size_t count_expected(void *ctx)
{
	return ((struct rig *)ctx)->expected;
}

/* ---- the port's history, as it was before the disk failed */

static inline void delegate(struct rig *rig, int64_t from_s, int64_t to_s)
{
	free(rig->signer.delegation);
	rig->signer.terms = (struct qw_delegation){.rights = QW_RIGHT_INDICATORS | QW_RIGHT_ALLOW | QW_RIGHT_SIGNATURES,
						   .not_before = qw_time_add(rig->wall, qw_time_seconds(from_s)),
						   .not_after = qw_time_add(rig->wall, qw_time_seconds(to_s))};
	memcpy(rig->signer.terms.online_key, rig->signer.online.public_key, QW_SIGN_PUBLIC_BYTES);
	assert_int_equal(
	    qw_delegation_sign(&rig->signer.terms, &rig->root, &rig->signer.delegation, &rig->signer.delegation_len),
	    QW_OK);
}

static inline struct qw_entry entry_of(unsigned number, bool allow, uint8_t **body)
{
	struct qw_indicator indicator;
	struct qw_entry entry;

	qw_indicator_init(&indicator);
	indicator.observable.type = QW_OBS_DOMAIN;
	indicator.observable.len =
	    (uint16_t)snprintf(indicator.observable.text, sizeof(indicator.observable.text), "n%u.example", number);
	indicator.confidence = 66;
	indicator.allow = allow;
	snprintf(indicator.source, sizeof(indicator.source), "partner");
	assert_int_equal(qw_entry_of_indicator(&entry, body, &indicator), QW_OK);
	return entry;
}

/* Change number n adds n; every tenth takes back the one before, every ninth allows. */
static inline void make_change(struct rig *rig, struct qw_channel *channel, unsigned number, unsigned shift,
			       struct qw_time at, uint8_t **delta, size_t *len)
{
	uint8_t *body;
	struct qw_entry entry =
	    entry_of(number % 10 == 0 ? number - 1 + shift : number + shift, number % 9 == 0, &body);

	entry.removed = number % 10 == 0;
	if (entry.removed && (number - 1) % 9 == 0)
		entry.kind = QW_ENTRY_INDICATOR;
	assert_int_equal(qw_channel_commit(channel, &entry, 1, &rig->signer.online, rig->signer.delegation,
					   rig->signer.delegation_len, at, delta, len),
			 QW_OK);
	free(body);
}

/* Each a minute after the one before; the last an hour ago. */
static inline struct qw_time made_at(const struct rig *rig, unsigned number)
{
	return qw_time_sub(rig->wall, qw_time_seconds(3600 + (MADE - (int64_t)number) * 60));
}

static inline void make_history(struct rig *rig, uint8_t **delta, size_t *len, unsigned from, unsigned shift)
{
	struct qw_channel *channel;

	assert_int_equal(qw_channel_new(&channel, QW_COMMUNITY), QW_OK);
	for (unsigned i = 1; i < from; i++)
		assert_int_equal(qw_channel_apply(channel, rig->delta[i], rig->len[i], rig->root.public_key,
						  made_at(rig, i), NULL, NULL),
				 QW_OK);
	for (unsigned i = from; i <= MADE; i++)
		make_change(rig, channel, i, shift, made_at(rig, i), &delta[i], &len[i]);
	qw_channel_free(channel);
}

/* ---- the collector, restored */

static inline struct qw_order ours(struct rig *rig)
{
	struct qw_channel *channel;

	assert_int_equal(qw_channels_get(&channel, rig->channels, QW_COMMUNITY), QW_OK);
	return qw_channel_order(channel);
}

static inline void open_collector(struct rig *rig)
{
	char path[256];

	kit_path(path, rig->folder, "collector.db");
	assert_int_equal(qw_store_open(&rig->store, path), QW_OK);
	assert_int_equal(qw_channels_open(&rig->channels, rig->folder, rig->store, &rig->signer), QW_OK);
	struct qw_restoration_parts parts = {
	    .channels = rig->channels,
	    .peers = rig->peers,
	    .post = {hear, rig},
	    .allow_changes = &rig->allow_changes,
	    .expected = count_expected,
	    .ctx = rig,
	    .hold = qw_time_seconds(HOLD_S),
	    .now = rig->now,
	};
	assert_int_equal(qw_restoration_new(&rig->restoration, &parts), QW_OK);
}

static inline void close_collector(struct rig *rig)
{
	qw_restoration_free(rig->restoration);
	qw_channels_close(rig->channels);
	qw_store_close(rig->store);
}

static inline int enter(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	char folder[] = P_tmpdir "/quaywatch-test-XXXXXX";

	if (!rig || !mkdtemp(folder))
		return -1;
	snprintf(rig->folder, sizeof(rig->folder), "%s", folder);
	rig->now = qw_time_seconds(5000);
	rig->wall = qw_time_wall();
	rig->expected = PEERS + 1;
	assert_int_equal(qw_keys_start(), QW_OK);
	qw_sign_generate(&rig->root);
	qw_sign_generate(&rig->signer.online);
	memcpy(rig->signer.root, rig->root.public_key, sizeof(rig->signer.root));
	delegate(rig, -86400, 86400);
	make_history(rig, rig->delta, rig->len, 1, 0);
	make_history(rig, rig->other, rig->other_len, KEPT + 1, 1000);
	assert_int_equal(qw_peers_new(&rig->peers), QW_OK);
	open_collector(rig);
	assert_int_equal(ours(rig).sequence, 0);
	for (unsigned i = 1; i <= KEPT; i++)
		assert_int_equal(qw_channels_recover(rig->channels, QW_COMMUNITY, rig->delta[i], rig->len[i]), QW_OK);
	assert_int_equal(qw_channels_keep(rig->channels, QW_COMMUNITY), QW_OK);
	*state = rig;
	return 0;
}

static inline int leave(void **state)
{
	struct rig *rig = *state;

	close_collector(rig);
	qw_peers_free(rig->peers);
	for (unsigned i = 0; i <= MADE; i++) {
		free(rig->delta[i]);
		free(rig->other[i]);
	}
	qw_signer_wipe(&rig->signer);
	kit_remove(rig->folder);
	free(rig);
	return 0;
}

/* ---- sensors */

static inline struct qw_peer *peer_of(struct rig *rig, unsigned number)
{
	struct qw_routing routing = {1, {(uint8_t)number}};

	return qw_peers_find(rig->peers, &routing);
}

/* It connects, and says what it holds. */
static inline void connect(struct rig *rig, unsigned number, enum manner manner, uint64_t claims)
{
	struct qw_routing routing = {1, {(uint8_t)number}};
	struct qw_peer *peer = peer_of(rig, number);

	if (peer)
		qw_peers_drop(rig->peers, peer);
	snprintf(rig->entrant[number].who.tenant, sizeof(rig->entrant[number].who.tenant), "t%u", number);
	snprintf(rig->entrant[number].who.sensor, sizeof(rig->entrant[number].who.sensor), "gate");
	rig->entrant[number].admitted = true;
	rig->manner[number] = manner;
	assert_int_equal(qw_peers_add(&peer, rig->peers, &routing, &rig->entrant[number], rig->now), QW_OK);
	peer->hello = number + 1;
	peer->recalls = true;
	peer->claim[QW_PEER_COMMUNITY].order = (struct qw_order){1, claims};
	assert_int_equal(qw_restoration_look(rig->restoration, peer, rig->now), QW_OK);
}

static inline void send_deltas(struct rig *rig, unsigned number, struct qw_order after, ProtobufCBinaryData *deltas,
			       size_t count)
{
	Quaywatch__Wire__Recalled recalled = QUAYWATCH__WIRE__RECALLED__INIT;
	Quaywatch__Wire__Order order = QUAYWATCH__WIRE__ORDER__INIT;

	order.term = after.term;
	order.sequence = after.sequence;
	recalled.channel = (char *)(uintptr_t)QW_COMMUNITY;
	recalled.after = &order;
	recalled.deltas = deltas;
	recalled.n_deltas = count;
	assert_int_equal(qw_restoration_recalled(rig->restoration, peer_of(rig, number), &recalled, rig->now), QW_OK);
}

/* The one that was asked does what it does; false: nothing. */
static inline bool answer(struct rig *rig)
{
	ProtobufCBinaryData rows[MADE];
	uint64_t from = rig->after.sequence + 1;
	size_t count = 0;
	static const size_t most[] = {
	    [HONEST] = 7, [WITHOUT] = 0, [FORGES] = 3, [REPEATS] = 1, [DRIBBLES] = 1, [ELSEWHERE] = 3};
	enum manner manner = rig->manner[rig->whom];

	if (!rig->asked || manner == SILENT)
		return false;
	rig->asked = false;
	if (manner == REPEATS)
		from = 1;
	for (uint64_t i = from; i <= MADE && count < most[manner]; i++, count++)
		rows[count] = manner == ELSEWHERE ? (ProtobufCBinaryData){rig->other_len[i], rig->other[i]}
						  : (ProtobufCBinaryData){rig->len[i], rig->delta[i]};
	if (manner == FORGES && count > 1)
		rows[1].data[rows[1].len / 2] ^= 1;
	send_deltas(rig, rig->whom, rig->after, rows, count);
	if (manner == FORGES && count > 1)
		rows[1].data[rows[1].len / 2] ^= 1;
	return true;
}

static inline void wait(struct rig *rig, int64_t ms)
{
	rig->now = qw_time_add(rig->now, qw_time_ns(ms * QW_NS_PER_MS));
	qw_restoration_turn(rig->restoration, rig->now);
}

/* As long as something comes in. */
static inline void play(struct rig *rig)
{
	while (answer(rig))
		wait(rig, 10);
}

static inline bool holds(struct rig *rig)
{
	return qw_restoration_holds(rig->restoration, QW_COMMUNITY, rig->now, NULL);
}

static inline struct qw_restoration_stats stats(struct rig *rig)
{
	return qw_restoration_stats(rig->restoration);
}

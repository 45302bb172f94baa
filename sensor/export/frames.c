/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/frames.h"

#include <stdlib.h>

#include "quaywatch/version.h"
#include "quaywatch/wire.h"

static char *borrowed(const char *text)
{
	return (char *)(uintptr_t)text; /* packing only reads it */
}

static enum qw_err send(struct qw_session *session, Quaywatch__Wire__Frame *frame)
{
	uint8_t *data;
	size_t len;

	frame->version = QW_WIRE_VERSION;
	enum qw_err err = qw_frame_pack(frame, &data, &len);
	if (err != QW_OK)
		return err;
	err = qw_session_send(session, data, len);
	free(data);
	return err;
}

/* What the tenant's policy has a word in, and the ledger is to have. */
static enum qw_err depart(struct qw_departures *departures, enum qw_release_kind kind, Quaywatch__Wire__Frame *frame)
{
	uint8_t *data;
	size_t len;

	frame->version = QW_WIRE_VERSION;
	enum qw_err err = qw_frame_pack(frame, &data, &len);
	if (err != QW_OK)
		return err;
	err = qw_departures_send(departures, kind, qw_slice(data, len));
	free(data);
	return err;
}

/* A channel's state as the wire has it, with the messages it points to. */
struct wire_state {
	Quaywatch__Wire__ChannelState state;
	Quaywatch__Wire__Order order;
};

static void fill_state(struct wire_state *out, const struct qw_channel_state *state)
{
	quaywatch__wire__channel_state__init(&out->state);
	quaywatch__wire__order__init(&out->order);
	out->order.term = state->order.term;
	out->order.sequence = state->order.sequence;
	out->state.channel = borrowed(state->name);
	out->state.order = &out->order;
	out->state.digest = (ProtobufCBinaryData){QW_DIGEST_BYTES, (uint8_t *)(uintptr_t)state->digest.bytes};
}

static size_t fill_states(struct wire_state *out, Quaywatch__Wire__ChannelState **rows, const struct qw_channel_state *states,
			  size_t count)
{
	if (count > QW_STATES_MAX)
		count = QW_STATES_MAX;
	for (size_t i = 0; i < count; i++) {
		fill_state(&out[i], &states[i]);
		rows[i] = &out[i].state;
	}
	return count;
}

enum qw_err qw_send_hello(struct qw_session *session, uint64_t epoch, const struct qw_channel_state *states, size_t count,
			  const char *const *interfaces, size_t interface_count, const char *filter, bool dry_runs)
{
	enum { INTERFACES = 16 };
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	Quaywatch__Wire__Hello hello = QUAYWATCH__WIRE__HELLO__INIT;
	struct wire_state room[QW_STATES_MAX];
	Quaywatch__Wire__ChannelState *rows[QW_STATES_MAX];
	Quaywatch__Wire__Interface interface[INTERFACES], *list[INTERFACES];

	hello.software = borrowed("quaywatch-sensor " QW_VERSION);
	hello.epoch = epoch;
	hello.repairs = true;
	hello.dry_runs = dry_runs;
	hello.recalls = true;
	hello.n_channels = fill_states(room, rows, states, count);
	hello.channels = rows;
	for (size_t i = 0; i < interface_count && i < INTERFACES; i++) {
		quaywatch__wire__interface__init(&interface[i]);
		interface[i].name = borrowed(interfaces[i]);
		interface[i].filter = borrowed(filter);
		list[i] = &interface[i];
		hello.n_interfaces = i + 1;
	}
	hello.interfaces = list;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_HELLO;
	frame.hello = &hello;
	return send(session, &frame);
}

enum qw_err qw_send_heartbeat(struct qw_session *session, const struct qw_heartbeat *from)
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	Quaywatch__Wire__Heartbeat beat = QUAYWATCH__WIRE__HEARTBEAT__INIT;
	struct wire_state room[QW_STATES_MAX];
	Quaywatch__Wire__ChannelState *rows[QW_STATES_MAX];
	Quaywatch__Wire__Counter counter[QW_COUNTERS_MAX], *list[QW_COUNTERS_MAX];

	beat.time_ns = from->time_ns;
	beat.packets = from->packets;
	beat.bytes = from->bytes;
	beat.drops = from->drops;
	beat.flows = from->flows;
	beat.alerts = from->alerts;
	beat.ring_lag_us = from->ring_lag_us;
	beat.spool_alerts = from->spool_alerts;
	beat.spool_shed = from->spool_shed;
	beat.workers = from->workers;
	beat.restarts = from->restarts;
	beat.n_channels = fill_states(room, rows, from->states, from->state_count);
	beat.channels = rows;
	for (size_t i = 0; i < from->counter_count && i < QW_COUNTERS_MAX; i++) {
		quaywatch__wire__counter__init(&counter[i]);
		counter[i].name = borrowed(from->counters[i].name);
		counter[i].value = from->counters[i].value;
		list[i] = &counter[i];
		beat.n_counters = i + 1;
	}
	beat.counters = list;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_HEARTBEAT;
	frame.heartbeat = &beat;
	return send(session, &frame);
}

enum qw_err qw_send_receipt(struct qw_session *session, const struct qw_receipt *from)
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	Quaywatch__Wire__Receipt receipt = QUAYWATCH__WIRE__RECEIPT__INIT;
	struct wire_state state;

	fill_state(&state, &from->state);
	receipt.state = &state.state;
	receipt.nonce = (ProtobufCBinaryData){sizeof(from->nonce), (uint8_t *)(uintptr_t)from->nonce};
	receipt.answer = (ProtobufCBinaryData){QW_DIGEST_BYTES, (uint8_t *)(uintptr_t)from->answer.bytes};
	receipt.applied_ns = from->applied_ns;
	receipt.entries = from->entries;
	receipt.apply_us = from->apply_us;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_RECEIPT;
	frame.receipt = &receipt;
	return send(session, &frame);
}

static enum qw_err send_fetch(struct qw_session *session, Quaywatch__Wire__Fetch *fetch, const char *channel)
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;

	fetch->channel = borrowed(channel);
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_FETCH;
	frame.fetch = fetch;
	return send(session, &frame);
}

enum qw_err qw_send_fetch(struct qw_session *session, const char *channel, struct qw_order after)
{
	Quaywatch__Wire__Fetch fetch = QUAYWATCH__WIRE__FETCH__INIT;
	Quaywatch__Wire__Order behind = QUAYWATCH__WIRE__ORDER__INIT;

	behind.term = after.term;
	behind.sequence = after.sequence;
	fetch.after = &behind;
	return send_fetch(session, &fetch, channel);
}

enum qw_err qw_send_fetch_part(struct qw_session *session, const char *channel, const struct qw_buckets *buckets, uint32_t part,
			       struct qw_order of)
{
	Quaywatch__Wire__Fetch fetch = QUAYWATCH__WIRE__FETCH__INIT;
	Quaywatch__Wire__Order pulled = QUAYWATCH__WIRE__ORDER__INIT;

	pulled.term = of.term;
	pulled.sequence = of.sequence;
	fetch.snapshot = true;
	fetch.part = part;
	fetch.snapshot_order = of.term ? &pulled : NULL;
	if (buckets)
		fetch.buckets = (ProtobufCBinaryData){sizeof(buckets->bits), (uint8_t *)(uintptr_t)buckets->bits};
	return send_fetch(session, &fetch, channel);
}

enum qw_err qw_send_recalled(struct qw_session *session, const char *channel, struct qw_order after, const struct qw_slice *deltas,
			     size_t count)
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	Quaywatch__Wire__Recalled recalled = QUAYWATCH__WIRE__RECALLED__INIT;
	Quaywatch__Wire__Order behind = QUAYWATCH__WIRE__ORDER__INIT;
	ProtobufCBinaryData *rows = malloc((count ? count : 1) * sizeof(*rows));

	if (!rows)
		return QW_ENOMEM;
	for (size_t i = 0; i < count; i++)
		rows[i] = (ProtobufCBinaryData){deltas[i].len, (uint8_t *)(uintptr_t)deltas[i].data};
	behind.term = after.term;
	behind.sequence = after.sequence;
	recalled.channel = borrowed(channel);
	recalled.after = &behind;
	recalled.deltas = rows;
	recalled.n_deltas = count;
	recalled.none = count == 0;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_RECALLED;
	frame.recalled = &recalled;
	enum qw_err err = send(session, &frame);
	free(rows);
	return err;
}

enum qw_err qw_send_dry_run_result(struct qw_departures *departures, uint64_t ticket, bool known, uint64_t hosts)
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	Quaywatch__Wire__DryRunResult result = QUAYWATCH__WIRE__DRY_RUN_RESULT__INIT;

	result.ticket = ticket;
	result.hosts = hosts;
	result.knows = known ? 1 : 2;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_DRY_RUN_RESULT;
	frame.dry_run_result = &result;
	return depart(departures, QW_RELEASE_KIND_DRY_RUN, &frame);
}

enum qw_err qw_send_proposal(struct qw_departures *departures, const struct qw_proposal *what)
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	Quaywatch__Wire__Proposal proposal = QUAYWATCH__WIRE__PROPOSAL__INIT;
	Quaywatch__Wire__Indicator indicator = QUAYWATCH__WIRE__INDICATOR__INIT;

	indicator.type = borrowed(what->type);
	indicator.value = borrowed(what->value);
	indicator.confidence = what->confidence;
	indicator.tlp = borrowed(what->tlp);
	proposal.indicator = &indicator;
	proposal.gid = what->gid;
	proposal.sid = what->sid;
	proposal.time_ns = what->time_ns;
	proposal.reason = borrowed(what->reason ? what->reason : "");
	proposal.ticket = what->ticket;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_PROPOSAL;
	frame.proposal = &proposal;
	return depart(departures, QW_RELEASE_KIND_PROPOSAL, &frame);
}

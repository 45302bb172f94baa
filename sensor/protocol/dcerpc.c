/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/dcerpc.h"

enum {
	TYPE_REQUEST = 0,
	TYPE_RESPONSE = 2,
	TYPE_FAULT = 3,
	TYPE_BIND = 11,
	TYPE_BIND_ACK = 12,
	TYPE_BIND_NAK = 13,
	TYPE_ALTER = 14,
	TYPE_ALTER_ACK = 15,
	TYPE_AUTH3 = 16,
	TYPE_SHUTDOWN = 17,
	TYPE_CANCEL = 18,
	TYPE_ORPHANED = 19,

	FLAG_FIRST = 0x01,
	FLAG_LAST = 0x02,
	FLAG_OBJECT = 0x80,

	AUTH_HEAD = 8,
	SYNTAX = 20, /* UUID and version */
	RESULT = 24, /* result, reason, syntax */
};

struct pdu {
	uint8_t type, flags;
	bool little;
	uint16_t len, auth_len;
	uint32_t call;
};

/* One feed. */
struct run {
	void *state;
	struct qw_dcerpc *rpc;
	const struct qw_dcerpc_listener *listener;
};

/* ---- reading */

static bool get16(const struct pdu *pdu, struct qw_bytes *in, uint16_t *out)
{
	return pdu->little ? qw_bytes_le16(in, out) : qw_bytes_be16(in, out);
}

static bool is_type(uint8_t type)
{
	return type == TYPE_REQUEST || type == TYPE_RESPONSE || type == TYPE_FAULT ||
	       (type >= TYPE_BIND && type <= TYPE_ORPHANED);
}

static bool read_head(const uint8_t *at, struct pdu *pdu)
{
	bool little = at[4] & 0x10;
	*pdu = (struct pdu){
		.type = at[2],
		.flags = at[3],
		.little = little,
		.len = little ? qw_le16(at + 8) : qw_be16(at + 8),
		.auth_len = little ? qw_le16(at + 10) : qw_be16(at + 10),
		.call = little ? qw_le32(at + 12) : qw_be32(at + 12),
	};
	return at[0] == 5 && at[1] <= 1 && is_type(pdu->type) && !(at[4] & 0xee) && at[5] <= 3 &&
	       pdu->len >= QW_DCERPC_HEAD && pdu->auth_len <= pdu->len - QW_DCERPC_HEAD;
}

int qw_dcerpc_probe(const uint8_t *data, size_t len)
{
	struct pdu pdu;
	if (len && data[0] != 5)
		return 0;
	if (len < QW_DCERPC_HEAD)
		return -1;
	return read_head(data, &pdu);
}

enum qw_speaker qw_dcerpc_speaker(const uint8_t *data, size_t len)
{
	struct pdu pdu;
	if (len < QW_DCERPC_HEAD || !read_head(data, &pdu))
		return QW_SPEAKER_UNKNOWN;
	switch (pdu.type) {
	case TYPE_REQUEST:
	case TYPE_BIND:
	case TYPE_ALTER:
	case TYPE_AUTH3: return QW_SPEAKER_CLIENT;
	case TYPE_RESPONSE:
	case TYPE_FAULT:
	case TYPE_BIND_ACK:
	case TYPE_BIND_NAK:
	case TYPE_ALTER_ACK: return QW_SPEAKER_SERVER;
	default: return QW_SPEAKER_UNKNOWN;
	}
}

/* ---- contexts */

void qw_dcerpc_uuid(const uint8_t *at, bool little, uint8_t out[QW_DCERPC_UUID])
{
	static const uint8_t order[QW_DCERPC_UUID] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	for (size_t i = 0; i < QW_DCERPC_UUID; i++)
		out[i] = at[little ? order[i] : i];
}

static struct qw_dcerpc_context *context_of(struct qw_dcerpc *rpc, uint16_t id)
{
	for (uint8_t i = 0; i < rpc->contexts; i++)
		if (rpc->context[i].id == id)
			return &rpc->context[i];
	return NULL;
}

/* A place for the context: its own, a free one, or that of another. */
static struct qw_dcerpc_context *place_for(const struct run *run, uint16_t id)
{
	struct qw_dcerpc *rpc = run->rpc;
	struct qw_dcerpc_context *context = context_of(rpc, id);
	if (context)
		return context;
	if (rpc->contexts < QW_DCERPC_CONTEXTS)
		return &rpc->context[rpc->contexts++];
	qw_parser_cut(run->state);
	context = &rpc->context[rpc->next_context];
	rpc->next_context = (uint8_t)((rpc->next_context + 1) % QW_DCERPC_CONTEXTS);
	return context;
}

/* bind, alter context: id, transfer syntaxes, the interface, and the syntaxes themselves. */
static void read_bind(const struct run *run, const struct pdu *pdu, struct qw_bytes in)
{
	uint8_t count, syntaxes;
	uint16_t id;
	struct qw_bytes iface;
	if (!qw_bytes_skip(&in, 8) || !qw_bytes_u8(&in, &count) || !qw_bytes_skip(&in, 3))
		return;
	for (uint8_t place = 0; place < count; place++) {
		if (!get16(pdu, &in, &id) || !qw_bytes_u8(&in, &syntaxes) || !qw_bytes_skip(&in, 1) ||
		    !qw_bytes_take(&in, SYNTAX, &iface) || !qw_bytes_skip(&in, (size_t)syntaxes * SYNTAX))
			return;
		struct qw_dcerpc_context *context = place_for(run, id);
		const uint8_t *version = iface.at + QW_DCERPC_UUID;
		*context = (struct qw_dcerpc_context){.bind = pdu->call, .id = id, .place = place};
		qw_dcerpc_uuid(iface.at, pdu->little, context->iface.uuid);
		context->iface.version[0] = version[pdu->little];
		context->iface.version[1] = version[!pdu->little];
	}
}

static void answer(struct qw_dcerpc *rpc, uint32_t bind, uint8_t place, enum qw_dcerpc_answer answer)
{
	for (uint8_t i = 0; i < rpc->contexts; i++)
		if (rpc->context[i].bind == bind && rpc->context[i].place == place)
			rpc->context[i].iface.answer = (uint8_t)answer;
}

/* bind ack, alter context response: a result for each context, in the bind's order. */
static void read_ack(const struct run *run, const struct pdu *pdu, struct qw_bytes in)
{
	const uint8_t *begin = in.at;
	uint16_t address, result;
	uint8_t count;
	if (!qw_bytes_skip(&in, 8) || !get16(pdu, &in, &address) || !qw_bytes_skip(&in, address))
		return;
	size_t pad = (4 - (size_t)(in.at - begin) % 4) % 4;
	if (!qw_bytes_skip(&in, pad) || !qw_bytes_u8(&in, &count) || !qw_bytes_skip(&in, 3))
		return;
	for (uint8_t place = 0; place < count; place++) {
		if (!get16(pdu, &in, &result) || !qw_bytes_skip(&in, RESULT - 2))
			return;
		answer(run->rpc, pdu->call, place, result == 0 ? QW_DCERPC_ACCEPTED : QW_DCERPC_REFUSED);
	}
}

/* ---- calls */

static void tell(const struct run *run, struct qw_dcerpc_call *call, bool request)
{
	struct qw_store *stub = &call->stub[!request];
	const struct qw_dcerpc_context *context = call->asked ? context_of(run->rpc, call->context) : NULL;
	struct qw_dcerpc_found found = {
		.request = request,
		.little = call->little,
		.known = call->asked,
		.opnum = call->opnum,
		.bound = context != NULL,
		.stub = qw_store_slice(stub),
	};
	if (context)
		found.iface = context->iface;
	found.iface.first = call->first;
	run->listener->found(run->listener->ctx, &found);
	call->told |= request;
	qw_store_free(run->state, stub);
}

/* What is half there is told; the call's place is free. */
static void end_call(const struct run *run, struct qw_dcerpc_call *call)
{
	if (call->used && !call->told && call->stub[0].len)
		tell(run, call, true);
	if (call->used && call->stub[1].len)
		tell(run, call, false);
	qw_store_free(run->state, &call->stub[0]);
	qw_store_free(run->state, &call->stub[1]);
	call->used = false;
}

static struct qw_dcerpc_call *call_of(struct qw_dcerpc *rpc, uint32_t id)
{
	for (size_t i = 0; i < QW_DCERPC_CALLS; i++)
		if (rpc->call[i].used && rpc->call[i].id == id)
			return &rpc->call[i];
	return NULL;
}

/* The oldest gives its place up when there is none. */
static struct qw_dcerpc_call *new_call(const struct run *run, const struct pdu *pdu)
{
	struct qw_dcerpc *rpc = run->rpc;
	struct qw_dcerpc_call *call = &rpc->call[rpc->calls];
	rpc->calls = (uint8_t)((rpc->calls + 1) % QW_DCERPC_CALLS);
	if (call->used)
		qw_parser_cut(run->state);
	end_call(run, call);
	*call = (struct qw_dcerpc_call){.id = pdu->call, .used = true};
	return call;
}

/* The stub data is what lies before the authentication's trailer and its padding. */
static struct qw_slice stub_of(const struct pdu *pdu, struct qw_bytes in)
{
	size_t trailer = pdu->auth_len ? (size_t)pdu->auth_len + AUTH_HEAD : 0;
	if (trailer == 0 || trailer > in.left)
		return qw_slice(in.at, in.left);
	size_t len = in.left - trailer, pad = in.at[len + 2];
	return qw_slice(in.at, pad <= len ? len - pad : len);
}

static void put_stub(const struct run *run, const struct pdu *pdu, struct qw_dcerpc_call *call, bool request,
		     struct qw_slice stub)
{
	call->little = pdu->little;
	if (!call->full && !qw_store_put(run->state, &call->stub[!request], stub.data, stub.len, QW_DCERPC_STUB_MAX)) {
		tell(run, call, request);
		call->full = true;
	}
	if (!(pdu->flags & FLAG_LAST))
		return;
	if (!call->full)
		tell(run, call, request);
	call->full = false;
}

static void read_request(const struct run *run, const struct pdu *pdu, struct qw_bytes in)
{
	uint16_t context, opnum;
	if (!qw_bytes_skip(&in, 4) || !get16(pdu, &in, &context) || !get16(pdu, &in, &opnum) ||
	    (pdu->flags & FLAG_OBJECT && !qw_bytes_skip(&in, QW_DCERPC_UUID)))
		return;
	struct qw_dcerpc_call *call = call_of(run->rpc, pdu->call);
	if (call && (call->told || pdu->flags & FLAG_FIRST) && !call->full) {
		end_call(run, call);
		call = NULL;
	}
	if (!call) {
		call = new_call(run, pdu);
		call->first = pdu->flags & FLAG_FIRST;
	}
	call->asked = true;
	call->opnum = opnum;
	call->context = context;
	put_stub(run, pdu, call, true, stub_of(pdu, in));
}

static void read_response(const struct run *run, const struct pdu *pdu, struct qw_bytes in)
{
	if (!qw_bytes_skip(&in, 8))
		return;
	struct qw_dcerpc_call *call = call_of(run->rpc, pdu->call);
	if (!call)
		call = new_call(run, pdu);
	if (!call->told && call->stub[0].len)
		tell(run, call, true);
	put_stub(run, pdu, call, false, stub_of(pdu, in));
	if (pdu->flags & FLAG_LAST)
		end_call(run, call);
}

/* ---- PDUs */

static void read_pdu(const struct run *run, const struct pdu *pdu, struct qw_bytes in)
{
	struct qw_dcerpc_call *call;
	switch (pdu->type) {
	case TYPE_BIND:
	case TYPE_ALTER: read_bind(run, pdu, in); break;
	case TYPE_BIND_ACK:
	case TYPE_ALTER_ACK: read_ack(run, pdu, in); break;
	case TYPE_REQUEST: read_request(run, pdu, in); break;
	case TYPE_RESPONSE: read_response(run, pdu, in); break;
	case TYPE_FAULT:
	case TYPE_ORPHANED:
		call = call_of(run->rpc, pdu->call);
		if (call)
			end_call(run, call);
		break;
	default: break;
	}
}

static int64_t length_of(const uint8_t *data, size_t len)
{
	struct pdu pdu;
	if (len < QW_DCERPC_HEAD)
		return 0;
	return read_head(data, &pdu) ? pdu.len : -1;
}

bool qw_dcerpc_feed(void *state, struct qw_dcerpc *rpc, enum qw_direction direction, struct qw_bytes in,
		    const struct qw_dcerpc_listener *listener)
{
	static const struct qw_frame_rules rules = {length_of, UINT16_MAX};
	const struct run run = {state, rpc, listener};
	enum qw_framed result;
	struct qw_bytes frame;
	struct pdu pdu;
	while ((result = qw_frame_next(state, &rpc->frames[direction], &rules, &in, &frame)) > QW_FRAME_NONE) {
		if (read_head(frame.at, &pdu) && qw_bytes_skip(&frame, QW_DCERPC_HEAD))
			read_pdu(&run, &pdu, frame);
	}
	if (result == QW_FRAME_BAD)
		qw_dcerpc_lose(state, rpc, direction);
	return result != QW_FRAME_BAD;
}

void qw_dcerpc_lose(void *state, struct qw_dcerpc *rpc, enum qw_direction direction)
{
	qw_frames_free(state, &rpc->frames[direction]);
}

void qw_dcerpc_close(void *state, struct qw_dcerpc *rpc, bool requests, const struct qw_dcerpc_listener *listener)
{
	const struct run run = {state, rpc, listener};
	for (size_t i = 0; i < QW_DCERPC_CALLS; i++) {
		struct qw_dcerpc_call *call = &rpc->call[i];
		if (call->used && call->stub[!requests].len && !(requests && call->told))
			tell(&run, call, requests);
	}
}

void qw_dcerpc_free(void *state, struct qw_dcerpc *rpc)
{
	qw_frames_free(state, &rpc->frames[0]);
	qw_frames_free(state, &rpc->frames[1]);
	for (size_t i = 0; i < QW_DCERPC_CALLS; i++) {
		qw_store_free(state, &rpc->call[i].stub[0]);
		qw_store_free(state, &rpc->call[i].stub[1]);
	}
	rpc->contexts = 0;
}

void qw_dcerpc_add(struct qw_message *message, const struct qw_dcerpc_found *found)
{
	if (found->bound)
		qw_message_add(message, QW_BUFFER_DCE_IFACE, QW_SIGHT_NONE,
			       qw_slice(&found->iface, sizeof(found->iface)), true);
	if (found->known)
		qw_message_number(message, QW_BUFFER_DCE_OPNUM, found->opnum, true);
	qw_message_number(message, QW_BUFFER_DCE_ORDER, found->little, true);
	if (found->stub.len)
		qw_message_add(message, QW_BUFFER_DCE_STUB_DATA, QW_SIGHT_NONE, found->stub, true);
}

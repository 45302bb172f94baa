/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opcua - OPC UA over TCP: chunks, the messages that they make, secure channels.
 *
 * A channel whose policy is None is read.  Any other may only be signed, which
 * its opening does not show: a message is read if it begins as nothing that is
 * encrypted does, and told as "encrypted" if not.
 */
#include "sensor/protocol/opcua_message.h"

#include "quaywatch/rule_event.h"
#include "sensor/protocol/gather.h"
#include "sensor/protocol/ot_pairs.h"
#include "sensor/protocol/parsers.h"

enum {
	PORT = 4840,
	CHUNK_MAX = 256 << 10,   /* that is kept; a longer one is passed over */
	MESSAGE_MAX = 256 << 10, /* of chunks put together: of a longer one the beginning is read */
	ASSEMBLIES = 2,          /* messages of one direction that are put together at once */
	LOST = 32,               /* pieces in a row in which no chunk begins: it is something else */
	SIGNATURE_SHA1 = 20,
	SIGNATURE_SHA256 = 32,
};

/* A message that comes in chunks. */
struct assembly {
	struct qw_store body;
	uint32_t channel, request;
	bool open, cut;
};

struct side {
	struct qw_gather gather;
	uint64_t skip; /* bytes of a chunk that are passed over */
	uint8_t bad;   /* pieces in a row in which no chunk began */
	uint8_t turn;  /* assembly that is taken next */
	struct assembly assembly[ASSEMBLIES];
};

enum security { SECURITY_UNKNOWN, SECURITY_NONE, SECURITY_SOME };

struct opcua {
	uint64_t transactions;
	struct side side[2];
	struct qw_ot_pairs pairs;
	uint8_t security;  /* of the channel that was opened last */
	uint8_t signature; /* bytes behind each chunk, where there is some */
	bool idle;
};

struct call {
	struct opcua *opcua;
	struct qw_flow *flow;
	enum qw_direction direction;
	const struct qw_message_sink *sink;
};

/* One chunk, its head read. */
struct chunk {
	uint8_t type, final; /* enum qw_opcua_type; 'F', 'C' or 'A' */
	uint32_t channel, request;
	struct qw_slice policy;
	struct qw_bytes body;
};

/* ---- chunks */

static bool has_channel(uint8_t type)
{
	return type >= QW_OPCUA_OPEN;
}

/* The flow's client may be the server: a conversation picked up at an answer. */
static bool is_response(const struct qw_flow *flow, enum qw_direction direction)
{
	bool turned = qw_flow_client_port(flow) == PORT && qw_flow_server_port(flow) != PORT;
	return (direction == QW_TO_CLIENT) != turned;
}

/* ---- publishing */

static void begin(const struct call *call, struct qw_opcua_message *message, const struct chunk *chunk)
{
	message->type = chunk->type;
	message->fate = QW_OPCUA_READ;
	message->response = is_response(call->flow, call->direction);
	message->cut = message->malformed = message->has_body = false;
	message->channel = has_channel(chunk->type) ? (int64_t)chunk->channel : -1;
	message->error = -1;
	message->reason = message->url = qw_slice(NULL, 0);
	message->policy = chunk->policy;
	message->asked = 0;
}

/* Requests that nothing answers, or what is no request of the standard, await nothing. */
static void pair(const struct call *call, struct qw_opcua_message *message)
{
	const struct qw_opcua_body *body = &message->body;
	uint64_t key = (uint64_t)message->channel << 32 | body->handle;
	if (!message->has_body || !body->known || !body->headed || message->type == QW_OPCUA_CLOSE)
		return;
	if (message->type == QW_OPCUA_OPEN)
		key = UINT64_MAX ^ body->handle; /* the request does not know its channel yet */
	if (!body->response) {
		qw_ot_pairs_ask(call->opcua, &call->opcua->pairs, key, body->type.number, 0);
		return;
	}
	const struct qw_ot_pair *asked = qw_ot_pairs_answer(&call->opcua->pairs, key);
	message->asked = asked && body->type.number == QW_OPCUA_FAULT ? asked->object : 0;
}

static void publish(const struct call *call, struct qw_opcua_scene *scene)
{
	struct qw_message message;
	uint32_t wants = qw_parser_ot_wants(call->opcua);
	if (scene->message.cut || (scene->message.has_body && scene->message.body.cut))
		qw_parser_cut(call->opcua);
	pair(call, &scene->message);
	qw_message_begin(&message, QW_APP_OPCUA, call->direction, ++call->opcua->transactions);
	message.last = message.alone = true;
	qw_opcua_scene_fill(scene, wants & QW_OT_WANT_VALUES);
	if (wants & QW_OT_WANT_FIELDS)
		qw_opcua_scene_fields(scene, &message);
	message.detail = &scene->detail;
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

/* A message that has no body to read. */
static void tell(const struct call *call, const struct chunk *chunk, enum qw_opcua_fate fate)
{
	struct qw_opcua_scene scene;
	struct qw_slice reason;
	struct qw_bytes in = chunk->body;
	uint32_t error;
	begin(call, &scene.message, chunk);
	scene.message.fate = (uint8_t)fate;
	if (fate == QW_OPCUA_ABORTED && qw_bytes_le32(&in, &error)) {
		scene.message.error = error;
		if (qw_opcua_string(&in, &reason))
			scene.message.reason = reason;
	}
	publish(call, &scene);
}

static void read_message(const struct call *call, const struct chunk *chunk, struct qw_bytes body, bool cut)
{
	struct qw_opcua_scene scene;
	begin(call, &scene.message, chunk);
	scene.message.cut = cut;
	scene.message.has_body = qw_opcua_body_parse(&scene.message.body, body);
	scene.message.malformed = !scene.message.has_body;
	publish(call, &scene);
}

static void read_transport(const struct call *call, const struct chunk *chunk)
{
	struct qw_opcua_scene scene;
	begin(call, &scene.message, chunk);
	scene.message.malformed = !qw_opcua_transport_parse(&scene.message, chunk->body);
	publish(call, &scene);
}

/* ---- messages of several chunks */

static void close_assembly(struct opcua *opcua, struct assembly *assembly)
{
	qw_store_free(opcua, &assembly->body);
	assembly->open = false;
}

static struct assembly *find_assembly(struct side *side, const struct chunk *chunk)
{
	for (struct assembly *assembly = side->assembly; assembly < side->assembly + ASSEMBLIES; assembly++)
		if (assembly->open && assembly->channel == chunk->channel && assembly->request == chunk->request)
			return assembly;
	return NULL;
}

/* The one that was begun longest ago gives way. */
static struct assembly *new_assembly(struct opcua *opcua, struct side *side, const struct chunk *chunk)
{
	struct assembly *assembly = &side->assembly[side->turn++ % ASSEMBLIES];
	close_assembly(opcua, assembly);
	*assembly = (struct assembly){.channel = chunk->channel, .request = chunk->request, .open = true};
	return assembly;
}

static void put_chunk(struct opcua *opcua, struct assembly *assembly, const struct chunk *chunk)
{
	if (assembly->cut)
		return;
	assembly->cut = !qw_store_put(opcua, &assembly->body, chunk->body.at, chunk->body.left, MESSAGE_MAX);
}

static void read_part(const struct call *call, struct side *side, const struct chunk *chunk)
{
	struct assembly *assembly = find_assembly(side, chunk);
	if (chunk->final == 'A') {
		if (assembly)
			close_assembly(call->opcua, assembly);
		tell(call, chunk, QW_OPCUA_ABORTED);
	} else if (chunk->final == 'C') {
		put_chunk(call->opcua, assembly ? assembly : new_assembly(call->opcua, side, chunk), chunk);
	} else if (!assembly) {
		read_message(call, chunk, chunk->body, false);
	} else {
		put_chunk(call->opcua, assembly, chunk);
		read_message(call, chunk, qw_bytes(assembly->body.at, assembly->body.len), assembly->cut);
		close_assembly(call->opcua, assembly);
	}
}

/* ---- security */

static bool ends_with(struct qw_slice text, const char *end)
{
	size_t len = strlen(end);
	return text.len >= len && memcmp(text.data + text.len - len, end, len) == 0;
}

static void note_policy(struct opcua *opcua, struct qw_slice policy)
{
	bool sha1 = ends_with(policy, "#Basic128Rsa15") || ends_with(policy, "#Basic256");
	opcua->security = policy.len == 0 || ends_with(policy, "#None") ? SECURITY_NONE : SECURITY_SOME;
	opcua->signature = sha1 ? SIGNATURE_SHA1 : SIGNATURE_SHA256;
}

/* Policy, certificate, whose key it is for; or a token; then where it stands in the sequence, and the request. */
static bool read_security(struct opcua *opcua, struct chunk *chunk)
{
	struct qw_slice certificate, thumbprint;
	struct qw_bytes *in = &chunk->body;
	if (!qw_bytes_le32(in, &chunk->channel))
		return false;
	if (chunk->type != QW_OPCUA_OPEN)
		return qw_bytes_skip(in, 4);
	if (!qw_opcua_string(in, &chunk->policy) || !qw_opcua_string(in, &certificate) ||
	    !qw_opcua_string(in, &thumbprint))
		return false;
	note_policy(opcua, chunk->policy);
	return true;
}

/* What is signed has the signature behind it. */
static void take_signature(const struct opcua *opcua, struct chunk *chunk)
{
	if (opcua->security == SECURITY_SOME && chunk->type != QW_OPCUA_OPEN && chunk->body.left >= opcua->signature)
		chunk->body.left -= opcua->signature;
}

/* Is what follows the sequence header to be read?  A chunk that goes on is like the one that it follows. */
static bool is_readable(const struct opcua *opcua, struct side *side, const struct chunk *chunk)
{
	if (opcua->security == SECURITY_NONE || find_assembly(side, chunk))
		return true;
	return qw_opcua_is_readable(chunk->body);
}

static void read_secure(const struct call *call, struct side *side, struct chunk *chunk)
{
	uint32_t sequence;
	struct qw_bytes before;
	if (!read_security(call->opcua, chunk)) {
		chunk->body = qw_bytes(NULL, 0);
		read_message(call, chunk, chunk->body, false);
		return;
	}
	before = chunk->body;
	bool numbered = qw_bytes_le32(&chunk->body, &sequence) && qw_bytes_le32(&chunk->body, &chunk->request);
	if (numbered && is_readable(call->opcua, side, chunk)) {
		take_signature(call->opcua, chunk);
		read_part(call, side, chunk);
		return;
	}
	chunk->body = before;
	if (call->opcua->security == SECURITY_NONE)
		read_message(call, chunk, qw_bytes(NULL, 0), false);
	else if (chunk->final == 'F')
		tell(call, chunk, QW_OPCUA_ENCRYPTED);
}

static void read_chunk(const struct call *call, struct side *side, struct qw_bytes in)
{
	struct chunk chunk = {.type = qw_opcua_type_of(in.at), .final = in.at[3], .policy = {NULL, 0}, .body = in};
	(void)qw_bytes_skip(&chunk.body, QW_OPCUA_HEAD_BYTES);
	if (has_channel(chunk.type))
		read_secure(call, side, &chunk);
	else
		read_transport(call, &chunk);
}

/* Of a chunk that is passed over, only what it is can be told. */
static void read_large(const struct call *call, const uint8_t *head)
{
	const struct chunk chunk = {
	    .type = qw_opcua_type_of(head), .final = head[3], .policy = {NULL, 0}, .body = {NULL, 0}};
	qw_parser_cut(call->opcua);
	if (chunk.final == 'F')
		tell(call, &chunk, QW_OPCUA_TOO_LARGE);
}

/* ---- the stream */

static void pass(struct side *side, struct qw_bytes *in)
{
	uint64_t now = side->skip < in->left ? side->skip : in->left;
	(void)qw_bytes_skip(in, (size_t)now);
	side->skip -= now;
}

static void lose_place(struct opcua *opcua, struct side *side)
{
	qw_gather_free(opcua, &side->gather);
	side->skip = 0;
	for (unsigned i = 0; i < ASSEMBLIES; i++)
		close_assembly(opcua, &side->assembly[i]);
}

/* The next chunk off the input.  False: it is used up. */
static bool next_chunk(const struct call *call, struct side *side, struct qw_bytes *in)
{
	struct opcua *opcua = call->opcua;
	const uint8_t *at = qw_gather_peek(opcua, &side->gather, in, QW_OPCUA_HEAD_BYTES);
	if (!at)
		return false;
	uint32_t size = qw_opcua_size_of(at);
	if (size == 0) {
		lose_place(opcua, side);
		side->bad++;
		return false;
	}
	side->bad = 0;
	if (size > CHUNK_MAX) {
		read_large(call, at);
		qw_gather_drop(opcua, &side->gather, in, QW_OPCUA_HEAD_BYTES);
		side->skip = size - QW_OPCUA_HEAD_BYTES;
		pass(side, in);
		return true;
	}
	at = qw_gather_peek(opcua, &side->gather, in, size);
	if (!at)
		return false;
	read_chunk(call, side, qw_bytes(at, size));
	qw_gather_drop(opcua, &side->gather, in, size);
	return true;
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct opcua *opcua = state;
	struct side *side = &opcua->side[direction];
	const struct call call = {opcua, flow, direction, sink};
	struct qw_bytes in = qw_bytes(data, len);
	bool wanted = qw_parser_ot_wants(opcua);
	if (wanted && opcua->idle) {
		lose_place(opcua, &opcua->side[0]);
		lose_place(opcua, &opcua->side[1]);
	}
	opcua->idle = !wanted;
	if (!wanted)
		return QW_PARSE_MORE;
	pass(side, &in);
	while (in.left && next_chunk(&call, side, &in))
		;
	return side->bad >= LOST ? QW_PARSE_STOP : QW_PARSE_MORE;
}

static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct opcua *opcua = state;
	struct side *side = &opcua->side[direction];
	if (side->skip >= missing)
		side->skip -= missing;
	else
		lose_place(opcua, side);
	return QW_PARSE_MORE;
}

static void fini(void *state)
{
	struct opcua *opcua = state;
	qw_ot_pairs_end(opcua, &opcua->pairs);
	lose_place(opcua, &opcua->side[0]);
	lose_place(opcua, &opcua->side[1]);
}

/* Four letters and a size: nothing else looks like this, whatever the port. */
static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	enum { SIZE_MAX_FIRST = 1 << 20, LETTERS = 3 };
	if (len >= LETTERS && !qw_opcua_type_of(data))
		return 0;
	if (len < QW_OPCUA_HEAD_BYTES)
		return -1;
	return qw_opcua_size_of(data) && qw_opcua_size_of(data) <= SIZE_MAX_FIRST;
}

const struct qw_parser_ops qw_parser_opcua = {
    .app = QW_APP_OPCUA,
    .industrial = true,
    .starts = {7, {{'A', 'A'}, {'C', 'C'}, {'E', 'E'}, {'H', 'H'}, {'M', 'M'}, {'O', 'O'}, {'R', 'R'}}},
    .probe = probe,
    .speaker = qw_opcua_speaker,
    .state_bytes = sizeof(struct opcua),
    .feed = feed,
    .gap = gap,
    .fini = fini,
};

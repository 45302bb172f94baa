/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dnp3 - DNP3 over TCP and UDP: link frames, transport segments, application fragments.
 *
 * Each application fragment is a transaction of its own.  What tells a
 * request from a response is its function, not who opened the connection:
 * outstations may call masters.
 */
#include "sensor/protocol/dnp3_link.h"

#include "quaywatch/hash.h"
#include "quaywatch/ot.h"
#include "quaywatch/ot_names.h"
#include "quaywatch/rule_event.h"
#include "quaywatch/text.h"
#include "sensor/protocol/dnp3_message.h"
#include "sensor/protocol/ot_frames.h"
#include "sensor/protocol/ot_pairs.h"
#include "sensor/protocol/parsers.h"
#include "sensor/protocol/series.h"

enum {
	PORT = 20000,
	TRANSPORT_FIN = 0x80,
	TRANSPORT_FIRST = 0x40,
	TRANSPORT_SEQUENCE = 0x3f,
	FRAGMENT_MAX = 63 * 250,  /* what a round of sequence numbers can carry; the standard says 2048 */
	TEXT_MAX = 512,
	APPLICATION_SEQUENCE = 0x0f,
	LINK_PRIMARY = 0x40,
	FLOOD = 32, /* requests in a row without a response */
	REQUEST_BYTES = 3, /* transport, control, function */
};

/* One direction: the fragment that is being put together. */
struct side {
	struct qw_ot_frames frames;
	struct qw_store fragment;
	uint16_t source, destination;
	uint8_t next; /* transport sequence number */
	bool open;
};

struct dnp3 {
	uint64_t transactions;
	struct side side[2];
	struct qw_ot_pairs pairs;
	bool idle;
};

struct call {
	struct dnp3 *dnp3;
	struct qw_flow *flow;
	enum qw_direction direction;
	const struct qw_message_sink *sink;
};

static const struct qw_ot_framing framing = {
	.head = QW_DNP3_HEADER_BYTES,
	.start = 0x05,
	.max = QW_DNP3_FRAME_MAX,
	.length = qw_dnp3_length,
};

/* ---- publishing */

static void begin(const struct call *call, struct qw_message *message)
{
	qw_message_begin(message, QW_APP_DNP3, call->direction, ++call->dnp3->transactions);
	message->last = message->alone = true;
}

/* An event that no fragment stands for. */
static void tell(const struct call *call, enum qw_app_event event)
{
	struct qw_message message;
	if (!(qw_parser_ot_wants(call->dnp3) & QW_OT_WANT_FIELDS))
		return;
	begin(call, &message);
	qw_message_number(&message, QW_BUFFER_APP_EVENT, event, true);
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

static void add_events(const struct call *call, struct qw_message *out, const struct qw_dnp3_message *message)
{
	static const struct {
		uint8_t flaw, event;
	} rows[] = {
		{QW_DNP3_MALFORMED, QW_AE_DNP3_MALFORMED},
		{QW_DNP3_UNKNOWN_OBJECT, QW_AE_DNP3_UNKNOWN_OBJECT},
		{QW_DNP3_MANY_POINTS, QW_AE_DNP3_TOO_MANY_POINTS},
		{QW_DNP3_MANY_OBJECTS, QW_AE_DNP3_TOO_MANY_OBJECTS},
	};
	for (size_t i = 0; message->flaws && i < sizeof(rows) / sizeof(*rows); i++)
		if (message->flaws & rows[i].flaw)
			qw_message_number(out, QW_BUFFER_APP_EVENT, rows[i].event, true);
	if (!message->response && call->dnp3->pairs.waiting == FLOOD + 1)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_DNP3_FLOODED, true);
}

static void add_fields(const struct call *call, struct qw_message *out, const struct qw_dnp3_message *message,
		       struct qw_slice data)
{
	add_events(call, out, message);
	qw_message_number(out, QW_BUFFER_DNP3_FUNC, message->function, true);
	if (message->response)
		qw_message_number(out, QW_BUFFER_DNP3_IND, message->indications, true);
	qw_message_add(out, QW_BUFFER_DNP3_DATA, QW_SIGHT_NONE, data, true);
	struct qw_series series = qw_series_begin(out);
	for (uint16_t i = 0; i < message->objects; i++)
		qw_series_number(&series, QW_BUFFER_DNP3_OBJ, message->object[i], call->flow, call->sink);
}

static void put_objects(struct qw_text *text, const struct qw_dnp3_message *message)
{
	for (uint16_t i = 0; i < message->objects; i++) {
		if (i)
			qw_text_literal(text, ", ");
		qw_text_u64(text, message->object[i] >> 8);
		qw_text_char(text, '.');
		qw_text_u64(text, message->object[i] & 0xff);
	}
}

static void put_indications(struct qw_text *text, uint16_t indications)
{
	for (const struct qw_number_name *row = qw_ot_names(QW_OT_DNP3_INDICATIONS); indications && row->name; row++) {
		if (!(indications & row->value))
			continue;
		if (text->len)
			qw_text_literal(text, ", ");
		qw_text_put(text, row->name, strlen(row->name));
	}
}

/* Of the indications, the first that says that it did not work: function, object, parameter, already executing. */
static uint16_t failure_of(uint16_t indications)
{
	static const uint16_t failures[] = {0x0001, 0x0002, 0x0004, 0x0010};
	for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++)
		if (indications & failures[i])
			return failures[i];
	return 0;
}

/* What stands in memory while a fragment is published. */
struct scene {
	struct qw_dnp3_message message;
	const struct side *side;
	struct qw_ot_detail detail;
	char objects[TEXT_MAX], indications[TEXT_MAX];
};

static const void *describe(void *ctx)
{
	struct scene *scene = ctx;
	const struct side *side = scene->side;
	const struct qw_dnp3_message *message = &scene->message;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text objects, indications;
	uint16_t failure = failure_of(message->indications);
	qw_ot_begin(detail, "dnp3", message->function, qw_ot_names(QW_OT_DNP3_FUNCTIONS), message->response);
	if (failure)
		qw_ot_fail(detail, failure, qw_ot_names(QW_OT_DNP3_INDICATIONS));
	qw_ot_number(detail, QW_KEY_OT_SEQUENCE, message->control & APPLICATION_SEQUENCE);
	qw_ot_number(detail, QW_KEY_OT_SOURCE, side->source);
	qw_ot_number(detail, QW_KEY_OT_DESTINATION, side->destination);
	if (message->ranged) {
		qw_ot_number(detail, QW_KEY_OT_ADDRESS, message->first);
		qw_ot_number(detail, QW_KEY_OT_QUANTITY, (uint64_t)message->last - message->first + 1);
	}
	qw_text_init(&objects, scene->objects, sizeof(scene->objects));
	put_objects(&objects, message);
	qw_ot_text(detail, QW_KEY_OT_OBJECTS, qw_slice(objects.at, objects.len));
	qw_text_init(&indications, scene->indications, sizeof(scene->indications));
	put_indications(&indications, message->indications);
	qw_ot_text(detail, QW_KEY_OT_INDICATIONS, qw_slice(indications.at, indications.len));
	return detail;
}

/* As the event tells it. */
static void fill_gist(const struct scene *scene, uint64_t gist[2])
{
	const struct qw_dnp3_message *message = &scene->message;
	uint64_t objects = message->ranged ? (uint64_t)message->first << 32 | message->last : 1;
	for (uint16_t i = 0; i < message->objects; i++)
		objects = qw_mix64(objects ^ message->object[i]);
	gist[0] = (uint64_t)scene->side->source | (uint64_t)scene->side->destination << 16 | (uint64_t)message->function << 32 |
		  (uint64_t)message->response << 40 | UINT64_C(1) << 63;
	gist[1] = objects ^ (uint64_t)message->indications << 48;
}

/* ---- pairs: sequence number and addresses */

/* Those that nothing answers: confirmations, and what asks for no response. */
static bool wants_answer(uint8_t function)
{
	static const bool silent[256] = {[0] = true, [6] = true, [8] = true, [10] = true, [12] = true, [33] = true};
	return !silent[function];
}

static void pair(struct dnp3 *dnp3, const struct qw_dnp3_message *message, const struct side *side)
{
	bool up = side->source < side->destination;
	uint64_t low = up ? side->source : side->destination, high = up ? side->destination : side->source;
	uint64_t key = high << 24 | low << 8 | (message->control & APPLICATION_SEQUENCE);
	if (message->response)
		(void)qw_ot_pairs_answer(&dnp3->pairs, key);
	else if (wants_answer(message->function))
		qw_ot_pairs_ask(dnp3, &dnp3->pairs, key, 0, 0);
}

/* ---- layers */

static void read_fragment(const struct call *call, const struct side *side, struct qw_slice data)
{
	struct scene scene;
	struct qw_message message;
	if (!qw_dnp3_message_parse(&scene.message, data.data, data.len))
		return;
	if (scene.message.cut)
		qw_parser_cut(call->dnp3);
	pair(call->dnp3, &scene.message, side);
	begin(call, &message);
	scene.side = side;
	message.describe = describe;
	message.scene = &scene;
	if (qw_parser_ot_wants(call->dnp3) & QW_OT_WANT_WATCH)
		fill_gist(&scene, message.gist);
	if (qw_parser_ot_wants(call->dnp3) & QW_OT_WANT_FIELDS)
		add_fields(call, &message, &scene.message, data);
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

static void close_fragment(struct dnp3 *dnp3, struct side *side)
{
	qw_store_free(dnp3, &side->fragment);
	side->open = false;
}

/* One segment.  A fragment that fits into one is read where it lies. */
static void read_segment(const struct call *call, struct side *side, const struct qw_dnp3_frame *frame)
{
	uint8_t transport = frame->data[0], sequence = transport & TRANSPORT_SEQUENCE;
	struct qw_slice data = qw_slice(frame->data + 1, frame->len - 1u);
	bool same = side->source == frame->source && side->destination == frame->destination;
	if (transport & TRANSPORT_FIRST) {
		close_fragment(call->dnp3, side);
		side->open = true;
	} else if (!side->open || !same || sequence != side->next) {
		close_fragment(call->dnp3, side);
		return;
	}
	side->source = frame->source;
	side->destination = frame->destination;
	side->next = (sequence + 1) & TRANSPORT_SEQUENCE;
	if (transport & TRANSPORT_FIN && side->fragment.len == 0) {
		side->open = false;
		read_fragment(call, side, data);
	} else if (!qw_store_put(call->dnp3, &side->fragment, data.data, data.len, FRAGMENT_MAX)) {
		close_fragment(call->dnp3, side);
		tell(call, QW_AE_DNP3_TOO_LONG_REASSEMBLY);
	} else if (transport & TRANSPORT_FIN) {
		read_fragment(call, side, qw_store_slice(&side->fragment));
		close_fragment(call->dnp3, side);
	}
}

/* Resets, tests and states of the link: they have no function of the application. */
static void read_link(const struct call *call, const struct qw_dnp3_frame *frame)
{
	struct qw_ot_detail detail;
	struct qw_message message;
	begin(call, &message);
	qw_ot_begin(&detail, "dnp3", QW_OT_NO_NUMBER, NULL, !(frame->control & LINK_PRIMARY));
	detail.kind = "link";
	qw_ot_number(&detail, QW_KEY_OT_SOURCE, frame->source);
	qw_ot_number(&detail, QW_KEY_OT_DESTINATION, frame->destination);
	qw_ot_number(&detail, QW_KEY_OT_SUBFUNCTION, frame->control & 0x0f);
	message.detail = &detail;
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

static void read_frame(const struct call *call, struct side *side, struct qw_bytes bytes)
{
	struct qw_dnp3_frame frame;
	qw_dnp3_frame_parse(&frame, bytes);
	if (!frame.user_data)
		read_link(call, &frame);
	else if (frame.bad_checksum)
		tell(call, QW_AE_DNP3_BAD_TRANSPORT_CRC);
	else if (frame.len > 1)
		read_segment(call, side, &frame);
	if (frame.user_data && !frame.bad_checksum && frame.len < REQUEST_BYTES)
		tell(call, QW_AE_DNP3_LEN_TOO_SMALL);
}

/* Everything in the piece: frames, and places where none begins though it seems so. */
static void read_piece(const struct call *call, struct side *side, struct qw_bytes in)
{
	struct qw_bytes frame;
	for (;;) {
		while (qw_ot_frames_next(call->dnp3, &side->frames, &framing, &in, &frame))
			read_frame(call, side, frame);
		if (!side->frames.refused)
			return;
		tell(call, side->frames.refused == QW_DNP3_BAD_CHECKSUM ? QW_AE_DNP3_BAD_LINK_CRC : QW_AE_DNP3_LEN_TOO_SMALL);
		side->frames.refused = 0;
	}
}

/* ---- the parser */

static void lose(struct dnp3 *dnp3, struct side *side)
{
	qw_ot_frames_lose(dnp3, &side->frames);
	close_fragment(dnp3, side);
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct dnp3 *dnp3 = state;
	struct side *side = &dnp3->side[direction];
	const struct call call = {dnp3, flow, direction, sink};
	if (!qw_parser_ot_wants(dnp3)) {
		dnp3->idle = true;
		return QW_PARSE_MORE;
	}
	if (dnp3->idle) {
		lose(dnp3, &dnp3->side[0]);
		lose(dnp3, &dnp3->side[1]);
		dnp3->idle = false;
	}
	read_piece(&call, side, qw_bytes(data, len));
	return qw_ot_frames_lost(&side->frames) ? QW_PARSE_STOP : QW_PARSE_MORE;
}

/* A datagram holds whole frames. */
static enum qw_parse feed_datagram(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
				   size_t len, const struct qw_message_sink *sink)
{
	struct dnp3 *dnp3 = state;
	enum qw_parse result = feed(state, flow, direction, data, len, sink);
	qw_ot_frames_lose(dnp3, &dnp3->side[direction].frames);
	return result;
}

static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct dnp3 *dnp3 = state;
	lose(dnp3, &dnp3->side[direction]);
	return QW_PARSE_MORE;
}

static void fini(void *state)
{
	struct dnp3 *dnp3 = state;
	qw_ot_pairs_end(dnp3, &dnp3->pairs);
	lose(dnp3, &dnp3->side[0]);
	lose(dnp3, &dnp3->side[1]);
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	bool ported = qw_flow_client_port(flow) == PORT || qw_flow_server_port(flow) == PORT;
	if (data[0] != 0x05 || (len > 1 && data[1] != 0x64))
		return 0;
	if (len < QW_DNP3_HEADER_BYTES)
		return -1;
	return ported || qw_dnp3_length(data) > 0;
}

/* The master, which asks, is the client. */
static enum qw_speaker speaker(const uint8_t *data, size_t len)
{
	enum { CONTROL_AT = 3, OF_MASTER = 0x80 };
	if (len < QW_DNP3_HEADER_BYTES || qw_dnp3_length(data) <= 0)
		return QW_SPEAKER_UNKNOWN;
	return data[CONTROL_AT] & OF_MASTER ? QW_SPEAKER_CLIENT : QW_SPEAKER_SERVER;
}

const struct qw_parser_ops qw_parser_dnp3_tcp = {
	.app = QW_APP_DNP3,
	.industrial = true,
	.starts = {1, {{0x05, 0x05}}},
	.probe = probe,
	.speaker = speaker,
	.state_bytes = sizeof(struct dnp3),
	.feed = feed,
	.gap = gap,
	.fini = fini,
};

const struct qw_parser_ops qw_parser_dnp3_udp = {
	.app = QW_APP_DNP3,
	.datagram = true,
	.industrial = true,
	.starts = {1, {{0x05, 0x05}}},
	.probe = probe,
	.speaker = speaker,
	.state_bytes = sizeof(struct dnp3),
	.feed = feed_datagram,
	.fini = fini,
};

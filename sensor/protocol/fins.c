/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fins - Omron's FINS over UDP, and over TCP behind a header that says "FINS".
 *
 * Responses are paired with commands by the service number and the nodes; what
 * a read was about is told with its answer, too.
 */
#include "sensor/protocol/fins_message.h"

#include "quaywatch/ot_names.h"
#include "sensor/protocol/ot_talk.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/parsers.h"

enum {
	PORT = 9600,
	TCP_HEADER = 16,
	TCP_PREFIX = 8, /* what its length does not count */
	CARRIES = 2,    /* command of the header: a FINS frame follows */
	TEXT_MAX = 32,
	END_CODE = 0x7f3f, /* without the flags for relays and the unit's own errors */
};

struct scene {
	struct qw_fins_message fins;
	struct qw_ot_detail detail;
	char address[TEXT_MAX];
};

static int32_t length(const uint8_t *head)
{
	uint32_t len = qw_be32(head + 4);
	bool ours = memcmp(head, "FINS", 4) == 0 && len >= TCP_HEADER - TCP_PREFIX && len <= QW_FINS_FRAME_MAX - TCP_PREFIX;
	return ours ? (int32_t)len + TCP_PREFIX : QW_OT_FRAME_NONE;
}

static const struct qw_ot_framing framing = {
    .head = TCP_PREFIX, .start = 'F', .max = QW_FINS_FRAME_MAX, .length = length};

/* ---- what events say */

static void tell_memory(struct scene *scene, const struct qw_ot_pair *asked)
{
	const struct qw_fins_message *fins = &scene->fins;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text text;
	if (fins->area < 0 && !(asked && asked->detail))
		return;
	qw_ot_number(detail, QW_KEY_OT_ADDRESS, fins->area < 0 ? asked->object : fins->address);
	if (fins->area < 0 || fins->count)
		qw_ot_number(detail, QW_KEY_OT_QUANTITY, fins->area < 0 ? asked->detail : fins->count);
	if (fins->area < 0)
		return;
	qw_text_init(&text, scene->address, sizeof(scene->address));
	qw_fins_put_address(&text, fins);
	qw_ot_text(detail, QW_KEY_OT_OBJECTS, qw_ot_text_slice(&text));
}

static void tell_run(const struct qw_fins_message *fins, struct qw_ot_detail *detail)
{
	enum { MODE_AT = 2, MONITOR = 2, RUN = 4 };
	if (fins->command != QW_FINS_RUN || fins->response || fins->data.left <= MODE_AT)
		return;
	uint8_t mode = fins->data.at[MODE_AT];
	if (mode == MONITOR || mode == RUN)
		qw_ot_text(detail, QW_KEY_OT_INDICATIONS, qw_slice_text(mode == RUN ? "run" : "monitor"));
}

static void fill_detail(struct scene *scene, const struct qw_ot_pair *asked)
{
	const struct qw_fins_message *fins = &scene->fins;
	struct qw_ot_detail *detail = &scene->detail;
	qw_ot_begin(detail, "omron-fins", fins->command, qw_ot_names(QW_OT_FINS_COMMANDS), fins->response);
	if (fins->end_code > 0 && fins->end_code & END_CODE)
		qw_ot_fail(detail, fins->end_code & END_CODE, qw_ot_names(QW_OT_FINS_END_CODES));
	qw_ot_number(detail, QW_KEY_OT_SEQUENCE, fins->service);
	qw_ot_number(detail, QW_KEY_OT_UNIT, (fins->response ? fins->source : fins->destination) & 0xff);
	qw_ot_number(detail, QW_KEY_OT_SOURCE, fins->source);
	qw_ot_number(detail, QW_KEY_OT_DESTINATION, fins->destination);
	tell_memory(scene, asked);
	tell_run(fins, detail);
	qw_ot_text(detail, QW_KEY_OT_PRODUCT, fins->model);
	qw_ot_text(detail, QW_KEY_OT_REVISION, fins->version);
}

/* ---- messages */

static const struct qw_ot_pair *pair(const struct qw_ot_call *call, const struct qw_fins_message *fins)
{
	uint64_t asker = fins->response ? fins->destination : fins->source;
	uint64_t key = asker << 24 | (uint64_t)fins->command << 8 | fins->service;
	if (fins->response)
		return qw_ot_pairs_answer(&call->talk->pairs, key);
	qw_ot_pairs_ask(call->talk, &call->talk->pairs, key, fins->address, fins->count);
	return NULL;
}

static void read_fins(const struct qw_ot_call *call, struct qw_bytes in)
{
	struct scene scene;
	struct qw_message message;
	if (!qw_fins_parse(&scene.fins, in))
		return;
	fill_detail(&scene, pair(call, &scene.fins));
	qw_ot_talk_begin(call, QW_APP_OMRON_FINS, &scene.detail, &message);
	if (qw_ot_talk_wants(call, QW_OT_WANT_FIELDS)) {
		qw_message_number(&message, QW_BUFFER_FINS_COMMAND, scene.fins.command, true);
		if (scene.fins.end_code >= 0)
			qw_message_number(&message, QW_BUFFER_FINS_END_CODE, (uint64_t)scene.fins.end_code & END_CODE, true);
	}
	qw_ot_talk_publish(call, &message);
}

/* Node addresses are given out when a connection begins; errors end it. */
static void tell_header(const struct qw_ot_call *call, uint32_t command, uint32_t error)
{
	static const char *const kinds[] = {"node_address_request", "node_address_answer", NULL, "error", NULL, NULL, "refused"};
	struct qw_ot_detail detail;
	struct qw_message message;
	const char *kind = command < sizeof(kinds) / sizeof(*kinds) ? kinds[command] : NULL;
	if (!kind)
		return;
	qw_ot_begin(&detail, "omron-fins", QW_OT_NO_NUMBER, NULL, command != 0);
	detail.kind = kind;
	if (command != 0 && error)
		qw_ot_fail(&detail, error, NULL);
	qw_ot_talk_begin(call, QW_APP_OMRON_FINS, &detail, &message);
	qw_ot_talk_publish(call, &message);
}

static void read_framed(const struct qw_ot_call *call, struct qw_bytes frame)
{
	uint32_t command, error;
	if (!qw_bytes_skip(&frame, TCP_PREFIX) || !qw_bytes_be32(&frame, &command) || !qw_bytes_be32(&frame, &error))
		return;
	if (command == CARRIES)
		read_fins(call, frame);
	else
		tell_header(call, command, error);
}

/* ---- the parsers */

static enum qw_parse feed_stream(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
				 size_t len, const struct qw_message_sink *sink)
{
	const struct qw_ot_call call = {state, flow, direction, sink};
	return qw_ot_talk_stream(&call, &framing, read_framed, qw_bytes(data, len));
}

static enum qw_parse feed_datagram(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
				   size_t len, const struct qw_message_sink *sink)
{
	const struct qw_ot_call call = {state, flow, direction, sink};
	if (qw_ot_talk_is_wanted(state))
		read_fins(&call, qw_bytes(data, len));
	return QW_PARSE_MORE;
}

static int probe_stream(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	if (memcmp(data, "FINS", len < 4 ? len : 4) != 0)
		return 0;
	return len < TCP_PREFIX ? -1 : length(data) > 0;
}

static int probe_datagram(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	return qw_ot_talk_is_at(flow, PORT) && qw_fins_is_header(qw_bytes(data, len));
}

const struct qw_parser_ops qw_parser_fins_tcp = {
    .app = QW_APP_OMRON_FINS,
    .industrial = true,
    .starts = {1, {{'F', 'F'}}},
    .probe = probe_stream,
    .state_bytes = sizeof(struct qw_ot_talk),
    .feed = feed_stream,
    .gap = qw_ot_talk_gap,
    .fini = qw_ot_talk_fini,
};

const struct qw_parser_ops qw_parser_fins_udp = {
    .app = QW_APP_OMRON_FINS,
    .datagram = true,
    .industrial = true,
    .probe = probe_datagram,
    .state_bytes = sizeof(struct qw_ot_talk),
    .feed = feed_datagram,
    .fini = qw_ot_talk_fini,
};

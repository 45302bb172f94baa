/* SPDX-License-Identifier: Apache-2.0 */
/*
 * llrp - LLRP over TCP, by which RFID readers are told what to do: each message is a transaction of its own.
 *
 * Reports are told by how many tags are in them, not by which.
 */
#include "quaywatch/ot_names.h"
#include "sensor/protocol/llrp_message.h"
#include "sensor/protocol/ot_talk.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/parsers.h"

enum { PORT = 5084, NUMBER_TEXT_MAX = 12, READER_TEXT_MAX = 64, READER_BYTES_MAX = 24 };

struct scene {
	struct qw_llrp_message llrp;
	struct qw_ot_detail detail;
	char vendor[NUMBER_TEXT_MAX], model[NUMBER_TEXT_MAX], reader[READER_TEXT_MAX];
};

static const struct qw_ot_framing framing = {
    .head = QW_LLRP_HEAD, .start = -1, .max = QW_LLRP_FRAME_MAX, .most = QW_LLRP_FRAME_MOST, .length = qw_llrp_length};

/* ---- what events say */

static void tell_number(struct qw_ot_detail *detail, enum qw_event_key key, char *memory, uint32_t number)
{
	struct qw_text text;
	qw_text_init(&text, memory, NUMBER_TEXT_MAX);
	qw_text_u64(&text, number);
	qw_ot_text(detail, key, qw_ot_text_slice(&text));
}

static void tell_identity(struct scene *scene)
{
	const struct qw_llrp_message *llrp = &scene->llrp;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text text;
	if (llrp->identified || llrp->type == QW_LLRP_CUSTOM)
		tell_number(detail, QW_KEY_OT_VENDOR, scene->vendor,
			    llrp->identified ? llrp->vendor : llrp->custom_vendor);
	if (llrp->identified)
		tell_number(detail, QW_KEY_OT_PRODUCT_CODE, scene->model, llrp->model);
	qw_ot_text(detail, QW_KEY_OT_REVISION, llrp->firmware);
	qw_text_init(&text, scene->reader, sizeof(scene->reader));
	qw_text_hex(&text, llrp->reader.data,
		    llrp->reader.len < READER_BYTES_MAX ? llrp->reader.len : READER_BYTES_MAX);
	qw_ot_text(detail, QW_KEY_OT_SERIAL_TEXT, qw_ot_text_slice(&text));
}

static void tell_event(struct scene *scene)
{
	const struct qw_llrp_message *llrp = &scene->llrp;
	struct qw_ot_detail *detail = &scene->detail;
	const char *name = qw_number_name(qw_ot_names(QW_OT_LLRP_EVENTS), llrp->event);
	if (!llrp->event)
		return;
	qw_ot_text(detail, QW_KEY_OT_SERVICE_NAME, qw_slice_text(name ? name : "event"));
	if (llrp->attempt < 0)
		return;
	const char *ended = qw_number_name(qw_ot_names(QW_OT_LLRP_ATTEMPTS), (uint64_t)llrp->attempt);
	qw_ot_number(detail, QW_KEY_OT_CAUSE, (uint64_t)llrp->attempt);
	qw_ot_text(detail, QW_KEY_OT_CAUSE_NAME, qw_slice_text(ended));
}

static void fill_detail(struct scene *scene)
{
	const struct qw_llrp_message *llrp = &scene->llrp;
	struct qw_ot_detail *detail = &scene->detail;
	const char *name = qw_number_name(qw_ot_names(QW_OT_LLRP_TYPES), llrp->type);
	qw_ot_begin(detail, "llrp", QW_OT_NO_NUMBER, NULL, qw_llrp_is_answer(llrp->type));
	detail->kind = name ? name : "message";
	if (llrp->status > 0)
		qw_ot_fail(detail, llrp->status, qw_ot_names(QW_OT_LLRP_STATUSES));
	qw_ot_number(detail, QW_KEY_OT_SEQUENCE, llrp->id);
	qw_ot_number(detail, QW_KEY_OT_COMMAND, llrp->type);
	if (llrp->type == QW_LLRP_CUSTOM)
		qw_ot_number(detail, QW_KEY_OT_SUBFUNCTION, llrp->custom_type);
	tell_event(scene);
	if (llrp->numbered)
		qw_ot_number(detail, QW_KEY_OT_INSTANCE, llrp->spec);
	if (llrp->type == QW_LLRP_REPORT)
		qw_ot_number(detail, QW_KEY_OT_QUANTITY, llrp->reports);
	qw_ot_text(detail, QW_KEY_OT_INDICATIONS, llrp->resets ? qw_slice_text("factory_reset") : llrp->why);
	tell_identity(scene);
}

/* ---- messages */

/* Answers have the number of their request; later types are answered by reports, or not at all. */
static void pair(const struct qw_ot_call *call, const struct qw_llrp_message *llrp)
{
	if (qw_llrp_is_answer(llrp->type))
		(void)qw_ot_pairs_answer(&call->talk->pairs, llrp->id);
	else if (llrp->type < QW_LLRP_ANSWERED)
		qw_ot_pairs_ask(call->talk, &call->talk->pairs, llrp->id, llrp->spec, llrp->type);
}

static void read_message(const struct qw_ot_call *call, struct qw_bytes frame)
{
	struct scene scene;
	struct qw_message message;
	qw_llrp_parse(&scene.llrp, frame);
	pair(call, &scene.llrp);
	fill_detail(&scene);
	qw_ot_talk_begin(call, QW_APP_LLRP, &scene.detail, &message);
	if (qw_ot_talk_wants(call, QW_OT_WANT_FIELDS)) {
		qw_message_number(&message, QW_BUFFER_LLRP_TYPE, scene.llrp.type, true);
		if (scene.llrp.status >= 0)
			qw_message_number(&message, QW_BUFFER_LLRP_STATUS, (uint64_t)scene.llrp.status, true);
	}
	qw_ot_talk_publish(call, &message);
}

/* ---- the parser */

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	const struct qw_ot_call call = {state, flow, direction, sink};
	return qw_ot_talk_stream(&call, &framing, read_message, qw_bytes(data, len));
}

/* On other ports than its own: the event that a reader greets with. */
static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	if (!qw_ot_talk_is_at(flow, PORT))
		return qw_llrp_is_event(qw_bytes(data, len));
	if (len < QW_LLRP_HEAD)
		return data[0] >> 5 == 0 && data[0] >> 2 ? -1 : 0;
	return qw_llrp_length(data) > 0 && qw_number_name(qw_ot_names(QW_OT_LLRP_TYPES), qw_be16(data) & QW_LLRP_TYPE);
}

static enum qw_speaker speaker(const uint8_t *data, size_t len)
{
	return qw_llrp_is_event(qw_bytes(data, len)) ? QW_SPEAKER_SERVER : QW_SPEAKER_UNKNOWN;
}

const struct qw_parser_ops qw_parser_llrp = {
    .app = QW_APP_LLRP,
    .industrial = true,
    .starts = {1, {{0x00, 0x1f}}},
    .probe = probe,
    .speaker = speaker,
    .state_bytes = sizeof(struct qw_ot_talk),
    .feed = feed,
    .gap = qw_ot_talk_gap,
    .fini = qw_ot_talk_fini,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* s7comm - what rules and events see of S7comm: each message is a transaction of its own. */
#include "sensor/protocol/s7comm_message.h"

#include "quaywatch/hash.h"
#include "quaywatch/ot_names.h"
#include "quaywatch/rule_event.h"
#include "sensor/protocol/iso.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/repeat.h"
#include "sensor/protocol/s7comm_identity.h"

enum { OBJECTS_TEXT_MAX = 1024, VALUE_TEXT_MAX = 128, VALUE_BYTES_MAX = 32, REQUEST = 4, PUSH = 0 };

struct scene {
	struct qw_s7comm_message message;
	struct qw_s7comm_identity identity;
	struct qw_ot_detail detail;
	bool response, values_told;
	char objects[OBJECTS_TEXT_MAX], values[VALUE_TEXT_MAX];
};

/* ---- what rules see */

static uint8_t block_type(const struct qw_s7comm_message *message)
{
	enum { TYPE = 2 };
	return message->block.len > TYPE ? message->block.data[TYPE] : 0;
}

static void add_fields(const struct scene *scene, struct qw_message *out)
{
	const struct qw_s7comm_message *message = &scene->message;
	qw_message_number(out, QW_BUFFER_S7COMM_TYPE, message->type, true);
	if (message->function >= 0)
		qw_message_number(out, QW_BUFFER_S7COMM_FUNC, (uint64_t)message->function, true);
	if (message->userdata)
		qw_message_number(out, QW_BUFFER_S7COMM_GROUP, message->group, true);
	if (message->userdata)
		qw_message_number(out, QW_BUFFER_S7COMM_SUBFUNCTION, message->subfunction, true);
	if (scene->identity.list)
		qw_message_number(out, QW_BUFFER_S7COMM_SZL, scene->identity.id, true);
	if (block_type(message))
		qw_message_number(out, QW_BUFFER_S7COMM_BLOCK_TYPE, block_type(message), true);
	qw_message_add(out, QW_BUFFER_S7COMM_SERVICE, QW_SIGHT_NONE, message->service, true);
	/* Numbers have room for so many items and no more; the rest is in the event. */
	for (uint8_t i = 0; i < message->items && out->numbers + 2 <= QW_NUMBERS_MAX; i++) {
		qw_message_number(out, QW_BUFFER_S7COMM_AREA, message->item[i].area, true);
		qw_message_number(out, QW_BUFFER_S7COMM_DB, message->item[i].block, true);
	}
}

/* ---- what events say */

static void put_objects(struct qw_text *text, const struct qw_s7comm_message *message)
{
	for (uint8_t i = 0; i < message->items && !text->cut; i++) {
		qw_ot_put_comma(text);
		qw_s7comm_put_item(text, &message->item[i]);
	}
	qw_ot_put_slice(text, message->block);
}

static void fail(struct scene *scene)
{
	const struct qw_s7comm_message *message = &scene->message;
	if (message->error) {
		qw_ot_fail(&scene->detail, message->error, qw_ot_names(QW_OT_S7COMM_ERRORS));
		return;
	}
	for (uint8_t i = 0; i < message->results && scene->response; i++) {
		if (message->result[i] == QW_S7COMM_GOOD)
			continue;
		qw_ot_fail(&scene->detail, message->result[i], qw_ot_names(QW_OT_S7COMM_RETURNS));
		return;
	}
}

static const char *kind_of(const struct qw_s7comm_message *message)
{
	if (!message->userdata)
		return message->type == QW_S7COMM_ACK ? "ack" : "empty";
	const char *name = qw_number_name(qw_ot_names(QW_OT_S7COMM_GROUPS), message->group);
	return name ? name : "userdata";
}

static void add_userdata(struct scene *scene)
{
	const struct qw_s7comm_message *message = &scene->message;
	struct qw_ot_detail *detail = &scene->detail;
	const char *name = qw_number_name(qw_ot_names(QW_OT_S7COMM_SUBFUNCTIONS), message->group << 8 | message->subfunction);
	qw_ot_number(detail, QW_KEY_OT_SUBFUNCTION, message->subfunction);
	qw_ot_text(detail, QW_KEY_OT_SERVICE_NAME, qw_slice_text(name));
	if (!scene->identity.list)
		return;
	qw_ot_number(detail, QW_KEY_OT_INSTANCE, scene->identity.id);
	qw_ot_number(detail, QW_KEY_OT_INDEX, scene->identity.index);
}

static void add_items(struct scene *scene)
{
	const struct qw_s7comm_message *message = &scene->message;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text text, objects;
	qw_text_init(&text, scene->values, sizeof(scene->values));
	qw_text_init(&objects, scene->objects, sizeof(scene->objects));
	if (message->items)
		qw_ot_number(detail, QW_KEY_OT_ADDRESS, message->item[0].address >> 3);
	if (message->quantity >= 0)
		qw_ot_number(detail, QW_KEY_OT_QUANTITY, (uint64_t)message->quantity);
	if (message->pdu_bytes >= 0)
		qw_ot_number(detail, QW_KEY_OT_VALUE, (uint64_t)message->pdu_bytes);
	if (scene->values_told && message->function == QW_S7COMM_WRITE && message->value.data && message->value.len <= VALUE_BYTES_MAX)
		qw_text_hex(&text, message->value.data, message->value.len);
	qw_ot_text(detail, QW_KEY_OT_VALUES, qw_ot_text_slice(&text));
	put_objects(&objects, message);
	qw_ot_text(detail, QW_KEY_OT_OBJECTS, qw_ot_text_slice(&objects));
}

static const void *describe(void *ctx)
{
	struct scene *scene = ctx;
	const struct qw_s7comm_message *message = &scene->message;
	struct qw_ot_detail *detail = &scene->detail;
	qw_ot_begin(detail, "s7comm", message->function, qw_ot_names(QW_OT_S7COMM_FUNCTIONS), scene->response);
	if (message->function < 0)
		detail->kind = kind_of(message);
	fail(scene);
	qw_ot_number(detail, QW_KEY_OT_SEQUENCE, message->reference);
	if (message->userdata)
		add_userdata(scene);
	qw_ot_text(detail, QW_KEY_OT_SERVICE_NAME, message->service);
	add_items(scene);
	qw_s7comm_identity_tell(&scene->identity, detail);
	return detail;
}

/* As the event tells it.  Who a device says that it is, and which block or service, has no room in two words. */
static void fill_gist(const struct scene *scene, uint64_t gist[2])
{
	const struct qw_s7comm_message *message = &scene->message;
	uint64_t items = (uint64_t)(message->quantity + 1), failed = message->error;
	if (scene->identity.list || message->block.len | message->service.len)
		return;
	for (uint8_t i = 0; i < message->items; i++) {
		const struct qw_s7comm_item *item = &message->item[i];
		items = qw_mix64(items ^ ((uint64_t)item->address << 32 | (uint64_t)item->count << 16 | item->block));
		items ^= (uint64_t)item->area << 8 | item->transport;
	}
	for (uint8_t i = 0; i < message->results && scene->response && !failed; i++)
		failed = message->result[i] == QW_S7COMM_GOOD ? 0 : 1u << 16 | message->result[i];
	gist[0] = (uint64_t)(uint16_t)message->function << 8 | message->type | (uint64_t)scene->response << 24 | failed << 32 |
		  UINT64_C(1) << 63;
	gist[1] = items;
	if (message->userdata)
		gist[1] ^= UINT64_C(1) << 62 | (uint64_t)message->group << 48 | (uint64_t)message->subfunction << 40;
}

/* ---- messages */

/* The request: that an answer is for, or this. */
static const struct qw_ot_pair *pair(const struct qw_iso_call *call, const struct scene *scene)
{
	const struct qw_s7comm_message *message = &scene->message;
	if (scene->response)
		return qw_ot_pairs_answer(&call->iso->pairs, message->reference);
	if (!message->userdata || message->way == REQUEST)
		return qw_ot_pairs_ask(call->iso, &call->iso->pairs, message->reference, 0, 0);
	return NULL;
}

/* ---- what was read before */

enum { REFERENCE = 4, ERROR = 10, FIRST_ITEM = 12, HEAD_BYTES = 12 };

/* The same variables, in another job.  Userdata may be parts of what is put together. */
static bool is_repeated(const struct qw_iso_call *call, struct qw_bytes data)
{
	struct qw_repeat *repeat = call->sink->repeat;
	if (data.left < HEAD_BYTES || data.at[1] == QW_S7COMM_USERDATA) {
		qw_repeat_none(repeat);
		return false;
	}
	bool job = data.at[1] == QW_S7COMM_JOB;
	uint64_t item = qw_repeat_word(data, FIRST_ITEM, 8) ^ qw_repeat_word(data, FIRST_ITEM + 8, 4) << 32;
	struct qw_repeat_frame frame = {
		.flow = call->flow,
		.direction = call->direction,
		.bytes = data,
		.telling = job ? item : qw_repeat_word(data, ERROR, 4),
		.way = job ? QW_REPEAT_ASKS : QW_REPEAT_ANSWERS,
		.pairs = &call->iso->pairs,
		.state = call->iso,
		.key = qw_be16(data.at + REFERENCE),
	};
	if (!qw_repeat_is(repeat, &frame))
		return false;
	call->iso->transactions++;
	return true;
}

/* The job's number, and what variables hold. */
static void note_varying(struct qw_repeat *repeat, const struct qw_s7comm_message *message, struct qw_bytes data)
{
	qw_repeat_varies(repeat, data.at + REFERENCE, 2);
	for (uint8_t i = 0; i < message->values; i++)
		qw_repeat_varies(repeat, message->held[i].data, message->held[i].len);
}

/* An answer in several messages: the list is read when the last has come. */
static void gather(const struct qw_iso_call *call, struct scene *scene)
{
	struct qw_s7comm_message *message = &scene->message;
	struct qw_store *held = &call->iso->side[call->direction].answer;
	if (message->group != QW_S7COMM_GROUP_CPU || message->subfunction != QW_S7COMM_SZL)
		return;
	if (!message->more && held->len == 0) {
		qw_s7comm_identity_parse(&scene->identity, message->body, scene->response);
		return;
	}
	if (!qw_store_put(call->iso, held, message->body.at, message->body.left, QW_ISO_ANSWER_MAX)) {
		qw_store_free(call->iso, held);
		return;
	}
	if (!message->more)
		qw_s7comm_identity_parse(&scene->identity, qw_bytes(held->at, held->len), scene->response);
}

void qw_s7comm_read(const struct qw_iso_call *call, struct qw_bytes data)
{
	struct scene scene;
	struct qw_message out;
	struct qw_s7comm_message *message = &scene.message;
	if (is_repeated(call, data) || !qw_s7comm_parse(message, data))
		return;
	note_varying(call->sink->repeat, message, data);
	scene.identity = (struct qw_s7comm_identity){0};
	scene.response = message->userdata ? message->way != REQUEST && message->way != PUSH : message->type != QW_S7COMM_JOB;
	const struct qw_ot_pair *request = pair(call, &scene);
	if (message->userdata)
		gather(call, &scene);
	scene.values_told = call->wants & QW_OT_WANT_VALUES;
	qw_iso_begin(call, &out, QW_APP_S7COMM);
	if (call->wants & QW_OT_WANT_WATCH)
		fill_gist(&scene, out.gist);
	if (call->wants & QW_OT_WANT_FIELDS)
		add_fields(&scene, &out);
	if (message->malformed)
		qw_message_number(&out, QW_BUFFER_APP_EVENT, QW_AE_S7COMM_MALFORMED, true);
	out.describe = describe;
	out.scene = &scene;
	qw_iso_publish(call, &out);
	qw_repeat_read(call->sink->repeat, request);
	if (message->userdata && !message->more)
		qw_store_free(call->iso, &call->iso->side[call->direction].answer);
}

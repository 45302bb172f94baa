/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/opcua_message.h"

#include "quaywatch/ot_names.h"
#include "quaywatch/rule_event.h"
#include "sensor/protocol/ot_text.h"

/* ---- chunks */

uint8_t qw_opcua_type_of(const uint8_t *head)
{
	static const char names[][4] = {
	    [QW_OPCUA_HELLO] = "HEL",         [QW_OPCUA_ACKNOWLEDGE] = "ACK", [QW_OPCUA_ERROR] = "ERR",
	    [QW_OPCUA_REVERSE_HELLO] = "RHE", [QW_OPCUA_OPEN] = "OPN",        [QW_OPCUA_MESSAGE] = "MSG",
	    [QW_OPCUA_CLOSE] = "CLO"};
	for (uint8_t type = QW_OPCUA_HELLO; type <= QW_OPCUA_CLOSE; type++)
		if (memcmp(head, names[type], 3) == 0)
			return type;
	return 0;
}

uint32_t qw_opcua_size_of(const uint8_t *head)
{
	enum { SIZE_MOST = 64 << 20 };
	uint32_t size = qw_le32(head + 4);
	bool flag = head[3] == 'F' || head[3] == 'C' || head[3] == 'A';
	return flag && size >= QW_OPCUA_HEAD_BYTES && size <= SIZE_MOST && qw_opcua_type_of(head) ? size : 0;
}

enum qw_speaker qw_opcua_speaker(const uint8_t *data, size_t len)
{
	enum { CHANNEL_AND_SEQUENCE = 16 };
	struct qw_opcua_body body;
	struct qw_bytes in = qw_bytes(data, len);
	uint32_t size = len < QW_OPCUA_HEAD_BYTES ? 0 : qw_opcua_size_of(data);
	if (size == 0 || size > len)
		return QW_SPEAKER_UNKNOWN;
	switch ((enum qw_opcua_type)qw_opcua_type_of(data)) {
	case QW_OPCUA_HELLO: return QW_SPEAKER_CLIENT;
	case QW_OPCUA_ACKNOWLEDGE: return QW_SPEAKER_SERVER;
	case QW_OPCUA_MESSAGE:
		qw_bytes_limit(&in, size);
		if (!qw_bytes_skip(&in, QW_OPCUA_HEAD_BYTES + CHANNEL_AND_SEQUENCE) || !qw_opcua_is_readable(in) ||
		    !qw_opcua_body_parse(&body, in))
			return QW_SPEAKER_UNKNOWN;
		return body.response ? QW_SPEAKER_SERVER : QW_SPEAKER_CLIENT;
	default: return QW_SPEAKER_UNKNOWN;
	}
}

/* ---- hello, acknowledge, error, reverse hello */

bool qw_opcua_transport_parse(struct qw_opcua_message *message, struct qw_bytes in)
{
	enum { LIMITS = 20 }; /* version, buffers, sizes */
	struct qw_slice server;
	uint32_t error;
	switch ((enum qw_opcua_type)message->type) {
	case QW_OPCUA_HELLO: return qw_bytes_skip(&in, LIMITS) && qw_opcua_string(&in, &message->url);
	case QW_OPCUA_ACKNOWLEDGE: return qw_bytes_skip(&in, LIMITS);
	case QW_OPCUA_REVERSE_HELLO: return qw_opcua_string(&in, &server) && qw_opcua_string(&in, &message->url);
	case QW_OPCUA_ERROR:
		if (!qw_bytes_le32(&in, &error))
			return false;
		message->error = error;
		return qw_opcua_string(&in, &message->reason);
	default: return false;
	}
}

/* ---- what rules see */

static void add_body(const struct qw_opcua_scene *scene, struct qw_message *out)
{
	const struct qw_opcua_body *body = &scene->message.body;
	bool numeric = body->type.kind == QW_OPCUA_NUMERIC;
	if (scene->message.type == QW_OPCUA_MESSAGE) {
		if (numeric && body->type.space == 0)
			qw_message_number(out, QW_BUFFER_OPCUA_MSG_SERVICE, body->type.number, true);
		if (numeric)
			qw_message_number(out, QW_BUFFER_OPCUA_NODE_ID, body->type.number, true);
		qw_message_number(out, QW_BUFFER_OPCUA_NODE_NAMESPACE, body->type.space, true);
	}
	if (body->response && body->headed)
		qw_message_number(out, QW_BUFFER_OPCUA_STATUS, body->status, true);
	if (body->mode >= 0)
		qw_message_number(out, QW_BUFFER_OPCUA_SECURITY_MODE, (uint64_t)body->mode, true);
	for (uint8_t i = 0; i < scene->nodes; i++)
		qw_message_add(out, QW_BUFFER_OPCUA_NODE, QW_SIGHT_NONE, scene->node[i], true);
	qw_message_add(out, QW_BUFFER_OPCUA_APPLICATION_NAME, QW_SIGHT_NONE, body->application, true);
	qw_message_add(out, QW_BUFFER_OPCUA_ENDPOINT_URL, QW_SIGHT_NONE, body->url, true);
	qw_message_add(out, QW_BUFFER_OPCUA_USER, QW_SIGHT_NONE, body->user, true);
	qw_message_add(out, QW_BUFFER_OPCUA_DATA, QW_SIGHT_NONE, body->data, true);
}

void qw_opcua_scene_fields(const struct qw_opcua_scene *scene, struct qw_message *out)
{
	const struct qw_opcua_message *message = &scene->message;
	qw_message_number(out, QW_BUFFER_OPCUA_MSG_TYPE, message->type, true);
	if (message->error >= 0)
		qw_message_number(out, QW_BUFFER_OPCUA_STATUS, (uint64_t)message->error, true);
	qw_message_add(out, QW_BUFFER_OPCUA_SECURITY_POLICY, QW_SIGHT_NONE, message->policy, true);
	qw_message_add(out, QW_BUFFER_OPCUA_ENDPOINT_URL, QW_SIGHT_NONE, message->url, true);
	if (message->malformed || (message->has_body && message->body.malformed && !message->cut))
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_OPCUA_MALFORMED, true);
	if (message->cut || message->fate == QW_OPCUA_TOO_LARGE)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_OPCUA_TOO_LARGE, true);
	if (message->has_body)
		add_body(scene, out);
}

/* ---- what events say */

static const char *kind_of(const struct qw_opcua_message *message)
{
	static const char *const fates[] = {
	    [QW_OPCUA_ENCRYPTED] = "encrypted", [QW_OPCUA_ABORTED] = "abort", [QW_OPCUA_TOO_LARGE] = "too_large"};
	static const char *const types[] = {[QW_OPCUA_HELLO] = "hello",
					    [QW_OPCUA_ACKNOWLEDGE] = "acknowledge",
					    [QW_OPCUA_ERROR] = "error",
					    [QW_OPCUA_REVERSE_HELLO] = "reverse_hello",
					    [QW_OPCUA_OPEN] = "open_secure_channel",
					    [QW_OPCUA_MESSAGE] = "message",
					    [QW_OPCUA_CLOSE] = "close_secure_channel"};
	return message->fate ? fates[message->fate] : types[message->type];
}

/* All nodes as one text, "i=85, ns=2;s=Hoist"; rules see them one at a time. */
static void put_nodes(struct qw_opcua_scene *scene)
{
	const struct qw_opcua_body *body = &scene->message.body;
	struct qw_text text;
	qw_text_init(&text, scene->text, sizeof(scene->text));
	for (uint8_t i = 0; i < body->nodes; i++) {
		qw_ot_put_comma(&text);
		size_t from = text.len;
		qw_opcua_put_node(&text, &body->node[i]);
		if (text.cut)
			break;
		scene->node[scene->nodes++] = qw_slice(text.at + from, text.len - from);
		scene->nodes_len = text.len;
	}
}

static struct qw_slice token_name(uint8_t token)
{
	static const char *const names[] = {[QW_OPCUA_NO_TOKEN] = NULL,
					    [QW_OPCUA_ANONYMOUS] = "anonymous",
					    [QW_OPCUA_NAME] = "user_name",
					    [QW_OPCUA_CERTIFICATE] = "certificate",
					    [QW_OPCUA_ISSUED] = "issued_token"};
	return qw_slice_text(names[token]);
}

static void begin(struct qw_opcua_scene *scene)
{
	const struct qw_opcua_message *message = &scene->message;
	const struct qw_opcua_body *body = &message->body;
	struct qw_ot_detail *detail = &scene->detail;
	if (message->has_body && body->type.kind == QW_OPCUA_NUMERIC) {
		qw_ot_begin(detail, "opcua", body->type.number,
			    body->type.space ? NULL : qw_ot_names(QW_OT_OPCUA_SERVICES),
			    body->known ? body->response : message->response);
		if (body->response && qw_opcua_is_bad(body->status))
			qw_ot_fail(detail, body->status, qw_ot_names(QW_OT_OPCUA_STATUSES));
		return;
	}
	qw_ot_begin(detail, "opcua", QW_OT_NO_NUMBER, NULL, message->response);
	detail->kind = kind_of(message);
	if (message->error >= 0)
		qw_ot_fail(detail, message->error, qw_ot_names(QW_OT_OPCUA_STATUSES));
}

/* What a service works on. */
static void add_work(struct qw_opcua_scene *scene, bool values)
{
	const struct qw_opcua_body *body = &scene->message.body;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text value;
	if (scene->message.asked) {
		const char *name = qw_number_name(qw_ot_names(QW_OT_OPCUA_SERVICES), scene->message.asked);
		qw_ot_number(detail, QW_KEY_OT_SERVICE, scene->message.asked);
		qw_ot_text(detail, QW_KEY_OT_SERVICE_NAME, qw_slice_text(name));
	}
	if (body->attribute >= 0)
		qw_ot_number(detail, QW_KEY_OT_ATTRIBUTE, (uint64_t)body->attribute);
	if (body->count)
		qw_ot_number(detail, QW_KEY_OT_QUANTITY, body->count);
	qw_text_init(&value, scene->value, sizeof(scene->value));
	if (values && body->valued)
		qw_opcua_put_value(&value, &body->value);
	qw_ot_text(detail, QW_KEY_OT_VALUES, qw_ot_text_slice(&value));
	qw_ot_text(detail, QW_KEY_OT_OBJECTS, qw_slice(scene->text, scene->nodes_len));
}

/* Who says what of itself; the product's URI is all that stands for a vendor. */
static void add_identity(struct qw_opcua_scene *scene)
{
	const struct qw_opcua_message *message = &scene->message;
	const struct qw_opcua_body *body = &message->body;
	struct qw_ot_detail *detail = &scene->detail;
	qw_ot_text(detail, QW_KEY_OT_INDICATIONS, message->has_body ? token_name(body->token) : message->reason);
	qw_ot_text(detail, QW_KEY_OT_POLICY,
		   message->has_body && body->token_policy.len ? body->token_policy : message->policy);
	if (message->has_body && body->mode >= 0)
		qw_ot_number(detail, QW_KEY_OT_MODE, (uint64_t)body->mode);
	if (message->has_body)
		qw_ot_text(detail, QW_KEY_OT_USER, body->user);
	qw_ot_text(detail, QW_KEY_OT_URL, message->has_body && body->url.len ? body->url : message->url);
	if (!message->has_body)
		return;
	qw_ot_text(detail, QW_KEY_OT_PRODUCT, body->product);
	qw_ot_text(detail, QW_KEY_OT_DEVICE_NAME, body->application);
}

void qw_opcua_scene_fill(struct qw_opcua_scene *scene, bool values)
{
	const struct qw_opcua_message *message = &scene->message;
	struct qw_ot_detail *detail = &scene->detail;
	scene->nodes = 0;
	scene->nodes_len = 0;
	begin(scene);
	if (message->has_body && message->body.headed)
		qw_ot_number(detail, QW_KEY_OT_SEQUENCE, message->body.handle);
	if (message->channel >= 0)
		qw_ot_number(detail, QW_KEY_OT_SESSION, (uint64_t)message->channel);
	if (message->has_body) {
		put_nodes(scene);
		add_work(scene, values);
	}
	add_identity(scene);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/bacnet_scene.h"

#include "quaywatch/hash.h"
#include "quaywatch/ot_names.h"
#include "quaywatch/rule_event.h"
#include "sensor/protocol/ot_text.h"

/* ---- requests and answers */

uint64_t qw_bacnet_scene_key(const struct qw_bacnet_scene *scene)
{
	const struct qw_bacnet_message *message = &scene->message;
	bool asks = qw_bacnet_asks(message);
	const struct qw_bacnet_address *address = asks ? &message->destination : &message->source;
	bool routed = asks ? message->routed_to : message->routed_from;
	uint64_t key = (uint64_t)(uint16_t)message->invoke;
	if (!routed)
		return key;
	for (size_t i = 0; i < address->octets.len; i++)
		key = qw_mix64(key ^ address->octets.data[i]);
	return qw_mix64(key ^ (uint64_t)address->network << 32) | UINT64_C(1) << 63;
}

uint32_t qw_bacnet_scene_object(const struct qw_bacnet_scene *scene)
{
	const struct qw_bacnet_item *item = &scene->service.item[0];
	if (!scene->read || scene->service.items == 0 || !(item->has & QW_BACNET_HAS_OBJECT))
		return 0;
	return ((uint32_t)item->object << QW_BACNET_INSTANCE_BITS | item->instance) + 1;
}

static bool is_paired(const struct qw_bacnet_message *message)
{
	return message->apdu && message->invoke >= 0 && message->type != QW_BACNET_SEGMENT_ACK;
}

bool qw_bacnet_scene_asks(const struct qw_bacnet_scene *scene)
{
	const struct qw_bacnet_message *message = &scene->message;
	return is_paired(message) && qw_bacnet_asks(message) && (!message->segmented || message->segment == 0);
}

bool qw_bacnet_scene_answers(const struct qw_bacnet_scene *scene)
{
	return is_paired(&scene->message) && !qw_bacnet_asks(&scene->message);
}

/* ---- what rules see */

static void add_service(const struct qw_bacnet_scene *scene, struct qw_message *out)
{
	const struct qw_bacnet_service *service = &scene->service;
	for (uint16_t i = 0; i < service->items; i++)
		qw_message_add(out, QW_BUFFER_BACNET_ITEM, QW_SIGHT_NONE,
			       qw_slice(&service->item[i], sizeof(service->item[i])), true);
	for (uint8_t i = 0; i < service->texts; i++)
		qw_message_add(out, QW_BUFFER_BACNET_TEXT, QW_SIGHT_NONE, service->text[i], true);
	if (service->device >= 0)
		qw_message_number(out, QW_BUFFER_BACNET_DEVICE, (uint64_t)service->device, true);
	if (service->vendor >= 0)
		qw_message_number(out, QW_BUFFER_BACNET_VENDOR_ID, (uint64_t)service->vendor, true);
	if (service->error_code >= 0)
		qw_message_number(out, QW_BUFFER_BACNET_ERROR, (uint64_t)service->error_code, true);
}

static void add_apdu(const struct qw_bacnet_scene *scene, struct qw_message *out)
{
	const struct qw_bacnet_message *message = &scene->message;
	bool notice = message->type == QW_BACNET_UNCONFIRMED;
	qw_message_number(out, QW_BUFFER_BACNET_TYPE, message->type, true);
	if (message->service >= 0)
		qw_message_number(out, notice ? QW_BUFFER_BACNET_UNCONFIRMED : QW_BUFFER_BACNET_CONFIRMED,
				  (uint64_t)message->service, true);
	if (message->body.len)
		qw_message_add(out, QW_BUFFER_BACNET_DATA, QW_SIGHT_NONE, message->body, true);
	if (scene->read)
		add_service(scene, out);
}

void qw_bacnet_scene_fields(const struct qw_bacnet_scene *scene, struct qw_message *out)
{
	const struct qw_bacnet_message *message = &scene->message;
	if (message->function >= 0)
		qw_message_number(out, QW_BUFFER_BACNET_FUNCTION, (uint64_t)message->function, true);
	if (message->network_message >= 0)
		qw_message_number(out, QW_BUFFER_BACNET_NETWORK_MESSAGE, (uint64_t)message->network_message, true);
	if (message->malformed || message->clipped || (scene->read && scene->service.malformed))
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_BACNET_MALFORMED, true);
	if (scene->too_large)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_BACNET_TOO_LARGE, true);
	if (message->apdu)
		add_apdu(scene, out);
}

/* ---- what events say */

static void put_name(struct qw_text *text, enum qw_ot_names table, uint32_t number)
{
	const char *name = qw_number_name(qw_ot_names(table), number);
	if (name)
		qw_text_put(text, name, strlen(name));
	else
		qw_text_u64(text, number);
}

/* "analog-value:3.present-value[2]" */
static void put_item(struct qw_text *text, const struct qw_bacnet_item *item)
{
	qw_ot_put_comma(text);
	if (item->has & QW_BACNET_HAS_OBJECT) {
		put_name(text, QW_OT_BACNET_OBJECTS, item->object);
		qw_text_char(text, ':');
		qw_text_u64(text, item->instance);
	}
	if (!(item->has & QW_BACNET_HAS_PROPERTY))
		return;
	qw_text_char(text, '.');
	put_name(text, QW_OT_BACNET_PROPERTIES, item->property);
	if (item->has & QW_BACNET_HAS_INDEX) {
		qw_text_char(text, '[');
		qw_text_u64(text, item->index);
		qw_text_char(text, ']');
	}
}

static void put_items(struct qw_text *text, const struct qw_bacnet_service *service)
{
	for (uint16_t i = 0; i < service->items && !text->cut; i++)
		put_item(text, &service->item[i]);
}

/* What the first item is; an answer that does not name it is about what was asked for. */
static void add_item(struct qw_bacnet_scene *scene, const struct qw_ot_pair *asked)
{
	struct qw_ot_detail *detail = &scene->detail;
	const struct qw_bacnet_item *item = scene->read && scene->service.items ? &scene->service.item[0] : NULL;
	if (!item) {
		if (!asked || !asked->object)
			return;
		qw_ot_number(detail, QW_KEY_OT_CLASS, (asked->object - 1) >> QW_BACNET_INSTANCE_BITS);
		qw_ot_number(detail, QW_KEY_OT_INSTANCE, (asked->object - 1) & ((1u << QW_BACNET_INSTANCE_BITS) - 1));
		return;
	}
	if (item->has & QW_BACNET_HAS_OBJECT) {
		qw_ot_number(detail, QW_KEY_OT_CLASS, item->object);
		qw_ot_number(detail, QW_KEY_OT_INSTANCE, item->instance);
	}
	if (item->has & QW_BACNET_HAS_PROPERTY)
		qw_ot_number(detail, QW_KEY_OT_ATTRIBUTE, item->property);
	if (item->has & QW_BACNET_HAS_INDEX)
		qw_ot_number(detail, QW_KEY_OT_INDEX, item->index);
	if (scene->service.items > 1)
		qw_ot_number(detail, QW_KEY_OT_QUANTITY, scene->service.items);
}

/* "17 to 200": devices that are asked for. */
static void put_range(struct qw_text *text, const struct qw_bacnet_service *service)
{
	if (service->low < 0 || service->high < 0)
		return;
	qw_text_literal(text, "device:");
	qw_text_i64(text, service->low);
	if (service->high == service->low)
		return;
	qw_text_literal(text, " to ");
	qw_text_i64(text, service->high);
}

static void add_values(struct qw_bacnet_scene *scene, bool values)
{
	struct qw_ot_detail *detail = &scene->detail;
	const struct qw_bacnet_service *service = &scene->service;
	struct qw_text value, objects;
	qw_text_init(&value, scene->value, sizeof(scene->value));
	if (values && service->valued)
		qw_bacnet_put_value(&value, &service->value);
	if (service->state >= 0)
		qw_ot_number(detail, QW_KEY_OT_VALUE, (uint64_t)service->state);
	qw_ot_text(detail, QW_KEY_OT_VALUES, qw_ot_text_slice(&value));
	if (service->items && service->item[0].has & QW_BACNET_HAS_PRIORITY)
		qw_ot_number(detail, QW_KEY_OT_PRIORITY, service->item[0].priority);
	qw_text_init(&objects, scene->objects, sizeof(scene->objects));
	put_range(&objects, service);
	put_items(&objects, service);
	qw_ot_text(detail, QW_KEY_OT_OBJECTS, qw_ot_text_slice(&objects));
}

static void put_segment(struct qw_text *text, const struct qw_bacnet_message *message)
{
	if (!message->segmented)
		return;
	qw_text_literal(text, "segment");
	if (message->more)
		qw_text_literal(text, ", more");
}

static void add_identity(struct qw_bacnet_scene *scene)
{
	struct qw_ot_detail *detail = &scene->detail;
	const struct qw_bacnet_service *service = &scene->service;
	const struct qw_bacnet_identity *identity = &service->identity;
	struct qw_text vendor;
	qw_text_init(&vendor, scene->vendor, sizeof(scene->vendor));
	if (service->vendor >= 0)
		qw_text_i64(&vendor, service->vendor);
	qw_ot_text(detail, QW_KEY_OT_VENDOR, identity->vendor.len ? identity->vendor : qw_ot_text_slice(&vendor));
	qw_ot_text(detail, QW_KEY_OT_PRODUCT, identity->model);
	qw_ot_text(detail, QW_KEY_OT_REVISION, identity->firmware.len ? identity->firmware : identity->software);
	qw_ot_text(detail, QW_KEY_OT_SERIAL_NUMBER, identity->serial);
	if (service->device >= 0)
		qw_ot_number(detail, QW_KEY_OT_DEVICE, (uint64_t)service->device);
	qw_ot_text(detail, QW_KEY_OT_DEVICE_NAME, identity->name);
}

static void fail(struct qw_bacnet_scene *scene)
{
	const struct qw_bacnet_message *message = &scene->message;
	struct qw_ot_detail *detail = &scene->detail;
	bool told = scene->read && scene->service.error_code >= 0;
	switch (message->type) {
	case QW_BACNET_ERROR:
		qw_ot_fail(detail, told ? scene->service.error_code : QW_OT_NO_NUMBER,
			   qw_ot_names(QW_OT_BACNET_ERRORS));
		if (told)
			qw_ot_number(detail, QW_KEY_OT_EXTENDED_STATUS, (uint64_t)scene->service.error_class);
		break;
	case QW_BACNET_REJECT: qw_ot_fail(detail, message->reason, qw_ot_names(QW_OT_BACNET_REJECTS)); break;
	case QW_BACNET_ABORT: qw_ot_fail(detail, message->reason, qw_ot_names(QW_OT_BACNET_ABORTS)); break;
	default: break;
	}
}

/* "10.0.0.9:47808" */
static void put_origin(struct qw_text *text, const struct qw_bacnet_message *message)
{
	if (message->function != QW_BACNET_FORWARDED || !message->has_origin)
		return;
	for (unsigned shift = 24; shift; shift -= 8) {
		qw_text_u64(text, message->origin >> shift & 0xff);
		qw_text_char(text, '.');
	}
	qw_text_u64(text, message->origin & 0xff);
	qw_text_char(text, ':');
	qw_text_u64(text, message->origin_port);
}

static void add_route(struct qw_bacnet_scene *scene)
{
	const struct qw_bacnet_message *message = &scene->message;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text origin;
	if (message->routed_from)
		qw_ot_number(detail, QW_KEY_OT_SOURCE, message->source.network);
	if (message->routed_to)
		qw_ot_number(detail, QW_KEY_OT_DESTINATION, message->destination.network);
	qw_text_init(&origin, scene->origin, sizeof(scene->origin));
	put_origin(&origin, message);
	qw_ot_text(detail, QW_KEY_OT_FORWARDED_FOR, qw_ot_text_slice(&origin));
	if (message->routed_to)
		qw_ot_number(detail, QW_KEY_OT_HOPS, message->hops);
}

static void apdu_detail(struct qw_bacnet_scene *scene, const struct qw_ot_pair *asked, bool values)
{
	const struct qw_bacnet_message *message = &scene->message;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text flags;
	bool notice = message->type == QW_BACNET_UNCONFIRMED;
	const struct qw_number_name *services = qw_ot_names(notice ? QW_OT_BACNET_UNCONFIRMED : QW_OT_BACNET_CONFIRMED);
	qw_ot_begin(detail, "bacnet", message->type, qw_ot_names(QW_OT_BACNET_TYPES), !qw_bacnet_asks(message));
	fail(scene);
	if (message->invoke >= 0)
		qw_ot_number(detail, QW_KEY_OT_SEQUENCE, (uint64_t)message->invoke);
	add_route(scene);
	if (message->function >= 0)
		qw_ot_number(detail, QW_KEY_OT_COMMAND, (uint64_t)message->function);
	if (message->segmented || message->type == QW_BACNET_SEGMENT_ACK)
		qw_ot_number(detail, QW_KEY_OT_SUBFUNCTION, message->segment);
	if (message->service >= 0) {
		qw_ot_number(detail, QW_KEY_OT_SERVICE, (uint64_t)message->service);
		qw_ot_text(detail, QW_KEY_OT_SERVICE_NAME,
			   qw_slice_text(qw_number_name(services, (uint64_t)message->service)));
	}
	add_item(scene, asked);
	if (scene->read)
		add_values(scene, values);
	qw_text_init(&flags, scene->flags, sizeof(scene->flags));
	put_segment(&flags, message);
	qw_ot_text(detail, QW_KEY_OT_INDICATIONS, qw_ot_text_slice(&flags));
	if (scene->read)
		add_identity(scene);
}

static const char *kind_of(const struct qw_bacnet_message *message)
{
	const char *name;
	if (message->network_message >= 0)
		name = qw_number_name(qw_ot_names(QW_OT_BACNET_NETWORK_MESSAGES), (uint64_t)message->network_message);
	else if (message->function < 0 && !message->malformed)
		name = "address-resolution";
	else
		name = message->malformed ? "malformed"
					  : qw_number_name(qw_ot_names(QW_OT_BACNET_FUNCTIONS), (uint64_t)message->function);
	return name ? name : "network-message";
}

static bool answers(const struct qw_bacnet_message *message)
{
	enum { I_AM_ROUTER = 1, REJECT_MESSAGE = 3, TABLE_ACK = 7, NUMBER_IS = 19 };
	int16_t type = message->network_message;
	if (type >= 0)
		return type == I_AM_ROUTER || type == REJECT_MESSAGE || type == TABLE_ACK || type == NUMBER_IS;
	return message->function == QW_BACNET_RESULT || message->function == QW_BACNET_READ_TABLE_ACK ||
	       message->function == QW_BACNET_READ_FOREIGN_ACK;
}

/* Of the virtual link and the network layer: they have no function of the application. */
static void link_detail(struct qw_bacnet_scene *scene)
{
	const struct qw_bacnet_message *message = &scene->message;
	struct qw_ot_detail *detail = &scene->detail;
	qw_ot_begin(detail, "bacnet", QW_OT_NO_NUMBER, NULL, answers(message));
	detail->kind = kind_of(message);
	if (message->function == QW_BACNET_RESULT && message->number > 0)
		qw_ot_fail(detail, message->number, message->six ? NULL : qw_ot_names(QW_OT_BACNET_RESULTS));
	add_route(scene);
	if (message->function >= 0)
		qw_ot_number(detail, QW_KEY_OT_COMMAND, (uint64_t)message->function);
	if (message->network >= 0)
		qw_ot_number(detail, QW_KEY_OT_ADDRESS, (uint64_t)message->network);
	if (message->function == QW_BACNET_REGISTER_FOREIGN && message->number >= 0)
		qw_ot_number(detail, QW_KEY_OT_VALUE, (uint64_t)message->number);
}

void qw_bacnet_scene_fill(struct qw_bacnet_scene *scene, const struct qw_ot_pair *asked, bool values)
{
	if (scene->message.apdu)
		apdu_detail(scene, asked, values);
	else
		link_detail(scene);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Source: ANSI/ASHRAE 135, clauses 20.2 and 21. */
#include "sensor/protocol/bacnet_service.h"

#include "sensor/protocol/ot_text.h"

enum {
	DEPTH_MAX = 6,
	NO_PARENT = 0xff,
	INSTANCE_BITS = 22,
	INSTANCE = 0x3fffff,
	OBJECT_DEVICE = 8,
	SERVICE_I_AM = 0,
	SERVICE_I_HAVE = 1,
	I_AM_VENDOR = 3, /* place among the tags */
};

enum application {
	TAG_NULL, TAG_BOOLEAN, TAG_UNSIGNED, TAG_SIGNED, TAG_REAL, TAG_DOUBLE, TAG_OCTETS, TAG_TEXT, TAG_BITS, TAG_ENUMERATED,
	TAG_DATE, TAG_TIME, TAG_OBJECT,
};

struct tag {
	uint8_t number;
	bool context, opens, closes;
	uint8_t lvt;
	struct qw_slice data;
};

enum role {
	ROLE_NONE, ROLE_OBJECT, ROLE_OBJECT_TYPE, ROLE_PROPERTY, ROLE_INDEX, ROLE_PRIORITY, ROLE_DEVICE, ROLE_VENDOR,
	ROLE_LOW, ROLE_HIGH, ROLE_STATE, ROLE_TEXT,
};

/* What a context tag means: type of APDU, service; how deep, within which tag; its number. */
static const struct row {
	uint8_t type, service, depth, parent, tag, role;
} rows[] = {
#define REQUEST(service, tag, role)              {QW_BACNET_CONFIRMED, service, 0, NO_PARENT, tag, ROLE_##role}
#define REQUEST_IN(service, parent, tag, role)   {QW_BACNET_CONFIRMED, service, 1, parent, tag, ROLE_##role}
#define ACK(service, tag, role)                  {QW_BACNET_COMPLEX_ACK, service, 0, NO_PARENT, tag, ROLE_##role}
#define ACK_IN(service, parent, tag, role)       {QW_BACNET_COMPLEX_ACK, service, 1, parent, tag, ROLE_##role}
#define NOTICE(service, tag, role)               {QW_BACNET_UNCONFIRMED, service, 0, NO_PARENT, tag, ROLE_##role}
#define NOTICE_IN(service, parent, tag, role)    {QW_BACNET_UNCONFIRMED, service, 1, parent, tag, ROLE_##role}
	REQUEST(0, 1, OBJECT),
	REQUEST(1, 1, DEVICE), REQUEST(1, 2, OBJECT), REQUEST_IN(1, 4, 0, PROPERTY), REQUEST_IN(1, 4, 1, INDEX),
	REQUEST_IN(1, 4, 3, PRIORITY),
	REQUEST(2, 1, DEVICE), REQUEST(2, 2, OBJECT),
	REQUEST(5, 1, OBJECT),
	REQUEST(8, 0, OBJECT), REQUEST(8, 1, PROPERTY), REQUEST(8, 2, INDEX),
	REQUEST(9, 0, OBJECT), REQUEST(9, 1, PROPERTY), REQUEST(9, 2, INDEX),
	REQUEST_IN(10, 0, 0, OBJECT_TYPE), REQUEST_IN(10, 0, 1, OBJECT),
	REQUEST(12, 0, OBJECT), REQUEST(12, 1, PROPERTY), REQUEST(12, 2, INDEX),
	REQUEST(14, 0, OBJECT), REQUEST_IN(14, 1, 0, PROPERTY), REQUEST_IN(14, 1, 1, INDEX),
	REQUEST(15, 0, OBJECT), REQUEST(15, 1, PROPERTY), REQUEST(15, 2, INDEX), REQUEST(15, 4, PRIORITY),
	REQUEST(16, 0, OBJECT), REQUEST_IN(16, 1, 0, PROPERTY), REQUEST_IN(16, 1, 1, INDEX), REQUEST_IN(16, 1, 3, PRIORITY),
	REQUEST(17, 1, STATE), REQUEST(17, 2, TEXT),
	REQUEST(18, 0, VENDOR),
	REQUEST(19, 0, DEVICE), REQUEST(19, 3, TEXT),
	REQUEST(20, 0, STATE), REQUEST(20, 1, TEXT),
	REQUEST(26, 0, OBJECT), REQUEST(26, 1, PROPERTY), REQUEST(26, 2, INDEX),
	REQUEST(27, 1, TEXT), REQUEST(27, 2, STATE), REQUEST(27, 3, OBJECT),
	REQUEST(28, 1, OBJECT), REQUEST_IN(28, 4, 0, PROPERTY), REQUEST_IN(28, 4, 1, INDEX),
	ACK(12, 0, OBJECT), ACK(12, 1, PROPERTY), ACK(12, 2, INDEX),
	ACK(14, 0, OBJECT), ACK_IN(14, 1, 2, PROPERTY), ACK_IN(14, 1, 3, INDEX),
	ACK(26, 0, OBJECT), ACK(26, 1, PROPERTY), ACK(26, 2, INDEX),
	ACK(18, 0, VENDOR),
	ACK_IN(29, 0, 0, OBJECT),
	NOTICE(2, 1, DEVICE), NOTICE(2, 2, OBJECT), NOTICE_IN(2, 4, 0, PROPERTY), NOTICE_IN(2, 4, 1, INDEX),
	NOTICE_IN(2, 4, 3, PRIORITY),
	NOTICE(3, 1, DEVICE), NOTICE(3, 2, OBJECT),
	NOTICE(4, 0, VENDOR),
	NOTICE(5, 0, DEVICE), NOTICE(5, 3, TEXT),
	NOTICE(7, 0, LOW), NOTICE(7, 1, HIGH), NOTICE(7, 2, OBJECT), NOTICE(7, 3, TEXT),
	NOTICE(8, 0, LOW), NOTICE(8, 1, HIGH),
};

/* Within which tag, how deep, the values of a service stand. */
static const struct place {
	uint8_t type, service, depth, parent;
} written[] = {
	{QW_BACNET_CONFIRMED, 15, 1, 3},
	{QW_BACNET_CONFIRMED, 16, 2, 2},
}, answered[] = {
	{QW_BACNET_COMPLEX_ACK, 12, 1, 3},
	{QW_BACNET_COMPLEX_ACK, 14, 2, 4},
};

struct walk {
	struct qw_bacnet_service *out;
	uint8_t type, service;
	uint8_t depth;
	uint8_t open[DEPTH_MAX];
	unsigned tags; /* of applications, outside of all levels */
	unsigned enumerated; /* in an error */
};

/* ---- tags */

static bool read_length(struct qw_bytes *in, uint8_t lvt, size_t *len)
{
	uint8_t byte;
	uint16_t half;
	uint32_t word;
	*len = lvt;
	if (lvt < 5)
		return true;
	if (!qw_bytes_u8(in, &byte))
		return false;
	*len = byte;
	if (byte == 254) {
		if (!qw_bytes_be16(in, &half))
			return false;
		*len = half;
	} else if (byte == 255) {
		if (!qw_bytes_be32(in, &word))
			return false;
		*len = word;
	}
	return true;
}

static bool read_tag(struct qw_bytes *in, struct tag *tag)
{
	enum { CLASS = 0x08, OPENING = 6, CLOSING = 7, EXTENDED = 15 };
	struct qw_bytes data;
	uint8_t head;
	size_t len;
	if (!qw_bytes_u8(in, &head))
		return false;
	tag->number = head >> 4;
	tag->context = head & CLASS;
	tag->lvt = head & 7;
	tag->opens = tag->context && tag->lvt == OPENING;
	tag->closes = tag->context && tag->lvt == CLOSING;
	tag->data = qw_slice(NULL, 0);
	if (tag->number == EXTENDED && !qw_bytes_u8(in, &tag->number))
		return false;
	if (tag->opens || tag->closes || (!tag->context && tag->number == TAG_BOOLEAN))
		return true;
	if (!read_length(in, tag->lvt, &len) || !qw_bytes_take(in, len, &data))
		return false;
	tag->data = qw_slice(data.at, data.left);
	return true;
}

/* Of up to eight octets. */
static bool number_of(struct qw_slice data, uint64_t *out)
{
	if (data.len == 0 || data.len > sizeof(*out))
		return false;
	*out = 0;
	for (size_t i = 0; i < data.len; i++)
		*out = *out << 8 | data.data[i];
	return true;
}

/* Behind the octet that says how it is written. */
static struct qw_slice characters(struct qw_slice data)
{
	return data.len ? qw_slice(data.data + 1, data.len - 1) : data;
}

/* ---- items */

static struct qw_bacnet_item *last_item(struct qw_bacnet_service *out)
{
	return out->items ? &out->item[out->items - 1] : NULL;
}

static struct qw_bacnet_item *new_item(struct qw_bacnet_service *out)
{
	if (out->items == QW_BACNET_ITEMS_MAX) {
		out->cut = true;
		return NULL;
	}
	struct qw_bacnet_item *item = &out->item[out->items++];
	*item = (struct qw_bacnet_item){0};
	return item;
}

static void note_object(struct qw_bacnet_service *out, uint32_t number)
{
	struct qw_bacnet_item *item = new_item(out);
	if (!item)
		return;
	item->object = (uint16_t)(number >> INSTANCE_BITS);
	item->instance = number & INSTANCE;
	item->has = QW_BACNET_HAS_OBJECT;
}

/* Another property of an object is an item of its own. */
static void note_property(struct qw_bacnet_service *out, uint32_t number)
{
	struct qw_bacnet_item *item = last_item(out);
	if (!item || item->has & QW_BACNET_HAS_PROPERTY) {
		struct qw_bacnet_item before = item ? *item : (struct qw_bacnet_item){0};
		item = new_item(out);
		if (!item)
			return;
		item->object = before.object;
		item->instance = before.instance;
		item->has = before.has & QW_BACNET_HAS_OBJECT;
	}
	item->property = number;
	item->has |= QW_BACNET_HAS_PROPERTY;
}

static void note_part(struct qw_bacnet_service *out, enum role role, uint32_t number)
{
	struct qw_bacnet_item *item = last_item(out);
	if (!item || out->cut)
		return;
	if (role == ROLE_INDEX)
		item->index = number;
	else
		item->priority = (uint8_t)number;
	item->has |= role == ROLE_INDEX ? QW_BACNET_HAS_INDEX : QW_BACNET_HAS_PRIORITY;
}

static void note_text(struct qw_bacnet_service *out, struct qw_slice text)
{
	if (text.len && out->texts < QW_BACNET_TEXTS_MAX)
		out->text[out->texts++] = text;
}

static void note(struct qw_bacnet_service *out, enum role role, struct qw_slice data)
{
	uint64_t number;
	if (role == ROLE_TEXT) {
		note_text(out, characters(data));
		return;
	}
	if (role == ROLE_NONE || !number_of(data, &number) || number > UINT32_MAX)
		return;
	switch (role) {
	case ROLE_OBJECT: note_object(out, (uint32_t)number); break;
	case ROLE_OBJECT_TYPE: note_object(out, (uint32_t)(number << INSTANCE_BITS)); break;
	case ROLE_PROPERTY: note_property(out, (uint32_t)number); break;
	case ROLE_INDEX:
	case ROLE_PRIORITY: note_part(out, role, (uint32_t)number); break;
	case ROLE_DEVICE: out->device = (int64_t)(number & INSTANCE); break;
	case ROLE_VENDOR: out->vendor = (int64_t)number; break;
	case ROLE_LOW: out->low = (int64_t)number; break;
	case ROLE_HIGH: out->high = (int64_t)number; break;
	case ROLE_STATE: out->state = (int64_t)number; break;
	default: break;
	}
}

/* ---- the walk */

static uint8_t parent_of(const struct walk *walk)
{
	return walk->depth ? walk->open[walk->depth - 1] : NO_PARENT;
}

static enum role role_of(const struct walk *walk, uint8_t tag)
{
	uint8_t parent = parent_of(walk);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *row = &rows[i];
		if (row->type == walk->type && row->service == walk->service && row->depth == walk->depth &&
		    row->parent == parent && row->tag == tag)
			return (enum role)row->role;
	}
	return ROLE_NONE;
}

static bool is_at(const struct walk *walk, const struct place places[2])
{
	for (const struct place *place = places; place < places + 2; place++)
		if (place->type == walk->type && place->service == walk->service && place->depth == walk->depth &&
		    place->parent == parent_of(walk))
			return true;
	return false;
}

/* A text that a device tells of itself. */
static void note_identity(struct qw_bacnet_service *out, struct qw_slice text)
{
	enum { FIRMWARE = 44, SOFTWARE = 12, MODEL = 70, NAME = 77, VENDOR = 121, SERIAL = 372 };
	const struct qw_bacnet_item *item = last_item(out);
	if (!item || out->cut || item->object != OBJECT_DEVICE)
		return;
	switch (item->property) {
	case FIRMWARE: out->identity.firmware = text; break;
	case SOFTWARE: out->identity.software = text; break;
	case MODEL: out->identity.model = text; break;
	case NAME: out->identity.name = text; break;
	case VENDOR: out->identity.vendor = text; break;
	case SERIAL: out->identity.serial = text; break;
	default: break;
	}
}

static void read_error(struct walk *walk, const struct tag *tag)
{
	uint64_t number;
	if (tag->number != TAG_ENUMERATED || !number_of(tag->data, &number) || number > INT32_MAX)
		return;
	if (walk->enumerated == 0)
		walk->out->error_class = (int32_t)number;
	else if (walk->enumerated == 1)
		walk->out->error_code = (int32_t)number;
	walk->enumerated++;
}

/* A tag of the application, outside of all levels. */
static void read_outer(struct walk *walk, const struct tag *tag)
{
	struct qw_bacnet_service *out = walk->out;
	bool notice = walk->type == QW_BACNET_UNCONFIRMED;
	bool first = walk->tags++ == 0;
	if (tag->number == TAG_TEXT)
		note_text(out, characters(tag->data));
	else if (tag->number == TAG_OBJECT && first && notice && walk->service <= SERVICE_I_HAVE)
		note(out, ROLE_DEVICE, tag->data);
	else if (tag->number == TAG_OBJECT)
		note(out, ROLE_OBJECT, tag->data);
	else if (notice && walk->service == SERVICE_I_AM && walk->tags == I_AM_VENDOR + 1)
		note(out, ROLE_VENDOR, tag->data);
}

static void read_value(struct walk *walk, const struct tag *tag)
{
	struct qw_bacnet_service *out = walk->out;
	if (walk->type == QW_BACNET_ERROR) {
		read_error(walk, tag);
	} else if (walk->depth == 0) {
		read_outer(walk, tag);
	} else if (tag->number == TAG_TEXT && is_at(walk, answered)) {
		note_identity(out, characters(tag->data));
		note_text(out, characters(tag->data));
	} else if (!out->valued && is_at(walk, written)) {
		out->valued = true;
		out->value = (struct qw_bacnet_value){tag->number, tag->lvt, tag->data};
	}
}

/* False: levels do not fit. */
static bool read_level(struct walk *walk, const struct tag *tag)
{
	if (tag->opens) {
		if (walk->depth == DEPTH_MAX)
			return false;
		walk->open[walk->depth++] = tag->number;
		return true;
	}
	return walk->depth && walk->open[--walk->depth] == tag->number;
}

void qw_bacnet_service_parse(struct qw_bacnet_service *out, uint8_t type, uint8_t service, struct qw_bytes body)
{
	struct walk walk = {.out = out, .type = type, .service = service};
	struct tag tag;
	out->cut = out->malformed = out->valued = false;
	out->items = out->texts = 0;
	out->device = out->vendor = out->low = out->high = out->state = -1;
	out->error_class = out->error_code = -1;
	out->identity = (struct qw_bacnet_identity){{NULL, 0}};
	while (body.left && !out->malformed) {
		if (!read_tag(&body, &tag))
			out->malformed = true;
		else if (tag.opens || tag.closes)
			out->malformed = !read_level(&walk, &tag);
		else if (tag.context)
			note(out, role_of(&walk, tag.number), tag.data);
		else
			read_value(&walk, &tag);
	}
	out->malformed |= walk.depth != 0;
}

/* ---- values */

static void put_real(struct qw_text *text, struct qw_slice data)
{
	uint64_t bits;
	uint32_t half;
	float single;
	double value;
	if (!number_of(data, &bits))
		return;
	half = (uint32_t)bits;
	memcpy(&single, &half, sizeof(single));
	memcpy(&value, &bits, sizeof(value));
	qw_ot_put_real(text, data.len == sizeof(single) ? (double)single : value);
}

static void put_signed(struct qw_text *text, struct qw_slice data)
{
	uint64_t number;
	if (!number_of(data, &number))
		return;
	unsigned shift = 64 - 8 * (unsigned)data.len;
	qw_text_i64(text, (int64_t)(number << shift) >> shift);
}

void qw_bacnet_put_value(struct qw_text *text, const struct qw_bacnet_value *value)
{
	uint64_t number;
	switch ((enum application)value->tag) {
	case TAG_NULL: qw_text_literal(text, "null"); break;
	case TAG_BOOLEAN: qw_text_u64(text, value->lvt & 1); break;
	case TAG_UNSIGNED:
	case TAG_ENUMERATED:
		if (number_of(value->data, &number))
			qw_text_u64(text, number);
		break;
	case TAG_SIGNED: put_signed(text, value->data); break;
	case TAG_REAL:
	case TAG_DOUBLE: put_real(text, value->data); break;
	case TAG_TEXT: qw_text_put(text, characters(value->data).data, characters(value->data).len); break;
	default: break;
	}
}

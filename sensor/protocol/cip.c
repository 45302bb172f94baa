/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/cip.h"

#include "quaywatch/ot_record.h"

enum {
	RESPONSE = 0x80,
	GET_ATTRIBUTE_LIST = 0x03,
	SET_ATTRIBUTE_LIST = 0x04,
	MULTIPLE_SERVICE = 0x0a,
	EXECUTE_PCCC = 0x4b,
	UNCONNECTED_SEND = 0x52,
	CLASS_CONNECTION_MANAGER = 0x06,
	CLASS_PCCC = 0x67,
	DEPTH_MAX = 3,
};

/* ---- paths: segments of a type in the top three bits */

enum segment { SEGMENT_PORT, SEGMENT_LOGICAL, SEGMENT_NETWORK, SEGMENT_SYMBOLIC, SEGMENT_DATA };
enum logical { LOGICAL_CLASS, LOGICAL_INSTANCE, LOGICAL_MEMBER, LOGICAL_POINT, LOGICAL_ATTRIBUTE, LOGICAL_SPECIAL };

/* A number of 8, 16 or 32 bits; the wide ones stand behind a byte of padding. */
static bool read_logical(struct qw_bytes *path, unsigned format, uint32_t *out)
{
	uint8_t byte;
	uint16_t half;
	switch (format) {
	case 0:
		if (!qw_bytes_u8(path, &byte))
			return false;
		*out = byte;
		return true;
	case 1:
		if (!qw_bytes_skip(path, 1) || !qw_bytes_le16(path, &half))
			return false;
		*out = half;
		return true;
	case 2: return qw_bytes_skip(path, 1) && qw_bytes_le32(path, out);
	default: return false;
	}
}

/* An electronic key is a special segment of its own length. */
static bool skip_special(struct qw_bytes *path)
{
	enum { KEY_BYTES = 9 };
	return qw_bytes_skip(path, KEY_BYTES);
}

static bool logical_segment(struct qw_cip_path *out, struct qw_bytes *path, uint8_t head)
{
	unsigned kind = head >> 2 & 7;
	uint32_t value;
	if (kind == LOGICAL_SPECIAL)
		return skip_special(path);
	if (!read_logical(path, head & 3, &value))
		return false;
	switch ((enum logical)kind) {
	case LOGICAL_CLASS:
		/* The first class and what follows are what is asked; later ones name ends of a connection. */
		if (!(out->has & QW_CIP_HAS_CLASS))
			out->class = value;
		out->has |= QW_CIP_HAS_CLASS;
		break;
	case LOGICAL_INSTANCE:
		if (!(out->has & QW_CIP_HAS_INSTANCE))
			out->instance = value;
		out->has |= QW_CIP_HAS_INSTANCE;
		break;
	case LOGICAL_ATTRIBUTE:
		if (!(out->has & QW_CIP_HAS_ATTRIBUTE))
			out->attribute = value;
		out->has |= QW_CIP_HAS_ATTRIBUTE;
		break;
	case LOGICAL_MEMBER: out->member = value; break;
	default: break;
	}
	return true;
}

/* Port in the low four bits (15: in two bytes), then the address of what is behind it. */
static bool port_segment(struct qw_cip_path *out, struct qw_bytes *path, uint8_t head)
{
	enum { EXTENDED_LINK = 0x10, EXTENDED_PORT = 0x0f };
	uint8_t len = 1, slot;
	bool extended = head & EXTENDED_LINK;
	if (extended && !qw_bytes_u8(path, &len))
		return false;
	if ((head & EXTENDED_PORT) == EXTENDED_PORT && !qw_bytes_skip(path, 2))
		return false;
	if (extended)
		return qw_bytes_skip(path, len + (len & 1u));
	if (!qw_bytes_u8(path, &slot))
		return false;
	out->slot = slot;
	return true;
}

/* Simple data of so many words, or an ANSI symbol. */
static bool data_segment(struct qw_cip_path *out, struct qw_bytes *path, uint8_t head)
{
	enum { ANSI_SYMBOL = 0x91 };
	struct qw_bytes text;
	uint8_t len;
	if (!qw_bytes_u8(path, &len))
		return false;
	if (head != ANSI_SYMBOL)
		return qw_bytes_skip(path, 2u * len);
	if (!qw_bytes_take(path, len, &text) || !qw_bytes_skip(path, len & 1u))
		return false;
	out->symbol = qw_slice(text.at, text.left);
	return true;
}

static bool read_segments(struct qw_cip_path *out, struct qw_bytes path)
{
	uint8_t head, byte;
	while (qw_bytes_u8(&path, &head)) {
		bool read;
		switch ((enum segment)(head >> 5)) {
		case SEGMENT_PORT: read = port_segment(out, &path, head); break;
		case SEGMENT_LOGICAL: read = logical_segment(out, &path, head); break;
		case SEGMENT_NETWORK: read = head & 0x10 ? qw_bytes_u8(&path, &byte) && qw_bytes_skip(&path, 2u * byte)
							 : qw_bytes_skip(&path, 1);
			break;
		case SEGMENT_SYMBOLIC: read = qw_bytes_skip(&path, head & 0x1f); break;
		case SEGMENT_DATA: read = data_segment(out, &path, head); break;
		default: return false;
		}
		if (!read)
			return false;
	}
	return true;
}

/* ---- services */

static bool read_services(struct qw_cip *cip, struct qw_bytes in, unsigned depth);

/* count, then so many offsets from the count on. */
static bool read_multiple(struct qw_cip *cip, struct qw_bytes in, unsigned depth)
{
	struct qw_bytes offsets = in, part;
	uint16_t count, offset, next;
	if (!qw_bytes_le16(&offsets, &count))
		return false;
	for (uint16_t i = 0; i < count; i++) {
		if (!qw_bytes_le16(&offsets, &offset))
			return false;
		struct qw_bytes rest = in, peek = offsets;
		if (!qw_bytes_skip(&rest, offset))
			return false;
		size_t len = rest.left;
		if (i + 1 < count && qw_bytes_le16(&peek, &next) && next > offset && (size_t)(next - offset) < len)
			len = (size_t)(next - offset);
		if (!qw_bytes_take(&rest, len, &part) || !read_services(cip, part, depth))
			return false;
	}
	return true;
}

/* Tick, ticks, size, the message, padding; then the route, which says the slot. */
static bool read_unconnected(struct qw_cip *cip, struct qw_cip_service *carrier, struct qw_bytes in, unsigned depth)
{
	struct qw_bytes message, route;
	uint16_t len;
	uint8_t words;
	if (!qw_bytes_skip(&in, 2) || !qw_bytes_le16(&in, &len) || !qw_bytes_take(&in, len, &message))
		return false;
	if (qw_bytes_skip(&in, len & 1u) && qw_bytes_u8(&in, &words) && qw_bytes_skip(&in, 1) &&
	    qw_bytes_take(&in, 2u * words, &route))
		(void)read_segments(&carrier->path, route);
	return read_services(cip, message, depth);
}

static void read_attributes(struct qw_cip_service *service, struct qw_bytes in, bool all)
{
	uint16_t count, attribute;
	if (!qw_bytes_le16(&in, &count))
		return;
	/* A list that sets has values of unknown size between: only the first is certain. */
	for (uint16_t i = 0; i < (all ? count : 1) && service->attributes < QW_CIP_ATTRIBUTES_MAX; i++) {
		if (!qw_bytes_le16(&in, &attribute))
			return;
		service->attribute[service->attributes++] = attribute;
	}
}

/* Requester's identity, then command, status, transaction, and in most a function. */
static void read_pccc(struct qw_cip_service *service, struct qw_bytes in)
{
	enum { COMMAND_RESPONSE = 0x40 };
	uint8_t len, command, function;
	if (!qw_bytes_u8(&in, &len) || len == 0 || !qw_bytes_skip(&in, len - 1u) || !qw_bytes_u8(&in, &command) ||
	    !qw_bytes_skip(&in, 3))
		return;
	service->pccc_command = command & ~COMMAND_RESPONSE;
	bool has_function = service->pccc_command == 0x06 || service->pccc_command == 0x07 || service->pccc_command == 0x0a ||
			    service->pccc_command == 0x0f;
	if (!service->response && has_function && qw_bytes_u8(&in, &function))
		service->pccc_function = function;
}

static bool read_request(struct qw_cip *cip, struct qw_cip_service *service, struct qw_bytes in, unsigned depth)
{
	struct qw_bytes path;
	uint8_t words;
	if (!qw_bytes_u8(&in, &words) || !qw_bytes_take(&in, 2u * words, &path))
		return false;
	bool whole = read_segments(&service->path, path);
	service->data = qw_slice(in.at, in.left);
	switch (service->service) {
	case GET_ATTRIBUTE_LIST: read_attributes(service, in, true); break;
	case SET_ATTRIBUTE_LIST: read_attributes(service, in, false); break;
	case MULTIPLE_SERVICE: service->carrier = true; return read_multiple(cip, in, depth) && whole;
	case UNCONNECTED_SEND:
		service->carrier = service->path.class == CLASS_CONNECTION_MANAGER;
		if (service->carrier)
			return read_unconnected(cip, service, in, depth) && whole;
		break;
	case EXECUTE_PCCC:
		if (service->path.class == CLASS_PCCC)
			read_pccc(service, in);
		break;
	default: break;
	}
	return whole;
}

static bool read_response(struct qw_cip *cip, struct qw_cip_service *service, struct qw_bytes in, unsigned depth)
{
	struct qw_bytes extended;
	uint8_t words;
	if (!qw_bytes_skip(&in, 1) || !qw_bytes_u8(&in, &service->status) || !qw_bytes_u8(&in, &words) ||
	    !qw_bytes_take(&in, 2u * words, &extended))
		return false;
	service->has_extended = qw_bytes_le16(&extended, &service->extended);
	service->data = qw_slice(in.at, in.left);
	service->carrier = service->service == MULTIPLE_SERVICE;
	if (service->carrier)
		return in.left == 0 || read_multiple(cip, in, depth);
	if (service->service == EXECUTE_PCCC)
		read_pccc(service, in);
	return true;
}

static bool read_services(struct qw_cip *cip, struct qw_bytes in, unsigned depth)
{
	uint8_t head;
	if (depth == DEPTH_MAX || !qw_bytes_u8(&in, &head))
		return false;
	if (cip->services == QW_CIP_SERVICES_MAX) {
		cip->cut = true;
		return true;
	}
	struct qw_cip_service *service = &cip->service[cip->services++];
	service->service = head & (uint8_t)~RESPONSE;
	service->response = head & RESPONSE;
	service->embedded = depth > 0;
	service->carrier = false;
	service->status = 0;
	service->has_extended = false;
	service->extended = 0;
	service->attributes = 0;
	service->pccc_command = service->pccc_function = -1;
	service->path = (struct qw_cip_path){.slot = QW_CIP_NO_SLOT};
	service->data = qw_slice(NULL, 0);
	return service->response ? read_response(cip, service, in, depth + 1) : read_request(cip, service, in, depth + 1);
}

void qw_cip_parse(struct qw_cip *cip, struct qw_bytes data)
{
	cip->services = 0;
	cip->cut = false;
	cip->malformed = !read_services(cip, data, 0);
}

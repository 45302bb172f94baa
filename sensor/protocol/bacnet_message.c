/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/bacnet_message.h"

enum {
	TYPE = 0x81, /* BACnet/IP */
	TYPE_SIX = 0x82,
	VERSION = 1,
	CONTROL_NETWORK = 0x80,
	CONTROL_DESTINATION = 0x20,
	CONTROL_SOURCE = 0x08,
	CONTROL_RESERVED = 0x50,
	VENDOR_FIRST = 0x80, /* network messages of vendors, with their number */
	SEGMENTED = 0x08,
	MORE = 0x04,
	INITIALIZE_FIRST = 6, /* routing tables: a count of ports in front */
	INITIALIZE_LAST = 7,
	NETWORK_NUMBER_IS = 19,
	REJECT_MESSAGE = 3, /* a reason in front */
	WHAT_IS_NUMBER = 18,
};

/* ---- the virtual link */

static bool carries(int16_t function)
{
	return function == QW_BACNET_FORWARDED || function == QW_BACNET_DISTRIBUTE || function == QW_BACNET_UNICAST ||
	       function == QW_BACNET_BROADCAST;
}

static bool read_origin(struct qw_bacnet_message *message, struct qw_bytes *in)
{
	message->has_origin = qw_bytes_be32(in, &message->origin) && qw_bytes_be16(in, &message->origin_port);
	return message->has_origin;
}

/* What stands in those that carry nothing. */
static bool read_link(struct qw_bacnet_message *message, struct qw_bytes *in)
{
	uint16_t number;
	switch (message->function) {
	case QW_BACNET_DELETE_FOREIGN: return read_origin(message, in);
	case QW_BACNET_RESULT:
	case QW_BACNET_REGISTER_FOREIGN:
		if (!qw_bytes_be16(in, &number))
			return false;
		message->number = number;
		return true;
	default: return true;
	}
}

/* ---- … over IPv6: which function it is like, and how many bytes of addresses stand in front */

enum { VIRTUAL = 3, REAL = 18 };

static const struct six {
	int8_t like; /* -1: none */
	uint8_t addresses;
} sixes[QW_BACNET_FUNCTION_LAST + 1] = {
    {QW_BACNET_RESULT, VIRTUAL},
    {QW_BACNET_UNICAST, 2 * VIRTUAL},
    {QW_BACNET_BROADCAST, VIRTUAL},
    {-1, 2 * VIRTUAL},
    {-1, 2 * VIRTUAL + REAL},
    {-1, 2 * VIRTUAL},
    {-1, VIRTUAL},
    {-1, 2 * VIRTUAL},
    {QW_BACNET_FORWARDED, VIRTUAL + REAL},
    {QW_BACNET_REGISTER_FOREIGN, VIRTUAL},
    {QW_BACNET_DELETE_FOREIGN, VIRTUAL + REAL},
    {-1, 0},
    {QW_BACNET_DISTRIBUTE, VIRTUAL},
};

/* ---- the network layer */

static bool read_address(struct qw_bacnet_address *address, struct qw_bytes *in)
{
	struct qw_bytes octets;
	uint8_t len;
	if (!qw_bytes_be16(in, &address->network) || !qw_bytes_u8(in, &len) || !qw_bytes_take(in, len, &octets))
		return false;
	address->octets = qw_slice(octets.at, octets.left);
	return true;
}

static bool read_network_message(struct qw_bacnet_message *message, struct qw_bytes in)
{
	uint8_t type;
	uint16_t network;
	if (!qw_bytes_u8(&in, &type))
		return false;
	message->network_message = type;
	if (type >= VENDOR_FIRST)
		return qw_bytes_skip(&in, 2);
	if (type == WHAT_IS_NUMBER)
		return true;
	if (type == REJECT_MESSAGE || (type >= INITIALIZE_FIRST && type <= INITIALIZE_LAST))
		(void)qw_bytes_skip(&in, 1);
	if (type <= NETWORK_NUMBER_IS && qw_bytes_be16(&in, &network))
		message->network = network;
	return true;
}

/* ---- the application's head */

static bool read_number(struct qw_bytes *in, int16_t *out)
{
	uint8_t byte;
	if (!qw_bytes_u8(in, &byte))
		return false;
	*out = byte;
	return true;
}

static bool read_segment(struct qw_bacnet_message *message, struct qw_bytes *in, uint8_t head)
{
	message->segmented = head & SEGMENTED;
	message->more = message->segmented && head & MORE;
	return !message->segmented || (qw_bytes_u8(in, &message->segment) && qw_bytes_u8(in, &message->window));
}

static bool read_head(struct qw_bacnet_message *message, struct qw_bytes *in, uint8_t head)
{
	switch (message->type) {
	case QW_BACNET_CONFIRMED:
		return qw_bytes_skip(in, 1) && read_number(in, &message->invoke) && read_segment(message, in, head) &&
		       read_number(in, &message->service);
	case QW_BACNET_UNCONFIRMED: return read_number(in, &message->service);
	case QW_BACNET_COMPLEX_ACK:
		return read_number(in, &message->invoke) && read_segment(message, in, head) &&
		       read_number(in, &message->service);
	case QW_BACNET_SIMPLE_ACK:
	case QW_BACNET_ERROR: return read_number(in, &message->invoke) && read_number(in, &message->service);
	case QW_BACNET_SEGMENT_ACK:
		return read_number(in, &message->invoke) && qw_bytes_u8(in, &message->segment) &&
		       qw_bytes_u8(in, &message->window);
	case QW_BACNET_REJECT:
	case QW_BACNET_ABORT: return read_number(in, &message->invoke) && read_number(in, &message->reason);
	default: return false;
	}
}

static bool read_apdu(struct qw_bacnet_message *message, struct qw_bytes in)
{
	uint8_t head;
	if (!qw_bytes_u8(&in, &head))
		return false;
	message->apdu = true;
	message->type = head >> 4;
	bool whole = read_head(message, &in, head);
	message->body = qw_slice(in.at, in.left);
	return whole;
}

static bool read_npdu(struct qw_bacnet_message *message, struct qw_bytes in)
{
	uint8_t version, control;
	if (!qw_bytes_u8(&in, &version) || version != VERSION || !qw_bytes_u8(&in, &control))
		return false;
	message->routed_to = control & CONTROL_DESTINATION;
	message->routed_from = control & CONTROL_SOURCE;
	if (message->routed_to && !read_address(&message->destination, &in))
		return false;
	if (message->routed_from && !read_address(&message->source, &in))
		return false;
	if (message->routed_to && !qw_bytes_u8(&in, &message->hops))
		return false;
	return control & CONTROL_NETWORK ? read_network_message(message, in) : read_apdu(message, in);
}

static bool read_six(struct qw_bacnet_message *message, const struct six *six, struct qw_bytes in)
{
	message->function = six->like;
	if (!qw_bytes_skip(&in, six->addresses))
		return false;
	if (carries(message->function))
		return read_npdu(message, in);
	return message->function == QW_BACNET_DELETE_FOREIGN || read_link(message, &in);
}

static const struct qw_bacnet_message nothing = {
    .function = -1, .number = -1, .network_message = -1, .network = -1, .invoke = -1, .service = -1, .reason = -1};

void qw_bacnet_parse_network(struct qw_bacnet_message *message, struct qw_bytes in)
{
	*message = nothing;
	message->malformed = !read_npdu(message, in);
}

void qw_bacnet_parse(struct qw_bacnet_message *message, struct qw_bytes in)
{
	*message = nothing;
	message->clipped = (size_t)qw_bacnet_length(in) > in.left;
	qw_bytes_limit(&in, (size_t)qw_bacnet_length(in));
	message->six = in.at[0] == TYPE_SIX;
	message->function = in.at[1];
	(void)qw_bytes_skip(&in, QW_BACNET_HEADER_BYTES);
	if (message->six) {
		message->malformed = !read_six(message, &sixes[message->function], in);
		return;
	}
	if (!carries(message->function)) {
		message->malformed = !read_link(message, &in);
		return;
	}
	if (message->function == QW_BACNET_FORWARDED && !read_origin(message, &in)) {
		message->malformed = true;
		return;
	}
	message->malformed = !read_npdu(message, in);
}

int32_t qw_bacnet_length(struct qw_bytes in)
{
	if (in.left < QW_BACNET_HEADER_BYTES || (in.at[0] != TYPE && in.at[0] != TYPE_SIX) || in.at[1] > QW_BACNET_FUNCTION_LAST)
		return -1;
	uint16_t length = qw_be16(in.at + 2);
	return length < QW_BACNET_HEADER_BYTES ? -1 : length;
}

bool qw_bacnet_is_plausible(struct qw_bytes in)
{
	enum { NUMBERED = QW_BACNET_HEADER_BYTES + 2, ADDRESSED = QW_BACNET_HEADER_BYTES + 6 };
	struct qw_bacnet_message message;
	if (qw_bacnet_length(in) != (int32_t)in.left)
		return false;
	qw_bacnet_parse(&message, in);
	bool link = message.function == QW_BACNET_RESULT || message.function == QW_BACNET_REGISTER_FOREIGN ? in.left == NUMBERED
		    : message.function == QW_BACNET_DELETE_FOREIGN && in.left == ADDRESSED;
	return !message.malformed && (message.apdu || message.network_message >= 0 || link);
}

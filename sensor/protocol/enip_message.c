/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/enip_message.h"

#include "quaywatch/ot_names.h"

enum {
	ITEMS_MAX = 64,
	ITEM_IDENTITY = 0x000c,
	ITEM_CONNECTION = 0x00a1,
	ITEM_CONNECTED_DATA = 0x00b1,
	ITEM_UNCONNECTED_DATA = 0x00b2,
	ITEM_SERVICES = 0x0100,
	ITEM_SEQUENCED = 0x8002,
	SOCKET_ADDRESS_BYTES = 16,
	SERVICE_NAME_BYTES = 16,
	SEQUENCED_BYTES = 8,
};

/* A command that nobody knows is one all the same where status and options are as a request has them. */
static bool is_unknown(const uint8_t *head)
{
	return !qw_number_name(qw_ot_names(QW_OT_ENIP_COMMANDS), qw_le16(head)) && qw_le32(head + 8) == 0 &&
	       qw_le32(head + 20) == 0;
}

int32_t qw_enip_length(const uint8_t *head)
{
	return qw_enip_is_plausible(head) || is_unknown(head) ? QW_ENIP_HEADER_BYTES + qw_le16(head + 2) : -1;
}

bool qw_enip_is_plausible(const uint8_t *head)
{
	uint16_t command = qw_le16(head), length = qw_le16(head + 2);
	uint32_t status = qw_le32(head + 8), options = qw_le32(head + 20);
	if (!qw_number_name(qw_ot_names(QW_OT_ENIP_COMMANDS), command) ||
	    !qw_number_name(qw_ot_names(QW_OT_ENIP_STATUSES), status))
		return false;
	switch ((enum qw_enip_command)command) {
	case QW_ENIP_NOP: return options == 0;
	case QW_ENIP_REGISTER_SESSION: return length == 4 || (status && length == 0);
	case QW_ENIP_UNREGISTER_SESSION: return length == 0 || length == 4;
	default: return true;
	}
}

/* ---- items */

static bool read_identity(struct qw_enip_message *message, struct qw_bytes item)
{
	struct qw_enip_identity *identity = &message->identity;
	struct qw_bytes name;
	uint8_t major, minor, len;
	if (!qw_bytes_le16(&item, &message->version) || !qw_bytes_skip(&item, SOCKET_ADDRESS_BYTES) ||
	    !qw_bytes_le16(&item, &identity->vendor) || !qw_bytes_le16(&item, &identity->device_type) ||
	    !qw_bytes_le16(&item, &identity->product_code) || !qw_bytes_u8(&item, &major) || !qw_bytes_u8(&item, &minor) ||
	    !qw_bytes_le16(&item, &identity->status) || !qw_bytes_le32(&item, &identity->serial) ||
	    !qw_bytes_u8(&item, &len) || !qw_bytes_take(&item, len, &name))
		return false;
	identity->revision = (uint16_t)(major << 8 | minor);
	identity->state = 0;
	identity->unused = 0;
	(void)qw_bytes_u8(&item, &identity->state);
	message->product = qw_slice(name.at, name.left);
	message->has_identity = message->has_version = true;
	return true;
}

static bool read_service(struct qw_enip_message *message, struct qw_bytes item)
{
	struct qw_enip_service *service = &message->service[message->services];
	if (message->services == QW_ENIP_SERVICES_MAX)
		return true;
	if (!qw_bytes_le16(&item, &message->version) || !qw_bytes_le16(&item, &service->capabilities))
		return false;
	size_t len = item.left < SERVICE_NAME_BYTES ? item.left : SERVICE_NAME_BYTES;
	const uint8_t *end = len ? memchr(item.at, 0, len) : NULL;
	service->name = qw_slice(item.at, end ? (size_t)(end - item.at) : len);
	message->services++;
	message->has_version = true;
	return true;
}

static bool read_item(struct qw_enip_message *message, uint16_t type, struct qw_bytes item)
{
	switch (type) {
	case ITEM_IDENTITY: return message->has_identity || read_identity(message, item);
	case ITEM_SERVICES: return read_service(message, item);
	case ITEM_CONNECTION: message->has_connection = qw_bytes_le32(&item, &message->connection); return true;
	case ITEM_CONNECTED_DATA:
		if (!qw_bytes_le16(&item, &message->sequence))
			return false;
		message->has_sequence = true;
		if (item.left)
			message->cip = qw_slice(item.at, item.left);
		return true;
	case ITEM_UNCONNECTED_DATA:
		if (item.left)
			message->cip = qw_slice(item.at, item.left);
		return true;
	default: return true;
	}
}

static bool next_item(struct qw_bytes *in, uint16_t *type, struct qw_bytes *item)
{
	uint16_t len;
	return qw_bytes_le16(in, type) && qw_bytes_le16(in, &len) && qw_bytes_take(in, len, item);
}

static bool read_items(struct qw_enip_message *message, struct qw_bytes in)
{
	struct qw_bytes item;
	uint16_t count, type;
	if (!qw_bytes_le16(&in, &count))
		return in.left == 0;
	for (uint16_t i = 0; i < count && i < ITEMS_MAX; i++)
		if (!next_item(&in, &type, &item) || !read_item(message, type, item))
			return false;
	return true;
}

/* ---- messages */

static bool read_body(struct qw_enip_message *message, struct qw_bytes body)
{
	enum { INTERFACE_AND_TIMEOUT = 6 };
	switch ((enum qw_enip_command)message->command) {
	case QW_ENIP_REGISTER_SESSION:
		message->has_version = qw_bytes_le16(&body, &message->version);
		return true;
	case QW_ENIP_LIST_SERVICES:
	case QW_ENIP_LIST_IDENTITY: return body.left == 0 || read_items(message, body);
	case QW_ENIP_SEND_RR_DATA:
	case QW_ENIP_SEND_UNIT_DATA:
		/* A refusal has no items. */
		if (body.left == 0 && message->status)
			return true;
		return qw_bytes_skip(&body, INTERFACE_AND_TIMEOUT) && read_items(message, body);
	default: return true;
	}
}

void qw_enip_parse(struct qw_enip_message *message, struct qw_bytes frame)
{
	message->has_version = message->has_identity = message->has_sequence = message->has_connection = false;
	message->services = 0;
	message->cip = message->product = qw_slice(NULL, 0);
	message->malformed = !qw_bytes_le16(&frame, &message->command) || !qw_bytes_le16(&frame, &message->length) ||
			     !qw_bytes_le32(&frame, &message->session) || !qw_bytes_le32(&frame, &message->status) ||
			     !qw_bytes_le64(&frame, &message->context) || !qw_bytes_le32(&frame, &message->options) ||
			     !read_body(message, frame);
}

bool qw_enip_io_parse(struct qw_bytes datagram, uint32_t *connection)
{
	struct qw_bytes item;
	uint16_t count, type;
	return qw_bytes_le16(&datagram, &count) && count == 2 && next_item(&datagram, &type, &item) &&
	       type == ITEM_SEQUENCED && item.left == SEQUENCED_BYTES && qw_bytes_le32(&item, connection) &&
	       next_item(&datagram, &type, &item) && type == ITEM_CONNECTED_DATA;
}

enum qw_speaker qw_enip_speaker(const uint8_t *data, size_t len)
{
	enum { CIP_ANSWER = 0x80 };
	struct qw_enip_message message;
	bool answer;
	if (len < QW_ENIP_HEADER_BYTES || qw_enip_length(data) != (int64_t)len)
		return QW_SPEAKER_UNKNOWN;
	qw_enip_parse(&message, qw_bytes(data, len));
	if (message.options != 0) /* whoever receives it throws it away */
		return QW_SPEAKER_UNKNOWN;
	switch ((enum qw_enip_command)message.command) {
	case QW_ENIP_LIST_SERVICES:
	case QW_ENIP_LIST_IDENTITY:
	case QW_ENIP_LIST_INTERFACES:
		if (message.length == 0) /* a question is little but zeroes, as other protocols' headers are */
			return QW_SPEAKER_UNKNOWN;
		answer = true;
		break;
	case QW_ENIP_REGISTER_SESSION: answer = message.session != 0; break;
	case QW_ENIP_SEND_RR_DATA:
	case QW_ENIP_SEND_UNIT_DATA:
		if (message.malformed || !message.cip.data || message.cip.len == 0)
			return QW_SPEAKER_UNKNOWN;
		answer = message.cip.data[0] & CIP_ANSWER;
		break;
	default: return QW_SPEAKER_UNKNOWN;
	}
	return answer ? QW_SPEAKER_SERVER : QW_SPEAKER_CLIENT;
}

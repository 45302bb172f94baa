/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/ads_message.h"

enum {
	TARGET_AT = QW_ADS_TCP_HEAD,
	SOURCE_AT = TARGET_AT + QW_ADS_NET_BYTES + 2,
	COMMAND_AT = SOURCE_AT + QW_ADS_NET_BYTES + 2,
	FLAGS_AT = COMMAND_AT + 2,
	LENGTH_AT = FLAGS_AT + 2,
	ERROR_AT = LENGTH_AT + 4,
	INVOKE_AT = ERROR_AT + 4,
	HEAD_OF_AMS = QW_ADS_HEAD - QW_ADS_TCP_HEAD,
	RESPONSE = 0x0001,
	IS_ADS = 0x0004,
	FLAGS = RESPONSE | IS_ADS | 0x0002 | 0x0008 | 0x0010 | 0x0020 | 0x0040 | 0x0080 | 0x8000,
};

int32_t qw_ads_length(const uint8_t *head)
{
	uint32_t len = qw_le32(head + 2), data = qw_le32(head + LENGTH_AT);
	uint16_t command = qw_le16(head + COMMAND_AT), flags = qw_le16(head + FLAGS_AT);
	bool fits = len >= HEAD_OF_AMS && len <= QW_ADS_FRAME_MOST - QW_ADS_TCP_HEAD && data == len - HEAD_OF_AMS;
	bool ours = qw_le16(head) == 0 && command < QW_ADS_COMMANDS && flags & IS_ADS && !(flags & ~FLAGS);
	return fits && ours ? (int32_t)len + QW_ADS_TCP_HEAD : -1;
}

/* ---- requests */

static bool take_index(struct qw_ads_message *message, struct qw_bytes *in)
{
	message->indexed = qw_bytes_le32(in, &message->group) && qw_bytes_le32(in, &message->offset) &&
			   qw_bytes_le32(in, &message->bytes);
	return message->indexed;
}

/* Groups of a device whose offset is a name that is written. */
static bool is_by_name(uint32_t group)
{
	return group == 0xf003 || group == 0xf004 || group == 0xf007 || group == 0xf009;
}

static struct qw_slice text_of(struct qw_bytes in)
{
	const uint8_t *end = in.left ? memchr(in.at, 0, in.left) : NULL;
	return qw_slice(in.at, end ? (size_t)(end - in.at) : in.left);
}

static void read_request(struct qw_ads_message *message, struct qw_bytes in)
{
	uint32_t written;
	switch (message->command) {
	case QW_ADS_READ:
	case QW_ADS_ADD_NOTIFICATION: (void)take_index(message, &in); break;
	case QW_ADS_WRITE:
		if (take_index(message, &in))
			message->written = qw_slice(in.at, in.left);
		break;
	case QW_ADS_READ_WRITE:
		if (!take_index(message, &in) || !qw_bytes_le32(&in, &written))
			break;
		qw_bytes_limit(&in, written);
		if (is_by_name(message->group))
			message->name = text_of(in);
		else
			message->written = qw_slice(in.at, in.left);
		break;
	case QW_ADS_WRITE_CONTROL:
		message->stated = qw_bytes_le16(&in, &message->state) && qw_bytes_le16(&in, &message->device_state);
		break;
	case QW_ADS_DELETE_NOTIFICATION: message->handled = qw_bytes_le32(&in, &message->handle); break;
	case QW_ADS_NOTIFICATION:
		message->counted = qw_bytes_skip(&in, 4) && qw_bytes_le32(&in, &message->samples);
		break;
	}
}

/* ---- responses */

static void read_device(struct qw_ads_message *message, struct qw_bytes in)
{
	enum { NAME_BYTES = 16 };
	struct qw_bytes name;
	if (!qw_bytes_u8(&in, &message->major) || !qw_bytes_u8(&in, &message->minor) ||
	    !qw_bytes_le16(&in, &message->build) || !qw_bytes_take(&in, NAME_BYTES, &name))
		return;
	message->device = text_of(name);
}

/* All begin with how it ended; the head's own error leaves nothing to come. */
static void read_response(struct qw_ads_message *message, struct qw_bytes in)
{
	uint32_t result;
	if (!qw_bytes_le32(&in, &result))
		return;
	if (!message->error)
		message->error = result;
	if (message->error)
		return;
	switch (message->command) {
	case QW_ADS_DEVICE_INFO: read_device(message, in); break;
	case QW_ADS_READ_STATE:
		message->stated = qw_bytes_le16(&in, &message->state) && qw_bytes_le16(&in, &message->device_state);
		break;
	case QW_ADS_ADD_NOTIFICATION: message->handled = qw_bytes_le32(&in, &message->handle); break;
	}
}

void qw_ads_parse(struct qw_ads_message *message, struct qw_bytes in)
{
	*message = (struct qw_ads_message){
	    .command = in.at[COMMAND_AT],
	    .response = in.at[FLAGS_AT] & RESPONSE,
	    .target = in.at + TARGET_AT,
	    .source = in.at + SOURCE_AT,
	    .target_port = qw_le16(in.at + TARGET_AT + QW_ADS_NET_BYTES),
	    .source_port = qw_le16(in.at + SOURCE_AT + QW_ADS_NET_BYTES),
	    .error = qw_le32(in.at + ERROR_AT),
	    .invoke = qw_le32(in.at + INVOKE_AT),
	};
	message->undelivered = message->error;
	(void)qw_bytes_skip(&in, QW_ADS_HEAD);
	if (message->response)
		read_response(message, in);
	else
		read_request(message, in);
}

void qw_ads_put_net(struct qw_text *text, const uint8_t *net)
{
	for (unsigned i = 0; i < QW_ADS_NET_BYTES; i++) {
		if (i)
			qw_text_char(text, '.');
		qw_text_u64(text, net[i]);
	}
}

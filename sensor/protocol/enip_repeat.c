/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/enip_repeat.h"

/* Where things lie in almost all messages that carry CIP: two items, the second with the message. */
enum place {
	AT_CONTEXT = 12,
	AT_COUNT = 30,
	AT_SECOND = 36,         /* item without connection: type, length; then CIP */
	AT_CONNECTED = 40,      /* item of a connection, behind its number: the same, then a sequence number */
	AT_SEQUENCE = 44,
	TYPE_UNCONNECTED = 0xb2,
	TYPE_CONNECTED = 0xb1,
	LEAST = AT_SEQUENCE + 2,
	CIP_ANSWER = 0x80,
};

/* Where CIP begins; 0: not where it mostly does. */
static size_t cip_at(struct qw_bytes frame)
{
	if (frame.left < LEAST || qw_le16(frame.at + AT_COUNT) != 2)
		return 0;
	uint16_t command = qw_le16(frame.at);
	if (command == QW_ENIP_SEND_UNIT_DATA && qw_le16(frame.at + AT_CONNECTED) == TYPE_CONNECTED)
		return AT_SEQUENCE + 2;
	return command == QW_ENIP_SEND_RR_DATA && qw_le16(frame.at + AT_SECOND) == TYPE_UNCONNECTED ? AT_CONNECTED : 0;
}

/* Service and path, front and end; several services in one are told apart by the last. */
static uint64_t telling_of(struct qw_bytes frame, size_t cip, bool response)
{
	enum { MULTIPLE_SERVICE = 0x0a, WORD = 8 };
	if (cip + 2 > frame.left || response)
		return qw_repeat_word(frame, cip, 4);
	bool multiple = frame.at[cip] == MULTIPLE_SERVICE;
	size_t end = multiple ? frame.left : cip + 2 + 2u * frame.at[cip + 1];
	return qw_repeat_word(frame, cip, 2) ^ qw_rotate_left(qw_repeat_word(frame, end - WORD, WORD), 13);
}

bool qw_enip_is_repeated(struct qw_repeat *repeat, struct qw_repeat_frame *frame)
{
	size_t cip = cip_at(frame->bytes);
	if (!repeat || cip == 0) {
		qw_repeat_none(repeat);
		return false;
	}
	const uint8_t *at = frame->bytes.at;
	bool connected = cip != AT_CONNECTED, answers = cip < frame->bytes.left && at[cip] & CIP_ANSWER;
	frame->way = answers ? QW_REPEAT_ANSWERS : QW_REPEAT_ASKS;
	frame->telling = telling_of(frame->bytes, cip, answers);
	frame->key = qw_enip_pair_key(qw_le16(at), connected, connected ? qw_le16(at + AT_SEQUENCE) : qw_le64(at + AT_CONTEXT));
	return qw_repeat_is(repeat, frame);
}

/* Of PCCC its command and function count; status and number between them do not, nor what follows. */
static void note_pccc(struct qw_repeat *repeat, const struct qw_cip_service *service)
{
	enum { NUMBERS = 3 };
	struct qw_bytes in = qw_bytes(service->data.data, service->data.len);
	uint8_t len;
	if (!qw_bytes_u8(&in, &len) || len == 0 || !qw_bytes_skip(&in, len))
		return;
	qw_repeat_varies(repeat, in.at, in.left < NUMBERS ? in.left : NUMBERS);
	if (qw_bytes_skip(&in, NUMBERS + (service->pccc_function >= 0)))
		qw_repeat_varies(repeat, in.at, in.left);
}

/* Numbers of messages, and the data of services that carry no others and name nothing in it. */
void qw_enip_note_varying(struct qw_repeat *repeat, const struct qw_enip_message *message, const struct qw_cip *cip,
			  struct qw_bytes frame)
{
	if (message->malformed || cip->malformed || cip->cut)
		qw_repeat_none(repeat);
	qw_repeat_varies(repeat, frame.at + AT_CONTEXT, sizeof(message->context));
	if (message->has_sequence && message->cip.data)
		qw_repeat_varies(repeat, message->cip.data - sizeof(message->sequence), sizeof(message->sequence));
	for (uint16_t i = 0; i < cip->services; i++) {
		const struct qw_cip_service *service = &cip->service[i];
		if (service->pccc_command >= 0)
			note_pccc(repeat, service);
		else if (!service->carrier && service->attributes == 0)
			qw_repeat_varies(repeat, service->data.data, service->data.len);
	}
}

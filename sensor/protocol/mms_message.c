/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/mms_message.h"

#include "sensor/protocol/ber.h"

enum {
	CONTEXT = 0x80,
	CONSTRUCTED = 0x20,
	LONG_NUMBER = 0x1f,
	PRIMITIVE = CONTEXT,
};

/* Bit i: PDU i is no structure. */
enum {
	BARE = 1 << QW_MMS_CANCEL_REQUEST | 1 << QW_MMS_CANCEL_RESPONSE | 1 << QW_MMS_CONCLUDE_REQUEST |
	       1 << QW_MMS_CONCLUDE_RESPONSE
};

static uint32_t number_of(uint32_t tag)
{
	return (tag & LONG_NUMBER) == LONG_NUMBER ? tag >> 8 : tag & LONG_NUMBER;
}

static bool is_pdu_tag(uint32_t tag)
{
	uint32_t number = tag & LONG_NUMBER;
	if (tag > UINT8_MAX || number >= QW_MMS_PDUS)
		return false;
	return (tag & ~(uint32_t)LONG_NUMBER) == (BARE >> number & 1 ? CONTEXT : CONTEXT | CONSTRUCTED);
}

bool qw_mms_is_pdu(struct qw_bytes in)
{
	struct qw_ber pdu;
	return qw_ber_open_next(&in, &pdu) && is_pdu_tag(pdu.tag) && in.left == 0;
}

static bool read_invoke(struct qw_mms_message *message, struct qw_bytes *in, uint32_t tag)
{
	int64_t number;
	if (!qw_ber_integer(in, tag, &number))
		return false;
	message->invoke = (uint32_t)number;
	message->invoked = true;
	return true;
}

/* ---- answers */

/* Failures among results: a choice's first number; everything else went well. */
static void read_results(struct qw_mms_message *message, struct qw_bytes list)
{
	struct qw_ber result;
	for (message->quantity = 0; qw_ber_open_next(&list, &result); message->quantity++) {
		if (result.tag == PRIMITIVE && message->access_error < 0 && result.body.left)
			message->access_error = result.body.at[result.body.left - 1];
	}
	message->malformed |= list.left != 0;
}

static void read_read_answer(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_bytes access;
	if (qw_ber_open_take(&in, QW_BER_CONTEXT(0), &access))
		message->malformed = !qw_mms_read_variables(message, &access);
	if (!qw_ber_open_take(&in, QW_BER_CONTEXT(1), &message->values))
		message->malformed = true;
	else
		read_results(message, message->values);
}

static void read_name_list_answer(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_bytes list, more;
	struct qw_ber name;
	if (!qw_ber_open_take(&in, QW_BER_CONTEXT(0), &list)) {
		message->malformed = true;
		return;
	}
	for (message->quantity = 0; qw_ber_open_next(&list, &name); message->quantity++)
		qw_mms_add(message, qw_slice(NULL, 0), qw_slice(name.body.at, name.body.left));
	message->more = !qw_ber_open_take(&in, PRIMITIVE | 1, &more) || (more.left && more.at[0]);
}

static void read_identity(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_bytes text;
	if (qw_ber_open_take(&in, PRIMITIVE, &text))
		message->vendor = qw_slice(text.at, text.left);
	if (qw_ber_open_take(&in, PRIMITIVE | 1, &text))
		message->model = qw_slice(text.at, text.left);
	if (qw_ber_open_take(&in, PRIMITIVE | 2, &text))
		message->revision = qw_slice(text.at, text.left);
}

/* The first member: what a file or an upload is called from now on; a device's logical state. */
static void read_first_number(struct qw_mms_message *message, struct qw_bytes in)
{
	message->numbered = qw_ber_integer(&in, PRIMITIVE, &message->number);
}

static void read_response(struct qw_mms_message *message, struct qw_bytes body)
{
	switch (message->service) {
	case QW_MMS_READ: read_read_answer(message, body); break;
	case QW_MMS_WRITE: read_results(message, body); break;
	case QW_MMS_GET_NAME_LIST: read_name_list_answer(message, body); break;
	case QW_MMS_IDENTIFY: read_identity(message, body); break;
	case QW_MMS_STATUS:
	case QW_MMS_INITIATE_UPLOAD:
	case QW_MMS_FILE_OPEN: read_first_number(message, body); break;
	}
}

/* ---- services */

static void read_confirmed(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_ber service;
	bool read = read_invoke(message, &in, QW_BER_INTEGER);
	if (message->pdu == QW_MMS_CONFIRMED_REQUEST)
		qw_ber_open_pass(&in, QW_BER_SEQUENCE); /* modifiers */
	if (!read || !qw_ber_open_next(&in, &service) || !(service.tag & CONTEXT)) {
		message->malformed = true;
		return;
	}
	message->service = (int16_t)(number_of(service.tag) & INT16_MAX);
	if (message->pdu == QW_MMS_CONFIRMED_REQUEST)
		qw_mms_read_request(message, service.body);
	else
		read_response(message, service.body);
}

static void read_unconfirmed(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_ber service;
	if (!qw_ber_open_next(&in, &service) || !(service.tag & CONTEXT)) {
		message->malformed = true;
		return;
	}
	message->service = (int16_t)(number_of(service.tag) & INT16_MAX);
	if (message->service != QW_MMS_INFORMATION_REPORT)
		return;
	message->malformed = !qw_mms_read_variables(message, &service.body) ||
			     !qw_ber_open_take(&service.body, QW_BER_CONTEXT(0), &message->values);
	if (!message->malformed)
		read_results(message, message->values);
}

/* ---- errors */

/* in: a service error.  Its first member is a choice of classes. */
static void read_service_error(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_bytes class;
	struct qw_ber code;
	if (qw_ber_open_take(&in, QW_BER_CONTEXT(0), &class) && qw_ber_open_next(&class, &code) && code.body.left)
		message->error = (int32_t)(number_of(code.tag) & 0xff) << 8 | code.body.at[code.body.left - 1];
	else
		message->malformed = true;
}

static void read_error(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_bytes error;
	bool read = read_invoke(message, &in, PRIMITIVE);
	qw_ber_open_pass(&in, PRIMITIVE | 1); /* position of the modifier */
	if (!read || !qw_ber_open_take(&in, QW_BER_CONTEXT(message->pdu == QW_MMS_CONFIRMED_ERROR ? 2 : 1), &error))
		message->malformed = true;
	else
		read_service_error(message, error);
}

static void read_reject(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_ber why;
	(void)read_invoke(message, &in, PRIMITIVE);
	if (qw_ber_open_next(&in, &why) && why.body.left)
		message->error = (int32_t)(number_of(why.tag) & 0xff) << 8 | why.body.at[why.body.left - 1];
	else
		message->malformed = true;
}

/* ---- sessions */

static void read_member(struct qw_bytes *in, uint32_t tag, uint64_t *out)
{
	int64_t number;
	if (qw_ber_integer(in, tag, &number) && number > 0)
		*out = (uint64_t)number;
}

/* Bounds, then the version. */
static void read_initiate(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_mms_agreed *agreed = &message->agreed;
	struct qw_bytes more;
	agreed->told = true;
	read_member(&in, PRIMITIVE, &agreed->pdu_bytes);
	read_member(&in, PRIMITIVE | 1, &agreed->calling);
	read_member(&in, PRIMITIVE | 2, &agreed->called);
	read_member(&in, PRIMITIVE | 3, &agreed->nesting);
	if (qw_ber_open_take(&in, QW_BER_CONTEXT(4), &more))
		read_member(&more, PRIMITIVE, &agreed->version);
}

static void read_cancelled(struct qw_mms_message *message, struct qw_bytes in)
{
	for (size_t i = 0; i < in.left; i++)
		message->invoke = message->invoke << 8 | in.at[i];
	message->invoked = in.left != 0;
}

typedef void reader(struct qw_mms_message *message, struct qw_bytes body);

static reader *const readers[QW_MMS_PDUS] = {
    [QW_MMS_CONFIRMED_REQUEST] = read_confirmed,  [QW_MMS_CONFIRMED_RESPONSE] = read_confirmed,
    [QW_MMS_CONFIRMED_ERROR] = read_error,	  [QW_MMS_UNCONFIRMED] = read_unconfirmed,
    [QW_MMS_REJECT] = read_reject,		  [QW_MMS_CANCEL_REQUEST] = read_cancelled,
    [QW_MMS_CANCEL_RESPONSE] = read_cancelled,	  [QW_MMS_CANCEL_ERROR] = read_error,
    [QW_MMS_INITIATE_REQUEST] = read_initiate,	  [QW_MMS_INITIATE_RESPONSE] = read_initiate,
    [QW_MMS_INITIATE_ERROR] = read_service_error, [QW_MMS_CONCLUDE_ERROR] = read_service_error,
};

bool qw_mms_parse(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_ber pdu;
	if (!qw_ber_open_next(&in, &pdu) || !is_pdu_tag(pdu.tag))
		return false;
	*message = (struct qw_mms_message){
	    .pdu = (uint8_t)number_of(pdu.tag), .service = -1, .quantity = -1, .error = -1, .access_error = -1};
	if (readers[message->pdu])
		readers[message->pdu](message, pdu.body);
	return true;
}

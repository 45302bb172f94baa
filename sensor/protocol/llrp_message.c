/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/llrp_message.h"

enum {
	VERSION_FIRST = 1,
	VERSION_LAST = 3,
	TYPE_VALUE = 0x80, /* a parameter without a length */
	TYPE_HEAD = 4,
};

/* Types of parameters. */
enum {
	UTC_TIMESTAMP = 128,
	UPTIME = 129,
	GENERAL_CAPABILITIES = 137,
	ROSPEC = 177,
	ACCESSSPEC = 207,
	IDENTIFICATION = 218,
	TAG_REPORT = 240,
	EVENT_DATA = 246,
	EVENT_FIRST = 247,
	CONNECTION_ATTEMPT = 256,
	EVENT_LAST = 257,
	STATUS = 287,
};

int32_t qw_llrp_length(const uint8_t *head)
{
	uint8_t version = head[0] >> 2 & 7;
	uint32_t len = qw_be32(head + 2);
	bool ours = head[0] >> 5 == 0 && version >= VERSION_FIRST && version <= VERSION_LAST && len >= QW_LLRP_HEAD &&
		    len <= QW_LLRP_FRAME_MOST;
	return ours ? (int32_t)len : -1;
}

bool qw_llrp_is_answer(uint16_t type)
{
	if (type == QW_LLRP_CLOSE_CONNECTION_RESPONSE || type == QW_LLRP_ERROR)
		return true;
	return (type >= QW_LLRP_CAPABILITIES && type <= QW_LLRP_CONFIG_SET) ||
	       (type >= QW_LLRP_ADD_ROSPEC_RESPONSE && type < QW_LLRP_ADD_ACCESSSPEC) ||
	       (type >= QW_LLRP_ADD_ACCESSSPEC_RESPONSE && type <= QW_LLRP_VERSION_SET);
}

bool qw_llrp_is_from_reader(uint16_t type)
{
	if (type >= QW_LLRP_REPORT && type <= QW_LLRP_EVENT)
		return true;
	return type == QW_LLRP_CLIENT_OPERATION ||
	       (qw_llrp_is_answer(type) && type != QW_LLRP_CLIENT_OPERATION_RESPONSE);
}

/* ---- parameters */

struct parameter {
	uint16_t type;
	struct qw_bytes body;
};

/* The next that says its length; those that do not, stand in reports and are as long as their type says. */
static bool take_parameter(struct qw_bytes *in, struct parameter *out)
{
	struct qw_bytes at = *in;
	uint16_t type, len;
	if (!qw_bytes_be16(&at, &type) || !qw_bytes_be16(&at, &len) || type >> 8 & TYPE_VALUE || len < TYPE_HEAD ||
	    !qw_bytes_take(&at, len - TYPE_HEAD, &out->body))
		return false;
	out->type = type & QW_LLRP_TYPE;
	*in = at;
	return true;
}

/* A length, then as many bytes. */
static struct qw_slice take_text(struct qw_bytes *in)
{
	struct qw_bytes text;
	uint16_t len;
	if (!qw_bytes_be16(in, &len) || !qw_bytes_take(in, len, &text))
		return qw_slice(NULL, 0);
	return qw_slice(text.at, text.left);
}

static void read_status(struct qw_llrp_message *message, struct qw_bytes in)
{
	uint16_t status;
	if (!qw_bytes_be16(&in, &status))
		return;
	message->status = status;
	message->why = take_text(&in);
}

static void read_capabilities(struct qw_llrp_message *message, struct qw_bytes in)
{
	if (!qw_bytes_be16(&in, &message->antennas) || !qw_bytes_skip(&in, 2) ||
	    !qw_bytes_be32(&in, &message->vendor) || !qw_bytes_be32(&in, &message->model))
		return;
	message->identified = true;
	message->firmware = take_text(&in);
}

static void read_identification(struct qw_llrp_message *message, struct qw_bytes in)
{
	if (qw_bytes_skip(&in, 1))
		message->reader = take_text(&in);
}

/* When it was, then what. */
static void read_event(struct qw_llrp_message *message, struct qw_bytes in)
{
	struct parameter parameter;
	uint16_t attempt;
	while (take_parameter(&in, &parameter)) {
		if (parameter.type < EVENT_FIRST || parameter.type > EVENT_LAST)
			continue;
		if (!message->event)
			message->event = parameter.type;
		if (parameter.type == CONNECTION_ATTEMPT && qw_bytes_be16(&parameter.body, &attempt))
			message->attempt = attempt;
	}
}

static void read_parameter(struct qw_llrp_message *message, const struct parameter *parameter)
{
	struct qw_bytes body = parameter->body;
	switch (parameter->type) {
	case STATUS: read_status(message, body); break;
	case GENERAL_CAPABILITIES: read_capabilities(message, body); break;
	case IDENTIFICATION: read_identification(message, body); break;
	case EVENT_DATA: read_event(message, body); break;
	case TAG_REPORT: message->reports++; break;
	case ROSPEC:
	case ACCESSSPEC: message->numbered = qw_bytes_be32(&body, &message->spec); break;
	}
}

bool qw_llrp_is_event(struct qw_bytes in)
{
	struct parameter event, first;
	if (in.left < QW_LLRP_HEAD || qw_llrp_length(in.at) < 0 || (qw_be16(in.at) & QW_LLRP_TYPE) != QW_LLRP_EVENT)
		return false;
	qw_bytes_limit(&in, (size_t)qw_llrp_length(in.at));
	(void)qw_bytes_skip(&in, QW_LLRP_HEAD);
	return take_parameter(&in, &event) && in.left == 0 && event.type == EVENT_DATA &&
	       take_parameter(&event.body, &first) && (first.type == UTC_TIMESTAMP || first.type == UPTIME);
}

/* ---- messages */

/* Operations that are named by their number alone. */
static bool is_about_spec(uint16_t type)
{
	return (type > QW_LLRP_ADD_ROSPEC && type < QW_LLRP_GET_ROSPECS) ||
	       (type > QW_LLRP_ADD_ACCESSSPEC && type < QW_LLRP_GET_ACCESSSPECS);
}

/* What stands before the parameters. */
static void read_front(struct qw_llrp_message *message, struct qw_bytes *in)
{
	uint8_t byte;
	if (is_about_spec(message->type))
		message->numbered = qw_bytes_be32(in, &message->spec);
	else if (message->type == QW_LLRP_SET_CONFIG && qw_bytes_u8(in, &byte))
		message->resets = byte & 0x80;
	else if (message->type == QW_LLRP_VERSION)
		(void)qw_bytes_skip(in, 2);
	else if (message->type == QW_LLRP_CUSTOM && qw_bytes_be32(in, &message->custom_vendor))
		(void)qw_bytes_u8(in, &message->custom_type);
}

/* Requests for lists and the like have no parameters that are told, and may have a byte of their own. */
static bool has_parameters(uint16_t type)
{
	return qw_llrp_is_from_reader(type) || type == QW_LLRP_ADD_ROSPEC || type == QW_LLRP_ADD_ACCESSSPEC;
}

void qw_llrp_parse(struct qw_llrp_message *message, struct qw_bytes in)
{
	struct parameter parameter;
	*message = (struct qw_llrp_message){
	    .version = in.at[0] >> 2 & 7,
	    .type = qw_be16(in.at) & QW_LLRP_TYPE,
	    .id = qw_be32(in.at + 6),
	    .status = -1,
	    .attempt = -1,
	};
	(void)qw_bytes_skip(&in, QW_LLRP_HEAD);
	read_front(message, &in);
	if (!has_parameters(message->type))
		return;
	while (take_parameter(&in, &parameter))
		read_parameter(message, &parameter);
}

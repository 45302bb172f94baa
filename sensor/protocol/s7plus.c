/* SPDX-License-Identifier: Apache-2.0 */
/*
 * s7plus - S7comm-plus: who asks for what; what it carries is compressed or signed and not taken apart.
 *
 * The protocol is not published: the head is as Snort's keywords and
 * captures show it.
 */
#include "quaywatch/ot_names.h"
#include "sensor/protocol/iso.h"

enum {
	REQUEST = 0x31,
	RESPONSE = 0x32,
	NOTIFICATION = 0x33,
	SIGNED = 3,
	VERSION_LAST = 3,
	SYSTEM_EVENT = 0xfe,
	KEEP_ALIVE = 0xff,
};

struct head {
	uint8_t version, opcode;
	uint16_t function, sequence;
	uint32_t session;
	struct qw_slice content; /* behind the function */
};

/* A digest stands before what is signed, in each part: its length, then it. */
static bool pass_digest(struct qw_bytes *in)
{
	uint8_t len;
	return qw_bytes_u8(in, &len) && qw_bytes_skip(in, len);
}

static bool parse(struct head *head, struct qw_bytes in)
{
	if (!qw_bytes_u8(&in, &head->opcode) || head->opcode < REQUEST || head->opcode > NOTIFICATION)
		return false;
	if (head->opcode == NOTIFICATION) {
		head->content = qw_slice(in.at, in.left);
		return qw_bytes_be32(&in, &head->session);
	}
	if (!qw_bytes_skip(&in, 2) || !qw_bytes_be16(&in, &head->function))
		return false;
	head->content = qw_slice(in.at, in.left);
	if (!qw_bytes_skip(&in, 2) || !qw_bytes_be16(&in, &head->sequence))
		return false;
	return head->opcode == RESPONSE || qw_bytes_be32(&in, &head->session);
}

static void add_fields(const struct head *head, struct qw_message *out)
{
	qw_message_number(out, QW_BUFFER_S7COMMPLUS_OPCODE, head->opcode, true);
	if (head->opcode != NOTIFICATION)
		qw_message_number(out, QW_BUFFER_S7COMMPLUS_FUNC, head->function, true);
	qw_message_add(out, QW_BUFFER_S7COMMPLUS_CONTENT, QW_SIGHT_NONE, head->content, true);
}

static void fill_detail(struct qw_ot_detail *detail, const struct head *head)
{
	const char *name = qw_number_name(qw_ot_names(QW_OT_S7PLUS_FUNCTIONS), head->function);
	qw_ot_begin(detail, "s7comm-plus", QW_OT_NO_NUMBER, NULL, head->opcode == RESPONSE);
	detail->kind = head->opcode == NOTIFICATION ? "notification" : name ? name : "other";
	if (head->opcode == NOTIFICATION) {
		qw_ot_number(detail, QW_KEY_OT_SESSION, head->session);
		return;
	}
	qw_ot_number(detail, QW_KEY_OT_SEQUENCE, head->sequence);
	if (head->opcode == REQUEST)
		qw_ot_number(detail, QW_KEY_OT_SESSION, head->session);
	qw_ot_number(detail, QW_KEY_OT_SERVICE, head->function);
}

/* Sequences of this protocol do not meet those of S7comm in one conversation. */
static void pair(const struct qw_iso_call *call, const struct head *head)
{
	enum { NO_ANSWER = 0 };
	if (head->opcode == REQUEST && head->sequence != NO_ANSWER)
		qw_ot_pairs_ask(call->iso, &call->iso->pairs, head->sequence, head->session, head->function);
	else if (head->opcode == RESPONSE)
		(void)qw_ot_pairs_answer(&call->iso->pairs, head->sequence);
}

static void tell_event(const struct qw_iso_call *call)
{
	struct qw_message out;
	struct qw_ot_detail detail;
	qw_iso_begin(call, &out, QW_APP_S7COMM_PLUS);
	qw_ot_begin(&detail, "s7comm-plus", QW_OT_NO_NUMBER, NULL, call->direction == QW_TO_CLIENT);
	detail.kind = "system_event";
	out.detail = &detail;
	qw_iso_publish(call, &out);
}

static void read_message(const struct qw_iso_call *call, struct head *head, struct qw_bytes body)
{
	struct qw_message out;
	struct qw_ot_detail detail;
	if (!parse(head, body))
		return;
	pair(call, head);
	qw_iso_begin(call, &out, QW_APP_S7COMM_PLUS);
	if (call->wants & QW_OT_WANT_FIELDS)
		add_fields(head, &out);
	fill_detail(&detail, head);
	out.detail = &detail;
	qw_iso_publish(call, &out);
}

/* The last part of a message has a trailer: magic, version, 0.  What comes behind a part without is its rest. */
static void read_part(const struct qw_iso_call *call, struct head *head, struct qw_bytes body, bool last)
{
	struct qw_iso_side *side = &call->iso->side[call->direction];
	bool passed = side->open;
	if (last && side->parts.len == 0 && !passed) {
		read_message(call, head, body);
		return;
	}
	if (!passed && !qw_store_put(call->iso, &side->parts, body.at, body.left, QW_ISO_DATA_MAX)) {
		side->open = passed = true;
		read_message(call, head, side->parts.len ? qw_bytes(side->parts.at, side->parts.len) : body);
	}
	if (!last)
		return;
	if (!passed)
		read_message(call, head, qw_bytes(side->parts.at, side->parts.len));
	qw_store_free(call->iso, &side->parts);
	side->open = false;
}

void qw_s7plus_read(const struct qw_iso_call *call, struct qw_bytes data)
{
	struct head head = {0};
	struct qw_bytes body;
	uint16_t len;
	if (!qw_bytes_skip(&data, 1) || !qw_bytes_u8(&data, &head.version) || head.version == KEEP_ALIVE ||
	    !qw_bytes_be16(&data, &len) || !qw_bytes_take(&data, len, &body))
		return;
	if (head.version == SYSTEM_EVENT)
		tell_event(call);
	else if (head.version <= VERSION_LAST && (head.version != SIGNED || pass_digest(&body)))
		read_part(call, &head, body, data.left > 0);
}

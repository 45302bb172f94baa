/* SPDX-License-Identifier: Apache-2.0 */
/* event - what decoders, streams and parsers raised: decode-event, stream-event, app-layer-event. */
#include <string.h>

#include "quaywatch/rule_event.h"
#include "rules/signature/keyword.h"

static const char *const kinds[QW_EVENT_TABLES] = {
    [QW_EVENTS_OF_DECODE] = "decode",
    [QW_EVENTS_OF_STREAM] = "stream",
    [QW_EVENTS_OF_FLOW] = "app-layer",
    [QW_EVENTS_OF_APP] = "app-layer",
};

static enum qw_err find(struct qw_parse *parse, enum qw_event_table table, struct qw_word name, int *number)
{
	*number = qw_rule_event_find(table, name.at, name.len);
	if (*number == QW_EVENT_UNRAISED)
		return qw_refuse(parse, name.at, "'%.*s' is not supported: this event is not raised", (int)name.len,
				 name.at);
	if (*number == QW_EVENT_UNKNOWN)
		return qw_refuse(parse, name.at, "'%.*s' is not a %s event", (int)name.len, name.at, kinds[table]);
	return QW_OK;
}

/* An event that a packet carries. */
static enum qw_err of_packet(struct qw_parse *parse, enum qw_event_table table, struct qw_word name)
{
	struct qw_op *op;
	int number;
	enum qw_err err = find(parse, table, name, &number);
	if (!err)
		err = qw_draft_op(parse, QW_DRAFT_FACTS, QW_OP_EVENT, &op);
	if (err)
		return err;
	op->number.a = (uint64_t)number;
	parse->draft->sig.need |= QW_FACT_PACKET;
	return QW_OK;
}

/* Old rules write the table's name before the event's: decode-event:decoder.ipv4.trunc_pkt, engine-event:stream.… */
static bool eat_prefix(struct qw_word *name, const char *prefix)
{
	size_t len = strlen(prefix);
	if (name->len <= len || memcmp(name->at, prefix, len) != 0)
		return false;
	name->at += len;
	name->len -= len;
	return true;
}

QW_KEYWORD(decode_event)
{
	struct qw_word name = value;
	(void)eat_prefix(&name, "decoder.");
	if (eat_prefix(&name, "stream."))
		return of_packet(parse, QW_EVENTS_OF_STREAM, name);
	return of_packet(parse, QW_EVENTS_OF_DECODE, name);
}

QW_KEYWORD(stream_event)
{
	struct qw_word name = value;
	(void)eat_prefix(&name, "stream.");
	return of_packet(parse, QW_EVENTS_OF_STREAM, name);
}

QW_KEYWORD(app_layer_event)
{
	struct qw_op *op;
	int number;
	if (qw_rule_event_find(QW_EVENTS_OF_FLOW, value.at, value.len) != QW_EVENT_UNKNOWN)
		return of_packet(parse, QW_EVENTS_OF_FLOW, value);
	enum qw_err err = find(parse, QW_EVENTS_OF_APP, value, &number);
	if (!err)
		err = qw_draft_number(parse, QW_BUFFER_APP_EVENT, &op);
	if (err)
		return err;
	op->compare = QW_CMP_EQ;
	op->number.a = (uint64_t)number;
	return QW_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profinet - frames right above Ethernet: the frame id says what one is.
 *
 * Cyclic data is told when it begins and when it falls silent, by its frame
 * id; alarms and DCP are told each.
 */
#include "sensor/protocol/profinet.h"

#include "quaywatch/ot_names.h"
#include "sensor/protocol/dcp_message.h"
#include "sensor/protocol/links.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/parser.h"

enum { CONVERSATIONS = 1024, SILENCE_S = 3 };

const struct qw_link_odd qw_profinet_odds[] = {{"malformed", QW_AE_PROFINET_MALFORMED}, {NULL, QW_AE_NONE}};

/* ---- cyclic data: frame ids of class 3 (isochronous), 2 and 1 */

enum { CYCLIC_FIRST = 0x0100, CYCLIC_LAST = 0xfbff, TRAILER = 4 };

struct cyclic {
	uint16_t frame_id; /* 0: no cyclic data */
	uint16_t len;
	bool silent;
};
_Static_assert(sizeof(struct cyclic) <= QW_LINK_STATE, "kept in a conversation");

static struct cyclic *cyclic_of(struct qw_link_talk *talk)
{
	return (struct cyclic *)(void *)talk->state;
}

static void tell_cyclic(const struct qw_link_call *call, struct qw_link_talk *talk, const char *kind)
{
	const struct cyclic *cyclic = cyclic_of(talk);
	struct qw_ot_detail detail;
	qw_ot_begin(&detail, "profinet-rt", QW_OT_NO_NUMBER, NULL, false);
	detail.kind = kind;
	qw_ot_number(&detail, QW_KEY_OT_UNIT, cyclic->frame_id);
	qw_ot_number(&detail, QW_KEY_OT_QUANTITY, cyclic->len);
	qw_link_tell(call, talk, &detail, qw_profinet_odds, 0);
}

static void read_cyclic(const struct qw_link_call *call, uint16_t frame_id, struct qw_bytes in)
{
	struct qw_link_talk *talk = qw_link_find(call, frame_id);
	struct cyclic *cyclic = cyclic_of(talk);
	bool begins = cyclic->frame_id == 0 || cyclic->silent;
	cyclic->frame_id = frame_id;
	cyclic->len = (uint16_t)(in.left > TRAILER ? in.left - TRAILER : 0);
	cyclic->silent = false;
	if (begins)
		tell_cyclic(call, talk, "cyclic_begins");
}

static void look(const struct qw_link_call *call, struct qw_link_talk *talk)
{
	struct cyclic *cyclic = cyclic_of(talk);
	if (!cyclic->frame_id || cyclic->silent || call->packet->time.ns - talk->last.ns < SILENCE_S * QW_NS_PER_S)
		return;
	cyclic->silent = true;
	tell_cyclic(call, talk, "cyclic_stopped");
}

/* ---- alarms */

enum { ALARM_HIGH = 0xfc01, ALARM_LOW = 0xfe01 };
enum { RTA_DATA = 1, RTA_ERROR = 4 };
enum { NOTIFICATION_HIGH = 0x0001, NOTIFICATION_LOW = 0x0002, BLOCK_HEAD = 6 };

struct rta {
	uint16_t destination, source, sequence, acknowledged;
	uint8_t type;
	bool has_alarm;
	uint16_t alarm;
	struct qw_bytes body;
};

static bool read_rta(struct rta *out, struct qw_bytes in)
{
	uint8_t type, flags;
	out->has_alarm = false;
	uint16_t len;
	if (!qw_bytes_be16(&in, &out->destination) || !qw_bytes_be16(&in, &out->source) || !qw_bytes_u8(&in, &type) ||
	    !qw_bytes_u8(&in, &flags) || !qw_bytes_be16(&in, &out->sequence) || !qw_bytes_be16(&in, &out->acknowledged) ||
	    !qw_bytes_be16(&in, &len) || !qw_bytes_take(&in, len, &out->body))
		return false;
	out->type = type & 0x0f;
	return true;
}

/* A notification, or its acknowledgement: which alarm, and of which submodule.  False: it is broken. */
static bool tell_notification(struct qw_ot_detail *detail, struct rta *rta)
{
	struct qw_bytes in = rta->body;
	uint16_t block, len, version, alarm, slot, subslot;
	uint32_t api;
	if (!qw_bytes_be16(&in, &block) || !qw_bytes_be16(&in, &len) || !qw_bytes_be16(&in, &version) ||
	    !qw_bytes_be16(&in, &alarm) || !qw_bytes_be32(&in, &api) || !qw_bytes_be16(&in, &slot) ||
	    !qw_bytes_be16(&in, &subslot))
		return false;
	rta->has_alarm = true;
	rta->alarm = alarm;
	qw_ot_number(detail, QW_KEY_OT_CAUSE, alarm);
	qw_ot_text(detail, QW_KEY_OT_CAUSE_NAME, qw_slice_text(qw_number_name(qw_ot_names(QW_OT_PROFINET_ALARMS), alarm)));
	qw_ot_number(detail, QW_KEY_OT_SLOT, slot);
	qw_ot_number(detail, QW_KEY_OT_SUBSLOT, subslot);
	return true;
}

static void tell_error(struct qw_ot_detail *detail, struct qw_bytes in)
{
	uint32_t status;
	if (qw_bytes_be32(&in, &status))
		qw_ot_fail(detail, status, NULL);
}

static void read_alarm(const struct qw_link_call *call, uint16_t frame_id, struct qw_bytes in)
{
	static const char *const kinds[] = {"alarm_other", "alarm", "alarm_nack", "alarm_ack", "alarm_error"};
	struct qw_ot_detail detail;
	struct qw_message message;
	struct rta rta;
	if (!read_rta(&rta, in)) {
		qw_link_unread(call);
		return;
	}
	qw_ot_begin(&detail, "profinet-rt", QW_OT_NO_NUMBER, NULL, rta.type > RTA_DATA);
	detail.kind = kinds[rta.type <= RTA_ERROR ? rta.type : 0];
	if (rta.type == RTA_ERROR)
		tell_error(&detail, rta.body);
	qw_ot_number(&detail, QW_KEY_OT_SEQUENCE, rta.sequence);
	qw_ot_number(&detail, QW_KEY_OT_ACKNOWLEDGED, rta.acknowledged);
	qw_ot_number(&detail, QW_KEY_OT_UNIT, frame_id);
	qw_ot_number(&detail, QW_KEY_OT_SOURCE, rta.source);
	qw_ot_number(&detail, QW_KEY_OT_DESTINATION, rta.destination);
	bool odd = rta.type == RTA_DATA && !tell_notification(&detail, &rta);
	qw_ot_number(&detail, QW_KEY_OT_PRIORITY, frame_id == ALARM_HIGH);
	if (odd)
		qw_ot_text(&detail, QW_KEY_OT_INDICATIONS, qw_slice_text("malformed"));
	qw_link_begin(call, qw_link_find(call, frame_id), &detail, &message);
	if (rta.has_alarm && qw_link_wants(call) & QW_OT_WANT_FIELDS)
		qw_message_number(&message, QW_BUFFER_PROFINET_ALARM, rta.alarm, true);
	if (odd)
		qw_message_number(&message, QW_BUFFER_APP_EVENT, QW_AE_PROFINET_MALFORMED, true);
	qw_link_publish(call, &message);
}

/* ---- all of them */

static const struct {
	uint16_t first, last;
	void (*read)(const struct qw_link_call *call, uint16_t frame_id, struct qw_bytes in);
} ranges[] = {
	{CYCLIC_FIRST, CYCLIC_LAST, read_cyclic},
	{ALARM_HIGH, ALARM_HIGH, read_alarm},
	{ALARM_LOW, ALARM_LOW, read_alarm},
	{QW_DCP_HELLO, QW_DCP_IDENTIFIED, qw_profinet_dcp},
};

static void feed(const struct qw_link_call *call, struct qw_bytes in)
{
	uint16_t frame_id;
	if (!qw_bytes_be16(&in, &frame_id)) {
		qw_link_unread(call);
		return;
	}
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (frame_id >= ranges[i].first && frame_id <= ranges[i].last) {
			ranges[i].read(call, frame_id, in);
			return;
		}
}

const struct qw_link_ops qw_link_profinet = {
    .app = QW_APP_PROFINET,
    .ether_type = 0x8892,
    .conversations = CONVERSATIONS,
    .feed = feed,
    .look = look,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sv - IEC 61850-9-2: sampled values, thousands of frames a second.
 *
 * No sample is told: a stream is when it begins, when what it says of itself
 * changes, when samples are missing (at most once a second), and when it falls
 * silent.  A conversation is one stream of one sender.
 */
#include "sensor/protocol/ber.h"
#include "sensor/protocol/goose_message.h"
#include "sensor/protocol/links.h"
#include "sensor/protocol/link.h"
#include "sensor/protocol/ot_text.h"

enum { CONVERSATIONS = 1024, ASDUS_MAX = 64, ODD_TEXT_MAX = 96, SILENCE_S = 3 };

/* Elements of the savPdu (IEC 61850-9-2, table 15). */
enum { PDU = QW_BER_APPLICATION(0), COUNT = 0x80, SEQUENCE_OF = 0xa2 };
enum { ID = 0x80, DATA_SET, SAMPLE, CONFIGURATION, REFRESHED, SYNCHRONISATION };

struct asdu {
	struct qw_slice id, data_set;
	uint32_t configuration;
	uint16_t sample;
	uint8_t synchronisation;
};

struct stream {
	struct qw_time told; /* when a gap was */
	uint64_t missing;    /* samples, since then */
	uint32_t configuration;
	uint32_t period;     /* samples until the count begins anew; 0: not seen yet */
	uint16_t application;
	uint16_t sample;
	uint8_t synchronisation;
	bool gap;            /* to be told */
	bool silent;
	bool known;
};
_Static_assert(sizeof(struct stream) <= QW_LINK_STATE, "kept in a conversation");

enum odd { ODD_MALFORMED = 1 << 0, ODD_GAP = 1 << 1, ODD_CONFIGURATION = 1 << 2, ODD_SYNCHRONISATION = 1 << 3 };

static const struct qw_link_odd odds[] = {
	{"malformed", QW_AE_SV_MALFORMED},
	{"sequence_gap", QW_AE_SV_SEQUENCE_GAP},
	{"configuration_changed", QW_AE_SV_CONFIGURATION_CHANGED},
	{"synchronisation_changed", QW_AE_SV_SYNCHRONISATION_CHANGED},
	{NULL, QW_AE_NONE},
};

/* One frame on its way. */
struct frame {
	const struct qw_link_call *call;
	uint16_t application;
	bool simulated;
	uint8_t asdus;
};

static struct stream *stream_of(struct qw_link_talk *talk)
{
	return (struct stream *)(void *)talk->state;
}

/* ---- reading */

static bool number(struct qw_bytes body, uint64_t max, uint64_t *out)
{
	return qw_goose_unsigned(body, out) && *out <= max;
}

static bool read_asdu(struct asdu *out, struct qw_bytes in)
{
	struct qw_ber element;
	uint64_t value;
	bool counted = false;
	*out = (struct asdu){0};
	while (qw_ber_next(&in, &element)) {
		switch (element.tag) {
		case ID: out->id = qw_slice(element.body.at, element.body.left); break;
		case DATA_SET: out->data_set = qw_slice(element.body.at, element.body.left); break;
		case SAMPLE:
			counted = number(element.body, UINT16_MAX, &value);
			out->sample = (uint16_t)(counted ? value : 0);
			break;
		case CONFIGURATION: out->configuration = (uint32_t)(number(element.body, UINT32_MAX, &value) ? value : 0); break;
		case SYNCHRONISATION: out->synchronisation = (uint8_t)(number(element.body, UINT8_MAX, &value) ? value : 0); break;
		default: break;
		}
	}
	return counted && out->id.len && in.left == 0;
}

/* ---- what changes */

/* Samples between the last and this one; *back: it comes again, or too late. */
static uint32_t skipped(struct stream *stream, uint16_t sample, bool *back)
{
	uint32_t next = (uint32_t)stream->sample + 1;
	*back = false;
	if (stream->period && next > stream->period) /* the count was taken to begin anew where samples were lost */
		stream->period = 0;
	if (sample == 0 && stream->sample) {
		uint32_t lost = stream->period > next ? stream->period - next : 0;
		if (!stream->period)
			stream->period = next;
		return lost;
	}
	if (stream->period && sample < stream->sample)
		return stream->period - next + sample;
	*back = sample < next;
	return *back ? 0 : sample - next;
}

static uint32_t compare(struct qw_link_talk *talk, const struct asdu *asdu)
{
	struct stream *stream = stream_of(talk);
	uint32_t odd = 0;
	bool back;
	stream->missing += skipped(stream, asdu->sample, &back);
	stream->gap |= back || stream->missing;
	if (stream->gap && talk->last.ns - stream->told.ns >= QW_NS_PER_S)
		odd |= ODD_GAP;
	if (asdu->configuration != stream->configuration)
		odd |= ODD_CONFIGURATION;
	if (asdu->synchronisation != stream->synchronisation)
		odd |= ODD_SYNCHRONISATION;
	return odd;
}

static void remember(struct stream *stream, const struct frame *frame, const struct asdu *asdu)
{
	stream->application = frame->application;
	stream->configuration = asdu->configuration;
	stream->synchronisation = asdu->synchronisation;
	stream->sample = asdu->sample;
	stream->known = true;
	stream->silent = false;
}

/* ---- what events say */

static void begin(struct qw_ot_detail *detail, const char *kind, const struct stream *stream)
{
	qw_ot_begin(detail, "sv", QW_OT_NO_NUMBER, NULL, false);
	detail->kind = kind;
	qw_ot_number(detail, QW_KEY_OT_SEQUENCE, stream->sample);
	if (stream->missing)
		qw_ot_number(detail, QW_KEY_OT_MISSING, stream->missing);
	qw_ot_number(detail, QW_KEY_OT_UNIT, stream->application);
	qw_ot_number(detail, QW_KEY_OT_CONFIGURATION, stream->configuration);
	qw_ot_number(detail, QW_KEY_OT_SYNCHRONISATION, stream->synchronisation);
}

static void tell(const struct frame *frame, struct qw_link_talk *talk, const struct asdu *asdu, const char *kind,
		 uint32_t odd)
{
	struct stream *stream = stream_of(talk);
	char memory[ODD_TEXT_MAX];
	struct qw_ot_detail detail;
	struct qw_text flags;
	qw_text_init(&flags, memory, sizeof(memory));
	if (frame->simulated)
		qw_ot_put_word(&flags, "simulation");
	qw_link_put_odds(&flags, odds, odd);
	begin(&detail, kind, stream);
	qw_ot_number(&detail, QW_KEY_OT_QUANTITY, frame->asdus);
	qw_ot_text(&detail, QW_KEY_OT_DATA_SET, asdu->data_set);
	qw_ot_text(&detail, QW_KEY_OT_STREAM, asdu->id);
	qw_ot_text(&detail, QW_KEY_OT_INDICATIONS, qw_ot_text_slice(&flags));
	qw_link_tell(frame->call, talk, &detail, odds, odd);
	if (odd & ODD_GAP) {
		stream->told = talk->last;
		stream->missing = 0;
		stream->gap = false;
	}
}

static void follow(const struct frame *frame, const struct asdu *asdu)
{
	uint64_t id = qw_link_id(frame->call, asdu->id, frame->application | (uint32_t)frame->simulated << 16);
	struct qw_link_talk *talk = qw_link_find(frame->call, id);
	struct stream *stream = stream_of(talk);
	bool begins = !stream->known || stream->silent;
	uint32_t odd = begins ? 0 : compare(talk, asdu);
	remember(stream, frame, asdu);
	if (begins)
		tell(frame, talk, asdu, "stream_begins", 0);
	else if (odd)
		tell(frame, talk, asdu, odd == ODD_GAP ? "gap" : "changed", odd);
}

static void tell_malformed(const struct frame *frame)
{
	struct qw_link_talk *talk = qw_link_find(frame->call, qw_link_id(frame->call, qw_slice(NULL, 0), frame->application));
	struct stream *stream = stream_of(talk);
	static const struct asdu none;
	if (stream->gap && talk->last.ns - stream->told.ns < QW_NS_PER_S)
		return;
	stream->application = frame->application;
	stream->gap = true; /* here: was told once */
	stream->told = talk->last;
	tell(frame, talk, &none, "malformed", ODD_MALFORMED);
}

static void feed(const struct qw_link_call *call, struct qw_bytes in)
{
	struct frame frame = {.call = call};
	struct qw_bytes pdu, list, body;
	struct asdu asdu;
	uint64_t count = 0;
	if (!qw_goose_head(in, &frame.application, &frame.simulated, &in)) {
		qw_link_unread(call);
		return;
	}
	struct qw_ber element;
	bool whole = qw_ber_take(&in, PDU, &pdu) && qw_ber_take(&pdu, COUNT, &body) && number(body, ASDUS_MAX, &count);
	list = qw_bytes(NULL, 0);
	while (whole && qw_ber_next(&pdu, &element))
		if (element.tag == SEQUENCE_OF)
			list = element.body;
	frame.asdus = (uint8_t)count;
	for (uint64_t i = 0; whole && i < count; i++) {
		whole = qw_ber_take(&list, QW_BER_SEQUENCE, &body) && read_asdu(&asdu, body);
		if (whole)
			follow(&frame, &asdu);
	}
	if (!whole || list.left)
		tell_malformed(&frame);
}

static void look(const struct qw_link_call *call, struct qw_link_talk *talk)
{
	struct stream *stream = stream_of(talk);
	struct qw_ot_detail detail;
	if (!stream->known || stream->silent || call->packet->time.ns - talk->last.ns < SILENCE_S * QW_NS_PER_S)
		return;
	stream->silent = true;
	begin(&detail, "stream_stopped", stream);
	qw_link_tell(call, talk, &detail, odds, 0);
}

const struct qw_link_ops qw_link_sv = {
    .app = QW_APP_SV,
    .ether_type = 0x88ba,
    .conversations = CONVERSATIONS,
    .feed = feed,
    .look = look,
};

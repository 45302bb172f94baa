/* SPDX-License-Identifier: Apache-2.0 */
/*
 * goose - IEC 61850-8-1: what a protection device tells all others, again and again, until its state changes.
 *
 *	frame:  application id | length | two reserved words | goosePdu (BER)
 *
 * A conversation is a control block of one sender; frames of a test set (the
 * simulation bit) are one of their own.  Each frame is told; what is odd about
 * its numbers is told with it, and a sender who falls silent once.
 */
#include "sensor/protocol/goose_message.h"

#include "quaywatch/ot_names.h"
#include "sensor/protocol/links.h"
#include "sensor/protocol/mms_value.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/parser.h"

enum { ODD_TEXT_MAX = 160, TYPES_TEXT_MAX = 256, VALUES_TEXT_MAX = 512, VALUES_MAX = 64, ROW_COUNT = 1024 };

struct goose_state {
	uint32_t state, sequence, lifetime_ms, configuration;
	uint16_t application;
	uint8_t silent; /* its silence was told */
	uint8_t known;  /* the numbers above are right */
};
_Static_assert(sizeof(struct goose_state) <= QW_LINK_STATE, "kept in a conversation");

/* Who publishes a control block. */
struct publisher {
	uint8_t mac[6];
};

enum odd {
	ODD_MALFORMED = 1 << 0,
	ODD_STATE_BACK = 1 << 1,
	ODD_STATE_GAP = 1 << 2,
	ODD_SEQUENCE_BACK = 1 << 3,
	ODD_SEQUENCE_GAP = 1 << 4,
	ODD_EXPIRED = 1 << 5,
	ODD_CONFIGURATION = 1 << 6,
	ODD_SECOND = 1 << 7,
};

static const struct qw_link_odd odds[] = {
	{"malformed", QW_AE_GOOSE_MALFORMED},
	{"state_back", QW_AE_GOOSE_STATE_BACK},
	{"state_gap", QW_AE_GOOSE_STATE_GAP},
	{"sequence_back", QW_AE_GOOSE_SEQUENCE_BACK},
	{"sequence_gap", QW_AE_GOOSE_SEQUENCE_GAP},
	{"expired", QW_AE_GOOSE_EXPIRED},
	{"configuration_changed", QW_AE_GOOSE_CONFIGURATION_CHANGED},
	{"second_publisher", QW_AE_GOOSE_SECOND_PUBLISHER},
	{NULL, QW_AE_NONE},
};

static struct goose_state *state_of(struct qw_link_talk *talk)
{
	return (struct goose_state *)(void *)talk->state;
}

/* ---- what is odd */

/* How many came between two numbers of a row that begins anew at 1; *back: the second is not later than the first. */
static uint32_t skipped(uint32_t before, uint32_t now, bool *back)
{
	uint32_t ahead = now - before;
	*back = ahead == 0 || ahead > UINT32_MAX / 2;
	if (*back)
		return 0;
	return ahead - 1 - (ahead > 1 && now < before); /* no number is 0 after the last */
}

static uint32_t compare(const struct goose_state *before, const struct qw_goose *goose, uint32_t *missing)
{
	bool back;
	uint32_t odd = goose->configuration != before->configuration ? ODD_CONFIGURATION : 0;
	if (goose->state == before->state) {
		*missing = skipped(before->sequence, goose->sequence, &back);
		return odd | (back ? ODD_SEQUENCE_BACK : 0u) | (*missing ? ODD_SEQUENCE_GAP : 0u);
	}
	uint32_t states = skipped(before->state, goose->state, &back);
	*missing = goose->sequence; /* each state begins with 0 */
	if (back)
		return odd | ODD_STATE_BACK;
	return odd | (states ? ODD_STATE_GAP : 0u) | (*missing ? ODD_SEQUENCE_GAP : 0u);
}

static bool is_expired(const struct goose_state *state, struct qw_time since, struct qw_time now)
{
	return state->lifetime_ms && now.ns - since.ns > (int64_t)state->lifetime_ms * QW_NS_PER_MS;
}

static bool has_numbers(const struct qw_goose *goose)
{
	enum { NUMBERS = QW_GOOSE_HAS_STATE | QW_GOOSE_HAS_SEQUENCE };
	return (goose->has & NUMBERS) == NUMBERS;
}

/* The control block is this sender's, or it was another's a moment ago. */
static uint32_t look_at_publisher(const struct qw_link_call *call, uint64_t id)
{
	struct qw_link_talk *talk = qw_link_find_common(call, id);
	struct publisher *publisher = (struct publisher *)(void *)talk->state;
	bool other = !qw_link_is_new(talk) && memcmp(publisher->mac, qw_link_sender(call), sizeof(publisher->mac)) != 0;
	memcpy(publisher->mac, qw_link_sender(call), sizeof(publisher->mac));
	return other ? ODD_SECOND : 0;
}

static uint32_t look_at_numbers(struct qw_link_talk *talk, const struct qw_goose *goose, uint32_t *missing)
{
	struct goose_state *state = state_of(talk);
	uint32_t odd = 0;
	*missing = 0;
	if (!has_numbers(goose))
		return 0;
	if (state->known)
		odd = compare(state, goose, missing);
	if (state->known && !state->silent && is_expired(state, talk->before, talk->last))
		odd |= ODD_EXPIRED;
	*state = (struct goose_state){
	    .state = goose->state,
	    .sequence = goose->sequence,
	    .lifetime_ms = goose->lifetime_ms,
	    .configuration = goose->configuration,
	    .application = goose->application,
	    .known = true,
	};
	return odd;
}

/* ---- what events say */

static void put_flags(struct qw_text *text, const struct qw_goose *goose, uint32_t odd)
{
	if (goose->simulated)
		qw_ot_put_word(text, "simulation");
	if (goose->commissioning)
		qw_ot_put_word(text, "needs_commissioning");
	qw_link_put_odds(text, odds, odd);
}

static void tell_names(struct qw_ot_detail *detail, const struct qw_goose *goose)
{
	qw_ot_text(detail, QW_KEY_OT_CONTROL_BLOCK, goose->control_block);
	qw_ot_text(detail, QW_KEY_OT_DATA_SET, goose->data_set);
	qw_ot_text(detail, QW_KEY_OT_STREAM, goose->id);
}

static void tell_numbers(struct qw_ot_detail *detail, const struct qw_goose *goose, uint32_t missing)
{
	if (goose->has & QW_GOOSE_HAS_SEQUENCE)
		qw_ot_number(detail, QW_KEY_OT_SEQUENCE, goose->sequence);
	if (goose->has & QW_GOOSE_HAS_STATE)
		qw_ot_number(detail, QW_KEY_OT_STATE, goose->state);
	if (missing)
		qw_ot_number(detail, QW_KEY_OT_MISSING, missing);
	if (goose->has & QW_GOOSE_HAS_LIFETIME)
		qw_ot_number(detail, QW_KEY_OT_LIFETIME, goose->lifetime_ms);
	if (goose->has & QW_GOOSE_HAS_CONFIGURATION)
		qw_ot_number(detail, QW_KEY_OT_CONFIGURATION, goose->configuration);
	if (goose->has & QW_GOOSE_HAS_ENTRIES)
		qw_ot_number(detail, QW_KEY_OT_QUANTITY, goose->entries);
}

static void feed(const struct qw_link_call *call, struct qw_bytes in)
{
	char types_memory[TYPES_TEXT_MAX], flags_memory[ODD_TEXT_MAX], values_memory[VALUES_TEXT_MAX], time[QW_TIME_EVE_LEN + 1];
	struct qw_text types, flags, values;
	struct qw_ot_detail detail;
	struct qw_goose goose;
	uint32_t missing, odd;
	if (!qw_goose_parse(&goose, in)) {
		qw_link_unread(call);
		return;
	}
	uint64_t id = qw_link_id(call, goose.control_block, goose.application | (uint32_t)goose.simulated << 16);
	odd = goose.malformed ? ODD_MALFORMED : look_at_publisher(call, id);
	struct qw_link_talk *talk = qw_link_find(call, id);
	odd |= look_at_numbers(talk, &goose, &missing);
	qw_text_init(&types, types_memory, sizeof(types_memory));
	qw_text_init(&flags, flags_memory, sizeof(flags_memory));
	qw_text_init(&values, values_memory, sizeof(values_memory));
	qw_goose_put_types(&types, goose.data);
	if (qw_link_wants(call) & QW_OT_WANT_VALUES)
		qw_mms_put_values(&values, goose.data, VALUES_MAX);
	put_flags(&flags, &goose, odd);
	qw_ot_begin(&detail, "goose", goose.application, NULL, false);
	tell_numbers(&detail, &goose, missing);
	qw_ot_text(&detail, QW_KEY_OT_VALUES, qw_ot_text_slice(&values));
	if (goose.has & QW_GOOSE_HAS_TIME) {
		qw_time_eve(goose.time, time);
		qw_ot_text(&detail, QW_KEY_OT_TIME, qw_slice_text(time));
	}
	qw_ot_text(&detail, QW_KEY_OT_TYPES, qw_ot_text_slice(&types));
	tell_names(&detail, &goose);
	qw_ot_text(&detail, QW_KEY_OT_INDICATIONS, qw_ot_text_slice(&flags));
	qw_link_tell(call, talk, &detail, odds, odd);
}

static void look(const struct qw_link_call *call, struct qw_link_talk *talk)
{
	struct goose_state *state = state_of(talk);
	struct qw_ot_detail detail;
	if (!state->known || state->silent || !is_expired(state, talk->last, call->packet->time))
		return;
	state->silent = true;
	qw_ot_begin(&detail, "goose", QW_OT_NO_NUMBER, NULL, false);
	detail.kind = "expired";
	qw_ot_number(&detail, QW_KEY_OT_SEQUENCE, state->sequence);
	qw_ot_number(&detail, QW_KEY_OT_STATE, state->state);
	qw_ot_number(&detail, QW_KEY_OT_UNIT, state->application);
	qw_ot_number(&detail, QW_KEY_OT_LIFETIME, state->lifetime_ms);
	qw_link_tell(call, talk, &detail, odds, ODD_EXPIRED);
}

const struct qw_link_ops qw_link_goose = {
    .app = QW_APP_GOOSE,
    .ether_type = 0x88b8,
    .conversations = ROW_COUNT,
    .feed = feed,
    .look = look,
};

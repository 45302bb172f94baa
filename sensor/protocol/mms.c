/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mms - what rules and events see of MMS: each PDU is a transaction of its own.
 *
 * Requests alone have a function; what answers them, and what nobody asked
 * for, is told by its kind, with the service beside it.
 */
#include "quaywatch/ot_names.h"
#include "quaywatch/rule_event.h"
#include "sensor/protocol/ber.h"
#include "sensor/protocol/iso.h"
#include "sensor/protocol/mms_message.h"
#include "sensor/protocol/mms_value.h"
#include "sensor/protocol/osi.h"
#include "sensor/protocol/ot_text.h"

enum { OBJECTS_TEXT_MAX = 1024, VALUES_TEXT_MAX = 256, VALUES_MAX = 16 };

struct scene {
	struct qw_mms_message mms;
	const struct qw_osi *osi; /* what it came in */
	struct qw_ot_detail detail;
	int16_t asked; /* the service that an answer is about; -1: not known */
	char objects[OBJECTS_TEXT_MAX], values[VALUES_TEXT_MAX];
};

static const char *const kinds[QW_MMS_PDUS] = {
    [QW_MMS_CONFIRMED_RESPONSE] = "confirmed_response", [QW_MMS_CONFIRMED_ERROR] = "confirmed_error",
    [QW_MMS_UNCONFIRMED] = "unconfirmed",		[QW_MMS_REJECT] = "reject",
    [QW_MMS_CANCEL_REQUEST] = "cancel_request",		[QW_MMS_CANCEL_RESPONSE] = "cancel_response",
    [QW_MMS_CANCEL_ERROR] = "cancel_error",		[QW_MMS_INITIATE_REQUEST] = "initiate_request",
    [QW_MMS_INITIATE_RESPONSE] = "initiate_response",	[QW_MMS_INITIATE_ERROR] = "initiate_error",
    [QW_MMS_CONCLUDE_REQUEST] = "conclude_request",	[QW_MMS_CONCLUDE_RESPONSE] = "conclude_response",
    [QW_MMS_CONCLUDE_ERROR] = "conclude_error",
};

static const char *kind_of(const struct qw_mms_message *mms)
{
	static const char *const unconfirmed[] = {"information_report", "unsolicited_status", "event_notification"};
	if (mms->pdu == QW_MMS_UNCONFIRMED && mms->service >= 0 && mms->service <= QW_MMS_EVENT_NOTIFICATION)
		return unconfirmed[mms->service];
	return kinds[mms->pdu];
}

/* Bit i: PDU i answers another. */
static bool is_answer(uint8_t pdu)
{
	enum {
		ANSWERS = 1 << QW_MMS_CONFIRMED_RESPONSE | 1 << QW_MMS_CONFIRMED_ERROR | 1 << QW_MMS_REJECT |
			  1 << QW_MMS_CANCEL_RESPONSE | 1 << QW_MMS_CANCEL_ERROR | 1 << QW_MMS_INITIATE_RESPONSE |
			  1 << QW_MMS_INITIATE_ERROR | 1 << QW_MMS_CONCLUDE_RESPONSE | 1 << QW_MMS_CONCLUDE_ERROR,
	};
	return ANSWERS >> pdu & 1;
}

/* ---- what events say */

static void fail(struct scene *scene)
{
	const struct qw_mms_message *mms = &scene->mms;
	if (mms->error >= 0)
		qw_ot_fail(&scene->detail, mms->error,
			   qw_ot_names(mms->pdu == QW_MMS_REJECT ? QW_OT_MMS_REJECTS : QW_OT_MMS_ERRORS));
	else if (mms->access_error >= 0 && scene->detail.response)
		qw_ot_fail(&scene->detail, mms->access_error, qw_ot_names(QW_OT_MMS_ACCESS_ERRORS));
	else if (scene->osi->result > 0 && scene->osi->acse == QW_ACSE_ASSOCIATED)
		qw_ot_fail(&scene->detail, scene->osi->result, NULL);
}

/* "domain/item, item" */
static void put_names(struct qw_text *text, const struct qw_mms_message *mms)
{
	for (uint8_t i = 0; i < mms->names && !text->cut; i++) {
		const struct qw_mms_name *name = &mms->name[i];
		qw_ot_put_comma(text);
		if (name->domain.data) {
			qw_ot_put_slice(text, name->domain);
			qw_text_char(text, '/');
		}
		qw_ot_put_slice(text, name->item);
	}
}

/* Titles of applications: "1.1.1.999.1 > 1.1.1.999". */
static void put_titles(struct qw_text *text, const struct qw_osi *osi)
{
	if (!osi->calling.left && !osi->called.left)
		return;
	qw_ber_oid_text(text, osi->calling);
	qw_text_literal(text, " > ");
	qw_ber_oid_text(text, osi->called);
}

static void tell_service(struct scene *scene)
{
	const struct qw_mms_message *mms = &scene->mms;
	bool told = mms->pdu == QW_MMS_CONFIRMED_RESPONSE && mms->service >= 0;
	int16_t service = told ? mms->service : scene->asked;
	if (mms->pdu == QW_MMS_CONFIRMED_REQUEST || service < 0)
		return;
	const char *name = qw_number_name(qw_ot_names(QW_OT_MMS_SERVICES), (uint64_t)service);
	qw_ot_number(&scene->detail, QW_KEY_OT_SERVICE, (uint64_t)service);
	qw_ot_text(&scene->detail, QW_KEY_OT_SERVICE_NAME, qw_slice_text(name));
}

/* What a service's one number is depends on the service. */
static enum qw_event_key key_of_number(const struct qw_mms_message *mms)
{
	if (mms->service == QW_MMS_GET_NAME_LIST)
		return QW_KEY_OT_CLASS;
	return mms->service == QW_MMS_STATUS ? QW_KEY_OT_VALUE : QW_KEY_OT_INSTANCE;
}

static void tell_values(struct scene *scene, bool values)
{
	const struct qw_mms_message *mms = &scene->mms;
	struct qw_text text;
	bool writes = mms->pdu == QW_MMS_CONFIRMED_REQUEST && mms->service == QW_MMS_WRITE;
	if (!values || !writes)
		return;
	qw_text_init(&text, scene->values, sizeof(scene->values));
	qw_mms_put_values(&text, mms->values, VALUES_MAX);
	qw_ot_text(&scene->detail, QW_KEY_OT_VALUES, qw_ot_text_slice(&text));
}

static void fill_detail(struct scene *scene, bool values)
{
	const struct qw_mms_message *mms = &scene->mms;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text objects;
	bool asks = mms->pdu == QW_MMS_CONFIRMED_REQUEST && mms->service >= 0;
	qw_ot_begin(detail, "mms", asks ? mms->service : QW_OT_NO_NUMBER, asks ? qw_ot_names(QW_OT_MMS_SERVICES) : NULL,
		    is_answer(mms->pdu));
	if (!asks)
		detail->kind = kind_of(mms) ? kind_of(mms) : "confirmed_request";
	fail(scene);
	if (mms->invoked)
		qw_ot_number(detail, QW_KEY_OT_SEQUENCE, mms->invoke);
	tell_service(scene);
	if (mms->numbered)
		qw_ot_number(detail, key_of_number(mms), (uint64_t)mms->number);
	if (mms->quantity >= 0 || mms->agreed.called)
		qw_ot_number(detail, QW_KEY_OT_QUANTITY,
			     mms->quantity >= 0 ? (uint64_t)mms->quantity : mms->agreed.called);
	if (mms->agreed.pdu_bytes)
		qw_ot_number(detail, QW_KEY_OT_VALUE, mms->agreed.pdu_bytes);
	tell_values(scene, values);
	qw_text_init(&objects, scene->objects, sizeof(scene->objects));
	put_titles(&objects, scene->osi);
	put_names(&objects, mms);
	qw_ot_text(detail, QW_KEY_OT_OBJECTS, qw_ot_text_slice(&objects));
	if (scene->osi->password)
		qw_ot_text(detail, QW_KEY_OT_USER, qw_slice_text("password"));
	qw_ot_text(detail, QW_KEY_OT_VENDOR, mms->vendor);
	qw_ot_text(detail, QW_KEY_OT_PRODUCT, mms->model);
	qw_ot_text(detail, QW_KEY_OT_REVISION, mms->revision);
}

/* ---- messages */

/* Each side counts its own invocations, and others than those of S7comm. */
static int16_t pair(const struct qw_iso_call *call, const struct qw_mms_message *mms)
{
	enum { OURS = 1 };
	bool answers = is_answer(mms->pdu);
	enum qw_direction asker = answers ? qw_direction_other(call->direction) : call->direction;
	uint64_t key = (uint64_t)OURS << 40 | (uint64_t)asker << 32 | mms->invoke;
	if (!mms->invoked || mms->pdu > QW_MMS_REJECT)
		return -1;
	if (mms->pdu == QW_MMS_CONFIRMED_REQUEST)
		qw_ot_pairs_ask(call->iso, &call->iso->pairs, key, 0, (uint16_t)mms->service);
	if (!answers)
		return -1;
	const struct qw_ot_pair *asked = qw_ot_pairs_answer(&call->iso->pairs, key);
	return asked ? (int16_t)asked->detail : -1;
}

static void read_pdu(const struct qw_iso_call *call, const struct qw_osi *osi, struct qw_bytes pdu)
{
	struct scene scene;
	struct qw_message out;
	const struct qw_mms_message *mms = &scene.mms;
	if (!qw_mms_parse(&scene.mms, pdu))
		return;
	scene.osi = osi;
	scene.asked = pair(call, mms);
	if (mms->cut)
		qw_parser_cut(call->iso);
	fill_detail(&scene, call->wants & QW_OT_WANT_VALUES);
	qw_iso_begin(call, &out, QW_APP_MMS);
	if (call->wants & QW_OT_WANT_FIELDS) {
		if (mms->service >= 0 && mms->pdu <= QW_MMS_CONFIRMED_RESPONSE)
			qw_message_number(&out, QW_BUFFER_MMS_FUNC, (uint64_t)mms->service, true);
		qw_message_add(&out, QW_BUFFER_MMS_DATA, QW_SIGHT_NONE, qw_slice(pdu.at, pdu.left), true);
	}
	if (mms->malformed)
		qw_message_number(&out, QW_BUFFER_APP_EVENT, QW_AE_MMS_MALFORMED, true);
	out.detail = &scene.detail;
	qw_iso_publish(call, &out);
}

/* Something that carries no MMS: associations and sessions that begin, end or are refused. */
static void tell_session(const struct qw_iso_call *call, const struct qw_osi *osi)
{
	static const char *const acse[] = {"associate_request", "associate_response", "release_request",
					   "release_response", "abort"};
	static const char *const spdus[] = {
	    [QW_OSI_FINISH] = "session_finish",	  [QW_OSI_DISCONNECT] = "session_disconnect",
	    [QW_OSI_REFUSE] = "session_refuse",	  [QW_OSI_CONNECT] = "session_connect",
	    [QW_OSI_ACCEPT] = "session_accept",	  [QW_OSI_ABORT] = "session_abort",
	};
	struct scene scene = {.osi = osi, .asked = -1};
	struct qw_message out;
	struct qw_text objects;
	bool response = osi->acse == QW_ACSE_NONE ? call->direction == QW_TO_CLIENT
						  : osi->acse == QW_ACSE_ASSOCIATED || osi->acse == QW_ACSE_RELEASED;
	qw_ot_begin(&scene.detail, "mms", QW_OT_NO_NUMBER, NULL, response);
	scene.detail.kind = osi->acse < QW_ACSE_NONE ? acse[osi->acse] : spdus[osi->spdu];
	if (!scene.detail.kind)
		return;
	if (osi->result > 0)
		qw_ot_fail(&scene.detail, osi->result, NULL);
	qw_text_init(&objects, scene.objects, sizeof(scene.objects));
	put_titles(&objects, osi);
	qw_ot_text(&scene.detail, QW_KEY_OT_OBJECTS, qw_ot_text_slice(&objects));
	qw_iso_begin(call, &out, QW_APP_MMS);
	out.detail = &scene.detail;
	qw_iso_publish(call, &out);
}

void qw_mms_read(const struct qw_iso_call *call, struct qw_bytes data)
{
	struct qw_osi osi;
	if (!qw_osi_parse(&osi, data))
		return;
	if (osi.cut)
		qw_parser_cut(call->iso);
	for (uint8_t i = 0; i < osi.parts; i++)
		read_pdu(call, &osi, osi.part[i]);
	if (osi.parts == 0)
		tell_session(call, &osi);
}

enum qw_speaker qw_mms_speaker(struct qw_bytes data)
{
	enum { ASKS = 1 << QW_MMS_CONFIRMED_REQUEST | 1 << QW_MMS_INITIATE_REQUEST | 1 << QW_MMS_CONCLUDE_REQUEST };
	struct qw_osi osi;
	struct qw_mms_message mms;
	if (!qw_osi_parse(&osi, data) || osi.parts == 0 || !qw_mms_parse(&mms, osi.part[0]))
		return QW_SPEAKER_UNKNOWN;
	if (ASKS >> mms.pdu & 1)
		return QW_SPEAKER_CLIENT;
	return is_answer(mms.pdu) && mms.pdu != QW_MMS_REJECT ? QW_SPEAKER_SERVER : QW_SPEAKER_UNKNOWN;
}

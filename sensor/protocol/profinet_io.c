/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profinet_io - PROFINET's context manager over UDP: who connects, reads, writes and controls.
 *
 * Calls go to port 34964, answers may come from any other: they are known by
 * the interface they name.  Each call and each answer is told; pings and
 * acknowledgements are not.  What comes in fragments is told when the last of
 * them is there, or with as much as there was when one is missing.
 */
#include "quaywatch/ot_names.h"
#include "quaywatch/rule_event.h"
#include "sensor/protocol/ot_talk.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/parsers.h"
#include "sensor/protocol/pnio_message.h"
#include "sensor/protocol/store.h"

enum { CALL_MAX = 64 << 10, UUID_TEXT = 40, TEXT_MAX = 160, ID_MAX = 16, REVISION_MAX = 40, BIT_COMMANDS = 16 };

struct scene {
	struct qw_pnio pnio;
	struct qw_ot_detail detail;
	char relation[UUID_TEXT], flags[TEXT_MAX], vendor[ID_MAX], device[ID_MAX], revision[REVISION_MAX];
};

/* A call on its way, of one direction. */
struct parts {
	bool open;
	uint16_t next; /* fragment */
	struct qw_pnio pnio;
	struct qw_store body;
};

struct pnio_talk {
	struct qw_ot_talk talk;
	struct parts parts[2];
};

/* ---- what rules see */

static void add_fields(const struct qw_pnio *pnio, struct qw_message *out)
{
	qw_message_number(out, QW_BUFFER_PROFINET_OPERATION, pnio->operation, true);
	if (pnio->has & QW_PNIO_HAS_RECORD)
		qw_message_number(out, QW_BUFFER_PROFINET_RECORD, pnio->index, true);
	if (pnio->has & QW_PNIO_HAS_CONTROL)
		qw_message_number(out, QW_BUFFER_PROFINET_CONTROL, pnio->command, true);
	if (pnio->station.len)
		qw_message_add(out, QW_BUFFER_PROFINET_STATION, QW_SIGHT_NONE, pnio->station, true);
	if (pnio->malformed)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_PROFINET_IO_MALFORMED, true);
}

/* ---- what events say */

static struct qw_slice uuid_text(char memory[UUID_TEXT], const uint8_t *uuid)
{
	static const uint8_t lengths[] = {4, 2, 2, 2, 6};
	struct qw_text text;
	qw_text_init(&text, memory, UUID_TEXT);
	for (unsigned i = 0; i < sizeof(lengths); uuid += lengths[i++]) {
		if (i)
			qw_text_char(&text, '-');
		qw_text_hex(&text, uuid, lengths[i]);
	}
	return qw_ot_text_slice(&text);
}

static struct qw_slice id_text(char memory[ID_MAX], uint16_t id)
{
	struct qw_text text;
	qw_text_init(&text, memory, ID_MAX);
	qw_ot_put_id(&text, id);
	return qw_ot_text_slice(&text);
}

static void put_flags(struct qw_text *text, const struct qw_pnio *pnio)
{
	for (unsigned i = 0; i < BIT_COMMANDS && pnio->has & QW_PNIO_HAS_CONTROL; i++) {
		const char *name = qw_number_name(qw_ot_names(QW_OT_PROFINET_CONTROLS), UINT64_C(1) << i);
		if (pnio->command >> i & 1 && name)
			qw_ot_put_word(text, name);
	}
	if (pnio->malformed)
		qw_ot_put_word(text, "malformed");
}

static void tell_record(struct scene *scene)
{
	const struct qw_pnio *pnio = &scene->pnio;
	struct qw_ot_detail *detail = &scene->detail;
	const char *name = qw_number_name(qw_ot_names(QW_OT_PROFINET_RECORDS), pnio->index);
	if (!(pnio->has & QW_PNIO_HAS_RECORD))
		return;
	qw_ot_number(detail, QW_KEY_OT_INDEX, pnio->index);
	qw_ot_number(detail, QW_KEY_OT_SLOT, pnio->slot);
	qw_ot_number(detail, QW_KEY_OT_SUBSLOT, pnio->subslot);
	qw_ot_number(detail, QW_KEY_OT_QUANTITY, pnio->record_len);
	qw_ot_text(detail, QW_KEY_OT_OBJECTS, qw_slice_text(name));
}

/* "5, V2.1.0": hardware, software. */
static struct qw_slice revision(struct scene *scene)
{
	const struct qw_pnio *pnio = &scene->pnio;
	struct qw_text text;
	qw_text_init(&text, scene->revision, sizeof(scene->revision));
	qw_text_u64(&text, pnio->hardware);
	qw_text_literal(&text, ", ");
	qw_text_char(&text, pnio->software[0] >= 'A' && pnio->software[0] <= 'Z' ? (char)pnio->software[0] : '?');
	for (unsigned i = 1; i < sizeof(pnio->software); i++) {
		if (i > 1)
			qw_text_char(&text, '.');
		qw_text_u64(&text, pnio->software[i]);
	}
	return qw_ot_text_slice(&text);
}

/* Answers are the device's own; whose object is called is said there. */
static void tell_identity(struct scene *scene)
{
	const struct qw_pnio *pnio = &scene->pnio;
	struct qw_ot_detail *detail = &scene->detail;
	bool identity = pnio->has & QW_PNIO_HAS_IDENTITY;
	if (identity || pnio->type == QW_PNIO_RESPONSE)
		qw_ot_text(detail, QW_KEY_OT_VENDOR, id_text(scene->vendor, identity ? pnio->identity_vendor : pnio->vendor));
	if (identity)
		qw_ot_text(detail, QW_KEY_OT_PRODUCT, pnio->order);
	if (pnio->type == QW_PNIO_RESPONSE)
		qw_ot_text(detail, QW_KEY_OT_PRODUCT_CODE, id_text(scene->device, pnio->device));
	if (identity) {
		qw_ot_text(detail, QW_KEY_OT_REVISION, revision(scene));
		qw_ot_text(detail, QW_KEY_OT_SERIAL_TEXT, pnio->serial);
	}
	qw_ot_text(detail, QW_KEY_OT_DEVICE_NAME, pnio->station);
}

static void fill_detail(struct scene *scene)
{
	const struct qw_pnio *pnio = &scene->pnio;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text flags;
	qw_text_init(&flags, scene->flags, sizeof(scene->flags));
	put_flags(&flags, pnio);
	qw_ot_begin(detail, "profinet-io", pnio->operation, qw_ot_names(QW_OT_PROFINET_OPERATIONS),
		    pnio->type != QW_PNIO_REQUEST);
	if (pnio->type != QW_PNIO_REQUEST && (pnio->status || pnio->type != QW_PNIO_RESPONSE))
		qw_ot_fail(detail, pnio->has & QW_PNIO_HAS_STATUS ? (int64_t)pnio->status : QW_OT_NO_NUMBER, NULL);
	qw_ot_number(detail, QW_KEY_OT_SEQUENCE, pnio->sequence);
	if (pnio->has & QW_PNIO_HAS_RELATION)
		qw_ot_text(detail, QW_KEY_OT_CONNECTION, uuid_text(scene->relation, pnio->relation));
	if (pnio->has & QW_PNIO_HAS_CONTROL)
		qw_ot_number(detail, QW_KEY_OT_SUBFUNCTION, pnio->command);
	tell_record(scene);
	if (pnio->has & QW_PNIO_HAS_MAC)
		qw_ot_text(detail, QW_KEY_OT_MAC, pnio->mac);
	qw_ot_text(detail, QW_KEY_OT_INDICATIONS, qw_ot_text_slice(&flags));
	tell_identity(scene);
}

/* ---- fragments */

/* cut: the end of the body is missing. */
static void tell_call(const struct qw_ot_call *call, const struct qw_pnio *pnio, struct qw_bytes body, bool cut)
{
	struct scene scene = {.pnio = *pnio};
	struct qw_message message;
	qw_pnio_parse_body(&scene.pnio, body, cut);
	fill_detail(&scene);
	qw_ot_talk_begin(call, QW_APP_PROFINET_IO, &scene.detail, &message);
	if (qw_ot_talk_wants(call, QW_OT_WANT_FIELDS))
		add_fields(&scene.pnio, &message);
	qw_ot_talk_publish(call, &message);
}

static void tell_parts(const struct qw_ot_call *call, struct parts *parts, bool cut)
{
	if (parts->open)
		tell_call(call, &parts->pnio, qw_bytes(parts->body.at, parts->body.len), cut);
	qw_store_free(call->talk, &parts->body);
	parts->open = false;
}

static bool is_of(const struct parts *parts, const struct qw_pnio *pnio)
{
	return parts->open && parts->pnio.type == pnio->type && parts->pnio.sequence == pnio->sequence &&
	       memcmp(parts->pnio.activity, pnio->activity, sizeof(pnio->activity)) == 0;
}

static void read_fragment(const struct qw_ot_call *call, struct parts *parts, const struct qw_pnio *pnio, struct qw_bytes body)
{
	if (pnio->fragment == 0 && !is_of(parts, pnio)) {
		tell_parts(call, parts, true);
		*parts = (struct parts){.open = true, .pnio = *pnio};
	}
	if (!is_of(parts, pnio) || pnio->fragment < parts->next) /* its front was not seen; it comes again */
		return;
	bool whole = pnio->fragment == parts->next++ &&
		     qw_store_put(call->talk, &parts->body, body.at, body.left, CALL_MAX);
	if (!whole || pnio->last)
		tell_parts(call, parts, !whole);
}

static bool is_told(const struct qw_pnio *pnio)
{
	return pnio->type == QW_PNIO_REQUEST || pnio->type == QW_PNIO_RESPONSE || pnio->type == QW_PNIO_FAULT ||
	       pnio->type == QW_PNIO_REJECT;
}

/* ---- the parser */

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct pnio_talk *talk = state;
	const struct qw_ot_call call = {&talk->talk, flow, direction, sink};
	struct qw_pnio pnio;
	struct qw_bytes body;
	if (!qw_ot_talk_is_wanted(&talk->talk) || !qw_pnio_parse_head(&pnio, qw_bytes(data, len), &body) || !is_told(&pnio))
		return QW_PARSE_MORE;
	if (pnio.fragmented)
		read_fragment(&call, &talk->parts[direction], &pnio, body);
	else if (pnio.fragment == 0)
		tell_call(&call, &pnio, body, false);
	return QW_PARSE_MORE;
}

static void end(void *state, struct qw_flow *flow, enum qw_direction direction, const struct qw_message_sink *sink)
{
	struct pnio_talk *talk = state;
	const struct qw_ot_call call = {&talk->talk, flow, direction, sink};
	tell_parts(&call, &talk->parts[direction], true);
}

static void fini(void *state)
{
	struct pnio_talk *talk = state;
	qw_store_free(talk, &talk->parts[0].body);
	qw_store_free(talk, &talk->parts[1].body);
	qw_ot_talk_fini(state);
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	return qw_pnio_is_header(qw_bytes(data, len));
}

const struct qw_parser_ops qw_parser_profinet_io = {
    .app = QW_APP_PROFINET_IO,
    .datagram = true,
    .industrial = true,
    .starts = {1, {{0x04, 0x04}}},
    .probe = probe,
    .state_bytes = sizeof(struct pnio_talk),
    .feed = feed,
    .close = end,
    .fini = fini,
};

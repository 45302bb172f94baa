/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ads - Beckhoff's ADS (AMS over TCP): each message is a transaction of its own.
 *
 * Answers have the number of their request, and are told with what it was about.
 */
#include "sensor/protocol/ads_message.h"

#include "quaywatch/ot_names.h"
#include "sensor/protocol/ot_talk.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/parsers.h"

enum {
	NET_TEXT_MAX = 24,
	REVISION_TEXT_MAX = 16,
	VALUE_TEXT_MAX = 80,
	VALUE_BYTES_MAX = 32,
	SYSTEM_SERVICE = 10000, /* port whose groups are others than a device's */
	FIRST_OF_DEVICES = 0x1000,
};

struct scene {
	struct qw_ads_message ads;
	struct qw_ot_detail detail;
	bool grouped;   /* the group is known */
	uint32_t group;
	char source[NET_TEXT_MAX], target[NET_TEXT_MAX], revision[REVISION_TEXT_MAX], values[VALUE_TEXT_MAX];
};

static const struct qw_ot_framing framing = {
    .head = QW_ADS_HEAD, .start = -1, .max = QW_ADS_FRAME_MAX, .most = QW_ADS_FRAME_MOST, .length = qw_ads_length};

/* ---- what events say */

/* Groups below are those of a service, and mean something there alone. */
static const char *group_name(const struct scene *scene)
{
	uint16_t server = scene->ads.response ? scene->ads.source_port : scene->ads.target_port;
	bool told = scene->group >= FIRST_OF_DEVICES || server == SYSTEM_SERVICE;
	return told ? qw_number_name(qw_ot_names(QW_OT_ADS_GROUPS), scene->group) : NULL;
}

/* revision: "3.1.2105" */
static void tell_device(struct scene *scene)
{
	const struct qw_ads_message *ads = &scene->ads;
	struct qw_text text;
	if (!ads->device.len)
		return;
	qw_text_init(&text, scene->revision, sizeof(scene->revision));
	qw_text_u64(&text, ads->major);
	qw_text_char(&text, '.');
	qw_text_u64(&text, ads->minor);
	qw_text_char(&text, '.');
	qw_text_u64(&text, ads->build);
	qw_ot_text(&scene->detail, QW_KEY_OT_PRODUCT, ads->device);
	qw_ot_text(&scene->detail, QW_KEY_OT_REVISION, qw_ot_text_slice(&text));
}

/* Small numbers are the router's; of a service they may be those of its operating system. */
static const struct qw_number_name *error_names(const struct qw_ads_message *ads)
{
	enum { FIRST_OF_ADS = 0x700 };
	return ads->undelivered || ads->error >= FIRST_OF_ADS ? qw_ot_names(QW_OT_ADS_ERRORS) : NULL;
}

static void tell_net(struct qw_ot_detail *detail, enum qw_event_key key, char *memory, const uint8_t *net)
{
	struct qw_text text;
	qw_text_init(&text, memory, NET_TEXT_MAX);
	qw_ads_put_net(&text, net);
	qw_ot_text(detail, key, qw_ot_text_slice(&text));
}

static void tell_parties(struct scene *scene)
{
	const struct qw_ads_message *ads = &scene->ads;
	struct qw_ot_detail *detail = &scene->detail;
	qw_ot_number(detail, QW_KEY_OT_SOURCE, ads->source_port);
	tell_net(detail, QW_KEY_OT_SOURCE_NET, scene->source, ads->source);
	qw_ot_number(detail, QW_KEY_OT_DESTINATION, ads->target_port);
	tell_net(detail, QW_KEY_OT_DESTINATION_NET, scene->target, ads->target);
}

static void tell_index(struct scene *scene, bool values)
{
	const struct qw_ads_message *ads = &scene->ads;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text text;
	if (scene->grouped) {
		qw_ot_text(detail, QW_KEY_OT_SERVICE_NAME, qw_slice_text(group_name(scene)));
		qw_ot_number(detail, QW_KEY_OT_CLASS, scene->group);
	}
	if (ads->handled)
		qw_ot_number(detail, QW_KEY_OT_INSTANCE, ads->handle);
	if (ads->indexed) {
		qw_ot_number(detail, QW_KEY_OT_ADDRESS, ads->offset);
		qw_ot_number(detail, QW_KEY_OT_QUANTITY, ads->bytes);
	}
	if (ads->counted)
		qw_ot_number(detail, QW_KEY_OT_QUANTITY, ads->samples);
	if (ads->stated)
		qw_ot_number(detail, QW_KEY_OT_VALUE, ads->state);
	qw_text_init(&text, scene->values, sizeof(scene->values));
	if (values && ads->written.len <= VALUE_BYTES_MAX)
		qw_text_hex(&text, ads->written.data, ads->written.len);
	qw_ot_text(detail, QW_KEY_OT_VALUES, qw_ot_text_slice(&text));
	qw_ot_text(detail, QW_KEY_OT_OBJECTS, ads->name);
}

static void fill_detail(struct scene *scene, bool values)
{
	const struct qw_ads_message *ads = &scene->ads;
	struct qw_ot_detail *detail = &scene->detail;
	const char *name = qw_number_name(qw_ot_names(QW_OT_ADS_COMMANDS), ads->command);
	qw_ot_begin(detail, "ads", QW_OT_NO_NUMBER, NULL, ads->response);
	detail->kind = name ? name : "invalid";
	if (ads->error)
		qw_ot_fail(detail, ads->error, error_names(ads));
	qw_ot_number(detail, QW_KEY_OT_SEQUENCE, ads->invoke);
	tell_parties(scene);
	qw_ot_number(detail, QW_KEY_OT_COMMAND, ads->command);
	tell_index(scene, values);
	if (ads->stated)
		qw_ot_text(detail, QW_KEY_OT_INDICATIONS,
			   qw_slice_text(qw_number_name(qw_ot_names(QW_OT_ADS_STATES), ads->state)));
	tell_device(scene);
}

/* ---- messages */

/* An answer is about the group that its request was about. */
static void pair(const struct qw_ot_call *call, struct scene *scene)
{
	const struct qw_ads_message *ads = &scene->ads;
	uint64_t asker = ads->response ? ads->target_port : ads->source_port;
	uint64_t key = asker << 32 | ads->invoke;
	const struct qw_ot_pair *asked = NULL;
	if (ads->command == QW_ADS_NOTIFICATION)
		return;
	if (ads->response)
		asked = qw_ot_pairs_answer(&call->talk->pairs, key);
	else
		qw_ot_pairs_ask(call->talk, &call->talk->pairs, key, ads->group, ads->indexed);
	scene->grouped = ads->indexed || (asked && asked->detail);
	scene->group = asked ? asked->object : ads->group;
}

static void read_message(const struct qw_ot_call *call, struct qw_bytes frame)
{
	struct scene scene;
	struct qw_message message;
	qw_ads_parse(&scene.ads, frame);
	scene.grouped = false;
	pair(call, &scene);
	fill_detail(&scene, qw_ot_talk_wants(call, QW_OT_WANT_VALUES));
	qw_ot_talk_begin(call, QW_APP_ADS, &scene.detail, &message);
	if (qw_ot_talk_wants(call, QW_OT_WANT_FIELDS)) {
		qw_message_number(&message, QW_BUFFER_ADS_COMMAND, scene.ads.command, true);
		if (scene.ads.indexed)
			qw_message_number(&message, QW_BUFFER_ADS_INDEX_GROUP, scene.ads.group, true);
	}
	qw_ot_talk_publish(call, &message);
}

/* ---- the parser */

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	const struct qw_ot_call call = {state, flow, direction, sink};
	return qw_ot_talk_stream(&call, &framing, read_message, qw_bytes(data, len));
}

/* Two lengths that agree, a command and flags: certain on any port. */
static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	if (len >= QW_ADS_HEAD)
		return qw_ads_length(data) > 0;
	bool goes_on = data[0] == 0 && (len < 2 || data[1] == 0) &&
		       (len < QW_ADS_TCP_HEAD || qw_le32(data + 2) <= QW_ADS_FRAME_MOST);
	return goes_on ? -1 : 0;
}

static enum qw_speaker speaker(const uint8_t *data, size_t len)
{
	struct qw_ads_message ads;
	if (len < QW_ADS_HEAD || qw_ads_length(data) < 0)
		return QW_SPEAKER_UNKNOWN;
	qw_ads_parse(&ads, qw_bytes(data, len));
	if (ads.command == QW_ADS_NOTIFICATION)
		return QW_SPEAKER_SERVER;
	return ads.response ? QW_SPEAKER_SERVER : QW_SPEAKER_CLIENT;
}

const struct qw_parser_ops qw_parser_ads = {
    .app = QW_APP_ADS,
    .industrial = true,
    .starts = {1, {{0x00, 0x00}}},
    .probe = probe,
    .speaker = speaker,
    .state_bytes = sizeof(struct qw_ot_talk),
    .feed = feed,
    .gap = qw_ot_talk_gap,
    .fini = qw_ot_talk_fini,
};

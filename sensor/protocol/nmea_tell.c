/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/nmea_tell.h"

#include "quaywatch/ot_names.h"
#include "sensor/protocol/nmea_number.h"
#include "sensor/protocol/ot_text.h"

enum { MAKER = 3 /* letters of a maker in a proprietary sentence */ };

static void tell_texts(struct qw_ot_detail *detail, enum qw_event_key key, const char *text)
{
	qw_ot_text(detail, key, qw_slice_text(text));
}

/* ---- a position */

static void put_time(struct qw_text *text, uint32_t time)
{
	enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
	qw_ot_put_padded(text, time / HOUR, 2);
	qw_text_char(text, ':');
	qw_ot_put_padded(text, time % HOUR / MINUTE, 2);
	qw_text_char(text, ':');
	qw_ot_put_padded(text, time % MINUTE / SECOND, 2);
	if (time % SECOND == 0)
		return;
	qw_text_char(text, '.');
	qw_ot_put_padded(text, time % SECOND, 3);
}

static void put_date(struct qw_text *text, uint32_t date)
{
	qw_ot_put_padded(text, date / 10000, 4);
	qw_text_char(text, '-');
	qw_ot_put_padded(text, date / 100 % 100, 2);
	qw_text_char(text, '-');
	qw_ot_put_padded(text, date % 100, 2);
}

static void tell_time(struct qw_nmea_scene *scene, const struct qw_position *position)
{
	struct qw_text text;
	qw_text_init(&text, scene->time, sizeof(scene->time));
	if (position->has & QW_POSITION_TIME)
		put_time(&text, position->time);
	qw_ot_text(&scene->detail, QW_KEY_OT_TIME, qw_ot_text_slice(&text));
}

static void tell_date(struct qw_nmea_scene *scene, const struct qw_position *position)
{
	struct qw_text text;
	qw_text_init(&text, scene->date, sizeof(scene->date));
	if (position->has & QW_POSITION_DATE)
		put_date(&text, position->date);
	qw_ot_text(&scene->detail, QW_KEY_OT_DATE, qw_ot_text_slice(&text));
}

static void tell_decimal(struct qw_ot_detail *detail, const struct qw_position *position, uint16_t has,
			 enum qw_event_key key, int64_t value, uint8_t decimals)
{
	if (position->has & has)
		qw_ot_decimal(detail, key, value, decimals);
}

static void tell_position(struct qw_ot_detail *detail, const struct qw_position *position)
{
	tell_decimal(detail, position, QW_POSITION_PLACE, QW_KEY_OT_LATITUDE, position->latitude, 7);
	tell_decimal(detail, position, QW_POSITION_PLACE, QW_KEY_OT_LONGITUDE, position->longitude, 7);
	tell_decimal(detail, position, QW_POSITION_ALTITUDE, QW_KEY_OT_ALTITUDE, position->altitude, 3);
	tell_decimal(detail, position, QW_POSITION_SPEED, QW_KEY_OT_SPEED, position->speed, 3);
	tell_decimal(detail, position, QW_POSITION_COURSE, QW_KEY_OT_COURSE, position->course, 2);
	tell_decimal(detail, position, QW_POSITION_HEADING, QW_KEY_OT_HEADING, position->heading, 2);
	tell_decimal(detail, position, QW_POSITION_TURN, QW_KEY_OT_TURN, position->turn, 1);
	tell_decimal(detail, position, QW_POSITION_HDOP, QW_KEY_OT_HDOP, position->hdop, 2);
	if (position->has & QW_POSITION_QUALITY)
		qw_ot_number(detail, QW_KEY_OT_QUALITY, position->quality);
	if (position->has & QW_POSITION_SATELLITES)
		qw_ot_number(detail, QW_KEY_OT_SATELLITES, position->satellites);
}

/* ---- what is odd, or special, about it */

static void tell_indications(struct qw_nmea_scene *scene)
{
	const struct qw_ais *ais = &scene->ais;
	const struct {
		bool is;
		const char *word;
	} words[] = {
		{scene->sentence.flaws & QW_NMEA_BAD_CHECKSUM, "bad_checksum"},
		{scene->sentence.flaws & QW_NMEA_NO_CHECKSUM, "no_checksum"},
		{scene->sentence.flaws & QW_NMEA_MALFORMED, "malformed"},
		{scene->sentence.flaws & QW_NMEA_TOO_LONG, "too_long"},
		{scene->sentence.flaws & QW_NMEA_BAD_TAG, "bad_tag_block"},
		{scene->odd_ais, "bad_message"},
		{scene->position.has & QW_POSITION_MAGNETIC, "magnetic"},
		{ais->type && ais->malformed, "bad_length"},
		{ais->type && ais->is_virtual, "virtual"},
		{ais->type && ais->off_position, "off_position"},
	};
	struct qw_text text;
	qw_text_init(&text, scene->indications, sizeof(scene->indications));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (words[i].is)
			qw_ot_put_word(&text, words[i].word);
	qw_ot_text(&scene->detail, QW_KEY_OT_INDICATIONS, qw_ot_text_slice(&text));
}

static void tell_numbers(struct qw_nmea_scene *scene)
{
	struct qw_ot_detail *detail = &scene->detail;
	if (scene->sentence.tag.line >= 0)
		qw_ot_number(detail, QW_KEY_OT_SEQUENCE, (uint64_t)scene->sentence.tag.line);
	if (scene->missing)
		qw_ot_number(detail, QW_KEY_OT_MISSING, scene->missing);
}

static void tell_tag(struct qw_nmea_scene *scene)
{
	const struct qw_nmea_tag *tag = &scene->sentence.tag;
	qw_ot_text(&scene->detail, QW_KEY_OT_SENDER, tag->source);
	qw_ot_text(&scene->detail, QW_KEY_OT_RECEIVER, tag->destination);
	qw_ot_text(&scene->detail, QW_KEY_OT_GROUP, tag->group);
}

/* ---- AIS */

static void put_metres(struct qw_text *text, uint64_t value)
{
	qw_ot_put_comma(text);
	qw_text_u64(text, value);
}

static void tell_dimensions(struct qw_nmea_scene *scene)
{
	const struct qw_ais *ais = &scene->ais;
	struct qw_text text;
	qw_text_init(&text, scene->dimensions, sizeof(scene->dimensions));
	if (ais->bow || ais->stern || ais->port || ais->starboard) {
		put_metres(&text, ais->bow);
		put_metres(&text, ais->stern);
		put_metres(&text, ais->port);
		put_metres(&text, ais->starboard);
	}
	qw_ot_text(&scene->detail, QW_KEY_OT_DIMENSIONS, qw_ot_text_slice(&text));
}

static void tell_eta(struct qw_nmea_scene *scene)
{
	const struct qw_ais *ais = &scene->ais;
	struct qw_text text;
	qw_text_init(&text, scene->eta, sizeof(scene->eta));
	if (ais->has_eta) {
		qw_ot_put_padded(&text, ais->eta_month, 2);
		qw_text_char(&text, '-');
		qw_ot_put_padded(&text, ais->eta_day, 2);
		qw_text_char(&text, ' ');
		qw_ot_put_padded(&text, ais->eta_hour, 2);
		qw_text_char(&text, ':');
		qw_ot_put_padded(&text, ais->eta_minute, 2);
	}
	qw_ot_text(&scene->detail, QW_KEY_OT_ETA, qw_ot_text_slice(&text));
}

static void tell_ship(struct qw_nmea_scene *scene)
{
	const struct qw_ais *ais = &scene->ais;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text order;
	if (ais->status != QW_AIS_NO_STATUS)
		tell_texts(detail, QW_KEY_OT_NAVIGATION, qw_number_name(qw_ot_names(QW_OT_AIS_NAVIGATION), ais->status));
	tell_dimensions(scene);
	if (ais->draught)
		qw_ot_decimal(detail, QW_KEY_OT_DRAUGHT, ais->draught, 1);
	tell_texts(detail, QW_KEY_OT_BOUND_FOR, ais->destination);
	tell_eta(scene);
	qw_text_init(&order, scene->order, sizeof(scene->order));
	qw_ais_put_order(&order, ais);
	tell_texts(detail, QW_KEY_OT_TEXT, ais->text);
	qw_ot_text(detail, QW_KEY_OT_TEXT, qw_ot_text_slice(&order));
	tell_texts(detail, QW_KEY_OT_VENDOR, ais->vendor);
	if (ais->ship_type || ais->aid_type)
		qw_ot_number(detail, QW_KEY_OT_DEVICE_TYPE, ais->ship_type ? ais->ship_type : ais->aid_type);
	tell_texts(detail, QW_KEY_OT_DEVICE_NAME, ais->name);
}

static void tell_ais(struct qw_nmea_scene *scene)
{
	const struct qw_ais *ais = &scene->ais;
	struct qw_ot_detail *detail = &scene->detail;
	const char *name = qw_number_name(qw_ot_names(QW_OT_AIS_MESSAGES), ais->type);
	qw_ot_begin(detail, "ais", QW_OT_NO_NUMBER, NULL, true);
	detail->kind = name ? name : "unassigned";
	detail->position = &ais->position;
	tell_numbers(scene);
	tell_time(scene, &ais->position);
	tell_indications(scene);
	qw_ot_number(detail, QW_KEY_OT_MESSAGE_TYPE, ais->type);
	qw_ot_text(detail, QW_KEY_OT_TALKER, scene->sentence.talker);
	qw_ot_text(detail, QW_KEY_OT_FORMATTER, scene->sentence.formatter);
	tell_tag(scene);
	qw_ot_number(detail, QW_KEY_OT_MMSI, ais->mmsi);
	if (ais->imo)
		qw_ot_number(detail, QW_KEY_OT_IMO, ais->imo);
	tell_texts(detail, QW_KEY_OT_CALL_SIGN, ais->call_sign);
	tell_date(scene, &ais->position);
	tell_position(detail, &ais->position);
	tell_ship(scene);
}

/* ---- sentences */

static const char *kind_of(struct qw_nmea_scene *scene)
{
	const struct qw_nmea_sentence *sentence = &scene->sentence;
	size_t most = sizeof(scene->kind) - 1;
	size_t len = sentence->formatter.len < most ? sentence->formatter.len : most;
	if (len)
		memcpy(scene->kind, sentence->formatter.data, len);
	scene->kind[len] = 0;
	return len ? scene->kind : "unknown";
}

/* "$PGRME": its maker is GRM. */
static struct qw_slice maker_of(const struct qw_nmea_sentence *sentence)
{
	bool has = sentence->proprietary && sentence->formatter.len >= MAKER;
	return has ? qw_slice(sentence->formatter.data, MAKER) : qw_slice(NULL, 0);
}

/* Texts for people: of an alarm or a text sentence, and which datum places refer to. */
static struct qw_slice text_of(const struct qw_nmea_sentence *sentence)
{
	static const struct {
		char formatter[4];
		uint8_t at;
	} rows[] = {{"TXT", 4}, {"ALR", 5}, {"ALF", 13}, {"DTM", 1}};
	for (size_t i = 0; sentence->formatter.len == 3 && i < sizeof(rows) / sizeof(*rows); i++)
		if (memcmp(rows[i].formatter, sentence->formatter.data, 3) == 0)
			return qw_nmea_field(sentence, rows[i].at);
	return qw_slice(NULL, 0);
}

/* Numbers of sentences that are no fixes; of a DSC call, the station's number has a digit more. */
static void tell_field(struct qw_ot_detail *detail, const struct qw_nmea_sentence *sentence)
{
	static const struct {
		char formatter[4];
		uint8_t at, per;
		enum qw_event_key key;
	} rows[] = {
		{"ALC", 4, 1, QW_KEY_OT_QUANTITY}, {"ALF", 9, 1, QW_KEY_OT_INSTANCE}, {"ALR", 2, 1, QW_KEY_OT_INSTANCE},
		{"DSC", 2, 10, QW_KEY_OT_MMSI},    {"GSV", 3, 1, QW_KEY_OT_QUANTITY}, {"HBT", 3, 1, QW_KEY_OT_SEQUENCE},
	};
	int64_t number;
	for (size_t i = 0; sentence->formatter.len == 3 && i < sizeof(rows) / sizeof(*rows); i++)
		if (memcmp(rows[i].formatter, sentence->formatter.data, 3) == 0 &&
		    qw_nmea_fixed(qw_nmea_field(sentence, rows[i].at), 0, &number) && number >= 0)
			qw_ot_number(detail, rows[i].key, (uint64_t)number / rows[i].per);
}

static void tell_sentence(struct qw_nmea_scene *scene)
{
	const struct qw_nmea_sentence *sentence = &scene->sentence;
	struct qw_ot_detail *detail = &scene->detail;
	bool bad = sentence->flaws & QW_NMEA_BAD_CHECKSUM;
	qw_ot_begin(detail, "nmea", QW_OT_NO_NUMBER, NULL, !sentence->query);
	detail->kind = kind_of(scene);
	if (bad)
		qw_ot_fail(detail, QW_OT_NO_NUMBER, NULL);
	else if (scene->position.has)
		detail->position = &scene->position;
	tell_numbers(scene);
	if (!bad && !sentence->query)
		tell_field(detail, sentence);
	tell_time(scene, &scene->position);
	tell_indications(scene);
	qw_ot_text(detail, QW_KEY_OT_TALKER, sentence->talker);
	tell_tag(scene);
	qw_ot_text(detail, QW_KEY_OT_FIELDS, sentence->body);
	tell_date(scene, &scene->position);
	tell_position(detail, &scene->position);
	if (!bad)
		qw_ot_text(detail, QW_KEY_OT_TEXT, text_of(sentence));
	qw_ot_text(detail, QW_KEY_OT_VENDOR, maker_of(sentence));
	qw_ot_text(detail, QW_KEY_OT_DEVICE_NAME, sentence->tag.source);
}

void qw_nmea_tell(struct qw_nmea_scene *scene)
{
	if (scene->ais.type)
		tell_ais(scene);
	else
		tell_sentence(scene);
}

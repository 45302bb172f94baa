/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/nmea_talk.h"

#include "quaywatch/rule_event.h"
#include "sensor/protocol/nmea_fix.h"
#include "sensor/protocol/nmea_tell.h"

enum {
	LINE_FIRST = 1,
	LINE_LAST = 999,
	MISSING_MAX = 500,
};

/* ---- numbers of lines */

static struct qw_nmea_source *source_of(struct qw_nmea_talk *talk, struct qw_slice name)
{
	for (unsigned i = 0; i < QW_NMEA_SOURCES_MAX; i++) {
		struct qw_nmea_source *source = &talk->source[i];
		if (source->next && source->len == name.len &&
		    (!name.len || memcmp(source->name, name.data, name.len) == 0))
			return source;
	}
	return NULL;
}

static void begin_source(const struct qw_ot_guest *guest, struct qw_nmea_talk *talk, struct qw_slice name, uint16_t next)
{
	struct qw_nmea_source *source = &talk->source[talk->oldest];
	talk->oldest = (uint8_t)((talk->oldest + 1) % QW_NMEA_SOURCES_MAX);
	if (source->next)
		qw_parser_cut(guest->state);
	if (name.len)
		memcpy(source->name, name.data, name.len);
	source->len = (uint8_t)name.len;
	source->next = next;
}

/* How many before this one were not seen; one that is behind begins the count anew. */
static uint16_t count_on(const struct qw_ot_guest *guest, struct qw_nmea_talk *talk, const struct qw_nmea_tag *tag)
{
	if (tag->line < LINE_FIRST || tag->line > LINE_LAST || tag->source.len > QW_NMEA_SOURCE_MAX)
		return 0;
	struct qw_nmea_source *source = source_of(talk, tag->source);
	uint16_t line = (uint16_t)tag->line, next = line == LINE_LAST ? LINE_FIRST : line + 1;
	if (!source) {
		begin_source(guest, talk, tag->source, next);
		return 0;
	}
	uint16_t missing = (uint16_t)((line + LINE_LAST - source->next) % LINE_LAST);
	source->next = next;
	return missing <= MISSING_MAX ? missing : 0;
}

/* ---- AIS */

static bool is_ais(const struct qw_nmea_sentence *sentence)
{
	return sentence->talker.len == 2 && sentence->formatter.len == 3 &&
	       (memcmp(sentence->formatter.data, "VDM", 3) == 0 || memcmp(sentence->formatter.data, "VDO", 3) == 0);
}

static enum qw_ais_found gather(const struct qw_ot_guest *guest, struct qw_nmea_talk *talk, const struct qw_nmea_sentence *sentence,
				const struct qw_ais_envelope *envelope, struct qw_slice *chars)
{
	*chars = envelope->chars;
	if (envelope->parts == 1)
		return QW_AIS_WHOLE;
	if (!talk->gather) {
		talk->gather = qw_parser_take(guest->state, sizeof(*talk->gather));
		if (!talk->gather)
			return QW_AIS_ODD;
		memset(talk->gather, 0, sizeof(*talk->gather));
	}
	enum qw_ais_found found = qw_ais_gather(talk->gather, envelope, sentence, guest->flow->last.ns / QW_NS_PER_S, chars);
	if (talk->gather->cut)
		qw_parser_cut(guest->state);
	talk->gather->cut = false;
	return found;
}

static void read_ais(const struct qw_ot_guest *guest, struct qw_nmea_talk *talk, struct qw_nmea_scene *scene)
{
	struct qw_ais_envelope envelope;
	struct qw_slice chars;
	const struct qw_nmea_sentence *sentence = &scene->sentence;
	if (!qw_ais_envelope_read(&envelope, sentence)) {
		scene->odd_ais = true;
		return;
	}
	enum qw_ais_found found = gather(guest, talk, sentence, &envelope, &chars);
	scene->odd_ais = found == QW_AIS_ODD;
	if (found != QW_AIS_WHOLE)
		return;
	if (!qw_ais_read(&scene->ais, chars, envelope.fill)) {
		scene->odd_ais = true;
		scene->ais.type = 0;
		return;
	}
	memcpy(scene->ais.position.talker, sentence->talker.data, sizeof(scene->ais.position.talker));
	memcpy(scene->ais.position.formatter, sentence->formatter.data, sizeof(scene->ais.position.formatter));
}

/* ---- messages */

static void add_events(const struct qw_nmea_scene *scene, struct qw_message *out)
{
	const uint8_t flaws = scene->sentence.flaws;
	if (flaws & (QW_NMEA_BAD_CHECKSUM | QW_NMEA_BAD_TAG))
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_NMEA_BAD_CHECKSUM, true);
	if (flaws & QW_NMEA_MALFORMED)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_NMEA_MALFORMED, true);
	if (flaws & QW_NMEA_TOO_LONG)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_NMEA_TOO_LONG, true);
	if (scene->missing)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_NMEA_SEQUENCE_GAP, true);
	if (scene->odd_ais || (scene->ais.type && scene->ais.malformed))
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_AIS_MALFORMED, true);
}

static void add_fields(const struct qw_nmea_scene *scene, struct qw_message *out)
{
	qw_message_add(out, QW_BUFFER_NMEA_TALKER, QW_SIGHT_NONE, scene->sentence.talker, true);
	qw_message_add(out, QW_BUFFER_NMEA_FORMATTER, QW_SIGHT_NONE, scene->sentence.formatter, true);
	qw_message_add(out, QW_BUFFER_NMEA_DATA, QW_SIGHT_NONE, scene->sentence.body, true);
	if (scene->ais.type) {
		qw_message_number(out, QW_BUFFER_AIS_MMSI, scene->ais.mmsi, true);
		qw_message_number(out, QW_BUFFER_AIS_TYPE, scene->ais.type, true);
	}
	add_events(scene, out);
}

static void publish(const struct qw_ot_guest *guest, struct qw_nmea_scene *scene)
{
	struct qw_message message;
	qw_nmea_tell(scene);
	qw_ot_guest_begin(guest, QW_APP_NMEA, &scene->detail, &message);
	if (qw_parser_ot_wants(guest->state) & QW_OT_WANT_FIELDS)
		add_fields(scene, &message);
	qw_ot_guest_publish(guest, &message);
}

/* False: it is no sentence. */
static bool read_line(const struct qw_ot_guest *guest, struct qw_nmea_talk *talk, struct qw_slice line)
{
	struct qw_nmea_scene scene;
	if (!qw_nmea_read(&scene.sentence, line))
		return false;
	if (scene.sentence.cut)
		qw_parser_cut(guest->state);
	bool believed = !(scene.sentence.flaws & QW_NMEA_BAD_CHECKSUM);
	scene.ais.type = 0;
	scene.odd_ais = false;
	scene.missing = count_on(guest, talk, &scene.sentence.tag);
	scene.position.has = 0;
	if (believed && is_ais(&scene.sentence))
		read_ais(guest, talk, &scene);
	else if (believed)
		qw_nmea_fix(&scene.position, &scene.sentence);
	publish(guest, &scene);
	return true;
}

/* A line longer than any that is read: told, not read. */
static void tell_endless(const struct qw_ot_guest *guest)
{
	struct qw_ot_detail detail;
	struct qw_message message;
	qw_parser_cut(guest->state);
	qw_ot_begin(&detail, "nmea", QW_OT_NO_NUMBER, NULL, true);
	detail.kind = "unknown";
	qw_ot_text(&detail, QW_KEY_OT_INDICATIONS, qw_slice_text("too_long"));
	qw_ot_guest_begin(guest, QW_APP_NMEA, &detail, &message);
	if (qw_parser_ot_wants(guest->state) & QW_OT_WANT_FIELDS)
		qw_message_number(&message, QW_BUFFER_APP_EVENT, QW_AE_NMEA_TOO_LONG, true);
	qw_ot_guest_publish(guest, &message);
}

/* ---- lines */

static void count_bad(struct qw_nmea_talk *talk, enum qw_direction direction, bool good)
{
	if (good)
		talk->bad[direction] = 0;
	else if (talk->bad[direction] < UINT8_MAX)
		talk->bad[direction]++;
}

static void take_part(const struct qw_ot_guest *guest, struct qw_nmea_talk *talk, const struct qw_line *line)
{
	if (line->begins && line->ends) {
		if (line->text.len)
			count_bad(talk, guest->direction, read_line(guest, talk, line->text));
		return;
	}
	if (line->begins && qw_nmea_may_begin(line->text.data, line->text.len ? 1 : 0))
		tell_endless(guest);
	count_bad(talk, guest->direction, false);
}

void qw_nmea_take(const struct qw_ot_guest *guest, struct qw_nmea_talk *talk, struct qw_bytes in)
{
	struct qw_line line;
	while (qw_line_next(guest->state, &talk->lines[guest->direction], &in, QW_NMEA_LINE_MAX, &line))
		take_part(guest, talk, &line);
}

void qw_nmea_take_line(const struct qw_ot_guest *guest, struct qw_nmea_talk *talk, struct qw_slice line)
{
	if (line.len <= QW_NMEA_LINE_MAX)
		(void)read_line(guest, talk, line);
	else if (qw_nmea_may_begin(line.data, 1))
		tell_endless(guest);
}

void qw_nmea_end(const struct qw_ot_guest *guest, struct qw_nmea_talk *talk)
{
	struct qw_line line;
	if (qw_line_rest(guest->state, &talk->lines[guest->direction], &line) && line.begins)
		(void)read_line(guest, talk, line.text);
}

void qw_nmea_free(void *state, struct qw_nmea_talk *talk)
{
	qw_lines_free(state, &talk->lines[0]);
	qw_lines_free(state, &talk->lines[1]);
	qw_parser_give(state, talk->gather);
	talk->gather = NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Source: IEC 61162-1 (NMEA 0183), the sentences' own clauses. */
#include "sensor/protocol/nmea_fix.h"

#include <stddef.h>

#include "sensor/protocol/nmea_number.h"

enum { DEGREE = 10000000, PARTS_MAX = 6 };

typedef bool part_reader(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at);

static bool read_place(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	return qw_nmea_degrees(qw_nmea_field(sentence, at), qw_nmea_field(sentence, at + 1), "NS", 90 * DEGREE,
			       &position->latitude) &&
	       qw_nmea_degrees(qw_nmea_field(sentence, at + 2), qw_nmea_field(sentence, at + 3), "EW", 180 * DEGREE,
			       &position->longitude);
}

static bool read_time(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	return qw_nmea_time(qw_nmea_field(sentence, at), &position->time);
}

static bool read_date(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	return qw_nmea_date(qw_nmea_field(sentence, at), &position->date);
}

/* Day, month and year in fields of their own. */
static bool read_day(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	uint32_t day, month, year;
	return qw_nmea_natural(qw_nmea_field(sentence, at), 0, 31, &day) &&
	       qw_nmea_natural(qw_nmea_field(sentence, at + 1), 0, 12, &month) &&
	       qw_nmea_natural(qw_nmea_field(sentence, at + 2), 0, 9999, &year) &&
	       qw_nmea_day(year, month, day, &position->date);
}

static bool read_speed(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	return qw_nmea_natural(qw_nmea_field(sentence, at), 3, UINT32_MAX, &position->speed);
}

static bool read_angle(struct qw_slice text, uint16_t *out)
{
	uint32_t value;
	if (!qw_nmea_natural(text, 2, 36000, &value))
		return false;
	*out = (uint16_t)value;
	return true;
}

static bool read_course(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	return read_angle(qw_nmea_field(sentence, at), &position->course);
}

static bool read_heading(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	return read_angle(qw_nmea_field(sentence, at), &position->heading);
}

/* What is to be added: to the east, or west, which is negative.  False: it is not told. */
static bool read_bend(const struct qw_nmea_sentence *sentence, unsigned at, int64_t *sum)
{
	struct qw_slice way = qw_nmea_field(sentence, at + 1);
	int64_t value;
	if (way.len != 1 || !qw_nmea_fixed(qw_nmea_field(sentence, at), 2, &value))
		return false;
	*sum += way.data[0] == 'W' ? -value : value;
	return true;
}

/* True where the variation stands there; the deviation is the compass's own. */
static bool read_compass(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	enum { ROUND = 36000 };
	int64_t heading = 0;
	if (!read_heading(position, sentence, at))
		return false;
	(void)read_bend(sentence, at + 1, &heading);
	if (!read_bend(sentence, at + 3, &heading))
		position->has |= QW_POSITION_MAGNETIC;
	heading = (heading % ROUND + position->heading + ROUND) % ROUND;
	position->heading = (uint16_t)heading;
	return true;
}

static bool read_turn(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	int64_t value;
	if (!qw_nmea_fixed(qw_nmea_field(sentence, at), 1, &value) || value < INT16_MIN || value > INT16_MAX)
		return false;
	position->turn = (int16_t)value;
	return true;
}

static bool read_altitude(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	int64_t value;
	if (!qw_nmea_fixed(qw_nmea_field(sentence, at), 3, &value) || value < INT32_MIN || value > INT32_MAX)
		return false;
	position->altitude = (int32_t)value;
	return true;
}

static bool read_small(struct qw_slice text, uint8_t *out)
{
	uint32_t value;
	if (!qw_nmea_natural(text, 0, UINT8_MAX, &value))
		return false;
	*out = (uint8_t)value;
	return true;
}

static bool read_quality(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	return read_small(qw_nmea_field(sentence, at), &position->quality);
}

static bool read_satellites(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	return read_small(qw_nmea_field(sentence, at), &position->satellites);
}

/* Those in use stand one by one in the twelve fields behind. */
static bool read_used(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	enum { PLACES = 12 };
	position->satellites = 0;
	for (unsigned i = at; i < at + PLACES; i++)
		position->satellites += qw_nmea_field(sentence, i).len > 0;
	return sentence->fields >= at + PLACES;
}

static bool read_in_view(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	return read_small(qw_nmea_field(sentence, at), &position->in_view);
}

/* Up to four satellites of four fields each: number, elevation, azimuth, signal; it is empty where none is received. */
static bool read_signal(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	enum { SATELLITES = 4, FIELDS = 4 };
	bool any = false;
	for (unsigned i = 0; i < SATELLITES && at + i * FIELDS <= sentence->fields; i++) {
		uint8_t signal = 0;
		any = true;
		if (read_small(qw_nmea_field(sentence, at + i * FIELDS), &signal) && signal > position->signal)
			position->signal = signal;
	}
	return any;
}

static bool read_hdop(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	uint32_t value;
	if (!qw_nmea_natural(qw_nmea_field(sentence, at), 2, UINT16_MAX, &value))
		return false;
	position->hdop = (uint16_t)value;
	return true;
}

/* A says that it is valid, V that it is not: then there is no fix, whatever else is said. */
static bool read_status(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	struct qw_slice text = qw_nmea_field(sentence, at);
	if (text.len != 1 || (text.data[0] != 'A' && text.data[0] != 'V'))
		return false;
	position->quality = text.data[0] == 'A' ? QW_QUALITY_AUTONOMOUS : QW_QUALITY_NONE;
	return true;
}

static int quality_of(uint8_t letter)
{
	static const char letters[] = "NADPRFEMS"; /* in the order of GGA's numbers */
	const char *at = letter ? strchr(letters, letter) : NULL;
	return at ? (int)(at - letters) : -1;
}

/* A letter, or one for each system: the best of them counts.  An invalid status stays what it is. */
static bool read_mode(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	static const uint8_t rank[] = {0, 4, 5, 6, 8, 7, 3, 2, 1};
	struct qw_slice text = qw_nmea_field(sentence, at);
	int best = -1;
	for (size_t i = 0; i < text.len; i++) {
		int quality = quality_of(text.data[i]);
		if (quality >= 0 && (best < 0 || rank[quality] > rank[best]))
			best = quality;
	}
	bool invalid = position->has & QW_POSITION_QUALITY && position->quality == QW_QUALITY_NONE;
	if (best < 0 || invalid)
		return false;
	position->quality = (uint8_t)best;
	return true;
}

/* 1 no fix, 2 in the plane, 3 in space. */
static bool read_dimensions(struct qw_position *position, const struct qw_nmea_sentence *sentence, unsigned at)
{
	uint32_t value;
	if (!qw_nmea_natural(qw_nmea_field(sentence, at), 0, 3, &value) || !value)
		return false;
	position->quality = value > 1 ? QW_QUALITY_AUTONOMOUS : QW_QUALITY_NONE;
	return true;
}

struct part {
	part_reader *read;
	uint16_t has;
	uint8_t at; /* number of the field */
};

#define PART(name, bit, at) {read_##name, QW_POSITION_##bit, at}
static const struct layout {
	char formatter[4];
	struct part part[PARTS_MAX + 1];
} layouts[] = {
	{"GGA", {PART(time, TIME, 1), PART(place, PLACE, 2), PART(quality, QUALITY, 6),
		 PART(satellites, SATELLITES, 7), PART(hdop, HDOP, 8), PART(altitude, ALTITUDE, 9)}},
	{"GLL", {PART(place, PLACE, 1), PART(time, TIME, 5), PART(status, QUALITY, 6), PART(mode, QUALITY, 7)}},
	{"GNS", {PART(time, TIME, 1), PART(place, PLACE, 2), PART(mode, QUALITY, 6),
		 PART(satellites, SATELLITES, 7), PART(hdop, HDOP, 8), PART(altitude, ALTITUDE, 9)}},
	{"GSA", {PART(dimensions, QUALITY, 2), PART(used, SATELLITES, 3), PART(hdop, HDOP, 16)}},
	{"GST", {PART(time, TIME, 1)}},
	{"GSV", {PART(in_view, IN_VIEW, 3), PART(signal, SIGNAL, 7)}},
	{"HDG", {PART(compass, HEADING, 1)}},
	{"HDT", {PART(heading, HEADING, 1)}},
	{"RMC", {PART(time, TIME, 1), PART(status, QUALITY, 2), PART(place, PLACE, 3), PART(speed, SPEED, 7),
		 PART(course, COURSE, 8), PART(date, DATE, 9), PART(mode, QUALITY, 12)}},
	{"ROT", {PART(turn, TURN, 1)}},
	{"THS", {PART(heading, HEADING, 1)}},
	{"VTG", {PART(course, COURSE, 1), PART(speed, SPEED, 5), PART(mode, QUALITY, 9)}},
	{"ZDA", {PART(time, TIME, 1), PART(day, DATE, 2)}},
};

static const struct layout *layout_of(struct qw_slice formatter)
{
	for (size_t i = 0; formatter.len == 3 && i < sizeof(layouts) / sizeof(*layouts); i++)
		if (memcmp(layouts[i].formatter, formatter.data, 3) == 0)
			return &layouts[i];
	return NULL;
}

void qw_nmea_fix(struct qw_position *position, const struct qw_nmea_sentence *sentence)
{
	memset(position, 0, sizeof(*position));
	memcpy(position->talker, sentence->talker.data, sentence->talker.len < 2 ? sentence->talker.len : 2);
	memcpy(position->formatter, sentence->formatter.data, sentence->formatter.len < 3 ? sentence->formatter.len : 3);
	const struct layout *layout = sentence->proprietary || sentence->query ? NULL : layout_of(sentence->formatter);
	for (unsigned i = 0; layout && i <= PARTS_MAX && layout->part[i].read; i++) {
		const struct part *part = &layout->part[i];
		if (part->read(position, sentence, part->at))
			position->has |= part->has;
	}
}

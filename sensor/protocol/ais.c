/* SPDX-License-Identifier: Apache-2.0 */
/* Source: ITU-R M.1371-5, annex 8; IEC 61162-1 for the characters. */
#include "sensor/protocol/ais.h"

#include "sensor/protocol/nmea_number.h"

enum { HEAD_BITS = 38, CHAR_BITS = 6, MAX_BITS = QW_AIS_CHARS_MAX * CHAR_BITS, MMSI_MAX = 999999999,
       ROUNDED_MAX = 8 };

/* A message's bits, six to a byte. */
struct bits {
	uint8_t six[QW_AIS_CHARS_MAX];
	unsigned count;
};

/* 0x30–0x57 are 0–39, 0x60–0x77 are 40–63. */
static bool unarmour(struct bits *bits, struct qw_slice chars, unsigned fill)
{
	if (chars.len > QW_AIS_CHARS_MAX || fill >= CHAR_BITS || chars.len * CHAR_BITS < fill)
		return false;
	for (size_t i = 0; i < chars.len; i++) {
		uint8_t c = chars.data[i];
		if (c < 0x30 || c > 0x77 || (c > 0x57 && c < 0x60))
			return false;
		bits->six[i] = (uint8_t)(c < 0x60 ? c - 0x30 : c - 0x38);
	}
	bits->count = (unsigned)chars.len * CHAR_BITS - fill;
	return true;
}

/* Bits beyond the end are zero. */
static uint32_t take(const struct bits *bits, unsigned at, unsigned count)
{
	uint32_t value = 0;
	for (unsigned end = at + count; at < end; at++) {
		unsigned bit = at < bits->count ? bits->six[at / CHAR_BITS] >> (CHAR_BITS - 1 - at % CHAR_BITS) & 1 : 0;
		value = value << 1 | bit;
	}
	return value;
}

static int32_t take_signed(const struct bits *bits, unsigned at, unsigned count)
{
	uint32_t value = take(bits, at, count), sign = UINT32_C(1) << (count - 1);
	return (int32_t)(value ^ sign) - (int32_t)sign;
}

/* '@' ends it; blanks at the end go. */
static void take_text(const struct bits *bits, unsigned at, unsigned chars, char *out, size_t size)
{
	size_t len = 0;
	for (; chars && len + 1 < size && at + CHAR_BITS <= bits->count; chars--, at += CHAR_BITS) {
		uint32_t value = take(bits, at, CHAR_BITS);
		if (value == 0)
			break;
		out[len++] = (char)(value < 32 ? value + 64 : value);
	}
	while (len && out[len - 1] == ' ')
		len--;
	out[len] = 0;
}

/* ---- where what stands: first bits; 0 where a type has none of it */

struct layout {
	uint8_t type;
	uint16_t least, most; /* bits of the whole message */
	uint8_t status, turn, speed, accuracy, place, course, heading, second;
	bool coarse;          /* place in 1/10 minutes, 18 and 17 bits; else 1/10000, 28 and 27 */
	void (*rest)(struct qw_ais *ais, const struct bits *bits);
};

static void set(struct qw_position *position, enum qw_position_has has)
{
	position->has |= (uint16_t)has;
}

static void read_dimensions(struct qw_ais *ais, const struct bits *bits, unsigned at)
{
	ais->bow = (uint16_t)take(bits, at, 9);
	ais->stern = (uint16_t)take(bits, at + 9, 9);
	ais->port = (uint8_t)take(bits, at + 18, 6);
	ais->starboard = (uint8_t)take(bits, at + 24, 6);
}

static void read_voyage(struct qw_ais *ais, const struct bits *bits)
{
	ais->imo = take(bits, 40, 30);
	take_text(bits, 70, 7, ais->call_sign, sizeof(ais->call_sign));
	take_text(bits, 112, 20, ais->name, sizeof(ais->name));
	ais->ship_type = (uint8_t)take(bits, 232, 8);
	read_dimensions(ais, bits, 240);
	ais->eta_month = (uint8_t)take(bits, 274, 4);
	ais->eta_day = (uint8_t)take(bits, 278, 5);
	ais->eta_hour = (uint8_t)take(bits, 283, 5);
	ais->eta_minute = (uint8_t)take(bits, 288, 6);
	ais->has_eta = ais->eta_month && ais->eta_month <= 12 && ais->eta_day && ais->eta_hour < 24 && ais->eta_minute < 60;
	ais->draught = (uint8_t)take(bits, 294, 8);
	take_text(bits, 302, 20, ais->destination, sizeof(ais->destination));
}

static void read_base(struct qw_ais *ais, const struct bits *bits)
{
	enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
	uint32_t hour = take(bits, 61, 5), minute = take(bits, 66, 6), second = take(bits, 72, 6);
	if (qw_nmea_day(take(bits, 38, 14), take(bits, 52, 4), take(bits, 56, 5), &ais->position.date))
		set(&ais->position, QW_POSITION_DATE);
	if (hour > 23 || minute > 59 || second > 59)
		return;
	ais->position.time = hour * HOUR + minute * MINUTE + second * SECOND;
	set(&ais->position, QW_POSITION_TIME);
}

static void read_aircraft(struct qw_ais *ais, const struct bits *bits)
{
	enum { NONE = 4095, METRE = 1000, SLOWEST_FAST = 1023 };
	uint32_t altitude = take(bits, 38, 12);
	if (altitude != NONE) {
		ais->position.altitude = (int32_t)(altitude * METRE);
		set(&ais->position, QW_POSITION_ALTITUDE);
	}
	if (take(bits, 50, 10) != SLOWEST_FAST)
		ais->position.speed *= 10; /* knots here, not tenths */
}

static void read_safety(struct qw_ais *ais, const struct bits *bits)
{
	take_text(bits, 40, QW_AIS_TEXT_MAX - 1, ais->text, sizeof(ais->text));
}

static void read_class_b(struct qw_ais *ais, const struct bits *bits)
{
	take_text(bits, 143, 20, ais->name, sizeof(ais->name));
	ais->ship_type = (uint8_t)take(bits, 263, 8);
	read_dimensions(ais, bits, 271);
}

/* The name goes on behind the rest, in as many characters as there are. */
static void read_aid(struct qw_ais *ais, const struct bits *bits)
{
	enum { NAME_CHARS = 20, EXTENSION_AT = 272, EXTENSION_CHARS = 14 };
	ais->aid_type = (uint8_t)take(bits, 38, 5);
	take_text(bits, 43, NAME_CHARS, ais->name, sizeof(ais->name));
	size_t len = strlen(ais->name);
	if (len == NAME_CHARS)
		take_text(bits, EXTENSION_AT, EXTENSION_CHARS, ais->name + len, sizeof(ais->name) - len);
	read_dimensions(ais, bits, 219);
	ais->off_position = take(bits, 259, 1) && take(bits, 253, 6) < 60;
	ais->is_virtual = take(bits, 269, 1);
}

/* One of an area's corners, in 1/10 minutes. */
static bool read_corner(struct qw_ais_order *order, unsigned corner, const struct bits *bits, unsigned at)
{
	enum { EAST_BITS = 18, NORTH_BITS = 17, UNIT = 600, MOST_EAST = 180 * UNIT, MOST_NORTH = 90 * UNIT };
	int32_t east = take_signed(bits, at, EAST_BITS), north = take_signed(bits, at + EAST_BITS, NORTH_BITS);
	if (east > MOST_EAST || east < -MOST_EAST || north > MOST_NORTH || north < -MOST_NORTH)
		return false;
	order->longitude[corner] = (int32_t)((int64_t)east * 10000000 / UNIT);
	order->latitude[corner] = (int32_t)((int64_t)north * 10000000 / UNIT);
	return true;
}

/* As many reservations as the message has room for; those of no slots are none. */
static void read_slots(struct qw_ais *ais, const struct bits *bits)
{
	enum { FIRST = 40, EACH = 30 };
	struct qw_ais_order *order = &ais->order;
	for (unsigned at = FIRST; at + EACH <= bits->count && order->slots < QW_AIS_SLOTS_MAX; at += EACH) {
		struct qw_ais_slots slots = {
		    .offset = (uint16_t)take(bits, at, 12),
		    .count = (uint8_t)take(bits, at + 12, 4),
		    .minutes = (uint8_t)take(bits, at + 16, 3),
		    .every = (uint16_t)take(bits, at + 19, 11),
		};
		if (slots.count)
			order->slot[order->slots++] = slots;
	}
}

static void read_channels(struct qw_ais *ais, const struct bits *bits)
{
	struct qw_ais_order *order = &ais->order;
	order->channel[0] = (uint16_t)take(bits, 40, 12);
	order->channel[1] = (uint16_t)take(bits, 52, 12);
	order->mode = (uint8_t)take(bits, 64, 4);
	order->low_power = take(bits, 68, 1);
	order->addressed = take(bits, 139, 1);
	order->zone = (uint8_t)(take(bits, 142, 3) + 1);
	order->mmsi[0] = order->addressed ? take(bits, 69, 30) : 0;
	order->mmsi[1] = order->addressed ? take(bits, 104, 30) : 0;
	order->has_area = !order->addressed && read_corner(order, 0, bits, 69) && read_corner(order, 1, bits, 104);
}

static void read_group(struct qw_ais *ais, const struct bits *bits)
{
	struct qw_ais_order *order = &ais->order;
	order->has_area = read_corner(order, 0, bits, 40) && read_corner(order, 1, bits, 75);
	order->station_type = (uint8_t)take(bits, 110, 4);
	order->ship_type = (uint8_t)take(bits, 114, 8);
	order->mode = (uint8_t)take(bits, 144, 2);
	order->interval = (uint8_t)take(bits, 146, 4);
	order->quiet = (uint8_t)take(bits, 150, 4);
}

/* Auxiliary craft have their mother ship's number in place of dimensions. */
static void read_static(struct qw_ais *ais, const struct bits *bits)
{
	enum { CRAFT = 98, CRAFT_UNIT = 10000000, LEAST_A = 160, LEAST_B = 162 };
	ais->part = (uint8_t)take(bits, 38, 2);
	if (ais->part == 0)
		take_text(bits, 40, 20, ais->name, sizeof(ais->name));
	if (ais->part != 1) {
		ais->malformed |= bits->count < LEAST_A || ais->part > 1;
		return;
	}
	ais->malformed |= bits->count < LEAST_B;
	ais->ship_type = (uint8_t)take(bits, 40, 8);
	take_text(bits, 48, 3, ais->vendor, sizeof(ais->vendor));
	take_text(bits, 90, 7, ais->call_sign, sizeof(ais->call_sign));
	if (ais->mmsi / CRAFT_UNIT == CRAFT)
		ais->mothership = take(bits, 132, 30);
	else
		read_dimensions(ais, bits, 132);
}

/* Knots and degrees here, not tenths of them. */
static void read_far(struct qw_ais *ais, const struct bits *bits)
{
	enum { NO_SPEED = 63, NO_COURSE = 511, KNOT = 1000 };
	uint32_t speed = take(bits, 79, 6), course = take(bits, 85, 9);
	if (speed != NO_SPEED) {
		ais->position.speed = speed * KNOT;
		set(&ais->position, QW_POSITION_SPEED);
	}
	if (course < NO_COURSE && course < 360) {
		ais->position.course = (uint16_t)(course * 100);
		set(&ais->position, QW_POSITION_COURSE);
	}
}

enum { ANY = MAX_BITS };

static const struct layout layouts[] = {
	{1, 168, 168, 38, 42, 50, 60, 61, 116, 128, 137, false, NULL},
	{2, 168, 168, 38, 42, 50, 60, 61, 116, 128, 137, false, NULL},
	{3, 168, 168, 38, 42, 50, 60, 61, 116, 128, 137, false, NULL},
	{4, 168, 168, 0, 0, 0, 78, 79, 0, 0, 0, false, read_base},
	{5, 422, 426, 0, 0, 0, 0, 0, 0, 0, 0, false, read_voyage},
	{6, 88, ANY, 0, 0, 0, 0, 0, 0, 0, 0, false, NULL},
	{7, 72, 168, 0, 0, 0, 0, 0, 0, 0, 0, false, NULL},
	{8, 56, ANY, 0, 0, 0, 0, 0, 0, 0, 0, false, NULL},
	{9, 168, 168, 0, 0, 50, 60, 61, 116, 0, 128, false, read_aircraft},
	{10, 72, 72, 0, 0, 0, 0, 0, 0, 0, 0, false, NULL},
	{11, 168, 168, 0, 0, 0, 78, 79, 0, 0, 0, false, read_base},
	{12, 72, ANY, 0, 0, 0, 0, 0, 0, 0, 0, false, NULL},
	{13, 72, 168, 0, 0, 0, 0, 0, 0, 0, 0, false, NULL},
	{14, 40, ANY, 0, 0, 0, 0, 0, 0, 0, 0, false, read_safety},
	{15, 88, 168, 0, 0, 0, 0, 0, 0, 0, 0, false, NULL},
	{16, 92, 168, 0, 0, 0, 0, 0, 0, 0, 0, false, NULL},
	{17, 80, ANY, 0, 0, 0, 0, 40, 0, 0, 0, true, NULL},
	{18, 168, 168, 0, 0, 46, 56, 57, 112, 124, 133, false, NULL},
	{19, 312, 312, 0, 0, 46, 56, 57, 112, 124, 133, false, read_class_b},
	{20, 70, 168, 0, 0, 0, 0, 0, 0, 0, 0, false, read_slots},
	{21, 272, 366, 0, 0, 0, 163, 164, 0, 0, 253, false, read_aid},
	{22, 168, 168, 0, 0, 0, 0, 0, 0, 0, 0, false, read_channels},
	{23, 160, 168, 0, 0, 0, 0, 0, 0, 0, 0, false, read_group},
	{24, 160, 168, 0, 0, 0, 0, 0, 0, 0, 0, false, read_static},
	{25, 40, 168, 0, 0, 0, 0, 0, 0, 0, 0, false, NULL},
	{26, 60, ANY, 0, 0, 0, 0, 0, 0, 0, 0, false, NULL},
	{27, 96, 168, 40, 0, 0, 38, 44, 0, 0, 0, true, read_far},
};

/* ---- what position reports have in common */

/* 91 and 181 degrees say that there is none; all beyond 90 and 180 is none. */
static void read_place(struct qw_position *position, const struct bits *bits, const struct layout *layout)
{
	unsigned wide = layout->coarse ? 18 : 28;
	int64_t unit = layout->coarse ? 600 : 600000; /* in a degree */
	int64_t east = take_signed(bits, layout->place, wide), north = take_signed(bits, layout->place + wide, wide - 1);
	if (layout->place + 2 * wide - 1 > bits->count || north > 90 * unit || north < -90 * unit || east > 180 * unit ||
	    east < -180 * unit)
		return;
	int64_t half = unit / 2;
	north *= 10000000;
	east *= 10000000;
	position->latitude = (int32_t)((north + (north < 0 ? -half : half)) / unit);
	position->longitude = (int32_t)((east + (east < 0 ? -half : half)) / unit);
	set(position, QW_POSITION_PLACE);
}

static void read_motion(struct qw_position *position, const struct bits *bits, const struct layout *layout)
{
	enum { NO_SPEED = 1023, ROUND = 3600, CIRCLE = 360 };
	uint32_t speed = take(bits, layout->speed, 10), course = take(bits, layout->course, 12);
	uint32_t heading = take(bits, layout->heading, 9);
	if (layout->speed && speed != NO_SPEED) {
		position->speed = speed * 100;
		set(position, QW_POSITION_SPEED);
	}
	if (layout->course && course < ROUND) {
		position->course = (uint16_t)(course * 10);
		set(position, QW_POSITION_COURSE);
	}
	if (layout->heading && heading < CIRCLE) {
		position->heading = (uint16_t)(heading * 100);
		set(position, QW_POSITION_HEADING);
	}
}

/* 4.733 times the root of degrees a minute; 127 and beyond only say which way. */
static void read_turn(struct qw_position *position, const struct bits *bits, const struct layout *layout)
{
	enum { MOST = 126 };
	int32_t value = layout->turn ? take_signed(bits, layout->turn, 8) : INT8_MIN;
	if (value < -MOST || value > MOST)
		return;
	int32_t turn = value * value * 10000 / 22401;
	position->turn = (int16_t)(value < 0 ? -turn : turn);
	set(position, QW_POSITION_TURN);
}

/* 60: none; 61 by hand, 62 reckoned, 63: out of order. */
static void read_quality(struct qw_position *position, const struct bits *bits, const struct layout *layout)
{
	static const uint8_t odd[] = {QW_QUALITY_MANUAL, QW_QUALITY_ESTIMATED, QW_QUALITY_NONE};
	enum { ODD_FIRST = 61 };
	uint32_t second = layout->second ? take(bits, layout->second, 6) : ODD_FIRST - 1;
	if (layout->accuracy) {
		position->quality = take(bits, layout->accuracy, 1) ? QW_QUALITY_DIFFERENTIAL : QW_QUALITY_AUTONOMOUS;
		set(position, QW_POSITION_QUALITY);
	}
	if (second >= ODD_FIRST)
		position->quality = odd[second - ODD_FIRST];
	if (second > 59)
		return;
	position->time = second * 1000;
	set(position, QW_POSITION_SECOND);
}

static const struct layout *layout_of(uint8_t type)
{
	const size_t count = sizeof(layouts) / sizeof(*layouts);
	return type && type <= count ? &layouts[type - 1] : NULL;
}

bool qw_ais_read(struct qw_ais *ais, struct qw_slice chars, unsigned fill)
{
	struct bits bits;
	if (!unarmour(&bits, chars, fill) || bits.count < HEAD_BITS)
		return false;
	*ais = (struct qw_ais){.type = (uint8_t)take(&bits, 0, 6), .repeat = (uint8_t)take(&bits, 6, 2),
			       .mmsi = take(&bits, 8, 30), .status = QW_AIS_NO_STATUS};
	struct qw_position *position = &ais->position;
	const struct layout *layout = layout_of(ais->type);
	position->mmsi = ais->mmsi;
	position->ais = ais->type;
	set(position, QW_POSITION_MMSI);
	/* Some round the length up to the next character or byte. */
	ais->malformed = !layout || bits.count < layout->least || bits.count > layout->most + (unsigned)ROUNDED_MAX ||
			 ais->mmsi > MMSI_MAX;
	if (!layout || bits.count < layout->least)
		return true;
	if (layout->status)
		ais->status = (uint8_t)take(&bits, layout->status, 4);
	if (layout->place)
		read_place(position, &bits, layout);
	read_motion(position, &bits, layout);
	read_turn(position, &bits, layout);
	read_quality(position, &bits, layout);
	if (layout->rest)
		layout->rest(ais, &bits);
	return true;
}

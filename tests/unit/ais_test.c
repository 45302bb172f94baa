/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/ais.h"

#include "tests/lib/marine.h"
#include "tests/unit/ot_kit.h"

enum { PORT = 10110, MMSI = 244670316 };

/* The sentences in one datagram. */
static struct ot_kit *send(const struct marine *talk)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS | QW_OT_WANT_EVENTS);
	ot_feed(kit, QW_TO_SERVER, talk->at, talk->len);
	return kit;
}

/* What one message of AIS means, by its characters. */
static struct qw_ais read(const char *chars, unsigned fill)
{
	struct qw_ais ais;
	assert_true(qw_ais_read(&ais, qw_slice_text(chars), fill));
	return ais;
}

static struct qw_ais read_bits(const struct marine_bits *bits)
{
	char chars[MARINE_SIX_MAX + 1];
	marine_armour(bits, chars);
	return read(chars, (6 - bits->count % 6) % 6);
}

/* ---- messages that are published with what they mean (the AIVDM/AIVDO guide of gpsd and its samples) */

static void published_position_reports_mean_what_is_published(void **state)
{
	static const struct {
		const char *chars;
		uint8_t type, status;
		uint32_t mmsi, speed;
		int32_t latitude, longitude;
		uint16_t course;
		int heading; /* degrees; -1: none */
	} rows[] = {
		{"15RTgt0PAso;90TKcjM8h6g208CQ", 1, 0, 371798000, 12300, 483816333, -1233953833, 22400, 215},
		{"16SteH0P00Jt63hHaa6SagvJ087r", 1, 0, 440348000, 0, 430801500, -707582000, 9340, -1},
		{"25Cjtd0Oj;Jp7ilG7=UkKBoB0<06", 2, 0, 356302000, 13900, 403923583, -716261433, 8770, 91},
		{"38Id705000rRVJhE7cl9n;160000", 3, 5, 563808000, 0, 369100000, -763275333, 25200, 352},
		{"177KQJ5000G?tO`K>RA1wUbN0TKH", 1, 5, 477553000, 0, 475828333, -1223458333, 5100, 181},
		{"B52K>;h00Fc>jpUlNV@ikwpUoP06", 18, QW_AIS_NO_STATUS, 338087471, 100, 406845400, -740721317, 7960, -1},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct qw_ais ais = read(rows[i].chars, 0);
		assert_int_equal(ais.type, rows[i].type);
		assert_int_equal(ais.status, rows[i].status);
		assert_int_equal(ais.mmsi, rows[i].mmsi);
		assert_int_equal(ais.position.mmsi, rows[i].mmsi);
		assert_int_equal(ais.position.speed, rows[i].speed);
		assert_int_equal(ais.position.latitude, rows[i].latitude);
		assert_int_equal(ais.position.longitude, rows[i].longitude);
		assert_int_equal(ais.position.course, rows[i].course);
		assert_int_equal(ais.position.has & QW_POSITION_HEADING ? ais.position.heading / 100 : -1, rows[i].heading);
		assert_false(ais.malformed);
	}
}

static void a_published_base_station_tells_the_time(void **state)
{
	struct qw_ais ais = read("403OviQuMGCqWrRO9>E6fE700@3b", 0);
	assert_int_equal(ais.type, 4);
	assert_int_equal(ais.mmsi, 3669702);
	assert_int_equal(ais.position.date, 20070514);
	assert_int_equal(ais.position.time, ((19 * 60 + 57) * 60 + 39) * 1000);
	assert_int_equal(ais.position.latitude, 368837667);
	assert_int_equal(ais.position.longitude, -763523617);
}

static void published_static_data_name_the_ship(void **state)
{
	struct qw_ais ais = read("55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp888888888880", 2);
	assert_false(ais.malformed);
	assert_int_equal(ais.mmsi, 351759000);
	assert_int_equal(ais.imo, 9134270);
	assert_string_equal(ais.call_sign, "3FOF8");
	assert_string_equal(ais.name, "EVER DIADEM");
	assert_int_equal(ais.ship_type, 70);
	assert_int_equal(ais.bow, 225);
	assert_int_equal(ais.stern, 70);
	assert_int_equal(ais.port, 1);
	assert_int_equal(ais.starboard, 31);
	assert_int_equal(ais.draught, 122);
	assert_string_equal(ais.destination, "NEW YORK");
	ais = read("H42O55i18tMET00000000000000", 2);
	assert_int_equal(ais.mmsi, 271041815);
	assert_string_equal(ais.name, "PROGUY");
	ais = read("H42O55lt0000000D3nink000?0500", 0);
	assert_int_equal(ais.part, 1);
	assert_string_equal(ais.call_sign, "TC6163");
	assert_int_equal(ais.ship_type, 60);
	assert_int_equal(ais.stern, 15);
	assert_int_equal(ais.starboard, 5);
}

/* ---- messages of our own making */

static void what_is_not_available_is_left_out(void **state)
{
	struct marine_bits bits = {.count = 0};
	marine_head(&bits, 1, MMSI);
	marine_bits(&bits, 4, 15);
	marine_bits(&bits, 8, 127);
	marine_bits(&bits, 10, 1023);
	marine_bits(&bits, 1, 0);
	marine_bits(&bits, 28, 181 * 600000);
	marine_bits(&bits, 27, 91 * 600000);
	marine_bits(&bits, 12, 3600);
	marine_bits(&bits, 9, 511);
	marine_bits(&bits, 6, 60);
	marine_bits(&bits, 25, 0);
	struct qw_ais ais = read_bits(&bits);
	assert_int_equal(ais.position.has, QW_POSITION_MMSI | QW_POSITION_QUALITY);
	assert_int_equal(ais.position.quality, QW_QUALITY_AUTONOMOUS);
}

/* Either of both that is beyond its end makes no place; the end itself is one. */
static void places_beyond_the_poles_are_none(void **state)
{
	static const struct {
		int64_t latitude, longitude;
		bool place;
	} rows[] = {
		{910000000, 0, false}, {900000100, 0, false}, {900000000, 0, true}, {-900000000, 0, true}, {-900000100, 0, false},
		{0, 1810000000, false}, {0, 1800000100, false}, {0, 1800000000, true}, {0, -1800000000, true},
		{0, -1800000100, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct marine_bits bits = {.count = 0};
		marine_report(&bits, 1, MMSI, rows[i].latitude, rows[i].longitude);
		struct qw_position at = read_bits(&bits).position;
		assert_int_equal((at.has & QW_POSITION_PLACE) != 0, rows[i].place);
		if (rows[i].place)
			assert_int_equal(at.latitude, rows[i].latitude);
	}
}

static void a_clock_that_is_none_says_how_the_place_came_about(void **state)
{
	static const uint8_t quality[] = {QW_QUALITY_MANUAL, QW_QUALITY_ESTIMATED, QW_QUALITY_NONE};
	for (unsigned second = 61; second <= 63; second++) {
		struct marine_bits bits = {.count = 0};
		marine_report(&bits, 3, MMSI, 519485000, 41234500);
		bits.count = 137;
		for (unsigned bit = 137; bit < 143; bit++)
			bits.six[bit / 6] &= (uint8_t)~(1u << (5 - bit % 6));
		marine_bits(&bits, 6, second);
		bits.count = 168;
		assert_int_equal(read_bits(&bits).position.quality, quality[second - 61]);
	}
}

static void an_aid_to_navigation_may_be_virtual_and_have_a_long_name(void **state)
{
	struct marine_bits bits = {.count = 0};
	marine_head(&bits, 21, 992446000);
	marine_bits(&bits, 5, 30);
	marine_letters(&bits, 20, "MAASCENTER SAFEWATER");
	marine_bits(&bits, 1, 1);
	marine_bits(&bits, 28, marine_minutes(38833333));
	marine_bits(&bits, 27, marine_minutes(520250000));
	marine_bits(&bits, 9, 1);
	marine_bits(&bits, 9, 2);
	marine_bits(&bits, 6, 3);
	marine_bits(&bits, 6, 4);
	marine_bits(&bits, 4, 7);
	marine_bits(&bits, 6, 12);
	marine_bits(&bits, 1, 1);
	marine_bits(&bits, 8, 0);
	marine_bits(&bits, 1, 0);
	marine_bits(&bits, 1, 1);
	marine_bits(&bits, 2, 0);
	marine_letters(&bits, 4, " BIS");
	struct marine talk = {.len = 0};
	marine_ais(&talk, "AIVDM", 'B', &bits);
	struct ot_kit *kit = send(&talk);
	assert_ot_says(kit, "\"protocol\":\"ais\",\"kind\":\"aid_to_navigation_report\"");
	assert_ot_says(kit, "\"indications\":\"virtual, off_position\"");
	assert_ot_says(kit, "\"dimensions\":\"1, 2, 3, 4\",\"device_type\":30,\"device_name\":\"MAASCENTER SAFEWATER BIS\"}");
	assert_ot_says(kit, "\"latitude\":52.025,\"longitude\":3.8833333");
	ot_close(kit);
}

static void other_kinds_are_read_by_what_they_have(void **state)
{
	struct marine_bits bits = {.count = 0};
	marine_head(&bits, 14, MMSI);
	marine_bits(&bits, 2, 0);
	marine_letters(&bits, 12, "KEEP CLEAR 5");
	assert_string_equal(read_bits(&bits).text, "KEEP CLEAR 5");

	bits = (struct marine_bits){.count = 0};
	marine_head(&bits, 17, 2446000);
	marine_bits(&bits, 2, 0);
	marine_bits(&bits, 18, 41 * 60);
	marine_bits(&bits, 17, 519 * 6);
	marine_bits(&bits, 5, 0);
	struct qw_ais ais = read_bits(&bits);
	assert_int_equal(ais.position.longitude, 41000000);
	assert_int_equal(ais.position.latitude, 51900000);

	bits = (struct marine_bits){.count = 0};
	marine_head(&bits, 27, MMSI);
	marine_bits(&bits, 2, 3);
	marine_bits(&bits, 4, 5);
	marine_bits(&bits, 18, -600);
	marine_bits(&bits, 17, -1200);
	marine_bits(&bits, 6, 14);
	marine_bits(&bits, 9, 359);
	marine_bits(&bits, 2, 0);
	ais = read_bits(&bits);
	assert_false(ais.malformed);
	assert_int_equal(ais.status, 5);
	assert_int_equal(ais.position.longitude, -10000000);
	assert_int_equal(ais.position.latitude, -20000000);
	assert_int_equal(ais.position.speed, 14000);
	assert_int_equal(ais.position.course, 35900);

	bits = (struct marine_bits){.count = 0};
	marine_head(&bits, 9, 111244000);
	marine_bits(&bits, 12, 303);
	marine_bits(&bits, 10, 120);
	marine_bits(&bits, 1, 1);
	marine_bits(&bits, 28, marine_minutes(40000000));
	marine_bits(&bits, 27, marine_minutes(520000000));
	marine_bits(&bits, 12, 900);
	marine_bits(&bits, 6, 9);
	marine_bits(&bits, 34, 0);
	ais = read_bits(&bits);
	assert_false(ais.malformed);
	assert_int_equal(ais.position.altitude, 303000);
	assert_int_equal(ais.position.speed, 120000);
	assert_int_equal(ais.position.course, 9000);
}

/* 1/10 minutes. */
static void put_corner(struct marine_bits *bits, int east, int north)
{
	marine_bits(bits, 18, east * 600 / 10);
	marine_bits(bits, 17, north * 600 / 10);
}

static void assert_orders(const struct marine_bits *bits, const char *words)
{
	char chars[MARINE_SIX_MAX + 1], sentence[MARINE_SIX_MAX + 32];
	struct marine talk = {.len = 0};
	marine_armour(bits, chars);
	snprintf(sentence, sizeof(sentence), "!AIVDM,1,1,,A,%s,%u", chars, (6 - bits->count % 6) % 6);
	marine_say(&talk, sentence);
	struct ot_kit *kit = send(&talk);
	assert_ot_says(kit, words);
	assert_ot_silent(kit, "bad_length");
	ot_close(kit);
}

static void a_base_station_that_reserves_slots_says_which(void **state)
{
	struct marine_bits bits = {.count = 0};
	marine_head(&bits, 20, 2446000);
	marine_bits(&bits, 2, 0);
	for (int i = 0; i < 2; i++) {
		marine_bits(&bits, 12, 2182 + i);
		marine_bits(&bits, 4, i ? 1 : 5);
		marine_bits(&bits, 3, 7);
		marine_bits(&bits, 11, i ? 0 : 225);
	}
	assert_int_equal(read_bits(&bits).order.slots, 2);
	assert_orders(&bits, "\"text\":\"slots 2182 x5 every 225 for 7 min, slots 2183 x1 for 7 min\"");
}

static void who_sends_ships_to_other_channels_is_told_with_the_area(void **state)
{
	struct marine_bits bits = {.count = 0};
	marine_head(&bits, 22, 2446000);
	marine_bits(&bits, 2, 0);
	marine_bits(&bits, 12, 2081);
	marine_bits(&bits, 12, 2082);
	marine_bits(&bits, 4, 1);
	marine_bits(&bits, 1, 1);
	struct marine_bits addressed = bits;
	put_corner(&bits, 45, 519);
	put_corner(&bits, -41, 517);
	marine_bits(&bits, 1, 0);
	marine_bits(&bits, 2, 0);
	marine_bits(&bits, 3, 4);
	marine_bits(&bits, 23, 0);
	assert_int_equal(read_bits(&bits).order.longitude[1], -41000000);
	assert_orders(&bits, "\"text\":\"channels 2081 and 2082, sent on A, low power, transition 5 miles, "
			     "within 51.9000 4.5000 and 51.7000 -4.1000\"");
	marine_bits(&addressed, 30, MMSI);
	marine_bits(&addressed, 5, 0);
	marine_bits(&addressed, 30, 0);
	marine_bits(&addressed, 5, 0);
	marine_bits(&addressed, 1, 1);
	marine_bits(&addressed, 28, 0);
	assert_orders(&addressed, "\"text\":\"channels 2081 and 2082, sent on A, low power, to 244670316\"");
}

static void who_silences_ships_is_told(void **state)
{
	struct marine_bits bits = {.count = 0};
	marine_head(&bits, 23, 2446000);
	marine_bits(&bits, 2, 0);
	put_corner(&bits, 45, 519);
	put_corner(&bits, 41, 517);
	marine_bits(&bits, 4, 2);
	marine_bits(&bits, 8, 30);
	marine_bits(&bits, 22, 0);
	marine_bits(&bits, 2, 0);
	marine_bits(&bits, 4, 7);
	marine_bits(&bits, 4, 15);
	marine_bits(&bits, 6, 0);
	assert_orders(&bits, "\"text\":\"class B, ships of type 30, sent on both, every 10 s, silent for 15 min, "
			     "within 51.9000 4.5000 and 51.7000 4.1000\"");
}

static void a_turn_is_told_in_degrees_a_minute(void **state)
{
	struct marine_bits bits = {.count = 0};
	marine_head(&bits, 1, MMSI);
	marine_bits(&bits, 4, 0);
	marine_bits(&bits, 8, -47);
	marine_bits(&bits, 118, 0);
	assert_int_equal(read_bits(&bits).position.turn, -986);
}

/* ---- sentences */

static struct marine voyage_of(struct marine_bits *bits)
{
	struct marine talk = {.len = 0};
	marine_head(bits, 5, MMSI);
	marine_bits(bits, 2, 0);
	marine_bits(bits, 30, 9632064);
	marine_letters(bits, 7, "PBGZ");
	marine_letters(bits, 20, "MAERSK EXAMPLE");
	marine_bits(bits, 8, 70);
	marine_bits(bits, 30, (INT64_C(300) << 21) | (99 << 12) | (20 << 6) | 38);
	marine_bits(bits, 4, 1);
	marine_bits(bits, 20, (11 << 16) | (23 << 11) | (6 << 6) | 30);
	marine_bits(bits, 8, 145);
	marine_letters(bits, 20, "ROTTERDAM");
	marine_bits(bits, 2, 0);
	return talk;
}

static void a_ship_is_known_once_all_its_sentences_are_there(void **state)
{
	struct marine_bits bits = {.count = 0};
	struct marine talk = voyage_of(&bits);
	marine_ais(&talk, "AIVDM", 'A', &bits);
	struct ot_kit *kit = ot_play_everywhere(PORT, QW_TO_CLIENT, talk.at, talk.len);
	assert_ot_says(kit, "\"protocol\":\"nmea\",\"kind\":\"VDM\"");
	assert_ot_says(kit, " ais.mmsi=244670316 ais.type=5 \"ot\":{\"protocol\":\"ais\",\"kind\":\"static_and_voyage_data\"");
	assert_ot_says(kit, "\"mmsi\":244670316,\"imo\":9632064,\"call_sign\":\"PBGZ\",\"dimensions\":\"300, 99, 20, 38\","
			    "\"draught\":14.5,\"bound_for\":\"ROTTERDAM\",\"eta\":\"11-23 06:30\",\"device_type\":70,"
			    "\"device_name\":\"MAERSK EXAMPLE\"}");
	assert_int_equal(ot_raised(kit, QW_AE_AIS_MALFORMED), 0);
	ot_close(kit);
}

/* Two ships whose parts come in turn, told apart by channel and number. */
static void parts_of_several_messages_may_mix(void **state)
{
	struct marine_bits one = {.count = 0}, two = {.count = 0};
	struct marine a = voyage_of(&one), b = voyage_of(&two), talk = {.len = 0};
	marine_ais(&a, "AIVDM", 'A', &one);
	marine_ais(&b, "AIVDM", 'B', &two);
	size_t first = (size_t)(strchr(a.at, '\n') - a.at) + 1;
	marine_put(&talk, a.at, first);
	marine_put(&talk, b.at, first);
	marine_put(&talk, a.at + first, a.len - first);
	marine_put(&talk, b.at + first, b.len - first);
	struct ot_kit *kit = send(&talk);
	const char *log = qw_text_string(&kit->log), *found = strstr(log, "MAERSK EXAMPLE");
	assert_non_null(found);
	assert_non_null(strstr(found + 1, "MAERSK EXAMPLE"));
	assert_int_equal(ot_raised(kit, QW_AE_AIS_MALFORMED), 0);
	ot_close(kit);
}

static void a_part_that_is_missing_is_told(void **state)
{
	struct marine_bits bits = {.count = 0};
	struct marine whole = voyage_of(&bits), talk = {.len = 0};
	marine_ais(&whole, "AIVDM", 'A', &bits);
	size_t first = (size_t)(strchr(whole.at, '\n') - whole.at) + 1;
	marine_put(&talk, whole.at + first, whole.len - first);
	struct ot_kit *kit = send(&talk);
	assert_int_equal(ot_raised(kit, QW_AE_AIS_MALFORMED), 1);
	assert_ot_says(kit, "\"indications\":\"bad_message\"");
	assert_ot_silent(kit, "MAERSK");
	ot_close(kit);
}

static void a_part_that_comes_too_late_is_none(void **state)
{
	struct marine_bits bits = {.count = 0};
	struct marine whole = voyage_of(&bits);
	marine_ais(&whole, "AIVDM", 'A', &bits);
	size_t first = (size_t)(strchr(whole.at, '\n') - whole.at) + 1;
	for (int64_t late = 30; late <= 31; late++) {
		struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
		kit->flow.last = qw_time_seconds(1000);
		ot_feed(kit, QW_TO_SERVER, whole.at, first);
		kit->flow.last = qw_time_seconds(1000 + late);
		ot_feed(kit, QW_TO_SERVER, whole.at + first, whole.len - first);
		assert_int_equal(ot_raised(kit, QW_AE_AIS_MALFORMED), late > 30);
		ot_close(kit);
	}
}

/* Five messages are begun, and four are kept: the first is given up. */
static void messages_under_way_are_bounded(void **state)
{
	struct marine_bits bits = {.count = 0};
	struct marine talk = voyage_of(&bits), firsts = {.len = 0}, lasts = {.len = 0};
	for (unsigned i = 0; i < 5; i++) {
		talk.len = 0;
		marine_ais(&talk, "AIVDM", 'A', &bits);
		size_t first = (size_t)((char *)memchr(talk.at, '\n', talk.len) - talk.at) + 1;
		marine_put(&firsts, talk.at, first);
		marine_put(&lasts, talk.at + first, talk.len - first);
	}
	struct ot_kit *kit = send(&firsts);
	ot_feed(kit, QW_TO_SERVER, lasts.at, lasts.len);
	assert_int_equal(ot_raised(kit, QW_AE_AIS_MALFORMED), 1);
	ot_close(kit);
}

static void envelopes_that_cannot_be_are_told(void **state)
{
	static const char *const odd[] = {
		"!AIVDM,0,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0", "!AIVDM,1,2,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0",
		"!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,6", "!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,",
		"!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CX,0x", "!AIVDM,1,1,,A,15R\x5egt,0", "!AIVDM,1,1,,A,15RX~t0PA,0",
		"!AIVDM,1,1,,A,15RTg,0", "!AIVDM,1,1,,A,,0", "!AIVDM,10,1,1,A,15RTgt0PAso;90TKcjM8h6g208CQ,0", "!AIVDM,1",
	};
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct marine talk = {.len = 0};
		marine_say(&talk, odd[i]);
		struct ot_kit *kit = send(&talk);
		assert_int_equal(ot_raised(kit, QW_AE_AIS_MALFORMED), 1);
		assert_ot_silent(kit, "\"protocol\":\"ais\"");
		ot_close(kit);
	}
}

/* What is too short for its type says who sent it, and no more. */
static void every_truncation_is_told(void **state)
{
	struct marine_bits whole = {.count = 0};
	marine_report(&whole, 1, MMSI, 519485000, 41234500);
	for (unsigned count = 0; count <= 168; count++) {
		struct marine_bits bits = whole;
		struct qw_ais ais;
		char chars[MARINE_SIX_MAX + 1];
		bits.count = count;
		marine_armour(&bits, chars);
		bool read = qw_ais_read(&ais, qw_slice_text(chars), (6 - count % 6) % 6);
		assert_int_equal(read, count >= 38);
		if (!read)
			continue;
		assert_int_equal(ais.mmsi, MMSI);
		assert_int_equal(ais.malformed, count < 168);
		assert_int_equal(ais.position.has == QW_POSITION_MMSI, count < 168);
	}
}

static void numbers_that_are_nobodys_are_told(void **state)
{
	struct marine_bits bits = {.count = 0};
	marine_report(&bits, 1, 1000000000, 519485000, 41234500);
	assert_true(read_bits(&bits).malformed);
	bits = (struct marine_bits){.count = 0};
	marine_report(&bits, 1, 999999999, 519485000, 41234500);
	assert_false(read_bits(&bits).malformed);
	bits = (struct marine_bits){.count = 0};
	marine_report(&bits, 28, MMSI, 519485000, 41234500);
	assert_true(read_bits(&bits).malformed);
}

static void a_wrong_checksum_carries_no_message(void **state)
{
	struct marine talk = {.len = 0};
	marine_say(&talk, "!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4B");
	struct ot_kit *kit = send(&talk);
	assert_int_equal(ot_raised(kit, QW_AE_NMEA_BAD_CHECKSUM), 1);
	assert_ot_silent(kit, "371798000");
	ot_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_position_reports_mean_what_is_published),
		cmocka_unit_test(a_published_base_station_tells_the_time),
		cmocka_unit_test(published_static_data_name_the_ship),
		cmocka_unit_test(what_is_not_available_is_left_out),
		cmocka_unit_test(places_beyond_the_poles_are_none),
		cmocka_unit_test(a_clock_that_is_none_says_how_the_place_came_about),
		cmocka_unit_test(an_aid_to_navigation_may_be_virtual_and_have_a_long_name),
		cmocka_unit_test(other_kinds_are_read_by_what_they_have),
		cmocka_unit_test(a_base_station_that_reserves_slots_says_which),
		cmocka_unit_test(who_sends_ships_to_other_channels_is_told_with_the_area),
		cmocka_unit_test(who_silences_ships_is_told),
		cmocka_unit_test(a_turn_is_told_in_degrees_a_minute),
		cmocka_unit_test(a_ship_is_known_once_all_its_sentences_are_there),
		cmocka_unit_test(parts_of_several_messages_may_mix),
		cmocka_unit_test(a_part_that_is_missing_is_told),
		cmocka_unit_test(a_part_that_comes_too_late_is_none),
		cmocka_unit_test(messages_under_way_are_bounded),
		cmocka_unit_test(envelopes_that_cannot_be_are_told),
		cmocka_unit_test(every_truncation_is_told),
		cmocka_unit_test(numbers_that_are_nobodys_are_told),
		cmocka_unit_test(a_wrong_checksum_carries_no_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

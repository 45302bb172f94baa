/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/position.h"
#include "tests/lib/marine.h"
#include "tests/unit/ot_kit.h"

enum { PORT = 10110 };

static struct ot_kit *play(const struct marine *talk)
{
	return ot_play_everywhere(PORT, QW_TO_CLIENT, talk->at, talk->len);
}

/* One datagram, at some port. */
static struct ot_kit *send(const struct marine *talk)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, 3100, QW_OT_WANT_FIELDS | QW_OT_WANT_EVENTS);
	ot_feed(kit, QW_TO_SERVER, talk->at, talk->len);
	return kit;
}

static unsigned lines_of(struct ot_kit *kit)
{
	unsigned lines = 0;
	for (size_t i = 0; i < kit->log.len; i++)
		lines += kit->log.at[i] == '\n';
	return lines;
}

/* ---- what sentences say */

struct caught {
	struct qw_position position;
	unsigned count;
};

static void catch(void *ctx, struct qw_flow *flow, const struct qw_message *message)
{
	struct caught *caught = ctx;
	const struct qw_ot_detail *detail = message->detail;
	if (!detail->position)
		return;
	caught->position = *detail->position;
	caught->count++;
}

/* The position that one sentence reports; has 0: none. */
static struct qw_position position_of(const char *sentence)
{
	struct marine talk = {.len = 0};
	struct caught caught = {.count = 0};
	const struct qw_message_sink sink = {&caught, catch};
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	marine_say(&talk, sentence);
	qw_parser_choose(kit->pool, &kit->flow, QW_TO_SERVER, (const uint8_t *)talk.at, talk.len);
	qw_parser_feed(&kit->flow, QW_TO_SERVER, (const uint8_t *)talk.at, talk.len, &sink);
	ot_close(kit);
	return caught.position;
}

/* NMEA 0183's own examples of its fields, and others in wide use. */
static void sentences_say_where_and_how_well(void **state)
{
	struct qw_position at = position_of("$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47");
	assert_int_equal(at.has, QW_POSITION_TIME | QW_POSITION_PLACE | QW_POSITION_QUALITY | QW_POSITION_SATELLITES |
					 QW_POSITION_HDOP | QW_POSITION_ALTITUDE);
	assert_int_equal(at.time, ((12 * 60 + 35) * 60 + 19) * 1000);
	assert_int_equal(at.latitude, 481173000);
	assert_int_equal(at.longitude, 115166667);
	assert_int_equal(at.quality, QW_QUALITY_AUTONOMOUS);
	assert_int_equal(at.satellites, 8);
	assert_int_equal(at.hdop, 90);
	assert_int_equal(at.altitude, 545400);
	assert_memory_equal(at.talker, "GP", 2);
	assert_memory_equal(at.formatter, "GGA", 3);
	at = position_of("$GPGLL,4916.45,N,12311.12,W,225444,A,*1D");
	assert_int_equal(at.latitude, 492741667);
	assert_int_equal(at.longitude, -1231853333);
	assert_int_equal(at.quality, QW_QUALITY_AUTONOMOUS);
	assert_int_equal(position_of("$GPGLL,0000.0000030,N,00000.0000029,E,225444,A").latitude, 1);
	assert_int_equal(position_of("$GPGLL,0000.0000030,N,00000.0000029,E,225444,A").longitude, 0);
	at = position_of("$GNGNS,014035.00,4332.69262,S,17235.48549,E,RR,13,0.9,25.63,11.24,,*70");
	assert_int_equal(at.latitude, -435448770);
	assert_int_equal(at.longitude, 1725914248);
	assert_int_equal(at.quality, QW_QUALITY_RTK);
	assert_int_equal(at.satellites, 13);
	assert_int_equal(at.altitude, 25630);
}

static void sentences_say_when_and_whither(void **state)
{
	struct qw_position at = position_of("$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A");
	assert_int_equal(at.has, QW_POSITION_TIME | QW_POSITION_PLACE | QW_POSITION_QUALITY | QW_POSITION_SPEED |
					 QW_POSITION_COURSE | QW_POSITION_DATE);
	assert_int_equal(at.speed, 22400);
	assert_int_equal(at.course, 8440);
	assert_int_equal(at.date, 19940323);
	at = position_of("$GPVTG,054.7,T,034.4,M,005.5,N,010.2,K");
	assert_int_equal(at.course, 5470);
	assert_int_equal(at.speed, 5500);
	at = position_of("$GPZDA,201530.00,04,07,2002,00,00*60");
	assert_int_equal(at.date, 20020704);
	assert_int_equal(at.time, ((20 * 60 + 15) * 60 + 30) * 1000);
	at = position_of("$GPGSA,A,3,04,05,,09,12,,,24,,,,,2.5,1.3,2.1*39");
	assert_int_equal(at.satellites, 5);
	assert_int_equal(at.hdop, 130);
	assert_int_equal(at.quality, QW_QUALITY_AUTONOMOUS);
	assert_int_equal(position_of("$TIROT,-35.6,A").turn, -356);
	assert_int_equal(position_of("$HEHDT,359.95,T").heading, 35995);
	assert_int_equal(position_of("$HETHS,12.5,A").heading, 1250);
	assert_int_equal(position_of("$GPGST,172814.0,0.006,0.023,0.020,273.6,0.023,0.020,0.031*6A").time,
			 ((17 * 60 + 28) * 60 + 14) * 1000);
}

/* The second sentence names three, of which one is not received. */
static void satellites_in_view_say_how_strong_they_are(void **state)
{
	struct qw_position at = position_of("$GPGSV,3,1,11,03,03,111,00,04,15,270,37,06,01,010,42,13,06,292,00");
	assert_int_equal(at.has, QW_POSITION_IN_VIEW | QW_POSITION_SIGNAL);
	assert_int_equal(at.in_view, 11);
	assert_int_equal(at.signal, 42);
	at = position_of("$GPGSV,3,3,11,22,42,067,12,24,14,311,,27,05,244,09");
	assert_int_equal(at.signal, 12);
	assert_int_equal(position_of("$GPGSV,1,1,00").has, QW_POSITION_IN_VIEW);
}

static void calls_and_alarms_have_their_numbers(void **state)
{
	struct marine talk = {.len = 0};
	marine_say(&talk, "$CDDSC,20,3380400790,00,21,26,1394000000,2021,,,B,E");
	marine_say(&talk, "$IIALF,1,1,0,124304.50,A,W,A,FEC,3024,1,2,0,Lost target");
	marine_say(&talk, "$INHBT,30,A,4");
	marine_say(&talk, "$GPDTM,W84,,0.0,N,0.0,E,0.0,W84");
	struct ot_kit *kit = play(&talk);
	assert_ot_says(kit, "\"kind\":\"DSC\",\"direction\":\"response\",\"status\":\"ok\"");
	assert_ot_says(kit, "\"mmsi\":338040079");
	assert_ot_says(kit, "\"instance\":3024");
	assert_ot_says(kit, "\"text\":\"Lost target\"");
	assert_ot_says(kit, "\"kind\":\"HBT\",\"direction\":\"response\",\"status\":\"ok\",\"sequence\":4");
	assert_ot_says(kit, "\"text\":\"W84\"");
	ot_close(kit);
}

static uint64_t cut_by(struct ot_kit *kit)
{
	struct qw_parser_counters counters;
	qw_parser_counters(kit->pool, &counters);
	return counters.cut;
}

static void fields_beyond_the_bound_are_counted(void **state)
{
	for (unsigned fields = 32; fields <= 33; fields++) {
		struct marine talk = {.len = 0};
		char sentence[128] = "$GPHDT";
		for (unsigned i = 0; i < fields; i++)
			memcpy(sentence + strlen(sentence), ",", 2);
		marine_say(&talk, sentence);
		struct ot_kit *kit = send(&talk);
		assert_int_equal(lines_of(kit), 1);
		assert_int_equal(cut_by(kit), fields - 32);
		ot_close(kit);
	}
}

/* Magnetic, with deviation and variation: 101.1 - 0.5 + 7.1. */
static void a_compass_is_put_right_where_it_says_how(void **state)
{
	struct qw_position at = position_of("$HCHDG,101.1,0.5,W,7.1,E");
	assert_int_equal(at.heading, 10770);
	assert_false(at.has & QW_POSITION_MAGNETIC);
	at = position_of("$HCHDG,101.1,,,,");
	assert_int_equal(at.heading, 10110);
	assert_true(at.has & QW_POSITION_MAGNETIC);
	assert_int_equal(position_of("$HCHDG,1.0,,,3.5,W").heading, 35750);
}

static void what_is_invalid_has_no_quality(void **state)
{
	struct qw_position at = position_of("$GPRMC,123519,V,4807.038,N,01131.000,E,,,230394,,,A");
	assert_true(at.has & QW_POSITION_QUALITY);
	assert_int_equal(at.quality, QW_QUALITY_NONE);
	assert_int_equal(position_of("$GPRMC,123519,A,4807.038,N,01131.000,E,,,230394,,,S").quality, QW_QUALITY_SIMULATED);
	assert_int_equal(position_of("$GPVTG,1.0,T,,M,2.0,N,3.7,K,D").quality, QW_QUALITY_DIFFERENTIAL);
	assert_int_equal(position_of("$GNGNS,014035,4332.6,S,17235.4,E,NF,13,0.9,,,,").quality, QW_QUALITY_RTK_FLOAT);
}

/* Each of them once, by a field that cannot be. */
static void nonsense_is_left_out(void **state)
{
	assert_false(position_of("$GPGLL,9000.01,N,00401.2,E,120000,A").has & QW_POSITION_PLACE);
	assert_true(position_of("$GPGLL,9000.00,N,00401.2,E,120000,A").has & QW_POSITION_PLACE);
	assert_false(position_of("$GPGLL,5160.00,N,00401.2,E,120000,A").has & QW_POSITION_PLACE);
	assert_false(position_of("$GPGLL,5157.1,X,00401.2,E,120000,A").has & QW_POSITION_PLACE);
	assert_false(position_of("$GPGLL,5157.1,N,18000.1,E,120000,A").has & QW_POSITION_PLACE);
	assert_false(position_of("$GPGLL,5157.1,N,,E,120000,A").has & QW_POSITION_PLACE);
	assert_false(position_of("$GPGLL,5157.1,N,00401.2,E,240000,A").has & QW_POSITION_TIME);
	assert_true(position_of("$GPGLL,5157.1,N,00401.2,E,235960,A").has & QW_POSITION_TIME);
	assert_false(position_of("$GPGLL,5157.1,N,00401.2,E,126000,A").has & QW_POSITION_TIME);
	assert_false(position_of("$GPZDA,120000,30,02,2026,00,00").has & QW_POSITION_DATE);
	assert_false(position_of("$GPZDA,120000,01,13,2026,00,00").has & QW_POSITION_DATE);
	assert_false(position_of("$GPHDT,360.1,T").has & QW_POSITION_HEADING);
	assert_false(position_of("$GPHDT,-1,T").has & QW_POSITION_HEADING);
	assert_false(position_of("$GPHDT,1e2,T").has & QW_POSITION_HEADING);
	assert_false(position_of("$GPVTG,1.0,T,,M,99999999999999,N,3.7,K").has & QW_POSITION_SPEED);
}

static void an_event_has_decimals(void **state)
{
	struct marine talk = {.len = 0};
	marine_say(&talk, "$GPRMC,065058.781,A,5156.910006,N,00407.230000,W,0.5,16.5,041023,,,A");
	struct ot_kit *kit = play(&talk);
	assert_int_equal(kit->flow.app, QW_APP_NMEA);
	assert_ot_says(kit, "nmea.talker=4750 nmea.formatter=524d43 nmea.data=");
	assert_ot_says(kit, "\"ot\":{\"protocol\":\"nmea\",\"kind\":\"RMC\",\"direction\":\"response\",\"status\":\"ok\","
			    "\"time\":\"06:50:58.781\",\"talker\":\"GP\","
			    "\"fields\":\"065058.781,A,5156.910006,N,00407.230000,W,0.5,16.5,041023,,,A\","
			    "\"date\":\"2023-10-04\",\"latitude\":51.9485001,\"longitude\":-4.1205,\"speed\":0.5,\"course\":16.5,"
			    "\"quality\":1}\n");
	ot_close(kit);
}

/* ---- lines */

static void several_sentences_come_in_order_however_they_are_cut(void **state)
{
	struct marine talk = {.len = 0};
	marine_say(&talk, "$GPHDT,16.5,T");
	marine_say(&talk, "$IIVHW,16.5,T,16.5,M,5.0,N,9.3,K");
	marine_say(&talk, "$PGRME,15.0,M,45.0,M,25.0,M");
	marine_say(&talk, "$CCGPQ,GGA");
	marine_say(&talk, "$FEALR,120000,301,A,V,Fire door 7");
	struct ot_kit *kit = play(&talk);
	assert_int_equal(lines_of(kit), 5);
	assert_ot_says(kit, "\"kind\":\"HDT\"");
	assert_ot_says(kit, "\"kind\":\"GRME\",\"direction\":\"response\",\"status\":\"ok\",\"talker\":\"P\","
			    "\"fields\":\"15.0,M,45.0,M,25.0,M\",\"vendor\":\"GRM\"}");
	assert_ot_says(kit, "\"kind\":\"GPQ\",\"direction\":\"request\",\"talker\":\"CC\"");
	assert_ot_says(kit, "\"text\":\"Fire door 7\"");
	ot_close(kit);
	kit = send(&talk);
	assert_int_equal(lines_of(kit), 5);
	ot_close(kit);
}

static void a_wrong_checksum_is_told_and_the_sentence_not_believed(void **state)
{
	struct marine talk = {.len = 0};
	marine_say(&talk, "$GPGLL,4916.45,N,12311.12,W,225444,A,*1D");
	marine_say(&talk, "$GPGLL,4917.45,N,12311.12,W,225444,A,*1D");
	marine_say(&talk, "$GPGLL,4917.45,N,12311.12,W,225444,A,*1");
	marine_say(&talk, "$GPGLL,4917.45,N,12311.12,W,225444,A,*");
	struct ot_kit *kit = play(&talk);
	assert_int_equal(ot_raised(kit, QW_AE_NMEA_BAD_CHECKSUM), 3);
	assert_ot_says(kit, "\"kind\":\"GLL\",\"direction\":\"response\",\"status\":\"error\",\"indications\":\"bad_checksum\"");
	assert_ot_says(kit, "\"latitude\":49.2741667");
	assert_ot_silent(kit, "49.29");
	ot_close(kit);
}

static void a_sentence_may_have_no_checksum(void **state)
{
	static const char bare[] = "$GPHDT,16.5,T\r\n";
	struct ot_kit *kit = ot_play_everywhere(PORT, QW_TO_CLIENT, bare, sizeof(bare) - 1);
	assert_ot_says(kit, "\"indications\":\"no_checksum\"");
	assert_ot_says(kit, "\"heading\":16.5");
	assert_int_equal(ot_raised(kit, QW_AE_NMEA_BAD_CHECKSUM), 0);
	ot_close(kit);
}

/* 82 bytes with the end of the line are allowed, 83 are not. */
static void long_lines_are_told(void **state)
{
	char sentence[96];
	for (size_t len = 81; len <= 84; len++) {
		struct marine talk = {.len = 0};
		memset(sentence, 'x', sizeof(sentence));
		memcpy(sentence, "$GPTXT,01,01,01,", 16);
		sentence[len - 5] = 0;
		marine_say(&talk, sentence);
		assert_int_equal(talk.len, len);
		struct ot_kit *kit = play(&talk);
		assert_int_equal(ot_raised(kit, QW_AE_NMEA_TOO_LONG), len > 82);
		ot_close(kit);
	}
}

static void an_endless_line_is_told_once_and_what_follows_is_read(void **state)
{
	char endless[5000];
	struct marine talk = {.len = 0};
	memset(endless, 'x', sizeof(endless));
	memcpy(endless, "$GPTXT,01,01,01,", 16);
	marine_say(&talk, "$GPHDT,16.5,T");
	marine_put(&talk, endless, sizeof(endless));
	marine_put(&talk, "\r\n", 2);
	marine_say(&talk, "$GPHDT,17.5,T");
	struct ot_kit *kit = play(&talk);
	assert_int_equal(lines_of(kit), 3);
	assert_int_equal(ot_raised(kit, QW_AE_NMEA_TOO_LONG), 1);
	assert_ot_says(kit, "\"heading\":17.5");
	ot_close(kit);
	kit = send(&talk);
	assert_int_equal(lines_of(kit), 3);
	ot_close(kit);
}

static void illegal_bytes_and_addresses_are_told(void **state)
{
	static const char *const illegal[] = {"$GPTXT,01,01,01,a\x01", "$GPTXT,01,01,01,$GPHDT", "$GPTX,01", "$gptxt,01,01", "$,1"};
	for (size_t i = 0; i < sizeof(illegal) / sizeof(*illegal); i++) {
		struct marine talk = {.len = 0};
		marine_say(&talk, "$GPHDT,16.5,T");
		marine_say(&talk, illegal[i]);
		struct ot_kit *kit = play(&talk);
		assert_int_equal(lines_of(kit), 2);
		assert_int_equal(ot_raised(kit, QW_AE_NMEA_MALFORMED), 1);
		ot_close(kit);
	}
}

/* ---- IEC 61162-450 */

static struct marine begun(void)
{
	struct marine talk = {.len = 0};
	marine_put(&talk, "UdPbC", 6);
	return talk;
}

static void tags_name_the_source_and_number_its_lines(void **state)
{
	struct marine talk = begun();
	marine_say_as(&talk, "g:1-2-34,s:GP0001,d:IN0001,n:998,c:1700000000", "$GPHDT,16.5,T");
	marine_say_as(&talk, "s:GP0001,n:999", "$GPHDT,17.5,T");
	marine_say_as(&talk, "s:HE0001,n:5", "$HEHDT,18.5,T");
	marine_say_as(&talk, "s:GP0001,n:1", "$GPHDT,19.5,T");
	struct ot_kit *kit = send(&talk);
	assert_int_equal(kit->flow.app, QW_APP_NMEA);
	assert_ot_says(kit, "\"sequence\":998,\"talker\":\"GP\",\"sender\":\"GP0001\",\"receiver\":\"IN0001\",\"group\":\"1-2-34\"");
	assert_int_equal(ot_raised(kit, QW_AE_NMEA_SEQUENCE_GAP), 0);
	talk = begun();
	marine_say_as(&talk, "s:GP0001,n:4", "$GPHDT,20.5,T");
	marine_say_as(&talk, "s:GP0001,n:4", "$GPHDT,20.5,T");
	marine_say_as(&talk, "s:GP0001,n:3", "$GPHDT,21.5,T");
	ot_feed(kit, QW_TO_SERVER, talk.at, talk.len);
	assert_int_equal(ot_raised(kit, QW_AE_NMEA_SEQUENCE_GAP), 1);
	assert_ot_says(kit, "\"sequence\":4,\"missing\":2");
	ot_close(kit);
}

static void a_damaged_block_of_tags_is_not_believed(void **state)
{
	struct marine talk = begun();
	marine_put(&talk, "\\s:GP0001,n:1*00\\", 17);
	marine_say(&talk, "$GPHDT,16.5,T");
	struct ot_kit *kit = send(&talk);
	assert_int_equal(ot_raised(kit, QW_AE_NMEA_BAD_CHECKSUM), 1);
	assert_ot_says(kit, "\"indications\":\"bad_tag_block\",\"talker\":\"GP\",\"fields\"");
	assert_ot_says(kit, "\"heading\":16.5");
	ot_close(kit);
}

static void files_are_told_by_their_heads(void **state)
{
	static const char file[] = "RaUdP\0\0\x01 and what follows";
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, 60021, QW_OT_WANT_EVENTS);
	ot_feed(kit, QW_TO_SERVER, file, sizeof(file) - 1);
	assert_ot_says(kit, "\"kind\":\"binary_file\",\"direction\":\"response\",\"status\":\"ok\",\"quantity\":19}");
	ot_close(kit);
}

static void lines_may_be_numbered_by_nobody(void **state)
{
	struct marine talk = begun();
	marine_say_as(&talk, "n:1", "$GPHDT,16.5,T");
	marine_say_as(&talk, "n:4", "$GPHDT,16.5,T");
	struct ot_kit *kit = send(&talk);
	assert_int_equal(ot_raised(kit, QW_AE_NMEA_SEQUENCE_GAP), 1);
	ot_close(kit);
}

/* More sources than are kept: the oldest is forgotten, none is mixed up with another. */
static void sources_are_bounded(void **state)
{
	struct ot_kit *kit = NULL;
	for (unsigned round = 1; round <= 2; round++) {
		struct marine talk = begun();
		char tags[32];
		for (unsigned i = 0; i < 20; i++) {
			snprintf(tags, sizeof(tags), "s:GP%04u,n:%u", i, round);
			marine_say_as(&talk, tags, "$GPHDT,16.5,T");
		}
		kit = kit ? kit : ot_open(QW_PROTO_UDP, 60001, QW_OT_WANT_FIELDS);
		ot_feed(kit, QW_TO_SERVER, talk.at, talk.len);
	}
	assert_int_equal(lines_of(kit), 40);
	assert_int_equal(cut_by(kit), 32);
	assert_int_equal(ot_raised(kit, QW_AE_NMEA_SEQUENCE_GAP), 0);
	ot_close(kit);
}

/* ---- which flows are taken */

static bool is_taken(uint8_t proto, uint16_t port, const char *data)
{
	struct ot_kit *kit = ot_open(proto, port, QW_OT_WANT_EVENTS);
	ot_feed(kit, QW_TO_CLIENT, data, strlen(data));
	bool taken = kit->flow.app == QW_APP_NMEA;
	ot_close(kit);
	return taken;
}

static void other_texts_are_not_taken_for_sentences(void **state)
{
	static const char *const others[] = {
		"$Lock EXTENDEDPROTOCOL Pk=x|\r\n", "!shebang\r\n", "$100 is the price, or so\r\n", "\\\\server\\share\r\n",
		"$GPXYZ,1,2\r\n", "$GPXYZ,1,2*00\r\n", "hello\r\n", "$\r\n", "$ABCDEFGHIJKL\r\n",
	};
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		assert_false(is_taken(QW_PROTO_UDP, 3100, others[i]));
		assert_false(is_taken(QW_PROTO_TCP, 4001, others[i]));
	}
	assert_true(is_taken(QW_PROTO_UDP, 3100, "$GPXYZ,1,2*4F\r\n"));
	assert_true(is_taken(QW_PROTO_TCP, 4001, "$GPHDT,16.5,T\r\n"));
}

static void a_stream_may_be_picked_up_inside_a_sentence(void **state)
{
	assert_true(is_taken(QW_PROTO_TCP, 4001, "16.5,T*10\r\n$GPHDT,16.5,T*10\r\n"));
	assert_true(is_taken(QW_PROTO_TCP, PORT, "ready\r\n$GPHDT,16.5,T*10\r\n"));
	assert_false(is_taken(QW_PROTO_TCP, 4001, "ready\r\n$GPHDT,16.5,T*10\r\n"));
}

static void a_stream_that_turns_into_something_else_is_left(void **state)
{
	struct marine talk = {.len = 0};
	marine_say(&talk, "$GPHDT,16.5,T");
	for (unsigned i = 0; i < 15; i++)
		marine_put(&talk, "junk\r\n", 6);
	marine_say(&talk, "$GPHDT,17.5,T");
	struct ot_kit *kit = play(&talk);
	assert_ot_says(kit, "\"heading\":17.5");
	ot_close(kit);
	for (unsigned i = 0; i < 16; i++)
		marine_put(&talk, "junk\r\n", 6);
	kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_EVENTS);
	ot_feed(kit, QW_TO_CLIENT, talk.at, talk.len);
	assert_true(kit->flow.flags & QW_FLOW_NO_PARSER);
	ot_close(kit);
}

static void nobody_who_looks_costs_no_parser(void **state)
{
	struct marine talk = {.len = 0};
	marine_say(&talk, "$GPHDT,16.5,T");
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, 3100, 0);
	ot_feed(kit, QW_TO_SERVER, talk.at, talk.len);
	assert_int_equal(kit->flow.app, QW_APP_NMEA);
	assert_null(kit->flow.parser);
	assert_int_equal(kit->log.len, 0);
	ot_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences_say_where_and_how_well),
		cmocka_unit_test(sentences_say_when_and_whither),
		cmocka_unit_test(satellites_in_view_say_how_strong_they_are),
		cmocka_unit_test(calls_and_alarms_have_their_numbers),
		cmocka_unit_test(fields_beyond_the_bound_are_counted),
		cmocka_unit_test(a_compass_is_put_right_where_it_says_how),
		cmocka_unit_test(what_is_invalid_has_no_quality),
		cmocka_unit_test(nonsense_is_left_out),
		cmocka_unit_test(an_event_has_decimals),
		cmocka_unit_test(several_sentences_come_in_order_however_they_are_cut),
		cmocka_unit_test(a_wrong_checksum_is_told_and_the_sentence_not_believed),
		cmocka_unit_test(a_sentence_may_have_no_checksum),
		cmocka_unit_test(long_lines_are_told),
		cmocka_unit_test(an_endless_line_is_told_once_and_what_follows_is_read),
		cmocka_unit_test(illegal_bytes_and_addresses_are_told),
		cmocka_unit_test(tags_name_the_source_and_number_its_lines),
		cmocka_unit_test(a_damaged_block_of_tags_is_not_believed),
		cmocka_unit_test(files_are_told_by_their_heads),
		cmocka_unit_test(lines_may_be_numbered_by_nobody),
		cmocka_unit_test(sources_are_bounded),
		cmocka_unit_test(other_texts_are_not_taken_for_sentences),
		cmocka_unit_test(a_stream_may_be_picked_up_inside_a_sentence),
		cmocka_unit_test(a_stream_that_turns_into_something_else_is_left),
		cmocka_unit_test(nobody_who_looks_costs_no_parser),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

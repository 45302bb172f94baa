/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_kit.h"

#include "sensor/watch/positions/ais_watch.h"

enum { SHIP = 211234560, COAST = 2111234, AID = 992111234 };

static uint32_t sid(enum qw_ais_finding which)
{
	return QW_FINDING_AIS + which;
}

static void start(struct watch_kit *kit)
{
	watch_kit_start(kit, &qw_ais_watch, "watch = { again = 0; ais = { learn = 60; }; };");
}

static struct qw_seen message(struct watch_kit *kit, uint64_t mmsi, int64_t type)
{
	struct qw_seen seen = watch_kit_ot(kit, "10.1.8.1", "10.1.8.9", 4001, "ais", QW_SEEN_NO_NUMBER);

	seen.ot.kind = watch_kit_slice("message");
	seen.ot.message_type = type;
	seen.ot.mmsi = mmsi;
	return seen;
}

static void show(struct watch_kit *kit, uint64_t mmsi, int64_t type)
{
	struct qw_seen seen = message(kit, mmsi, type);

	watch_kit_show(kit, &seen);
}

static void show_place(struct watch_kit *kit, double latitude, double longitude)
{
	struct qw_seen seen = message(kit, SHIP, 1);

	seen.ot.has_position = true;
	seen.ot.latitude = (int32_t)(latitude * 1e7);
	seen.ot.longitude = (int32_t)(longitude * 1e7);
	seen.ot.speed = 120;
	watch_kit_show(kit, &seen);
}

static void numbers_are_of_the_kinds_that_there_are(void **state)
{
	static const struct {
		uint64_t mmsi;
		enum qw_mmsi_kind kind;
	} rows[] = {
		{SHIP, QW_MMSI_SHIP}, {COAST, QW_MMSI_COAST}, {AID, QW_MMSI_AID}, {21112345, QW_MMSI_GROUP},
		{111211123, QW_MMSI_AIRCRAFT}, {821112345, QW_MMSI_HANDHELD}, {982111234, QW_MMSI_CRAFT},
		{970123456, QW_MMSI_DISTRESS}, {972123456, QW_MMSI_DISTRESS}, {974123456, QW_MMSI_DISTRESS},
		{0, QW_MMSI_INVALID}, {1, QW_MMSI_INVALID}, {123456789, QW_MMSI_INVALID}, {200999999, QW_MMSI_INVALID},
		{776000000, QW_MMSI_INVALID}, {999999999, QW_MMSI_INVALID}, {1073741823, QW_MMSI_INVALID},
		{111111111, QW_MMSI_INVALID}, {998000000, QW_MMSI_INVALID},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(qw_mmsi_kind(rows[i].mmsi), rows[i].kind);
}

static void a_wrong_number_is_told_after_three_messages(void **state)
{
	struct watch_kit kit;

	start(&kit);
	show(&kit, 123456789, 1);
	show(&kit, 123456789, 1);
	assert_int_equal(kit.told_count, 0);
	show(&kit, 123456789, 1);
	show(&kit, 123456789, 1);
	assert_int_equal(watch_kit_told(&kit, sid(QW_AIS_BAD_MMSI)), 1);
	watch_kit_stop(&kit);
}

static void a_ship_that_is_relayed_late_and_doubled_is_silent(void **state)
{
	struct watch_kit kit;

	start(&kit);
	for (unsigned i = 0; i < 300; i++) { /* 12 knots; each report twice, the second one 25 s old */
		watch_kit_pass(&kit, 3);
		show_place(&kit, 53.5 + i * 0.000167, 9.9);
		show_place(&kit, 53.5 + (i < 8 ? 0 : i - 8) * 0.000167, 9.9);
	}
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void one_number_at_two_places_in_turn_is_two_stations(void **state)
{
	struct watch_kit kit;

	start(&kit);
	for (unsigned i = 0; i < 6; i++) {
		watch_kit_pass(&kit, 10);
		show_place(&kit, 53.5, 9.9);
		watch_kit_pass(&kit, 10);
		show_place(&kit, 54.1, 9.9);
	}
	assert_int_equal(watch_kit_told(&kit, sid(QW_AIS_DUPLICATE)) > 0, 1);
	assert_int_equal(watch_kit_told(&kit, sid(QW_AIS_JUMP)), 0);
	watch_kit_stop(&kit);
}

static void a_place_that_was_wrong_now_and_then_is_nothing(void **state)
{
	struct watch_kit kit;

	start(&kit);
	for (unsigned i = 0; i < 60; i++) {
		watch_kit_pass(&kit, 10);
		show_place(&kit, 53.5, 9.9);
		watch_kit_pass(&kit, 1);
		if (i % 10 == 5)
			show_place(&kit, i, 9.9); /* somewhere else each time */
	}
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void faster_than_any_ship_is_told_once_it_stays(void **state)
{
	struct watch_kit kit;

	start(&kit);
	for (unsigned i = 0; i < 10; i++) {
		watch_kit_pass(&kit, 10);
		show_place(&kit, 53.5, 9.9);
	}
	for (unsigned i = 0; i < 10; i++) {
		watch_kit_pass(&kit, 10);
		show_place(&kit, 53.6, 9.9); /* 11 km */
		assert_int_equal(watch_kit_told(&kit, sid(QW_AIS_JUMP)), i >= 4);
	}
	watch_kit_stop(&kit);
}

static void a_base_stations_messages_from_a_ship_are_told_at_once(void **state)
{
	static const int64_t types[] = {4, 16, 17, 20, 22, 23};
	struct watch_kit kit;

	start(&kit);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		show(&kit, COAST, types[i]);
		assert_int_equal(watch_kit_told(&kit, sid(QW_AIS_CONTROL_BY_SHIP)), i);
		show(&kit, SHIP, types[i]);
		show(&kit, SHIP, types[i]);
		assert_int_equal(watch_kit_told(&kit, sid(QW_AIS_CONTROL_BY_SHIP)), i + 1);
	}
	assert_int_equal(kit.told_count, 6);
	watch_kit_stop(&kit);
}

static void what_base_stations_never_did_is_told_after_learning(void **state)
{
	struct watch_kit kit;

	start(&kit);
	show(&kit, COAST, 4);
	show(&kit, COAST, 20);
	watch_kit_pass(&kit, 61);
	show(&kit, COAST, 20);
	assert_int_equal(kit.told_count, 0);
	show(&kit, COAST, 22);
	assert_int_equal(watch_kit_told(&kit, sid(QW_AIS_NEW_CONTROL)), 1);
	show(&kit, COAST + 1, 4);
	assert_int_equal(watch_kit_told(&kit, sid(QW_AIS_NEW_STATION)), 1);
	watch_kit_stop(&kit);
}

static void aids_to_navigation_that_are_new_or_misnumbered_are_told(void **state)
{
	struct watch_kit kit;
	struct qw_seen seen;

	start(&kit);
	show(&kit, AID, 21);
	show(&kit, SHIP, 21);
	assert_int_equal(watch_kit_told(&kit, sid(QW_AIS_AID_NUMBER)), 1);
	watch_kit_pass(&kit, 61);
	show(&kit, AID, 21);
	assert_int_equal(kit.told_count, 1);
	show(&kit, AID + 1, 21);
	assert_int_equal(watch_kit_told(&kit, sid(QW_AIS_NEW_AID)), 1);
	seen = message(&kit, AID + 2, 21);
	seen.ot.indications = watch_kit_slice("virtual,off_position");
	watch_kit_show(&kit, &seen);
	assert_int_equal(watch_kit_told(&kit, sid(QW_AIS_NEW_VIRTUAL_AID)), 1);
	watch_kit_stop(&kit);
}

static void messages_with_a_wrong_checksum_say_nothing(void **state)
{
	struct watch_kit kit;

	start(&kit);
	struct qw_seen seen = message(&kit, SHIP, 22);
	seen.ot.indications = watch_kit_slice("bad_checksum");
	watch_kit_show(&kit, &seen);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_of_the_kinds_that_there_are),
		cmocka_unit_test(a_wrong_number_is_told_after_three_messages),
		cmocka_unit_test(a_ship_that_is_relayed_late_and_doubled_is_silent),
		cmocka_unit_test(one_number_at_two_places_in_turn_is_two_stations),
		cmocka_unit_test(a_place_that_was_wrong_now_and_then_is_nothing),
		cmocka_unit_test(faster_than_any_ship_is_told_once_it_stays),
		cmocka_unit_test(a_base_stations_messages_from_a_ship_are_told_at_once),
		cmocka_unit_test(what_base_stations_never_did_is_told_after_learning),
		cmocka_unit_test(aids_to_navigation_that_are_new_or_misnumbered_are_told),
		cmocka_unit_test(messages_with_a_wrong_checksum_say_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

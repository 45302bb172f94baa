/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/positions/ais_watch.h"
#include "sensor/watch/positions/positions.h"

#include "watch_kit.h"

static const char HOST[] = "10.1.7.4";
static const double LAT = 53.54010, LON = 9.97010;
static const double METRE = 1 / 111195.0; /* degrees of latitude */

static uint32_t sid(enum qw_position_finding which)
{
	return QW_FINDING_POSITIONS + which;
}

static void start(struct watch_kit *kit)
{
	watch_kit_start(kit, &qw_positions_watch, "watch = { again = 0; positions = { learn = 60; }; };");
}

struct report {
	const char *host, *sender;
	double north, east, knots; /* metres from the place */
	int quality, satellites, hdop;
	double late;     /* seconds by which the receiver's time is behind */
	const char *kind;
};

static const struct report GOOD = {HOST, "GP0001", 0, 0, 0, 1, 9, 90, 0.2, "GGA"};

static struct qw_seen seen_of(struct watch_kit *kit, const struct report *report, char clock[24])
{
	struct qw_seen seen = watch_kit_position(kit, report->host, "GP", LAT + report->north * METRE, LON + report->east * METRE / 0.5943,
						 report->knots, 0);
	int64_t ms = kit->now.ns / QW_NS_PER_MS - (int64_t)(report->late * 1000);

	ms %= 86400000;
	snprintf(clock, 24, "%02d:%02d:%02d.%03d", (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));
	seen.ot.kind = watch_kit_slice(report->kind);
	seen.ot.clock = watch_kit_slice(clock);
	seen.ot.sender = watch_kit_slice(report->sender);
	seen.ot.quality = report->quality;
	seen.ot.satellites = report->satellites;
	seen.ot.hdop = report->hdop;
	seen.ot.has_position = report->quality != 0;
	return seen;
}

static void show(struct watch_kit *kit, const struct report *report)
{
	char clock[24];
	struct qw_seen seen = seen_of(kit, report, clock);

	watch_kit_show(kit, &seen);
}

/* One a second; each is `step` metres to north of the one before, from the report's place on. */
static void show_seconds(struct watch_kit *kit, struct report report, unsigned seconds, double step)
{
	for (unsigned i = 0; i < seconds; i++) {
		watch_kit_pass(kit, 1);
		show(kit, &report);
		report.north += step;
	}
}

static void a_receiver_that_stands_or_drives_is_silent(void **state)
{
	struct watch_kit kit;
	struct report report = GOOD;

	start(&kit);
	report.knots = 10;
	show_seconds(&kit, report, 200, 5.14);
	report.north = 200 * 5.14;
	report.knots = 0.1;
	show_seconds(&kit, report, 200, 0);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void a_jump_that_stays_is_told_once(void **state)
{
	struct watch_kit kit;
	struct report report = GOOD;

	start(&kit);
	show_seconds(&kit, report, 20, 0.5);
	report.east = 400;
	show_seconds(&kit, report, 20, 0.5);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_JUMP)), 1);
	watch_kit_stop(&kit);
}

static void outliers_late_and_doubled_sentences_are_no_jump(void **state)
{
	struct watch_kit kit;
	struct report report = GOOD, far = GOOD;

	start(&kit);
	far.north = 5000;
	for (unsigned i = 0; i < 60; i++) {
		watch_kit_pass(&kit, 1);
		report.knots = 20;
		report.north = i * 10.3;
		show(&kit, &report);
		show(&kit, &report);
		if (i % 3 == 0)
			show(&kit, &far); /* of the same moment */
		struct report late = report;
		late.late += 5;
		late.north -= 51.5;
		show(&kit, &late);
		if (i % 10 == 0) {
			watch_kit_pass(&kit, 0.5);
			show(&kit, &far);
		}
	}
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void two_receivers_that_share_a_stream_do_not_jump(void **state)
{
	struct watch_kit kit;
	struct report a = GOOD, b = GOOD;

	start(&kit);
	a.sender = b.sender = "";
	b.north = 300;
	for (unsigned i = 0; i < 120; i++) {
		watch_kit_pass(&kit, 1);
		show(&kit, &a);
		watch_kit_pass(&kit, 0.1);
		show(&kit, &b);
	}
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void a_place_that_was_not_seen_for_long_is_no_jump(void **state)
{
	struct watch_kit kit;
	struct report report = GOOD;

	start(&kit);
	show_seconds(&kit, report, 10, 1);
	watch_kit_pass(&kit, 700);
	report.north = 30000;
	show_seconds(&kit, report, 10, 1);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_JUMP)), 0);
	watch_kit_stop(&kit);
}

static void speed_with_a_place_that_stands_is_told_after_thirty(void **state)
{
	struct watch_kit kit;
	struct report report = GOOD;

	start(&kit);
	report.knots = 5;
	show_seconds(&kit, report, 30, 0);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_FROZEN)), 0);
	show_seconds(&kit, report, 20, 0);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_FROZEN)), 1);
	watch_kit_stop(&kit);
}

static void a_place_that_never_changes_is_told_only_if_asked_for(void **state)
{
	struct watch_kit kit;

	start(&kit);
	show_seconds(&kit, GOOD, 700, 0);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
	watch_kit_start(&kit, &qw_positions_watch, "watch = { positions = { still = true; }; };");
	show_seconds(&kit, GOOD, 700, 0);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_STILL)), 1);
	watch_kit_stop(&kit);
}

static void a_fixed_antenna_that_moves_is_told_beyond_its_radius_alone(void **state)
{
	static const char config[] = "watch = { again = 0; fixed = (\"10.1.7.4 53.54010 9.97010 5m\"); };";
	struct watch_kit kit;
	struct report report = GOOD;

	watch_kit_start(&kit, &qw_positions_watch, config);
	report.north = 40;
	show_seconds(&kit, report, 20, 0); /* 5 m, and 43 m for HDOP 0.9 */
	assert_int_equal(kit.told_count, 0);
	show_seconds(&kit, report, 100, 0.2);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_FIXED_MOVED)), 1);
	watch_kit_stop(&kit);
}

static void a_fixed_antenna_that_is_written_wrongly_is_refused(void **state)
{
	struct watch_kit kit;

	memset(&kit, 0, sizeof(kit));
	assert_int_equal(watch_kit_make(&kit, &qw_positions_watch, "watch = { fixed = (\"10.1.7.4 153.5 9.9 5m\"); };"), QW_EFORMAT);
	watch_kit_stop(&kit);
}

static void an_antenna_that_always_stood_still_is_told_when_it_drifts(void **state)
{
	struct watch_kit kit;

	start(&kit);
	show_seconds(&kit, GOOD, 90, 0);
	show_seconds(&kit, GOOD, 60, 1);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_LEARNT_MOVED)), 0);
	struct report report = GOOD;
	report.north = 60;
	show_seconds(&kit, report, 60, 1);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_LEARNT_MOVED)), 1);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_JUMP)), 0);
	watch_kit_stop(&kit);
}

static void what_creeps_while_it_is_learnt_is_no_antenna_that_stands(void **state)
{
	struct watch_kit kit;
	struct report report = GOOD;

	start(&kit);
	report.knots = 1;
	show_seconds(&kit, report, 70, 0.51);
	report.north = 36;
	show_seconds(&kit, report, 300, 0.51);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static const struct report LOST = {HOST, "GP0001", 0, 0, -1, 0, 0, 9999, 0.2, "GGA"};

static void satellites_lost_after_a_good_minute_are_told(void **state)
{
	struct watch_kit kit;

	start(&kit);
	show_seconds(&kit, GOOD, 70, 0);
	show_seconds(&kit, LOST, 8, 0);
	assert_int_equal(kit.told_count, 0);
	show_seconds(&kit, LOST, 30, 0);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_COLLAPSE)), 1);
	assert_int_equal(kit.told_count, 1);
	watch_kit_stop(&kit);
}

static void hdop_that_collapses_is_told_and_a_receiver_that_never_had_a_fix_is_not(void **state)
{
	struct watch_kit kit;
	struct report report = GOOD;

	start(&kit);
	show_seconds(&kit, LOST, 200, 0);
	assert_int_equal(kit.told_count, 0);
	show_seconds(&kit, GOOD, 100, 0);
	report.hdop = 1500;
	show_seconds(&kit, report, 20, 0);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_COLLAPSE)), 1);
	watch_kit_stop(&kit);
}

static void empty_fields_say_nothing(void **state)
{
	struct watch_kit kit;
	struct report empty = {HOST, "GP0001", 0, 0, -1, -1, -1, -1, 0, "GGA"};

	start(&kit);
	show_seconds(&kit, GOOD, 100, 0);
	for (unsigned i = 0; i < 60; i++) {
		char clock[24];
		watch_kit_pass(&kit, 1);
		struct qw_seen seen = seen_of(&kit, &empty, clock);
		seen.ot.has_position = false;
		seen.ot.clock = watch_kit_slice("");
		watch_kit_show(&kit, &seen);
	}
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

/* Receivers 10.1.7.1 … 4, 100 m from one another; what they say. */
static void show_fleet(struct watch_kit *kit, const struct report *base, unsigned receivers, unsigned seconds, bool same_place)
{
	static const char *const hosts[] = {"10.1.7.1", "10.1.7.2", "10.1.7.3", "10.1.7.4"};
	static const char *const senders[] = {"GP0001", "GP0002", "GP0003", "GP0004"};

	for (unsigned second = 0; second < seconds; second++) {
		watch_kit_pass(kit, 1);
		for (unsigned i = 0; i < receivers; i++) {
			struct report report = *base;
			report.host = hosts[i];
			report.sender = senders[i];
			report.east += same_place ? 0 : i * 100;
			show(kit, &report);
		}
	}
}

static void three_receivers_that_lose_satellites_at_once_are_jamming_and_two_are_not(void **state)
{
	for (unsigned receivers = 2; receivers <= 4; receivers++) {
		struct watch_kit kit;
		watch_kit_start(&kit, &qw_positions_watch, "");
		show_fleet(&kit, &GOOD, receivers, 70, false);
		show_fleet(&kit, &LOST, receivers, 30, false);
		assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_JAMMING)), receivers >= 3);
		watch_kit_stop(&kit);
	}
}

static void one_receiver_by_way_of_three_gateways_is_no_jamming(void **state)
{
	struct watch_kit kit;

	start(&kit);
	show_fleet(&kit, &GOOD, 4, 70, true);
	show_fleet(&kit, &LOST, 4, 30, true);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_JAMMING)), 0);
	watch_kit_stop(&kit);
}

static void three_receivers_that_are_shifted_alike_are_spoofing(void **state)
{
	for (unsigned same_place = 0; same_place < 2; same_place++) {
		struct watch_kit kit;
		struct report shifted = GOOD;
		watch_kit_start(&kit, &qw_positions_watch, "");
		shifted.north = 3000;
		show_fleet(&kit, &GOOD, 3, 30, false);
		show_fleet(&kit, &shifted, 3, 10, same_place);
		assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_SPOOFING)), 1);
		watch_kit_stop(&kit);
	}
}

static void a_step_of_the_receivers_time_is_told_and_a_late_burst_is_not(void **state)
{
	struct watch_kit kit;
	struct report report = GOOD;

	start(&kit);
	show_seconds(&kit, report, 90, 0);
	for (unsigned i = 0; i < 40; i++) { /* a link that queued 40 s of sentences */
		report.late = 40.2 - i;
		show(&kit, &report);
	}
	report.late = 1.5;
	show_seconds(&kit, report, 60, 0);
	assert_int_equal(kit.told_count, 0);
	report.late = -30;
	show_seconds(&kit, report, 5, 0);
	assert_int_equal(kit.told_count, 0);
	show_seconds(&kit, report, 30, 0);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_CLOCK)), 1);
	watch_kit_stop(&kit);
}

static void a_second_source_is_told_while_the_first_goes_on(void **state)
{
	struct watch_kit kit;
	struct report other = GOOD;

	start(&kit);
	show_seconds(&kit, GOOD, 70, 0);
	other.host = "10.1.7.66";
	watch_kit_pass(&kit, 0.5);
	show(&kit, &other);
	show(&kit, &other);
	assert_int_equal(kit.told_count, 0);
	show(&kit, &other);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_SECOND_SOURCE)), 1);
	watch_kit_stop(&kit);
}

static void a_spare_that_takes_over_and_gateways_that_were_always_two_are_no_second_source(void **state)
{
	struct watch_kit kit;
	struct report other = GOOD;

	start(&kit);
	other.host = "10.1.7.66";
	for (unsigned i = 0; i < 100; i++) {
		show_seconds(&kit, GOOD, 1, 0);
		show_seconds(&kit, other, 1, 0);
	}
	assert_int_equal(kit.told_count, 0);
	watch_kit_pass(&kit, 200);
	other.host = "10.1.7.67";
	show_seconds(&kit, other, 10, 0);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_SECOND_SOURCE)), 0);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_OTHER_SOURCE)), 1);
	watch_kit_stop(&kit);
}

static void show_bad(struct watch_kit *kit, unsigned count)
{
	struct qw_seen seen = watch_kit_ot(kit, HOST, "239.192.0.4", 60004, "nmea", QW_SEEN_NO_NUMBER);

	seen.ot.kind = watch_kit_slice("GGA");
	seen.ot.failed = true;
	seen.ot.indications = watch_kit_slice("bad_checksum too_long");
	watch_kit_repeats(&seen, 7, count, 0.1, 0.2);
	watch_kit_show(kit, &seen);
}

static void damaged_sentences_are_told_as_a_rate(void **state)
{
	struct watch_kit kit;

	start(&kit);
	show_bad(&kit, 29);
	watch_kit_pass(&kit, 61);
	show_bad(&kit, 29);
	assert_int_equal(kit.told_count, 0);
	show_bad(&kit, 0);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_STORM)), 1);
	watch_kit_stop(&kit);
}

static void groups_outside_of_the_plan_and_names_that_were_never_heard_are_told(void **state)
{
	struct watch_kit kit;
	char clock[24];

	start(&kit);
	show_seconds(&kit, GOOD, 70, 0);
	struct report report = GOOD;
	report.sender = "XX0009";
	show(&kit, &report);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_UNKNOWN_SENDER)), 1);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_OTHER_GROUP)), 0);
	struct qw_seen seen = seen_of(&kit, &GOOD, clock);
	seen.dst = watch_kit_end("239.192.0.4", 60005);
	watch_kit_show(&kit, &seen);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_OTHER_GROUP)), 1);
	seen.dst = watch_kit_end("239.1.0.4", 60005);
	watch_kit_show(&kit, &seen);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_OTHER_GROUP)), 1);
	watch_kit_stop(&kit);
}

static void files_are_told_of_hosts_that_sent_none_before(void **state)
{
	struct watch_kit kit;

	start(&kit);
	for (unsigned i = 0; i < 2; i++) {
		struct qw_seen seen = watch_kit_ot(&kit, i ? "10.1.7.9" : HOST, "239.192.0.21", 60021, "nmea", QW_SEEN_NO_NUMBER);
		seen.ot.kind = watch_kit_slice("binary_file");
		watch_kit_show(&kit, &seen);
		watch_kit_pass(&kit, 61);
		seen.time = kit.now;
		watch_kit_show(&kit, &seen);
		assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_BINARY)), i);
	}
	watch_kit_stop(&kit);
}

static void show_corrections(struct watch_kit *kit, const char *from, uint64_t print)
{
	struct qw_seen seen = watch_kit_ot(kit, from, "10.1.7.4", 5018, "rtcm", QW_SEEN_NO_NUMBER);

	seen.ot.kind = watch_kit_slice("station_position");
	watch_kit_repeats(&seen, print, 60, 0.9, 1.1);
	watch_kit_show(kit, &seen);
}

static void corrections_from_elsewhere_and_their_end_are_told(void **state)
{
	struct watch_kit kit;

	start(&kit);
	show_corrections(&kit, "10.1.9.1", 11);
	show_corrections(&kit, "10.1.9.1", 12);
	watch_kit_pass(&kit, 70);
	watch_kit_silent(&kit, 12, 15);
	show_corrections(&kit, "10.1.9.1", 11); /* one kind of message still comes */
	watch_kit_pass(&kit, 100);
	assert_int_equal(kit.told_count, 0);
	watch_kit_silent(&kit, 11, 15);
	watch_kit_pass(&kit, 100);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_CORRECTIONS_LOST)), 1);
	show_corrections(&kit, "10.1.9.66", 13);
	assert_int_equal(watch_kit_told(&kit, sid(QW_POSITION_CORRECTIONS_SOURCE)), 1);
	assert_int_equal(kit.told_count, 2);
	watch_kit_stop(&kit);
}

static void each_finding_has_its_section(void **state)
{
	enum { PAGE_MAX = 32 * 1024 };
	static const struct qw_watcher_ops *const ops[] = {&qw_positions_watch, &qw_ais_watch};
	char path[512], head[256], *page = calloc(1, PAGE_MAX);
	const char *source = getenv("QW_SOURCE");

	assert_non_null(source);
	snprintf(path, sizeof(path), "%s/rules/packs/watch-positions.md", source);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(page, 1, PAGE_MAX - 1, file) > 0);
	fclose(file);
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		for (size_t row = 0; row < ops[i]->finding_count; row++) {
			snprintf(head, sizeof(head), "\n### 3:%u %s\n", ops[i]->findings[row].sid, ops[i]->findings[row].text);
			if (!strstr(page, head))
				fail_msg("no section:%s", head);
		}
	}
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_receiver_that_stands_or_drives_is_silent),
		cmocka_unit_test(a_jump_that_stays_is_told_once),
		cmocka_unit_test(outliers_late_and_doubled_sentences_are_no_jump),
		cmocka_unit_test(two_receivers_that_share_a_stream_do_not_jump),
		cmocka_unit_test(a_place_that_was_not_seen_for_long_is_no_jump),
		cmocka_unit_test(speed_with_a_place_that_stands_is_told_after_thirty),
		cmocka_unit_test(a_place_that_never_changes_is_told_only_if_asked_for),
		cmocka_unit_test(a_fixed_antenna_that_moves_is_told_beyond_its_radius_alone),
		cmocka_unit_test(a_fixed_antenna_that_is_written_wrongly_is_refused),
		cmocka_unit_test(an_antenna_that_always_stood_still_is_told_when_it_drifts),
		cmocka_unit_test(what_creeps_while_it_is_learnt_is_no_antenna_that_stands),
		cmocka_unit_test(satellites_lost_after_a_good_minute_are_told),
		cmocka_unit_test(hdop_that_collapses_is_told_and_a_receiver_that_never_had_a_fix_is_not),
		cmocka_unit_test(empty_fields_say_nothing),
		cmocka_unit_test(three_receivers_that_lose_satellites_at_once_are_jamming_and_two_are_not),
		cmocka_unit_test(one_receiver_by_way_of_three_gateways_is_no_jamming),
		cmocka_unit_test(three_receivers_that_are_shifted_alike_are_spoofing),
		cmocka_unit_test(a_step_of_the_receivers_time_is_told_and_a_late_burst_is_not),
		cmocka_unit_test(a_second_source_is_told_while_the_first_goes_on),
		cmocka_unit_test(a_spare_that_takes_over_and_gateways_that_were_always_two_are_no_second_source),
		cmocka_unit_test(damaged_sentences_are_told_as_a_rate),
		cmocka_unit_test(groups_outside_of_the_plan_and_names_that_were_never_heard_are_told),
		cmocka_unit_test(files_are_told_of_hosts_that_sent_none_before),
		cmocka_unit_test(each_finding_has_its_section),
		cmocka_unit_test(corrections_from_elsewhere_and_their_end_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

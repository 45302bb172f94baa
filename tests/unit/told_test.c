/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a worker tells the watch what is new, once a minute, and all that it did not tell is counted. */
#include "tests/unit/engine_kit.h"

#include "quaywatch/ot.h"
#include "sensor/detect/fingerprint.h"
#include "sensor/watch/seen.h"

enum { SEEN_MAX = 4096, TEXT_MAX = 48 };

/* What the watch would be shown. */
struct shown {
	struct qw_seen seen[SEEN_MAX];
	char app[SEEN_MAX][TEXT_MAX], name[SEEN_MAX][TEXT_MAX];
	size_t count;
};

static struct shown shown;
static bool only_count;

static void keep(char out[TEXT_MAX], struct qw_slice text)
{
	snprintf(out, TEXT_MAX, "%.*s", (int)text.len, (const char *)text.data);
}

static void take(void *ctx, const struct qw_event *event, size_t size)
{
	if (only_count) {
		shown.count++;
		return;
	}
	assert_true(shown.count < SEEN_MAX);
	struct qw_seen *seen = &shown.seen[shown.count];
	assert_int_equal(qw_seen_read(seen, event, size), QW_OK);
	keep(shown.app[shown.count], seen->app);
	keep(shown.name[shown.count], seen->dns_name.len ? seen->dns_name : seen->tls_sni);
	shown.count++;
}

static void run_types(struct room *room, uint32_t types, bool watch)
{
	struct qw_engine_options options = {.config = room->config, .interface = room_interface, .emit = take, .watch = watch, .types = types};
	struct qw_engine *engine;

	shown.count = 0;
	assert_int_equal(qw_engine_new(&engine, &options), QW_OK);
	qw_engine_adopt(engine, &room->ruleset);
	room_feed(room, engine);
	qw_engine_finish(engine);
	qw_engine_stats(engine, &room->stats);
	qw_engine_free(engine);
}

static void run(struct room *room)
{
	run_types(room, 0, true);
}

static void open_room(struct room *room)
{
	room_open(room, "alert tcp any any -> any any (content:\"nothing of this\"; sid:1;)");
	room_begin(room);
	room->capture.ns = UINT64_C(1000000000) << 10;
}

static unsigned count(enum qw_event_type type)
{
	unsigned sum = 0;
	for (size_t i = 0; i < shown.count; i++)
		sum += shown.seen[i].type == type;
	return sum;
}

/* The number'th of this type. */
static const struct qw_seen *of(enum qw_event_type type, unsigned number)
{
	for (size_t i = 0; i < shown.count; i++)
		if (shown.seen[i].type == type && number-- == 0)
			return &shown.seen[i];
	fail();
	return NULL;
}

static struct forge_talk modbus(struct room *room, uint16_t client_port)
{
	struct forge_talk talk;
	forge_talk_init(&talk, &room->capture, ROOM_CLIENT, client_port, ROOM_SERVER, 502);
	forge_talk_open(&talk);
	return talk;
}

static void ask(struct forge_talk *talk, uint8_t function, uint8_t address)
{
	static uint8_t transaction;
	uint8_t request[] = {0, ++transaction, 0, 0, 0, 6, 10, function, 0, address, 0, 3};
	forge_talk_say(talk, FORGE_CLIENT, request, sizeof(request), 0);
}

static void put_syn(struct room *room, const char *server, uint16_t port, bool refused)
{
	struct forge_packet packet;
	forge_begin(&packet);
	forge_ethernet(&packet);
	forge_ipv4(&packet, ROOM_CLIENT, server);
	forge_tcp(&packet, 40000, port, 1, 0, FORGE_SYN);
	forge_end(&packet);
	forge_capture_add(&room->capture, &packet);
	if (!refused)
		return;
	forge_begin(&packet);
	forge_ethernet(&packet);
	forge_ipv4(&packet, server, ROOM_CLIENT);
	forge_tcp(&packet, port, 40000, 0, 2, FORGE_RST | FORGE_ACK);
	forge_end(&packet);
	forge_capture_add(&room->capture, &packet);
}

static void a_poll_that_repeats_is_told_once_a_minute_with_its_period(void **state)
{
	enum { POLLS = 750 };
	struct room room;
	open_room(&room);
	struct forge_talk talk = modbus(&room, 40000);
	room.capture.step_ns = 50 * 1000000; /* request and acknowledgement */
	for (int i = 0; i < POLLS; i++)
		ask(&talk, 3, 7);
	run(&room);
	assert_int_equal(count(QW_EVENT_OT), 2);
	const struct qw_seen *first = of(QW_EVENT_OT, 0), *second = of(QW_EVENT_OT, 1);
	assert_true(first->watch_only);
	assert_int_equal(first->repeats, 0);
	assert_int_equal(first->ot.unit, 10);
	assert_int_equal(first->ot.address, 7);
	assert_in_range(second->time.ns - first->time.ns, 59 * QW_NS_PER_S, 61 * QW_NS_PER_S);
	assert_in_range(second->repeats, 585, 605);
	assert_in_range(second->shortest.ns, 99900000, 100000000);
	assert_in_range(second->longest.ns, 99900000, 100000000);
	assert_in_range(second->since.ns, INT64_C(59000000000), INT64_C(62000000000));
	assert_int_equal(room.stats.watch_kept_back, POLLS - 2);
	room_close(&room);
}

static const struct qw_seen *silence(void)
{
	for (size_t i = 0; i < shown.count; i++)
		if (shown.seen[i].silent.ns)
			return &shown.seen[i];
	return NULL;
}

/* 75 s of polls every 200 ms; then so many packets of somebody else, so far apart. */
static void poll_and_stop(struct room *room, unsigned others, uint64_t apart_ms)
{
	struct forge_talk talk = modbus(room, 40000);
	room->capture.step_ns = 100 * 1000000; /* request and acknowledgement */
	for (int i = 0; i < 375; i++)
		ask(&talk, 3, 7);
	room->capture.step_ns = apart_ms * 1000000;
	for (unsigned i = 0; i < others; i++)
		put_syn(room, ROOM_SERVER, (uint16_t)(1000 + i), false);
}

static void a_poll_that_stops_is_told_once_after_a_while(void **state)
{
	struct room room;
	open_room(&room);
	poll_and_stop(&room, 400, 50);
	run(&room);
	const struct qw_seen *silent = silence();
	assert_non_null(silent);
	assert_int_equal(silent->print, of(QW_EVENT_OT, 0)->print);
	assert_int_not_equal(silent->print, 0);
	assert_true(silent->watch_only && !silent->src.known);
	assert_in_range(silent->silent.ns, 5 * QW_NS_PER_S, 10 * QW_NS_PER_S);
	assert_int_equal(count(QW_EVENT_OT), 3);
	room_close(&room);
}

static void a_poll_that_goes_on_is_not_silent(void **state)
{
	struct room room;
	open_room(&room);
	poll_and_stop(&room, 80, 50); /* 4 s: it may still come */
	run(&room);
	assert_null(silence());
	room_close(&room);
}

static void where_nothing_comes_at_all_nobody_is_silent(void **state)
{
	struct room room;
	open_room(&room);
	poll_and_stop(&room, 1, 50);
	room.capture.ns += UINT64_C(3600) * 1000000000; /* another capture */
	for (uint16_t port = 5000; port < 5095; port++) /* 4.7 s: all rows are looked at */
		put_syn(&room, ROOM_SERVER, port, false);
	run(&room);
	assert_null(silence());
	room_close(&room);
}

static void another_function_address_or_unit_is_something_new(void **state)
{
	struct room room;
	open_room(&room);
	struct forge_talk talk = modbus(&room, 40000);
	ask(&talk, 3, 7);
	ask(&talk, 3, 7);
	ask(&talk, 4, 7);
	ask(&talk, 3, 8);
	ask(&talk, 3, 8);
	run(&room);
	assert_int_equal(count(QW_EVENT_OT), 3);
	assert_int_equal(of(QW_EVENT_OT, 1)->ot.function, 4);
	assert_int_equal(of(QW_EVENT_OT, 2)->ot.address, 8);
	room_close(&room);
}

static void an_answer_is_not_its_request_nor_a_refusal_an_answer(void **state)
{
	static const uint8_t good[] = {0, 1, 0, 0, 0, 5, 10, 3, 2, 0, 9}, refused[] = {0, 2, 0, 0, 0, 3, 10, 0x83, 2};
	struct room room;
	open_room(&room);
	struct forge_talk talk = modbus(&room, 40000);
	ask(&talk, 3, 7);
	forge_talk_say(&talk, FORGE_SERVER, good, sizeof(good), 0);
	ask(&talk, 3, 7);
	forge_talk_say(&talk, FORGE_SERVER, refused, sizeof(refused), 0);
	run(&room);
	assert_int_equal(count(QW_EVENT_OT), 3);
	assert_true(of(QW_EVENT_OT, 1)->ot.response && !of(QW_EVENT_OT, 1)->ot.failed);
	assert_false(of(QW_EVENT_OT, 1)->to_server);
	assert_true(of(QW_EVENT_OT, 2)->ot.failed);
	room_close(&room);
}

static void the_clients_port_makes_nothing_new(void **state)
{
	struct room room;
	open_room(&room);
	for (uint16_t port = 40000; port < 40010; port++) {
		struct forge_talk talk = modbus(&room, port);
		ask(&talk, 3, 7);
		forge_talk_close(&talk);
	}
	run(&room);
	assert_int_equal(count(QW_EVENT_OT), 1);
	assert_int_equal(count(QW_EVENT_FLOW), 2); /* the first one's begin and end */
	assert_true(of(QW_EVENT_FLOW, 0)->flow.begins && !of(QW_EVENT_FLOW, 0)->flow.ends);
	assert_true(!of(QW_EVENT_FLOW, 1)->flow.begins && of(QW_EVENT_FLOW, 1)->flow.ends);
	room_close(&room);
}

static void a_flow_begins_with_what_it_carries_and_its_macs(void **state)
{
	struct room room;
	open_room(&room);
	struct forge_talk talk = modbus(&room, 40000);
	ask(&talk, 3, 7);
	run(&room);
	const struct qw_seen *begins = of(QW_EVENT_FLOW, 0);
	assert_true(begins->flow.begins && begins->watch_only && begins->src.has_mac);
	assert_int_equal(begins->dst.port, 502);
	assert_int_equal(begins->src.port, 40000);
	assert_string_equal(shown.app[begins - shown.seen], "modbus");
	assert_int_equal(begins->flow_id, of(QW_EVENT_FLOW, 1)->flow_id);
	room_close(&room);
}

static void a_scan_is_told_port_by_port_whether_refused_or_not(void **state)
{
	struct room room;
	open_room(&room);
	for (uint16_t port = 1000; port < 1020; port++)
		put_syn(&room, ROOM_SERVER, port, port % 2);
	run(&room);
	unsigned begun = 0, at_once = 0;
	for (size_t i = 0; i < shown.count; i++) {
		begun += shown.seen[i].flow.begins;
		at_once += shown.seen[i].flow.begins && !shown.seen[i].flow.ends;
	}
	assert_int_equal(begun, 20);
	assert_int_equal(at_once, 10); /* that were refused; the others when they are given up */
	room_close(&room);
}

static void what_flows_carry_that_are_not_told_is_told_with_another(void **state)
{
	static const uint8_t data[1000];
	struct room room;
	open_room(&room);
	for (uint16_t port = 40000; port < 40100; port++) {
		struct forge_talk talk;
		forge_talk_init(&talk, &room.capture, ROOM_CLIENT, port, "203.0.113.9", 9999);
		forge_talk_open(&talk);
		forge_talk_say(&talk, FORGE_CLIENT, data, sizeof(data), 0);
		forge_talk_close(&talk);
	}
	run(&room);
	uint64_t bytes = 0;
	for (size_t i = 0; i < shown.count; i++)
		bytes += shown.seen[i].flow.ends ? shown.seen[i].flow.bytes[0] : 0;
	assert_in_range(count(QW_EVENT_FLOW), 3, 10);
	assert_in_range(bytes, 100 * 1000 - 66000, 100 * 1500);
	room_close(&room);
}

static void names_that_are_asked_for_are_told_when_they_are_new(void **state)
{
	static const uint8_t head[] = {0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
	static const char *const names[] = {"\3one\4test", "\3two\4test", "\3one\4test"};
	struct room room;
	open_room(&room);
	for (int i = 0; i < 3; i++) {
		struct forge_packet packet;
		forge_begin(&packet);
		forge_ethernet(&packet);
		forge_ipv4(&packet, ROOM_CLIENT, "10.1.1.53");
		forge_udp(&packet, (uint16_t)(5000 + i), 53);
		memcpy(forge_add(&packet, FORGE_DATA, sizeof(head)), head, sizeof(head));
		memcpy(forge_add(&packet, FORGE_DATA, strlen(names[i]) + 1), names[i], strlen(names[i]) + 1);
		memcpy(forge_add(&packet, FORGE_DATA, 4), "\0\1\0\1", 4);
		forge_end(&packet);
		forge_capture_add(&room.capture, &packet);
	}
	run(&room);
	assert_int_equal(count(QW_EVENT_DNS), 2);
	assert_string_equal(shown.name[of(QW_EVENT_DNS, 0) - shown.seen], "one.test");
	assert_string_equal(shown.name[of(QW_EVENT_DNS, 1) - shown.seen], "two.test");
	room_close(&room);
}

static void where_a_position_is_is_always_told(void **state)
{
	static const char line[] = "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n";
	struct room room;
	open_room(&room);
	for (int i = 0; i < 5; i++) {
		struct forge_packet packet;
		forge_begin(&packet);
		forge_ethernet(&packet);
		forge_ipv4(&packet, ROOM_CLIENT, "239.192.0.4");
		forge_udp(&packet, 60004, 60004);
		memcpy(forge_add(&packet, FORGE_DATA, sizeof(line) - 1), line, sizeof(line) - 1);
		forge_end(&packet);
		forge_capture_add(&room.capture, &packet);
	}
	run(&room);
	assert_int_equal(count(QW_EVENT_OT), 5);
	assert_true(of(QW_EVENT_OT, 4)->ot.has_position);
	room_close(&room);
}

static void where_people_want_such_events_all_come_and_begins_are_told(void **state)
{
	struct room room;
	open_room(&room);
	struct forge_talk talk = modbus(&room, 40000);
	for (int i = 0; i < 5; i++)
		ask(&talk, 3, 7);
	run_types(&room, 1u << QW_EVENT_OT | 1u << QW_EVENT_FLOW, true);
	assert_int_equal(count(QW_EVENT_OT), 5);
	assert_false(of(QW_EVENT_OT, 0)->watch_only);
	assert_int_not_equal(of(QW_EVENT_OT, 0)->print, 0); /* the one that is a telling, too */
	assert_int_equal(of(QW_EVENT_OT, 1)->print, 0);
	assert_int_equal(count(QW_EVENT_FLOW), 2);
	assert_true(of(QW_EVENT_FLOW, 0)->watch_only && of(QW_EVENT_FLOW, 0)->flow.begins);
	assert_true(!of(QW_EVENT_FLOW, 1)->watch_only && of(QW_EVENT_FLOW, 1)->flow.ends);
	room_close(&room);
}

static void without_a_watch_nothing_is_told(void **state)
{
	struct room room;
	open_room(&room);
	struct forge_talk talk = modbus(&room, 40000);
	ask(&talk, 3, 7);
	run_types(&room, 0, false);
	assert_int_equal(shown.count, 0);
	assert_int_equal(room.stats.watch_told + room.stats.watch_kept_back, 0);
	room_close(&room);
}

/* ---- fingerprints of details */

static uint64_t print_of(const struct qw_print_secret *secret, const struct qw_ot_detail *detail)
{
	static const struct qw_print_ends ends = {7, 9};
	struct qw_message message;
	qw_message_begin(&message, QW_APP_DNP3, QW_TO_SERVER, 1);
	message.detail = detail;
	return qw_print_message(secret, ends, &message);
}

static void sequence_value_and_time_make_nothing_new_but_objects_do(void **state)
{
	struct qw_print_secret secret = qw_print_secret_random();
	struct qw_ot_detail plain, noisy, other;
	qw_ot_begin(&plain, "dnp3", 1, NULL, false);
	qw_ot_number(&plain, QW_KEY_OT_UNIT, 4);
	noisy = other = plain;
	qw_ot_number(&noisy, QW_KEY_OT_SEQUENCE, 5);
	qw_ot_number(&noisy, QW_KEY_OT_VALUE, 6);
	qw_ot_text(&noisy, QW_KEY_OT_TIME, qw_slice_text("12:00:00"));
	qw_ot_text(&other, QW_KEY_OT_OBJECTS, qw_slice_text("12.1"));
	assert_int_equal(print_of(&secret, &noisy), print_of(&secret, &plain));
	assert_int_not_equal(print_of(&secret, &other), print_of(&secret, &plain));
	noisy.function = 2;
	assert_int_not_equal(print_of(&secret, &noisy), print_of(&secret, &plain));
}

static void the_same_number_in_another_place_is_something_new(void **state)
{
	struct qw_print_secret secret = qw_print_secret_random();
	struct qw_ot_detail one, other;
	qw_ot_begin(&one, "dnp3", 1, NULL, false);
	other = one;
	qw_ot_number(&one, QW_KEY_OT_ADDRESS, 4);
	qw_ot_number(&other, QW_KEY_OT_QUANTITY, 4);
	assert_int_not_equal(print_of(&secret, &one), print_of(&secret, &other));
}

/* Every packet something new: what goes beyond the allowance waits, and is counted. */
static void a_flood_of_new_things_does_not_take_the_ring(void **state)
{
	enum { FLOWS = 12000, ALLOWED = 10000 };
	struct room room;
	char address[32];
	open_room(&room);
	room_set(&room, "flow.count=65536");
	room.capture.step_ns = 1000;
	for (int i = 0; i < FLOWS; i++) {
		snprintf(address, sizeof(address), "10.2.%d.%d", i >> 8, i & 255);
		put_syn(&room, address, 80, false);
	}
	only_count = true;
	run(&room);
	only_count = false;
	assert_in_range(shown.count, ALLOWED, ALLOWED + 100);
	assert_int_equal(room.stats.watch_told, shown.count);
	assert_int_equal(room.stats.watch_shed, FLOWS - shown.count);
	room_close(&room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_poll_that_repeats_is_told_once_a_minute_with_its_period),
		cmocka_unit_test(a_poll_that_stops_is_told_once_after_a_while),
		cmocka_unit_test(a_poll_that_goes_on_is_not_silent),
		cmocka_unit_test(where_nothing_comes_at_all_nobody_is_silent),
		cmocka_unit_test(another_function_address_or_unit_is_something_new),
		cmocka_unit_test(an_answer_is_not_its_request_nor_a_refusal_an_answer),
		cmocka_unit_test(the_clients_port_makes_nothing_new),
		cmocka_unit_test(a_flow_begins_with_what_it_carries_and_its_macs),
		cmocka_unit_test(a_scan_is_told_port_by_port_whether_refused_or_not),
		cmocka_unit_test(what_flows_carry_that_are_not_told_is_told_with_another),
		cmocka_unit_test(names_that_are_asked_for_are_told_when_they_are_new),
		cmocka_unit_test(where_a_position_is_is_always_told),
		cmocka_unit_test(where_people_want_such_events_all_come_and_begins_are_told),
		cmocka_unit_test(without_a_watch_nothing_is_told),
		cmocka_unit_test(sequence_value_and_time_make_nothing_new_but_objects_do),
		cmocka_unit_test(the_same_number_in_another_place_is_something_new),
		cmocka_unit_test(a_flood_of_new_things_does_not_take_the_ring),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine says when there is no room for what rules remember. */
#include "tests/unit/engine_kit.h"

enum { ENTRIES = 40000 /* more than a megabyte holds */, STEP_S = 70 };

#define SET(number) \
	"alert udp any any -> any any (content:\"crane\"; flowbits:set,b" #number "; noalert; sid:" #number ";)\n"
#define TEN SET(1) SET(2) SET(3) SET(4) SET(5) SET(6) SET(7) SET(8) SET(9) SET(10)

static void say(struct room *room, uint16_t port)
{
	forge_datagram(&room->capture, ROOM_CLIENT, port, ROOM_SERVER, 9, "crane", 5);
}

static void a_flow_that_remembers_too_much_is_told_once_a_minute(void **state)
{
	struct room room;
	room_open(&room, TEN SET(11) SET(12) SET(13) SET(14));
	room_begin(&room);
	say(&room, 1000);
	say(&room, 1000);
	say(&room, 1000);
	room_run(&room);
	assert_true(room.stats.states_given_up > 0);
	assert_true(room.told[QW_ALARM_FLOW_STATES] <= 2); /* the first, and what is left at the end */
	assert_true(room.told[QW_ALARM_FLOW_STATES] >= 1);
	assert_int_equal(room.told[QW_ALARM_HOST_STATES], 0);
	assert_int_equal(room.alarms, room.stats.states_given_up);

	room_begin(&room);
	for (unsigned minute = 0; minute < 3; minute++) {
		room.capture.ns += STEP_S * UINT64_C(1000000000);
		say(&room, 1000);
		say(&room, 1000);
	}
	room_run(&room);
	assert_int_equal(room.told[QW_ALARM_FLOW_STATES], 4);
	room_close(&room);
}

static void a_flow_that_remembers_what_it_may_is_no_alarm(void **state)
{
	struct room room;
	room_open(&room, TEN SET(11) SET(12));
	room_begin(&room);
	say(&room, 1000);
	say(&room, 1000);
	room_run(&room);
	assert_int_equal(room.stats.states_given_up, 0);
	assert_int_equal(room.alarms, 0);
	room_close(&room);
}

static void more_hosts_than_can_be_remembered_are_told(void **state)
{
	struct room room;
	char host[32];
	room_prepare(&room, "alert udp any any -> any any (content:\"crane\"; xbits:set,seen,track ip_src,expire 3600; "
			    "noalert; sid:1;)\n");
	room_set(&room, "rules.state_mb=1");
	room_set(&room, "flow.count=65536");
	room_compile(&room);
	room_begin(&room);
	room.capture.step_ns = 1000;
	for (unsigned i = 0; i < ENTRIES; i++) {
		snprintf(host, sizeof(host), "10.2.%u.%u", i >> 8, i & 255);
		forge_datagram(&room.capture, host, 1000, ROOM_SERVER, 9, "crane", 5);
	}
	room_run(&room);
	assert_true(room.stats.states_given_up > 0);
	assert_int_equal(room.told[QW_ALARM_FLOW_STATES], 0);
	assert_true(room.told[QW_ALARM_HOST_STATES] >= 1 && room.told[QW_ALARM_HOST_STATES] <= 2);
	assert_int_equal(room.alarms, room.stats.states_given_up);
	room_close(&room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_flow_that_remembers_too_much_is_told_once_a_minute),
	    cmocka_unit_test(a_flow_that_remembers_what_it_may_is_no_alarm),
	    cmocka_unit_test(more_hosts_than_can_be_remembered_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

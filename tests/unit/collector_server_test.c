/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/collector_server_kit.h"

static size_t count_lines(const struct port *port)
{
	size_t lines = 0;
	char *log = kit_read(port->folder, "alerts.json", NULL);

	for (const char *at = log; (at = strchr(at, '\n')); at++)
		lines++;
	free(log);
	return lines;
}

static void alerts_are_acknowledged_and_in_the_log(void **state)
{
	struct port *port = *state;

	assert_int_equal(port->sensor[0].welcome_channels, 2);
	send_alerts(&port->sensor[0], 9, 1, 20);
	send_alerts(&port->sensor[1], 9, 1, 5);
	assert_int_equal(wait_acknowledged(&port->sensor[0]), 20);
	assert_int_equal(wait_acknowledged(&port->sensor[1]), 5);
	assert_int_equal(count_lines(port), 25);
}

static void a_killed_collector_knows_what_it_has(void **state)
{
	struct port *port = *state;

	send_alerts(&port->sensor[0], 9, 1, 20);
	assert_int_equal(wait_acknowledged(&port->sensor[0]), 20);
	stop_collector(port, SIGKILL);
	start_collector(port);
	say_hello(&port->sensor[0]);
	send_alerts(&port->sensor[0], 9, 11, 20);
	while (wait_acknowledged(&port->sensor[0]) != 30)
		;
	assert_int_equal(count_lines(port), 30);
}

static void two_tenants_make_an_indicator_of_all(void **state)
{
	struct port *port = *state;

	propose(&port->sensor[0], "domain", "evil.example");
	propose(&port->sensor[0], "domain", "evil.example");
	wait_answer(port, "{\"command\":[\"proposals\"]}\n", "1 tenants");
	propose(&port->sensor[1], "domain", "evil.example");
	take_delta(port, &port->sensor[0]);
	assert_int_equal(qw_channel_count(port->sensor[0].community), 1);
	char *answer = ask(port, "{\"command\":[\"indicators\",\"show\",\"evil.example\"]}\n");
	assert_non_null(strstr(answer, "from community"));
	assert_null(strstr(answer, "berth-100"));
	free(answer);
}

static void a_proposal_that_is_not_fit_is_refused(void **state)
{
	struct port *port = *state;
	Quaywatch__Wire__Frame *frame;

	propose(&port->sensor[0], "ip", "10.1.2.3");
	frame = receive(&port->sensor[0], QUAYWATCH__WIRE__FRAME__BODY_REFUSAL);
	assert_string_equal(frame->refusal->what, "proposal");
	qw_frame_free(frame);
}

static void a_revoked_key_is_not_heard_any_more(void **state)
{
	struct port *port = *state;
	Quaywatch__Wire__Frame *frame;

	command(port, "{\"command\":[\"sensor\",\"revoke\",\"berth-100\",\"gate-1\"]}\n");
	send_alerts(&port->sensor[0], 9, 1, 5);
	frame = receive(&port->sensor[0], QUAYWATCH__WIRE__FRAME__BODY_REFUSAL);
	assert_string_equal(frame->refusal->what, "key");
	qw_frame_free(frame);
	send_alerts(&port->sensor[1], 9, 1, 1);
	assert_int_equal(wait_acknowledged(&port->sensor[1]), 1);
	assert_int_equal(count_lines(port), 1);
}

static void an_unknown_key_is_not_let_in(void **state)
{
	struct port *port = *state;
	struct qw_curve_pair keys;

	qw_curve_generate(&keys);
	void *socket = connect_with(port, &keys);
	zmq_send(socket, "x", 1, ZMQ_DONTWAIT);
	wait_answer(port, "{\"command\":[\"status\"]}\n", "connections under keys that are not enrolled");
	char *answer = ask(port, "{\"command\":[\"status\"],\"json\":true}\n");
	assert_non_null(strstr(answer, "\"peers\":2,"));
	free(answer);
	zmq_close(socket);
}

static void rubbish_is_counted(void **state)
{
	struct port *port = *state;

	zmq_send(port->sensor[0].socket, "\xff\xff\xff", 3, 0);
	wait_answer(port, "{\"command\":[\"status\"],\"json\":true}\n", "\"frames_malformed\":1,");
	send_alerts(&port->sensor[0], 9, 1, 1);
	assert_int_equal(wait_acknowledged(&port->sensor[0]), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(alerts_are_acknowledged_and_in_the_log, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_killed_collector_knows_what_it_has, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(two_tenants_make_an_indicator_of_all, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_proposal_that_is_not_fit_is_refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_revoked_key_is_not_heard_any_more, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_unknown_key_is_not_let_in, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(rubbish_is_counted, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How a sensor comes to hold what the collector does. */
#include "tests/unit/collector_server_kit.h"

static void an_indicator_reaches_all_and_is_proven(void **state)
{
	struct port *port = *state;
	char *answer;

	command(port, "{\"command\":[\"indicators\",\"add\",\"domain\",\"bad.example\"]}\n");
	for (size_t i = 0; i < 2; i++) {
		take_delta(port, &port->sensor[i]);
		assert_int_equal(qw_channel_count(port->sensor[i].community), 1);
		send_receipt(&port->sensor[i]);
	}
	wait_answer(port, "{\"command\":[\"receipts\"]}\n", "berth-200/gate-2 community 1.1");
	answer = ask(port, "{\"command\":[\"receipts\"]}\n");
	assert_null(strstr(answer, "by its own word"));
	free(answer);
}

static void one_that_was_away_gets_what_it_missed(void **state)
{
	struct port *port = *state;

	zmq_close(port->sensor[0].socket);
	command(port, "{\"command\":[\"indicators\",\"add\",\"ip\",\"198.51.100.7\"]}\n");
	command(port, "{\"command\":[\"indicators\",\"add\",\"ip\",\"198.51.100.8\"]}\n");
	command(port, "{\"command\":[\"indicators\",\"revoke\",\"198.51.100.7\"]}\n");
	port->sensor[0].socket = connect_with(port, &port->sensor[0].keys);
	say_hello(&port->sensor[0]);
	for (int i = 0; i < 3; i++)
		take_delta(port, &port->sensor[0]);
	assert_int_equal(qw_channel_count(port->sensor[0].community), 1);
	assert_int_equal(qw_channel_order(port->sensor[0].community).sequence, 3);
}

static void another_set_at_the_same_order_is_mended_by_a_snapshot(void **state)
{
	struct port *port = *state;
	struct sensor *sensor = &port->sensor[0];
	Quaywatch__Wire__Frame *frame;
	bool done = false;

	command(port, "{\"command\":[\"indicators\",\"add\",\"ip\",\"198.51.100.7\"]}\n");
	take_delta(port, sensor);
	sensor->nonce[0] ^= 1; /* an answer that does not fit */
	send_receipt(sensor);
	frame = receive(sensor, QUAYWATCH__WIRE__FRAME__BODY_SNAPSHOT_PART);
	qw_channel_free(sensor->community);
	assert_int_equal(qw_channel_new(&sensor->community, "community"), QW_OK);
	assert_int_equal(qw_channel_receive(sensor->community, frame->snapshot_part.data, frame->snapshot_part.len,
					    port->root.public_key, qw_time_wall(), &done, NULL, NULL),
			 QW_OK);
	qw_frame_free(frame);
	assert_true(done);
	sensor->nonce[0] ^= 1;
	send_receipt(sensor);
	wait_answer(port, "{\"command\":[\"receipts\"]}\n", "proven");
	/* And deltas come again. */
	command(port, "{\"command\":[\"indicators\",\"add\",\"ip\",\"198.51.100.8\"]}\n");
	take_delta(port, sensor);
	assert_int_equal(qw_channel_count(sensor->community), 2);
}

static void fetch_buckets(struct sensor *sensor, struct qw_buckets *buckets)
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	Quaywatch__Wire__Fetch fetch = QUAYWATCH__WIRE__FETCH__INIT;
	char community[] = "community";

	fetch.channel = community;
	fetch.snapshot = true;
	fetch.buckets = (ProtobufCBinaryData){sizeof(buckets->bits), buckets->bits};
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_FETCH;
	frame.fetch = &fetch;
	send_frame(sensor, &frame);
}

static void only_what_differs_is_sent_to_who_can_take_it(void **state)
{
	struct port *port = *state;
	struct sensor *sensor = &port->sensor[0];
	bool done = false;

	sensor->repairs = true;
	say_hello(sensor);
	command(port, "{\"command\":[\"indicators\",\"add\",\"ip\",\"198.51.100.7\"]}\n");
	take_delta(port, sensor);
	command(port, "{\"command\":[\"indicators\",\"add\",\"ip\",\"198.51.100.8\"]}\n");
	sensor->claims = 2; /* it lost the second, and does not know */
	send_receipt(sensor);
	sensor->claims = 0;
	Quaywatch__Wire__Frame *frame = receive(sensor, QUAYWATCH__WIRE__FRAME__BODY_SUMS);
	assert_string_equal(frame->sums->channel, "community");
	assert_int_equal(frame->sums->order->sequence, 2);
	assert_int_equal(frame->sums->sums.len, QW_SUMS_BYTES);
	struct qw_buckets buckets = qw_channel_differing(sensor->community, frame->sums->sums.data);
	qw_frame_free(frame);
	assert_int_equal(qw_buckets_count(&buckets), 1);
	fetch_buckets(sensor, &buckets);
	frame = receive(sensor, QUAYWATCH__WIRE__FRAME__BODY_SNAPSHOT_PART);
	assert_int_equal(qw_channel_receive(sensor->community, frame->snapshot_part.data, frame->snapshot_part.len,
					    port->root.public_key, qw_time_wall(), &done, NULL, NULL),
			 QW_OK);
	qw_frame_free(frame);
	assert_true(done);
	assert_int_equal(qw_channel_count(sensor->community), 2);
	send_receipt(sensor);
	wait_answer(port, "{\"command\":[\"receipts\"]}\n", "community 1.2");
	command(port, "{\"command\":[\"indicators\",\"add\",\"ip\",\"198.51.100.9\"]}\n");
	take_delta(port, sensor);
	assert_int_equal(qw_channel_count(sensor->community), 3);
}

/* As if the collector had been set back, and had gone on from there. */
static void go_another_way(const struct port *port, struct sensor *sensor)
{
	struct qw_indicator indicator;
	struct qw_entry entry;
	uint8_t *body, *delta;
	size_t delegation_len, len;
	char *delegation = kit_read(port->folder, "online.delegation", &delegation_len);

	qw_indicator_init(&indicator);
	assert_int_equal(qw_observable_parse(&indicator.observable, QW_OBS_IP, "203.0.113.1", 11, NULL), QW_OK);
	assert_int_equal(qw_entry_of_indicator(&entry, &body, &indicator), QW_OK);
	assert_int_equal(qw_channel_commit(sensor->community, &entry, 1, &port->online, (const uint8_t *)delegation,
					   delegation_len, qw_time_wall(), &delta, &len),
			 QW_OK);
	free(delta);
	free(body);
	free(delegation);
}

/* Deltas would never fit onto its set, and it would ask for them for ever. */
static void one_of_another_branch_is_mended_though_it_is_behind(void **state)
{
	struct port *port = *state;
	struct sensor *sensor = &port->sensor[0];
	bool done = false;

	command(port, "{\"command\":[\"indicators\",\"add\",\"ip\",\"198.51.100.7\"]}\n");
	command(port, "{\"command\":[\"indicators\",\"add\",\"ip\",\"198.51.100.8\"]}\n");
	command(port, "{\"command\":[\"indicators\",\"add\",\"ip\",\"198.51.100.9\"]}\n");
	go_another_way(port, sensor);
	assert_int_equal(qw_channel_order(sensor->community).sequence, 1);
	sensor->repairs = true;
	say_hello(sensor);
	Quaywatch__Wire__Frame *frame = receive(sensor, QUAYWATCH__WIRE__FRAME__BODY_SUMS);
	assert_int_equal(frame->sums->order->sequence, 3);
	struct qw_buckets buckets = qw_channel_differing(sensor->community, frame->sums->sums.data);
	qw_frame_free(frame);
	assert_int_equal(qw_buckets_count(&buckets), 4);
	fetch_buckets(sensor, &buckets);
	frame = receive(sensor, QUAYWATCH__WIRE__FRAME__BODY_SNAPSHOT_PART);
	assert_int_equal(qw_channel_receive(sensor->community, frame->snapshot_part.data, frame->snapshot_part.len,
					    port->root.public_key, qw_time_wall(), &done, NULL, NULL),
			 QW_OK);
	qw_frame_free(frame);
	assert_true(done);
	assert_int_equal(qw_channel_count(sensor->community), 3);
	send_receipt(sensor);
	wait_answer(port, "{\"command\":[\"receipts\"]}\n", "community 1.3");
}

/* The collector reads the root's word again. */
static void renew(const struct port *port, struct qw_time length)
{
	delegate(port, length);
	kill(port->collector, SIGHUP);
}

/* It would refuse deltas of that time, and hold what it held for ever. */
static void one_that_was_away_longer_than_a_delegation_gets_the_set(void **state)
{
	struct port *port = *state;
	struct sensor *sensor = &port->sensor[0];
	bool done = false;

	zmq_close(sensor->socket);
	renew(port, qw_time_ns(1500 * QW_NS_PER_MS));
	usleep(300000);
	command(port, "{\"command\":[\"indicators\",\"add\",\"ip\",\"198.51.100.7\"]}\n");
	usleep(1300000);
	renew(port, qw_time_seconds(3600));
	sensor->socket = connect_with(port, &sensor->keys);
	say_hello(sensor);
	Quaywatch__Wire__Frame *frame = receive(sensor, QUAYWATCH__WIRE__FRAME__BODY_SNAPSHOT_PART);
	assert_int_equal(qw_channel_receive(sensor->community, frame->snapshot_part.data, frame->snapshot_part.len,
					    port->root.public_key, qw_time_wall(), &done, NULL, NULL),
			 QW_OK);
	qw_frame_free(frame);
	assert_true(done);
	assert_int_equal(qw_channel_count(sensor->community), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(an_indicator_reaches_all_and_is_proven, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(one_that_was_away_gets_what_it_missed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(another_set_at_the_same_order_is_mended_by_a_snapshot, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(only_what_differs_is_sent_to_who_can_take_it, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(one_of_another_branch_is_mended_though_it_is_behind, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(one_that_was_away_longer_than_a_delegation_gets_the_set, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/collector_kit.h"

#include <jansson.h>
#include <poll.h>

#include "collector/intake.h"
#include "collector/render.h"

/* An intake whose answers are kept, not sent. */
struct rig {
	struct qw_journal *journal;
	struct qw_marks *marks;
	struct qw_peers *peers;
	struct qw_store *store;
	struct qw_sightings *sightings;
	struct qw_intake *intake;
	struct qw_entrant entrant;
	struct qw_peer *peer;
	uint64_t acknowledged; /* the last */
	unsigned acknowledgements, refusals;
};

static enum qw_err keep_answer(void *ctx, const struct qw_routing *routing, const uint8_t *data, size_t len)
{
	struct rig *rig = ctx;
	Quaywatch__Wire__Frame *frame;

	assert_int_equal(qw_frame_unpack(&frame, data, len), QW_OK);
	if (frame->body_case == QUAYWATCH__WIRE__FRAME__BODY_ACKNOWLEDGE) {
		rig->acknowledged = frame->acknowledge->through;
		rig->acknowledgements++;
	}
	rig->refusals += frame->body_case == QUAYWATCH__WIRE__FRAME__BODY_REFUSAL;
	qw_frame_free(frame);
	return QW_OK;
}

static void replay(void *ctx, const char *line, size_t len)
{
	qw_marks_replay(ctx, line, len, qw_time_wall());
}

static void start(struct rig *rig, const char *folder)
{
	struct qw_routing routing = {1, {7}};
	struct qw_journal_recovery recovery;
	char path[256];

	memset(rig, 0, sizeof(*rig));
	kit_path(path, folder, "collector.db");
	assert_int_equal(qw_marks_new(&rig->marks), QW_OK);
	struct qw_journal_options options = {folder, {0}, replay, rig->marks};
	assert_int_equal(qw_journal_open(&rig->journal, &options, &recovery), QW_OK);
	assert_int_equal(qw_peers_new(&rig->peers), QW_OK);
	assert_int_equal(qw_store_open(&rig->store, path), QW_OK);
	assert_int_equal(qw_sightings_new(&rig->sightings, rig->store, qw_time_seconds(86400)), QW_OK);
	struct qw_intake_parts parts = {rig->journal, rig->marks, rig->peers, rig->sightings, NULL, {keep_answer, rig}};
	assert_int_equal(qw_intake_new(&rig->intake, &parts), QW_OK);
	rig->entrant = (struct qw_entrant){{"berth-100", "gate-1"}, "key", true};
	assert_int_equal(qw_peers_add(&rig->peer, rig->peers, &routing, &rig->entrant, qw_time_monotonic()), QW_OK);
	rig->peer->hello = 1;
}

static void stop(struct rig *rig)
{
	qw_intake_free(rig->intake);
	qw_sightings_free(rig->sightings);
	qw_store_close(rig->store);
	qw_peers_free(rig->peers);
	qw_journal_close(rig->journal);
	qw_marks_free(rig->marks);
}

static void commit(struct rig *rig)
{
	struct pollfd wait = {.fd = qw_journal_fd(rig->journal), .events = POLLIN};
	uint64_t group;

	assert_int_equal(qw_journal_start_commit(rig->journal), QW_OK);
	assert_int_equal(poll(&wait, 1, 10000), 1);
	assert_int_equal(qw_journal_end_commit(rig->journal, &group), QW_OK);
	qw_intake_durable(rig->intake, group);
}

enum { ALERTS_MAX = 600 };

static void send_eve(struct rig *rig, uint64_t epoch, uint64_t first, size_t count, const char *eve)
{
	static Quaywatch__Wire__Alert alert[ALERTS_MAX];
	static Quaywatch__Wire__Alert *alerts[ALERTS_MAX];
	static char origin[] = "signature";
	Quaywatch__Wire__AlertBatch batch = QUAYWATCH__WIRE__ALERT_BATCH__INIT;

	for (size_t i = 0; i < count; i++) {
		quaywatch__wire__alert__init(&alert[i]);
		alert[i].eve.data = (uint8_t *)(uintptr_t)eve;
		alert[i].eve.len = strlen(eve);
		alert[i].origin = origin;
		alerts[i] = &alert[i];
	}
	batch.epoch = epoch;
	batch.first = first;
	batch.n_alerts = count;
	batch.alerts = alerts;
	assert_int_equal(qw_intake_batch(rig->intake, rig->peer, &batch, qw_time_monotonic()), QW_OK);
}

static void send_alerts(struct rig *rig, uint64_t epoch, uint64_t first, size_t count)
{
	send_eve(rig, epoch, first, count, "{\"timestamp\":\"t\",\"event_type\":\"alert\"}");
}

static size_t count_lines(const char *folder)
{
	size_t lines = 0;
	char *log = kit_read(folder, "alerts.json", NULL);

	for (const char *at = log; (at = strchr(at, '\n')); at++)
		lines++;
	free(log);
	return lines;
}

static void nothing_is_acknowledged_before_it_is_durable(void **state)
{
	struct rig rig;

	start(&rig, *state);
	send_alerts(&rig, 5, 1, 3);
	assert_int_equal(rig.acknowledgements, 0);
	commit(&rig);
	assert_int_equal(rig.acknowledgements, 1);
	assert_int_equal(rig.acknowledged, 3);
	assert_int_equal(count_lines(*state), 3);
	stop(&rig);
}

static void a_line_holds_eve_and_ours(void **state)
{
	struct rig rig;

	start(&rig, *state);
	send_eve(&rig, 0x00ff, 1, 1, "{\"a\":{\"quaywatch\":{\"origin\":\"x\"}}, \"b\":1 }");
	commit(&rig);
	char *log = kit_read(*state, "alerts.json", NULL);
	json_t *root = json_loads(log, JSON_REJECT_DUPLICATES, NULL), *ours = json_object_get(root, "quaywatch");
	assert_int_equal(json_integer_value(json_object_get(root, "b")), 1);
	assert_string_equal(json_string_value(json_object_get(ours, "tenant")), "berth-100");
	assert_string_equal(json_string_value(json_object_get(ours, "sensor")), "gate-1");
	assert_string_equal(json_string_value(json_object_get(ours, "epoch")), "00000000000000ff");
	assert_int_equal(json_integer_value(json_object_get(ours, "seq")), 1);
	assert_int_equal(json_integer_value(json_object_get(ours, "count")), 1);
	json_decref(root);
	free(log);
	stop(&rig);
}

/* What hosts are called, and what happened in words, where the tenant lets that go. */
static void a_line_holds_the_names_that_a_sensor_sends(void **state)
{
	static char eve[] = "{\"event_type\":\"alert\"}", origin[] = "pack", name[] = "STS-14 \"hoist\" PLC", area[] = "STS-14",
		    text[] = "STS-14 hoist PLC (10.1.4.20): program download";
	Quaywatch__Wire__Alert alert = QUAYWATCH__WIRE__ALERT__INIT, *alerts[] = {&alert};
	Quaywatch__Wire__AlertHost dest = QUAYWATCH__WIRE__ALERT_HOST__INIT;
	Quaywatch__Wire__AlertBatch batch = QUAYWATCH__WIRE__ALERT_BATCH__INIT;
	struct rig rig;

	start(&rig, *state);
	alert.eve.data = (uint8_t *)eve;
	alert.eve.len = strlen(eve);
	alert.origin = origin;
	alert.text = text;
	dest.name = name;
	dest.area = area;
	alert.dest = &dest;
	batch.epoch = 5;
	batch.first = batch.n_alerts = 1;
	batch.alerts = alerts;
	assert_int_equal(qw_intake_batch(rig.intake, rig.peer, &batch, qw_time_monotonic()), QW_OK);
	commit(&rig);
	char *log = kit_read(*state, "alerts.json", NULL);
	assert_non_null(strstr(log, "\"asset\":{\"dest\":{\"name\":\"STS-14 \\\"hoist\\\" PLC\",\"area\":\"STS-14\"}},"
				    "\"text\":\"STS-14 hoist PLC (10.1.4.20): program download\"}}\n"));
	free(log);
	/* its number is found again after a restart */
	stop(&rig);
	start(&rig, *state);
	assert_int_equal(qw_intake_batch(rig.intake, rig.peer, &batch, qw_time_monotonic()), QW_OK);
	assert_int_equal(qw_intake_stats(rig.intake).duplicates, 1);
	stop(&rig);
}

/* Nobody writes more into the log than a line's bound allows. */
static void a_text_that_is_too_long_is_no_alert(void **state)
{
	static char eve[] = "{\"event_type\":\"alert\"}", origin[] = "pack", text[4096];
	Quaywatch__Wire__Alert alert = QUAYWATCH__WIRE__ALERT__INIT;

	(void)state;
	alert.eve.data = (uint8_t *)eve;
	alert.eve.len = strlen(eve);
	alert.origin = origin;
	memset(text, 'a', sizeof(text) - 1);
	alert.text = text;
	assert_false(qw_render_is_alert(&alert));
	text[2048] = '\0';
	assert_true(qw_render_is_alert(&alert));
}

/* Its number is found again after a restart, too. */
static void an_alert_without_addresses_is_kept_as_any_other(void **state)
{
	static const char eve[] = "{\"timestamp\":\"t\",\"event_type\":\"alert\",\"ether\":{\"src_mac\":\"02:00:00:00:00:01\","
				  "\"dest_mac\":\"02:00:00:00:00:02\",\"ether_type\":35000},\"app_proto\":\"goose\",\"ot\":{\"function\":3}}";
	struct rig rig;

	start(&rig, *state);
	send_eve(&rig, 5, 1, 1, eve);
	commit(&rig);
	assert_int_equal(qw_intake_stats(rig.intake).invalid, 0);
	stop(&rig);
	start(&rig, *state);
	send_eve(&rig, 5, 1, 1, eve);
	assert_int_equal(qw_intake_stats(rig.intake).duplicates, 1);
	char *log = kit_read(*state, "alerts.json", NULL);
	assert_non_null(strstr(log, "\"ether_type\":35000},\"app_proto\":\"goose\",\"ot\":{\"function\":3},\"quaywatch\":{"));
	free(log);
	stop(&rig);
}

static void what_comes_twice_is_kept_once_and_acknowledged_again(void **state)
{
	struct rig rig;

	start(&rig, *state);
	send_alerts(&rig, 5, 1, 10);
	commit(&rig);
	send_alerts(&rig, 5, 1, 10);
	assert_int_equal(rig.acknowledgements, 2);
	send_alerts(&rig, 5, 6, 10); /* half of it new */
	commit(&rig);
	assert_int_equal(rig.acknowledged, 15);
	assert_int_equal(count_lines(*state), 15);
	assert_int_equal(qw_intake_stats(rig.intake).duplicates, 15);
	stop(&rig);
}

static void duplicates_are_known_after_a_restart(void **state)
{
	struct rig rig;

	start(&rig, *state);
	send_alerts(&rig, 5, 1, 10);
	commit(&rig);
	stop(&rig);
	start(&rig, *state);
	send_alerts(&rig, 5, 1, 12);
	commit(&rig);
	assert_int_equal(count_lines(*state), 12);
	assert_int_equal(rig.acknowledged, 12);
	stop(&rig);
}

static void a_gap_before_the_hello_is_refused(void **state)
{
	struct rig rig;

	start(&rig, *state);
	rig.peer->hello = 0;
	send_alerts(&rig, 5, 1, 2);
	send_alerts(&rig, 5, 4, 2);
	assert_int_equal(rig.refusals, 1);
	rig.peer->hello = 2;
	send_alerts(&rig, 5, 3, 3);
	commit(&rig);
	assert_int_equal(rig.acknowledged, 5);
	assert_int_equal(count_lines(*state), 5);
	stop(&rig);
}

static void what_a_sensor_gave_up_is_counted(void **state)
{
	struct rig rig;

	start(&rig, *state);
	send_alerts(&rig, 5, 101, 2);
	commit(&rig);
	assert_int_equal(qw_intake_stats(rig.intake).skipped, 100);
	assert_int_equal(rig.acknowledged, 102);
	stop(&rig);
}

static void epochs_are_counted_apart(void **state)
{
	struct rig rig;

	start(&rig, *state);
	send_alerts(&rig, 5, 1, 2);
	send_alerts(&rig, 6, 1, 2);
	commit(&rig);
	assert_int_equal(rig.acknowledgements, 2);
	assert_int_equal(count_lines(*state), 4);
	stop(&rig);
}

static void a_batch_that_is_none_is_refused(void **state)
{
	struct rig rig;

	start(&rig, *state);
	send_alerts(&rig, 5, 0, 1);          /* sequences begin with 1 */
	send_alerts(&rig, 5, 1, 0);          /* empty */
	send_alerts(&rig, 5, 1, 513);        /* too many */
	send_alerts(&rig, 5, UINT64_MAX, 2); /* wraps */
	assert_int_equal(rig.refusals, 4);
	assert_int_equal(qw_journal_pending(rig.journal), 0);
	stop(&rig);
}

static void what_is_no_record_leaves_a_line_that_says_so(void **state)
{
	static const char *const bad[] = {
	    "", "{", "[]", "{}x", "{\"quaywatch\":{}}", "{\"a\":1}\n{\"b\":2}", "{\"a\":1,\"a\":2}"};
	size_t count = sizeof(bad) / sizeof(bad[0]);
	struct rig rig;

	start(&rig, *state);
	for (size_t i = 0; i < count; i++)
		send_eve(&rig, 5, i + 1, 1, bad[i]);
	commit(&rig);
	assert_int_equal(qw_intake_stats(rig.intake).invalid, count);
	assert_int_equal(rig.acknowledged, count);
	char *log = kit_read(*state, "alerts.json", NULL);
	assert_int_equal(count_lines(*state), count);
	for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n")) {
		json_t *root = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		assert_string_equal(json_string_value(json_object_get(root, "event_type")), "anomaly");
		json_decref(root);
	}
	free(log);
	stop(&rig);
}

static void a_sensor_that_invents_epochs_pushes_out_its_own(void **state)
{
	struct rig rig;
	struct qw_identity other = {"berth-200", "gate-9"};
	struct qw_stream *stream;

	start(&rig, *state);
	assert_int_equal(qw_marks_get(&stream, rig.marks, &other, 1, qw_time_wall()), QW_OK);
	stream->taken = stream->durable = 7;
	for (uint64_t epoch = 1; epoch <= 3 * QW_STREAMS_PER_SENSOR; epoch++) {
		send_alerts(&rig, epoch, 1, 1);
		if (epoch % QW_STREAMS_PER_SENSOR == 0)
			commit(&rig);
	}
	assert_int_equal(qw_marks_count(rig.marks), QW_STREAMS_PER_SENSOR + 1);
	assert_int_equal(qw_marks_find(rig.marks, &other, 1)->taken, 7);
	stop(&rig);
}

static void hits_become_sightings(void **state)
{
	static char origin[] = "indicator", type[] = "ip", value[] = "198.51.100.7", source[] = "operator",
		    tlp[] = "GREEN", seen[] = "3+";
	struct rig rig;
	Quaywatch__Wire__AlertBatch batch = QUAYWATCH__WIRE__ALERT_BATCH__INIT;
	Quaywatch__Wire__IndicatorHit hit;
	Quaywatch__Wire__Alert alert, *alerts[] = {&alert};

	start(&rig, *state);
	struct qw_indicator_row known = {.channel = "community", .who = "", .why = ""};
	qw_indicator_init(&known.indicator);
	assert_int_equal(qw_observable_parse(&known.indicator.observable, QW_OBS_IP, value, strlen(value), NULL), QW_OK);
	assert_int_equal(qw_store_put_indicator(rig.store, &known), QW_OK);
	uint64_t known_id = qw_indicator_id(QW_OBS_IP, value, strlen(value));
	quaywatch__wire__alert__init(&alert);
	quaywatch__wire__indicator_hit__init(&hit);
	hit = (Quaywatch__Wire__IndicatorHit){
	    .base = hit.base, .id = known_id, .type = type, .value = value, .source = source, .tlp = tlp, .seen = seen};
	alert.eve.data = (uint8_t *)(uintptr_t) "{\"a\":1}";
	alert.eve.len = 7;
	alert.origin = origin;
	alert.indicator = &hit;
	alert.count = 4;
	batch.first = 1;
	batch.n_alerts = 1;
	batch.alerts = alerts;
	assert_int_equal(qw_intake_batch(rig.intake, rig.peer, &batch, qw_time_monotonic()), QW_OK);
	commit(&rig);
	char *log = kit_read(*state, "alerts.json", NULL);
	json_t *root = json_loads(log, 0, NULL), *ours = json_object_get(root, "quaywatch");
	assert_string_equal(json_string_value(json_object_get(json_object_get(ours, "indicator"), "value")),
			    "198.51.100.7");
	assert_string_equal(json_string_value(json_object_get(json_object_get(ours, "indicator"), "seen")), "3+");
	assert_int_equal(json_integer_value(json_object_get(ours, "count")), 4);
	json_decref(root);
	free(log);
	assert_int_equal(qw_sightings_write(rig.sightings), QW_OK);
	assert_true(qw_store_is_dirty(rig.store));
	stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(nothing_is_acknowledged_before_it_is_durable, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_line_holds_eve_and_ours, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_line_holds_the_names_that_a_sensor_sends, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_text_that_is_too_long_is_no_alert, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(an_alert_without_addresses_is_kept_as_any_other, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(what_comes_twice_is_kept_once_and_acknowledged_again, kit_folder,
					    kit_clear),
	    cmocka_unit_test_setup_teardown(duplicates_are_known_after_a_restart, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_gap_before_the_hello_is_refused, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(what_a_sensor_gave_up_is_counted, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(epochs_are_counted_apart, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_batch_that_is_none_is_refused, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(what_is_no_record_leaves_a_line_that_says_so, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_sensor_that_invents_epochs_pushes_out_its_own, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(hits_become_sightings, kit_folder, kit_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

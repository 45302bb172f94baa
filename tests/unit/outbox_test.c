/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts and other messages over a real, encrypted connection to a collector's socket that the test reads. */
#include "sensor/export/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include <cmocka.h>

#include "quaywatch/file.h"
#include "quaywatch/keys.h"
#include "quaywatch/signatures.h"
#include "quaywatch/time.h"
#include "quaywatch/wire.h"
#include "sensor/export/frames.h"
#include "sensor/export/ledger_walk.h"
#include "sensor/export/offer.h"

enum { PATIENCE_MS = 5000, EPOCH = 77, CREDIT = 1000 };

struct bench {
	void *context, *router;
	struct qw_session *session;
	struct qw_spool *spool;
	struct qw_outbox *outbox;
	char folder[32];
};

static void connect_session(struct bench *bench)
{
	struct qw_curve_pair server, client;
	char address[64];
	size_t len = sizeof(address);
	int yes = 1, patience = PATIENCE_MS;

	assert_int_equal(qw_keys_start(), QW_OK);
	qw_curve_generate(&server);
	qw_curve_generate(&client);
	bench->context = zmq_ctx_new();
	bench->router = zmq_socket(bench->context, ZMQ_ROUTER);
	zmq_setsockopt(bench->router, ZMQ_CURVE_SERVER, &yes, sizeof(yes));
	zmq_setsockopt(bench->router, ZMQ_CURVE_SECRETKEY, server.secret_z85, QW_CURVE_Z85 + 1);
	zmq_setsockopt(bench->router, ZMQ_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(zmq_bind(bench->router, "tcp://127.0.0.1:*"), 0);
	assert_int_equal(zmq_getsockopt(bench->router, ZMQ_LAST_ENDPOINT, address, &len), 0);
	struct qw_session_options options = {address, server.public_z85, client.public_z85, client.secret_z85};
	assert_int_equal(qw_session_new(&bench->session, &options), QW_OK);
}

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct qw_spool_options spool = {.folder = bench->folder, .epoch = EPOCH, .bytes_max = 1 << 20};

	connect_session(bench);
	strcpy(bench->folder, "outbox-test-XXXXXX");
	assert_non_null(mkdtemp(bench->folder));
	assert_int_equal(qw_spool_open(&bench->spool, &spool), QW_OK);
	assert_int_equal(qw_outbox_new(&bench->outbox, bench->spool, bench->session), QW_OK);
	struct qw_time until = qw_time_add(qw_time_monotonic(), qw_time_ns(PATIENCE_MS * QW_NS_PER_MS));
	bool fresh;
	while (!qw_session_connected(bench->session, &fresh) && qw_time_before(qw_time_monotonic(), until))
		usleep(1000);
	assert_true(qw_session_connected(bench->session, &fresh));
	*state = bench;
	return 0;
}

static enum qw_err remove_file(void *ctx, const char *path)
{
	return unlink(path) == 0 ? QW_OK : QW_EIO;
}

static int teardown(void **state)
{
	struct bench *bench = *state;
	char folder[64];

	qw_outbox_free(bench->outbox);
	qw_spool_close(bench->spool);
	qw_session_free(bench->session);
	zmq_close(bench->router);
	zmq_ctx_term(bench->context);
	(void)!qw_walk_files(bench->folder, remove_file, NULL);
	snprintf(folder, sizeof(folder), "%s/ledger", bench->folder);
	rmdir(folder);
	rmdir(bench->folder);
	free(bench);
	return 0;
}

/* The next frame that the collector's socket got; the caller frees it. */
static Quaywatch__Wire__Frame *next_frame(struct bench *bench)
{
	Quaywatch__Wire__Frame *frame;
	zmq_msg_t part;

	zmq_msg_init(&part);
	assert_true(zmq_msg_recv(&part, bench->router, 0) >= 0); /* who it is from */
	assert_true(zmq_msg_recv(&part, bench->router, 0) >= 0);
	assert_int_equal(qw_frame_unpack(&frame, zmq_msg_data(&part), zmq_msg_size(&part)), QW_OK);
	zmq_msg_close(&part);
	return frame;
}

static void add(struct bench *bench, unsigned count)
{
	struct qw_eve_parts parts = {.type = QW_EVENT_ALERT, .gid = 1, .sid = 5, .own = {.origin = qw_slice_text("signature"), .count = 1}};
	char eve[64];
	uint64_t sequence;

	for (unsigned i = 0; i < count; i++) {
		snprintf(eve, sizeof(eve), "{\"n\":%u}", i);
		assert_int_equal(qw_outbox_add(bench->outbox, qw_slice_text(eve), &parts, (struct qw_ledger_fields){0}, &sequence), QW_OK);
	}
}

/* Takes batches until `count` alerts are in; they must be consecutive from `first` on. */
static void expect(struct bench *bench, uint64_t first, uint64_t count)
{
	uint64_t next = first;

	while (next < first + count) {
		Quaywatch__Wire__Frame *frame = next_frame(bench);
		assert_int_equal(frame->body_case, QUAYWATCH__WIRE__FRAME__BODY_ALERTS);
		assert_int_equal(frame->alerts->epoch, EPOCH);
		assert_int_equal(frame->alerts->first, next);
		assert_int_equal(frame->alerts->alerts[0]->sid, 5);
		assert_string_equal(frame->alerts->alerts[0]->origin, "signature");
		next += frame->alerts->n_alerts;
		qw_frame_free(frame);
	}
	assert_int_equal(next, first + count);
}

static void nothing_is_sent_before_the_welcome(void **state)
{
	struct bench *bench = *state;

	add(bench, 3);
	qw_outbox_pump(bench->outbox);
	assert_int_equal(qw_outbox_counters(bench->outbox).batches, 0);
	qw_outbox_restart(bench->outbox, CREDIT);
	qw_outbox_pump(bench->outbox);
	expect(bench, 1, 3);
}

static void no_more_than_the_credit_is_out(void **state)
{
	struct bench *bench = *state;

	add(bench, 25);
	qw_outbox_restart(bench->outbox, 10);
	qw_outbox_pump(bench->outbox);
	qw_outbox_pump(bench->outbox);
	assert_int_equal(qw_outbox_counters(bench->outbox).alerts, 10);
	expect(bench, 1, 10);
	qw_outbox_acknowledge(bench->outbox, EPOCH, 10);
	qw_outbox_pump(bench->outbox);
	expect(bench, 11, 10);
	assert_int_equal(qw_outbox_counters(bench->outbox).acknowledged, 10);
	assert_int_equal(qw_spool_stats(bench->spool).pending, 15);
}

static void what_is_not_acknowledged_goes_again_after_a_restart(void **state)
{
	struct bench *bench = *state;

	add(bench, 8);
	qw_outbox_restart(bench->outbox, CREDIT);
	qw_outbox_pump(bench->outbox);
	expect(bench, 1, 8);
	qw_outbox_acknowledge(bench->outbox, EPOCH, 5);
	qw_outbox_pause(bench->outbox);
	qw_outbox_restart(bench->outbox, CREDIT);
	qw_outbox_pump(bench->outbox);
	expect(bench, 6, 3);
}

static void a_long_queue_goes_in_batches_that_a_frame_holds(void **state)
{
	struct bench *bench = *state;

	add(bench, 2 * QW_WIRE_BATCH_ALERTS + 1);
	qw_outbox_restart(bench->outbox, 10 * QW_WIRE_BATCH_ALERTS);
	qw_outbox_pump(bench->outbox);
	assert_int_equal(qw_outbox_counters(bench->outbox).batches, 3);
	expect(bench, 1, 2 * QW_WIRE_BATCH_ALERTS + 1);
}

static void an_acknowledgement_of_what_was_never_sent_changes_nothing(void **state)
{
	struct bench *bench = *state;

	add(bench, 2);
	qw_outbox_restart(bench->outbox, CREDIT);
	qw_outbox_pump(bench->outbox);
	qw_outbox_acknowledge(bench->outbox, EPOCH, 99);
	qw_outbox_acknowledge(bench->outbox, EPOCH + 1, 1);
	assert_int_equal(qw_spool_stats(bench->spool).pending, 2);
	assert_int_equal(qw_outbox_counters(bench->outbox).acknowledged, 0);
}

/* ---- with a ledger */

static struct qw_ledger *open_ledger(const struct bench *bench)
{
	char folder[64];
	struct qw_ledger_options options = {.folder = folder, .bytes_max = 4 << 20, .segment_bytes = 160 * 1024};
	struct qw_ledger *ledger;

	snprintf(folder, sizeof(folder), "%s/ledger", bench->folder);
	assert_int_equal(qw_ledger_open(&ledger, &options), QW_OK);
	return ledger;
}

/* The ledger has the records 1 to `last`, each once; how many of them were mended. */
static unsigned written(const struct bench *bench, uint64_t last)
{
	struct qw_ledger_record record;
	struct qw_ledger_walk walk;
	char folder[64];
	unsigned mended = 0;

	snprintf(folder, sizeof(folder), "%s/ledger", bench->folder);
	assert_int_equal(qw_ledger_walk_init(&walk, folder), QW_OK);
	while (qw_ledger_walk_next(&walk, &record) == QW_OK) {
		assert_int_equal(record.epoch, EPOCH);
		assert_int_equal(record.sequence, walk.records);
		mended += record.mended;
	}
	assert_null(walk.broken);
	assert_int_equal(walk.records, last);
	qw_ledger_walk_fini(&walk);
	return mended;
}

static void what_was_spooled_and_not_written_down_is_mended_at_the_start(void **state)
{
	struct bench *bench = *state;
	struct qw_ledger *ledger;
	char path[80];
	struct stat status;

	add(bench, 3); /* the process died before the ledger had them */
	ledger = open_ledger(bench);
	qw_outbox_keep(bench->outbox, ledger, EPOCH);
	assert_int_equal(written(bench, 3), 3);
	add(bench, 2);
	assert_int_equal(written(bench, 5), 3);
	qw_ledger_close(ledger);
	snprintf(path, sizeof(path), "%s/ledger/%016x.ledger", bench->folder, 1);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(truncate(path, status.st_size - 1), 0); /* … or in the middle of one */
	ledger = open_ledger(bench);
	qw_outbox_keep(bench->outbox, ledger, EPOCH);
	assert_int_equal(written(bench, 5), 4);
	qw_outbox_keep(bench->outbox, NULL, 0);
	qw_ledger_close(ledger);
}

static void nothing_leaves_while_it_cannot_be_written_down(void **state)
{
	struct bench *bench = *state;
	struct qw_ledger *ledger = open_ledger(bench);
	char folder[64], away[64];
	struct qw_time until = qw_time_add(qw_time_monotonic(), qw_time_ns(PATIENCE_MS * QW_NS_PER_MS));

	qw_outbox_keep(bench->outbox, ledger, EPOCH);
	snprintf(folder, sizeof(folder), "%s/ledger", bench->folder);
	snprintf(away, sizeof(away), "%s/elsewhere", bench->folder);
	assert_int_equal(rename(folder, away), 0);
	add(bench, 2000); /* more than a file holds: the next cannot be begun */
	assert_int_not_equal(qw_ledger_stats(ledger).failed, 0);
	qw_outbox_restart(bench->outbox, 10000);
	qw_outbox_pump(bench->outbox);
	assert_int_equal(qw_outbox_counters(bench->outbox).alerts, 0);
	assert_int_equal(rename(away, folder), 0);
	while (qw_outbox_counters(bench->outbox).alerts == 0 && qw_time_before(qw_time_monotonic(), until)) {
		usleep(10000);
		qw_outbox_pump(bench->outbox);
	}
	expect(bench, 1, 2000);
	assert_in_range(written(bench, 2000), 1, 1999);
	qw_outbox_keep(bench->outbox, NULL, 0);
	qw_ledger_close(ledger);
}

static void a_shared_value_is_offered_once_in_a_while(void **state)
{
	struct bench *bench = *state;
	struct qw_eve_parts parts = {.gid = 1, .sid = 5, .share = QW_SHARE_SRC_IP, .has_src = true};
	struct qw_offer *offer;

	memcpy(&parts.src, &(struct qw_address){{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 203, 0, 113, 66}}, sizeof(parts.src));
	struct qw_departures departures;
	qw_departures_init(&departures, &(struct qw_departures_options){.session = bench->session});
	assert_int_equal(qw_offer_new(&offer), QW_OK);
	for (int i = 0; i < 3; i++)
		qw_offer_alert(offer, &departures, &parts, qw_time_seconds(100000 + i));
	assert_int_equal(qw_offer_count(offer), 1);
	Quaywatch__Wire__Frame *frame = next_frame(bench);
	assert_int_equal(frame->body_case, QUAYWATCH__WIRE__FRAME__BODY_PROPOSAL);
	assert_string_equal(frame->proposal->indicator->type, "ip");
	assert_string_equal(frame->proposal->indicator->value, "203.0.113.66");
	qw_frame_free(frame);
	parts.share = 0; /* a rule that shares nothing */
	qw_offer_alert(offer, &departures, &parts, qw_time_seconds(10000000));
	assert_int_equal(qw_offer_count(offer), 1);
	qw_offer_free(offer);
}

static void what_leaves_beside_alerts_is_written_down_before_it_does(void **state)
{
	struct bench *bench = *state;
	char folder[64];
	struct qw_ledger_options options = {.folder = folder, .bytes_max = 2 << 20};
	struct qw_departures departures;
	struct qw_ledger *ledger;
	struct qw_ledger_walk walk;
	struct qw_ledger_record record;
	uint64_t epoch, sequence;

	snprintf(folder, sizeof(folder), "%s/ledger", bench->folder);
	assert_int_equal(qw_ledger_open(&ledger, &options), QW_OK);
	qw_departures_init(&departures,
			   &(struct qw_departures_options){.session = bench->session, .ledger = ledger, .epoch = 9});
	assert_int_equal(qw_send_dry_run_result(&departures, 77, true, 3), QW_OK);
	Quaywatch__Wire__Frame *frame = next_frame(bench);
	assert_int_equal(frame->body_case, QUAYWATCH__WIRE__FRAME__BODY_DRY_RUN_RESULT);
	assert_int_equal(frame->dry_run_result->knows, 1);
	qw_frame_free(frame);
	/* Alerts are named by another: what they are mended from does not move. */
	qw_ledger_last(ledger, &epoch, &sequence);
	assert_int_equal(epoch | sequence, 0);
	assert_int_equal(qw_ledger_walk_init(&walk, folder), QW_OK);
	assert_int_equal(qw_ledger_walk_next(&walk, &record), QW_OK);
	assert_int_equal(record.kind, QW_LEDGER_DRY_RUN);
	assert_int_equal(record.epoch, 9);
	assert_int_equal(record.sequence, 1);
	assert_int_equal(qw_frame_unpack(&frame, record.data.data, record.data.len), QW_OK);
	assert_int_equal(frame->dry_run_result->hosts, 3);
	qw_frame_free(frame);
	assert_int_equal(qw_ledger_walk_next(&walk, &record), QW_EAGAIN);
	qw_ledger_walk_fini(&walk);
	qw_ledger_close(ledger);
	/* What cannot be written down does not leave. */
	assert_int_equal(qw_ledger_open(&ledger, &options), QW_OK);
	departures.options.ledger = ledger;
	static uint8_t large[QW_LEDGER_RECORD_MAX + 1];
	assert_int_equal(qw_departures_send(&departures, QW_RELEASE_KIND_PROPOSAL, qw_slice(large, sizeof(large))),
			 QW_ELIMIT);
	assert_int_equal(departures.left[QW_RELEASE_KIND_PROPOSAL], 0);
	qw_ledger_close(ledger);
}

static void hello_and_heartbeat_say_what_they_were_given(void **state)
{
	struct bench *bench = *state;
	struct qw_channel_state states[] = {{.name = "community", .order = {1, 44}}};
	struct qw_named_counter counters[] = {{"capture", 9}};
	struct qw_heartbeat beat = {.packets = 5, .drops = 9, .workers = 2, .restarts = 1, .states = states, .state_count = 1,
				    .counters = counters, .counter_count = 1};
	const char *const interfaces[] = {"m1", "m2"};

	assert_int_equal(qw_send_hello(bench->session, EPOCH, states, 1, interfaces, 2, "tcp", false), QW_OK);
	Quaywatch__Wire__Frame *frame = next_frame(bench);
	assert_int_equal(frame->body_case, QUAYWATCH__WIRE__FRAME__BODY_HELLO);
	assert_int_equal(frame->hello->n_interfaces, 2);
	assert_string_equal(frame->hello->interfaces[1]->name, "m2");
	qw_frame_free(frame);
	assert_int_equal(qw_send_heartbeat(bench->session, &beat), QW_OK);
	frame = next_frame(bench);
	assert_int_equal(frame->body_case, QUAYWATCH__WIRE__FRAME__BODY_HEARTBEAT);
	assert_int_equal(frame->heartbeat->restarts, 1);
	assert_int_equal(frame->heartbeat->counters[0]->value, 9);
	qw_frame_free(frame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(nothing_is_sent_before_the_welcome, setup, teardown),
	    cmocka_unit_test_setup_teardown(no_more_than_the_credit_is_out, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_not_acknowledged_goes_again_after_a_restart, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_long_queue_goes_in_batches_that_a_frame_holds, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_acknowledgement_of_what_was_never_sent_changes_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_was_spooled_and_not_written_down_is_mended_at_the_start, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(nothing_leaves_while_it_cannot_be_written_down, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_shared_value_is_offered_once_in_a_while, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_leaves_beside_alerts_is_written_down_before_it_does, setup, teardown),
	    cmocka_unit_test_setup_teardown(hello_and_heartbeat_say_what_they_were_given, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

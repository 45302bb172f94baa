/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collector - alerts a second and their latency into a running collector.
 *
 *	collector ENROLMENT [ALERTS [BATCH [RATE]]]
 *
 * ENROLMENT is a file of `quaywatchctl enrol`.  RATE 0: as fast as credit
 * allows.  Latency is from before the send to the acknowledgement.
 */
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "quaywatch/time.h"
#include "quaywatch/wire.h"

enum { CREDIT = 65536, EVE_BYTES = 300 };

struct run {
	void *socket;
	uint64_t epoch, total, batch, rate;
	uint64_t sent, acknowledged;
	struct qw_time start;
	int64_t *sent_at, *took; /* by batch */
	size_t measured;
	Quaywatch__Wire__Alert alert;
	Quaywatch__Wire__Alert **alerts;
};

static void must(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static const char *text_of(const config_t *config, const char *key)
{
	const char *text = NULL;

	must(config_lookup_string(config, key, &text), key);
	return text;
}

static void dial(struct run *run, void *context, const char *path)
{
	config_t config;
	int zero = 0;

	config_init(&config);
	must(config_read_file(&config, path), path);
	run->socket = zmq_socket(context, ZMQ_DEALER);
	zmq_setsockopt(run->socket, ZMQ_LINGER, &zero, sizeof(zero));
	zmq_setsockopt(run->socket, ZMQ_CURVE_SERVERKEY, text_of(&config, "collector.public_key"), 41);
	zmq_setsockopt(run->socket, ZMQ_CURVE_PUBLICKEY, text_of(&config, "sensor.public_key"), 41);
	zmq_setsockopt(run->socket, ZMQ_CURVE_SECRETKEY, text_of(&config, "sensor.secret_key"), 41);
	must(zmq_connect(run->socket, text_of(&config, "collector.address")) == 0, "connect");
	config_destroy(&config);
}

static void send_frame(struct run *run, Quaywatch__Wire__Frame *frame)
{
	uint8_t *data;
	size_t len;

	frame->version = QW_WIRE_VERSION;
	must(qw_frame_pack(frame, &data, &len) == QW_OK, "pack");
	must(zmq_send(run->socket, data, len, 0) >= 0, "send");
	free(data);
}

static void send_hello(struct run *run)
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	Quaywatch__Wire__Hello hello;

	quaywatch__wire__hello__init(&hello);
	hello.epoch = run->epoch;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_HELLO;
	frame.hello = &hello;
	send_frame(run, &frame);
}

static void send_batch(struct run *run)
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	Quaywatch__Wire__AlertBatch batch = QUAYWATCH__WIRE__ALERT_BATCH__INIT;

	batch.epoch = run->epoch;
	batch.first = run->sent + 1;
	batch.n_alerts = run->batch;
	batch.alerts = run->alerts;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_ALERTS;
	frame.alerts = &batch;
	run->sent_at[run->sent / run->batch] = qw_time_monotonic().ns;
	send_frame(run, &frame);
	run->sent += run->batch;
}

static void take_answers(struct run *run, int flags)
{
	zmq_msg_t message;

	zmq_msg_init(&message);
	while (zmq_msg_recv(&message, run->socket, flags) >= 0) {
		Quaywatch__Wire__Frame *frame;
		must(qw_frame_unpack(&frame, zmq_msg_data(&message), zmq_msg_size(&message)) == QW_OK, "unpack");
		if (frame->body_case == QUAYWATCH__WIRE__FRAME__BODY_ACKNOWLEDGE) {
			int64_t now = qw_time_monotonic().ns;
			for (; run->acknowledged < frame->acknowledge->through;
			     run->acknowledged += run->batch, run->measured++)
				run->took[run->measured] = now - run->sent_at[run->acknowledged / run->batch];
		}
		must(frame->body_case != QUAYWATCH__WIRE__FRAME__BODY_REFUSAL, "refused");
		qw_frame_free(frame);
		flags = ZMQ_DONTWAIT;
	}
	zmq_msg_close(&message);
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Whether the next batch is due at the rate that was asked for. */
static int is_due(const struct run *run)
{
	double seconds = (double)(qw_time_monotonic().ns - run->start.ns) / 1e9;

	return run->rate == 0 || (double)run->sent <= seconds * (double)run->rate;
}

static void drive(struct run *run)
{
	const struct timespec pause = {0, 100000};

	run->start = qw_time_monotonic();
	while (run->acknowledged < run->total) {
		if (run->sent < run->total && run->sent - run->acknowledged + run->batch <= CREDIT && is_due(run)) {
			send_batch(run);
			take_answers(run, ZMQ_DONTWAIT);
		} else if (run->sent == run->total || run->sent - run->acknowledged + run->batch > CREDIT) {
			take_answers(run, 0);
		} else {
			take_answers(run, ZMQ_DONTWAIT);
			nanosleep(&pause, NULL);
		}
	}
	double seconds = (double)(qw_time_monotonic().ns - run->start.ns) / 1e9;
	qsort(run->took, run->measured, sizeof(*run->took), compare);
	printf("%llu alerts, batches of %llu: %.0f alerts/s; acknowledged after median %.1f ms, p99 %.1f ms, worst "
	       "%.1f ms\n",
	       (unsigned long long)run->total, (unsigned long long)run->batch, (double)run->total / seconds,
	       (double)run->took[run->measured / 2] / 1e6, (double)run->took[run->measured * 99 / 100] / 1e6,
	       (double)run->took[run->measured - 1] / 1e6);
}

int main(int argc, char **argv)
{
	static char eve[EVE_BYTES + 1], origin[] = "signature";
	struct run run = {.total = 1000000, .batch = 64};

	must(argc > 1, "usage: collector ENROLMENT [ALERTS [BATCH [RATE]]]");
	run.total = argc > 2 ? strtoull(argv[2], NULL, 10) : run.total;
	run.batch = argc > 3 ? strtoull(argv[3], NULL, 10) : run.batch;
	run.rate = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
	must(run.batch > 0 && run.batch <= QW_WIRE_BATCH_ALERTS && run.total >= run.batch, "bad numbers");
	run.total -= run.total % run.batch;
	run.epoch = (uint64_t)qw_time_wall().ns;
	run.sent_at = calloc(run.total / run.batch + 1, sizeof(*run.sent_at));
	run.took = calloc(run.total / run.batch + 1, sizeof(*run.took));
	run.alerts = calloc(run.batch, sizeof(Quaywatch__Wire__Alert *));
	must(run.sent_at && run.took && run.alerts, "memory");
	int len = snprintf(
	    eve, sizeof(eve),
	    "{\"timestamp\":\"2026-11-22T14:18:47.123456+0000\",\"event_type\":\"alert\",\"src_ip\":\"192.0.2.1\","
	    "\"src_port\":1234,\"dest_ip\":\"198.51.100.7\",\"dest_port\":502,\"proto\":\"TCP\",\"alert\":{\"gid\":1,"
	    "\"signature_id\":2100498,\"rev\":7,\"signature\":\"bench\",\"category\":\"bench\",\"severity\":2}}");
	quaywatch__wire__alert__init(&run.alert);
	run.alert.eve.data = (uint8_t *)eve;
	run.alert.eve.len = (size_t)len;
	run.alert.origin = origin;
	for (uint64_t i = 0; i < run.batch; i++)
		run.alerts[i] = &run.alert;
	void *context = zmq_ctx_new();
	dial(&run, context, argv[1]);
	send_hello(&run);
	drive(&run);
	zmq_close(run.socket);
	zmq_ctx_term(context);
	free(run.alerts);
	free(run.took);
	free(run.sent_at);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_sensors - many sensors in one process: their end of the wire, and their sets, without packets.
 *
 *	bench_sensors ADDRESS COLLECTOR_KEY ROOT_KEY [TAP] < LIST
 *
 * The list has one sensor a line, "PUBLIC_KEY SECRET_KEY", and ends with an
 * empty line.  Each verifies and applies deltas, repairs and snapshots with the
 * sensor's own code, and answers with receipts.  After the list, each line
 * "look" is answered by one:
 *
 *	connected=N level=N sequence=LOWEST..HIGHEST digests=DIFFERENT received=BYTES sent=BYTES deltas=N parts=N sums=N refused=N
 *
 * "who" by one line for all, of each sensor in the list's order how often it
 * was connected and whether it is: "3+ 1- 2+".  The end of input ends it.
 *
 * TAP is a file that gets each frame that came, "NUMBER TIME_NS HEX" (the
 * sensor's number in the list, from 0).  With it, sensors say that they answer
 * dry runs, and whoever reads it answers, by "send NUMBER HEX", which sends
 * these bytes as a frame.  "again NUMBER" drops a connection and makes a new one.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "quaywatch/text.h"
#include "quaywatch/wire.h"
#include "sensor/export/frames.h"
#include "sensor/export/session.h"

enum { LINE_MAX_BYTES = 65536, SENSORS_MAX = 12000, LOOK_MS = 100, BEAT_MS = 1000, FETCH_MS = 500 };

struct sensor {
	struct qw_session *session;
	struct qw_channel *channel;
	bool welcomed;
	uint8_t nonce[16];
	bool repairs;
	struct qw_buckets buckets;
	struct qw_time beat, fetched;
	uint64_t deltas, parts, sums, refused;
	char public_key[64], secret_key[64];
};

struct crowd {
	const char *address, *server_key;
	uint8_t root[QW_SIGN_PUBLIC_BYTES];
	void *context;
	struct sensor *sensor;
	size_t count;
	struct pollfd *fds; /* input, then two a sensor */
	FILE *tap;          /* NULL: none */
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_sensors: %s\n", what);
	exit(1);
}

/* What is not sent now is asked for again: by the collector, or at the next connection. */
static void ignore(enum qw_err err)
{
	(void)err;
}

/* ---- what a sensor says */

static struct qw_channel_state state_of(const struct sensor *sensor)
{
	return (struct qw_channel_state){"community", qw_channel_order(sensor->channel), qw_channel_digest(sensor->channel)};
}

static void say_hello(const struct crowd *crowd, struct sensor *sensor)
{
	struct qw_channel_state state = state_of(sensor);

	sensor->welcomed = false;
	ignore(qw_send_hello(sensor->session, (uint64_t)(uintptr_t)sensor, &state, 1, NULL, 0, "", crowd->tap != NULL));
}

static void send_receipt(struct sensor *sensor)
{
	struct qw_receipt receipt = {
		.state = state_of(sensor),
		.answer = qw_channel_answer(sensor->channel, sensor->nonce),
		.applied_ns = qw_time_wall().ns,
		.entries = qw_channel_count(sensor->channel),
	};

	memcpy(receipt.nonce, sensor->nonce, sizeof(receipt.nonce));
	if (sensor->welcomed)
		ignore(qw_send_receipt(sensor->session, &receipt));
}

static void send_beat(struct sensor *sensor, struct qw_time now)
{
	struct qw_channel_state state = state_of(sensor);
	struct qw_heartbeat beat = {.time_ns = qw_time_wall().ns, .workers = 1, .states = &state, .state_count = 1};

	if (!sensor->welcomed || now.ns - sensor->beat.ns < BEAT_MS * QW_NS_PER_MS)
		return;
	sensor->beat = now;
	ignore(qw_send_heartbeat(sensor->session, &beat));
}

/* ---- what it hears */

static void on_delta(const struct crowd *crowd, struct sensor *sensor, const ProtobufCBinaryData *delta)
{
	enum qw_err err = qw_channel_apply(sensor->channel, delta->data, delta->len, crowd->root, qw_time_wall(), NULL, NULL);
	struct qw_time now = qw_time_monotonic();

	sensor->deltas++;
	if (err == QW_OK)
		send_receipt(sensor);
	else if (err == QW_EORDER && now.ns - sensor->fetched.ns >= FETCH_MS * QW_NS_PER_MS) {
		sensor->fetched = now;
		ignore(qw_send_fetch(sensor->session, "community", qw_channel_order(sensor->channel)));
	} else if (err != QW_EEXIST && err != QW_EORDER)
		sensor->refused++;
}

static void fetch_part(struct sensor *sensor, uint32_t part, struct qw_order of)
{
	ignore(qw_send_fetch_part(sensor->session, "community", sensor->repairs ? &sensor->buckets : NULL, part, of));
}

static void on_sums(struct sensor *sensor, const Quaywatch__Wire__BucketSums *sums)
{
	if (sums->sums.len != QW_SUMS_BYTES)
		return;
	sensor->sums++;
	sensor->buckets = qw_channel_differing(sensor->channel, sums->sums.data);
	sensor->repairs = qw_buckets_count(&sensor->buckets) <= QW_CHANNEL_BUCKETS / 4;
	fetch_part(sensor, 0, (struct qw_order){0});
}

static void on_part(const struct crowd *crowd, struct sensor *sensor, const ProtobufCBinaryData *part)
{
	struct qw_order order;
	uint32_t next, parts;
	bool done = false;
	enum qw_err err = qw_channel_receive(sensor->channel, part->data, part->len, crowd->root, qw_time_wall(), &done, NULL, NULL);

	sensor->parts++;
	sensor->refused += err != QW_OK && err != QW_EEXIST && err != QW_EORDER;
	if (done || err == QW_EEXIST)
		send_receipt(sensor);
	else if (qw_channel_receiving(sensor->channel, &order, &next, &parts))
		fetch_part(sensor, next, order);
}

static void on_frame(const struct crowd *crowd, struct sensor *sensor, const uint8_t *data, size_t len)
{
	Quaywatch__Wire__Frame *frame;

	if (qw_frame_unpack(&frame, data, len) != QW_OK)
		return;
	switch (frame->body_case) {
	case QUAYWATCH__WIRE__FRAME__BODY_WELCOME:
		if (frame->welcome->nonce.len == sizeof(sensor->nonce))
			memcpy(sensor->nonce, frame->welcome->nonce.data, sizeof(sensor->nonce));
		sensor->welcomed = true;
		send_receipt(sensor);
		break;
	case QUAYWATCH__WIRE__FRAME__BODY_DELTA: on_delta(crowd, sensor, &frame->delta); break;
	case QUAYWATCH__WIRE__FRAME__BODY_SUMS: on_sums(sensor, frame->sums); break;
	case QUAYWATCH__WIRE__FRAME__BODY_SNAPSHOT_PART: on_part(crowd, sensor, &frame->snapshot_part); break;
	default: break;
	}
	qw_frame_free(frame);
}

static void write_tap(const struct crowd *crowd, const struct sensor *sensor, const uint8_t *data, size_t len)
{
	fprintf(crowd->tap, "%zu %lld ", (size_t)(sensor - crowd->sensor), (long long)qw_time_wall().ns);
	for (size_t i = 0; i < len; i++)
		fprintf(crowd->tap, "%02x", data[i]);
	fprintf(crowd->tap, "\n");
	fflush(crowd->tap);
}

static void turn(const struct crowd *crowd, struct sensor *sensor, struct qw_time now)
{
	const uint8_t *data;
	size_t len;
	bool fresh;

	if (!qw_session_connected(sensor->session, &fresh))
		sensor->welcomed = false;
	else if (fresh)
		say_hello(crowd, sensor);
	while (qw_session_receive(sensor->session, &data, &len) == QW_OK) {
		if (crowd->tap)
			write_tap(crowd, sensor, data, len);
		on_frame(crowd, sensor, data, len);
	}
	send_beat(sensor, now);
}

/* ---- the crowd */

static void look(const struct crowd *crowd)
{
	uint64_t received = 0, sent = 0, deltas = 0, parts = 0, sums = 0, refused = 0, lowest = UINT64_MAX, highest = 0;
	size_t connected = 0, level = 0, digests = 0;
	struct qw_digest first = {{0}};

	for (size_t i = 0; i < crowd->count; i++) {
		uint64_t sequence = qw_channel_order(crowd->sensor[i].channel).sequence;
		highest = sequence > highest ? sequence : highest;
		lowest = sequence < lowest ? sequence : lowest;
	}
	for (size_t i = 0; i < crowd->count; i++) {
		const struct sensor *sensor = &crowd->sensor[i];
		struct qw_session_counters counters = qw_session_counters(sensor->session);
		struct qw_digest digest = qw_channel_digest(sensor->channel);
		if (i == 0 || memcmp(&digest, &first, sizeof(digest)) != 0)
			digests++;
		if (i == 0)
			first = digest;
		connected += sensor->welcomed;
		level += qw_channel_order(sensor->channel).sequence == highest;
		received += counters.received_bytes;
		sent += counters.sent_bytes;
		deltas += sensor->deltas;
		parts += sensor->parts;
		sums += sensor->sums;
		refused += sensor->refused;
	}
	printf("connected=%zu level=%zu sequence=%llu..%llu digests=%zu received=%llu sent=%llu deltas=%llu parts=%llu sums=%llu refused=%llu\n",
	       connected, level, (unsigned long long)lowest, (unsigned long long)highest, digests, (unsigned long long)received,
	       (unsigned long long)sent, (unsigned long long)deltas, (unsigned long long)parts, (unsigned long long)sums,
	       (unsigned long long)refused);
	fflush(stdout);
}

static void connect_to(const struct crowd *crowd, struct sensor *sensor)
{
	struct qw_session_options options = {crowd->address, crowd->server_key, sensor->public_key, sensor->secret_key, crowd->context};

	must(qw_session_new(&sensor->session, &options) == QW_OK, "a session cannot be made; is the limit of open files too low?");
}

static void poll_for(struct crowd *crowd, size_t number)
{
	crowd->fds[1 + 2 * number] = (struct pollfd){qw_session_fd(crowd->sensor[number].session), POLLIN, 0};
	crowd->fds[2 + 2 * number] = (struct pollfd){qw_session_monitor_fd(crowd->sensor[number].session), POLLIN, 0};
}

static void add(struct crowd *crowd, const char *line)
{
	struct sensor *sensor = &crowd->sensor[crowd->count++];

	must(crowd->count < SENSORS_MAX, "too many sensors");
	must(sscanf(line, "%63s %63s", sensor->public_key, sensor->secret_key) == 2, "a line is not PUBLIC_KEY SECRET_KEY");
	must(qw_channel_new(&sensor->channel, "community") == QW_OK, "out of memory");
	connect_to(crowd, sensor);
}

/* Byte by byte, so that nothing of what comes after the list is taken. */
static bool read_line(char *line, size_t size)
{
	size_t len = 0;

	while (len + 1 < size && read(STDIN_FILENO, line + len, 1) == 1 && line[len] != '\n')
		len++;
	line[len] = '\0';
	return len > 0;
}

static void set_up(struct crowd *crowd)
{
	char line[160];

	crowd->context = zmq_ctx_new();
	crowd->sensor = calloc(SENSORS_MAX, sizeof(*crowd->sensor));
	must(crowd->context && crowd->sensor, "out of memory");
	must(zmq_ctx_set(crowd->context, ZMQ_MAX_SOCKETS, 4 * SENSORS_MAX) == 0, "ZeroMQ takes no more sockets");
	while (read_line(line, sizeof(line)))
		add(crowd, line);
	crowd->fds = calloc(1 + 2 * crowd->count, sizeof(*crowd->fds));
	must(crowd->fds != NULL, "out of memory");
	crowd->fds[0] = (struct pollfd){STDIN_FILENO, POLLIN, 0};
	for (size_t i = 0; i < crowd->count; i++)
		poll_for(crowd, i);
}

static void who(const struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->count; i++)
		printf("%llu%c ", (unsigned long long)qw_session_counters(crowd->sensor[i].session).connects,
		       crowd->sensor[i].welcomed ? '+' : '-');
	printf("\n");
	fflush(stdout);
}

/* "send NUMBER HEX" */
static void send_frame(const struct crowd *crowd, const char *words)
{
	static uint8_t frame[LINE_MAX_BYTES / 2];
	size_t number = 0;
	int at = 0;

	must(sscanf(words, "send %zu %n", &number, &at) == 1 && number < crowd->count, "send NUMBER HEX");
	size_t digits = strlen(words + at);
	must(digits / 2 <= sizeof(frame) && qw_hex_decode(words + at, digits, frame), "send NUMBER HEX");
	ignore(qw_session_send(crowd->sensor[number].session, frame, digits / 2));
}

static void connect_again(struct crowd *crowd, const char *words)
{
	size_t number = 0;

	must(sscanf(words, "again %zu", &number) == 1 && number < crowd->count, "again NUMBER");
	qw_session_free(crowd->sensor[number].session);
	connect_to(crowd, &crowd->sensor[number]);
	crowd->sensor[number].welcomed = false;
	poll_for(crowd, number);
}

/* False: the input ended. */
static bool answer(struct crowd *crowd)
{
	static char line[LINE_MAX_BYTES];

	if (!read_line(line, sizeof(line)))
		return false;
	if (strcmp(line, "who") == 0)
		who(crowd);
	else if (strncmp(line, "send ", 5) == 0)
		send_frame(crowd, line);
	else if (strncmp(line, "again ", 6) == 0)
		connect_again(crowd, line);
	else
		look(crowd);
	return true;
}

static void run(struct crowd *crowd)
{
	struct qw_time looked = {0};

	for (;;) {
		must(poll(crowd->fds, 1 + 2 * crowd->count, LOOK_MS / 4) >= 0, "poll");
		struct qw_time now = qw_time_monotonic();
		bool all = now.ns - looked.ns >= LOOK_MS * QW_NS_PER_MS;
		if (crowd->fds[0].revents && !answer(crowd))
			return;
		for (size_t i = 0; i < crowd->count; i++)
			if (all || crowd->fds[1 + 2 * i].revents || crowd->fds[2 + 2 * i].revents)
				turn(crowd, &crowd->sensor[i], now);
		if (all)
			looked = now;
	}
}

int main(int argc, char **argv)
{
	struct crowd crowd = {0};

	must(argc == 4 || argc == 5, "usage: bench_sensors ADDRESS COLLECTOR_KEY ROOT_KEY [TAP] < LIST");
	crowd.address = argv[1];
	crowd.server_key = argv[2];
	must(strlen(argv[3]) == 2 * sizeof(crowd.root) && qw_hex_decode(argv[3], strlen(argv[3]), crowd.root), "the root key is not 64 hexadecimal digits");
	must(qw_keys_start() == QW_OK, "no randomness");
	crowd.tap = argc == 5 ? fopen(argv[4], "w") : NULL;
	must(argc == 4 || crowd.tap, "the tap's file cannot be made");
	set_up(&crowd);
	run(&crowd);
	for (size_t i = 0; i < crowd.count; i++) {
		qw_session_free(crowd.sensor[i].session);
		qw_channel_free(crowd.sensor[i].channel);
	}
	zmq_ctx_term(crowd.context);
	if (crowd.tap)
		fclose(crowd.tap);
	free(crowd.sensor);
	free(crowd.fds);
	return 0;
}

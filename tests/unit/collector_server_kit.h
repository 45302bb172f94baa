/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collector_server_kit - the whole collector in a process of its own, and sensors made here: DEALER, CURVE, and the wire.
 */
#pragma once

#include "tests/unit/collector_kit.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <zmq.h>

#include "collector/server.h"
#include "collector/settings.h"
#include "quaywatch/file.h"
#include "quaywatch/log.h"

enum { PATIENCE_MS = 10000 };

struct sensor {
	struct qw_curve_pair keys;
	void *socket;
	struct qw_channel *community;
	uint8_t nonce[16];
	size_t welcome_channels;
	bool repairs;    /* it says that it can take them */
	uint64_t claims; /* sequence that it says it holds; 0: the one it does */
};

struct port {
	char folder[128];
	char address[64];
	struct qw_curve_pair keys;
	struct qw_sign_pair root, online;
	void *context;
	pid_t collector;
	struct sensor sensor[2]; /* of berth-100 and berth-200 */
};

/* ---- the collector */

/* The root's word for so long. */
static inline void delegate(const struct port *port, struct qw_time length)
{
	struct qw_delegation delegation = {
	    .rights = QW_RIGHT_INDICATORS | QW_RIGHT_ALLOW | QW_RIGHT_SIGNATURES,
	    .not_before = qw_time_sub(qw_time_wall(), qw_time_seconds(60)),
	    .not_after = qw_time_add(qw_time_wall(), length),
	};
	char path[256];
	uint8_t *packed;
	size_t len;

	memcpy(delegation.online_key, port->online.public_key, sizeof(delegation.online_key));
	assert_int_equal(qw_delegation_sign(&delegation, &port->root, &packed, &len), QW_OK);
	kit_path(path, port->folder, "online.delegation");
	assert_int_equal(qw_file_replace(path, packed, len, 0644), QW_OK);
	free(packed);
}

static inline void make_keys(struct port *port)
{
	char secret[256], public[256];

	assert_int_equal(qw_keys_start(), QW_OK);
	qw_curve_generate(&port->keys);
	kit_path(secret, port->folder, "collector.secret");
	kit_path(public, port->folder, "collector.public");
	assert_int_equal(qw_curve_save(&port->keys, secret, public), QW_OK);
	qw_sign_generate(&port->online);
	kit_path(secret, port->folder, "online.secret");
	kit_path(public, port->folder, "online.public");
	assert_int_equal(qw_sign_save(&port->online, secret, public), QW_OK);
	qw_sign_generate(&port->root);
	kit_path(secret, port->folder, "root.secret");
	kit_path(public, port->folder, "root.public");
	assert_int_equal(qw_sign_save(&port->root, secret, public), QW_OK);
	delegate(port, qw_time_seconds(3600));
}

static inline void enrol(struct port *port)
{
	static const struct qw_identity who[] = {{"berth-100", "gate-1"}, {"berth-200", "gate-2"}};
	struct qw_store *store;
	char path[256];

	kit_path(path, port->folder, "collector.db");
	assert_int_equal(qw_store_open(&store, path), QW_OK);
	for (size_t i = 0; i < 2; i++) {
		qw_curve_generate(&port->sensor[i].keys);
		assert_int_equal(qw_store_add_tenant(store, who[i].tenant, qw_time_wall()), QW_OK);
		assert_int_equal(qw_store_put_sensor(store, &who[i], port->sensor[i].keys.public_z85, qw_time_wall()),
				 QW_OK);
	}
	qw_store_close(store);
}

static inline int run_collector(const struct port *port)
{
	struct qw_collector collector;
	struct qw_config *config;
	sigset_t set;
	char text[256];

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	qw_log_setup("collector", QW_LOG_ERROR);
	if (qw_settings_new(&config) != QW_OK)
		return 1;
	const char *const settings[][2] = {{"collector.listen", port->address}, {"collector.state", port->folder}};
	for (size_t i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "%s=\"%s\"", settings[i][0], settings[i][1]);
		if (qw_config_set(config, text, NULL) != QW_OK)
			return 2;
	}
	snprintf(text, sizeof(text), "collector.control=\"%s/c.sock\"", port->folder);
	if (qw_config_set(config, text, NULL) != QW_OK)
		return 3;
	enum qw_exit status = qw_collector_open(&collector, config);
	if (status == QW_EXIT_OK)
		status = qw_server_run(&collector);
	qw_collector_close(&collector);
	qw_config_free(config);
	return (int)status;
}

static inline void start_collector(struct port *port)
{
	port->collector = fork();
	if (port->collector == 0)
		_exit(run_collector(port));
}

static inline int stop_collector(struct port *port, int number)
{
	int status;

	kill(port->collector, number);
	waitpid(port->collector, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A port that is free now. */
static inline void choose_address(struct port *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	getsockname(fd, (struct sockaddr *)&at, &len);
	close(fd);
	snprintf(port->address, sizeof(port->address), "tcp://127.0.0.1:%d", ntohs(at.sin_port));
}

/* ---- an operator */

/* Asks; the answer, as it came, is the caller's to free. */
static inline char *ask(const struct port *port, const char *request)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char *answer = calloc(1, 65536);
	size_t len = 0;
	ssize_t got;

	snprintf(at.sun_path, sizeof(at.sun_path), "%.90s/c.sock", port->folder);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	for (int tries = 0; connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0; tries++) {
		assert_true(tries < PATIENCE_MS / 10);
		usleep(10000);
	}
	assert_int_equal(write(fd, request, strlen(request)), (ssize_t)strlen(request));
	while ((got = read(fd, answer + len, 65535 - len)) > 0)
		len += (size_t)got;
	close(fd);
	return answer;
}

static inline void command(const struct port *port, const char *request)
{
	char *answer = ask(port, request);

	assert_non_null(strstr(answer, "=0\n"));
	free(answer);
}

/* Until the answer holds the text. */
static inline void wait_answer(const struct port *port, const char *request, const char *text)
{
	for (int tries = 0;; tries++) {
		char *answer = ask(port, request);
		bool found = strstr(answer, text) != NULL;
		free(answer);
		if (found)
			return;
		assert_true(tries < PATIENCE_MS / 20);
		usleep(20000);
	}
}

/* ---- a sensor */

static inline void *connect_with(struct port *port, const struct qw_curve_pair *keys)
{
	void *socket = zmq_socket(port->context, ZMQ_DEALER);
	int zero = 0, patience = PATIENCE_MS, again = 20;

	zmq_setsockopt(socket, ZMQ_LINGER, &zero, sizeof(zero));
	zmq_setsockopt(socket, ZMQ_RCVTIMEO, &patience, sizeof(patience));
	zmq_setsockopt(socket, ZMQ_RECONNECT_IVL, &again, sizeof(again));
	zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, port->keys.public_z85, QW_CURVE_Z85 + 1);
	zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys->public_z85, QW_CURVE_Z85 + 1);
	zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->secret_z85, QW_CURVE_Z85 + 1);
	assert_int_equal(zmq_connect(socket, port->address), 0);
	return socket;
}

static inline void send_frame(struct sensor *sensor, Quaywatch__Wire__Frame *frame)
{
	uint8_t *data;
	size_t len;

	frame->version = QW_WIRE_VERSION;
	assert_int_equal(qw_frame_pack(frame, &data, &len), QW_OK);
	assert_int_equal(zmq_send(sensor->socket, data, len, 0), (int)len);
	free(data);
}

/* The next frame of that kind; others are passed over. */
static inline Quaywatch__Wire__Frame *receive(struct sensor *sensor, Quaywatch__Wire__Frame__BodyCase wanted)
{
	for (;;) {
		zmq_msg_t message;
		Quaywatch__Wire__Frame *frame;
		zmq_msg_init(&message);
		assert_true(zmq_msg_recv(&message, sensor->socket, 0) >= 0);
		assert_int_equal(qw_frame_unpack(&frame, zmq_msg_data(&message), zmq_msg_size(&message)), QW_OK);
		zmq_msg_close(&message);
		if (frame->body_case == wanted)
			return frame;
		qw_frame_free(frame);
	}
}

static inline void write_state(struct sensor *sensor, Quaywatch__Wire__ChannelState *state, Quaywatch__Wire__Order *order,
			struct qw_digest *digest)
{
	quaywatch__wire__channel_state__init(state);
	quaywatch__wire__order__init(order);
	*digest = qw_channel_digest(sensor->community);
	order->term = qw_channel_order(sensor->community).term;
	order->sequence = sensor->claims ? sensor->claims : qw_channel_order(sensor->community).sequence;
	state->channel = (char *)(uintptr_t) "community";
	state->order = order;
	state->digest.data = digest->bytes;
	state->digest.len = sizeof(digest->bytes);
}

static inline void say_hello(struct sensor *sensor)
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT, *welcome;
	Quaywatch__Wire__Hello hello;
	Quaywatch__Wire__ChannelState state, *states[] = {&state};
	Quaywatch__Wire__Order order;
	struct qw_digest digest;
	char software[] = "test";

	quaywatch__wire__hello__init(&hello);
	write_state(sensor, &state, &order, &digest);
	hello.software = software;
	hello.repairs = sensor->repairs;
	hello.channels = states;
	hello.n_channels = 1;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_HELLO;
	frame.hello = &hello;
	send_frame(sensor, &frame);
	welcome = receive(sensor, QUAYWATCH__WIRE__FRAME__BODY_WELCOME);
	assert_int_equal(welcome->welcome->nonce.len, sizeof(sensor->nonce));
	memcpy(sensor->nonce, welcome->welcome->nonce.data, sizeof(sensor->nonce));
	sensor->welcome_channels = welcome->welcome->n_channels;
	qw_frame_free(welcome);
}

static inline void send_alerts(struct sensor *sensor, uint64_t epoch, uint64_t first, size_t count)
{
	static Quaywatch__Wire__Alert alert[64];
	static Quaywatch__Wire__Alert *alerts[64];
	static char origin[] = "signature", eve[] = "{\"timestamp\":\"t\",\"event_type\":\"alert\"}";
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	Quaywatch__Wire__AlertBatch batch = QUAYWATCH__WIRE__ALERT_BATCH__INIT;

	for (size_t i = 0; i < count; i++) {
		quaywatch__wire__alert__init(&alert[i]);
		alert[i].eve.data = (uint8_t *)eve;
		alert[i].eve.len = strlen(eve);
		alert[i].origin = origin;
		alerts[i] = &alert[i];
	}
	batch.epoch = epoch;
	batch.first = first;
	batch.n_alerts = count;
	batch.alerts = alerts;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_ALERTS;
	frame.alerts = &batch;
	send_frame(sensor, &frame);
}

static inline uint64_t wait_acknowledged(struct sensor *sensor)
{
	Quaywatch__Wire__Frame *frame = receive(sensor, QUAYWATCH__WIRE__FRAME__BODY_ACKNOWLEDGE);
	uint64_t through = frame->acknowledge->through;

	qw_frame_free(frame);
	return through;
}

static inline void take_delta(struct port *port, struct sensor *sensor)
{
	Quaywatch__Wire__Frame *frame = receive(sensor, QUAYWATCH__WIRE__FRAME__BODY_DELTA);

	assert_int_equal(qw_channel_apply(sensor->community, frame->delta.data, frame->delta.len, port->root.public_key,
					  qw_time_wall(), NULL, NULL),
			 QW_OK);
	qw_frame_free(frame);
}

static inline void send_receipt(struct sensor *sensor)
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	Quaywatch__Wire__Receipt receipt = QUAYWATCH__WIRE__RECEIPT__INIT;
	Quaywatch__Wire__ChannelState state;
	Quaywatch__Wire__Order order;
	struct qw_digest digest, answer = qw_channel_answer(sensor->community, sensor->nonce);

	write_state(sensor, &state, &order, &digest);
	receipt.state = &state;
	receipt.nonce.data = sensor->nonce;
	receipt.nonce.len = sizeof(sensor->nonce);
	receipt.answer.data = answer.bytes;
	receipt.answer.len = sizeof(answer.bytes);
	receipt.entries = qw_channel_count(sensor->community);
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_RECEIPT;
	frame.receipt = &receipt;
	send_frame(sensor, &frame);
}

static inline void propose(struct sensor *sensor, const char *type, const char *value)
{
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	Quaywatch__Wire__Proposal proposal = QUAYWATCH__WIRE__PROPOSAL__INIT;
	Quaywatch__Wire__Indicator indicator;

	quaywatch__wire__indicator__init(&indicator);
	indicator.type = (char *)(uintptr_t)type;
	indicator.value = (char *)(uintptr_t)value;
	indicator.confidence = 80;
	indicator.tlp = (char *)(uintptr_t) "GREEN";
	proposal.indicator = &indicator;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_PROPOSAL;
	frame.proposal = &proposal;
	send_frame(sensor, &frame);
}

/* ---- */

static inline int set_up(void **state)
{
	struct port *port = calloc(1, sizeof(*port));
	char folder[] = P_tmpdir "/quaywatch-test-XXXXXX";

	if (!port || !mkdtemp(folder))
		return -1;
	snprintf(port->folder, sizeof(port->folder), "%s", folder);
	make_keys(port);
	enrol(port);
	choose_address(port);
	start_collector(port);
	port->context = zmq_ctx_new();
	for (size_t i = 0; i < 2; i++) {
		port->sensor[i].socket = connect_with(port, &port->sensor[i].keys);
		assert_int_equal(qw_channel_new(&port->sensor[i].community, "community"), QW_OK);
		say_hello(&port->sensor[i]);
	}
	*state = port;
	return 0;
}

static inline int tear_down(void **state)
{
	struct port *port = *state;
	int status = stop_collector(port, SIGTERM);

	for (size_t i = 0; i < 2; i++) {
		zmq_close(port->sensor[i].socket);
		qw_channel_free(port->sensor[i].community);
	}
	zmq_ctx_term(port->context);
	kit_remove(port->folder);
	free(port);
	return status;
}

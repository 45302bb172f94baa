/* SPDX-License-Identifier: Apache-2.0 */
/* Each stream event: a conversation whose last packet raises it.  Orderly conversations raise none. */
#include "tests/unit/flow_kit.h"

#include "sensor/flow/stream.h"

enum { CLIENT_ISN = 1000, SERVER_ISN = 5000, PACKETS_MAX = 16, STAMPS_LEN = 32 };

#define UP   true
#define DOWN false

enum { S = QW_TCP_SYN, A = QW_TCP_ACK, F = QW_TCP_FIN, R = QW_TCP_RST };

/* seq and ack count from each side's first byte; SYNs stand at -1. */
struct step {
	bool up;
	uint8_t flags;
	int64_t seq, ack;
	const char *payload;
	uint32_t stamp, echo; /* timestamps; both 0: none */
};

struct talk {
	int event; /* of the last packet */
	struct step step[PACKETS_MAX];
};

#define SHAKE {UP, S, -1, 0, ""}, {DOWN, S | A, -1, 0, ""}, {UP, A, 0, 0, ""}
#define OPEN SHAKE, {UP, A, 0, 0, "hello"}, {DOWN, A, 0, 5, "world"}, {UP, A, 5, 5, ""}

static const struct talk talks[] = {
    {QW_PE_STREAM_3WHS_SYNACK_IN_WRONG_DIRECTION, {{UP, S, -1, 0, ""}, {UP, S | A, 9, 0, ""}}},
    {QW_PE_STREAM_3WHS_SYNACK_WITH_WRONG_ACK, {{UP, S, -1, 0, ""}, {DOWN, S | A, -1, 77, ""}}},
    {QW_PE_STREAM_3WHS_SYNACK_RESEND_WITH_DIFF_ACK, {{UP, S, -1, 0, ""}, {DOWN, S | A, -1, 0, ""}, {DOWN, S | A, -1, 9, ""}}},
    {QW_PE_STREAM_3WHS_SYNACK_RESEND_WITH_DIFF_SEQ, {{UP, S, -1, 0, ""}, {DOWN, S | A, -1, 0, ""}, {DOWN, S | A, 50, 0, ""}}},
    {QW_PE_STREAM_3WHS_SYNACK_TOSERVER_ON_SYN_RECV, {{UP, S, -1, 0, ""}, {DOWN, S | A, -1, 0, ""}, {UP, S | A, 7, 0, ""}}},
    {QW_PE_STREAM_3WHS_SYN_TOCLIENT_ON_SYN_RECV, {{UP, S, -1, 0, ""}, {DOWN, S | A, -1, 0, ""}, {DOWN, S, 70, 0, ""}}},
    {QW_PE_STREAM_3WHS_SYN_RESEND_DIFF_SEQ_ON_SYN_RECV, {{UP, S, -1, 0, ""}, {DOWN, S | A, -1, 0, ""}, {UP, S, 70, 0, ""}}},
    {QW_PE_STREAM_3WHS_ACK_IN_WRONG_DIR, {{UP, S, -1, 0, ""}, {DOWN, S | A, -1, 0, ""}, {DOWN, A, 0, 0, ""}}},
    {QW_PE_STREAM_3WHS_RIGHT_SEQ_WRONG_ACK_EVASION, {{UP, S, -1, 0, ""}, {DOWN, S | A, -1, 0, ""}, {UP, A, 0, 4000, ""}}},
    {QW_PE_STREAM_3WHS_WRONG_SEQ_WRONG_ACK, {{UP, S, -1, 0, ""}, {DOWN, S | A, -1, 0, ""}, {UP, A, 3, 4000, ""}}},
    {QW_PE_STREAM_PKT_INVALID_TIMESTAMP, {{UP, S, -1, 0, "", 1800000000, 0}, {DOWN, S | A, -1, 0, "", 100, 100}}},

    {QW_PE_STREAM_EST_SYNACK_TOSERVER, {OPEN, {UP, S | A, 70, 5, ""}}},
    {QW_PE_STREAM_EST_SYNACK_RESEND, {OPEN, {DOWN, S | A, -1, 0, ""}}},
    {QW_PE_STREAM_EST_SYNACK_RESEND_WITH_DIFF_ACK, {OPEN, {DOWN, S | A, -1, 9, ""}}},
    {QW_PE_STREAM_EST_SYNACK_RESEND_WITH_DIFF_SEQ, {OPEN, {DOWN, S | A, 90, 0, ""}}},
    {QW_PE_STREAM_EST_SYN_RESEND, {OPEN, {UP, S, -1, 0, ""}}},
    {QW_PE_STREAM_EST_SYN_RESEND_DIFF_SEQ, {OPEN, {UP, S, 900, 0, ""}}},
    {QW_PE_STREAM_EST_SYN_TOCLIENT, {OPEN, {DOWN, S, 900, 0, ""}}},
    {QW_PE_STREAM_EST_PACKET_OUT_OF_WINDOW, {OPEN, {UP, A, 500000, 5, "far"}}},
    {QW_PE_STREAM_EST_INVALID_ACK, {OPEN, {UP, A, 5, 500000, "x"}}},
    {QW_PE_STREAM_PKT_INVALID_ACK, {OPEN, {UP, A, 5, 500000, "x"}}},
    {QW_PE_STREAM_EST_PKT_BEFORE_LAST_ACK, {OPEN, {UP, A, 0, 5, "hello"}}},
    {QW_PE_STREAM_PKT_RETRANSMISSION, {SHAKE, {UP, A, 0, 0, "hello"}, {UP, A, 0, 0, "hello"}}},
    {QW_PE_STREAM_PKT_SPURIOUS_RETRANSMISSION, {OPEN, {UP, A, 0, 5, "hello"}}},
    {QW_PE_STREAM_FIN_OUT_OF_WINDOW, {OPEN, {UP, A | F, 500000, 5, ""}}},
    {QW_PE_STREAM_FIN_INVALID_ACK, {OPEN, {UP, A | F, 5, 500000, ""}}},

    {QW_PE_STREAM_CLOSEWAIT_ACK_OUT_OF_WINDOW, {OPEN, {UP, A | F, 5, 5, ""}, {DOWN, A, 500000, 6, "x"}}},
    {QW_PE_STREAM_CLOSEWAIT_FIN_OUT_OF_WINDOW, {OPEN, {UP, A | F, 5, 5, ""}, {DOWN, A | F, 500000, 6, ""}}},
    {QW_PE_STREAM_CLOSEWAIT_INVALID_ACK, {OPEN, {UP, A | F, 5, 5, ""}, {DOWN, A, 5, 500000, "x"}}},
    {QW_PE_STREAM_CLOSEWAIT_PKT_BEFORE_LAST_ACK, {OPEN, {UP, A | F, 5, 5, ""}, {DOWN, A, 0, 6, "world"}}},
    {QW_PE_STREAM_FIN1_ACK_WRONG_SEQ, {OPEN, {DOWN, A | F, 5, 5, ""}, {UP, A, 500000, 5, "x"}}},
    {QW_PE_STREAM_FIN1_FIN_WRONG_SEQ, {OPEN, {DOWN, A | F, 5, 5, ""}, {UP, A | F, 500000, 5, ""}}},
    {QW_PE_STREAM_FIN1_INVALID_ACK, {OPEN, {DOWN, A | F, 5, 5, ""}, {UP, A, 5, 500000, "x"}}},
    {QW_PE_STREAM_FIN2_ACK_WRONG_SEQ, {OPEN, {DOWN, A | F, 5, 5, ""}, {UP, A, 5, 6, ""}, {UP, A, 500000, 6, "x"}}},
    {QW_PE_STREAM_FIN2_FIN_WRONG_SEQ, {OPEN, {DOWN, A | F, 5, 5, ""}, {UP, A, 5, 6, ""}, {UP, A | F, 500000, 6, ""}}},
    {QW_PE_STREAM_FIN2_INVALID_ACK, {OPEN, {DOWN, A | F, 5, 5, ""}, {UP, A, 5, 6, ""}, {UP, A, 5, 500000, "x"}}},
    {QW_PE_STREAM_LASTACK_ACK_WRONG_SEQ, {OPEN, {UP, A | F, 5, 5, ""}, {DOWN, A | F, 5, 6, ""}, {UP, A, 500000, 5, "x"}}},
    {QW_PE_STREAM_LASTACK_INVALID_ACK, {OPEN, {UP, A | F, 5, 5, ""}, {DOWN, A | F, 5, 6, ""}, {UP, A, 6, 500000, ""}}},
    {QW_PE_STREAM_TIMEWAIT_ACK_WRONG_SEQ,
     {OPEN, {UP, A | F, 5, 5, ""}, {DOWN, A | F, 5, 6, ""}, {UP, A, 6, 6, ""}, {UP, A, 500000, 6, "x"}}},
    {QW_PE_STREAM_TIMEWAIT_INVALID_ACK,
     {OPEN, {UP, A | F, 5, 5, ""}, {DOWN, A | F, 5, 6, ""}, {UP, A, 6, 6, ""}, {UP, A, 6, 500000, ""}}},
    {QW_PE_STREAM_SHUTDOWN_SYN_RESEND, {OPEN, {UP, A | F, 5, 5, ""}, {UP, S, -1, 0, ""}}},

    {QW_PE_STREAM_FIN_BUT_NO_SESSION, {{UP, A | F, 5, 5, ""}}},
    {QW_PE_STREAM_RST_BUT_NO_SESSION, {{UP, R, 5, 0, ""}}},
    {QW_PE_STREAM_FIN_SYN, {{UP, S | F, -1, 0, ""}}},
    {QW_PE_STREAM_PKT_BROKEN_ACK, {OPEN, {UP, QW_TCP_PSH, 5, 5, "x"}}},
    {QW_PE_STREAM_RST_INVALID_ACK, {OPEN, {UP, R | A, 500000, 5, ""}}},
    {QW_PE_STREAM_SUSPECTED_RST_INJECT, {OPEN, {DOWN, R | A, 5, 5, ""}, {DOWN, A, 5, 5, "still here"}}},
    {QW_PE_STREAM_REASSEMBLY_SEQ_GAP, {OPEN, {DOWN, A, 5, 8, ""}, {UP, A, 8, 5, "lost before"}}},
    {QW_PE_STREAM_REASSEMBLY_OVERLAP_DIFFERENT_DATA, {OPEN, {UP, A, 7, 5, "abcd"}, {UP, A, 7, 5, "abXY"}}},
    {QW_PE_STREAM_REASSEMBLY_DEPTH_REACHED, {OPEN, {UP, A, 5, 5, "more than the depth of this test's streams allows"}}},
};

/* No packet of these is odd. */
static const struct step orderly[][PACKETS_MAX] = {
    {OPEN, {UP, A | F, 5, 5, ""}, {DOWN, A, 5, 6, ""}, {DOWN, A | F, 5, 6, ""}, {UP, A, 6, 6, ""}},
    {OPEN, {DOWN, A | F, 5, 5, ""}, {UP, A, 5, 6, ""}, {UP, A | F, 5, 6, ""}, {DOWN, A, 6, 6, ""}},
    {OPEN, {UP, A, 7, 5, "second"}, {UP, A, 5, 5, "1."}, {DOWN, A, 5, 13, ""}, {DOWN, R | A, 5, 13, ""}},
    {{UP, S, -1, 0, "", 1000, 0}, {DOWN, S | A, -1, 0, "", 7, 1000}, {UP, A, 0, 0, "", 1001, 7}},
    {{UP, S, -1, 0, "", 1000, 0}, {UP, S, -1, 0, "", 2000, 0}, {DOWN, S | A, -1, 0, "", 7, 2000}},
    {{UP, S, -1, 0, ""}, {DOWN, R | A, 0, 0, ""}},
};

struct kit {
	struct qw_streams *streams;
	struct qw_flow flow;
};

static void on_data(void *ctx, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, uint32_t len,
		    bool in_packet)
{
}

static void on_gap(void *ctx, struct qw_flow *flow, enum qw_direction direction, uint32_t missing)
{
}

static void on_closed(void *ctx, struct qw_flow *flow, enum qw_direction direction)
{
}

static const struct qw_stream_sink sink = {.data = on_data, .gap = on_gap, .closed = on_closed};

static void open_kit(struct kit *kit)
{
	struct qw_stream_options options = {.bytes = 1 << 20, .flow_bytes = 1 << 16, .depth = 40};

	*kit = (struct kit){0};
	assert_int_equal(qw_streams_new(&kit->streams, &options), QW_OK);
	kit->flow.key.proto = QW_PROTO_TCP;
}

static void shut_kit(struct kit *kit)
{
	qw_stream_end(kit->streams, &kit->flow, &sink);
	qw_streams_free(kit->streams);
}

/* A header of 20 bytes, and timestamps behind it where the step has some. */
static void put_header(struct qw_packet *packet, const struct step *step, uint8_t header[STAMPS_LEN])
{
	static const uint8_t option[] = {1, 1, 8, 10};

	memset(header, 0, STAMPS_LEN);
	packet->transport = header;
	packet->transport_len = 20;
	if (!step->stamp)
		return;
	packet->transport_len = STAMPS_LEN;
	memcpy(header + 20, option, sizeof(option));
	for (int i = 0; i < 4; i++) {
		header[24 + i] = (uint8_t)(step->stamp >> (24 - 8 * i));
		header[28 + i] = (uint8_t)(step->echo >> (24 - 8 * i));
	}
}

static const struct qw_packet_events *push(struct kit *kit, const struct step *step)
{
	uint8_t header[STAMPS_LEN];
	uint32_t mine = step->up ? CLIENT_ISN : SERVER_ISN, other = step->up ? SERVER_ISN : CLIENT_ISN;
	bool acks = step->ack || step->flags & A;
	struct qw_packet packet = kit_tcp(step->up, step->flags, mine + 1 + (uint32_t)step->seq,
					  acks ? other + 1 + (uint32_t)step->ack : 0, step->payload);

	put_header(&packet, step, header);
	kit->flow.flags |= step->up ? QW_FLOW_SEEN_TO_SERVER : QW_FLOW_SEEN_TO_CLIENT;
	(void)qw_stream_push(kit->streams, &kit->flow, step->up ? QW_TO_SERVER : QW_TO_CLIENT, &packet, &sink);
	return qw_stream_events(kit->streams);
}

static void each_event_is_raised_by_the_last_packet(void **state)
{
	for (size_t i = 0; i < sizeof(talks) / sizeof(talks[0]); i++) {
		const struct qw_packet_events *events = NULL;
		struct kit kit;

		open_kit(&kit);
		for (size_t at = 0; at < PACKETS_MAX && talks[i].step[at].payload; at++) {
			if (events && qw_packet_events_has(events, (unsigned)talks[i].event))
				fail_msg("event %d comes before packet %zu of talk %zu", talks[i].event, at, i);
			events = push(&kit, &talks[i].step[at]);
		}
		if (!events || !qw_packet_events_has(events, (unsigned)talks[i].event))
			fail_msg("event %d is not raised by talk %zu", talks[i].event, i);
		shut_kit(&kit);
	}
}

static void orderly_talks_raise_nothing(void **state)
{
	for (size_t i = 0; i < sizeof(orderly) / sizeof(orderly[0]); i++) {
		struct kit kit;

		open_kit(&kit);
		for (size_t at = 0; at < PACKETS_MAX && orderly[i][at].payload; at++)
			if (push(&kit, &orderly[i][at]))
				fail_msg("packet %zu of orderly talk %zu raises something", at, i);
		shut_kit(&kit);
	}
}

static void every_event_has_its_talk(void **state)
{
	for (int event = QW_PE_STREAM_3WHS_ACK_IN_WRONG_DIR; event < QW_PE_APPLAYER_MISMATCH_PROTOCOL_BOTH_DIRECTIONS; event++) {
		bool found = false;
		for (size_t i = 0; i < sizeof(talks) / sizeof(talks[0]); i++)
			found |= talks[i].event == event;
		if (!found)
			fail_msg("no talk raises event %d", event);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_event_is_raised_by_the_last_packet),
	    cmocka_unit_test(orderly_talks_raise_nothing),
	    cmocka_unit_test(every_event_has_its_talk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

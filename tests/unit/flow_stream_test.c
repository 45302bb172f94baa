/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/flow_kit.h"

#include "sensor/flow/stream.h"

enum {
	ISN_CLIENT = 1000,
	ISN_SERVER = 5000,
	LOG_MAX = 65536,
	SYN = QW_TCP_SYN,
	ACK = QW_TCP_ACK,
	FIN = QW_TCP_FIN,
	RST = QW_TCP_RST,
};

/* What the sink was told, as text: ">data", "<data", ">[3]" a gap, ">$" closed, ">!data" differs. */
struct kit {
	struct qw_streams *streams;
	struct qw_flow flow;
	struct qw_stream_sink sink;
	struct qw_stream_counters counters;
	char log[LOG_MAX];
	size_t len;
	bool copied; /* some data was not the packet's own */
};

static void note(struct kit *kit, enum qw_direction direction, const char *kind, const void *data, size_t len)
{
	kit->len += (size_t)snprintf(kit->log + kit->len, LOG_MAX - kit->len, "%s%s%.*s",
				     direction == QW_TO_SERVER ? ">" : "<", kind, (int)len, (const char *)data);
	assert_true(kit->len < LOG_MAX);
}

static void on_data(void *ctx, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, uint32_t len,
		    bool in_packet)
{
	struct kit *kit = ctx;
	kit->copied = kit->copied || !in_packet;
	note(kit, direction, "", data, len);
}

static void on_gap(void *ctx, struct qw_flow *flow, enum qw_direction direction, uint32_t missing)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "[%u]", missing);
	note(ctx, direction, "", text, (size_t)len);
}

static void on_differs(void *ctx, struct qw_flow *flow, enum qw_direction direction, const struct qw_conflict *conflict)
{
	assert_memory_not_equal(conflict->taken, conflict->other, conflict->len);
	note(ctx, direction, "!", conflict->piece, conflict->piece_len);
}

static void on_closed(void *ctx, struct qw_flow *flow, enum qw_direction direction)
{
	note(ctx, direction, "$", "", 0);
}

static struct kit *open_with(uint64_t depth, uint32_t flow_bytes, size_t bytes)
{
	struct kit *kit = calloc(1, sizeof(*kit));
	assert_non_null(kit);
	struct qw_stream_options options = {.bytes = bytes, .flow_bytes = flow_bytes, .depth = depth};
	assert_int_equal(qw_streams_new(&kit->streams, &options), QW_OK);
	kit->sink = (struct qw_stream_sink){kit, on_data, on_gap, on_differs, on_closed};
	kit->flow.key.proto = QW_PROTO_TCP;
	return kit;
}

static struct kit *open_kit(void)
{
	return open_with(0, 1 << 20, 1 << 20);
}

static void shut(struct kit *kit, const char *expected)
{
	qw_stream_end(kit->streams, &kit->flow, &kit->sink);
	qw_stream_counters(kit->streams, &kit->counters);
	assert_string_equal(kit->log, expected);
	assert_int_equal(kit->counters.held_bytes, 0);
	qw_streams_free(kit->streams);
	free(kit);
}

static enum qw_stream_result push(struct kit *kit, const struct qw_packet *packet)
{
	bool to_server = packet->dport == KIT_SERVER_PORT;
	kit->flow.flags |= to_server ? QW_FLOW_SEEN_TO_SERVER : QW_FLOW_SEEN_TO_CLIENT;
	enum qw_stream_result result =
	    qw_stream_push(kit->streams, &kit->flow, to_server ? QW_TO_SERVER : QW_TO_CLIENT, packet, &kit->sink);
	qw_stream_counters(kit->streams, &kit->counters);
	return result;
}

/* Sequence numbers count from each side's first byte. */
static enum qw_stream_result client(struct kit *kit, uint8_t flags, uint32_t seq, uint32_t ack, const char *payload)
{
	struct qw_packet packet = kit_tcp(true, flags, ISN_CLIENT + 1 + seq, ISN_SERVER + 1 + ack, payload);
	return push(kit, &packet);
}

static enum qw_stream_result server(struct kit *kit, uint8_t flags, uint32_t seq, uint32_t ack, const char *payload)
{
	struct qw_packet packet = kit_tcp(false, flags, ISN_SERVER + 1 + seq, ISN_CLIENT + 1 + ack, payload);
	return push(kit, &packet);
}

static void shake(struct kit *kit)
{
	assert_int_equal(client(kit, SYN, (uint32_t)-1, 0, ""), QW_STREAM_TAKEN);
	assert_int_equal(kit->flow.tcp_state, QW_TCP_SYN_SENT);
	assert_int_equal(server(kit, SYN | ACK, (uint32_t)-1, 0, ""), QW_STREAM_TAKEN);
	assert_int_equal(kit->flow.tcp_state, QW_TCP_SYN_RECEIVED);
	assert_false(kit->flow.flags & QW_FLOW_ESTABLISHED);
	assert_int_equal(client(kit, ACK, 0, 0, ""), QW_STREAM_TAKEN);
	assert_int_equal(kit->flow.tcp_state, QW_TCP_ESTABLISHED);
	assert_true(kit->flow.flags & QW_FLOW_ESTABLISHED);
}

static void a_conversation_comes_out_in_order_and_uncopied(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	assert_int_equal(client(kit, ACK, 0, 0, "ask"), QW_STREAM_TAKEN);
	assert_int_equal(server(kit, ACK, 0, 3, "answer"), QW_STREAM_TAKEN);
	assert_int_equal(client(kit, ACK | FIN, 3, 6, "bye"), QW_STREAM_TAKEN);
	assert_int_equal(kit->flow.tcp_state, QW_TCP_FIN_ONE);
	assert_int_equal(server(kit, ACK | FIN, 6, 7, ""), QW_STREAM_TAKEN);
	assert_int_equal(kit->flow.tcp_state, QW_TCP_FIN_BOTH);
	assert_true(kit->flow.flags & QW_FLOW_CLOSED);
	assert_false(kit->copied);
	shut(kit, ">ask<answer>bye>$<$");
}

static void segments_out_of_order_wait_for_the_first(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	client(kit, ACK | FIN, 6, 0, "ghi");
	client(kit, ACK, 3, 0, "def");
	assert_string_equal(kit->log, "");
	client(kit, ACK, 0, 0, "abc");
	assert_int_equal(kit->counters.reordered, 2);
	shut(kit, ">abc>def>ghi>$<$");
}

static void sequence_numbers_wrap(void **state)
{
	struct kit *kit = open_kit();
	struct qw_packet syn = kit_tcp(true, SYN, 0xfffffffe, 0, "");
	struct qw_packet answer = kit_tcp(false, SYN | ACK, 7, 0xffffffff, "");
	struct qw_packet late = kit_tcp(true, ACK, 2, 8, "def"), first = kit_tcp(true, ACK, 0xffffffff, 8, "abc");
	push(kit, &syn);
	push(kit, &answer);
	push(kit, &late);
	push(kit, &first);
	shut(kit, ">abc>def>$<$");
}

static void a_retransmission_is_old_and_its_new_bytes_are_taken(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	client(kit, ACK, 0, 0, "abc");
	assert_int_equal(client(kit, ACK, 0, 0, "abc"), QW_STREAM_OLD);
	assert_int_equal(client(kit, ACK, 1, 0, "bcde"), QW_STREAM_TAKEN);
	assert_int_equal(kit->counters.retransmitted, 2);
	shut(kit, ">abc>de>$<$");
}

static void keep_alives_are_old(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	client(kit, ACK, 0, 0, "abc");
	assert_int_equal(client(kit, ACK, 2, 0, "x"), QW_STREAM_OLD);
	assert_int_equal(client(kit, ACK, 2, 0, ""), QW_STREAM_TAKEN);
	shut(kit, ">abc>$<$");
}

static void a_hole_that_the_other_end_acknowledged_is_told_and_passed(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	client(kit, ACK, 3, 0, "def");
	assert_string_equal(kit->log, "");
	server(kit, ACK, 0, 6, "");
	assert_string_equal(kit->log, ">[3]>def");
	assert_int_equal(kit->counters.gap_bytes, 3);
	assert_true(kit->flow.tcp[QW_TO_SERVER].gap);
	/* The next hole is acknowledged before what follows it is seen. */
	server(kit, ACK, 0, 12, "");
	client(kit, ACK, 9, 0, "jkl");
	shut(kit, ">[3]>def>[3]>jkl>$<$");
}

static void an_acknowledgement_that_overtakes_its_data_is_no_gap(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	server(kit, ACK, 0, 3, "");
	client(kit, ACK, 0, 0, "abc");
	assert_int_equal(kit->counters.gaps, 0);
	shut(kit, ">abc>$<$");
}

static void one_direction_alone_is_enough(void **state)
{
	struct kit *kit = open_kit();
	client(kit, SYN, (uint32_t)-1, 0, "");
	client(kit, ACK, 0, 0, "");
	assert_true(kit->flow.flags & QW_FLOW_ESTABLISHED);
	client(kit, ACK, 0, 0, "abc");
	client(kit, ACK, 100000, 70000, "far");
	shut(kit, ">abc>[99997]>far>$<$");
}

static void data_of_a_syn_is_handed_on(void **state)
{
	struct kit *kit = open_kit();
	struct qw_packet syn = kit_tcp(true, SYN, ISN_CLIENT, 0, "fast");
	push(kit, &syn);
	assert_int_equal(server(kit, SYN | ACK, (uint32_t)-1, 4, ""), QW_STREAM_TAKEN);
	client(kit, ACK, 4, 0, "open");
	shut(kit, ">fast>open>$<$");
}

static void a_connection_is_picked_up_in_the_middle(void **state)
{
	struct kit *kit = open_kit();
	kit->flow.flags |= QW_FLOW_MIDSTREAM;
	server(kit, ACK, 700, 300, "poll");
	client(kit, ACK, 300, 704, "value");
	assert_true(kit->flow.flags & QW_FLOW_ESTABLISHED);
	shut(kit, "<poll>value>$<$");
}

static void without_midstream_nothing_is_reassembled_until_a_syn_comes(void **state)
{
	struct kit *kit = open_kit();
	kit->flow.flags |= QW_FLOW_STREAM_OFF;
	assert_int_equal(client(kit, ACK, 300, 704, "value"), QW_STREAM_TAKEN);
	assert_string_equal(kit->log, "");
	assert_int_equal(server(kit, SYN, 0, 0, ""), QW_STREAM_AGAIN);
	shake(kit);
	client(kit, ACK, 0, 0, "abc");
	shut(kit, ">abc>$<$");
}

static void data_beyond_the_window_is_not_believed(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	assert_int_equal(client(kit, ACK, 8190, 0, "abc"), QW_STREAM_INVALID);
	assert_int_equal(client(kit, ACK, 8189, 0, "abc"), QW_STREAM_TAKEN);
	assert_int_equal(kit->counters.invalid, 1);
	shut(kit, ">[8189]>abc>$<$");
}

static void a_scaled_window_is_as_wide_as_both_ends_agreed(void **state)
{
	static const uint8_t header[24] = {[20] = 1, [21] = 3, [22] = 3, [23] = 2};
	for (int agreed = 0; agreed <= 1; agreed++) {
		struct kit *kit = open_kit();
		struct qw_packet syn = kit_tcp(true, SYN, ISN_CLIENT, 0, "");
		struct qw_packet answer = kit_tcp(false, SYN | ACK, ISN_SERVER, ISN_CLIENT + 1, "");
		syn.transport = answer.transport = header;
		syn.transport_len = 24;
		answer.transport_len = agreed ? 24 : 20;
		push(kit, &syn);
		push(kit, &answer);
		client(kit, ACK, 0, 0, "");
		assert_int_equal(client(kit, ACK, 30000, 0, "abc"), agreed ? QW_STREAM_TAKEN : QW_STREAM_INVALID);
		shut(kit, agreed ? ">[30000]>abc>$<$" : ">$<$");
	}
}

static void a_reset_counts_only_at_the_right_number(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	client(kit, ACK, 0, 0, "abc");
	assert_int_equal(client(kit, RST, 50, 0, ""), QW_STREAM_INVALID);
	assert_int_equal(kit->flow.tcp_state, QW_TCP_ESTABLISHED);
	assert_int_equal(client(kit, RST, 3, 0, ""), QW_STREAM_TAKEN);
	assert_int_equal(kit->flow.tcp_state, QW_TCP_RESET);
	assert_true(kit->flow.flags & QW_FLOW_CLOSED);
	/* The ends did not believe it. */
	assert_int_equal(client(kit, ACK, 3, 0, "def"), QW_STREAM_TAKEN);
	assert_false(kit->flow.flags & QW_FLOW_CLOSED);
	shut(kit, ">abc>def>$<$");
}

static void what_waits_outlives_a_reset_that_is_not_believed(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	client(kit, ACK, 3, 0, "def");
	assert_int_equal(client(kit, RST, 0, 0, ""), QW_STREAM_TAKEN);
	client(kit, ACK, 6, 0, "ghi");
	assert_string_equal(kit->log, "");
	client(kit, ACK, 0, 0, "abc");
	shut(kit, ">abc>defghi>$<$");
}

static void a_refused_syn_is_a_reset_that_acknowledges_it(void **state)
{
	struct kit *kit = open_kit();
	client(kit, SYN, (uint32_t)-1, 0, "");
	assert_int_equal(server(kit, RST | ACK, 0, 7, ""), QW_STREAM_INVALID);
	assert_int_equal(server(kit, RST | ACK, 0, 0, ""), QW_STREAM_TAKEN);
	assert_true(kit->flow.flags & QW_FLOW_CLOSED);
	shut(kit, ">$");
}

static void an_answer_to_another_syn_is_not_believed(void **state)
{
	struct kit *kit = open_kit();
	client(kit, SYN, (uint32_t)-1, 0, "");
	assert_int_equal(server(kit, SYN | ACK, (uint32_t)-1, 9, ""), QW_STREAM_INVALID);
	assert_int_equal(kit->flow.tcp_state, QW_TCP_SYN_SENT);
	shut(kit, ">$");
}

static void the_same_ends_begin_again_after_closing_but_not_before(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	assert_int_equal(client(kit, SYN, 70000, 0, ""), QW_STREAM_INVALID);
	assert_int_equal(client(kit, SYN, (uint32_t)-1, 0, ""), QW_STREAM_OLD);
	client(kit, ACK | FIN, 0, 0, "");
	server(kit, ACK | FIN, 0, 1, "");
	assert_int_equal(client(kit, SYN, 70000, 0, ""), QW_STREAM_AGAIN);
	shut(kit, ">$<$");
}

static void the_earlier_beginning_wins_where_held_segments_overlap(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	client(kit, ACK, 4, 0, "EFGH");
	client(kit, ACK, 5, 0, "xyz");  /* begins later: loses */
	client(kit, ACK, 2, 0, "cdef"); /* begins earlier: wins */
	assert_int_equal(kit->counters.overlaps_differ, 2);
	client(kit, ACK, 0, 0, "ab");
	shut(kit, ">!xyz>!EFGH>ab>cd>efGH>$<$");
}

static void what_goes_through_wins_over_what_waits_behind_it(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	client(kit, ACK, 2, 0, "CDEF");
	client(kit, ACK, 0, 0, "abcd");
	shut(kit, ">!CDEF>abcd>EF>$<$");
}

static void depth_ends_the_looking_and_not_the_connection(void **state)
{
	struct kit *kit = open_with(5, 1 << 20, 1 << 20);
	shake(kit);
	client(kit, ACK, 0, 0, "abc");
	client(kit, ACK, 3, 0, "defg");
	assert_int_equal(kit->counters.depth_reached, 1);
	assert_false(kit->flow.flags & QW_FLOW_STREAM_OFF);
	server(kit, ACK, 0, 7, "uvwxyz");
	assert_true(kit->flow.flags & QW_FLOW_STREAM_OFF);
	client(kit, ACK | FIN, 7, 6, "more");
	server(kit, ACK | FIN, 6, 12, "");
	assert_true(kit->flow.flags & QW_FLOW_CLOSED);
	shut(kit, ">abc>de<uvwxy>$<$");
}

static void a_direction_without_room_goes_on_behind_a_gap(void **state)
{
	struct kit *kit = open_with(0, 4096, 1 << 20);
	shake(kit);
	client(kit, ACK, 10, 0, "a");
	client(kit, ACK, 20, 0, "b");
	assert_string_equal(kit->log, "");
	client(kit, ACK, 30, 0, "c");
	assert_int_equal(kit->counters.no_room, 1);
	assert_string_equal(kit->log, ">[10]>a");
	shut(kit, ">[10]>a>[9]>b>[9]>c>$<$");
}

static void who_waits_longest_gives_way_when_the_pool_is_empty(void **state)
{
	struct kit *first = open_with(0, 1 << 20, 2048), *second = open_kit();
	struct qw_streams *own = second->streams;
	second->streams = first->streams;
	shake(first);
	client(first, ACK, 10, 0, "a");
	shake(second);
	client(second, ACK, 5, 0, "b");
	assert_string_equal(second->log, ">[10]>a"); /* told to whoever needed the room */
	assert_int_equal(second->counters.no_room, 1);
	client(second, ACK, 0, 0, "12345");
	assert_string_equal(second->log, ">[10]>a>12345>b");
	qw_stream_end(second->streams, &second->flow, &second->sink);
	qw_streams_free(own);
	free(second);
	shut(first, ">$<$");
}

static void long_segments_out_of_order_come_out_whole(void **state)
{
	enum { LEN = 7000 };
	struct kit *kit = open_with(0, 1 << 20, 1 << 20);
	char *text = malloc(LEN + 1), *expected = malloc(2 * LEN);
	assert_true(text && expected);
	for (int at = 0; at < LEN; at++)
		text[at] = (char)('a' + at % 23);
	text[LEN] = 0;
	shake(kit);
	client(kit, ACK, 1, 0, text);
	client(kit, ACK, 0, 0, "_");
	size_t len = 0;
	for (const char *at = kit->log; *at; at++)
		if (*at != '>')
			expected[len++] = *at;
	expected[len] = 0;
	assert_int_equal(len, LEN + 1);
	assert_string_equal(expected + 1, text);
	kit->log[0] = 0;
	kit->len = 0;
	shut(kit, ">$<$");
	free(text);
	free(expected);
}

static void both_ends_far_ahead_are_followed_after_a_burst_of_loss(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	const uint32_t far = 10000000;
	for (uint32_t i = 0; i < 6; i++) {
		client(kit, ACK, far + i * 10, far, "0123456789");
		server(kit, ACK, far, far + i * 10 + 10, "");
	}
	client(kit, ACK, far + 60, far, "back");
	assert_non_null(strstr(kit->log, ">back"));
	assert_true(kit->counters.invalid >= 4);
	kit->log[0] = 0;
	kit->len = 0;
	shut(kit, ">$<$");
}

static void one_end_alone_cannot_lead_astray(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(client(kit, ACK, 1000000 + i * 4, 0, "fake"), QW_STREAM_INVALID);
	client(kit, ACK, 0, 0, "real");
	shut(kit, ">real>$<$");
}

static void data_after_a_fin_counts_where_the_fin_was_not_believed(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	client(kit, ACK | FIN, 0, 0, "abc");
	assert_int_equal(client(kit, ACK, 6, 0, "ghi"), QW_STREAM_TAKEN);
	assert_int_equal(client(kit, ACK, 3, 0, "def"), QW_STREAM_TAKEN);
	assert_int_equal(kit->flow.tcp_state, QW_TCP_ESTABLISHED);
	assert_int_equal(client(kit, ACK | FIN, 9, 0, ""), QW_STREAM_TAKEN);
	assert_int_equal(client(kit, ACK | FIN, 9, 0, ""), QW_STREAM_OLD);
	assert_string_equal(kit->log, ">abc>def>ghi");
	server(kit, ACK, 0, 10, "");
	shut(kit, ">abc>def>ghi>$<$");
}

static void data_beyond_a_fin_that_was_acknowledged_is_not_believed(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	client(kit, ACK | FIN, 0, 0, "abc");
	server(kit, ACK, 0, 4, "");
	assert_string_equal(kit->log, ">abc>$");
	assert_int_equal(client(kit, ACK, 10, 0, "zzz"), QW_STREAM_INVALID);
	assert_int_equal(client(kit, ACK, 3, 0, "x"), QW_STREAM_INVALID);
	shut(kit, ">abc>$<$");
}

static void a_living_connection_gives_way_when_a_new_call_is_answered(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	client(kit, ACK, 0, 0, "abc");
	assert_int_equal(client(kit, SYN, 70000, 0, ""), QW_STREAM_INVALID);
	assert_int_equal(server(kit, SYN | ACK, 80000, 70000, ""), QW_STREAM_INVALID); /* answers another call */
	assert_int_equal(client(kit, SYN, 70000, 0, ""), QW_STREAM_INVALID);
	struct qw_packet answer = kit_tcp(false, SYN | ACK, 90000, ISN_CLIENT + 1 + 70000 + 1, "");
	assert_int_equal(push(kit, &answer), QW_STREAM_AGAIN);
	qw_stream_end(kit->streams, &kit->flow, &kit->sink);
	kit->flow = (struct qw_flow){.key = kit->flow.key, .flags = QW_FLOW_STREAM_OFF};
	assert_int_equal(push(kit, &answer), QW_STREAM_TAKEN);
	struct qw_packet data = kit_tcp(true, ACK, ISN_CLIENT + 1 + 70000 + 1, 90001, "new");
	assert_int_equal(push(kit, &data), QW_STREAM_TAKEN);
	shut(kit, ">abc>$<$>new>$<$");
}

static void data_without_acknowledgement_flag_is_not_believed(void **state)
{
	struct kit *kit = open_kit();
	shake(kit);
	assert_int_equal(client(kit, QW_TCP_PSH, 0, 0, "abc"), QW_STREAM_INVALID);
	shut(kit, ">$<$");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_conversation_comes_out_in_order_and_uncopied),
	    cmocka_unit_test(segments_out_of_order_wait_for_the_first),
	    cmocka_unit_test(sequence_numbers_wrap),
	    cmocka_unit_test(a_retransmission_is_old_and_its_new_bytes_are_taken),
	    cmocka_unit_test(keep_alives_are_old),
	    cmocka_unit_test(a_hole_that_the_other_end_acknowledged_is_told_and_passed),
	    cmocka_unit_test(an_acknowledgement_that_overtakes_its_data_is_no_gap),
	    cmocka_unit_test(one_direction_alone_is_enough),
	    cmocka_unit_test(data_of_a_syn_is_handed_on),
	    cmocka_unit_test(a_connection_is_picked_up_in_the_middle),
	    cmocka_unit_test(without_midstream_nothing_is_reassembled_until_a_syn_comes),
	    cmocka_unit_test(data_beyond_the_window_is_not_believed),
	    cmocka_unit_test(a_scaled_window_is_as_wide_as_both_ends_agreed),
	    cmocka_unit_test(a_reset_counts_only_at_the_right_number),
	    cmocka_unit_test(what_waits_outlives_a_reset_that_is_not_believed),
	    cmocka_unit_test(data_beyond_a_fin_that_was_acknowledged_is_not_believed),
	    cmocka_unit_test(a_living_connection_gives_way_when_a_new_call_is_answered),
	    cmocka_unit_test(a_refused_syn_is_a_reset_that_acknowledges_it),
	    cmocka_unit_test(an_answer_to_another_syn_is_not_believed),
	    cmocka_unit_test(the_same_ends_begin_again_after_closing_but_not_before),
	    cmocka_unit_test(the_earlier_beginning_wins_where_held_segments_overlap),
	    cmocka_unit_test(what_goes_through_wins_over_what_waits_behind_it),
	    cmocka_unit_test(depth_ends_the_looking_and_not_the_connection),
	    cmocka_unit_test(a_direction_without_room_goes_on_behind_a_gap),
	    cmocka_unit_test(who_waits_longest_gives_way_when_the_pool_is_empty),
	    cmocka_unit_test(long_segments_out_of_order_come_out_whole),
	    cmocka_unit_test(both_ends_far_ahead_are_followed_after_a_burst_of_loss),
	    cmocka_unit_test(one_end_alone_cannot_lead_astray),
	    cmocka_unit_test(data_after_a_fin_counts_where_the_fin_was_not_believed),
	    cmocka_unit_test(data_without_acknowledgement_flag_is_not_believed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

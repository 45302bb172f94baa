/* SPDX-License-Identifier: Apache-2.0 */
/* Which frames are taken for repeats of others, and which are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sensor/protocol/repeat.h"

enum { PRINT = 77, LEN = 40 };

struct desk {
	struct qw_repeat *repeat;
	struct qw_flow flow;
	struct qw_ot_pairs pairs;
	uint8_t bytes[LEN];
	bool due;          /* what was told is to be told again */
	uint64_t counted;  /* prints */
	/* of the next frame */
	enum qw_repeat_way way;
	enum qw_direction direction;
	uint64_t key;
	size_t len;
};

static bool again(void *ctx, const struct qw_flow *flow, const uint64_t *prints, unsigned count)
{
	struct desk *desk = ctx;
	assert_ptr_equal(flow, &desk->flow);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(prints[i], PRINT + i);
	if (!desk->due)
		desk->counted += count;
	return !desk->due;
}

static void desk_open(struct desk *desk)
{
	memset(desk, 0, sizeof(*desk));
	const struct qw_repeat_options options = {.again = again, .ctx = desk};
	assert_int_equal(qw_repeat_new(&desk->repeat, &options), QW_OK);
	for (unsigned i = 0; i < LEN; i++)
		desk->bytes[i] = (uint8_t)(i * 7 + 1);
	desk->len = LEN;
	desk->flow.app = QW_APP_MODBUS;
	desk->flow.first.ns = 5;
}

static bool is_repeat(struct desk *desk)
{
	const struct qw_repeat_frame frame = {
		.flow = &desk->flow, .direction = desk->direction, .bytes = qw_bytes(desk->bytes, desk->len),
		.telling = qw_repeat_word(qw_bytes(desk->bytes, desk->len), 8, 8), .way = desk->way, .pairs = &desk->pairs, .key = desk->key};
	return qw_repeat_is(desk->repeat, &frame);
}

/* Reads the frame, whose bytes 2 and 3 and from 30 on may differ, and which is told under so many prints. */
static void read_frame(struct desk *desk, unsigned prints, int64_t until_ns, const struct qw_ot_pair *pair)
{
	qw_repeat_varies(desk->repeat, desk->bytes + 2, 2);
	qw_repeat_varies(desk->repeat, desk->bytes + 30, desk->len - 30);
	for (unsigned i = 0; i < prints; i++)
		qw_repeat_quiet(desk->repeat, PRINT + i, until_ns);
	qw_repeat_read(desk->repeat, pair);
}

static void learn(struct desk *desk)
{
	assert_false(is_repeat(desk));
	read_frame(desk, 1, 0, NULL);
	assert_true(is_repeat(desk));
}

static void each_byte_counts_but_those_that_vary(void **state)
{
	struct desk desk;
	desk_open(&desk);
	learn(&desk);
	for (unsigned at = 0; at < LEN; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			desk.bytes[at] ^= (uint8_t)(1u << bit);
			assert_int_equal(is_repeat(&desk), at == 2 || at == 3 || at >= 30);
			desk.bytes[at] ^= (uint8_t)(1u << bit);
		}
	assert_true(desk.counted > 0);
	qw_repeat_free(desk.repeat);
}

static void whose_it_is_counts_and_how_long(void **state)
{
	struct desk desk;
	desk_open(&desk);
	learn(&desk);
	desk.direction = QW_TO_CLIENT;
	assert_false(is_repeat(&desk));
	desk.direction = QW_TO_SERVER;
	desk.len--;
	assert_false(is_repeat(&desk));
	desk.len++;
	desk.flow.first.ns++; /* another flow in the same place */
	assert_false(is_repeat(&desk));
	desk.flow.first.ns--;
	desk.flow.app = QW_APP_ENIP;
	assert_false(is_repeat(&desk));
	desk.flow.app = QW_APP_MODBUS;
	assert_true(is_repeat(&desk));
	qw_repeat_free(desk.repeat);
}

static void what_led_to_something_is_read_each_time(void **state)
{
	struct desk desk;
	desk_open(&desk);
	for (int i = 0; i < 3; i++) {
		assert_false(is_repeat(&desk));
		qw_repeat_quiet(desk.repeat, PRINT, 0);
		qw_repeat_none(desk.repeat); /* a second message of it alerted */
		qw_repeat_read(desk.repeat, NULL);
	}
	assert_int_equal(qw_repeat_counters(desk.repeat).kept, 0);
	qw_repeat_free(desk.repeat);
}

static void what_is_due_is_read(void **state)
{
	struct desk desk;
	desk_open(&desk);
	learn(&desk);
	desk.due = true;
	assert_false(is_repeat(&desk));
	desk.due = false;
	assert_true(is_repeat(&desk));
	qw_repeat_free(desk.repeat);
}

static void a_limit_is_quiet_until_its_time(void **state)
{
	struct desk desk;
	desk_open(&desk);
	assert_false(is_repeat(&desk));
	read_frame(&desk, 1, 1000, NULL);
	desk.flow.last.ns = 999;
	assert_true(is_repeat(&desk));
	desk.flow.last.ns = 1000;
	assert_false(is_repeat(&desk));
	qw_repeat_free(desk.repeat);
}

static void other_rules_and_other_wishes_forget_all(void **state)
{
	struct desk desk;
	desk_open(&desk);
	learn(&desk);
	qw_repeat_forget(desk.repeat, false);
	learn(&desk);
	qw_repeat_forget(desk.repeat, true);
	assert_false(is_repeat(&desk));
	read_frame(&desk, 1, 0, NULL);
	assert_false(is_repeat(&desk));
	assert_false(qw_repeat_is(NULL, NULL));
	qw_repeat_free(desk.repeat);
}

static void an_answer_repeats_only_where_the_same_was_asked(void **state)
{
	struct desk desk;
	desk_open(&desk);
	desk.way = QW_REPEAT_ANSWERS;
	desk.direction = QW_TO_CLIENT;
	desk.key = 9;
	(void)qw_ot_pairs_ask(NULL, &desk.pairs, 9, 100, 10);
	assert_false(is_repeat(&desk));
	read_frame(&desk, 1, 0, qw_ot_pairs_answer(&desk.pairs, 9));
	assert_false(is_repeat(&desk)); /* nobody asked */
	(void)qw_ot_pairs_ask(NULL, &desk.pairs, 9, 101, 10);
	assert_false(is_repeat(&desk));
	(void)qw_ot_pairs_answer(&desk.pairs, 9);
	desk.key = 10;
	(void)qw_ot_pairs_ask(NULL, &desk.pairs, 10, 100, 10);
	assert_true(is_repeat(&desk));
	assert_null(qw_ot_pairs_find(&desk.pairs, 10)); /* it has its answer */
	qw_repeat_free(desk.repeat);
}

static void a_request_that_repeats_waits_for_its_answer(void **state)
{
	struct desk desk;
	desk_open(&desk);
	desk.way = QW_REPEAT_ASKS;
	desk.key = 1;
	assert_false(is_repeat(&desk));
	read_frame(&desk, 1, 0, qw_ot_pairs_ask(NULL, &desk.pairs, 1, 100, 10));
	(void)qw_ot_pairs_answer(&desk.pairs, 1);
	desk.key = 2;
	assert_true(is_repeat(&desk));
	const struct qw_ot_pair *pair = qw_ot_pairs_find(&desk.pairs, 2);
	assert_non_null(pair);
	assert_int_equal(pair->object, 100);
	assert_int_equal(pair->detail, 10);
	desk.pairs.waiting = 256; /* nobody answers: somebody should look */
	assert_false(is_repeat(&desk));
	qw_repeat_free(desk.repeat);
}

static void a_frame_of_many_services_is_kept_beside(void **state)
{
	struct desk desk;
	desk_open(&desk);
	assert_false(is_repeat(&desk));
	for (unsigned i = 0; i < 10; i++)
		qw_repeat_varies(desk.repeat, desk.bytes + 20 + 2 * i, 1);
	for (unsigned i = 0; i < 12; i++)
		qw_repeat_quiet(desk.repeat, PRINT + i, 0);
	qw_repeat_read(desk.repeat, NULL);
	for (unsigned i = 0; i < 10; i++)
		desk.bytes[20 + 2 * i] ^= 0xff;
	assert_true(is_repeat(&desk));
	assert_int_equal(desk.counted, 12);
	desk.bytes[21] ^= 1;
	assert_false(is_repeat(&desk));
	qw_repeat_free(desk.repeat);
}

/* More than there is room for, out of order, or outside: the frame is read each time. */
static void what_cannot_be_noted_is_not_kept(void **state)
{
	struct desk desk;
	desk_open(&desk);
	assert_false(is_repeat(&desk));
	qw_repeat_varies(desk.repeat, desk.bytes + 20, 2);
	qw_repeat_varies(desk.repeat, desk.bytes + 21, 2);
	qw_repeat_read(desk.repeat, NULL);
	assert_false(is_repeat(&desk));
	qw_repeat_varies(desk.repeat, desk.bytes + LEN - 1, 2);
	qw_repeat_read(desk.repeat, NULL);
	assert_false(is_repeat(&desk));
	for (unsigned i = 0; i < 21; i++)
		qw_repeat_quiet(desk.repeat, PRINT + i, 0);
	qw_repeat_read(desk.repeat, NULL);
	assert_false(is_repeat(&desk));
	assert_int_equal(qw_repeat_counters(desk.repeat).kept, 0);
	qw_repeat_free(desk.repeat);
}

/* Far more frames than rows: each is read or counted, and none is taken for another. */
static void more_than_has_room_is_read_again(void **state)
{
	struct desk desk;
	desk_open(&desk);
	for (unsigned round = 0; round < 3; round++)
		for (uint32_t i = 0; i < 40000; i++) {
			memcpy(desk.bytes + 8, &i, sizeof(i));
			if (!is_repeat(&desk))
				read_frame(&desk, 1, 0, NULL);
			assert_true(is_repeat(&desk));
		}
	qw_repeat_free(desk.repeat);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_byte_counts_but_those_that_vary),
		cmocka_unit_test(whose_it_is_counts_and_how_long),
		cmocka_unit_test(what_led_to_something_is_read_each_time),
		cmocka_unit_test(what_is_due_is_read),
		cmocka_unit_test(a_limit_is_quiet_until_its_time),
		cmocka_unit_test(other_rules_and_other_wishes_forget_all),
		cmocka_unit_test(an_answer_repeats_only_where_the_same_was_asked),
		cmocka_unit_test(a_request_that_repeats_waits_for_its_answer),
		cmocka_unit_test(a_frame_of_many_services_is_kept_beside),
		cmocka_unit_test(what_cannot_be_noted_is_not_kept),
		cmocka_unit_test(more_than_has_room_is_read_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

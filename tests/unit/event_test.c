/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/event.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void fields_come_back_in_order(void **state)
{
	alignas(8) uint8_t memory[512];
	struct qw_event_writer writer;
	struct qw_event_reader reader;
	const struct qw_event *event;
	enum qw_event_key key;
	const uint8_t *data;
	size_t len;
	uint64_t number;

	qw_event_begin(&writer, memory, sizeof(memory), QW_EVENT_DNS, qw_time_seconds(5));
	qw_event_put_u64(&writer, QW_KEY_FLOW_ID, 77);
	qw_event_put_text(&writer, QW_KEY_DNS_RRNAME, "berth.example");
	qw_event_put_text(&writer, QW_KEY_DNS_RCODE, "");
	qw_event_put_text(&writer, QW_KEY_DNS_RCODE, NULL);
	qw_event_put(&writer, QW_KEY_PAYLOAD, NULL, 0);
	assert_false(writer.cut);
	assert_int_equal(qw_event_open(&reader, memory, qw_event_size(writer.event), &event), QW_OK);
	assert_int_equal(event->type, QW_EVENT_DNS);
	assert_int_equal(event->time_ns, 5 * QW_NS_PER_S);

	assert_true(qw_event_next(&reader, &key, &data, &len));
	memcpy(&number, data, sizeof(number));
	assert_true(key == QW_KEY_FLOW_ID && len == 8 && number == 77);
	assert_true(qw_event_next(&reader, &key, &data, &len));
	assert_true(key == QW_KEY_DNS_RRNAME && len == 13 && memcmp(data, "berth.example", 13) == 0);
	assert_true(qw_event_next(&reader, &key, &data, &len));
	assert_true(key == QW_KEY_PAYLOAD && len == 0);
	assert_false(qw_event_next(&reader, &key, &data, &len));
}

static void what_does_not_fit_is_left_out_whole_and_remembered(void **state)
{
	alignas(8) uint8_t memory[sizeof(struct qw_event) + 16];
	struct qw_event_writer writer;
	qw_event_begin(&writer, memory, sizeof(memory), QW_EVENT_ALERT, qw_time_ns(0));
	qw_event_put(&writer, QW_KEY_PAYLOAD, "0123456789abc", 13);
	assert_true(writer.cut);
	assert_int_equal(writer.event->len, 0);
	writer.cut = false;
	qw_event_put(&writer, QW_KEY_PAYLOAD, "0123456789ab", 12);
	assert_false(writer.cut);
	assert_int_equal(writer.event->len, 16);
	qw_event_put(&writer, QW_KEY_NDPI, "", 0);
	assert_true(writer.cut);
}

static void no_event_is_larger_than_its_bound(void **state)
{
	static alignas(8) uint8_t memory[2 * QW_EVENT_MAX];
	struct qw_event_writer writer;
	struct qw_event_reader reader;
	const struct qw_event *event;
	qw_event_begin(&writer, memory, sizeof(memory), QW_EVENT_ALERT, qw_time_ns(0));
	while (!writer.cut)
		qw_event_put(&writer, QW_KEY_PAYLOAD, memory + QW_EVENT_MAX, 1000);
	assert_true(qw_event_size(writer.event) <= QW_EVENT_MAX);
	assert_int_equal(qw_event_open(&reader, memory, qw_event_size(writer.event), &event), QW_OK);
	writer.cut = false;
	qw_event_put(&writer, QW_KEY_PAYLOAD, memory, 70000);
	assert_true(writer.cut);
}

struct raw {
	alignas(8) uint32_t type;
	uint32_t len;
	int64_t time_ns;
	uint16_t field[4];
};

static enum qw_err opened(const void *data, size_t size)
{
	struct qw_event_reader reader;
	const struct qw_event *event;
	return qw_event_open(&reader, data, size, &event);
}

static void lengths_that_do_not_fit_are_refused(void **state)
{
	struct raw raw = {.type = QW_EVENT_ALERT, .len = 8, .field = {QW_KEY_NDPI, 3, 0, 0}};
	assert_int_equal(opened(&raw, 24), QW_OK);
	assert_int_equal(opened(&raw, 23), QW_EFORMAT);
	assert_int_equal(opened(&raw, 8), QW_EFORMAT);
	assert_int_equal(opened(&raw, 0), QW_EFORMAT);
	raw.len = 9;
	assert_int_equal(opened(&raw, 24), QW_EFORMAT);
	raw.len = UINT32_MAX;
	assert_int_equal(opened(&raw, 24), QW_EFORMAT);
	raw.len = 8;
	raw.field[1] = 5;
	assert_int_equal(opened(&raw, 24), QW_EFORMAT);
	raw.field[1] = UINT16_MAX;
	assert_int_equal(opened(&raw, 24), QW_EFORMAT);
	raw.field[1] = 4;
	raw.field[0] = QW_KEY_COUNT;
	assert_int_equal(opened(&raw, 24), QW_EFORMAT);
	raw.field[0] = QW_KEY_NDPI;
	raw.type = QW_EVENT_COUNT;
	assert_int_equal(opened(&raw, 24), QW_EFORMAT);
}

static void a_field_that_changes_after_the_check_ends_the_walk(void **state)
{
	struct raw raw = {.type = QW_EVENT_ALERT, .len = 8, .field = {QW_KEY_NDPI, 4, 0, 0}};
	struct qw_event_reader reader;
	const struct qw_event *event;
	enum qw_event_key key;
	const uint8_t *data;
	size_t len;
	assert_int_equal(qw_event_open(&reader, &raw, 24, &event), QW_OK);
	raw.field[1] = 60000;
	assert_false(qw_event_next(&reader, &key, &data, &len));
	assert_false(qw_event_next(&reader, &key, &data, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_come_back_in_order),
		cmocka_unit_test(what_does_not_fit_is_left_out_whole_and_remembered),
		cmocka_unit_test(no_event_is_larger_than_its_bound),
		cmocka_unit_test(lengths_that_do_not_fit_are_refused),
		cmocka_unit_test(a_field_that_changes_after_the_check_ends_the_walk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

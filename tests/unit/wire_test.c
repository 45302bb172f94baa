/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/wire.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static enum qw_err unpacked(const uint8_t *data, size_t len)
{
	Quaywatch__Wire__Frame *frame;
	enum qw_err err = qw_frame_unpack(&frame, data, len);
	if (!err)
		qw_frame_free(frame);
	return err;
}

/* A frame of `count` alerts of `eve_len` bytes each, packed; the data is the caller's. */
static enum qw_err batch(size_t count, size_t eve_len, uint8_t **data, size_t *len)
{
	Quaywatch__Wire__Alert *alerts = calloc(count + 1, sizeof(*alerts));
	Quaywatch__Wire__Alert **list = calloc(count + 1, sizeof(Quaywatch__Wire__Alert *));
	uint8_t *eve = calloc(1, eve_len + 1);
	for (size_t i = 0; i < count; i++) {
		quaywatch__wire__alert__init(&alerts[i]);
		alerts[i].eve = (ProtobufCBinaryData){eve_len, eve};
		list[i] = &alerts[i];
	}
	Quaywatch__Wire__AlertBatch body = QUAYWATCH__WIRE__ALERT_BATCH__INIT;
	body.first = 42;
	body.n_alerts = count;
	body.alerts = list;
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;
	frame.version = QW_WIRE_VERSION;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_ALERTS;
	frame.alerts = &body;
	enum qw_err err = qw_frame_pack(&frame, data, len);
	free(eve);
	free(list);
	free(alerts);
	return err;
}

static void a_frame_comes_back_as_it_was_packed(void **state)
{
	uint8_t *data;
	size_t len;
	Quaywatch__Wire__Frame *frame;
	assert_int_equal(batch(3, 100, &data, &len), QW_OK);
	assert_int_equal(qw_frame_unpack(&frame, data, len), QW_OK);
	assert_int_equal(frame->body_case, QUAYWATCH__WIRE__FRAME__BODY_ALERTS);
	assert_int_equal(frame->alerts->first, 42);
	assert_int_equal(frame->alerts->n_alerts, 3);
	assert_int_equal(frame->alerts->alerts[2]->eve.len, 100);
	qw_frame_free(frame);
	free(data);
	qw_frame_free(NULL);
}

static void batches_and_alerts_beyond_their_bound_are_refused(void **state)
{
	static const struct {
		size_t count, eve_len;
		enum qw_err err;
	} rows[] = {{QW_WIRE_BATCH_ALERTS, 10, QW_OK},
		    {QW_WIRE_BATCH_ALERTS + 1, 10, QW_EFORMAT},
		    {1, QW_WIRE_EVE_MAX, QW_OK},
		    {1, QW_WIRE_EVE_MAX + 1, QW_EFORMAT},
		    {QW_WIRE_BATCH_ALERTS, 2000, QW_OK}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t *data;
		size_t len;
		assert_int_equal(batch(rows[i].count, rows[i].eve_len, &data, &len), QW_OK);
		assert_int_equal(unpacked(data, len), rows[i].err);
		free(data);
	}
}

static void what_is_larger_than_a_frame_is_neither_packed_nor_unpacked(void **state)
{
	uint8_t *data;
	size_t len;
	assert_int_equal(batch(QW_WIRE_BATCH_ALERTS, 2100, &data, &len), QW_ELIMIT);
	uint8_t *zeros = calloc(1, QW_WIRE_MAX + 1);
	assert_int_equal(unpacked(zeros, QW_WIRE_MAX + 1), QW_EFORMAT);
	free(zeros);
}

static void versions_of_next_year_are_read_and_later_ones_refused(void **state)
{
	assert_int_equal(unpacked((const uint8_t *)"\x08\x01", 2), QW_OK);
	assert_int_equal(unpacked((const uint8_t *)"\x08\x02", 2), QW_OK);
	assert_int_equal(unpacked((const uint8_t *)"\x08\x03", 2), QW_EVERSION);
	assert_int_equal(unpacked((const uint8_t *)"\x08\x00", 2), QW_EVERSION);
	assert_int_equal(unpacked((const uint8_t *)"", 0), QW_EVERSION);
	assert_int_equal(unpacked((const uint8_t *)"\x08\x01\xfa\x7f\x01x", 6), QW_OK); /* a field of the future */
}

static void every_cut_of_a_frame_is_refused_or_smaller(void **state)
{
	uint8_t *data;
	size_t len;
	assert_int_equal(batch(5, 20, &data, &len), QW_OK);
	for (size_t cut = 3; cut < len; cut++)
		assert_int_equal(unpacked(data, cut), QW_EFORMAT);
	free(data);
}

/* Two bytes on the wire that cost a hundred in memory, half a million times. */
static void a_frame_that_would_swell_is_refused_before_it_does(void **state)
{
	uint8_t *data = malloc(QW_WIRE_MAX);
	size_t inner = QW_WIRE_MAX - 6;
	memcpy(data, "\x08\x01\x4a", 3); /* version 1, a heartbeat */
	data[3] = (uint8_t)(inner | 0x80);
	data[4] = (uint8_t)(inner >> 7 | 0x80);
	data[5] = (uint8_t)(inner >> 14);
	for (size_t at = 6; at + 1 < QW_WIRE_MAX; at += 2) {
		data[at] = 0x6a; /* an empty counter */
		data[at + 1] = 0;
	}
	struct mallinfo2 before = mallinfo2();
	assert_int_equal(unpacked(data, QW_WIRE_MAX), QW_EFORMAT);
	assert_true(mallinfo2().uordblks <= before.uordblks);
	free(data);
}

static void inner_messages_are_packed_and_unpacked_with_the_same_bounds(void **state)
{
	uint8_t *data;
	size_t len;
	ProtobufCMessage *message;
	Quaywatch__Wire__Delta delta = QUAYWATCH__WIRE__DELTA__INIT;
	delta.body = (ProtobufCBinaryData){4, (uint8_t[]){1, 2, 3, 4}};
	assert_int_equal(qw_message_pack(&delta.base, &data, &len), QW_OK);
	assert_int_equal(qw_message_unpack(&message, &quaywatch__wire__delta__descriptor, data, len), QW_OK);
	assert_int_equal(((Quaywatch__Wire__Delta *)message)->body.len, 4);
	qw_message_free(message);
	assert_int_equal(qw_message_unpack(&message, &quaywatch__wire__delta__descriptor, data, len - 1), QW_EFORMAT);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_comes_back_as_it_was_packed),
		cmocka_unit_test(batches_and_alerts_beyond_their_bound_are_refused),
		cmocka_unit_test(what_is_larger_than_a_frame_is_neither_packed_nor_unpacked),
		cmocka_unit_test(versions_of_next_year_are_read_and_later_ones_refused),
		cmocka_unit_test(every_cut_of_a_frame_is_refused_or_smaller),
		cmocka_unit_test(a_frame_that_would_swell_is_refused_before_it_does),
		cmocka_unit_test(inner_messages_are_packed_and_unpacked_with_the_same_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

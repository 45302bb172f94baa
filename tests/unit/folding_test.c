/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/folding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "quaywatch/channel.h"

enum { BIG = 70000, FRESH = 3000 };

static const struct qw_moment ANY = {{-1}, QW_CLOCK_LIVE};

struct bench {
	struct qw_folding folding;
	struct qw_overlay *overlay;
	struct qw_indicators *set;
	struct qw_time now;
};

static void indicate(struct qw_indicator *out, const char *kind, unsigned i)
{
	char text[64];
	int len = snprintf(text, sizeof(text), "%s%u.example", kind, i);

	qw_indicator_init(out);
	assert_int_equal(qw_observable_parse(&out->observable, QW_OBS_DOMAIN, text, (size_t)len, NULL), QW_OK);
}

static void put_over(struct bench *bench, struct qw_indicator_images *fresh)
{
	struct qw_indicators *next;

	assert_int_equal(qw_indicators_open_over(&next, bench->set, fresh), QW_OK);
	qw_indicators_close(bench->set);
	bench->set = next;
	qw_indicator_images_close(fresh);
}

/* count entries more in the overlay, as the exporter hands them on. */
static void add_fresh(struct bench *bench, const char *kind, unsigned first, unsigned count)
{
	struct qw_indicator_images images = qw_indicator_images_none();

	for (unsigned i = first; i < first + count; i++) {
		struct qw_indicator indicator;
		struct qw_entry entry;
		uint8_t *body, bytes[512];
		indicate(&indicator, kind, i);
		assert_int_equal(qw_entry_of_indicator(&entry, &body, &indicator), QW_OK);
		uint32_t len = (uint32_t)entry.body_len;
		assert_true(sizeof(len) + len <= sizeof(bytes));
		memcpy(bytes, &len, sizeof(len));
		memcpy(bytes + sizeof(len), body, len);
		free(body);
		assert_int_equal(qw_overlay_add(bench->overlay, bytes, sizeof(len) + len), QW_OK);
	}
	assert_int_equal(qw_overlay_image(bench->overlay, (struct qw_overlay_mark){0}, &images.overlay), QW_OK);
	put_over(bench, &images);
}

static struct bench *bench_new(unsigned big)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct qw_indicator_images images;
	struct qw_indicator_builder *builder;

	assert_non_null(bench);
	bench->now = qw_time_seconds(100);
	assert_int_equal(qw_indicator_builder_new(&builder), QW_OK);
	for (unsigned i = 0; i < big; i++) {
		struct qw_indicator indicator;
		indicate(&indicator, "old", i);
		assert_int_equal(qw_indicator_builder_add(builder, &indicator), QW_OK);
	}
	assert_int_equal(qw_indicator_builder_finish_parts(builder, &images), QW_OK);
	qw_indicator_builder_free(builder);
	assert_int_equal(qw_overlay_new(&bench->overlay), QW_OK);
	assert_int_equal(qw_indicators_open(&bench->set, &images), QW_OK);
	qw_indicator_images_close(&images);
	return bench;
}

static void bench_free(struct bench *bench)
{
	qw_indicators_close(bench->set);
	qw_overlay_free(bench->overlay);
	free(bench);
}

static void check(const struct bench *bench, const char *kind, unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++) {
		struct qw_indicator indicator;
		struct qw_hit hit;
		indicate(&indicator, kind, i);
		assert_true(qw_indicators_name(bench->set, ANY, indicator.observable.text, indicator.observable.len, &hit));
	}
}

static int wait_of(const struct bench *bench)
{
	return qw_folding_wait(&bench->folding, bench->overlay, bench->now);
}

/* One step, with the time it asks for before it. */
static void step(struct bench *bench)
{
	struct qw_indicator_images fresh;
	int wait = wait_of(bench);

	assert_true(wait >= 0);
	bench->now = qw_time_add(bench->now, qw_time_ns(wait * QW_NS_PER_MS));
	assert_int_equal(qw_folding_step(&bench->folding, bench->set, bench->overlay, bench->now, &fresh), QW_OK);
	put_over(bench, &fresh);
	qw_folding_done(&bench->folding, bench->overlay, bench->now);
}

static void few_entries_stay_where_they_are(void **state)
{
	struct bench *bench = bench_new(3);

	(void)state;
	assert_int_equal(wait_of(bench), -1);
	add_fresh(bench, "fresh", 0, 100);
	assert_int_equal(wait_of(bench), -1);
	bench_free(bench);
}

static void a_round_empties_the_overlay_and_what_came_meanwhile_stays(void **state)
{
	struct bench *bench = bench_new(BIG);
	unsigned steps = 1;

	(void)state;
	assert_int_equal(qw_indicators_parts(bench->set), QW_INDICATOR_PARTS);
	add_fresh(bench, "fresh", 0, FRESH);
	for (step(bench); bench->folding.under_way; step(bench), steps++) {
		if (steps == 20)
			add_fresh(bench, "late", 0, 50);
		check(bench, "fresh", 0, FRESH);
		check(bench, "old", 0, 100);
		assert_int_equal(qw_indicators_count(bench->set), BIG + FRESH + (steps >= 20 ? 50 : 0));
	}
	assert_int_equal(steps, QW_INDICATOR_PARTS);
	assert_int_equal(qw_overlay_count(bench->overlay), 50);
	assert_int_equal(qw_indicators_count(bench->set), BIG + FRESH + 50);
	check(bench, "fresh", 0, FRESH);
	check(bench, "late", 0, 50);
	check(bench, "old", 0, BIG);
	bench_free(bench);
}

static void between_two_rounds_there_is_a_pause_unless_it_is_urgent(void **state)
{
	struct bench *bench = bench_new(BIG);

	(void)state;
	add_fresh(bench, "fresh", 0, FRESH);
	assert_int_equal(wait_of(bench), 0);
	do
		step(bench);
	while (bench->folding.under_way);
	assert_int_equal(wait_of(bench), -1);
	add_fresh(bench, "more", 0, FRESH);
	assert_true(wait_of(bench) > 1000);
	add_fresh(bench, "much", 0, 3 * FRESH);
	assert_int_equal(wait_of(bench), 0);
	bench_free(bench);
}

static void a_round_that_is_stopped_begins_anew(void **state)
{
	struct bench *bench = bench_new(BIG);

	(void)state;
	add_fresh(bench, "fresh", 0, FRESH);
	for (unsigned i = 0; i < 10; i++)
		step(bench);
	assert_true(bench->folding.under_way);
	qw_folding_stop(&bench->folding, bench->now);
	assert_false(bench->folding.under_way);
	assert_int_equal(qw_overlay_count(bench->overlay), FRESH);
	unsigned steps = 0;
	do
		step(bench), steps++;
	while (bench->folding.under_way);
	assert_int_equal(steps, QW_INDICATOR_PARTS);
	check(bench, "fresh", 0, FRESH);
	bench_free(bench);
}

/* It comes out in parts: one step, and the overlay's image with it. */
static void a_layer_of_one_part_is_folded_at_once(void **state)
{
	struct bench *bench = bench_new(QW_OVERLAY_MAX - 1000);

	(void)state;
	assert_int_equal(qw_indicators_parts(bench->set), 1);
	add_fresh(bench, "fresh", 0, FRESH);
	step(bench);
	assert_false(bench->folding.under_way);
	assert_int_equal(qw_overlay_count(bench->overlay), 0);
	assert_int_equal(qw_indicators_parts(bench->set), QW_INDICATOR_PARTS);
	assert_int_equal(qw_indicators_count(bench->set), QW_OVERLAY_MAX - 1000 + FRESH);
	check(bench, "fresh", 0, FRESH);
	bench_free(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_entries_stay_where_they_are),
		cmocka_unit_test(a_round_empties_the_overlay_and_what_came_meanwhile_stays),
		cmocka_unit_test(between_two_rounds_there_is_a_pause_unless_it_is_urgent),
		cmocka_unit_test(a_round_that_is_stopped_begins_anew),
		cmocka_unit_test(a_layer_of_one_part_is_folded_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

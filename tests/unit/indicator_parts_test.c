/* SPDX-License-Identifier: Apache-2.0 */
/* A big layer of many images, and changes that are merged into it part by part, held against a plain list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "quaywatch/indicators.h"
#include "tests/unit/indicators_kit.h"

enum { MANY = 90000, SMALL = 60000, CHANGES = 9000, SAMPLE = 500 };

static const struct qw_moment ANY = {{-1}, QW_CLOCK_LIVE};

/* ---- the list: what number i is says its text; whether it is there, its row */

struct row {
	uint8_t confidence; /* 0: it is not there */
};

struct list {
	struct row row[MANY];
	size_t there;
	uint64_t dice;
};

static uint32_t dice(struct list *list, uint32_t sides)
{
	list->dice = list->dice * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(list->dice >> 33) % sides;
}

static void observable_of(struct qw_observable *out, unsigned i)
{
	char text[128];
	int len = 0;

	switch (i % 6) {
	case 0: len = snprintf(text, sizeof(text), "n%u.example", i); break;
	case 1: len = snprintf(text, sizeof(text), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255); break;
	case 2: len = snprintf(text, sizeof(text), "10.%u.%u.%u:%u", i >> 16, i >> 8 & 255, i & 255, 1 + i % 100); break;
	case 3: len = snprintf(text, sizeof(text), "172.%u.%u.%u/31", 16 + (i >> 16), i >> 8 & 255, i & 254); break;
	case 4: len = snprintf(text, sizeof(text), "h%u.example/a?b=%u", i, i); break;
	default: len = snprintf(text, sizeof(text), "%064x", i * 2654435761u); break;
	}
	assert_int_equal(qw_observable_parse(out, QW_OBS_COUNT, text, (size_t)len, NULL), QW_OK);
}

static void put(struct list *list, struct qw_indicator_builder *builder, unsigned i, uint8_t confidence)
{
	struct qw_indicator indicator;

	qw_indicator_init(&indicator);
	observable_of(&indicator.observable, i);
	snprintf(indicator.source, sizeof(indicator.source), "source %u", i % 300);
	indicator.confidence = confidence;
	if (confidence)
		assert_int_equal(qw_indicator_builder_add(builder, &indicator), QW_OK);
	else
		assert_int_equal(qw_indicator_builder_remove(builder, &indicator.observable, false), QW_OK);
	list->there += (confidence != 0) - (list->row[i].confidence != 0);
	list->row[i].confidence = confidence;
}

static struct list *list_new(void)
{
	struct list *list = calloc(1, sizeof(*list));

	assert_non_null(list);
	list->dice = 7;
	return list;
}

static struct qw_indicator_images build(struct list *list, unsigned count)
{
	struct qw_indicator_images images;
	struct qw_indicator_builder *builder;

	assert_int_equal(qw_indicator_builder_new(&builder), QW_OK);
	for (unsigned i = 0; i < count; i++)
		put(list, builder, i, (uint8_t)(1 + i % 100));
	assert_int_equal(qw_indicator_builder_finish_parts(builder, &images), QW_OK);
	qw_indicator_builder_free(builder);
	return images;
}

/* Of all that there may be, one in ten goes. */
static int change(struct list *list, unsigned changes)
{
	struct qw_indicator_builder *builder;
	int fd;

	assert_int_equal(qw_indicator_builder_new(&builder), QW_OK);
	for (unsigned i = 0; i < changes; i++)
		put(list, builder, dice(list, MANY), (uint8_t)(dice(list, 10) ? 1 + dice(list, 100) : 0));
	assert_int_equal(qw_indicator_builder_finish(builder, &fd), QW_OK);
	qw_indicator_builder_free(builder);
	return fd;
}

/* ---- asking */

static bool ask(const struct qw_indicators *set, const struct qw_observable *what, unsigned i, struct qw_hit *hit)
{
	uint8_t address[4] = {10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
	struct qw_address at;
	char host[64], uri[64];

	switch (i % 6) {
	case 0: return qw_indicators_name(set, ANY, what->text, what->len, hit);
	case 1:
	case 2: at = qw_address_v4(address); return qw_indicators_address(set, ANY, &at, i % 6 == 2 ? (uint16_t)(1 + i % 100) : 0, hit);
	case 3:
		address[0] = 172, address[1] = (uint8_t)(16 + (i >> 16)), address[3] = (uint8_t)(i & 254);
		at = qw_address_v4(address);
		return qw_indicators_address(set, ANY, &at, 0, hit);
	case 4:
		snprintf(host, sizeof(host), "h%u.example", i);
		snprintf(uri, sizeof(uri), "/a?b=%u", i);
		return qw_indicators_url(set, ANY, qw_slice(host, strlen(host)), qw_slice(uri, strlen(uri)), hit);
	default: break;
	}
	uint8_t digest[32] = {0};
	uint32_t number = i * 2654435761u;
	for (int k = 0; k < 4; k++)
		digest[31 - k] = (uint8_t)(number >> 8 * k);
	return qw_indicators_digest(set, ANY, QW_OBS_SHA256, digest, hit);
}

static void check_row(const struct qw_indicators *set, const struct list *list, unsigned i)
{
	struct qw_observable what;
	struct qw_hit hit;
	char source[64];

	observable_of(&what, i);
	bool found = ask(set, &what, i, &hit);
	assert_int_equal(found, list->row[i].confidence != 0);
	if (!found)
		return;
	snprintf(source, sizeof(source), "source %u", i % 300);
	assert_string_equal(hit.value, what.text);
	assert_string_equal(hit.source, source);
	assert_int_equal(hit.confidence, list->row[i].confidence);
	assert_true(hit.id == qw_indicator_id(what.type, what.text, what.len));
}

static void check_some(const struct qw_indicators *set, struct list *list)
{
	assert_int_equal(qw_indicators_count(set), list->there);
	for (unsigned i = 0; i < SAMPLE; i++)
		check_row(set, list, dice(list, MANY));
}

static void check_all(const struct qw_indicators *set, const struct list *list)
{
	assert_int_equal(qw_indicators_count(set), list->there);
	for (unsigned i = 0; i < MANY; i++)
		check_row(set, list, i);
}

/* ---- steps */

static void put_over(struct qw_indicators **set, const struct qw_indicator_images *fresh)
{
	struct qw_indicators *next;

	assert_int_equal(qw_indicators_open_over(&next, *set, fresh), QW_OK);
	qw_indicators_close(*set);
	*set = next;
}

static void lay_over(struct qw_indicators **set, int overlay)
{
	struct qw_indicator_images fresh = qw_indicator_images_none();

	fresh.overlay = overlay;
	put_over(set, &fresh);
	qw_indicator_images_close(&fresh);
}

static void merge(struct qw_indicators **set, unsigned part)
{
	struct qw_indicator_images fresh;

	assert_int_equal(qw_indicators_merge(*set, part, &fresh), QW_OK);
	assert_int_equal(fresh.overlay, -1);
	if (fresh.parts != qw_indicators_parts(*set)) /* another layout is whole: the overlay has to come with it */
		fresh.overlay = change(&(struct list){.dice = 1}, 0);
	put_over(set, &fresh);
	qw_indicator_images_close(&fresh);
}

/* ---- tests */

static void changes_are_merged_part_by_part_and_nothing_is_missing_in_between(void **state)
{
	struct list *list = list_new();
	struct qw_indicator_images images = build(list, MANY - 20000);
	struct qw_indicators *set;

	assert_int_equal(images.parts, QW_INDICATOR_PARTS);
	assert_int_equal(qw_indicators_open(&set, &images), QW_OK);
	qw_indicator_images_close(&images);
	check_all(set, list);
	for (unsigned round = 0; round < 2; round++) {
		lay_over(&set, change(list, CHANGES));
		check_all(set, list);
		for (unsigned part = 0; part < QW_INDICATOR_PARTS; part++) {
			merge(&set, part);
			check_some(set, list);
		}
		lay_over(&set, change(list, 0)); /* the overlay lets go: all of it is in the parts */
		check_all(set, list);
	}
	qw_indicators_close(set);
	free(list);
}

static void a_small_set_that_grows_comes_out_in_parts(void **state)
{
	struct list *list = list_new();
	struct qw_indicator_images images = build(list, SMALL);
	struct qw_indicators *set;

	assert_int_equal(images.parts, 1);
	assert_int_equal(qw_indicators_open(&set, &images), QW_OK);
	qw_indicator_images_close(&images);
	lay_over(&set, change(list, MANY));
	merge(&set, 0);
	assert_int_equal(qw_indicators_parts(set), QW_INDICATOR_PARTS);
	check_all(set, list);
	assert_int_equal(qw_indicators_merge(set, QW_INDICATOR_PARTS, &images), QW_EINVAL);
	qw_indicators_close(set);
	free(list);
}

/* The parts of a pass, out of the whole list. */
static struct qw_indicator_images build_some(struct list *list, const struct qw_indicators *set, unsigned first, unsigned end)
{
	struct qw_indicator_kin kin = qw_indicators_kin(set);
	struct qw_indicator_images images;
	struct qw_indicator_builder *builder;

	assert_int_equal(qw_indicator_builder_for(&builder, &kin, first, end), QW_OK);
	for (unsigned i = 0; i < MANY; i++)
		if (list->row[i].confidence)
			put(list, builder, i, list->row[i].confidence);
	assert_int_equal(qw_indicator_builder_finish_parts(builder, &images), QW_OK);
	qw_indicator_builder_free(builder);
	return images;
}

/* Of those asked, how many are as they were and not as they are to be; each is one of the two. */
static unsigned count_old(const struct qw_indicators *set, struct list *old, const struct list *list, unsigned step)
{
	struct qw_observable observable;
	unsigned count = 0;
	struct qw_hit hit;

	for (unsigned i = dice(old, step); i < MANY; i += step) {
		observable_of(&observable, i);
		uint8_t was = old->row[i].confidence, is = list->row[i].confidence;
		uint8_t found = ask(set, &observable, i, &hit) ? hit.confidence : 0;
		assert_true(found == was || found == is);
		count += found != is;
	}
	return count;
}

static void a_set_is_built_anew_in_passes_while_the_old_one_is_asked(void **state)
{
	enum { PASS = 8 };
	struct list *old = list_new(), *list = list_new();
	struct qw_indicator_images images = build(old, MANY - 20000);
	struct qw_indicators *set;

	for (unsigned i = 0; i < MANY; i++)
		list->row[i].confidence = (uint8_t)(i % 7 ? 1 + (i + 50) % 100 : 0);
	assert_int_equal(qw_indicators_open(&set, &images), QW_OK);
	qw_indicator_images_close(&images);
	unsigned left = count_old(set, old, list, 1);
	assert_true(left > MANY / 2);
	for (unsigned first = 0; first < QW_INDICATOR_PARTS; first += PASS) {
		images = build_some(list, set, first, first + PASS);
		assert_int_equal(images.parts, QW_INDICATOR_PARTS);
		for (unsigned part = 0; part < QW_INDICATOR_PARTS; part++)
			assert_int_equal(images.part[part] >= 0, part >= first && part < first + PASS);
		put_over(&set, &images);
		qw_indicator_images_close(&images);
		unsigned now = count_old(set, old, list, 1);
		assert_true(now < left || first + PASS == QW_INDICATOR_PARTS);
		left = now;
	}
	assert_int_equal(left, 0);
	list->there = qw_indicators_count(set);
	check_all(set, list);
	struct qw_indicator_kin kin = qw_indicators_kin(set);
	struct qw_indicator_builder *builder;
	assert_int_equal(qw_indicator_builder_for(&builder, &kin, 8, 8), QW_EINVAL);
	assert_int_equal(qw_indicator_builder_for(&builder, &kin, 60, 65), QW_EINVAL);
	qw_indicators_close(set);
	free(old);
	free(list);
}

static void images_that_are_not_of_one_set_are_refused(void **state)
{
	struct list *list = list_new(), *other = list_new();
	struct qw_indicator_images images = build(list, MANY), others = build(other, MANY), mixed = images;
	struct qw_indicators *set, *next;

	mixed.part[9] = others.part[9]; /* another seed */
	assert_int_equal(qw_indicators_open(&set, &mixed), QW_EFORMAT);
	mixed = images;
	mixed.part[9] = images.part[8]; /* another place */
	assert_int_equal(qw_indicators_open(&set, &mixed), QW_EFORMAT);
	mixed.part[9] = -1; /* missing */
	assert_int_equal(qw_indicators_open(&set, &mixed), QW_EINVAL);
	mixed = qw_indicator_images_one(images.part[0], -1); /* a part is no whole */
	assert_int_equal(qw_indicators_open(&set, &mixed), QW_EFORMAT);
	mixed.parts = 7;
	assert_int_equal(qw_indicators_open(&set, &mixed), QW_EINVAL);

	assert_int_equal(qw_indicators_open(&set, &images), QW_OK);
	mixed = qw_indicator_images_none();
	mixed.parts = QW_INDICATOR_PARTS;
	mixed.part[3] = others.part[3];
	assert_int_equal(qw_indicators_open_over(&next, set, &mixed), QW_EFORMAT);
	assert_int_equal(qw_indicators_open_over(&next, set, &others), QW_OK); /* all of another set, too */
	check_some(set, list);
	check_some(next, other);
	qw_indicators_close(next);
	qw_indicators_close(set);
	qw_indicator_images_close(&images);
	qw_indicator_images_close(&others);
	free(list);
	free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_are_merged_part_by_part_and_nothing_is_missing_in_between),
		cmocka_unit_test(a_small_set_that_grows_comes_out_in_parts),
		cmocka_unit_test(a_set_is_built_anew_in_passes_while_the_old_one_is_asked),
		cmocka_unit_test(images_that_are_not_of_one_set_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

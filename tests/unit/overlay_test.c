/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/overlay.h"

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
#include "quaywatch/indicators.h"
#include "quaywatch/wire.h"
#include "tests/unit/indicators_kit.h"

/* Entries as the exporter hands them on. */
struct batch {
	uint8_t bytes[256 * 1024];
	size_t len;
};

static void put_indicator(struct batch *batch, const char *domain, bool allow, bool removed)
{
	struct qw_indicator indicator;
	struct qw_entry entry;
	uint8_t *body;

	qw_indicator_init(&indicator);
	indicator.allow = allow;
	indicator.observable.type = QW_OBS_DOMAIN;
	indicator.observable.len = (uint16_t)snprintf(indicator.observable.text, sizeof(indicator.observable.text), "%s", domain);
	assert_int_equal(qw_entry_of_indicator(&entry, &body, &indicator), QW_OK);
	Quaywatch__Wire__Entry *wire = quaywatch__wire__entry__unpack(NULL, entry.body_len, entry.body);
	assert_non_null(wire);
	wire->removed = removed;
	uint32_t len = (uint32_t)quaywatch__wire__entry__get_packed_size(wire);
	assert_true(batch->len + sizeof(len) + len <= sizeof(batch->bytes));
	memcpy(batch->bytes + batch->len, &len, sizeof(len));
	quaywatch__wire__entry__pack(wire, batch->bytes + batch->len + sizeof(len));
	batch->len += sizeof(len) + len;
	quaywatch__wire__entry__free_unpacked(wire, NULL);
	free(body);
}

static struct qw_overlay *overlay_of(const struct batch *batch)
{
	struct qw_overlay *overlay;

	assert_int_equal(qw_overlay_new(&overlay), QW_OK);
	assert_int_equal(qw_overlay_add(overlay, batch->bytes, batch->len), QW_OK);
	return overlay;
}

/* A big image with one domain. */
static int image_of(const char *domain)
{
	struct qw_indicator_builder *builder;
	struct qw_indicator indicator;
	int fd;

	qw_indicator_init(&indicator);
	indicator.observable.type = QW_OBS_DOMAIN;
	indicator.observable.len = (uint16_t)snprintf(indicator.observable.text, sizeof(indicator.observable.text), "%s", domain);
	assert_int_equal(qw_indicator_builder_new(&builder), QW_OK);
	assert_int_equal(qw_indicator_builder_add(builder, &indicator), QW_OK);
	assert_int_equal(qw_indicator_builder_finish(builder, &fd), QW_OK);
	qw_indicator_builder_free(builder);
	return fd;
}

static bool is_listed(struct qw_overlay *overlay, int big, const char *name)
{
	struct qw_moment at = {{-1}, QW_CLOCK_LIVE};
	struct qw_indicators *set;
	struct qw_hit hit;
	int fd;

	assert_int_equal(qw_overlay_image(overlay, (struct qw_overlay_mark){0}, &fd), QW_OK);
	assert_int_equal(open_images(&set, big, fd), QW_OK);
	bool found = qw_indicators_name(set, at, name, strlen(name), &hit);
	qw_indicators_close(set);
	close(fd);
	return found;
}

static void fresh_entries_stand_over_the_big_image(void **state)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	int big = image_of("old.example");

	put_indicator(batch, "new.example", false, false);
	struct qw_overlay *overlay = overlay_of(batch);
	assert_true(is_listed(overlay, big, "new.example"));
	assert_true(is_listed(overlay, big, "old.example"));
	assert_false(is_listed(overlay, big, "other.example"));
	qw_overlay_clear(overlay);
	assert_false(is_listed(overlay, big, "new.example"));
	qw_overlay_free(overlay);
	close(big);
	free(batch);
}

static void a_removal_takes_the_big_images_entry_away(void **state)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	int big = image_of("old.example");

	put_indicator(batch, "old.example", false, true);
	struct qw_overlay *overlay = overlay_of(batch);
	assert_false(is_listed(overlay, big, "old.example"));
	put_indicator(batch, "old.example", false, false); /* and it comes back */
	qw_overlay_free(overlay);
	overlay = overlay_of(batch);
	assert_true(is_listed(overlay, big, "old.example"));
	qw_overlay_free(overlay);
	close(big);
	free(batch);
}

static void an_allow_entry_hides_what_is_listed(void **state)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	int big = image_of("old.example");

	put_indicator(batch, "old.example", true, false);
	struct qw_overlay *overlay = overlay_of(batch);
	assert_false(is_listed(overlay, big, "old.example"));
	qw_overlay_free(overlay);
	close(big);
	free(batch);
}

static void lengths_that_do_not_fit_are_refused(void **state)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	struct qw_overlay *overlay;

	put_indicator(batch, "new.example", false, false);
	assert_int_equal(qw_overlay_new(&overlay), QW_OK);
	for (size_t len = 1; len < batch->len; len++)
		assert_int_equal(qw_overlay_add(overlay, batch->bytes, len), QW_EFORMAT);
	memset(batch->bytes, 0xff, 4);
	assert_int_equal(qw_overlay_add(overlay, batch->bytes, batch->len), QW_EFORMAT);
	qw_overlay_free(overlay);
	free(batch);
}

static void beyond_its_bound_everything_is_to_be_built(void **state)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	struct qw_overlay *overlay;

	put_indicator(batch, "new.example", false, false);
	assert_int_equal(qw_overlay_new(&overlay), QW_OK);
	for (int i = 0; i < QW_OVERLAY_MAX; i++)
		assert_int_equal(qw_overlay_add(overlay, batch->bytes, batch->len), QW_OK);
	assert_int_equal(qw_overlay_add(overlay, batch->bytes, batch->len), QW_ELIMIT);
	qw_overlay_free(overlay);
	free(batch);
}

/* The image was built while another came. */
static void what_the_big_image_holds_goes_and_what_came_since_stays(void **state)
{
	struct batch *first = calloc(1, sizeof(*first)), *second = calloc(1, sizeof(*second));
	int big = image_of("old.example");

	(void)state;
	put_indicator(first, "first.example", false, false);
	put_indicator(second, "second.example", false, false);
	struct qw_overlay *overlay = overlay_of(first);
	struct qw_overlay_mark mark = qw_overlay_mark(overlay);
	assert_int_equal(qw_overlay_add(overlay, second->bytes, second->len), QW_OK);
	qw_overlay_drop(overlay, mark);
	assert_int_equal(qw_overlay_mark(overlay).count, 1);
	assert_false(is_listed(overlay, big, "first.example"));
	assert_true(is_listed(overlay, big, "second.example"));
	qw_overlay_free(overlay);
	close(big);
	free(first);
	free(second);
}

static void signatures_are_not_for_an_overlay(void **state)
{
	struct qw_overlay *overlay;
	struct qw_entry entry;
	uint8_t *body, bytes[1024];

	assert_int_equal(qw_entry_of_signature(&entry, &body, "alert tcp any any -> any any (msg:\"x\"; sid:1;)", 1, 1), QW_OK);
	uint32_t len = (uint32_t)entry.body_len;
	assert_true(len + sizeof(len) <= sizeof(bytes));
	memcpy(bytes, &len, sizeof(len));
	memcpy(bytes + sizeof(len), entry.body, len);
	assert_int_equal(qw_overlay_new(&overlay), QW_OK);
	assert_int_equal(qw_overlay_add(overlay, bytes, sizeof(len) + len), QW_EUNKNOWN);
	qw_overlay_free(overlay);
	free(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fresh_entries_stand_over_the_big_image),
		cmocka_unit_test(a_removal_takes_the_big_images_entry_away),
		cmocka_unit_test(an_allow_entry_hides_what_is_listed),
		cmocka_unit_test(lengths_that_do_not_fit_are_refused),
		cmocka_unit_test(beyond_its_bound_everything_is_to_be_built),
		cmocka_unit_test(what_the_big_image_holds_goes_and_what_came_since_stays),
		cmocka_unit_test(signatures_are_not_for_an_overlay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/loader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "quaywatch/time.h"

enum { PATIENCE_MS = 5000, MANY = 70000 };

static const struct qw_moment ANY = {{-1}, QW_CLOCK_LIVE};

struct bench {
	int supervisor; /* its end of the post */
	struct qw_loader *loader;
	struct qw_post post;
	const struct qw_ruleset *now;
};

/* ---- images with one name, or with many */

static struct qw_indicator_builder *names(const char *name, unsigned count)
{
	struct qw_indicator_builder *builder;
	struct qw_indicator indicator;

	assert_int_equal(qw_indicator_builder_new(&builder), QW_OK);
	for (unsigned i = 0; i < count; i++) {
		char text[64];
		int len = i ? snprintf(text, sizeof(text), "%u.%s", i, name) : snprintf(text, sizeof(text), "%s", name);
		qw_indicator_init(&indicator);
		assert_int_equal(qw_observable_parse(&indicator.observable, QW_OBS_HOST, text, (size_t)len, NULL), QW_OK);
		assert_int_equal(qw_indicator_builder_add(builder, &indicator), QW_OK);
	}
	return builder;
}

/*
 * All are made before there is any loader: the builder moves its mapping about,
 * which the thread sanitizer does not follow.
 */
static struct {
	const char *name;
	int fd;
} overlays[] = {{"", -1}, {"fresh.example", -1}, {"one.example", -1}, {"two.example", -1}, {"three.example", -1}};

static struct {
	const char *name;
	unsigned count;
	struct qw_indicator_images images;
} layers[] = {{"big.example", MANY, {{0}}}, {"big.example", 3, {{0}}}, {"small.example", 3, {{0}}}, {"other.example", 3, {{0}}}};

enum { OVERLAYS = sizeof(overlays) / sizeof(overlays[0]), LAYERS = sizeof(layers) / sizeof(layers[0]) };

static int make_all(void **state)
{
	(void)state;
	for (unsigned i = 0; i < OVERLAYS; i++) {
		struct qw_indicator_builder *builder = names(overlays[i].name, *overlays[i].name ? 1 : 0);
		assert_int_equal(qw_indicator_builder_finish(builder, &overlays[i].fd), QW_OK);
		qw_indicator_builder_free(builder);
	}
	for (unsigned i = 0; i < LAYERS; i++) {
		struct qw_indicator_builder *builder = names(layers[i].name, layers[i].count);
		assert_int_equal(qw_indicator_builder_finish_parts(builder, &layers[i].images), QW_OK);
		qw_indicator_builder_free(builder);
	}
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	for (unsigned i = 0; i < OVERLAYS; i++)
		close(overlays[i].fd);
	for (unsigned i = 0; i < LAYERS; i++)
		qw_indicator_images_close(&layers[i].images);
	return 0;
}

static int overlay_of(const char *name)
{
	for (unsigned i = 0; i < OVERLAYS; i++)
		if (strcmp(overlays[i].name, name) == 0)
			return dup(overlays[i].fd);
	fail_msg("no overlay of %s", name);
	return -1;
}

static struct qw_indicator_images layer_of(const char *name, unsigned count)
{
	struct qw_indicator_images images = qw_indicator_images_none();

	for (unsigned i = 0; i < LAYERS; i++)
		if (strcmp(layers[i].name, name) == 0 && layers[i].count == count) {
			images.parts = layers[i].images.parts;
			for (unsigned part = 0; part < images.parts; part++)
				images.part[part] = dup(layers[i].images.part[part]);
			return images;
		}
	fail_msg("no layer of %u of %s", count, name);
	return images;
}

static bool holds(const struct bench *bench, const char *name)
{
	struct qw_hit hit;

	return qw_indicators_name(bench->now->indicators, ANY, name, strlen(name), &hit);
}

static unsigned descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

/* ---- both ends */

static void start(struct bench *bench, struct qw_ruleset_images images, uint32_t generation)
{
	int ends[2];

	assert_int_equal(qw_post_pair(ends), QW_OK);
	bench->supervisor = ends[0];
	struct qw_loader_options options = {ends[1], images, generation};
	assert_int_equal(qw_loader_new(&bench->loader, &options), QW_OK);
	assert_int_equal(options.images.signatures, -1);
}

static void send_images(struct bench *bench, struct qw_ruleset_images images, uint32_t generation)
{
	qw_post_begin(&bench->post, QW_POST_RULESET, generation);
	qw_ruleset_images_write(&images, &bench->post);
	assert_int_equal(qw_post_send(bench->supervisor, &bench->post), QW_OK);
	qw_ruleset_images_close(&images);
}

static void send_overlay(struct bench *bench, const char *name, uint32_t generation)
{
	struct qw_ruleset_images images = qw_ruleset_images_none();

	images.indicators.overlay = overlay_of(name);
	send_images(bench, images, generation);
}

static bool wakes(const struct bench *bench, int ms)
{
	struct pollfd fd = {qw_loader_wake_fd(bench->loader), POLLIN, 0};

	return poll(&fd, 1, ms) == 1;
}

static void adopt(struct bench *bench, uint32_t generation)
{
	static struct qw_ruleset copy;

	assert_true(wakes(bench, PATIENCE_MS));
	const struct qw_ruleset *waiting = qw_loader_waiting(bench->loader);
	assert_non_null(waiting);
	assert_int_equal(waiting->generation, generation);
	copy = *waiting;
	bench->now = &copy;
	qw_loader_adopted(bench->loader);
}

static void stop(struct bench *bench)
{
	qw_loader_free(bench->loader);
	close(bench->supervisor);
	free(bench);
}

static struct bench *bench_new(void)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	return bench;
}

/* ---- tests */

static void the_ruleset_in_force_waits_when_a_worker_starts(void **state)
{
	unsigned before = descriptors();
	struct bench *bench = bench_new();
	struct qw_ruleset_images images = qw_ruleset_images_none();

	(void)state;
	images.indicators = layer_of("big.example", MANY);
	images.indicators.overlay = overlay_of("fresh.example");
	start(bench, images, 5);
	adopt(bench, 5);
	assert_true(holds(bench, "big.example"));
	assert_true(holds(bench, "69999.big.example"));
	assert_true(holds(bench, "fresh.example"));
	assert_null(bench->now->signatures);
	stop(bench);
	assert_int_equal(descriptors(), before);
}

static void changes_stand_on_what_was_before(void **state)
{
	unsigned before = descriptors();
	struct bench *bench = bench_new();
	struct qw_ruleset_images images = qw_ruleset_images_none();

	(void)state;
	start(bench, images, 0);
	assert_false(wakes(bench, 20));
	images.indicators = layer_of("big.example", MANY);
	images.indicators.overlay = overlay_of("");
	send_images(bench, images, 1);
	adopt(bench, 1);
	send_overlay(bench, "one.example", 2);
	adopt(bench, 2);
	assert_true(holds(bench, "7.big.example") && holds(bench, "one.example"));
	send_overlay(bench, "two.example", 3);
	adopt(bench, 3);
	assert_true(holds(bench, "7.big.example") && holds(bench, "two.example"));
	assert_false(holds(bench, "one.example"));
	images.indicators = layer_of("small.example", 3); /* of another number of parts */
	images.indicators.overlay = overlay_of("three.example");
	send_images(bench, images, 4);
	adopt(bench, 4);
	assert_true(holds(bench, "2.small.example") && holds(bench, "three.example"));
	assert_false(holds(bench, "7.big.example") || holds(bench, "two.example"));
	stop(bench);
	assert_int_equal(descriptors(), before);
}

/* One is handed over, and the worker is busy; what comes meanwhile is one ruleset after it. */
static void a_slow_worker_gets_the_sum(void **state)
{
	struct bench *bench = bench_new();
	struct qw_ruleset_images images = qw_ruleset_images_none();

	(void)state;
	images.indicators = layer_of("big.example", 3);
	start(bench, images, 1);
	send_overlay(bench, "one.example", 2);
	images.indicators = layer_of("other.example", 3);
	images.indicators.overlay = overlay_of("");
	send_images(bench, images, 3);
	send_overlay(bench, "two.example", 4);
	usleep(20000); /* time to do wrong */
	adopt(bench, 1);
	assert_true(holds(bench, "2.big.example"));
	adopt(bench, 4);
	assert_true(holds(bench, "2.other.example") && holds(bench, "two.example"));
	assert_false(holds(bench, "one.example") || holds(bench, "2.big.example"));
	stop(bench);
}

static void what_cannot_be_opened_changes_nothing_and_the_next_stands_on_it(void **state)
{
	struct bench *bench = bench_new();
	struct qw_ruleset_images images = qw_ruleset_images_none();

	(void)state;
	images.indicators = layer_of("big.example", 3);
	start(bench, images, 1);
	adopt(bench, 1);
	images = qw_ruleset_images_none();
	images.signatures = overlay_of("fresh.example"); /* no image of signatures */
	images.indicators.overlay = overlay_of("one.example");
	send_images(bench, images, 2);
	assert_false(wakes(bench, 50));
	assert_true(holds(bench, "2.big.example"));
	send_overlay(bench, "two.example", 3); /* the signatures that came with the one before are still missing */
	assert_false(wakes(bench, 50));
	stop(bench);
}

static void the_supervisors_end_is_the_end(void **state)
{
	struct bench *bench = bench_new();

	(void)state;
	start(bench, qw_ruleset_images_none(), 0);
	assert_false(qw_loader_ended(bench->loader));
	shutdown(bench->supervisor, SHUT_RDWR);
	assert_true(wakes(bench, PATIENCE_MS));
	assert_true(qw_loader_ended(bench->loader));
	assert_null(qw_loader_waiting(bench->loader));
	stop(bench);
}

static void a_worker_may_end_while_a_ruleset_waits(void **state)
{
	unsigned before = descriptors();

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		struct bench *bench = bench_new();
		struct qw_ruleset_images images = qw_ruleset_images_none();

		images.indicators = layer_of("big.example", 3);
		start(bench, images, 1);
		if (i % 2)
			adopt(bench, 1);
		send_overlay(bench, "one.example", 2);
		usleep(i * 50);
		stop(bench);
	}
	assert_int_equal(descriptors(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ruleset_in_force_waits_when_a_worker_starts),
		cmocka_unit_test(changes_stand_on_what_was_before),
		cmocka_unit_test(a_slow_worker_gets_the_sum),
		cmocka_unit_test(what_cannot_be_opened_changes_nothing_and_the_next_stands_on_it),
		cmocka_unit_test(the_supervisors_end_is_the_end),
		cmocka_unit_test(a_worker_may_end_while_a_ruleset_waits),
	};

	return cmocka_run_group_tests(tests, make_all, close_all);
}
